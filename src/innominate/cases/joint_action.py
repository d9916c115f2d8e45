"""Evidence on whether a group acts k at a time, weighed into probabilities, beside groups drawn from treaty blocs."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from innominate.blocs import GROUPS, SPANS, Answer, Evidence, compare, judge_group, read
from innominate.ledger import Library

TITLES: dict[Evidence, str] = {
    "exercises": "Joint exercises",
    "statements": "Joint statements",
    "votes": "Votes against the rest",
    "conflict": "Conflict with the same third state in a week",
    "meetings": "Weeks of mutual cooperation",
}
_MOST = 40  # groups drawn from a treaty bloc


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of evidence on one group.

    Attributes
    ----------
    answer : the test and its placebo groups
    usual : share of placebo groups that are less joint, a half added to both sides; None where nothing was tested
    """

    answer: Answer
    usual: float | None

    @property
    def evidence(self) -> Evidence:
        """Which kind."""
        return self.answer.found.evidence

    @property
    def bound(self) -> bool:
        """Whether the pairs imply so exactly how often all act together that nothing is left to find."""
        test = self.answer.found.test
        return test is not None and test.joint > 0 and test.high - test.low <= 1

    @property
    def chance(self) -> tuple[float, float] | None:
        """Bounds on the probability that the group acts together beyond its pairs and groups as busy; None: unknown."""
        test = self.answer.found.test
        if test is None:
            return None
        if test.joint == 0:
            return 0.0, 0.0
        if self.usual is None or self.bound:
            return None
        return max(0.0, test.beyond + self.usual - 1.0), min(test.beyond, self.usual)


@dataclass(frozen=True, slots=True)
class Bloc:
    """Groups of the same size drawn from a treaty bloc, on one kind of evidence.

    Attributes
    ----------
    name, evidence, years : which
    ratios : joint acts by those that pairs imply, of every group tested, sorted
    beyond : share of them that are probably (0.9) together beyond their pairs
    """

    name: str
    evidence: Evidence
    years: tuple[int, int]
    ratios: tuple[float, ...]
    beyond: float


def weigh(
    library: Library,
    groups: Sequence[Sequence[str]],
    years: tuple[int, int],
    evidence: Sequence[Evidence],
    placebos: int,
    seed: int,
) -> list[list[Kind]]:
    """Every kind of evidence on every group; each kind is read once."""
    found: list[list[Kind]] = [[] for _ in groups]
    for kind in evidence:
        seen = read(library, kind, years)
        for place, group in enumerate(groups):
            one = judge_group(seen, group, seed=seed, steps=100_000)
            told = one.test is not None and one.test.joint > 0
            placebo = compare(seen, one, groups=placebos, seed=seed) if told else None
            usual = None
            if placebo is not None:
                usual = ((1.0 - placebo.as_joint) * placebo.groups + 0.5) / (placebo.groups + 1)
            found[place].append(Kind(Answer(one, placebo), usual))
    return found


def in_a_kind(kinds: Sequence[Kind]) -> tuple[float, float] | None:
    """Bounds on the probability that the claim holds of a kind of act picked at random; None: nothing to tell by.

    A mean of probabilities needs no assumption on how the kinds depend on one another, and picks no best one of several.
    """
    known = [kind.chance for kind in kinds if kind.chance is not None]
    if not known:
        return None
    low, high = np.mean(known, axis=0)
    return float(low), float(high)


def in_blocs(
    library: Library, names: Sequence[str], size: int, years: tuple[int, int], evidence: Sequence[Evidence], seed: int
) -> list[Bloc]:
    """The same test on groups of `size` from treaty blocs, in the same years or, of a bloc that is gone, in its own."""
    spans = {name: _alive(name, years) for name in names}
    found = []
    for kind in evidence:
        read_once = {span: read(library, kind, span) for span in dict.fromkeys(spans.values())}
        for name in names:
            seen = read_once[spans[name]]
            tests = [
                judge_group(seen, group, seed=seed, shuffles=100, steps=20_000)
                for group in _drawn(GROUPS[name], size, seed)
            ]
            known = [one for one in tests if one.test is not None and one.ratio is not None and one.test.joint > 0]
            if known and seen.years is not None:
                ratios = tuple(sorted(float(one.ratio or 0.0) for one in known))
                beyond = float(np.mean([one.test.beyond >= 0.9 for one in known if one.test is not None]))
                found.append(Bloc(name, kind, seen.years, ratios, beyond))
    return found


def _alive(name: str, years: tuple[int, int]) -> tuple[int, int]:
    low, high = SPANS.get(name, (1900, 2100))
    span = max(low, years[0]), min(high, years[1])
    return span if span[0] <= span[1] else (low, high)


def _drawn(members: Sequence[str], size: int, seed: int) -> list[tuple[str, ...]]:
    every = list(itertools.combinations(members, size))
    if len(every) <= _MOST:
        return every
    picked = np.random.default_rng(seed).choice(len(every), _MOST, replace=False)
    return [every[int(place)] for place in np.sort(picked)]


def ratios_by(blocs: Sequence[Bloc], evidence: Evidence) -> Mapping[str, float]:
    """Bloc → its median ratio on one kind of evidence."""
    return {bloc.name: float(np.median(bloc.ratios)) for bloc in blocs if bloc.evidence == evidence}
