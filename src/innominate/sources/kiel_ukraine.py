"""The Ukraine Support Tracker: what the governments that it follows have allocated to Ukraine, month by month.

Each month of a donor becomes up to three acts, one per kind of aid. Amounts are allocations (aid delivered or earmarked
for delivery), not the larger commitments, and stand in the file in thousand million euros.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from innominate.errors import BadFile
from innominate.ledger import Imported
from innominate.sources.reading import TEXT, YEAR, Column, read_csv, refuse_duplicates
from innominate.sources.shaping import coverage, make_acts, resolve_states
from innominate.sources.spec import Form, Source

DATASET = "kiel-ukraine"
KINDS = ("financial", "humanitarian", "military")
RECIPIENT = "UKR"
NO_STATE = ("EU", "EIB", "EPF")  # institutions of the European Union
MILLIONS = 1000.0

_AMOUNT = Column("float", low=0)
_COLUMNS = {
    "country": TEXT,
    "iso": TEXT,
    "year": YEAR,
    "month": Column("int", low=1, high=12),
    "total": _AMOUNT,
    **dict.fromkeys(KINDS, _AMOUNT),
}


def read_months(path: Path) -> Imported:
    """The monthly table by donor.

    ``kept`` counts the rows understood: a donor's month in which nothing was allocated is a plain known zero, like a
    month without a row.
    """
    name = path.name
    frame = read_csv(path, _COLUMNS)
    refuse_duplicates(frame, ["iso", "year", "month"], name)
    off = frame.filter((pl.sum_horizontal(KINDS) - pl.col("total")).abs() > 1e-3)
    if off.height:
        raise BadFile(name, f"the kinds of aid do not add up to the total {off['total'][0]}", int(off["row"][0]))
    dated = frame.with_columns(pl.date("year", "month", 1).alias("start"), pl.lit(RECIPIENT).alias("target"))
    dated = dated.with_columns(pl.col("start").dt.month_end().alias("end"))
    donors, oddities = resolve_states(
        dated, {"source": "iso"}, years="year", system="iso3", file=name, foreign=NO_STATE
    )
    if donors.height == 0:
        raise BadFile(name, "there is no donor that is a state")
    own = donors.filter(pl.col("source") == RECIPIENT)
    if own.height:
        raise BadFile(name, "Ukraine stands as a donor to itself", int(own["row"][0]))
    long = (
        donors.unpivot(KINDS, index=["row", "source", "target", "start", "end"], variable_name="code")
        .filter(pl.col("value") > 0)
        .with_columns(pl.col("value") * MILLIONS)
    )
    acts = make_acts(long, dataset=DATASET, file=name, unit="million EUR", directed=True, channel="aid", key=("code",))
    scope = f"from:{' '.join(donors['source'].unique().sort())} to:{RECIPIENT}"
    first, last = donors["start"].min(), donors["end"].max()
    assert isinstance(first, date)
    assert isinstance(last, date)
    return Imported(
        dataset=DATASET,
        tables={"acts": acts, "coverage": coverage(DATASET, "aid", first, last, scope)},
        rows=frame.height,
        kept=donors.height,
        oddities=tuple(oddities),
    )


SOURCE = Source(
    name="kiel-ukraine",
    title="Ukraine Support Tracker",
    producer="Kiel Institute for the World Economy",
    home="https://www.kielinstitut.de/topics/war-against-ukraine/ukraine-support-tracker/",
    licence="free to use with citation; no licence is stated that allows passing on the table",
    citation=(
        "Trebesch, Christoph, Arianna Antezza, Katelyn Bushnell, Pietro Bomprezzi, Yelmurat Dyussimbinov, Andre Frank, "
        "Pascal Frank, Lukas Franz, Ivan Kharitonov, Bharath Kumar, Ekaterina Rebinskaya, Christopher Schade, Stefan "
        "Schramm, Leon Weiser: The Ukraine Support Tracker: Which countries help Ukraine and how? Kiel Working Paper 2218"
    ),
    adapter_version=1,
    redistribution="ask",
    channels=("aid",),
    quirks=(
        "Amounts are in thousand million euros; acts are in million euros.",
        "Months in which a donor allocated nothing have no row: between the first and the last month they are zero.",
        "Only the listed donors are followed: what others gave is unknown, not zero.",
        "Institutions of the European Union are no state: refused and counted.",
        "Commitments and what remains to be allocated are not taken.",
        "The producer publishes a workbook whose address changes with every release: it is not downloaded; the monthly "
        "table is read from CSV.",
    ),
    forms=(
        Form(
            "month-csv",
            "allocations by donor and month (CSV: country, iso, year, month, total, financial, humanitarian, military)",
            lambda look: look.has("iso", "year", "month", "financial", "humanitarian", "military"),
            read_months,
        ),
    ),
)
