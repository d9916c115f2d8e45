"""What a file of UN Comtrade adds to the files of it that a library holds, so that no flow is stored twice.

Downloads overlap: all partners and some of them, one year and five. A file that holds everything of an earlier one replaces
it. Of any other, the flows that another file holds with the same value are left out. Where values differ, a file that holds
the whole report of a reporter, period, flow and commodity (all partners and their total) is its revision, and what other files
hold of that report goes, also where they name partners for which the total has no room; a file that holds a part of the report is refused, because nothing tells which of the two is out of
date. A file that was imported before revises nothing when it comes again: what later files revised stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

import polars as pl

from innominate.errors import BadFile
from innominate.ledger import Imported, Library, Oddity
from innominate.ledger.manifest import Part
from innominate.ledger.schemas import SCHEMAS, TableName

KEY = ("dataset", "source", "target", "start", "end", "code")
REPORT = ("dataset", "reporter", "start", "end", "code")
FINISHED = {**dict.fromkeys(("dataset", "reporter"), pl.String()), **dict.fromkeys(("start", "end"), pl.Date()),
            "code": pl.String(), "total": pl.Float64()}  # fmt: skip
SAME = 1e-6  # million USD: half a dollar more than rounding
ROUNDED = 1e-5  # share of a reporter's trade with the world by which its partners may miss it and be all there
KEEPS_ALL = 3  # version of the adapter from which nothing of a file was ever lost but to files that revise it
_KEYS = {name: SCHEMAS["acts"].columns[name] for name in KEY}
HELD_ALREADY = "held already, with the same value, from another file"
REVISES = "a revision of what other files gave of the same report"
REVISED = "revised since, in another file"


def beside(library: Library, imported: Imported, digest: str) -> Imported:
    """`imported` without the flows that other files of the library hold, and with what it replaces and changes of them.

    Parameters
    ----------
    library : as it stands when `imported` is stored
    digest : sha256 of the file; what an older adapter read of the very same bytes is replaced anyway

    Raises
    ------
    BadFile : for a flow that is held with another value, of a report that the file does not hold whole
    """
    acts, parts = _by_reporter(imported.tables["acts"]), library.manifest.parts.values()
    own = [part for part in parts if part.dataset == imported.dataset]
    others = [part for part in own if part.sha256 != digest and "acts" in part.files]
    if any(part.sha256 == digest for part in own):
        held = {part.part: _by_reporter(library.read(part.files["acts"])) for part in others}
        return _read_again(imported, acts, held, digest)
    if any(entry.sha256 == digest and entry.adapter_version >= KEEPS_ALL for entry in library.manifest.journal):
        return _left(_under_own_name(imported, others, digest), [(REVISED, acts, True)])
    others = [part for part in others if part.part != imported.part]
    held = {part.part: _by_reporter(library.read(part.files["acts"])) for part in others}
    replaced = [name for name, rows in held.items() if rows.join(acts, on=KEY, how="anti", nulls_equal=True).is_empty()]
    beside_it = {name: rows for name, rows in held.items() if name not in replaced}
    differ = _differing(acts, beside_it)
    finished = pl.DataFrame(schema=FINISHED) if imported.finished is None else imported.finished
    _agree(_in_reports(differ, finished, "anti"))
    reports = pl.concat([differ.select(REPORT), _without_room(acts, beside_it, finished)]).unique()
    changes = {
        part.part: _without_reports(library, part, beside_it[part.part], reports)
        for part in others
        if part.part in beside_it and _in_reports(beside_it[part.part], reports, "semi").height
    }
    emptied = [name for name, tables in changes.items() if not any(frame.height for frame in tables.values())]
    same = _in_reports(acts, reports, "anti").join(_keys(beside_it), on=KEY, how="semi", nulls_equal=True)
    return _left(
        imported,
        [(HELD_ALREADY, same, True), (REVISES, _in_reports(acts, reports, "semi"), False)],
        replaces=(*replaced, *emptied),
        changes={name: tables for name, tables in changes.items() if name not in emptied},
    )


def _without_room(acts: pl.DataFrame, held: Mapping[str, pl.DataFrame], finished: pl.DataFrame) -> pl.DataFrame:
    """The finished reports of which other files hold partners that the file does not name and its total has no room for."""
    every = pl.concat(
        [
            acts.select(*KEY, "reporter", "value").clear(),
            *(rows.select(*KEY, "reporter", "value") for rows in held.values()),
        ]
    )
    dropped = every.join(acts, on=KEY, how="anti", nulls_equal=True).group_by(REPORT).agg(pl.col("value").sum())
    both = dropped.join(finished, on=REPORT, nulls_equal=True)
    return both.filter(pl.col("value") > 2 * (SAME + ROUNDED * pl.col("total"))).select(REPORT)


def _read_again(imported: Imported, acts: pl.DataFrame, held: Mapping[str, pl.DataFrame], digest: str) -> Imported:
    """What is stored of a file that is held already: nothing that later files revised, and nothing that others hold."""
    reports = _differing(acts, held).select(REPORT).unique()
    same = _in_reports(acts, reports, "anti").join(_keys(held), on=KEY, how="semi", nulls_equal=True)
    tables = dict(imported.tables)
    if "coverage" in tables:
        tables["coverage"] = _unclaimed(tables["coverage"], reports)
    told = [(HELD_ALREADY, same, True), (REVISED, _in_reports(acts, reports, "semi"), True)]
    return _left(replace(imported, tables=tables), told)


def _under_own_name(imported: Imported, others: Sequence[Part], digest: str) -> Imported:
    """`imported` without what it claims, and under a name that no part of a later file of the same flows has."""
    taken = imported.part in {part.part for part in others}
    tables = dict(imported.tables)
    tables.pop("coverage", None)
    return replace(imported, tables=tables, part=f"{imported.part}:{digest[:8]}" if taken else imported.part)


def _left(
    imported: Imported,
    told: Sequence[tuple[str, pl.DataFrame, bool]],
    replaces: tuple[str, ...] = (),
    changes: Mapping[str, Mapping[TableName, pl.DataFrame]] | None = None,
) -> Imported:
    """`imported` less the acts that are told to be refused, and with what is told of it; a value nobody knows is no row."""
    acts, oddities, kept = imported.tables["acts"], list(imported.oddities), imported.kept
    for reason, rows, refused in told:
        given = rows.filter(pl.col("value").is_not_null())
        if given.height:
            oddities.append(Oddity(reason, given.height, refused, tuple(int(row) for row in given["row"].head(5))))
        if refused:
            acts = acts.join(rows, on="act_id", how="anti", maintain_order="left")
            kept -= given.height
    return replace(
        imported,
        tables={**imported.tables, "acts": acts},
        kept=kept,
        oddities=tuple(oddities),
        replaces=replaces,
        changes=changes or {},
    )


def _by_reporter(acts: pl.DataFrame) -> pl.DataFrame:
    """Acts with the state that reports them."""
    exports = pl.col("dataset").str.contains("/as-exports")
    return acts.with_columns(pl.when(exports).then("source").otherwise("target").alias("reporter"))


def _in_reports(rows: pl.DataFrame, reports: pl.DataFrame, how: Literal["semi", "anti"]) -> pl.DataFrame:
    return rows.join(reports, on=REPORT, how=how, nulls_equal=True, maintain_order="left")


def _keys(held: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    return pl.concat([pl.DataFrame(schema=_KEYS), *(rows.select(KEY) for rows in held.values())])


def _differing(acts: pl.DataFrame, held: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """The acts that other files hold with another value, with ``value_held`` and ``file_held``."""
    far = (pl.col("value") - pl.col("value_held")).abs() > SAME + 1e-9 * pl.col("value_held").abs()
    unlike = far.fill_null(False) | (pl.col("value").is_null() != pl.col("value_held").is_null())
    columns = [*KEY, "value", "file"]
    every = pl.concat([acts.select(columns).clear(), *(rows.select(columns) for rows in held.values())])
    both = acts.join(every, on=KEY, how="inner", nulls_equal=True, suffix="_held", maintain_order="left")
    return both.filter(unlike)


def _without_reports(
    library: Library, part: Part, held: pl.DataFrame, reports: pl.DataFrame
) -> dict[TableName, pl.DataFrame]:
    """The tables of a part without some reports and without what it claims of them."""
    tables = {name: library.read(file) for name, file in part.files.items() if name != "acts"}
    if "coverage" in tables:
        tables["coverage"] = _unclaimed(tables["coverage"], reports)
    return {"acts": _in_reports(held, reports, "anti").drop("reporter"), **tables}  # type: ignore[dict-item]


def _unclaimed(coverage: pl.DataFrame, reports: pl.DataFrame) -> pl.DataFrame:
    """Coverage by reporters less that of some reports."""
    gone = reports.select("dataset", pl.col("start").alias("first"), pl.col("end").alias("last"), "reporter").unique()
    way, codes = (pl.col("scope").str.split(":").list.get(place) for place in (0, 1))
    claims = coverage.with_row_index("claim").with_columns(way.alias("way"), codes.str.split(" ").alias("reporter"))
    left = claims.explode("reporter").join(
        gone, on=["dataset", "first", "last", "reporter"], how="anti", maintain_order="left"
    )
    scope = pl.concat_str(pl.col("way").first(), pl.lit(":"), pl.col("reporter").str.join(" "))
    named = left.group_by("claim", maintain_order=True).agg(scope.alias("named"))
    return (
        claims.join(named, on="claim", how="inner", maintain_order="left")
        .with_columns(pl.col("named").alias("scope"))
        .select(coverage.columns)
    )


def _agree(differ: pl.DataFrame) -> None:
    """Refuse a file that holds a part of a report, and of that another value than is held."""
    if differ.is_empty():
        return
    one = differ.row(0, named=True)
    here, there = ("unknown" if value is None else f"{value:,.6f}" for value in (one["value"], one["value_held"]))
    raise BadFile(
        one["file"],
        f"{one['dataset']}: {one['source']} → {one['target']}, {one['start']} to {one['end']}, {one['code']}: {here} million USD "
        f"here and {there} in {one['file_held']}, which the library holds; a file with all that is in that one, or with all "
        f"partners of {one['reporter']} and their total, replaces it",
        int(one["row"]),
    )
