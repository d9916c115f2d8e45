"""United States troops abroad 1950-2024 by host and year (troopdata, rebuilt from the Department of Defense's reports).

The value is the number of active-duty personnel (``troops_ad``), directed from the United States to the host. Coverage
is, year by year, the flow from the United States to the states that have a row in that year. The provider gives states
that a report does not list a 0; they are known zeros here and become no act.

Kept are the rows of states, zeros included. Refused are territories and other places that are no states, the United
States themselves, and rows before a state's independence.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from innominate.ledger import Imported, Oddity
from innominate.sources.reading import INT, TEXT, TEXT_OR_NULL, YEAR, Column, read_csv, refuse_duplicates
from innominate.sources.shaping import coverage_by_year, make_acts, resolve_states, year_span
from innominate.sources.spec import Form, Peek, Remote, Source

NAME = "us-troops"
_COLUMNS = {
    "countryname": TEXT,
    "year": YEAR,
    "ccode": INT,
    "iso3c": TEXT_OR_NULL,
    "troops_ad": Column("int", null=True, low=0),
}
PLACES = 1000  # codes from here on are the providers' own, for places that are no states
PUERTO_RICO = 6
VIETNAM, DIVIDED_UNTIL = (816, 817), 1975
INTERPOLATED = (1951, 1952)
# Years in which the reports leave out the personnel deployed to a war; what they show there is a remnant.
WITHHELD = {"AFG": (2021, 2100), "IRQ": (2022, 2100), "SYR": (2021, 2100), "KWT": (2003, 2005)}
REMNANT = 500  # persons; larger numbers in these years come from elsewhere and stand


def read(path: Path) -> Imported:
    """The country-year table as CSV."""
    table = read_csv(path, _COLUMNS)
    refuse_duplicates(table, ("ccode", "year", "countryname"), path.name)
    twice = table.filter(pl.col("troops_ad") > 0)
    refuse_duplicates(twice, ("ccode", "year"), path.name)
    hosts, oddities = _hosts(table, path.name)
    hosts, more = _known(hosts)
    oddities += [*_spelled_twice(table), *more]
    acts = year_span(hosts.filter(pl.col("value").is_null() | (pl.col("value") > 0)))
    acts = acts.with_columns(pl.lit("USA").alias("source"))
    return Imported(
        dataset=NAME,
        tables={
            "acts": make_acts(
                acts, dataset=NAME, file=path.name, unit="persons", directed=True, channel="troops-stationed"
            ),
            "coverage": coverage_by_year(hosts, NAME, "troops-stationed", states=("target",), scope="from:USA to:"),
        },
        rows=table.height,
        kept=table.height - sum(odd.rows for odd in oddities if odd.refused),
        oddities=tuple(odd for odd in oddities if odd.rows),
    )


def _hosts(table: pl.DataFrame, file: str) -> tuple[pl.DataFrame, list[Oddity]]:
    """The rows of foreign states, with the state in ``target``: by ISO code, or by number where there is none."""
    place = (pl.col("ccode") >= PLACES) | (pl.col("ccode") == PUERTO_RICO)
    places = table.filter(place)
    oddities = [
        Oddity("the host is a territory or another place that is no state", places.height, True, _first(places))
    ]
    south = pl.col("ccode").is_in(VIETNAM) & (pl.col("year") <= DIVIDED_UNTIL)
    code = pl.when(south).then(pl.lit("VDR")).otherwise(pl.coalesce("iso3c", pl.col("ccode").cast(pl.String)))
    named = table.filter(~place).with_columns(code.alias("host"))
    hosts, outside = resolve_states(
        named, {"target": "host"}, years="year", system="any", file=file, within="the host was no state in that year"
    )
    home = hosts.filter(pl.col("target") == "USA")
    oddities += [*outside, Oddity("the United States themselves", home.height, True, _first(home))]
    return hosts.filter(pl.col("target") != "USA"), oddities


def _known(hosts: pl.DataFrame) -> tuple[pl.DataFrame, list[Oddity]]:
    """Add ``value``, null where the reports withhold it, and ``note``."""
    withheld = pl.any_horizontal(
        (pl.col("target") == state) & pl.col("year").is_between(first, last) & (pl.col("troops_ad") < REMNANT)
        for state, (first, last) in WITHHELD.items()
    )
    interpolated = pl.col("year").is_in(INTERPOLATED)
    valued = hosts.with_columns(
        pl.when(~withheld).then(pl.col("troops_ad").cast(pl.Float64)).alias("value"),
        pl.when(withheld)
        .then(pl.lit("personnel deployed to the war withheld; the report shows ") + pl.col("troops_ad").cast(pl.String))
        .when(interpolated)
        .then(pl.lit("interpolated by the provider"))
        .alias("note"),
    )
    hidden, guessed = hosts.filter(withheld), hosts.filter(interpolated & (pl.col("troops_ad") > 0))
    missing = hosts.filter(pl.col("troops_ad").is_null())
    return valued, [
        Oddity("deployed personnel withheld: unknown, stored without a value", hidden.height, False, _first(hidden)),
        Oddity("interpolated by the provider between 1950 and 1953", guessed.height, False, _first(guessed)),
        Oddity("number missing: stored without a value", missing.height, False, _first(missing)),
    ]


def _spelled_twice(table: pl.DataFrame) -> list[Oddity]:
    again = table.sort("troops_ad", descending=True, maintain_order=True).filter(
        ~pl.struct("ccode", "year").is_first_distinct()
    )
    reason = "a second spelling of the same host with 0 beside the first"
    return [Oddity(reason, again.height, False, _first(again.sort("row")))]


def _first(frame: pl.DataFrame) -> tuple[int, ...]:
    return tuple(int(row) for row in frame["row"].head(5))


def _recognise(look: Peek) -> bool:
    yearly = look.has("countryname", "ccode", "iso3c", "year", "troops_ad", "army_ad") and not look.has("quarter")
    return look.kind in ("text", "gzip") and yearly


SOURCE = Source(
    name=NAME,
    title="troopdata: United States military deployments by country and year",
    producer="Michael A. Allen, Michael E. Flynn and Carla Martinez Machain",
    home="https://github.com/meflynn/troopdata",
    licence="GPL-3 or later (R package that carries the data)",
    citation="Allen, Michael A., Michael E. Flynn, and Carla Martinez Machain. 2022. US Global Military Deployments, "
    "1950-2020. Conflict Management and Peace Science 39(3): 351-370; Kane, Tim. 2005. Global U.S. Troop Deployment, "
    "1950-2005. Heritage Foundation.",
    adapter_version=1,
    redistribution="ask",
    channels=("troops-stationed",),
    remotes=(
        Remote(
            url="https://raw.githubusercontent.com/meflynn/troopdata/8176d45b3c77bcd08caf4a698ebf0c331385fd8a/"
            "data-raw/troopdata-rebuild-country-year.csv",
            name="troopdata-rebuild-country-year.csv",
            form="country-year-csv",
            sha256="875aa5c712506950786d791feb2a01b030c61e9afbc6df37baee5f453ce5fe5e",
        ),
    ),
    forms=(
        Form(
            name="country-year-csv",
            describes="troopdata-rebuild-country-year.csv of the troopdata package",
            recognise=_recognise,
            read=read,
        ),
    ),
    quirks=(
        "A state that a report does not list has a 0: it is a known zero and becomes no act.",
        "Codes from 1000 on and 6 (Puerto Rico) are the providers' own, for places that are no states: their rows are "
        "refused and counted.",
        "The United States' own rows are refused and counted.",
        "Some hosts stand twice in a year under two spellings, once with 0: both rows are kept, the zero becomes no act; "
        "two numbers above zero refuse the file.",
        "There were no reports for 1951 and 1952: the numbers are the provider's interpolation, as the act's note says.",
        "Rows before a state's independence stand under its later name: they are refused and counted.",
        "Personnel deployed to Afghanistan from 2021, to Iraq from 2022, to Syria from 2021 and to Kuwait in 2003-2005 "
        "are not in the reports: numbers under 500 there are taken as unknown and stored without a value.",
        "Vietnam is one host (816) throughout; until 1975 the troops under it stood in South Vietnam (VDR), and for North "
        "Vietnam nothing is known.",
        "The last year rests on the reports published when the file was made (2024: until June 2024).",
        "States are read by ISO code, and by number only where the code is missing, because editions differ in whether "
        "the numbers are COW's or Gleditsch-Ward's.",
    ),
)
