"""Evidence for and against a reading, and the checks on its verdict.

Every expectation and every omission goes to the side to which its number points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from innominate.cases.findings import Check, Number, Sentence, Verdict
from innominate.cases.verdicts import judge, judge_range
from innominate.cases.view import View
from innominate.cases.wording import listed, mid_sentence, pair_name, sentence, show_number, state_in_sentence
from innominate.errors import InputError
from innominate.ledger import CHANNELS
from innominate.readings.diagnosis import Omission
from innominate.readings.mass import Mass
from innominate.readings.reading import Expectation, Quantity, Reading
from innominate.readings.turning import Turning
from innominate.readings.variants import Variant
from innominate.readings.weighing import Weighed, alone

TELLING = np.log(1.25)  # of a single expectation's factor: nearer to nought it points to neither side
VISIBLE = 0.005  # of a probability: a smaller change is not told
OMISSIONS = 6  # that are told in words
SHAPES = {
    "rises": "rises", "falls": "falls", "flat": "does not change", "does-not-rise": "does not rise",
    "does-not-fall": "does not fall", "above": "stands above", "below": "stands below", "larger": "is larger than",
    "rises-more": "rises more than", "leads": "moves ahead of", "follows": "moves after", "moves-with": "moves together with",
    "moves-apart": "does not move together with",
}  # fmt: skip


@dataclass(frozen=True)
class Judged:
    """Readings weighed, and what was asked about the answer.

    Attributes
    ----------
    weighed : the readings
    claimed : the reading that the claim holds to be true
    variants, omissions, turnings : sensitivity, diagnostic evidence, what would change the judgement
    """

    weighed: Weighed
    claimed: str
    variants: tuple[Variant, ...]
    omissions: tuple[Omission, ...]
    turnings: tuple[Turning, ...]

    @property
    def testable(self) -> bool:
        """Whether the claimed reading can be judged, and a rival beside it where there are any."""
        rivals = [one for one in self.weighed.supports if one.reading.name != self.claimed]
        return self.weighed.support(self.claimed).testable and (not rivals or any(one.testable for one in rivals))

    @property
    def pairs(self) -> list[str]:
        """Keys of the pairs spoken of."""
        return sorted({q.pair for one in self.weighed.readings for e in one.expects for q in e.quantities})

    @cached_property
    def singles(self) -> list[tuple[str, Expectation, Mass, Mass]]:
        """Reading, expectation, its mass by itself before and after the data, of all that were tested."""
        held = self.weighed
        return [
            (one.reading.name, each, *alone(held.ground, each, held.seed, held.most))
            for one in held.supports
            for each in one.tested
        ]

    def without(self, omission: Omission) -> float:
        """Probability of the claimed reading without some evidence."""
        return float(1 / (1 + np.exp(omission.shift - self._log_odds)))

    @cached_property
    def _log_odds(self) -> float:
        chance = self.weighed.probabilities()[self.claimed]
        return float(np.log(max(chance, 1e-300)) - np.log(max(1 - chance, 1e-300)))


def check_pairs(reading: Reading, view: View) -> None:
    """Raise an :class:`InputError` where a study does not have a pair that a reading speaks of."""
    for quantity in {q for each in reading.expects for q in each.quantities}:
        try:
            view.fit.panel.pair(quantity.a, quantity.b)
        except InputError as error:
            raise InputError(f"the reading {reading.name!r}: {error}") from None


def in_words(expectation: Expectation) -> str:
    """An expectation as it stands inside a sentence."""
    what = quantity_words(expectation.what)
    if expectation.shape in ("signed", "unsigned"):
        return f"{what} is {'in force' if expectation.shape == 'signed' else 'absent'}"
    said = f"{what} {SHAPES[expectation.shape]}"
    margin = f"{expectation.margin:g}"
    if expectation.than is not None:
        more = f" by at least {margin}" if expectation.margin and expectation.shape in ("larger", "rises-more") else ""
        return f"{said} {quantity_words(expectation.than)}{more}"
    if expectation.shape in ("above", "below"):
        return f"{said} {expectation.level:g}"
    return f"{said} {'by at least' if expectation.shape in ('rises', 'falls') else 'by more than'} {margin}"


def quantity_words(quantity: Quantity) -> str:
    """A quantity as it stands inside a sentence."""
    if quantity.directed:
        title = mid_sentence(CHANNELS[quantity.name].title)
        return f"{title} from {state_in_sentence(quantity.a)} to {state_in_sentence(quantity.b)}"
    pair = pair_name(quantity.pair)
    named = {"alignment": f"the alignment of {pair}", "gap": f"the gap between conduct and commitment of {pair}",
             "commitment": f"a defence commitment of {pair}"}  # fmt: skip
    if quantity.name in CHANNELS:
        return f"{mid_sentence(CHANNELS[quantity.name].title)} of {pair}"
    return named.get(quantity.name, f"the {quantity.name} alignment of {pair}")


def numbers(judged: Judged) -> list[Number]:
    """The numbers of single expectations of the claimed reading and of the strongest omissions."""
    found = []
    for k, (expectation, before, after) in enumerate(_own(judged)):
        words = in_words(expectation)
        found += [
            Number(f"expects.{k}.factor", f"{words}: Bayes factor by itself", after.value / before.value, "factor", source="readings"),
            Number(f"expects.{k}.posterior", f"{words}: probability", after.value, "probability", source="readings"),
            Number(f"expects.{k}.prior", f"{words}: probability before the data", before.value, "probability", source="readings"),
        ]  # fmt: skip
    for k, one in enumerate(judged.omissions[:OMISSIONS]):
        label = f"probability of the claimed reading without {omission_words(one)}"
        found.append(Number(f"without.{k}", label, judged.without(one), "probability", source="readings"))
    first = next((one for one in judged.turnings if one.by is not None), None)
    if first is not None:
        label = f"change of {quantity_words(first.quantity)} that turns the judgement"
        found.append(Number("turning", label, first.by, "change", source="readings"))
    return found


def _own(judged: Judged) -> list[tuple[Expectation, Mass, Mass]]:
    return [(each, before, after) for name, each, before, after in judged.singles if name == judged.claimed]


def omission_words(one: Omission) -> str:
    """What was left out, in words."""
    about = (
        pair_name(one.about)
        if "-" in one.about
        else " to ".join(state_in_sentence(code) for code in one.about.split(">"))
    )
    channel = mid_sentence(CHANNELS[one.channel].title) if one.channel else "everything seen"
    return f"{channel} of {about}" + (f" in {one.year}" if one.year else "")


def both_sides(judged: Judged, known: Sequence[Number]) -> tuple[tuple[Sentence, ...], tuple[Sentence, ...]]:
    """Evidence for and against the claimed reading."""
    by_key = {number.key: number for number in known}
    forward: list[Sentence] = []
    against: list[Sentence] = []
    for k, (expectation, before, after) in enumerate(_own(judged)):
        size = float(np.log(max(after.value, 1e-12) / before.value))
        if abs(size) < TELLING:
            continue
        words = (
            f"Expected: {in_words(expectation)}. Probability {{expects.{k}.posterior}} after the data, "
            f"{{expects.{k}.prior}} before (factor {{expects.{k}.factor}})."
        )
        (forward if size > 0 else against).append(sentence(words, known))
    chance = judged.weighed.probabilities()[judged.claimed]
    for k, one in enumerate(judged.omissions[:OMISSIONS]):
        if abs(judged.without(one) - chance) < VISIBLE:
            continue
        without, now = f"without.{k}", f"{judged.claimed}.probability"
        if show_number(by_key[without]) == show_number(by_key[now]):
            continue
        words = f"Without {omission_words(one)} its probability would be {{{without}}} instead of {{{now}}}."
        (forward if one.shift > 0 else against).append(sentence(words, known))
    return tuple(forward), tuple(against)


def turning_words(judged: Judged) -> str:
    """What would change the judgement, in words."""
    first = next((one for one in judged.turnings if one.by is not None), None)
    if first is None:
        return "No change of a single quantity of the size sought would turn this."
    title = judged.weighed.support(first.then).reading.title if first.then != "none" else "none of them"
    return (
        f"What would turn it soonest: {quantity_words(first.quantity)} in {first.span.first}–{first.span.last} "
        f"{'higher' if (first.by or 0) > 0 else 'lower'} than found ({{turning}}) would make “{title}” the most probable."
    )


def checks(judged: Judged, verdict: Verdict) -> list[Check]:
    """Whether the verdict would stand with other data or another way of asking."""
    held, name = judged.weighed, judged.claimed
    found = [
        Check("Monte Carlo error", judge_range(held.bounds(name)) == judge(held.probabilities()[name]),
              sentence("The verdict is the same at both ends of the Monte Carlo interval.")),
        Check("Everything judged", all(not one.left_out for one in held.supports),
              sentence("Every expectation of every reading could be judged.")),
    ]  # fmt: skip
    groups = {
        "Other windows": ("windows",),
        "Other margins and priors": ("margins", "prior"),
        "One channel less": ("channel dropped", "channels"),
    }
    for title, kinds in groups.items():
        tried = [one for one in judged.variants if one.kind in kinds]
        same = [one for one in tried if judge(one.probabilities.get(name)) == verdict]
        found.append(Check(title, len(same) == len(tried), sentence(_tried(len(tried), len(same), tried, same))))
    turned = [one for one in judged.omissions if judge(judged.without(one)) != verdict]
    said = (
        f"Leaving out {omission_words(turned[0])} changes the verdict."
        if turned
        else "No part of the evidence left out changes the verdict."
    )
    found.append(Check("No single evidence decides", not turned, sentence(said)))
    return found


def _tried(count: int, same: int, tried: Sequence[Variant], stood: Sequence[Variant]) -> str:
    if same == count:
        return f"The verdict stands in all {count} variants."
    others = [_variant_words(one) for one in tried if one not in stood]
    return f"The verdict stands in {same} of {count} variants; not with: {listed(others[:4])}{' and others' if len(others) > 4 else ''}."


def _variant_words(one: Variant) -> str:
    return f"{mid_sentence(CHANNELS[one.name].title)} left out" if one.kind == "channel dropped" else one.name


def reason(found: Sequence[Check]) -> Sentence:
    """Why the confidence is what it is."""
    if not found:
        return sentence("Nothing could be judged, so nothing could be checked.")
    failed = [mid_sentence(check.name) for check in found if not check.passed]
    if not failed:
        return sentence("Every check passes.")
    return sentence(f"{len(failed)} of {len(found)} checks fail: {listed(failed)}.")


def not_covered(judged: Judged, early: str, late: str) -> list[Sentence]:
    """Expectations that could not be judged, and channels that did not look in both spans."""
    held = judged.weighed
    left = list(dict.fromkeys(in_words(each) for one in held.supports for each in one.left_out))
    found = [sentence(f"Too little was looked at to judge whether {words}.") for words in left]
    ended = sorted(held.ground.yardsticks.dropped)
    if ended:
        titles = listed([mid_sentence(CHANNELS[one].title) for one in ended])
        found.append(sentence(f"Left out, since they did not look at every pair in both {early} and {late}: {titles}."))
    found.append(
        sentence(
            "The trajectories carry the error of measurement in the channels that are left, and not that of the choice of channels, "
            "which widens the intervals of levels and changes elsewhere in this brief: a change is told more surely here than there, "
            "and other channels could tell another."
        )
    )
    return found
