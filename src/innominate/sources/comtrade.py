"""Bilateral trade in goods as both sides report it: UN Comtrade, in the columns of its present API and bulk files.

Exports of A to B as A reports them (free on board) and imports of B from A as B reports them (with freight and insurance)
are two figures of one flow. They are kept apart, as the datasets ``comtrade/as-exports`` and ``comtrade/as-imports``; a
panel takes, in every period, the one that knows more pairs, and never adds them. Their difference is the mirror gap of
:mod:`innominate.worlds.mirror`.

Totals become acts of the channel trade. Rows on single commodities are kept under ``comtrade-goods/…`` with the commodity
as code and without a claim of coverage, so that nothing is counted twice. Coverage is claimed, reporter by reporter and
year by year, only where the file also holds the reporter's trade with the world and its partners account for it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from innominate.errors import BadFile
from innominate.ledger import Imported, Oddity
from innominate.sources.contents import decode, read_bytes
from innominate.sources.reading import TEXT, Column, parse_csv, refuse_duplicates, require_columns, typed
from innominate.sources.shaping import make_acts, resolve_states, states_only
from innominate.sources.spec import Form, Peek, Source

NAME = "comtrade"
GOODS = "comtrade-goods"
WORLD = "W00"
TOTAL = "TOTAL"
ACCOUNTED = 0.97  # share of a reporter's trade with the world that its partners must account for
NO_STATE = r"^(W00|EUR|ASE|_X|X[0-9X]|[A-Z][0-9]{1,2}|[A-Z]{2}[0-9])$"  # the world, groups, areas not specified
_OPTIONAL = Column("text", required=False, null=True)
_COLUMNS: Mapping[str, Column] = {
    "typeCode": Column("text", choices=frozenset({"C"})),
    "freqCode": Column("text", choices=frozenset({"A", "M"})),
    "period": Column("int", low=1962, high=210012),
    "reporterISO": TEXT,
    "flowCode": TEXT,
    "partnerISO": TEXT,
    "cmdCode": TEXT,
    "primaryValue": Column("float", low=0),
    "partner2Code": _OPTIONAL,
    "customsCode": _OPTIONAL,
    "motCode": _OPTIONAL,
}
_WHOLE = {"partner2Code": ("0",), "customsCode": ("C00",), "motCode": ("0",)}
_KEY = ("period", "reporterISO", "partnerISO", "flowCode", "cmdCode")


def read_csv_form(path: Path) -> Imported:
    """A CSV with the API's column names."""
    return _import(parse_csv(read_bytes(path), path.name, _COLUMNS), path.name)


def read_json_form(path: Path) -> Imported:
    """The API's own answer: an object whose ``data`` is a list of records."""
    try:
        raw: Any = json.loads(decode(read_bytes(path), path.name))
    except json.JSONDecodeError as error:
        raise BadFile(path.name, f"not JSON ({error.msg})", error.lineno) from None
    if not isinstance(raw, dict) or not isinstance(raw.get("data"), list):
        raise BadFile(path.name, "not an answer of UN Comtrade: it has no list called data")
    records = raw["data"]
    if not records or not all(isinstance(record, dict) for record in records):
        raise BadFile(path.name, "the list called data holds no records")
    require_columns(frozenset(records[0]), _COLUMNS, path.name)
    columns = {
        name: pl.Series(
            [None if record.get(name) is None else str(record[name]) for record in records], dtype=pl.String
        )
        for name in _COLUMNS
    }
    table = pl.DataFrame(columns).with_row_index("row", offset=1).with_columns(pl.col("row").cast(pl.Int64))
    return _import(typed(table, _COLUMNS, path.name), path.name)


def _import(table: pl.DataFrame, file: str) -> Imported:
    oddities: list[Oddity] = []
    kept = _without(table, _broken_down(), "a breakdown by second partner, customs procedure or transport", oddities)
    kept = _without(kept, ~pl.col("flowCode").is_in(["M", "X"]), "re-exports, re-imports and other flows", oddities)
    kept = _dated(kept, file)
    refuse_duplicates(kept, _KEY, file)
    world = kept.filter((pl.col("partnerISO") == WORLD) & (pl.col("cmdCode") == TOTAL))
    kept = _without(kept, pl.col("partnerISO") == WORLD, "trade with the world as a whole", oddities)
    foreign = sorted(
        set(pl.concat([kept["reporterISO"], kept["partnerISO"]]).unique().to_frame("code").filter(
            pl.col("code").str.contains(NO_STATE)
        )["code"])
    )  # fmt: skip
    named, lost = resolve_states(
        kept,
        {"reporter": "reporterISO", "partner": "partnerISO"},
        years="year",
        system="iso3",
        file=file,
        foreign=foreign,
    )
    named, territories = states_only(named, ("reporter", "partner"))
    named = _without(named, pl.col("reporter") == pl.col("partner"), "trade of a state with itself", oddities)
    oddities += [*lost, *territories]
    return Imported(
        dataset=NAME,
        part=_part(table),
        tables={"acts": _acts(named, file), "coverage": _coverage(kept, named, world)},
        rows=table.height,
        kept=named.height,
        oddities=tuple(oddities),
    )


def _broken_down() -> pl.Expr:
    return pl.any_horizontal(
        pl.col(name).is_not_null() & ~pl.col(name).is_in(list(values)) for name, values in _WHOLE.items()
    )


def _without(table: pl.DataFrame, lost: pl.Expr, reason: str, oddities: list[Oddity]) -> pl.DataFrame:
    """The rows without those `lost`, which are counted under `reason`."""
    gone = table.filter(lost)
    if gone.height:
        oddities.append(Oddity(reason, gone.height, True, tuple(int(row) for row in gone["row"].head(5))))
    return table.filter(~lost)


def _dated(table: pl.DataFrame, file: str) -> pl.DataFrame:
    """Add year, start and end; a period is a year or, in monthly data, a year and month."""
    month = pl.when(pl.col("freqCode") == "M").then(pl.col("period") % 100)
    year = pl.when(pl.col("freqCode") == "M").then(pl.col("period") // 100).otherwise(pl.col("period"))
    table = table.with_columns(year.alias("year"), month.alias("month"))
    wrong = table.filter(~pl.col("year").is_between(1962, 2100) | ~pl.col("month").fill_null(1).is_between(1, 12))
    if wrong.height:
        raise BadFile(file, f"column period: {wrong['period'][0]} is no year or month", int(wrong["row"][0]))
    start = pl.date(pl.col("year"), pl.col("month").fill_null(1), 1)
    return table.with_columns(
        start.alias("start"),
        pl.when(pl.col("month").is_null()).then(pl.date(pl.col("year"), 12, 31)).otherwise(start.dt.month_end()).alias("end"),
    )  # fmt: skip


def _part(table: pl.DataFrame) -> str:
    """What the file holds: its reporters, periods, flows and commodities, so that other files add to it."""
    reporters = sorted(table["reporterISO"].unique())
    named = "-".join(reporters) if len(reporters) <= 3 else f"{len(reporters)}-reporters"
    first, last = (int(str(value)) for value in (table["period"].min(), table["period"].max()))
    goods = sorted(table["cmdCode"].unique())
    what = "-".join(goods) if len(goods) <= 3 else f"{len(goods)}-goods"
    flows = "".join(sorted(table["flowCode"].unique()))
    return f"{named}:{first}-{last}:{flows}:{what}"


def _acts(named: pl.DataFrame, file: str) -> pl.DataFrame:
    exports = pl.col("flowCode") == "X"
    side = pl.when(exports).then(pl.lit("/as-exports")).otherwise(pl.lit("/as-imports"))
    whole = pl.col("cmdCode") == TOTAL
    frame = named.select(
        "row", "start", "end",
        pl.when(exports).then("reporter").otherwise("partner").alias("source"),
        pl.when(exports).then("partner").otherwise("reporter").alias("target"),
        (pl.col("primaryValue") / 1e6).alias("value"),
        pl.col("cmdCode").alias("code"),
        (pl.when(whole).then(pl.lit(NAME)).otherwise(pl.lit(GOODS)) + side).alias("of"),
        pl.col("period"), pl.col("flowCode"),
        pl.lit(None, pl.String).alias("note"),
    )  # fmt: skip
    key = ("source", "target", "period", "flowCode", "code")
    acts = make_acts(frame, dataset=NAME, file=file, unit="million USD", directed=True, channel="trade", key=key)
    return acts.with_columns(pl.col("of").alias("dataset")).drop("of", "period", "flowCode")


def _coverage(rows: pl.DataFrame, named: pl.DataFrame, world: pl.DataFrame) -> pl.DataFrame:
    """Who could have been seen: all partners of a reporter whose partners account for its trade with the world.

    rows : every partner, no states among them too; named : with reporters as states; world : totals with the world
    """
    keys = ["reporterISO", "flowCode", "period", "start", "end"]
    sums = rows.filter(pl.col("cmdCode") == TOTAL).group_by(keys).agg(pl.col("primaryValue").sum().alias("told"))
    codes = named.select("reporterISO", "year", "reporter").unique()
    whole = world.select([*keys, "year", pl.col("primaryValue").alias("all")])
    known = (
        whole.join(sums, on=keys)
        .filter(pl.col("told") >= ACCOUNTED * pl.col("all"))
        .join(codes, on=["reporterISO", "year"])
        .sort("flowCode", "start", "reporter")
    )
    exports = pl.col("flowCode") == "X"
    return (
        known.group_by("flowCode", "start", "end", maintain_order=True)
        .agg(pl.col("reporter").str.join(" ").alias("codes"))
        .select(
            pl.when(exports)
            .then(pl.lit(f"{NAME}/as-exports"))
            .otherwise(pl.lit(f"{NAME}/as-imports"))
            .alias("dataset"),
            pl.lit("trade").alias("channel"),
            (pl.when(exports).then(pl.lit("from:")).otherwise(pl.lit("to:")) + pl.col("codes")).alias("scope"),
            pl.col("start").alias("first"),
            pl.col("end").alias("last"),
        )
    )


def _recognise_csv(look: Peek) -> bool:
    return look.kind in ("text", "gzip") and look.has(
        "reporterISO", "partnerISO", "flowCode", "cmdCode", "primaryValue"
    )


def _recognise_json(look: Peek) -> bool:
    named = ('"reporterISO"', '"partnerISO"', '"flowCode"', '"primaryValue"')
    return (
        look.kind in ("text", "gzip") and look.head.lstrip().startswith("{") and all(one in look.head for one in named)
    )


SOURCE = Source(
    name=NAME,
    title="UN Comtrade: international trade statistics",
    producer="United Nations Statistics Division",
    home="https://comtradeplus.un.org/",
    licence="free for internal use; re-dissemination needs the producer's consent (comtradeplus.un.org, Policy on use)",
    citation="United Nations Statistics Division. UN Comtrade Database. https://comtradeplus.un.org/",
    adapter_version=1,
    redistribution="ask",
    channels=("trade",),
    forms=(
        Form(
            name="csv",
            describes="a download with reporterISO, partnerISO, flowCode, cmdCode, period and primaryValue (with descriptions)",
            recognise=_recognise_csv,
            read=read_csv_form,
            accumulates=True,
        ),
        Form(
            name="json",
            describes="the API's answer, with includeDesc=true",
            recognise=_recognise_json,
            read=read_json_form,
            accumulates=True,
        ),
    ),
    quirks=(
        "Exports and imports of one flow are two reports; they are kept as comtrade/as-exports and comtrade/as-imports.",
        "Only the reporter's own totals claim coverage, and only where its partners add up to its trade with the world.",
        "Rows by second partner, customs procedure or transport repeat the whole and are refused and counted.",
        "Areas not specified (S19, which is mostly Taiwan, _X, bunkers) are no states: their rows are refused and counted.",
        "Hong Kong and Macau report by themselves and are territories here: their trade is refused and counted.",
        "Imports are valued with freight and insurance, exports without: the two differ by a few per cent even in good order.",
        "A download without descriptions lacks the ISO codes; ask for includeDesc=true.",
    ),
)
