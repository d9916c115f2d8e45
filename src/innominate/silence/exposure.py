"""How much each document owes: its exposure against the typical document of its series.

A short courtesy text owes few formulas, a long report all of them; a special statement of another kind may owe none. The
exposure of a document is estimated from how many of the formulas that were in steady use just before *and* just after it
does carry, shrunk towards a power of its length. Formulas that stop there do not enter, so that a real mass omission is not
explained away.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

_REACH = 5  # documents looked at on either side
_STEADY = 5  # of them that must carry the formula
_TRUST = 12.0  # formulas that the prior from length is worth
LEAST, MOST = 0.02, 3.0

Floats = npt.NDArray[np.float64]


@njit(cache=True)
def _tally(bounds: Any, documents: Any, size: int) -> Any:
    """Per document: formulas steadily in use around it, those it carries, and the sum of their local rates."""
    met, carried, expected = np.zeros(size), np.zeros(size), np.zeros(size)
    uses = np.zeros(size)
    for i in range(len(bounds) - 1):
        hits = documents[bounds[i] : bounds[i + 1]]
        for hit in hits:
            uses[hit] += 1
        low, high = 0, 0
        for j in range(len(hits) - 1):
            for doc in range(hits[j] + (1 if j > 0 else 0), min(hits[j + 1], hits[j] + _REACH) + 1):
                if doc == hits[0] or doc == hits[-1]:
                    continue
                while hits[low] < doc - _REACH:
                    low += 1
                while high < len(hits) and hits[high] <= doc + _REACH:
                    high += 1
                here = 1 if doc in (hits[j], hits[j + 1]) else 0
                near = high - low - here
                if near >= _STEADY:
                    met[doc] += 1
                    carried[doc] += here
                    expected[doc] += near / min(2 * _REACH, size - 1)
    return met, carried, expected, uses


def _slope(length: Floats, uses: Floats) -> float:
    """How the number of recurring phrases grows with the length of a document (a power), between 0.2 and 1."""
    x, y = np.log(np.maximum(length, 1.0)), np.log1p(uses)
    spread = float(np.var(x))
    if len(x) < 8 or spread < 1e-3:
        return 0.5
    return float(np.clip(np.mean((x - x.mean()) * (y - y.mean())) / spread, 0.2, 1.0))


def exposures(bounds: Any, documents: Any, length: Floats) -> Floats:
    """Exposure of every document of a series, 1 for the typical one.

    Parameters
    ----------
    bounds, documents : presence patterns in compressed rows
    length : tokens of every document
    """
    met, carried, expected, uses = _tally(bounds, documents, len(length))
    typical = float(np.median(length[length > 0])) if (length > 0).any() else 1.0
    base = np.clip((np.maximum(length, 0.5) / typical) ** _slope(length, uses), LEAST, MOST)
    rate = np.clip(expected / np.maximum(met, 1.0), 0.05, 0.97)
    share = np.clip(carried / np.maximum(expected, 1e-9), 0.0, 1.02 / np.maximum(rate, 1e-9)) * rate
    seen = np.log1p(-np.clip(share, 0.0, 0.995)) / np.log1p(-rate)
    trust = met / (met + _TRUST)
    out = np.exp(trust * np.log(np.clip(seen, LEAST, MOST)) + (1 - trust) * np.log(base))
    return np.asarray(np.clip(out, LEAST, MOST), dtype=np.float64)


def clock(dates: Sequence[date]) -> Floats:
    """Elapsed time before each document in mean steps, cumulated: n + 1 values, the first step takes none.

    Steps are at least a fifth of the mean one (documents of one day still follow one another) and at most four times it
    (a long pause is no evidence of many changes).
    """
    days = np.array([day.toordinal() for day in dates], dtype=np.float64)
    step = np.diff(days)
    mean = step.mean() if len(step) and step.sum() > 0 else 1.0
    step = np.clip(step / mean, 0.2, 4.0)
    if len(step):
        step *= len(step) / step.sum()
    return np.concatenate([[0.0, 0.0], np.cumsum(step)]) if len(days) else np.zeros(1)
