r"""What each document owes one formula, by its topic, its kind and its length.

The exposure of a document (:mod:`innominate.silence.exposure`) holds for all formulas of the series. A single formula is owed
more where its topic is touched and in the kinds of documents that carry it. Where a formula was missing now and then while it
was in use, those documents tell which ones owe it: a complementary log-log regression (McCullagh and Nelder 1989, 4.3) of its
presence on a topic score, its rate in documents of the same kind, and length. That link is the one that fits the recurrence
model: a document of exposure w carries a formula of level rho with probability :math:`1-(1-\rho)^w`, and
:math:`w = w_0\exp(x\beta)`. Only documents between the first and the last use enter, so a silence cannot explain itself; the
topic score of a document never rests on that document (cross-fitting), nor on the words of the formula, nor on those of its
sentence that hardly stand without it: where a whole sentence goes, they are no sign that its topic was not touched.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

Floats = npt.NDArray[np.float64]
FEWEST_MISSES = 5  # documents without the formula while in use, from which its covariates can be told
_SPAN = 300  # latest documents of the formula's life, and documents after it, that are looked at
_WORDS = 40  # stems that make up a topic
_GOES_WITH = 0.8  # share of its documents that carry the formula, too, from which a word of its sentence goes with it
_MIXED = 2_654_435_761  # an odd number whose multiples tell halves apart that follow no pattern
_RIDGE = 8.0
_LEAST, _MOST = 0.05, 4.0  # factors on the exposure


@dataclass(frozen=True, slots=True)
class Words:
    """Which content stems stand in which documents, lengths and kinds.

    Attributes
    ----------
    bounds : first of `stem` of every document, and the end
    stem : the stems of each document, each once
    stems : how many stems there are
    length : tokens of every document
    kind : number of the kind of every document
    """

    bounds: npt.NDArray[np.int64]
    stem: npt.NDArray[np.int32]
    stems: int
    length: Floats
    kind: npt.NDArray[np.int64]


@njit(cache=True)
def occurrences(stem: Any, document: Any, content: Any) -> Any:
    """Document and stem of every content stem of every document, each once; documents ascend."""
    seen = np.full(len(content), -1, dtype=np.int32)
    rows, columns = np.empty(len(stem), dtype=np.int32), np.empty(len(stem), dtype=np.int32)
    count = 0
    for i in range(len(stem)):
        if content[stem[i]] and seen[stem[i]] != document[i]:
            seen[stem[i]] = document[i]
            rows[count], columns[count] = document[i], stem[i]
            count += 1
    return rows[:count], columns[:count]


def words(stem: Any, document: Any, content: Any, token_bounds: Any, kind: Any) -> Words:
    """The words of a series; stems of more than six in ten documents, or of one, say nothing of topics and are left out."""
    size = len(token_bounds) - 1
    rows, columns = occurrences(stem, document, content)
    df = np.bincount(columns, minlength=len(content))
    told = (df[columns] >= 2) & (df[columns] <= max(0.6 * size, 2))
    columns = columns[told]
    bounds = np.concatenate([[0], np.cumsum(np.bincount(rows[told], minlength=size))])
    return Words(
        bounds, columns, len(content), np.diff(token_bounds).astype(np.float64), np.asarray(kind, dtype=np.int64)
    )


def own_exposure(about: Words, hits: Any, own: Any, beside: Any, taken: int, exposure: Floats) -> Floats | None:
    """Exposure of every document to one formula, or None where too few documents tell.

    Parameters
    ----------
    about : words of the series
    hits : documents of the stretch of use that carry the formula, ascending
    own : stems of the formula
    beside : stems of the sentence in which it was last used; those that hardly stand without it go with it and tell no topic
    taken : tokens of that sentence, by which the documents that carry it are longer
    exposure : of every document, for all formulas
    """
    first = max(int(hits[0]), int(hits[-1]) - _SPAN + 1)
    stop = min(int(hits[-1]) + 1 + _SPAN, len(exposure))
    span = np.arange(int(hits[-1]) + 1 - first)  # counted from `first`, as everything below
    present = np.isin(span + first, hits)
    if int((~present).sum()) < FEWEST_MISSES or int(present.sum()) < FEWEST_MISSES:
        return None
    rows = np.arange(first, stop)
    users, others = (_counts(about.bounds, about.stem, about.stems, rows[span[one]]) for one in (present, ~present))
    own = np.union1d(own, beside[users[beside] >= _GOES_WITH * (users + others)[beside]])
    rest = about.length[first:stop].copy()
    rest[span[present]] -= taken
    half = (span * _MIXED >> 16) % 2 == 0  # no parity: kinds of documents often take turns
    columns = [
        _topic(about, rows, span, present, own, half),
        np.log(np.maximum(rest, 1.0)),
        _of_kind(about.kind[first:stop], span, present, half),
    ]
    design = np.stack([_standard(column, span) for column in columns], axis=1)
    beta = _regress(design[span], present, np.log(exposure[first + span]))
    factor = np.clip(np.exp(design @ beta), _LEAST, _MOST)
    out = exposure.copy()
    out[first:stop] *= factor / float(np.average(factor[span[present]]))
    return np.asarray(np.clip(out, 0.01, 4.0))


def _standard(column: Floats, span: Any) -> Floats:
    inside = column[span]
    return np.asarray(np.clip((column - inside.mean()) / (inside.std() + 1e-9), -3.0, 3.0))


@njit(cache=True)
def _counts(bounds: Any, stems: Any, size: int, rows: Any) -> Any:
    """In how many of some documents every stem stands: (size,)."""
    out = np.zeros(size, dtype=np.float32)
    for row in rows:
        for i in range(bounds[row], bounds[row + 1]):
            out[stems[i]] += 1.0
    return out


@njit(cache=True)
def _sums(bounds: Any, stems: Any, rows: Any, weight: Any) -> Any:
    """The weights of the stems of every one of some documents, added up."""
    out = np.zeros(len(rows))
    for k in range(len(rows)):
        total = np.float32(0.0)
        for i in range(bounds[rows[k]], bounds[rows[k] + 1]):
            total += weight[stems[i]]
        out[k] = total
    return out


def _topic(about: Words, rows: Any, span: Any, present: Any, own: Any, half: Any) -> Floats:
    """How much each document speaks of what the formula's users speak of; each half of the span is scored by the other."""
    bounds, stems, size = about.bounds, about.stem, about.stems
    scores = []
    for side in (half, ~half):
        users, others = span[side & present], span[side & ~present]
        with_it, without = (_counts(bounds, stems, size, rows[some]) for some in (users, others))
        weight = np.zeros(size)
        there = np.flatnonzero(with_it + without)
        p, q = (with_it[there] + 0.5) / (len(users) + 1.0), (without[there] + 0.5) / (len(others) + 1.0)
        spread = np.sqrt((1 - p) / (p * (len(users) + 1.0)) + (1 - q) / (q * (len(others) + 1.0)))
        weight[there] = np.log(p / q) / (1.0 + spread)
        weight[own] = 0.0
        heavy = np.abs(weight[there])
        chosen = there[heavy >= np.partition(heavy, -_WORDS)[-_WORDS]] if len(heavy) > _WORDS else there
        sparse = np.zeros(size, dtype=np.float32)
        sparse[chosen] = weight[chosen]
        scores.append(_sums(bounds, stems, rows, sparse))
    out = (scores[0] + scores[1]) / 2.0
    out[span[half]] = scores[1][span[half]]
    out[span[~half]] = scores[0][span[~half]]
    return np.asarray(out)


def _of_kind(kind: Any, span: Any, present: Any, half: Any, worth: float = 3.0) -> Floats:
    """Log of the rate of the formula in documents of the same kind, against its rate in all; 0 where all are of one kind.

    Each half of the span is told the rate in the other: without itself alone, each user would see a lower rate than all others.
    """
    inside, rate = kind[span], float(present.mean())
    if (inside == inside[0]).all():
        return np.zeros(len(kind))
    kinds = int(kind.max(initial=0)) + 1
    out = np.zeros(len(kind))
    for told, by in (
        (np.arange(len(kind)), np.ones(len(span), dtype=np.bool_)),
        (span[half], ~half),
        (span[~half], half),
    ):
        size = np.bincount(inside[by], minlength=kinds)
        users = np.bincount(inside[by], weights=present[by], minlength=kinds)
        out[told] = ((users + worth * rate) / (size + worth))[kind[told]]
    return np.asarray(np.log(np.maximum(out, 1e-3) / rate))


def _regress(design: Floats, present: Any, offset: Floats, rounds: int = 12) -> Floats:
    """Coefficients of a complementary log-log regression with a ridge on all but the constant, by Fisher scoring."""
    inputs = np.concatenate([np.ones((len(design), 1)), design], axis=1)
    ridge = np.diag([1e-3, *[_RIDGE] * design.shape[1]])
    beta = np.zeros(inputs.shape[1])
    beta[0] = np.log(-np.log1p(-min(float(np.mean(present)), 0.99)))
    for _ in range(rounds):
        linear = np.clip(inputs @ beta + offset, -6.0, 2.5)
        odds = np.exp(linear)
        p = np.clip(-np.expm1(-odds), 1e-6, 1 - 1e-6)
        slope = odds * (1 - p)
        gain = inputs.T @ (slope / (p * (1 - p)) * (present - p)) - ridge @ beta
        curve = (inputs * (slope**2 / (p * (1 - p)))[:, None]).T @ inputs + ridge
        step = np.linalg.solve(curve, gain)
        beta += step * min(1.0, 1.0 / float(np.abs(step).max() + 1e-12))
    return np.asarray(beta[1:])
