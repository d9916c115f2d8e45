"""How findings are scored against planted silences (silence_planting.py)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from silence_planting import CHINESE, DULL, WORD, Plant, anywhere, overlap


def matches(phrase: str, planted: str) -> bool:
    """Whether a reported phrase names a planted formula, in the singular or plural, as it was removed."""
    a, b = (list(map(_singular, WORD.findall(text.lower()))) for text in (phrase, planted))
    if not a or not b:
        return False
    joined, other = f" {' '.join(a)} ", f" {' '.join(b)} "
    if other in joined or (joined in other and set(a) - DULL):
        return True
    telling = set(b) - DULL or set(b)
    return len(set(a) & telling) > 0.5 * len(telling)


def _singular(word: str) -> str:
    return word if word in DULL or word.endswith("ss") else word.removesuffix("s")


@dataclass(frozen=True, slots=True)
class Score:
    """Planted omissions found, rows that nothing explains, and further rows for a plant already found."""

    planted: int
    found: int
    false: int
    again: int

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return 2 * self.found / max(self.planted + self.found + self.false, 1)


def score(
    found: pl.DataFrame, plants: list[Plant], base: pl.DataFrame, natural: pl.DataFrame | None, least: float = 0.5,
    slack: int = 0,
) -> Score:  # fmt: skip
    """Rows of `found` at `least` or more against `plants`; see :func:`judged`."""
    strong = [named for _, probability, named in judged(found, plants, base, natural, slack) if probability >= least]
    hit = [named for named in strong if named is not None]
    return Score(len(plants), len(set(hit)), sum(named is None for named in strong), len(hit) - len(set(hit)))


def rewritten(base: pl.DataFrame, found: pl.DataFrame) -> np.ndarray:
    """Which rows rest on a sentence that planting itself rewrote (a hole or another wording stands in the last user)."""
    held: dict[tuple[str, date], str] = {}
    for series, day, text in base.select("series", "date", "text").iter_rows():
        held[series, day] = held.get((series, day), "") + "".join(text.split())
    return np.array(
        [
            "".join(row["quote"].split()) not in held.get((row["series"], row["last_used"]), "")
            for row in found.iter_rows(named=True)
        ],
        dtype=np.bool_,
    )


def silent_anyway(base: pl.DataFrame, natural: pl.DataFrame, row: dict[str, Any]) -> bool:
    """Whether the series falls silent there without planting too: its own fit says so, or the phrase is as absent from it."""
    here = natural.filter(
        pl.col("series") == row["series"], pl.col("probability") >= 0.25, pl.col("kind") != "appeared"
    )
    here = here.filter((pl.col("first_missed") == row["first_missed"]) | (pl.col("last_used") == row["last_used"]))
    if any(matches(row["phrase"], own) or matches(own, row["phrase"]) for own in here["phrase"]):
        return True
    pattern = anywhere(" ".join(row["phrase"].split()))
    later = base.filter(pl.col("series") == row["series"], pl.col("date") >= row["first_missed"])
    if row["returned"] is not None:
        later = later.filter(pl.col("date") < row["returned"])
    return not any(pattern.search(text) for text in later["text"])


def brought_about(row: dict[str, Any], plants: list[Plant]) -> bool:
    """Whether a planted omission may have silenced the phrase of a row: they share words, and it lies in the row's silence."""
    return any(
        one.series == row["series"]
        and row["last_used"] <= one.first_missed
        and (row["returned"] is None or one.first_missed < row["returned"])
        and overlap(row["phrase"], one.phrase, bool(CHINESE.search(one.phrase)))
        for one in plants
    )


def _about(base: pl.DataFrame, one: Plant, slack: int) -> set[date]:
    """Dates of the document where a plant is first missed, and of `slack` before and after it in its series."""
    if not slack:
        return {one.first_missed}
    days = base.filter(pl.col("series") == one.series)["date"].to_list()
    at = days.index(one.first_missed)
    return set(days[max(at - slack, 0) : at + slack + 1])


def judged(
    found: pl.DataFrame, plants: list[Plant], base: pl.DataFrame, natural: pl.DataFrame | None = None, slack: int = 0
) -> list[tuple[int, float, int | None]]:
    """Place, probability, and the plant it names (exact date, matching words), of every dropped or edited row of `found`.

    slack : documents by which the date may err

    Left out: rows on sentences that planting itself rewrote in `base`, and rows of the same date on the very sentence that
    lost a planted formula. Where the documents stand in their own order (`natural`: what is found in them without planting), a
    silence that is there without planting too is the series' own, and nobody knows whether it is chance; where they were
    shuffled (None) everything counts.
    """
    by_day: dict[tuple[str, date], list[int]] = {}
    for i, one in enumerate(plants):
        for day in _about(base, one, slack):
            by_day.setdefault((one.series, day), []).append(i)
    out: list[tuple[int, float, int | None]] = []
    rows = zip(found.iter_rows(named=True), rewritten(base, found), strict=True)
    for at, (row, made) in enumerate(rows):
        if row["kind"] == "appeared":
            continue
        near = by_day.get((row["series"], row["first_missed"]), [])
        named = next((i for i in near if matches(row["phrase"], plants[i].phrase)), None)
        if named is None and (made or any(anywhere(plants[i].phrase).search(row["quote"]) for i in near)):
            continue
        if named is None and natural is not None and row["probability"] >= 0.25 and silent_anyway(base, natural, row):
            continue
        out.append((at, row["probability"], named))
    return out
