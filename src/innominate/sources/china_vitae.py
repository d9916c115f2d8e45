"""China Vitae: whom the President, the Premier and the Foreign Minister of China met, from China's own announcements."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from innominate.errors import BadFile
from innominate.ledger import Imported, Oddity
from innominate.sources.reading import TEXT, TEXT_OR_NULL, YEAR, Column, read_csv, read_parquet, refuse_duplicates
from innominate.sources.shaping import coverage, make_acts, resolve_states, states_only
from innominate.sources.spec import Form, Peek, Source

DATASET = "china-vitae"
NO_STATE = ("African Union", "ASEAN", "European Union", "United Nations")
_COLUMNS = {
    "date": Column("date", date_format="%m/%d/%y"),
    "year": YEAR,
    "country": TEXT,
    "leader": TEXT,
    "text": TEXT_OR_NULL,
}
_NOTE_LENGTH = 160
# The table mixes records of engagements with headlines, letters and telephone calls; these words tell the former.
_MEETING = r"(?i)\b(met with|meets? with|held talks with)\b"
_JOURNEY = r"(?i)\btravelled to\b"
_DISTANT = r"(?i)telephon|\bphone"


def read_engagements(path: Path) -> Imported:
    """The table of engagements, in Parquet or CSV. ``kept`` counts the rows that became an act."""
    name = path.name
    with path.open("rb") as stream:
        binary = stream.read(4) == b"PAR1"
    frame = read_parquet(path, _COLUMNS) if binary else read_csv(path, _COLUMNS, missing=("",))
    refuse_duplicates(frame, ["date", "country", "leader", "text"], name)
    off = frame.filter(pl.col("date").dt.year() != pl.col("year"))
    if off.height:
        raise BadFile(name, f"the date {off['date'][0]} is not in the year {off['year'][0]}", int(off["row"][0]))
    met, lost = resolve_states(
        frame.with_columns(pl.lit("CHN").alias("target")),
        {"source": "country"},
        years="date",
        system="name",
        file=name,
        foreign=NO_STATE,
        within="the state did not exist on that day",
    )
    met, dependent = states_only(met)
    abroad = met.filter(pl.col("source") != "CHN")
    oddities = [*lost, *dependent]
    if abroad.height < met.height:
        oddities.append(Oddity("an engagement within China alone", met.height - abroad.height, True))
    said = abroad.height
    abroad = abroad.with_columns(_kind().alias("code")).filter(pl.col("code").is_not_null())
    if abroad.height < said:
        oddities.append(Oddity("a call, letter, statement or headline, no meeting", said - abroad.height, True))
    told = pl.concat_str("leader", pl.col("text").str.strip_chars(), separator=": ", ignore_nulls=True)
    acts = make_acts(
        abroad.with_columns(
            pl.col("date").alias("start"),
            pl.col("date").alias("end"),
            pl.lit(1.0).alias("value"),
            told.str.replace_all(r"\s+", " ").str.slice(0, _NOTE_LENGTH).alias("note"),
        ),
        dataset=DATASET,
        file=name,
        unit="meetings",
        directed=False,
        channel="visits",
    )
    first, last = frame["date"].min(), frame["date"].max()
    assert isinstance(first, date)
    assert isinstance(last, date)
    return Imported(
        dataset=DATASET,
        tables={"acts": acts, "coverage": coverage(DATASET, "visits", first.replace(month=1, day=1), last, "with:CHN")},
        rows=frame.height,
        kept=abroad.height,
        oddities=tuple(oddities),
    )


def _kind() -> pl.Expr:
    """``meeting`` or ``journey``; null for what was no engagement in person."""
    text = pl.col("text").fill_null("")
    return (
        pl.when(text.str.contains(_DISTANT) & ~text.str.contains(_JOURNEY))
        .then(None)
        .when(text.str.contains(_MEETING))
        .then(pl.lit("meeting"))
        .when(text.str.contains(_JOURNEY))
        .then(pl.lit("journey"))
    )


def _is_table(look: Peek, binary: bool) -> bool:
    return (look.kind == "parquet") == binary and look.has("date", "year", "country", "leader", "text")


SOURCE = Source(
    name=DATASET,
    title="China Vitae: engagements of China's leaders",
    producer="China Vitae",
    home="https://www.chinavitae.com",
    licence="none stated; the table was read off the producer's pages by others",
    citation="China Vitae: Appearances and travel of Chinese leaders. https://www.chinavitae.com",
    adapter_version=1,
    redistribution="ask",
    channels=("visits",),
    quirks=(
        "The table mixes engagements with telephone calls, letters and headlines about a country (on Taiwan mostly "
        "these): only meetings and journeys, told by their wording, are taken, the rest is refused and counted.",
        "Only the President, the Premier and the Foreign Minister in office are followed.",
        "One engagement is one leader's on one day with one country: two leaders who receive the same guest are two.",
        "Coverage ends with the last engagement, 7 December 2018 in the published table, not with the year.",
        "Days are written month/day/two-digit year.",
        "Dependencies (the Cook Islands), organisations and states that did not exist yet are refused and counted.",
    ),
    forms=(
        Form(
            "engagements-parquet",
            "engagements (Parquet: date, year, country, leader, text)",
            lambda look: _is_table(look, True),
            read_engagements,
        ),
        Form(
            "engagements-csv",
            "engagements (CSV: date, year, country, leader, text)",
            lambda look: _is_table(look, False),
            read_engagements,
            preference=1,
        ),
    ),
)
