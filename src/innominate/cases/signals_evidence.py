"""Evidence for and against the claim that appearances are backed by acts, and the checks on its verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from innominate.cases.findings import Check, Number, Sentence
from innominate.cases.view import Z90
from innominate.cases.wording import pair_name, sentence
from innominate.chances import normal_above
from innominate.signals import CODED, KEPT, OTHERS, Effect, Signals, together_name

MATERIAL, AGREEMENT, CONFLICT = "material", "agreement", "conflict"
ENOUGH = 10  # visits of the pairs, before one is confident
BEFORE = (-3, -1)  # months in which a rise is anticipation, not consequence


@dataclass(frozen=True)
class Told:
    """What an event study tells of some pairs.

    Attributes
    ----------
    found : the study
    keys : the pairs
    months : the horizon judged
    """

    found: Signals
    keys: Sequence[str]
    months: int

    @property
    def any(self) -> bool:
        """Whether anything could be followed up at all."""
        return self.found.effects.height > 0

    @property
    def days(self) -> list[date]:
        """First days of the pairs' visits."""
        return list(self.own_days()["date"])

    def own_days(self) -> pl.DataFrame:
        """Visits of the pairs, with where they were seen."""
        named = self.found.occasions.with_columns((pl.col("a") + "-" + pl.col("b")).alias("key"))
        return (
            named.filter(pl.col("key").is_in(list(self.keys)))
            .select("key", "date", "family", "acts")
            .sort("key", "date")
        )

    def curve(self) -> pl.DataFrame:
        """Month by month, material cooperation and conflict after visits in coded events."""
        shown = self.found.curve.filter((pl.col("family") == CODED) & pl.col("outcome").is_in([MATERIAL, CONFLICT]))
        return shown.select("group", "outcome", "month", "ratio", "low", "high", "occasions")

    def effect(self, group: str, outcome: str, months: int | None = None, family: str = CODED) -> Effect | None:
        """The effect in a group after visits of a family; None where none could be followed up."""
        rows = self.found.effects.filter(
            (pl.col("group") == group) & (pl.col("family") == family) & (pl.col("outcome") == outcome)
            & (pl.col("unit") == "month") & (pl.col("horizon") == (months or self.months))
        )  # fmt: skip
        if not rows.height:
            return None
        row = rows.row(0, named=True)
        return Effect(**{field: row[field] for field in Effect.__slots__})

    def yearly(self) -> dict[str, object] | None:
        """Material cooperation in the year after visits in tables of visits, all other pairs."""
        rows = self.found.effects.filter(
            (pl.col("group") == OTHERS) & (pl.col("family") != CODED) & (pl.col("outcome") == MATERIAL)
            & (pl.col("unit") == "year") & (pl.col("horizon") == 1)
        )  # fmt: skip
        return rows.row(0, named=True) if rows.height else None


def numbers(told: Told, after: Effect | None) -> list[Number]:
    """Every number given."""
    found: list[Number] = []
    groups = [("own", together_name(told.keys), "these pairs"), ("others", OTHERS, "all other pairs")]
    groups += [(key, key, pair_name(key)) for key in told.keys]
    for prefix, group, name in groups:
        effect = told.effect(group, MATERIAL)
        if effect is not None:
            found += _effect_numbers(prefix, name, effect, told.months)
            for outcome, words in ((CONFLICT, "conflict"), (AGREEMENT, "diplomatic cooperation and agreements")):
                other = told.effect(group, outcome)
                if other is not None:
                    found.append(_number(f"{prefix}.{outcome}", f"{name}: {words} after visits, over comparable months, net of ordinary dates", other.net,
                                         other.net_low, other.net_high))  # fmt: skip
            beyond = beyond_attention(told, group)
            if beyond is not None:
                found.append(
                    _number(
                        f"{prefix}.beyond", f"{name}: rise of material cooperation over rise of conflict", *beyond[:3]
                    )
                )
    if after is not None:
        found += _effect_numbers("date", "the day judged", after, told.months)
    yearly = told.yearly()
    if yearly is not None:
        found.append(_number("yearly", "all other pairs: material cooperation in the year after a leader's journey, over comparable pairs",
                             yearly["net"], yearly["net_low"], yearly["net_high"], "leaders' journeys"))  # fmt: skip
    kept = told.effect(together_name(told.keys), MATERIAL, family=KEPT)
    if kept is not None and kept.low <= kept.ratio <= kept.high:
        what = (
            f"material cooperation in {told.months} months after {kept.occasions} visits of the ledger, over forecast"
        )
        found.append(_number("kept", f"these pairs: {what}", kept.ratio, kept.low, kept.high, "the case's ledger"))
    before = anticipation(told)
    if before is not None:
        found.append(
            _number(
                "before",
                "all other pairs: material cooperation in the three months before visits, over forecast",
                before,
            )
        )
    return found


def _effect_numbers(prefix: str, name: str, effect: Effect, months: int) -> list[Number]:
    what = f"{name}: material cooperation in {months} months after visits"
    found = [
        Number(f"{prefix}.occasions", f"{name}: visits followed", effect.occasions, "count", source="coded events"),
        Number(f"{prefix}.observed", f"{what}, acts", effect.observed, "count", source="coded events"),
        Number(f"{prefix}.expected", f"{what}, forecast", effect.expected, "expected", source="coded events"),
        _number(f"{prefix}.ratio", f"{what}, over forecast", effect.ratio, effect.low, effect.high),
        _number(f"{prefix}.placebo", f"{what}, over forecast at other dates", effect.placebo, effect.placebo_low, effect.placebo_high),
        _number(f"{prefix}.matched", f"{what}, over comparable months", effect.matched, effect.matched_low, effect.matched_high),
        _number(f"{prefix}.net", f"{what}, over comparable months, net of ordinary dates", effect.net, effect.net_low, effect.net_high),
    ]  # fmt: skip
    for key, label, value in (
        ("above", "probability that the net ratio is above one", effect.above),
        ("placebo-p", "share of placebo dates with as high a ratio", effect.placebo_p),
    ):
        if np.isfinite(value):
            found.append(Number(f"{prefix}.{key}", f"{name}: {label}", value, "probability", source="coded events"))
    return found


def _number(
    key: str, label: str, value: object, low: object = None, high: object = None, source: str = "coded events"
) -> Number:
    """A ratio, unknown where it is not finite."""
    value, low, high = (
        float(one) if isinstance(one, float) and np.isfinite(one) else None for one in (value, low, high)
    )
    return Number(key, label, value, "ratio", low, high, source=source)


def beyond_attention(told: Told, group: str) -> tuple[float, float, float, float] | None:
    """Rise of material cooperation over that of conflict: ratio, 90 % interval, probability that it is above one.

    Both rises are taken as independent and normal on the log scale, which is cautious: they share pairs and months.
    """
    one, two = told.effect(group, MATERIAL), told.effect(group, CONFLICT)
    parts = []
    for effect in (one, two):
        if effect is None or not (effect.net > 0 and effect.net_low > 0 and np.isfinite(effect.net_high)):
            return None
        parts.append((np.log(effect.net), np.log(effect.net_high / effect.net_low) / (2 * Z90)))
    mean, spread = parts[0][0] - parts[1][0], float(np.hypot(parts[0][1], parts[1][1]))
    low, high = np.exp(mean - Z90 * spread), np.exp(mean + Z90 * spread)
    return float(np.exp(mean)), float(low), float(high), float(normal_above(0.0, mean, max(spread, 1e-9)))


def anticipation(told: Told) -> float | None:
    """Mean ratio to the forecast in the months just before visits of all other pairs."""
    rows = told.curve().filter(
        (pl.col("group") == OTHERS) & (pl.col("outcome") == MATERIAL) & pl.col("month").is_between(*BEFORE)
    )
    return float(np.average(rows["ratio"].to_numpy(), weights=rows["occasions"].to_numpy())) if rows.height else None


def checks(told: Told) -> list[Check]:
    """Would the answer stand at other dates, against attention, in other outcomes, with more visits?"""
    group = together_name(told.keys)
    own = told.effect(group, MATERIAL)
    if own is None:
        return []
    beyond, other = beyond_attention(told, group), told.effect(group, AGREEMENT)
    outside = not own.placebo_low <= own.ratio <= own.placebo_high
    agrees = other is not None and (other.net > 1) == (own.net > 1)
    return [
        Check("Placebo dates", outside, sentence(
            "The ratio to the forecast lies outside what other dates of the same pairs give." if outside
            else "Other dates of the same pairs give as high a ratio.")),
        Check("Beyond attention", beyond is not None and not beyond[1] <= 1 <= beyond[2], sentence(
            "Cooperation moved otherwise than conflict, so that it is not attention alone." if beyond is not None and not beyond[1] <= 1 <= beyond[2]
            else "Conflict moved as much as cooperation: it may be attention alone.")),
        Check("Another outcome", agrees, sentence(
            "Diplomatic cooperation and agreements moved the same way." if agrees
            else "Diplomatic cooperation and agreements did not move the same way.")),
        Check("Enough visits", own.occasions >= ENOUGH, sentence(
            f"{own.occasions} visits could be followed up; {ENOUGH} are asked for.")),
    ]  # fmt: skip


def both_sides(told: Told, given: Sequence[Number]) -> tuple[tuple[Sentence, ...], tuple[Sentence, ...]]:
    """The same questions whatever the verdict, each answer on the side to which its number points."""
    by_key = {number.key: number for number in given}
    sides: dict[bool, list[Sentence]] = {True: [], False: []}
    for prefix, who in (("own", "these pairs"), ("others", "all other pairs")):
        if f"{prefix}.net" not in by_key:
            continue
        net = by_key[f"{prefix}.net"]
        sides[(net.low or 0.0) > 1].append(sentence(
            f"Visits of {who} were followed by {{{prefix}.net|full}} times the material cooperation that comparable months without one and ordinary dates would lead one to expect.", by_key))  # fmt: skip
        ratio, band = by_key[f"{prefix}.ratio"], by_key[f"{prefix}.placebo"]
        beats = (ratio.value or 0.0) > (band.high or np.inf)
        sides[beats].append(sentence(
            f"At other dates of {who} the ratio to the forecast lies within {{{prefix}.placebo|interval}}; after visits it is {{{prefix}.ratio}}.", by_key))  # fmt: skip
        if f"{prefix}.beyond" in by_key:
            clear = (by_key[f"{prefix}.beyond"].low or 0.0) > 1
            sides[clear].append(sentence(
                f"Conflict after visits of {who} was {{{prefix}.conflict|full}} times what was to be expected: cooperation rose {{{prefix}.beyond|full}} times as much"
                + (", more than attention explains." if clear else ", which attention may explain."), by_key))  # fmt: skip
    if "before" in by_key:
        early = (by_key["before"].value or 0.0) > 1.1
        text = "In the three months before visits of all other pairs, cooperation already stood at {before} times the forecast"
        sides[not early].append(sentence(
            text + (": visits follow a rise as well as lead one." if early else ": no rise before them."), by_key))  # fmt: skip
    if "yearly" in by_key:
        clear = (by_key["yearly"].low or 0.0) > 1
        sides[clear].append(sentence(
            "In the year after a leader's journey, material cooperation was {yearly|full} times what comparable pairs and ordinary years would lead one to expect.", by_key))  # fmt: skip
    if "kept" in by_key:
        clear = (by_key["kept"].low or 0.0) > 1
        sides[clear].append(sentence(
            "After visits that the case's ledger tells of, material cooperation was {kept|full} times the forecast; too few comparable visits are kept for more.", by_key))  # fmt: skip
    if by_key:
        sides[False].append(
            sentence(
                "Visits that fill the news are picked by their news, and acts are coded from news: both may rise with reporting alone."
            )
        )
    return tuple(sides[True]), tuple(sides[False])
