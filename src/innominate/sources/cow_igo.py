"""Joint memberships of pairs of states in intergovernmental organisations, 1816 to 2014 (COW IGO 3)."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from innominate.errors import BadFile
from innominate.ledger import Imported, Oddity
from innominate.sources.reading import INT, YEAR, Column, read_parquet, refuse_duplicates
from innominate.sources.shaping import coverage_by_year, make_acts, resolve_states, year_span
from innominate.sources.spec import Form, Peek, Remote, Source
from innominate.sources.streaming import header, stream_csv

_NAME, _CHANNEL = "cow-igo", "igo"
_LEADING = frozenset({"dyadid", "ccode1", "country1", "ccode2", "country2", "year", "version", ""})
_CODES = (-9, -1, 0, 1)  # missing, not in existence or not in the system, no, full joint membership


def _read_counts(path: Path) -> Imported:
    """Pair-years with the number of joint memberships. Every row is kept; a zero is a zero and no act."""
    columns = {"ccode1": INT, "ccode2": INT, "year": YEAR, "dyadigos": Column("int", null=True, low=-9, high=600)}
    frame = read_parquet(path, columns)
    known = pl.when(pl.col("dyadigos") >= 0).then(pl.col("dyadigos"))
    return _imported(frame.with_columns(known.alias("count")), path.name)


def _read_original(path: Path) -> Imported:
    """The provider's file, one column an organisation: full joint memberships (1) are counted row by row."""
    names, _ = header(path)
    organisations = [name for name in names if name.lower() not in _LEADING]
    if not organisations:
        raise BadFile(path.name, "no column of an organisation", 1)
    columns = {"ccode1": INT, "ccode2": INT, "year": YEAR}
    counted, gaps = [], 0
    for piece in stream_csv(path, columns, small=organisations, missing=("", "NA", "-9")):
        _check_codes(piece, organisations, path.name)
        looked = pl.any_horizontal(pl.col(name).is_not_null() for name in organisations)
        joint = pl.sum_horizontal((pl.col(name) == 1).fill_null(False).cast(pl.Int64) for name in organisations)
        gaps += int(piece.select(pl.any_horizontal(pl.col(n).is_null() for n in organisations).sum()).item())
        counted.append(piece.select("row", *columns, pl.when(looked).then(joint).alias("count")))
    imported = _imported(pl.concat(counted), path.name)
    if gaps == 0:
        return imported
    told = Oddity("some organisations' membership is missing (-9): the count is of those known", gaps, False)
    return Imported(_NAME, imported.tables, imported.rows, imported.kept, oddities=(*imported.oddities, told))


def _check_codes(piece: pl.DataFrame, organisations: list[str], name: str) -> None:
    strange = piece.filter(pl.any_horizontal(~pl.col(each).is_in(_CODES) for each in organisations))
    if strange.height:
        raise BadFile(name, "a membership is none of -9, -1, 0, 1", int(strange["row"][0]))


def _imported(frame: pl.DataFrame, name: str) -> Imported:
    rows = frame.height
    pair = [pl.min_horizontal("ccode1", "ccode2").alias("one"), pl.max_horizontal("ccode1", "ccode2").alias("other")]
    refuse_duplicates(frame.with_columns(pair), ("one", "other", "year"), name)
    frame, lost = resolve_states(frame, {"source": "ccode1", "target": "ccode2"}, years="year", system="cow", file=name)
    itself = frame.filter(pl.col("source") == pl.col("target"))
    if itself.height:
        row = itself.row(0, named=True)
        raise BadFile(name, f"{row['source']} is paired with itself in {row['year']}", row["row"])
    acts = make_acts(
        year_span(frame.filter(pl.col("count").is_null() | (pl.col("count") > 0))).with_columns(
            pl.col("count").cast(pl.Float64).alias("value")
        ),
        dataset=_NAME,
        file=name,
        unit="organisations",
        directed=False,
        channel=_CHANNEL,
    )
    wanted = ["act_id", "source", "target", "start", "end", "channel", "directed", "value", "unit", "dataset", "file"]
    tables = {"acts": acts.select(*wanted, "row"), "coverage": _seen(frame, name)}
    kept = rows - sum(odd.rows for odd in lost)
    return Imported(_NAME, tables, rows, kept, oddities=tuple(lost))  # type: ignore[arg-type]


def _seen(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """Coverage among the states of each year, once it is clear that the file has all their pairs."""
    long = pl.concat([frame.select("year", pl.col(end).alias("state")) for end in ("source", "target")])
    states = long.group_by("year").agg(pl.col("state").n_unique().alias("n"))
    thin = (
        frame.group_by("year")
        .len()
        .join(states, on="year")
        .filter(pl.col("len") < pl.col("n") * (pl.col("n") - 1) // 2)
        .sort("year")
    )
    if thin.is_empty():
        return coverage_by_year(frame, _NAME, _CHANNEL)
    # some pairs are absent and hence unknown: only the pairs that stand in the file are covered
    whole = coverage_by_year(frame.filter(~pl.col("year").is_in(thin["year"].implode())), _NAME, _CHANNEL)
    pairs = frame.filter(pl.col("year").is_in(thin["year"].implode())).select(
        pl.lit(_NAME).alias("dataset"),
        pl.lit(_CHANNEL).alias("channel"),
        pl.format("among:{} {}", pl.min_horizontal("source", "target"), pl.max_horizontal("source", "target")).alias(
            "scope"
        ),
        pl.date("year", 1, 1).alias("first"),
        pl.date("year", 12, 31).alias("last"),
    )
    return pl.concat([whole, pairs.unique(maintain_order=True).sort("first", "scope")])


def _is_original(look: Peek) -> bool:
    named = look.kind in ("text", "gzip") and look.has("dyadid", "ccode1", "ccode2", "year") and len(look.columns) > 8
    return named or (look.kind == "zip" and any(each.endswith("dyadic_formatv3.csv") for each in look.members))


SOURCE = Source(
    name=_NAME,
    title="Intergovernmental Organizations (v3): joint memberships of pairs of states",
    producer="Correlates of War Project",
    home="https://correlatesofwar.org/data-sets/igos/",
    licence="free for research use with citation; no licence for redistribution is stated",
    citation=(
        "Jon C. W. Pevehouse, Timothy Nordstrom, Roseanne W. McManus and Anne Spencer Jamison, 2020. Tracking "
        "Organizations in the World: The Correlates of War IGO Version 3.0 datasets. Journal of Peace Research 57."
    ),
    adapter_version=1,
    redistribution="ask",
    remotes=(
        Remote(
            "https://correlatesofwar.org/wp-content/uploads/dyadic_formatv3.zip", "dyadic_formatv3.zip", "original-csv"
        ),
    ),
    channels=(_CHANNEL,),
    quirks=(
        "Full memberships count; associates and observers do not.",
        "A zero is a zero (the provider looked and found none); pairs that do not stand in the file are unknown.",
        "Membership missing for an organisation (-9) is left out of the count; where it is missing for all, the count is "
        "unknown. The short file has already counted missing as none.",
        "Before 1965 memberships were collected every fifth year and filled in between by the provider.",
        "The data end with 2014.",
    ),
    forms=(
        Form(
            "counts-parquet",
            "Parquet, one row a pair and year with the number of joint memberships (dyadigos)",
            lambda look: look.kind == "parquet" and look.has("ccode1", "ccode2", "year", "dyadigos"),
            _read_counts,
            preference=1,
        ),
        Form(
            "original-csv",
            "dyadic_formatv3.csv, one column an organisation (also in its zip archive)",
            _is_original,
            _read_original,
        ),
    ),
)
