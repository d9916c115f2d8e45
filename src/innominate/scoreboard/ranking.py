"""How well a score puts the pairs in order: area under the ROC curve, average precision, rank correlation.

References
----------
Hanley and McNeil 1982, Radiology 143: 29-36 (the area as the probability that a positive outranks a negative).
Davis and Goadrich 2006, Proceedings of the 23rd International Conference on Machine Learning: 233-240 (precision and
recall where positives are rare).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Ranking:
    """How a score orders positives and negatives.

    Attributes
    ----------
    auc : probability that a random positive outranks a random negative, ties counting half
    precision : average precision, tied pairs being taken together
    positives, pairs : how many there are
    """

    auc: float
    precision: float
    positives: int
    pairs: int

    @property
    def lift(self) -> float:
        """Average precision over the share of positives, which is what a score that knows nothing reaches."""
        return self.precision * self.pairs / self.positives


def rank(score: Array, positive: Flags) -> Ranking:
    """Order pairs by a score, highest first; tied pairs share a place.

    Parameters
    ----------
    score : (n,) finite
    positive : (n,) both kinds present
    """
    order = np.argsort(-score, kind="stable")
    ordered, hits = score[order], positive[order]
    ends = np.append(np.flatnonzero(ordered[1:] != ordered[:-1]), len(ordered) - 1)  # last place of each tie
    found = np.cumsum(hits)[ends].astype(np.float64)
    passed = (ends + 1).astype(np.float64)
    new = np.diff(found, prepend=0.0)
    missed = np.diff(passed - found, prepend=0.0)
    total, rest = found[-1], passed[-1] - found[-1]
    area = float((missed * (found - new / 2)).sum() / (total * rest))
    precision = float((new * found / passed).sum() / total)
    return Ranking(area, precision, int(total), len(score))


def rank_correlation(first: Array, second: Array) -> float:
    """Spearman's rank correlation, ties averaged; NaN where one of the two does not vary."""
    from scipy.stats import rankdata  # takes seconds to import

    if len(first) < 3:
        return float("nan")
    one, two = rankdata(first), rankdata(second)
    one, two = one - one.mean(), two - two.mean()
    size = float(np.sqrt((one @ one) * (two @ two)))
    return float(one @ two) / size if size > 0 else float("nan")
