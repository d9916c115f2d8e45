"""Are pairs that are known for what they are told apart: informal allies, rivals, strangers, treaties that were dead letters?

    python benchmarks/known_ties.py                # alignment, a plain sum of the same channels, and the published measures

``known_ties.csv`` was written down from general knowledge before anything was measured on it, and nothing is tuned to it; it is
no label of anybody's data. The library is that in INNOMINATE_LIBRARY. Every pair is placed by its mean percentile, over the
years listed, among the pairs without a defence commitment of each year.
"""

from __future__ import annotations

import csv
import os
import sys
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

import innominate as inn
from innominate.ledger.commitments import commitments_in_force
from innominate.panel import Panel
from innominate.scoreboard.outcomes import placed
from innominate.scoreboard.published import published

Array = NDArray[np.float64]
YEARS = (1946, 2024)
SPEED = 0.25  # of exponential smoothing
OTHERS = ("rival", "stranger", "dead letter")


def known_ties() -> dict[str, list[tuple[str, str, int, int]]]:
    """Kind → (a, b, first, last)."""
    found: dict[str, list[tuple[str, str, int, int]]] = {}
    with open(Path(__file__).with_suffix(".csv"), encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["kind"], []).append((row["a"], row["b"], int(row["first"]), int(row["last"])))
    return found


def plain_sum(panel: Panel) -> Array:
    """(P, T) what anybody would try first: the signed sum of all series, each smoothed exponentially, nothing inferred.

    An excess below zero counts in full here, and a gap keeps the last value.
    """
    z = panel.z.astype(np.float64)
    np.divide(z, panel.discount, out=z, where=(z < 0) & (panel.discount > 0))
    level, found = np.zeros(z[:, 0].shape), np.empty(z.shape[:2])
    for t in range(z.shape[1]):
        known = np.isfinite(z[:, t])
        level[known] += SPEED * (z[:, t][known] - level[known])
        found[:, t] = level.sum(axis=1)
    return found


def committed(library: inn.Library, fit: inn.AlignmentFit) -> NDArray[np.bool_]:
    """(P, T): a defence commitment in force."""
    frame = commitments_in_force(library).filter(pl.col("defence"), pl.col("year").is_between(*YEARS))
    bound = np.zeros(fit.mean.shape, dtype=bool)
    pair, known = placed(fit.panel, frame)
    bound[pair[known], frame["year"].to_numpy()[known] - YEARS[0]] = True
    return bound


def percentiles(score: Array, bound: NDArray[np.bool_]) -> Array:
    """(P, T) place of every pair among those without a commitment, year by year."""
    found = np.full(score.shape, np.nan)
    for t in range(score.shape[1]):
        known = np.isfinite(score[:, t])
        free = np.sort(score[known & ~bound[:, t], t])
        if len(free):
            found[known, t] = (
                np.searchsorted(free, score[known, t]) + np.searchsorted(free, score[known, t], "right")
            ) / (2 * len(free))
    return found


def placed_ties(fit: inn.AlignmentFit, place: Array, ties: list[tuple[str, str, int, int]]) -> Array:
    """Mean percentile of each listed pair over its years; pairs that the score never knew are left out."""
    found = []
    for a, b, first, last in ties:
        row = place[fit.panel.pair(a, b), max(first - YEARS[0], 0) : last - YEARS[0] + 1]
        if np.isfinite(row).any():
            found.append(float(np.nanmean(row)))
    return np.array(found)


def auc(above: Array, below: Array) -> float:
    """Chance that one of `above` stands above one of `below`."""
    return float(((above[:, None] > below) + 0.5 * (above[:, None] == below)).mean())


def main() -> None:
    if "INNOMINATE_LIBRARY" not in os.environ:
        sys.exit("known_ties: name a library with INNOMINATE_LIBRARY")
    library = inn.Library.open(os.environ["INNOMINATE_LIBRARY"])
    fit = inn.Study(library, years=YEARS).alignment()
    bound, ties = committed(library, fit), known_ties()
    scores = {
        "alignment": fit.mean,
        "plain sum": plain_sum(fit.panel),
        **published(library, fit.panel, YEARS),
    }
    print(
        "AUC of informal allies above " + ", ".join(OTHERS) + "; their median and tenth percentile; how many are known"
    )
    for name, score in scores.items():
        place = percentiles(np.where(np.isfinite(fit.mean), score, np.nan), bound)
        allies = placed_ties(fit, np.where(bound, np.nan, place), ties["informal ally"])
        figures = [auc(allies, placed_ties(fit, place, ties[kind])) for kind in OTHERS]
        middle, low = np.quantile(allies, [0.5, 0.1])
        print(f"{name:28}" + "".join(f"{figure:8.3f}" for figure in (*figures, middle, low)) + f"{len(allies):6d}")


if __name__ == "__main__":
    main()
