"""Bilateral trade in goods as both sides report it: UN Comtrade, in its formats of today and those before 2023.

Exports of A to B as A reports them (free on board) and imports of B from A as B reports them (with freight and insurance)
are two figures of one flow. They are kept apart, as the datasets ``comtrade/as-exports`` and ``comtrade/as-imports``; a
panel takes, in every period, the one that knows more pairs, and never adds them. Their difference is the mirror gap of
:mod:`innominate.worlds.mirror`. Months repeat the years, so that they are datasets of their own too
(``comtrade/as-exports-monthly``).

Totals become acts of the channel trade. Rows on single commodities are kept under ``comtrade-goods/…``, one dataset a
classification and length of code (``comtrade-goods/as-imports-hs2``), because chapters hold headings, with the commodity
as code and without a claim of coverage, so that nothing is counted twice. Coverage is claimed, reporter by reporter and
year by year, only where the file also holds the reporter's trade with the world and its partners account for it.

What two files both hold is stored once (:func:`beside`).
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import polars as pl

from innominate.errors import BadFile
from innominate.ledger import Imported, Oddity
from innominate.sources.comtrade_codes import one_row_a_flow
from innominate.sources.comtrade_held import FINISHED, ROUNDED, beside
from innominate.sources.comtrade_joint import not_told_apart, outlived
from innominate.sources.comtrade_rows import WORLD, csv_rows, json_rows, recognises, valuation
from innominate.sources.shaping import make_acts, resolve_states, states_only
from innominate.sources.spec import Form, Peek, Source

NAME = "comtrade"
GOODS = "comtrade-goods"
TOTAL = "TOTAL"
ACCOUNTED = 0.97  # share of a reporter's trade with the world that its partners must account for
# the world, groups, areas not specified, and dependencies that ISO no longer names
NO_STATE = r"^(W00|EUR|ASE|_[A-Z0-9]+|X[0-9X]|[A-Z][0-9]{1,2}|[A-Z]{2}[0-9]|PUS|NTZ|ATB|JTN|MID|WAK)$"
# those of them in which any state may be: groups and areas "not elsewhere specified", but S19, see :mod:`comtrade_joint`
UNSPECIFIED = r"^(EUR|ASE|_[A-Z0-9]+|X[0-9X]|[A-RT-Z][0-9]{1,2}|S[0-9]|S[02-9][0-9]|S1[0-8])$"
_WHOLE = {"partner2Code": ("0",), "customsCode": ("C00",), "motCode": ("0",)}


def read_csv_form(path: Path) -> Imported:
    """A CSV with the columns of the API, with descriptions or without, or of the website that was closed in 2023."""
    return _import(csv_rows(path), path.name)


def read_json_form(path: Path) -> Imported:
    """The API's own answer: an object whose ``data`` is a list of records."""
    return _import(json_rows(path), path.name)


def _import(table: pl.DataFrame, file: str) -> Imported:
    oddities: list[Oddity] = []
    table = table.with_columns(_scheme().alias("scheme"), valuation().alias("note"))
    kept = _without(table, _broken_down(), "a breakdown by second partner, customs procedure or transport", oddities)
    kept = _without(kept, ~pl.col("flowCode").is_in(["M", "X"]), "re-exports, re-imports and other flows", oddities)
    kept, merged = one_row_a_flow(_dated(kept, file), file)
    oddities += merged
    world = kept.filter((pl.col("partnerISO") == WORLD) & (pl.col("cmdCode") == TOTAL))
    everybody = kept
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
    known = _accounted(kept, named, world)
    acts = pl.concat([_acts(named, file), _acts(_unknown(everybody, named, known), file)])
    return Imported(
        dataset=NAME,
        part=_part(table),
        tables={"acts": acts, "coverage": _coverage(known)},
        rows=table.height,
        kept=table.height - sum(odd.rows for odd in oddities if odd.refused),
        oddities=tuple(oddities),
        finished=_finished(everybody, named),
    )


def _scheme() -> pl.Expr:
    """Classification and length of a commodity's code, ``hs4``; ``all`` of totals, which are the same in every classification."""
    code = pl.col("classificationCode").fill_null("").str.to_uppercase()
    kind = (
        pl.when(code.str.contains(r"^H"))
        .then(pl.lit("hs"))
        .when(code.str.contains(r"^S"))
        .then(pl.lit("sitc"))
        .when(code.str.contains(r"^B"))
        .then(pl.lit("bec"))
        .otherwise(pl.lit(""))
    )
    length = pl.col("cmdCode").str.len_chars().cast(pl.String)
    return pl.when(pl.col("cmdCode") == TOTAL).then(pl.lit("all")).otherwise(kind + length)


def _broken_down() -> pl.Expr:
    return pl.any_horizontal(
        pl.col(name).is_not_null() & ~pl.col(name).str.strip_suffix(".0").is_in(list(values))
        for name, values in _WHOLE.items()
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
    """What the file holds: its reporters, periods, flows, commodities and partners; a file of the very same flows has the same name."""
    columns = ("reporterISO", "partnerISO", "freqCode", "period", "flowCode", "scheme", "cmdCode")
    held = {name: sorted(map(str, table[name].unique())) for name in columns}
    flows = table.select(pl.concat_str(pl.col(columns).cast(pl.String).fill_null(""), separator="|")).to_series()
    digest = hashlib.sha256("\n".join(flows.unique().sort()).encode()).hexdigest()[:10]
    few = {name: "-".join(own) if len(own) <= 3 else "" for name, own in held.items()}
    named = few["reporterISO"] or f"{len(held['reporterISO'])}-reporters"
    what = few["cmdCode"] or f"{len(held['cmdCode'])}-goods"
    first, last = (int(str(value)) for value in (table["period"].min(), table["period"].max()))
    return f"{named}:{first}-{last}:{''.join(held['flowCode'])}:{what}:{digest}"


def _dataset(family: pl.Expr) -> pl.Expr:
    """The dataset of a row: one a side of the flow, a length of periods, and in goods a classification and length of code."""
    side = pl.when(pl.col("flowCode") == "X").then(pl.lit("/as-exports")).otherwise(pl.lit("/as-imports"))
    months = pl.when(pl.col("freqCode") == "M").then(pl.lit("-monthly")).otherwise(pl.lit(""))
    goods = pl.when(pl.col("scheme") == "all").then(pl.lit("")).otherwise(pl.lit("-") + pl.col("scheme"))
    return family + side + goods + months


def _acts(named: pl.DataFrame, file: str) -> pl.DataFrame:
    exports = pl.col("flowCode") == "X"
    family = pl.when(pl.col("cmdCode") == TOTAL).then(pl.lit(NAME)).otherwise(pl.lit(GOODS))
    frame = named.select(
        "row", "start", "end",
        pl.when(exports).then("reporter").otherwise("partner").alias("source"),
        pl.when(exports).then("partner").otherwise("reporter").alias("target"),
        (pl.col("primaryValue") / 1e6).alias("value"),
        pl.col("cmdCode").alias("code"),
        _dataset(family).alias("of"),
        pl.col("period"), pl.col("flowCode"),
        "note",
    )  # fmt: skip
    key = ("source", "target", "period", "flowCode", "code")
    acts = make_acts(frame, dataset=NAME, file=file, unit="million USD", directed=True, channel="trade", key=key)
    return acts.with_columns(pl.col("of").alias("dataset")).drop("of", "period", "flowCode")


def _accounted(rows: pl.DataFrame, named: pl.DataFrame, world: pl.DataFrame) -> pl.DataFrame:
    """Reporters, flows and periods in which partners that are told apart account for the reporter's trade with the world.

    rows : every partner, no states among them too; named : with reporters as states; world : totals with the world
    """
    keys = ["reporterISO", "flowCode", "freqCode", "period", "start", "end"]
    specified = pl.col("joint").is_not_null() | ~pl.col("partnerISO").str.contains(UNSPECIFIED)
    apart = rows.filter((pl.col("cmdCode") == TOTAL) & specified)
    gone = outlived(apart.filter(pl.col("joint").is_null()))
    apart = apart.join(gone, on=["partnerISO", "year"], how="anti")
    sums = apart.group_by(keys).agg(pl.col("primaryValue").sum().alias("told"))
    codes = named.select("reporterISO", "year", "reporter").unique()
    whole = world.select([*keys, "year", "row", "scheme", pl.col("primaryValue").alias("all")])
    return (
        whole.join(sums, on=keys)
        .filter(pl.col("told") >= ACCOUNTED * pl.col("all"))
        .join(codes, on=["reporterISO", "year"])
        .sort("flowCode", "freqCode", "start", "reporter")
    )


def _finished(everybody: pl.DataFrame, named: pl.DataFrame) -> pl.DataFrame:
    """The reports (:data:`FINISHED`) that the file holds from end to end: all partners add up to the reporter's trade with the world."""
    keys = ["reporterISO", "year", "flowCode", "freqCode", "period", "cmdCode", "scheme", "start", "end"]
    world = pl.col("partnerISO") == WORLD
    value = pl.col("primaryValue")
    sums = everybody.group_by(keys).agg(
        value.filter(world).sum().alias("all"), value.filter(~world).sum().alias("told"), world.any().alias("given")
    )
    ends = (pl.col("all") - pl.col("told")).abs() <= 1.0 + ROUNDED * pl.col("all")
    family = pl.when(pl.col("cmdCode") == TOTAL).then(pl.lit(NAME)).otherwise(pl.lit(GOODS))
    return (
        sums.filter(pl.col("given") & ends)
        .join(named.select("reporterISO", "year", "reporter").unique(), on=["reporterISO", "year"])
        .select(
            _dataset(family).alias("dataset"),
            "reporter",
            "start",
            "end",
            pl.col("cmdCode").alias("code"),
            (pl.col("all") / 1e6).alias("total"),
        )
        .select(list(FINISHED))
        .unique(list(FINISHED)[:-1], keep="first", maintain_order=True)
    )


def _unknown(everybody: pl.DataFrame, named: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Flows that are inside those with another area, where all others of a reporter are known, see :mod:`comtrade_joint`."""
    total = pl.col("cmdCode") == TOTAL
    return not_told_apart(everybody.filter(total), named.filter(total), known).with_columns(
        pl.lit(TOTAL).alias("cmdCode"), pl.lit(None, pl.Float64).alias("primaryValue")
    )


def _coverage(known: pl.DataFrame) -> pl.DataFrame:
    """Who could have been seen: all partners of the reporters in `known`, see :func:`_accounted`."""
    exports = pl.col("flowCode") == "X"
    return (
        known.group_by("flowCode", "freqCode", "scheme", "start", "end", maintain_order=True)
        .agg(pl.col("reporter").str.join(" ").alias("codes"))
        .select(
            _dataset(pl.lit(NAME)).alias("dataset"),
            pl.lit("trade").alias("channel"),
            (pl.when(exports).then(pl.lit("from:")).otherwise(pl.lit("to:")) + pl.col("codes")).alias("scope"),
            pl.col("start").alias("first"),
            pl.col("end").alias("last"),
        )
    )


def _recognise_csv(look: Peek) -> bool:
    return look.kind in ("text", "gzip") and recognises(look.columns)


def _recognise_json(look: Peek) -> bool:
    named = ('"reporterCode"', '"reporterISO"'), ('"partnerCode"', '"partnerISO"'), ('"flowCode"',), ('"primaryValue"',)
    head = look.head
    return (
        look.kind in ("text", "gzip")
        and head.lstrip().startswith("{")
        and all(any(name in head for name in names) for names in named)
    )


SOURCE = Source(
    name=NAME,
    title="UN Comtrade: international trade statistics",
    producer="United Nations Statistics Division",
    home="https://comtradeplus.un.org/",
    licence="free for internal use; re-dissemination needs the producer's consent (comtradeplus.un.org, Policy on use)",
    citation="United Nations Statistics Division. UN Comtrade Database. https://comtradeplus.un.org/",
    adapter_version=3,
    redistribution="ask",
    channels=("trade",),
    forms=(
        Form(
            name="csv",
            describes="a download with reporterISO or reporterCode, partnerISO or partnerCode, flowCode, cmdCode, period and "
            "primaryValue, or one of before 2023 with Trade Flow and Trade Value (US$)",
            recognise=_recognise_csv,
            read=read_csv_form,
            accumulates=True,
            beside=beside,
        ),
        Form(
            name="json",
            describes="the API's answer, with or without descriptions",
            recognise=_recognise_json,
            read=read_json_form,
            accumulates=True,
            beside=beside,
        ),
    ),
    quirks=(
        "Exports and imports of one flow are two reports; they are kept as comtrade/as-exports and comtrade/as-imports.",
        "Only the reporter's own totals claim coverage, and only where partners told by name add up to its trade with the world.",
        "Rows by second partner, customs procedure or transport repeat the whole and are refused and counted.",
        "Areas not specified (S19, which is mostly Taiwan, _X, bunkers) are no states: their rows are refused and counted.",
        "Hong Kong and Macau report by themselves and are territories here: their trade is refused and counted.",
        "Imports are valued with freight and insurance, exports without: the two differ by a few per cent even in good order.",
        "Some report imports free on board: where cifvalue and fobvalue say which value a row has, its act is noted so.",
        "Without descriptions, and in bulk files, areas have numbers only, some of them UN Comtrade's own (842, 251): both are read.",
        "Months repeat years: they are comtrade/as-exports-monthly and comtrade/as-imports-monthly.",
        "Taiwan, Liechtenstein and Monaco are no areas: flows with them are stored without a value where a reporter's others are covered.",
        "So are flows with states inside a joint area (Luxembourg in 58, Botswana in 711, the Czech Republic in 200 in 1993).",
        "The joint area's own figure is that of the state that continues it, if any (Belgium, Russia, Serbia).",
        "What two files hold is stored once; a file that holds all of another replaces it.",
        "A file that holds all of a report (a reporter's exports of a year, with their total) and changes a value revises it.",
        "Two values of a flow in files that hold parts of a report are an error.",
        "Trade with a state under a former and a present code (280 and 276, 736 and 729) is added up.",
    ),
)
