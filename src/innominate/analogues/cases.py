"""Cases: a pair or a triad at the end of a year, what was known of it then, and what followed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from innominate.analogues.record import Record

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]

STEP = 5  # years between the cases of one pair, and between the points of its past that are compared
TRIAD_FEATURES = 24
MOST_TRIADS = 3000  # a year, drawn by hash of their codes
OUTCOMES = ("treaty", "joint war", "split")


@dataclass(frozen=True, slots=True)
class Cases:
    """Cases of one size, pairs or triads.

    Attributes
    ----------
    unit : (R,) number of the pair or triad: equal for the same states in different years
    members : (R, 2 or 3) places of the states
    year : (R,) the end of which is the standpoint
    features : (R, D) known then
    continuous : the first so many features are measured in spreads, the others in fixed units
    touch : (R,) in touch: bound, at odds, fighting together, or among the most aligned fifth
    group : (R,) number of the plain class: pact, fought together, dispute in the last ten years
    followed : outcome → horizon → (R,) whether it followed within that many years
    open_ : outcome → horizon → (R,) whether the question arises (it is not so already) and the data know the answer
    """

    unit: NDArray[np.int64]
    members: NDArray[np.int64]
    year: NDArray[np.int64]
    features: Floats
    continuous: int
    touch: Flags
    group: NDArray[np.int64]
    followed: dict[str, dict[int, Flags]]
    open_: dict[str, dict[int, Flags]]

    def take(self, rows: NDArray[np.intp]) -> Cases:
        """Some of the cases."""
        followed = {name: {h: flags[rows] for h, flags in own.items()} for name, own in self.followed.items()}
        open_ = {name: {h: flags[rows] for h, flags in own.items()} for name, own in self.open_.items()}
        return Cases(
            self.unit[rows], self.members[rows], self.year[rows], self.features[rows], self.continuous, self.touch[rows],
            self.group[rows], followed, open_,
        )  # fmt: skip


def pair_features(record: Record, pairs: NDArray[np.intp], t: int) -> Floats:
    """(len(pairs), D) what was known of some pairs at the end of a year, in units in which one is a marked difference.

    Parameters
    ----------
    t : place of the year in the record; years before the record's first count as nought

    Returns
    -------
    columns : security, economy and diplomacy now, their change in the last 5 years and in the 5 before; defence pact, other
        commitment, common rivals, pacts of the strongest common rival, disputes between them, fought together
    """
    now, before, earlier = (_level(record, pairs, t - back) for back in (0, STEP, 2 * STEP))
    since = slice(max(t - 2 * STEP + 1, 0), t + 1)
    return np.column_stack(
        [
            now,
            now - before,
            before - earlier,
            record.pact[pairs, t],
            0.5 * record.tie[pairs, t],
            0.3 * np.log1p(record.rivals[pairs, t]),
            0.2 * np.log1p(record.bloc[pairs, t]),
            0.5 * np.log1p(record.dispute[pairs, since].sum(axis=1)),
            record.joint[pairs, since].any(axis=1),
        ]
    ).astype(np.float32)


def _level(record: Record, pairs: NDArray[np.intp], t: int) -> Floats:
    return record.level[pairs, t] if t >= 0 else np.zeros((len(pairs), 3), dtype=np.float32)


def pair_cases(record: Record, years: range, horizons: tuple[int, ...]) -> Cases:
    """Every pair that existed at the end of some years."""
    parts = []
    for year in years:
        t = year - int(record.years[0])
        pairs = np.flatnonzero(record.alive[:, t])
        parts.append((pairs, t, pair_features(record, pairs, t)))
    rows = np.concatenate([part[0] for part in parts])
    place = np.concatenate([np.full(len(part[0]), part[1]) for part in parts])
    members = np.stack([record.a[rows], record.b[rows]], axis=1).astype(np.int64)
    features = np.concatenate([part[2] for part in parts])
    followed, open_ = _outcomes(record, rows[:, None], place, horizons)
    overall = record.level.mean(axis=2)
    high = np.concatenate([overall[part[0], part[1]] > np.quantile(overall[part[0], part[1]], 0.8) for part in parts])
    pact, fought, disputed = features[:, 9] > 0, features[:, 14] > 0, features[:, 13] > 0
    touch = high | pact | (features[:, 10] > 0) | fought | disputed
    return Cases(
        rows.astype(np.int64), members, record.years[place], features, 9, touch, pact + 2 * fought + 4 * disputed,
        followed, open_,
    )  # fmt: skip


def _outcomes(
    record: Record, pairs: NDArray[np.intp], place: NDArray[np.intp], horizons: tuple[int, ...]
) -> tuple[dict[str, dict[int, Flags]], dict[str, dict[int, Flags]]]:
    """What followed for pairs (one column) or triads (three columns of pairs)."""
    happens = {"treaty": record.pact, "joint war": record.joint, "split": record.dispute}
    known = {"treaty": "treaty", "joint war": "joint war", "split": "dispute"}
    need = {"treaty": pairs.shape[1], "joint war": 1 if pairs.shape[1] == 1 else 2, "split": 1}
    followed: dict[str, dict[int, Flags]] = {}
    open_: dict[str, dict[int, Flags]] = {}
    last = record.alive.shape[1] - 1
    for name, flags in happens.items():
        so = np.zeros((len(pairs), last + 1), dtype=bool)
        counts = np.zeros((len(pairs), last + 1), dtype=np.int8)
        for column in range(pairs.shape[1]):
            counts += flags[pairs[:, column]]
        so = counts >= need[name]
        total = np.concatenate(
            [np.zeros((len(pairs), 1), dtype=np.int32), np.cumsum(so, axis=1, dtype=np.int32)], axis=1
        )
        followed[name], open_[name] = {}, {}
        row = np.arange(len(pairs))
        for horizon in horizons:
            end = np.minimum(place + horizon, last)
            followed[name][horizon] = total[row, end + 1] > total[row, place + 1]
            first, final = record.known.get(known[name], (9999, 0))
            year = record.years[place]
            inside = (year >= first) & (year + horizon <= final)
            open_[name][horizon] = inside & ~so[row, place]
    return followed, open_


def triad_cases(
    record: Record, years: range, horizons: tuple[int, ...], percentile: float, always: tuple[int, ...] = ()
) -> Cases:
    """Triads all of whose pairs were among the most aligned, at the end of some years.

    Parameters
    ----------
    percentile : share of pairs that each pair of a triad must be above, in (0, 1)
    always : places of three states that are taken in whatever their alignment, while all three exist
    """
    lookup = np.full((len(record.states), len(record.states)), -1, dtype=np.int64)
    lookup[record.a, record.b] = lookup[record.b, record.a] = np.arange(len(record.a))
    members, places, pairs, features = [], [], [], []
    for year in years:
        t = year - int(record.years[0])
        triads = _triangles(record, t, percentile)
        if always:
            own = lookup[[always[0], always[0], always[1]], [always[1], always[2], always[2]]]
            there = bool((own >= 0).all() and record.alive[own, t].all())
            extra = np.sort(np.array([always])) if there else np.zeros((0, 3), dtype=np.int64)
            triads = np.unique(np.concatenate([triads, extra]), axis=0)
        of = np.stack([lookup[triads[:, i], triads[:, j]] for i, j in ((0, 1), (0, 2), (1, 2))], axis=1)
        members.append(triads)
        places.append(np.full(len(triads), t))
        pairs.append(of)
        features.append(triad_features(record, of, t))
    every, place, of = np.concatenate(members), np.concatenate(places), np.concatenate(pairs)
    size = len(record.states)
    unit = (every[:, 0] * size + every[:, 1]) * size + every[:, 2]
    followed, open_ = _outcomes(record, of, place, horizons)
    known = np.concatenate(features)
    pacts, fought, disputed = (known[:, 15:18] > 0).sum(axis=1), known[:, 23] > 0, known[:, 22] > 0
    return Cases(
        unit, every, record.years[place], known, 15, np.ones(len(unit), dtype=bool), pacts + 4 * fought + 8 * disputed,
        followed, open_,
    )  # fmt: skip


def triad_features(record: Record, of: NDArray[np.int64], t: int) -> Floats:
    """(R, D) a triad's pairs from the least to the most aligned, theme by theme, and what they share."""
    if not len(of):
        return np.zeros((0, TRIAD_FEATURES), dtype=np.float32)
    single = np.stack([pair_features(record, of[:, k], t) for k in range(3)], axis=1)  # (R, 3, D)
    ordered = np.sort(single[:, :, :3], axis=1).reshape(len(of), 9)
    changes = single[:, :, 3:9].mean(axis=1)
    pacts, rivals = np.sort(single[:, :, 9], axis=1), np.sort(single[:, :, 11], axis=1)
    return np.concatenate([ordered, changes, pacts, rivals, single[:, :, 12:].max(axis=1)], axis=1)


def _triangles(record: Record, t: int, percentile: float) -> NDArray[np.int64]:
    """(R, 3) triads all of whose pairs are above a percentile of the overall alignment, at most :data:`MOST_TRIADS`."""
    alive = np.flatnonzero(record.alive[:, t])
    overall = record.level[alive, t].mean(axis=1)
    chosen = alive[overall > np.quantile(overall, percentile)]
    near = np.zeros((len(record.states),) * 2, dtype=bool)
    near[record.a[chosen], record.b[chosen]] = True
    found = []
    for i in np.flatnonzero(near.any(axis=1)):
        after = np.flatnonzero(near[i])
        one, two = np.nonzero(near[np.ix_(after, after)])
        if len(one):
            found.append(np.stack([np.full(len(one), i), after[one], after[two]], axis=1))
    if not found:
        return np.zeros((0, 3), dtype=np.int64)
    every = np.concatenate(found).astype(np.int64)
    if len(every) <= MOST_TRIADS:
        return every
    order = np.array([_digest(record.states, row) for row in every])
    return every[np.sort(np.argsort(order, kind="stable")[:MOST_TRIADS])]


def _digest(states: tuple[str, ...], row: NDArray[np.int64]) -> int:
    name = "".join(states[int(k)] for k in row)
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=7).digest())
