"""SIPRI trade register: who delivered which major conventional arms to whom, deal by deal since 1950.

A deal lists the years in which something was delivered but not how much in each. Its volume (SIPRI TIV of delivered
weapons) is therefore spread evenly over the listed years: a deal of 12 million TIV delivered in 2003 and 2004 becomes
two acts of 6 million TIV.

Kept are the deals that led to at least one act and the deals understood to have no delivery yet.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path

import polars as pl

from innominate import states
from innominate.errors import BadFile
from innominate.ledger import Imported, Oddity
from innominate.sources.contents import decode, read_bytes
from innominate.sources.reading import TEXT, TEXT_OR_NULL, Column, parse_csv
from innominate.sources.records import fields_of
from innominate.sources.shaping import coverage, make_acts, resolve_states, states_only, year_span
from innominate.sources.spec import Form, Peek, Source

NAME = "sipri-arms"
FIRST_YEAR = 1950
MOST_REPEATED = 0.02  # share of a register that may consist of deals exactly like another

_NUMBER = Column("float", null=True, low=0, high=10**9)  # far beyond any deal
_COLUMNS = {
    "Recipient": TEXT,
    "Supplier": TEXT,
    "Year of order": Column("year", null=True),
    "Year of order ?": TEXT_OR_NULL,
    "Number ordered": _NUMBER,
    "Number ordered ?": TEXT_OR_NULL,
    "Weapon designation": TEXT_OR_NULL,
    "Weapon description": TEXT_OR_NULL,
    "Number delivered": _NUMBER,
    "Number delivered ?": TEXT_OR_NULL,
    "Year(s) of delivery": TEXT_OR_NULL,
    "status": TEXT_OR_NULL,
    "Comments": TEXT_OR_NULL,
    "SIPRI TIV per unit": _NUMBER,
    "SIPRI TIV for total order": _NUMBER,
    "SIPRI TIV of delivered weapons": _NUMBER,
}
_HEADER_START = ("Recipient", "Supplier", "Year of order")
_YEARS = r"^\d{4}(-\d{4})?(\s*;\s*\d{4}(-\d{4})?)*$"
_SELECTION = re.compile(
    r"arms from (.+?) to (.+?)\s*\. Deals with deliveries made for the year range '(.+?)' to '(.+?)'"
)
_GENERATED = re.compile(r"Data generated: (\d{1,2} \w+ \d{4})")


def read(path: Path) -> Imported:
    """A trade register as SIPRI's web site writes it: a preamble, a header, one deal a line."""
    text = decode(read_bytes(path), path.name, "latin-1")
    lines, header = _preamble(text, path.name)
    first, last, suppliers, recipients = _selection("\n".join(lines), path.name)
    body = "\n".join([*lines, ",".join(f'"{name}"' for name in header), *text.split("\n")[len(lines) + 1 :]])
    deals = parse_csv(body.encode(), path.name, _COLUMNS, skip_lines=len(lines))
    oddities = _repeated(deals, path.name)
    parties, refused = _parties(deals, path.name)
    oddities += refused
    deliveries = _deliveries(parties, path.name, last + 1)
    acts, lost = _alive(deliveries)
    oddities += [*lost, *_undelivered(parties)]
    scope = f"from:{suppliers}" if suppliers else f"to:{recipients}" if recipients else "all"
    part = scope.replace(":", "-")
    label = NAME if part == "all" else f"{NAME}/{part}"
    stored = year_span(acts)
    return Imported(
        dataset=NAME,
        part=part,
        tables={
            "acts": make_acts(
                stored, dataset=label, file=path.name, unit="million TIV", directed=True, channel="arms", key=("year",)
            ),
            "coverage": coverage(label, "arms", date(first, 1, 1), date(last, 12, 31), scope),
        },
        rows=deals.height,
        kept=deals.height - sum(odd.rows for odd in oddities if odd.refused),
        oddities=tuple(oddities),
    )


def _preamble(text: str, name: str) -> tuple[list[str], list[str]]:
    """The lines before the header, and the header with its nameless columns called after the column before."""
    lines = text[: 1 << 16].split("\n")
    for number, line in enumerate(lines[:60]):
        fields = fields_of(line)
        if tuple(fields[:3]) == _HEADER_START:
            named: list[str] = []
            for field in fields:
                named.append(field.strip() or f"{named[-1]} ?")
            return lines[:number], named
    raise BadFile(name, f"no header beginning with {', '.join(_HEADER_START)} in the first 60 lines")


def _selection(preamble: str, name: str) -> tuple[int, int, str | None, str | None]:
    """First and last year covered, and the supplier or recipient that the register is limited to, if any."""
    chosen, generated = _SELECTION.search(preamble), _GENERATED.search(preamble)
    if chosen is None or generated is None:
        raise BadFile(name, "the lines before the header do not say which parties and years were selected, and when")
    try:
        until = datetime.strptime(generated[1], "%d %B %Y").year - 1
    except ValueError:
        raise BadFile(name, f"no date: 'Data generated: {generated[1]}'") from None
    low, high = (int(year) if year.isdigit() else None for year in chosen.groups()[2:])
    first, last = max(low or FIRST_YEAR, FIRST_YEAR), min(high or until, until)
    if last < first:
        raise BadFile(name, f"covers no full year ({first} to {last})")
    supplier, recipient = (None if who.strip() == "All countries" else who.strip() for who in chosen.groups()[:2])
    if supplier and recipient:
        raise BadFile(name, f"is limited to {supplier} and {recipient}: export the register of all countries")
    limits = [who and states.resolve_many(pl.Series([who]), None, system="name")[0] for who in (supplier, recipient)]
    if (supplier or recipient) and not any(limits):
        raise BadFile(name, f"is limited to {supplier or recipient}, which is no single state")
    return first, last, limits[0], limits[1]


def _repeated(deals: pl.DataFrame, name: str) -> list[Oddity]:
    """Deals exactly like another: SIPRI lists a few, a file that was doubled has many."""
    again = deals.filter(~pl.struct(pl.exclude("row")).is_first_distinct())
    if again.height > MOST_REPEATED * deals.height:
        shown = f"{again['Supplier'][0]} to {again['Recipient'][0]}"
        raise BadFile(name, f"the deal {shown} stands twice, as do {again.height} rows in all", int(again["row"][0]))
    return [Oddity("exactly like another deal; both count", again.height, False, _first(again))] if again.height else []


def _parties(deals: pl.DataFrame, name: str) -> tuple[pl.DataFrame, list[Oddity]]:
    """The deals between states that have ever existed; a name that is no state's and carries no asterisk is an error."""
    foreign = pl.any_horizontal(
        pl.col(side).str.ends_with("*") | pl.col(side).str.starts_with("unknown ") for side in ("Supplier", "Recipient")
    )
    outside = deals.filter(foreign)
    oddities = [_refused("a party is a rebel group, an organisation or unknown", outside)]
    between, _ = resolve_states(
        deals.filter(~foreign), {"from": "Supplier", "to": "Recipient"}, years=None, system="name", file=name
    )
    between, dependent = states_only(between, ("from", "to"))
    oddities += dependent
    within = between.filter(pl.col("from") == pl.col("to"))
    oddities.append(_refused("both parties are the same state here", within))
    return between.filter(pl.col("from") != pl.col("to")), [odd for odd in oddities if odd.rows]


def _deliveries(deals: pl.DataFrame, name: str, final: int) -> pl.DataFrame:
    """One row for each deal and year of delivery, with an even share of the deal's volume."""
    listed = pl.col("Year(s) of delivery").str.strip_chars()
    odd = deals.filter(~listed.str.contains(_YEARS))
    if odd.height:
        value = odd["Year(s) of delivery"][0]
        raise BadFile(name, f"column Year(s) of delivery: {value[:60]!r} is no list of years", int(odd["row"][0]))
    spans = deals.filter(listed.is_not_null()).with_columns(listed.str.split(";").alias("span")).explode("span")
    from_to = spans.with_columns(
        pl.col("span").str.extract(r"(\d{4})").cast(pl.Int64).alias("low"),
        pl.col("span").str.extract(r"(\d{4})\s*$").cast(pl.Int64).alias("high"),
    )
    wrong = from_to.filter((pl.col("low") < FIRST_YEAR) | (pl.col("high") > final) | (pl.col("high") < pl.col("low")))
    if wrong.height:
        value = wrong["span"][0].strip()
        raise BadFile(
            name, f"column Year(s) of delivery: {value!r} is not within {FIRST_YEAR}-{final}", int(wrong["row"][0])
        )
    listed = pl.int_ranges("low", pl.col("high") + 1).alias("year")
    yearly = from_to.with_columns(listed).explode("year").drop("low", "high")
    share = pl.col("SIPRI TIV of delivered weapons") / pl.len().over("row")
    return yearly.unique(["row", "year"], maintain_order=True).with_columns(
        share.alias("value"), pl.col("Weapon description").alias("code"), _note().alias("note")
    )


def _note() -> pl.Expr:
    """The whole deal: what was delivered, when ordered, which figures SIPRI marks as uncertain, over how many years."""
    uncertain = [
        pl.when(pl.col(f"{column} ?").str.contains("?", literal=True)).then(pl.lit(column.lower()))
        for column in ("Year of order", "Number ordered", "Number delivered")
    ]
    doubts, years = pl.concat_str(uncertain, separator=", ", ignore_nulls=True), pl.len().over("row")
    return pl.concat_str(
        [
            pl.concat_str([pl.col("Number delivered").cast(pl.Int64), pl.col("Weapon designation")], separator=" × "),
            pl.lit("ordered ") + pl.col("Year of order").cast(pl.String),
            pl.col("status").str.to_lowercase(),
            pl.when(doubts != "").then(pl.lit("uncertain: ") + doubts),
            pl.when(years > 1).then(pl.concat_str(pl.lit("spread evenly over "), years, pl.lit(" years"))),
        ],
        separator="; ",
        ignore_nulls=True,
    )


def _alive(deliveries: pl.DataFrame) -> tuple[pl.DataFrame, list[Oddity]]:
    """The deliveries of years in which both states existed, and the deals that lost some or all of theirs."""
    dated = deliveries.with_columns(
        states.resolve_many(deliveries["Supplier"], deliveries["year"], system="name").alias("source"),
        states.resolve_many(deliveries["Recipient"], deliveries["year"], system="name").alias("target"),
    )
    present = pl.col("source").is_not_null() & pl.col("target").is_not_null() & (pl.col("source") != pl.col("target"))
    some = dated.group_by("row", maintain_order=True).agg(
        present.fill_null(False).any().alias("any"), present.fill_null(False).all().alias("all")
    )
    none, part = some.filter(~pl.col("any")), some.filter(pl.col("any") & ~pl.col("all"))
    oddities = [
        _refused("a party was no state yet, or no longer, when the arms were delivered", none),
        Oddity("some years of delivery left out: a party was no state then", part.height, False, _first(part)),
    ]
    unsized = dated.filter(present & pl.col("value").is_null()).unique("row", maintain_order=True)
    oddities.append(Oddity("delivered, volume not known", unsized.height, False, _first(unsized)))
    return dated.filter(present), [odd for odd in oddities if odd.rows]


def _undelivered(deals: pl.DataFrame) -> list[Oddity]:
    waiting = deals.filter(pl.col("Year(s) of delivery").is_null())
    return (
        [Oddity("ordered, not delivered yet: no act", waiting.height, False, _first(waiting))] if waiting.height else []
    )


def _refused(reason: str, frame: pl.DataFrame) -> Oddity:
    return Oddity(reason, frame.height, True, _first(frame))


def _first(frame: pl.DataFrame) -> tuple[int, ...]:
    return tuple(int(row) for row in frame["row"].head(5))


def _recognise(look: Peek) -> bool:
    return look.kind in ("text", "gzip") and "SIPRI" in look.head and "Year(s) of delivery" in look.head


SOURCE = Source(
    name=NAME,
    title="SIPRI Arms Transfers Database: trade register",
    producer="Stockholm International Peace Research Institute (SIPRI)",
    home="https://www.sipri.org/databases/armstransfers",
    licence="SIPRI terms: free for non-commercial use with attribution; tables are not to be redistributed",
    citation="SIPRI Arms Transfers Database, Stockholm International Peace Research Institute, "
    "https://www.sipri.org/databases/armstransfers",
    adapter_version=1,
    redistribution="ask",
    channels=("arms",),
    forms=(
        Form(
            name="trade-register-csv",
            describes="trade register exported from SIPRI's web site as CSV (11 lines of preamble, Latin-1)",
            recognise=_recognise,
            read=read,
        ),
    ),
    quirks=(
        "A deal lists its years of delivery without amounts: its volume is spread evenly over the listed years.",
        "A deal without a year of delivery was ordered and not delivered yet: it is kept, counted and becomes no act.",
        "Names ending in an asterisk (rebel groups *, organisations **) and unknown suppliers or recipients are no "
        "states: their deals are refused and counted.",
        "Territories and states that hardly anybody recognised (Aruba, Biafra, Katanga, Northern Cyprus, Western Sahara) "
        "are no states: their deals are refused and counted.",
        "Deliveries before a state's independence stand under its later name: these years are left out and counted.",
        "A few deals stand twice, alike in every column: both count; a file with more than 2 % of them is refused.",
        "A question mark beside the order year or a number marks it as uncertain: it is kept in the act's note.",
        "The year in which the register was generated is incomplete: coverage ends with the year before.",
        "There is no fixed address: the register is selected and exported at the web site (all countries, all years).",
    ),
)
