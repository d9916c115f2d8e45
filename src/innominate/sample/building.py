"""Computing the embedded sample from a full library.

Only sources whose producers allow figures computed from their data to be passed on (``Source.redistribution``) enter,
and of these only sums and statistics by pair and year, never a provider's rows. The result is an ordinary library.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl

from innominate.errors import InputError
from innominate.ledger import Imported, Library
from innominate.ledger.library import SAMPLE
from innominate.ledger.schemas import TableName
from innominate.panel.votes import roll_call_agreement
from innominate.sample.licences import write_licences
from innominate.sources import Source, sources

LARGEST = 6 * 2**20  # bytes: what a wheel should carry
YEARS = range(1946, 2027)
FORM = "sample/figures"

_SUMS = """
SELECT dataset || ':' || year("start") || ':' || channel || ':' || source || ':' || target AS act_id,
       source, target, make_date(year("start"), 1, 1) AS start, make_date(year("start"), 12, 31) AS "end", channel,
       directed, sum(value) AS value, unit, any_value(file ORDER BY file) AS file, min(row) AS row, dataset,
       CASE WHEN count(*) > 1 THEN 'sum of ' || count(*) || ' rows' END AS note
FROM acts WHERE split_part(dataset, '/', 1) = ? AND year("start") = year("end")
GROUP BY dataset, year("start"), channel, source, target, directed, unit ORDER BY act_id
"""


@dataclass(frozen=True, slots=True)
class Built:
    """What was written: where, how large, how many figures, from which sources."""

    folder: Path
    bytes: int
    figures: int
    sources: tuple[str, ...]


def build_sample(
    library: Library, folder: Path | None = None, progress: Callable[[str], None] = lambda source: None
) -> Built:
    """Compute the sample and put it in place of the embedded one, or into `folder`.

    Raises
    ------
    InputError : when the library holds none of the sources that allow redistribution, or the sample would be too large
    """
    target = folder or SAMPLE
    chosen = _allowed(library)
    if not chosen:
        raise InputError(f"{library.folder}: holds no source whose figures may be passed on")
    with TemporaryDirectory() as aside:
        made = Library.create(Path(aside) / "library")
        figures = 0
        for source in chosen:
            progress(source.title)
            figures += _store(made, library, source)
        write_licences(made.folder / "SOURCES.md", chosen)
        made.close()
        size = sum(path.stat().st_size for path in made.folder.rglob("*") if path.is_file())
        if size > LARGEST:
            raise InputError(f"the sample would take {size / 2**20:.1f} MiB; the limit is {LARGEST / 2**20:.0f} MiB")
        (made.folder / ".lock").unlink(missing_ok=True)
        if target.exists():
            shutil.rmtree(target)
        shutil.copytree(made.folder, target)
    return Built(target, size, figures, tuple(source.name for source in chosen))


def _allowed(library: Library) -> list[Source]:
    held = {dataset.split("/")[0] for dataset in library.datasets()}
    return [source for source in sources().values() if source.redistribution == "figures" and source.name in held]


def _store(made: Library, library: Library, source: Source) -> int:
    tables: dict[TableName, pl.DataFrame] = {
        "acts": _rounded(library.query(_SUMS, [source.name])),
        "figures": _agreement(library, source.name),
        "commitments": library.query("SELECT * FROM commitments WHERE dataset = ? ORDER BY ALL", [source.name]),
        "coverage": library.query(
            "SELECT * FROM coverage WHERE split_part(dataset, '/', 1) = ? ORDER BY ALL", [source.name]
        ),
    }
    digest = hashlib.sha256()
    for name, table in tables.items():
        digest.update(name.encode() + json.dumps(table.to_dict(as_series=False), default=str).encode())
    rows = sum(table.height for name, table in tables.items() if name != "coverage")
    last = library.query(
        "SELECT max(last)::VARCHAR AS last FROM coverage WHERE split_part(dataset, '/', 1) = ?", [source.name]
    )["last"][0]
    made.store(
        Imported(source.name, tables, rows, rows),
        file=f"figures computed from {source.title}",
        sha256=digest.hexdigest(),
        size=0,
        form=FORM,
        adapter_version=source.adapter_version,
        time=f"{last}T00:00:00+00:00",  # the data's own last day, so that the same library gives the same bytes
    )
    return rows


def _rounded(acts: pl.DataFrame) -> pl.DataFrame:
    return acts.with_columns(pl.col("value").round_sig_figs(6))


def _agreement(library: Library, dataset: str) -> pl.DataFrame:
    """Agreement in votes of every pair and year as figures, rounded to a thousandth."""
    states = sorted(library.query("SELECT DISTINCT state FROM votes WHERE dataset = ?", [dataset])["state"])
    found = roll_call_agreement(library, states, YEARS, "year").get(dataset, {})
    files = library.query("SELECT min(file) AS file FROM votes WHERE dataset = ?", [dataset])["file"][0]
    codes = np.array(states)
    frames = []
    for t, one in sorted(found.items()):
        i, j = np.nonzero(np.triu(np.isfinite(one.excess), 1))
        frames.append(
            pl.DataFrame(
                {
                    "a": codes[i],
                    "b": codes[j],
                    "year": np.full(len(i), YEARS[t], dtype=np.int32),
                    "value": one.excess[i, j].round(3),
                    "variance": one.variance[i, j],
                    "count": one.common[i, j],
                }
            ).with_columns(pl.col("variance").round_sig_figs(2))
        )
    if not frames:
        return pl.DataFrame()
    columns = [pl.lit("votes").alias("channel"), pl.lit(dataset).alias("dataset"), pl.lit(files).alias("file")]
    return pl.concat(frames).with_columns(columns).sort("a", "b", "year")
