"""What a library could have seen of one kind of evidence: where nothing is on record, coverage says whether that is "none"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from innominate import states as registry
from innominate.ledger import Library
from innominate.panel.coverage import scope_mask

Evidence = Literal["exercises", "statements", "votes", "conflict", "meetings"]
CHANNELS: dict[Evidence, tuple[str, ...]] = {
    "exercises": ("exercises",),
    "statements": (),
    "votes": ("votes",),
    "conflict": ("verbal-conflict", "material-conflict"),
    "meetings": ("verbal-cooperation", "material-cooperation"),
}
# states that a text names as parties, its issuer among them where that is a state
PARTIES = (
    "list_sort(list_distinct(list_filter(list_append(about, issuer), lambda x: regexp_full_match(x, '[A-Z]{3}'))))"
)
_DATED = {  # datasets that hold single occasions, not only sums by the year
    "exercises": "SELECT DISTINCT dataset FROM acts WHERE channel = 'exercises' AND code IS NOT NULL",
    "statements": f"SELECT DISTINCT dataset FROM texts WHERE kind = 'joint statement' AND len({PARTIES}) > 1",
    "votes": "SELECT DISTINCT dataset FROM votes",
    **{kind: f"""SELECT DISTINCT dataset FROM acts WHERE channel IN {CHANNELS[kind]} AND "end" - "start" < 7"""
       for kind in ("conflict", "meetings")},
}  # fmt: skip
_WORDS: dict[Evidence, str] = {
    "exercises": "exercises",
    "statements": "joint statements whose parties are known",
    "votes": "roll calls",
    "conflict": "dated acts of conflict",
    "meetings": "dated acts of cooperation",
}


@dataclass(frozen=True, slots=True)
class Reach:
    """What of a kind of evidence a library could have seen.

    Attributes
    ----------
    evidence, asked : the kind; first and last year asked about
    spans : scope, first and last year of what datasets of single occasions cover
    dated, sums : whether the library holds single occasions of any year; whether it covers the kind without them
    """

    evidence: Evidence
    asked: tuple[int, int]
    spans: tuple[tuple[str, int, int], ...]
    dated: bool
    sums: bool

    def covered(self, group: Sequence[str]) -> NDArray[np.int64]:
        """Years in which every pair of a group could be seen, whether asked about or not."""
        place = {state: n for n, state in enumerate(group)}
        years = range(
            min((first for _, first, _ in self.spans), default=0),
            max((last for _, _, last in self.spans), default=-1) + 1,
        )
        seen = np.zeros((len(years), len(group), len(group)), dtype=bool)
        for scope, first, last in self.spans:
            seen[first - years.start : last + 1 - years.start] |= scope_mask(scope, place)
        return np.asarray(years, dtype=np.int64)[(seen | np.eye(len(group), dtype=bool)).all(axis=(1, 2))]

    def nothing(self, group: Sequence[str], absent: Sequence[str]) -> str:
        """Why a group cannot be judged of whose members `absent` nothing is on record: none, or unknown."""
        what, covered = _WORDS[self.evidence], self.covered(group)
        inside = covered[(covered >= self.asked[0]) & (covered <= self.asked[1])]
        if len(inside):
            who = ", ".join(registry.get(code).name for code in absent)
            acts = "votes against the rest" if self.evidence == "votes" else what
            return f"no {acts} in {_years(int(inside.min()), int(inside.max()))} by {who}"
        if len(covered):
            return f"unknown: {what} are covered from {covered.min()} to {covered.max()}"
        if self.dated:
            return f"unknown: the library does not say that {what} of all these states are covered"
        held = "only yearly sums, no" if self.sums else "no data on"
        return f"unknown: {held} {what} in this library"


def reach(library: Library, evidence: Evidence, asked: tuple[int, int]) -> Reach:
    """What the library could have seen of a kind of evidence."""
    rows = library.query(
        "SELECT dataset, scope, year(first) AS first, year(last) AS last FROM coverage WHERE list_contains(?, channel)",
        [list(CHANNELS[evidence])],
    )
    dated = set(library.query(_DATED[evidence])["dataset"])
    spans = {(scope, first, last) for dataset, scope, first, last in rows.iter_rows() if dataset in dated}
    return Reach(evidence, asked, tuple(sorted(spans)), bool(dated), bool(rows.height))


def _years(first: int, last: int) -> str:
    return f"{first}–{last}" if last > first else f"{first}"
