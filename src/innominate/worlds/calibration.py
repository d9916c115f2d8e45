"""Simulation-based calibration of the measurement model: panels drawn exactly from it, fitted, and the truth's ranks.

If the inference is right, the rank of the truth among posterior draws is uniform (Cook, Gelman and Rubin 2006, Journal of
Computational and Graphical Statistics 15: 675-692; Talts et al. 2018, arXiv 1804.06788). The posterior of the composite is a
sum of mixtures over classes of pairs, and is drawn from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import chisquare

from innominate.alignment import model
from innominate.alignment.model import ChannelParameters, Evidence
from innominate.scoreboard.simulated import draw

Array = NDArray[np.float64]
Places = NDArray[np.intp]

BINS = 20
DRAWS = 399  # from the posterior of a pair
LEVELS = (0.5, 0.9)
FEWEST = 200  # ranks in a stratum below which nothing is said about it


@dataclass(frozen=True, slots=True)
class Ranks:
    """Ranks of the truth, one randomly chosen period a pair and replicate, so that they are independent.

    Attributes
    ----------
    rank : (R, P) share of the posterior below the truth; period : (R, P) the chosen period; NaN and -1 where the pair
        does not exist
    estimated : whether parameters were estimated anew from every draw, or known
    """

    rank: Array
    period: Places
    estimated: bool

    def histogram(self, inside: NDArray[np.bool_] | None = None) -> NDArray[np.int64]:
        """(BINS,) counts of ranks, of the cells `inside` (R, P)."""
        chosen = self.rank[np.isfinite(self.rank) if inside is None else inside & np.isfinite(self.rank)]
        counts: NDArray[np.int64] = np.histogram(chosen, BINS, (0.0, 1.0))[0]
        return counts

    def row(self, stratum: str, group: str, inside: NDArray[np.bool_]) -> dict[str, object] | None:
        """One line of the table of calibration: coverage, and the test of uniform ranks; None where too few."""
        counts = self.histogram(inside)
        if counts.sum() < FEWEST:
            return None
        error = np.abs(ndtri(np.clip(self.rank[inside & np.isfinite(self.rank)], 1e-12, 1 - 1e-12)))
        cover = {f"inside{round(100 * level)}": float((error <= ndtri(0.5 + level / 2)).mean()) for level in LEVELS}
        return {
            "stratum": stratum,
            "group": group,
            "ranks": int(counts.sum()),
            **cover,
            "p": float(chisquare(counts).pvalue),
        }


def calibrate(
    evidence: Evidence,
    parameters: tuple[ChannelParameters, ...],
    *,
    replicates: int = 10,
    seed: int = 0,
    estimated: bool = True,
    progress: Callable[[str], None] = lambda step: None,
) -> Ranks:
    """Draw panels with known parameters on the coverage of `evidence`, fit each, and rank the truth.

    Parameters
    ----------
    evidence : whose pattern of known cells and sampling variances is used; its values are not
    parameters : with which is drawn
    estimated : whether the fit estimates parameters anew; False: it is told them
    """
    rows = np.arange(len(evidence.first))
    ranks, periods = [], []
    for k in range(replicates):
        progress(f"calibration: panel {k + 1} of {replicates}")
        drawn, truth = draw(evidence, parameters, seed + k)
        used = model.estimate(drawn, rows) if estimated else parameters
        chance = np.random.default_rng([seed, k, 1])
        period = chance.integers(evidence.first, evidence.last + 1)
        posterior = model.draws_at(drawn, used, period, DRAWS, chance)
        below = (posterior < truth[rows, period]).sum(axis=0)
        ranks.append((below + chance.random(len(rows))) / (DRAWS + 1))  # spread evenly between two draws
        periods.append(period)
    return Ranks(np.array(ranks), np.array(periods), estimated)


def strata_table(ranks: Ranks, strata: Mapping[str, Mapping[str, NDArray[np.bool_]]]) -> pl.DataFrame:
    """Coverage and uniformity by stratum: stratum, group, ranks, inside50, inside90, p, corrected.

    Parameters
    ----------
    strata : stratum → group → cells (P, T) that belong to it; ``corrected`` is p times the number of tests (Bonferroni)
    """
    pairs = np.arange(ranks.rank.shape[1])
    found = [ranks.row("all", "all", np.ones(ranks.rank.shape, dtype=bool))]
    for stratum, groups in strata.items():
        for group, cells in groups.items():
            found.append(ranks.row(stratum, group, cells[pairs[None, :], ranks.period]))
    rows = [row for row in found if row is not None]
    if not rows:  # a world too small to tell
        kinds = {"stratum": pl.String, "group": pl.String, "ranks": pl.Int64}
        figures = [*(f"inside{round(100 * level)}" for level in LEVELS), "p", "corrected"]
        return pl.DataFrame(schema={**kinds, **dict.fromkeys(figures, pl.Float64)})
    return pl.DataFrame(rows).with_columns((pl.col("p") * len(rows)).clip(upper_bound=1.0).alias("corrected"))


def usual_strata(evidence: Evidence, years: NDArray[np.int32], size: Array) -> dict[str, dict[str, NDArray[np.bool_]]]:
    """Cells by decade, by how many channels look at them, and by the smaller state's size.

    Parameters
    ----------
    size : (P,) size of the smaller state of each pair
    """
    shape = evidence.channels[0].z.shape
    seen = np.sum([np.isfinite(channel.z) for channel in evidence.channels], axis=0)
    share = seen / len(evidence.channels)
    decades = years // 10 * 10
    cut = np.quantile(size, [1 / 3, 2 / 3])
    third = np.digitize(size, cut)
    return {
        "decade": {f"{decade}s": np.broadcast_to(decades == decade, shape) for decade in np.unique(decades)},
        "coverage": {
            "under half of channels": share < 0.5,
            "half to nine tenths": (share >= 0.5) & (share < 0.9),
            "nine tenths or more": share >= 0.9,
        },
        "smaller state": {
            name: np.broadcast_to((third == k)[:, None], shape) for k, name in enumerate(("small", "middle", "large"))
        },
    }
