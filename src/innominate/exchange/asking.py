"""The question put to a library: who gains what from whom among some states, since when, until when."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

import polars as pl

from innominate import states as registry
from innominate.errors import InputError
from innominate.exchange.complementarity import complementarity
from innominate.exchange.dependence import asymmetry, dependence, with_zeros
from innominate.exchange.flows import TIE, totals, yearly
from innominate.exchange.gains import MEASURE, Gains, read_gains
from innominate.exchange.interlock import interlocking
from innominate.exchange.kinds import COUNTED, HAND_KEPT, NEWS
from innominate.exchange.removal import what_if
from innominate.exchange.result import Exchange
from innominate.exchange.seen import seen
from innominate.ledger import GAINS, Imported, Library

MOST = 12


def exchange(
    library: Library,
    states: Sequence[str],
    since: int | None = None,
    until: int | None = None,
    *,
    ledgers: Sequence[Imported] = (),
    worlds: int = 999,
    seed: int = 0,
    progress: Callable[[str], None] | None = None,
) -> Exchange:
    """Who gains what from whom among some states.

    Parameters
    ----------
    library : any library
    states : two to twelve, by code or name
    since, until : first and last year, inclusive; by default the ten years to the last year with any gain
    ledgers : ledgers of acts to be counted beside the library's (:func:`innominate.sources.acts_csv.read_ledger`)
    worlds, seed : of the null model of interlock

    Raises
    ------
    InputError : fewer than two states, more than twelve, a state twice, years in the wrong order
    """
    tell = progress or (lambda _: None)
    codes = _checked(states, until or since)
    first, last = _years(library, ledgers, since, until)
    tell("reading acts")
    gains = read_gains(library, first, last, ledgers)
    tell("adding up")
    by_year = yearly(gains)
    everyone = sorted({*(code for year in {first, last} for code in registry.alive(year)), *codes})
    looked = seen(gains, everyone)
    flows = with_zeros(dependence(totals(gains, by_year), looked, everyone), looked, everyone, codes)
    tell("what if")
    cut = what_if(flows, codes, _sanctions(library, first, last))
    hand = pl.col("dataset").str.starts_with(HAND_KEPT)
    apart = ~pl.col("mutual") & (pl.col("unit") != NEWS) & (~hand | (pl.col("unit") == COUNTED))
    one_way = replace(gains, acts=gains.acts.filter(apart))
    ties = dependence(totals(one_way, yearly(one_way)), looked, everyone) if one_way.acts.height else flows.clear()
    rings = interlocking(ties.filter(pl.col("share").is_not_null()), codes, worlds=worlds, seed=seed, progress=progress)
    return Exchange(
        codes,
        (first, last),
        flows,
        _yearly_of(by_year, codes),
        asymmetry(flows, codes),
        complementarity(flows, codes),
        rings,
        cut,
        _acts_between(library, ledgers, gains, codes),
        _notes(gains, flows, codes),
    )


def _checked(states: Sequence[str], year: int | None) -> tuple[str, ...]:
    codes = tuple(registry.resolve(name, year) if year else registry.resolve(name) for name in states)
    if not 2 <= len(codes) <= MOST:
        raise InputError(f"exchange is asked of 2 to {MOST} states, not of {len(codes)}")
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        raise InputError(f"the state {twice[0]} stands twice")
    return codes


def _years(library: Library, ledgers: Sequence[Imported], since: int | None, until: int | None) -> tuple[int, int]:
    if until is None:
        ends = [library.query('SELECT max("end") AS last FROM acts')["last"].item()]
        ends += [ledger.tables["acts"]["end"].max() for ledger in ledgers if "acts" in ledger.tables]
        known = [day.year for day in ends if isinstance(day, date)]
        until = max([*known, since] if since else known, default=date.today().year)
    first = since if since is not None else until - 9
    if not 1816 <= first <= until <= 2100:
        raise InputError(f"the years run from {first} to {until}; give a first and a last year between 1816 and 2100")
    return first, until


def _yearly_of(by_year: pl.DataFrame, codes: Sequence[str]) -> pl.DataFrame:
    """giver, receiver, kind, dataset, unit, year, low, value, high, acts, open, total: flows to the states, by year."""
    to = by_year.filter(pl.col("receiver").is_in(list(codes)))
    total = pl.col("value").sum().over("receiver", *MEASURE, "year").alias("total")
    return to.with_columns(total).filter(pl.col("giver").is_in(list(codes))).drop("level").sort(*TIE, "year")


def _sanctions(library: Library, first: int, last: int) -> set[tuple[str, str]] | None:
    """(who, on whom): sanctions in force in the last year of the span that a dataset covers; None where none does."""
    reach = library.query("SELECT max(year(last)) AS last FROM coverage WHERE channel = 'sanctions'")["last"].item()
    if reach is None or reach < first:
        return None
    year = min(int(reach), last)
    span = [date(year, 1, 1), date(year, 12, 31)]
    sql = """SELECT DISTINCT source, target FROM acts WHERE channel = 'sanctions' AND directed
             AND "end" >= $1 AND start <= $2"""
    return set(library.query(sql, span).iter_rows())


_ACTS = """
SELECT act_id, note, citation FROM acts
WHERE list_contains($1, source) AND list_contains($1, target) AND "end" >= $2 AND start <= $3
"""


def _acts_between(library: Library, ledgers: Sequence[Imported], gains: Gains, codes: Sequence[str]) -> pl.DataFrame:
    """Acts between the states, without events in the news and without the same act counted in a second unit."""
    inside = pl.col("giver").is_in(list(codes)) & pl.col("receiver").is_in(list(codes))
    own = gains.acts.filter(inside & (pl.col("unit") != NEWS))
    own = own.sort(pl.col("unit") == COUNTED, maintain_order=True).unique(
        ["act_id", "giver", "receiver"], keep="first", maintain_order=True
    )
    said = [library.query(_ACTS, [list(codes), gains.first, gains.last])]
    for ledger in ledgers:
        said.append(ledger.tables["acts"].select("act_id", "note", "citation"))
    words = pl.concat(said, how="vertical_relaxed").unique("act_id", keep="first")
    chosen = own.join(words, on="act_id", how="left").drop("level")
    return chosen.sort("start", "act_id", "giver")


def _notes(gains: Gains, flows: pl.DataFrame, codes: Sequence[str]) -> tuple[str, ...]:
    own = flows.filter(pl.col("receiver").is_in(list(codes)) & (pl.col("acts") > 0))
    absent = [gain.title.lower() for name, gain in GAINS.items() if name not in set(own["kind"])]
    notes = []
    if absent:
        years = f"{gains.first.year}–{gains.last.year}"
        notes.append(
            f"Nothing in the library tells of {', '.join(absent)} given to these states in {years}: unknown, not zero."
        )
    hand = sorted({name for name in own["dataset"] if name.startswith(HAND_KEPT)})
    if hand:
        notes.append(f"Shares of basis recorded are of what {', '.join(hand)} records, not of everything.")
    if own.filter(pl.col("unit") == NEWS).height:
        notes.append(
            "Events are counts of news reports: they show attention as well as deeds and stay out of interlock."
        )
    if own.height:
        notes.append("Amounts are sums over these years; troops, missions and workers abroad are averages over them.")
    opened = own.filter((pl.col("open") > 0) & pl.col("giver").is_in(list(codes)))
    if opened.height:
        notes.append(
            f"{opened.height} flows between these states hold acts of unknown amount: their totals are at least that."
        )
    same = own.filter(pl.col("low") != pl.col("high"))
    if not same.height:
        notes.append("No source here gives a range for an amount; a range without width is not certainty.")
    return tuple(notes)
