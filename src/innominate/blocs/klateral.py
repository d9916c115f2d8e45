"""Does a group act k at a time, or is it a sum of bilateral ties? Evidence from exercises, votes and dated events.

Four kinds of evidence, each a table of who took part in which occasion, put to :func:`innominate.blocs.interaction.together`:

- ``exercises``: joint exercises; an occasion is an exercise
- ``votes``: common votes against the rest; an occasion is a roll call in which all members voted, and a member takes part
  when it votes against what most others want
- ``conflict``: acts of conflict against the same third state in the same week
- ``meetings``: weeks in which all pairs of three members cooperate; the null shuffles each pair's weeks within a quarter
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal, get_args

import numpy as np
import polars as pl
from numpy.typing import NDArray

from innominate.blocs.interaction import Interaction, together
from innominate.errors import InputError
from innominate.ledger import Library

Evidence = Literal["exercises", "votes", "conflict", "meetings"]
GROUPS: dict[str, tuple[str, ...]] = {
    "CHN-RUS-PRK": ("CHN", "RUS", "PRK"),
    "CHN-RUS-PRK-IRN": ("CHN", "RUS", "PRK", "IRN"),
    "NATO": ("BEL", "CAN", "DEU", "DNK", "ESP", "FRA", "GBR", "GRC", "ITA", "NLD", "NOR", "PRT", "TUR", "USA"),
    "Warsaw Pact": ("BGR", "CSK", "DDR", "HUN", "POL", "ROU", "RUS"),
    "GCC": ("ARE", "BHR", "KWT", "OMN", "QAT", "SAU"),
    "ASEAN": ("BRN", "IDN", "KHM", "LAO", "MMR", "MYS", "PHL", "SGP", "THA", "VNM"),
    "Five Eyes": ("AUS", "CAN", "GBR", "NZL", "USA"),
}


@dataclass(frozen=True, slots=True)
class KLateral:
    """Evidence of one kind on whether a group acts k at a time.

    Attributes
    ----------
    group : its members
    evidence, years : what was looked at, and its first and last year
    test : the outcome, or None where there is nothing to look at (the reason says why)
    members : members that the evidence knows at all
    """

    group: tuple[str, ...]
    evidence: Evidence
    years: tuple[int, int]
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
        if self.test.p_value < 0.01:
            return "together more than pairs imply"
        return (
            "no more together than pairs imply"
            if self.test.joint >= self.test.low
            else "together less than pairs imply"
        )

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        test = asdict(self.test) if self.test else None
        return {"group": list(self.group), "members": list(self.members), "evidence": self.evidence, "years": list(self.years),
                "test": test, "verdict": self.verdict}  # fmt: skip


def klateral(
    library: Library,
    group: Sequence[str],
    evidence: Evidence,
    years: tuple[int, int],
    *,
    least: int | None = None,
    seed: int = 0,
) -> KLateral:
    """Test one group on one kind of evidence; `least` members make an act joint (default: all, of large groups two thirds)."""
    if evidence not in get_args(Evidence):
        raise InputError(f"evidence {evidence!r}: the allowed values are {', '.join(get_args(Evidence))}")
    members = tuple(dict.fromkeys(group))
    if len(members) < 3:
        raise InputError("a group has three members or more")
    read = {"exercises": exercises, "votes": votes_against, "conflict": against_the_same}.get(evidence)
    if read is None:
        return _meetings(library, members, years, seed)
    took_part = read(library, members, years)
    known = [n for n in range(len(members)) if len(took_part) and took_part[:, n].any()]
    named = tuple(members[n] for n in known)
    if len(known) < 3:
        who = ", ".join(sorted(set(members) - set(named)))
        return KLateral(
            members,
            evidence,
            years,
            None,
            named,
            f"no {evidence} of {who}" if len(took_part) else f"no {evidence} held",
        )
    wanted = least or (len(known) if len(known) <= 6 else max(3, -(-2 * len(known) // 3)))
    return KLateral(members, evidence, years, together(took_part[:, known], min(wanted, len(known)), seed=seed), named)


def exercises(library: Library, group: Sequence[str], years: tuple[int, int]) -> NDArray[np.bool_]:
    """(exercises, k) which members took part, of all exercises that began in `years`."""
    return _took_part(library, group, """
        SELECT dataset || ':' || code AS occasion, unnest([source, target]) AS state FROM acts
        WHERE channel = 'exercises' AND code IS NOT NULL AND year("start") BETWEEN ? AND ?""", years)  # fmt: skip


def against_the_same(library: Library, group: Sequence[str], years: tuple[int, int]) -> NDArray[np.bool_]:
    """(weeks and targets, k) which members acted in conflict against a state outside the group in the same week."""
    marks = ", ".join("?" for _ in group)
    return _took_part(library, group, f"""
        SELECT dataset || target || date_trunc('week', "start") AS occasion, source AS state FROM acts
        WHERE channel IN ('verbal-conflict', 'material-conflict') AND "end" - "start" < 7
        AND year("start") BETWEEN ? AND ? AND target NOT IN ({marks})""", (*years, *group))  # fmt: skip


def votes_against(library: Library, group: Sequence[str], years: tuple[int, int]) -> NDArray[np.bool_]:
    """(roll calls, k) which members voted against the side that most states outside the group took; all members voting."""
    marks = ", ".join("?" for _ in group)
    frame = library.query(f"""
        WITH cast_ AS (SELECT body || ':' || vote_id AS occasion, state, choice, state IN ({marks}) AS inside FROM votes
                       WHERE year(date) BETWEEN ? AND ?),
        side AS (SELECT occasion, sign(sum(choice) FILTER (WHERE NOT inside)) AS most FROM cast_ GROUP BY occasion
                 HAVING count(DISTINCT state) FILTER (WHERE inside) = ?)
        SELECT occasion, state, choice = -most AS against FROM cast_ JOIN side USING (occasion) WHERE inside AND most <> 0
        ORDER BY occasion, state""", [*group, *years, len(group)])  # fmt: skip
    return _matrix(frame.select("occasion", "state", "against"), group)


def _took_part(library: Library, group: Sequence[str], sql: str, values: Sequence[object]) -> NDArray[np.bool_]:
    frame = library.query(
        f"SELECT DISTINCT occasion, state, true AS against FROM ({sql}) ORDER BY occasion, state", values
    )
    return _matrix(frame, group)


def _matrix(frame: pl.DataFrame, group: Sequence[str]) -> NDArray[np.bool_]:
    occasions = frame["occasion"].rank("dense").to_numpy().astype(np.int64) - 1
    table = np.zeros((int(occasions.max()) + 1 if len(frame) else 0, len(group)), dtype=bool)
    for n, state in enumerate(group):
        table[occasions[((frame["state"] == state) & frame["against"]).to_numpy()], n] = True
    return table


def _meetings(
    library: Library, group: tuple[str, ...], years: tuple[int, int], seed: int, shuffles: int = 2000
) -> KLateral:
    """Weeks in which three members all cooperate with one another, against shuffles of each pair's weeks within quarters."""
    marks = ", ".join("?" for _ in group)
    frame = library.query(f"""
        SELECT DISTINCT least(source, target) AS a, greatest(source, target) AS b, date_trunc('week', "start") AS week FROM acts
        WHERE channel IN ('verbal-cooperation', 'material-cooperation') AND "end" - "start" < 7 AND source IN ({marks})
        AND target IN ({marks}) AND year("start") BETWEEN ? AND ? ORDER BY ALL""", [*group, *group, *years])  # fmt: skip
    covered = library.query("""
        SELECT DISTINCT date_trunc('week', "start") AS week FROM acts WHERE channel = 'verbal-cooperation'
        AND "end" - "start" < 7 AND year("start") BETWEEN ? AND ? ORDER BY week""", years)["week"]  # fmt: skip
    pairs = list(itertools.combinations(sorted(group), 2))
    active = np.zeros((len(covered), len(pairs)), dtype=bool)
    place = {week: n for n, week in enumerate(covered)}
    for a, b, week in frame.iter_rows():
        active[place[week], pairs.index((a, b))] = True
    named = tuple(state for state in group if any(state in pair and active[:, n].any() for n, pair in enumerate(pairs)))
    if len(named) < 3:
        return KLateral(group, "meetings", years, None, named, "no dated cooperation of three members")
    strata = (covered.dt.year() * 4 + covered.dt.quarter()).to_numpy()
    threes = [
        [pairs.index(pair) for pair in itertools.combinations(sorted(three), 2)]
        for three in itertools.combinations(group, 3)
    ]
    joint, drawn = _shuffled(active, strata, np.asarray(threes), shuffles, seed)
    low, high = (int(value) for value in np.quantile(drawn, [0.05, 0.95]))
    p_value = float((1 + (drawn >= joint).sum()) / (1 + shuffles))
    return KLateral(
        group,
        "meetings",
        years,
        Interaction(3, len(covered), joint, float(drawn.mean()), low, high, p_value, "shuffles"),
        named,
    )


def _shuffled(
    active: NDArray[np.bool_], strata: np.ndarray, threes: np.ndarray, shuffles: int, seed: int
) -> tuple[int, np.ndarray]:
    """Threes of pairs active in the same week: observed, and with every pair's weeks shuffled within its stratum."""

    def count(table: NDArray[np.bool_]) -> int:
        return int(table[:, threes].all(axis=2).sum())

    random, drawn = np.random.default_rng(seed), np.empty(shuffles, dtype=np.int64)
    order = np.argsort(strata, kind="stable")
    table, groups = active[order], strata[order]
    for n in range(shuffles):
        keys = random.random(table.shape) + groups[:, None]
        drawn[n] = count(np.take_along_axis(table, np.argsort(keys, axis=0), axis=0))
    return count(table), drawn


@dataclass(frozen=True, slots=True)
class Placebo:
    """The same test on groups that are no groups.

    Attributes
    ----------
    groups : how many were tested
    as_joint : share of them that are together at least as many times more than their pairs imply as the group is
    significant : share of them with p below 0.01: what the test finds where there is nothing but common causes
    """

    groups: int
    as_joint: float
    significant: float


def placebo(library: Library, found: KLateral, *, groups: int = 60, near: int = 10, seed: int = 0) -> Placebo:
    """Repeat a test on random groups whose members are about as busy, to see what common causes alone make of it.

    Each member is replaced by one of the `near` states next to it in the number of acts (of exercises or votes cast).
    """
    if found.test is None:
        raise InputError(f"nothing was tested: {found.reason}")
    busy = _busy(library, found.evidence, found.years)
    random, ratios, small = np.random.default_rng(seed), [], 0
    for _ in range(groups):
        members: list[str] = []
        for state in found.members:
            place = busy.index(state)
            pool = [
                each for each in busy[max(0, place - near) : place + near + 1] if each not in (*members, *found.group)
            ]
            members.append(str(random.choice(pool or [each for each in busy if each not in members])))
        test = klateral(library, members, found.evidence, found.years, least=found.test.least, seed=seed).test
        if test is not None:
            ratios.append((test.joint + 0.5) / (test.expected + 0.5))
            small += test.p_value < 0.01
    ours = (found.test.joint + 0.5) / (found.test.expected + 0.5)
    return Placebo(len(ratios), float((np.asarray(ratios) >= ours).mean()), small / max(len(ratios), 1))


def _busy(library: Library, evidence: Evidence, years: tuple[int, int]) -> list[str]:
    channels = {
        "exercises": "'exercises'",
        "conflict": "'verbal-conflict', 'material-conflict'",
        "meetings": "'verbal-cooperation', 'material-cooperation'",
    }
    acts = f"""SELECT unnest([source, target]) AS state FROM acts WHERE channel IN ({channels.get(evidence)})
        AND "end" - "start" < 366 AND year("start") BETWEEN ? AND ?"""
    rows = "SELECT state FROM votes WHERE year(date) BETWEEN ? AND ?" if evidence == "votes" else acts
    frame = library.query(f"SELECT state FROM ({rows}) GROUP BY state ORDER BY count(*) DESC, state", years)
    return [str(state) for state in frame["state"]]
