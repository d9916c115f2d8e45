"""Rows behind: which rows of which files speak of a pair, and what the library's datasets are."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import polars as pl

from innominate.cases.findings import Rows, UsedLibrary, UsedSource
from innominate.ledger import CHANNELS, Library

REFERENCES = 12  # row numbers given for each file

_ACTS = f"""
SELECT split_part(dataset, '/', 1) AS dataset, channel, file, count(*) AS n, min(year("start")) AS first,
       max(year("start")) AS last, list_slice(list_sort(list(row), 'DESC'), 1, {REFERENCES}) AS refs
FROM acts WHERE least(source, target) = ? AND greatest(source, target) = ?
AND year("end") >= ? AND year("start") <= ?
GROUP BY ALL ORDER BY ALL
"""

_VOTES = f"""
SELECT x.dataset, 'votes' AS channel, x.file, count(*) AS n, min(year(x.date)) AS first, max(year(x.date)) AS last,
       list_slice(list_sort(list(x.row), 'DESC'), 1, {REFERENCES // 2}) AS refs_a,
       list_slice(list_sort(list(y.row), 'DESC'), 1, {REFERENCES // 2}) AS refs_b
FROM votes x JOIN votes y ON x.body = y.body AND x.vote_id = y.vote_id AND x.dataset = y.dataset
WHERE x.body = 'UNGA' AND x.state = ? AND y.state = ? AND year(x.date) BETWEEN ? AND ?
GROUP BY ALL ORDER BY ALL
"""

_FIGURES = """
SELECT dataset, channel, file, sum("count")::BIGINT AS n, min(year) AS first, max(year) AS last
FROM figures WHERE a = ? AND b = ? AND year BETWEEN ? AND ?
GROUP BY ALL ORDER BY ALL
"""


def rows_behind(
    library: Library, keys: Sequence[str], first: int, last: int, channels: Collection[str]
) -> tuple[Rows, ...]:
    """The rows that speak of some pairs in some years, in the channels that were asked.

    Parameters
    ----------
    keys : pairs, ``AAA-BBB``
    first, last : years, inclusive
    channels : of acts and votes; what the library holds in others had no say
    """
    found: list[Rows] = []
    for key in keys:
        a, b = key.split("-")
        asked = [a, b, first, last]
        found += [_row(key, one, one["refs"]) for one in library.query(_ACTS, asked).iter_rows(named=True)]
        votes = library.query(_VOTES, asked)
        found += [_row(key, one, [*one["refs_a"], *one["refs_b"]]) for one in votes.iter_rows(named=True)]
        if not votes.height:
            found += [_row(key, one, []) for one in library.query(_FIGURES, asked).iter_rows(named=True)]
    return tuple(one for one in found if one.channel in channels)


def _row(key: str, row: dict[str, object], refs: Sequence[object]) -> Rows:
    return Rows(
        key,
        str(row["dataset"]),
        str(row["channel"]),
        str(row["file"]),
        int(row["n"] or 0),  # type: ignore[call-overload]
        int(row["first"]),  # type: ignore[call-overload]
        int(row["last"]),  # type: ignore[call-overload]
        tuple(sorted({int(ref) for ref in refs if ref is not None})),  # type: ignore[call-overload]
    )


def library_used(library: Library, channels: Collection[str]) -> UsedLibrary:
    """What a brief says about the library; `channels`: those in which it observes pairs."""
    titles = tuple(channel.title for name, channel in CHANNELS.items() if name in channels)
    name = "embedded sample" if library.is_sample else library.folder.resolve().name
    return UsedLibrary(name, library.is_sample, library.fingerprint, tuple(base_names(library)), titles)


def base_names(library: Library) -> list[str]:
    """Datasets held, parts of one dataset under one name."""
    return sorted({name.split("/")[0] for name in library.datasets()})


def sources_used(library: Library, used: Collection[str]) -> tuple[UsedSource, ...]:
    """Title, licence and citation of every dataset held, as registered by its source.

    Parameters
    ----------
    used : the datasets on which something in the findings rests
    """
    from innominate.sources import sources

    known = sources()
    forms = {part.dataset.split("/")[0]: part.form.split("/")[0] for part in library.manifest.parts.values()}
    journal = library.journal().filter(pl.col("outcome") != "unchanged").unique(["dataset", "part"], keep="last")
    found = []
    for name in base_names(library):
        own = journal.filter(pl.col("dataset").str.split("/").list.first() == name)
        files = tuple(sorted(set(own["file"])))
        rows = int(own["kept"].sum())
        spec = known.get(forms[name]) or known.get(name)
        if spec is None:
            found.append(UsedSource(name, name, "", "not stated", "", "", files, rows, name in used))
        else:
            found.append(
                UsedSource(
                    name, spec.title, spec.producer, spec.licence, spec.citation, spec.home, files, rows, name in used
                )
            )
    return tuple(found)
