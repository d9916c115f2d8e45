"""Evidence for and against the claim that pairs act as allies, and the checks on its verdict.

The same questions are asked of every pair, and each answer goes to the side to which its number points.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from innominate.alignment.why import ORIGIN
from innominate.cases.findings import Check, Number, Sentence, Verdict
from innominate.cases.treaties import Joint
from innominate.cases.verdicts import judge
from innominate.cases.view import Z90, Level, View
from innominate.cases.wording import listed, mid_sentence, pair_name, sentence, span
from innominate.chances import normal_above
from innominate.ledger import CHANNELS

MANY_CHANNELS = 5  # that should have looked at a pair before one is confident
TELLING = 0.02  # contributions smaller than this are not worth a line
TELLING_RATIO = 3.0  # how many times as often committed pairs must clear the bar as others for it to tell them apart
CLEAR = 0.90  # probability from which a change counts as a rise or a fall

Judge = Callable[[Mapping[str, "Measured | None"], float], Verdict]


@dataclass(frozen=True, slots=True)
class Measured:
    """One pair as judged: its path, its level now and before, the channels' contributions in the
    last year judged, and its dated turns since the span compared with began."""

    key: str
    path: pl.DataFrame
    now: Level
    then: Level | None
    contributions: pl.DataFrame
    turns: pl.DataFrame

    def change(self) -> tuple[float, float] | None:
        """Change of level from before to now, and its standard deviation (errors of the two spans independent)."""
        if self.then is None:
            return None
        return self.now.mean - self.then.mean, float(np.hypot(self.now.sd, self.then.sd))

    def without(self, channel: str) -> Measured:
        """The same with the contribution of one channel taken away."""
        share = self.contributions.filter(pl.col("channel") == channel)["contribution"].sum()
        return replace(self, now=replace(self.now, mean=self.now.mean - float(share)))

    def channels(self) -> list[str]:
        """The channels that contribute."""
        return [name for name in self.contributions["channel"] if name != ORIGIN]


def pair_numbers(pair: Measured, view: View) -> list[Number]:
    """The numbers given for one pair."""
    key, name = pair.key, pair_name(pair.key)
    source = ", ".join(sorted(pair.channels()))
    years, bar = span(pair.now.years), view.bars["quartile"]
    last = pair.path.filter(pl.col("year") == pair.now.years[-1]).row(0, named=True)
    found = [
        Number(f"{key}.level", f"{name}: alignment in {years}", pair.now.mean, "alignment", pair.now.low, pair.now.high, source=source),
        Number(f"{key}.probability", f"{name}: probability above the bar", pair.now.above(bar), "probability", source=source),
        Number(f"{key}.median", f"{name}: probability above the median NATO pair", pair.now.above(1.0), "probability", source=source),
        Number(f"{key}.rank", f"{name}: rank in {last['year']}", last["rank"], "rank", of=last["of"], source="alignment of all pairs"),
        Number(f"{key}.of", f"pairs ranked in {last['year']}", last["of"], "count", source="alignment of all pairs"),
        Number(f"{key}.channels", f"{name}: channels that looked, in the best year", pair.now.channels, "count", source=source),
    ]  # fmt: skip
    found += _before_numbers(pair, name, source)
    for channel, contribution in pair.contributions.select("channel", "contribution").iter_rows():
        if channel != ORIGIN:
            label = f"{name}: contribution of {CHANNELS[channel].title} in {last['year']}"
            found.append(Number(f"{key}.why.{channel}", label, contribution, "change", source=channel))
    return [*found, *_turn_numbers(pair, name, source)]


def _turn_numbers(pair: Measured, name: str, source: str) -> list[Number]:
    found = []
    for turn in pair.turns.iter_rows(named=True):
        key, label = f"{pair.key}.turn.{turn['year']}", f"{name}: turn of {turn['year']}"
        found += [
            Number(key, f"{label}, change", turn["change"], "change", turn["low"], turn["high"], source=source),
            Number(f"{key}.probability", f"{label}, probability", turn["probability"], "probability", source=source),
        ]
    return found


def _before_numbers(pair: Measured, name: str, source: str) -> list[Number]:
    change = pair.change()
    if change is None or pair.then is None:
        return []
    then, (difference, sd) = pair.then, change
    low, high = difference - Z90 * sd, difference + Z90 * sd
    rose = float(normal_above(0.0, difference, sd))
    early = pair.path.filter(pl.col("year") == then.years[-1]).row(0, named=True)
    key = pair.key
    return [
        Number(f"{key}.before", f"{name}: alignment in {span(then.years)}", then.mean, "alignment", then.low, then.high, source=source),
        Number(f"{key}.change", f"{name}: change since {span(then.years)}", difference, "change", low, high, source=source),
        Number(f"{key}.rose", f"{name}: probability of a rise", rose, "probability", source=source),
        Number(f"{key}.rank_before", f"{name}: rank in {early['year']}", early["rank"], "rank", of=early["of"], source="alignment of all pairs"),
    ]  # fmt: skip


def both_sides(
    known: Sequence[Measured], view: View, numbers: Iterable[Number], joint: Joint | None
) -> tuple[tuple[Sentence, ...], tuple[Sentence, ...]]:
    """Evidence for and against."""
    given = {number.key: number for number in numbers}
    sides: dict[bool, list[Sentence]] = {True: [], False: []}
    for pair in known:
        for points, pattern in (
            *_level_items(pair),
            *_change_items(pair),
            *_turn_items(pair),
            *_channel_items(pair),
            *_peer_items(pair, view),
        ):
            sides[points].append(sentence(pattern, given))
    for pattern in _bar_items(known, given):
        sides[False].append(sentence(pattern, given))
    if joint is not None and joint.absent in ("supported", "contradicted"):
        sides[joint.absent == "supported"].append(sentence(joint.sentence))
        if joint.lesser:
            sides[False].append(sentence(joint.lesser_sentence))
    asked = "Levels, changes, every channel and the comparison pairs were asked; none points this way."
    return tuple(sides[True] or [sentence(asked)]), tuple(sides[False] or [sentence(asked)])


def bar_numbers(known: Sequence[Measured], view: View) -> list[Number]:
    """How often pairs with and without a defence commitment clear the bar, in the last year judged."""
    if not known:
        return []
    year = max(pair.now.years[-1] for pair in known)
    rates = view.clearing(year)
    words = {True: "with", False: "without"}
    return [
        Number(f"clearing.{words[committed]}", f"pairs {words[committed]} a defence commitment above the bar in {year}",
               rates[committed], "share", source="alignment and commitments of all pairs")
        for committed in (True, False)
        if committed in rates
    ]  # fmt: skip


def _bar_items(known: Sequence[Measured], given: Mapping[str, Number]) -> list[str]:
    """The weakness of any bar: who else clears it."""
    if not known or "clearing.with" not in given or "clearing.without" not in given:
        return []
    return [
        "The bar is not proof by itself: {clearing.without} of all pairs without a defence commitment clear it too, as do "
        "{clearing.with} of those with one."
    ]


def _level_items(pair: Measured) -> list[tuple[bool, str]]:
    key, name = pair.key, pair_name(pair.key)
    above = pair.now.above(1.0) >= 0.5
    words = "more" if above else "less"
    text = f"{name} more likely shows {words} than the median NATO pair (probability of more: {{{key}.median}})."
    return [(above, text)]


def _change_items(pair: Measured) -> list[tuple[bool, str]]:
    change = pair.change()
    if change is None or pair.then is None:
        return []
    rose = float(normal_above(0.0, *change))
    key, before = pair.key, span(pair.then.years)
    text = f"since {before}: {{{key}.change|full}}, rank {{{key}.rank_before}} then and {{{key}.rank}} now."
    if rose >= CLEAR:
        return [(True, f"{pair_name(key)} drew closer {text}")]
    if rose <= 1 - CLEAR:
        return [(False, f"{pair_name(key)} drew apart {text}")]
    return [(False, f"{pair_name(key)} shows no clear change {text}")]


def _turn_items(pair: Measured) -> list[tuple[bool, str]]:
    """Dated turns: the years in which the pair moved faster than it otherwise does."""
    found: list[tuple[bool, str]] = []
    for turn in pair.turns.iter_rows(named=True):
        key, up = f"{pair.key}.turn.{turn['year']}", turn["direction"] == "up"
        side = "closer" if up else "apart"
        text = f"turned {side} in {turn['year']}: {{{key}|full}}, probability of a turn {{{key}.probability}}."
        found.append((up, f"{pair_name(pair.key)} {text}"))
    return found


def _channel_items(pair: Measured) -> list[tuple[bool, str]]:
    found: list[tuple[bool, str]] = []
    for points in (True, False):
        sign = 1 if points else -1
        strong = [
            (channel, value)
            for channel, value in pair.contributions.select("channel", "contribution").iter_rows()
            if channel != ORIGIN and sign * value >= TELLING
        ]
        if strong:
            each = [f"{mid_sentence(CHANNELS[name].title)} ({{{pair.key}.why.{name}}})" for name, _ in strong[:4]]
            verb = "raise" if points else "lower"
            found.append((points, f"{pair_name(pair.key)}: what {verb}s it most: {listed(each)}."))
    return found


def _peer_items(pair: Measured, view: View) -> list[tuple[bool, str]]:
    """Where the pair stands against the comparison pairs in its last judged year."""
    year = pair.now.years[-1]
    own = float(pair.path.filter(pl.col("year") == year)["alignment"][0])
    others = view.table.filter((pl.col("year") == year) & pl.col("key").is_in(list(view.comparisons)))
    found: list[tuple[bool, str]] = []
    for points in (True, False):
        side = others.filter((pl.col("alignment") < own) if points else (pl.col("alignment") >= own))
        if side.height:
            names = listed([pair_name(key) for key in side.sort("alignment", "key", descending=[True, False])["key"]])
            found.append((points, f"{pair_name(pair.key)} ranks {'above' if points else 'below'} {names} in {year}."))
    return found


def checks(
    measured: Mapping[str, Measured | None], view: View, verdict: Verdict, since: int, judge_group: Judge
) -> list[Check]:
    """Would the verdict stand with another bar, without any one channel; do enough channels look; does the bar tell?"""
    bars = view.bars
    known = [pair for pair in measured.values() if pair is not None]
    if not known:
        return []
    fewest = min(known, key=lambda pair: pair.now.channels)
    enough = len(known) == len(measured) and fewest.now.channels >= MANY_CHANNELS
    moved = [name for name in ("tenth", "median") if judge_group(measured, bars[name]) != verdict]
    titles = {"tenth": "the 10th percentile of NATO pairs", "median": "the median NATO pair"}
    fragile = _fragile(measured, bars["quartile"], verdict, judge_group)
    return [
        _telling(view, known),
        _enough_years(view, known, since),
        Check(
            "Enough channels",
            enough,
            sentence(
                f"The pair seen by fewest channels is {pair_name(fewest.key)}, with {fewest.now.channels}; "
                f"{MANY_CHANNELS} are asked for."
            ),
        ),
        Check(
            "Another bar",
            not moved,
            sentence(
                f"The verdict would change with the bar at {listed([titles[name] for name in moved], 'or')}."
                if moved
                else "The verdict stands with the bar at the 10th percentile and at the median of NATO pairs."
            ),
        ),
        Check(
            "One channel less",
            not fragile,
            sentence(fragile or "The verdict stands when any one channel's contribution is taken away."),
        ),
    ]


def _fragile(measured: Mapping[str, Measured | None], bar: float, verdict: Verdict, judge_group: Judge) -> str:
    """Which channels, taken away from which pair, change the verdict: by the pair itself, or only by what holds of all together."""
    known = [pair for pair in measured.values() if pair is not None]
    own: dict[str, list[str]] = {}
    together: dict[str, list[str]] = {}
    for pair in known:
        for channel in pair.channels():
            less = pair.without(channel)
            if judge_group({**measured, pair.key: less}, bar) != verdict:
                itself = judge(less.now.above(bar)) != judge(pair.now.above(bar))
                names = (own if itself else together).setdefault(pair_name(pair.key), [])
                names.append(mid_sentence(CHANNELS[channel].title))
    said = []
    for words, found in (
        ("would change the verdict", own),
        ("would tip what holds of all pairs together, though the pair itself stays where it is", together),
    ):
        each = [f"{name} without its {listed(lost, 'or')}" for name, lost in found.items()]
        if each:
            said.append(f"One channel taken away {words}: {'; '.join(each)}.")
    return " ".join(said)


def _telling(view: View, known: Sequence[Measured]) -> Check:
    """Does the bar tell pairs with a defence commitment from pairs without?"""
    rates = view.clearing(max(pair.now.years[-1] for pair in known))
    have, lack = rates.get(True), rates.get(False)
    if have is None or lack is None:
        return Check("A telling bar", False, sentence("Whether the bar tells allies from others could not be checked."))
    times = f"{have / lack:.1f} times as often as" if lack > 0 else "while none of"
    words = (
        f"Pairs with a defence commitment clear the bar {times} those without; {TELLING_RATIO:.0f} times is asked for."
    )
    return Check("A telling bar", lack == 0 or have / lack >= TELLING_RATIO, sentence(words))


def _enough_years(view: View, known: Sequence[Measured], since: int) -> Check:
    """Do at least half of the years asked about count?"""
    asked = view.study.years[1] - since + 1
    fewest = min(len(pair.now.years) for pair in known)
    words = f"{fewest} of the {asked} years from {since} on count for the pair with fewest; half are asked for."
    return Check("Enough years", 2 * fewest >= asked, sentence(words))


def seen_through(measured: Mapping[str, Measured | None]) -> str:
    """The words that open a finding which rests on few channels; nothing where enough looked."""
    known = [pair for pair in measured.values() if pair is not None]
    if not known or min(pair.now.channels for pair in known) >= MANY_CHANNELS:
        return ""
    names = {name for pair in known for name in pair.channels()}
    return f"Seen through little more than {listed([mid_sentence(CHANNELS[name].title) for name in CHANNELS if name in names])}: "


def unseen_channels(view: View, key: str, years: Sequence[int]) -> list[str]:
    """Titles of the channels of the panel that did not look at the pair in any of the years."""
    panel = view.fit.panel
    place = panel.pair(*key.split("-"))
    inside = np.isin(panel.years, list(years))
    looked = np.isfinite(panel.z[place][inside]).any(axis=0)
    seen = {series.channel for series, found in zip(panel.series, looked, strict=True) if found}
    every = {series.channel for series in panel.series}
    return [mid_sentence(CHANNELS[name].title) for name in CHANNELS if name in every - seen]
