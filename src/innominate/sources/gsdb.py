"""The Global Sanctions Data Base: who sanctioned whom, how, and from when to when.

A case becomes one act per sender and target, in force from its first to its last year. Several states stand in one
cell, separated by commas that also stand inside names ("Korea, North").
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from innominate.errors import BadFile
from innominate.ledger import Imported, Oddity
from innominate.sources.reading import INT, TEXT, TEXT_OR_NULL, YEAR, Column, read_csv, refuse_duplicates
from innominate.sources.shaping import coverage, make_acts, resolve_states, states_only
from innominate.sources.spec import Form, Source

DATASET = "gsdb"
KINDS = ("trade", "arms", "military", "financial", "travel", "other")

# Members of the European Economic Community and the Union: code, first and last year (the United Kingdom stayed bound
# to the Union's measures to the end of 2020). Treaties of Rome and of accession; withdrawal agreement of 2019.
_FOUNDERS = ("BEL", "DEU", "FRA", "ITA", "LUX", "NLD")
_ACCESSIONS = {
    1973: ("DNK", "GBR", "IRL"),
    1981: ("GRC",),
    1986: ("ESP", "PRT"),
    1995: ("AUT", "FIN", "SWE"),
    2004: ("CYP", "CZE", "EST", "HUN", "LTU", "LVA", "MLT", "POL", "SVK", "SVN"),
    2007: ("BGR", "ROU"),
    2013: ("HRV",),
}
EUROPEAN = ("EU", "EEC")
MEMBERS = pl.DataFrame(
    [
        (code, since, 2020 if code == "GBR" else 9999)
        for since, codes in {1958: _FOUNDERS, **_ACCESSIONS}.items()
        for code in codes
    ],
    schema={"code": pl.String, "since": pl.Int64, "until": pl.Int64},
    orient="row",
)

NO_STATE = (
    "African Union",
    "Balkans",
    "CSCE",
    "ChinCom",
    "CoCom",
    "Comecon",
    "Commonwealth",
    "ECOWAS",
    "EEU",
    "G7",
    "G8",
    "ICC Rome Statute Signatories",
    "Kimberly Process Participants",
    "League of Arab States",
    "MERCOSUR",
    "NAFTA",
    "NATO",
    "OAPEC",
    "OIC",
    "OSCE",
    "Organisation of African Unity",
    "Organization of American States",
    "Organization of Eastern Carribean States",
    "Pacific Islands Forum",
    "Paris Agreement Signatories",
    "SADC",
    "Terrorist Organizations (Al-Qaeda)",
    "Terrorist Organizations (ISIL and ANF)",
    "Terrorist Organizations (Taliban and Al-Qaeda)",
    "Terrorist Organizations (Taliban)",
    "UN",
    "UNASUR",
    "Western countries",
)

_TURNED = r"(Korea|Yemen|Vietnam|Egypt|Congo|Gambia), (North|South|Arab Rep\.|Democratic Republic of the|The)(,|$)"
# names that the file goes on using after the state has changed: name, first year, the state then meant
_OUTLIVED = (("South Vietnam", 1976, "Vietnam"), ("Yugoslavia", 1993, "Serbia"), ("FRY", 1993, "Serbia"))

_FLAG = Column("flag")
_COLUMNS = {
    "case_id": INT,
    "sanctioned_state": TEXT,
    "sanctioning_state": TEXT,
    "begin": YEAR,
    "end": YEAR,
    "descr_trade": TEXT_OR_NULL,
    **dict.fromkeys(KINDS, _FLAG),
    "objective": TEXT_OR_NULL,
    "success": TEXT_OR_NULL,
}


def read_cases(path: Path) -> Imported:
    """The table of cases. ``kept`` counts the cases that became at least one act."""
    name = path.name
    cases = read_csv(path, _COLUMNS)
    refuse_duplicates(cases, ["case_id"], name)
    backwards = cases.filter(pl.col("end") < pl.col("begin"))
    if backwards.height:
        raise BadFile(name, "the case ends before it begins", int(backwards["row"][0]))
    senders = _parties(cases, "sanctioning_state", name).rename({"code": "source"})
    targets = _parties(cases, "sanctioned_state", name).rename({"code": "target"})
    spans = (
        senders.join(targets, on=["row", "year"])
        .filter(pl.col("source") != pl.col("target"))
        .group_by("row", "source", "target")
        .agg(pl.col("year").min().alias("from"), pl.col("year").max().alias("to"))
        .sort("row", "source", "target")
    )
    acts = make_acts(
        spans.join(_described(cases), on="row", how="left").with_columns(
            pl.date("from", 1, 1).alias("start"), pl.date("to", 12, 31).alias("end"), pl.lit(1.0).alias("value")
        ),
        dataset=DATASET,
        file=name,
        unit="sanctions",
        directed=True,
        channel="sanctions",
        key=("source", "target"),
    )
    first, last = date(int(cases["begin"].min()), 1, 1), date(int(cases["end"].max()), 12, 31)  # type: ignore[arg-type]
    return Imported(
        dataset=DATASET,
        tables={"acts": acts, "coverage": coverage(DATASET, "sanctions", first, last)},
        rows=cases.height,
        kept=spans["row"].n_unique(),
        oddities=tuple(_oddities(cases, senders, targets, spans)),
    )


def _names(cases: pl.DataFrame, column: str) -> pl.DataFrame:
    """row and name, one line for each party that stands in the cell."""
    cell = (
        pl.col(column)
        .str.replace_all(_TURNED, "${2} ${1}${3}")
        .str.replace_all("Arab Rep. Egypt", "Egypt", literal=True)
    )
    names = cases.select("row", "begin", "end", cell.str.split(",").alias("name")).explode("name")
    return names.with_columns(pl.col("name").str.strip_chars()).unique(maintain_order=True)


def _parties(cases: pl.DataFrame, column: str, file: str) -> pl.DataFrame:
    """row, year and code of every state that was a party to the case in that year; the Union stands for its members."""
    yearly = (
        _names(cases, column)
        .with_columns(pl.int_ranges("begin", pl.col("end") + 1).alias("year"))
        .explode("year")
        .with_columns(_outlived().alias(column))
    )
    union = yearly.filter(pl.col("name").is_in(EUROPEAN)).join(MEMBERS, how="cross")
    union = union.filter(pl.col("year").is_between(pl.col("since"), pl.col("until")))
    single = yearly.filter(~pl.col("name").is_in(EUROPEAN))
    single, _ = resolve_states(single, {"code": column}, years="year", system="name", file=file, foreign=NO_STATE)
    single, _ = states_only(single, ("code",))
    return pl.concat([union.select("row", "year", "code"), single.select("row", "year", "code")]).unique()


def _outlived() -> pl.Expr:
    name = pl.col("name")
    for old, since, new in _OUTLIVED:
        name = pl.when((pl.col("name") == old) & (pl.col("year") >= since)).then(pl.lit(new)).otherwise(name)
    return name


def _described(cases: pl.DataFrame) -> pl.DataFrame:
    kinds = [pl.when(pl.col(kind)).then(pl.lit(kind)) for kind in KINDS]
    told = [pl.col("objective"), pl.col("success"), pl.format("trade {}", "descr_trade")]
    return cases.select(
        "row",
        pl.concat_str(kinds, separator="+", ignore_nulls=True).replace("", None).alias("code"),
        pl.concat_str(told, separator="; ", ignore_nulls=True).replace("", None).alias("note"),
    )


def _oddities(cases: pl.DataFrame, senders: pl.DataFrame, targets: pl.DataFrame, spans: pl.DataFrame) -> list[Oddity]:
    lost = cases.filter(~pl.col("row").is_in(spans["row"].implode()))
    no_sender = ~pl.col("row").is_in(senders["row"].implode())
    no_target = ~pl.col("row").is_in(targets["row"].implode())
    refused = {
        "the sender is no state (an organisation, or no state in those years)": lost.filter(no_sender),
        "the target is no state (a group, or no state in those years)": lost.filter(~no_sender & no_target),
        "sender and target were not both states in those years": lost.filter(~no_sender & ~no_target),
    }
    found = [Oddity(reason, rows.height, True, tuple(rows["row"].head(5))) for reason, rows in refused.items()]
    both = pl.concat([_names(cases, "sanctioning_state"), _names(cases, "sanctioned_state")])
    mixed = both.filter(pl.col("name").is_in(NO_STATE) & pl.col("row").is_in(spans["row"].implode()))["row"].unique()
    expanded = both.filter(pl.col("name").is_in(EUROPEAN) & pl.col("row").is_in(spans["row"].implode()))["row"].unique()
    found.append(Oddity("besides states there is an organisation, which is left out", len(mixed), False))
    found.append(Oddity("the European Union (Community) stands for its members of the year", len(expanded), False))
    return [odd for odd in found if odd.rows]


SOURCE = Source(
    name="gsdb",
    title="The Global Sanctions Data Base, release 4",
    producer="Felbermayr, Kirilakha, Syropoulos, Yalcin and Yotov; Yalcin et al. for release 4",
    home="https://www.globalsanctionsdatabase.com",
    licence="sent on request for research; not to be redistributed",
    citation=(
        "Felbermayr, Gabriel, Aleksandra Kirilakha, Constantinos Syropoulos, Erdal Yalcin and Yoto V. Yotov (2020): "
        "The Global Sanctions Data Base. European Economic Review 129; and Yalcin, Erdal, Gabriel Felbermayr, Heider "
        "Kariem, Aleksandra Kirilakha, Ohyun Kwon, Constantinos Syropoulos and Yoto V. Yotov (2024): The Global "
        "Sanctions Data Base, Release 4. The World Economy"
    ),
    adapter_version=1,
    redistribution="ask",
    channels=("sanctions",),
    quirks=(
        "Cells hold several states separated by commas, which also stand inside names such as Korea, North.",
        "Cases of the European Union or Community, as sender or target, count for its members of the year.",
        "Cases sent only by other organisations (UN, African Union, …) are refused and counted: that their members "
        "took part is not certain, so for those cases the absence of an act is no evidence.",
        "South Vietnam is also written for united Vietnam (from 1976), Yugoslavia for Serbia (from 1993).",
        "Years in which a party was no state, such as Montenegro before 2006, are left out of a case.",
        "The last year stands for cases that go on.",
    ),
    forms=(
        Form(
            "cases-csv",
            "table of cases (CSV: case_id, sanctioned_state, sanctioning_state, begin, end, trade, …)",
            lambda look: look.has("case_id", "sanctioned_state", "sanctioning_state", "begin", "end"),
            read_cases,
        ),
    ),
)
