"""Does a group act k at a time, or is it a sum of bilateral ties? Evidence from exercises, statements, votes and events.

Five kinds of evidence, each a table of who took part in which occasion, put to :func:`innominate.blocs.interaction.together`:

- ``exercises``: joint exercises; an occasion is an exercise
- ``statements``: joint statements, that is texts of that kind whose parties are known (``about``, and the issuer where that is
  a state); what several of them published on a day is one occasion
- ``votes``: common votes against the rest; an occasion is a roll call in which all members voted, and a member takes part
  when it votes against what most others want
- ``conflict``: acts of conflict against the same third state in the same week
- ``meetings``: weeks in which all pairs of three members cooperate; the null shuffles each pair's weeks within a quarter
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from innominate.blocs.interaction import Interaction, together
from innominate.blocs.occasions import Occasions, Weeks, check_evidence, occasions, weeks
from innominate.blocs.reach import Evidence
from innominate.errors import InputError
from innominate.ledger import Library

EVIDENCE: tuple[Evidence, ...] = ("exercises", "statements", "votes", "conflict", "meetings")
FEW = 0.1  # share of comparable groups that may be as joint before the cause is taken for common
SMALL, _TELLING = 0.01, 0.05  # p-values: of the group, of those it is compared with
GROUPS: dict[str, tuple[str, ...]] = {
    "CHN-RUS-PRK": ("CHN", "RUS", "PRK"),
    "CHN-RUS-PRK-IRN": ("CHN", "RUS", "PRK", "IRN"),
    "NATO": ("BEL", "CAN", "DEU", "DNK", "ESP", "FRA", "GBR", "GRC", "ITA", "NLD", "NOR", "PRT", "TUR", "USA"),
    "Warsaw Pact": ("BGR", "CSK", "DDR", "HUN", "POL", "ROU", "RUS"),
    "GCC": ("ARE", "BHR", "KWT", "OMN", "QAT", "SAU"),
    "ASEAN": ("BRN", "IDN", "KHM", "LAO", "MMR", "MYS", "PHL", "SGP", "THA", "VNM"),
    "Five Eyes": ("AUS", "CAN", "GBR", "NZL", "USA"),
}
SPANS = {"NATO": (1949, 2100), "Warsaw Pact": (1955, 1991), "GCC": (1981, 2100), "ASEAN": (1967, 2100)}  # years of life


@dataclass(frozen=True, slots=True)
class KLateral:
    """Evidence of one kind on whether a group acts k at a time.

    Attributes
    ----------
    group : its members
    evidence, years : what was looked at, and the first and last year of what there is; None where there is nothing
    test : the outcome, or None where there is nothing to look at (the reason says why)
    members : members that the evidence knows at all
    """

    group: tuple[str, ...]
    evidence: Evidence
    years: tuple[int, int] | None
    test: Interaction | None
    members: tuple[str, ...]
    reason: str = ""

    @property
    def verdict(self) -> str:
        """In words: more together than pairs imply, no more, less, or nothing to tell it by."""
        if self.test is None:
            return self.reason
        if self.test.joint == 0 and self.test.expected < 1:
            return "never together, and pairs imply no more"
        if self.test.p_value < SMALL:
            return "together more than pairs imply"
        return (
            "no more together than pairs imply"
            if self.test.joint >= self.test.low
            else "together less than pairs imply"
        )

    @property
    def ratio(self) -> float | None:
        """Joint acts by those that pairs imply, both with half an act added; None where nothing was tested."""
        return None if self.test is None else (self.test.joint + 0.5) / (self.test.expected + 0.5)

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        test = asdict(self.test) if self.test else None
        return {"group": list(self.group), "members": list(self.members), "evidence": self.evidence, "years": list(self.years or ()),
                "test": test, "verdict": self.verdict}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Placebo:
    """The same test on groups that are no groups.

    Attributes
    ----------
    groups : how many were tested
    as_joint : share of them that are beyond their pairs too (p below 0.05), and at least as many times as the group is
    significant : share of them with p below 0.01: what the test finds where there is nothing but common causes
    """

    groups: int
    as_joint: float
    significant: float


@dataclass(frozen=True, slots=True)
class Answer:
    """One kind of evidence on a group, beside groups of states as busy."""

    found: KLateral
    placebo: Placebo | None

    @property
    def beyond(self) -> bool:
        """Whether the group acts together more than pairs imply and more than most groups of states as busy."""
        test, other = self.found.test, self.placebo
        return test is not None and other is not None and test.p_value < SMALL and other.as_joint <= FEW

    @property
    def reading(self) -> str:
        """The verdict in words, with what comparable groups do."""
        words = self.found.verdict
        if self.placebo is None or self.found.test is None or self.found.test.p_value >= SMALL:
            return words
        return f"{words}, {'and so are only' if self.beyond else 'but so are'} {self.placebo.as_joint:.0%} of groups as busy"

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return {
            **self.found.as_dict(),
            "reading": self.reading,
            "placebo": asdict(self.placebo) if self.placebo else None,
        }


def klateral(
    library: Library,
    group: Sequence[str],
    evidence: Evidence,
    years: tuple[int, int],
    *,
    least: int | None = None,
    seed: int = 0,
) -> KLateral:
    """Test one group on one kind of evidence; `least` members make an act joint (default: all, of large groups two thirds).

    Meetings are always of three.
    """
    return judge_group(read(library, evidence, years), group, least=least, seed=seed)


def read(library: Library, evidence: Evidence, years: tuple[int, int]) -> Occasions | Weeks:
    """What one kind of evidence says of all states: read it once to test many groups."""
    check_evidence(evidence)
    return weeks(library, years) if evidence == "meetings" else occasions(library, evidence, years)


def judge_group(
    seen: Occasions | Weeks,
    group: Sequence[str],
    *,
    least: int | None = None,
    seed: int = 0,
    shuffles: int = 2000,
    steps: int = 400_000,
) -> KLateral:
    """The same on evidence that was read before; `shuffles` and `steps`: effort of the simulated nulls."""
    members = tuple(dict.fromkeys(group))
    if len(members) < 3:
        raise InputError("a group has three members or more")
    if isinstance(seen, Weeks):
        return _meetings(seen, members, seed, shuffles)
    took_part = seen.took_part(members)
    known = [n for n in range(len(members)) if len(took_part) and took_part[:, n].any()]
    named = tuple(members[n] for n in known)
    if len(known) < 3:
        absent = [member for member in members if member not in (named if len(took_part) else seen.states)]
        reason = seen.reach.nothing(members, absent or members)
        return KLateral(members, seen.evidence, seen.years, None, named, reason)
    wanted = least or (len(known) if len(known) <= 6 else max(3, -(-2 * len(known) // 3)))
    test = together(took_part[:, known], min(wanted, len(known)), seed=seed, steps=steps)
    return KLateral(members, seen.evidence, seen.years, test, named)


def _meetings(seen: Weeks, group: tuple[str, ...], seed: int, shuffles: int) -> KLateral:
    """Weeks in which three members all cooperate with one another, against shuffles of each pair's weeks within quarters."""
    active, threes, named = seen.of(group)
    if len(named) < 3:
        absent = [member for member in group if member not in named]
        return KLateral(group, "meetings", seen.years, None, named, seen.reach.nothing(group, absent))
    joint, drawn = shuffled(active, seen.strata, threes, shuffles, seed)
    low, high = (int(value) for value in np.quantile(drawn, [0.05, 0.95]))
    p_value = float((1 + (drawn >= joint).sum()) / (1 + shuffles))
    beyond = float(((drawn < joint).sum() + 0.5 * (drawn == joint).sum() + 0.5) / (1 + shuffles))
    test = Interaction(3, len(active), joint, float(drawn.mean()), low, high, p_value, beyond, "shuffles")
    return KLateral(group, "meetings", seen.years, test, named)


def shuffled(
    active: NDArray[np.bool_], strata: NDArray[np.int64], threes: NDArray[np.int64], shuffles: int, seed: int
) -> tuple[int, NDArray[np.int64]]:
    """Threes of pairs active in the same week: observed, and with every pair's weeks shuffled within its stratum.

    active (W, P), strata (W,), threes (n, 3) places of pairs.
    """

    def count(table: NDArray[np.bool_]) -> int:
        return int(table[:, threes].all(axis=2).sum())

    random, drawn = np.random.default_rng(seed), np.empty(shuffles, dtype=np.int64)
    order = np.argsort(strata, kind="stable")
    table, groups = active[order], strata[order]
    for n in range(shuffles):
        keys = random.random(table.shape) + groups[:, None]
        drawn[n] = count(np.take_along_axis(table, np.argsort(keys, axis=0), axis=0))
    return count(table), drawn


def placebo(library: Library, found: KLateral, *, groups: int = 60, near: int = 10, seed: int = 0) -> Placebo:
    """Repeat a test on random groups whose members are about as busy, to see what common causes alone make of it.

    Each member is replaced by one of the `near` states next to it in the number of acts (of exercises or votes cast).
    """
    if found.years is None:
        raise InputError(f"nothing was tested: {found.reason}")
    return compare(read(library, found.evidence, found.years), found, groups=groups, near=near, seed=seed)


def compare(seen: Occasions | Weeks, found: KLateral, *, groups: int = 60, near: int = 10, seed: int = 0) -> Placebo:
    """The same on evidence that was read before."""
    if found.test is None or found.ratio is None:
        raise InputError(f"nothing was tested: {found.reason}")
    random, ratios, small = np.random.default_rng(seed), [], 0
    for _ in range(groups):
        members: list[str] = []
        for state in found.members:
            place = seen.states.index(state)
            pool = [
                each
                for each in seen.states[max(0, place - near) : place + near + 1]
                if each not in (*members, *found.group)
            ]
            members.append(str(random.choice(pool or [each for each in seen.states if each not in members])))
        test = judge_group(seen, members, least=found.test.least, seed=seed, shuffles=120, steps=20_000)
        if test.test is not None and test.ratio is not None:
            ratios.append(test.ratio if test.test.p_value < _TELLING else 0.0)  # a ratio of few acts is large by chance
            small += test.test.p_value < SMALL
    as_joint = float((np.asarray(ratios) >= found.ratio).mean()) if ratios else 1.0
    return Placebo(len(ratios), as_joint, small / max(len(ratios), 1))


def answers(
    library: Library,
    group: Sequence[str],
    years: tuple[int, int] = (1900, 2100),
    *,
    evidence: Sequence[Evidence] = EVIDENCE,
    groups: int = 60,
    seed: int = 0,
) -> list[Answer]:
    """Everything that the library can say on whether a group acts k at a time, each kind of evidence beside placebo groups.

    A kind that the library does not hold in these years is there with its reason: unknown is not "no".
    """
    found = []
    for kind in evidence:
        seen = read(library, kind, years)
        one = judge_group(seen, group, seed=seed)
        told = one.test is not None and (one.test.joint > 0 or one.test.expected >= 1)
        found.append(Answer(one, compare(seen, one, groups=groups, seed=seed) if told else None))
    return found
