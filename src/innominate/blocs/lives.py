"""Birth, end, merger, split and turnover of blocs: each with the share of posterior draws in which it happens.

After Palla, Barabási and Vicsek 2007 and Greene, Doyle and Cunningham 2010: blocs are compared as sets of members from one
period to the next, a member being a state whose foremost bloc it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from innominate.blocs.membership import Memberships

LEAST_MEMBERS = 3
_MERGING = 0.5  # share of a bloc's members that goes where it is merged
_SPLITTING = 0.3  # least share of a bloc's members in each of the places it splits into


def lifecycle(found: Memberships, *, least: float = 0.5, least_acts: float = 5.0) -> pl.DataFrame:
    """Events in the life of blocs, those with at least the probability `least`.

    States with fewer than `least_acts` acts in either period do not count as members.

    Returns
    -------
    period, kind (birth, end, merger, split), bloc, others (the blocs merged or split into), probability
    """
    first = found.draws.argmax(axis=3)
    rows: list[dict[str, object]] = []
    for t in range(1, len(found.periods)):
        busy = (found.acts[t - 1] >= least_acts) & (found.acts[t] >= least_acts)
        if busy.any():
            flows = _flows(first[:, t - 1, busy], first[:, t, busy], len(found.names))
            rows += [{"period": found.periods[t], **row} for row in _events(flows, found.names, least)]
    kinds: dict[str, Any] = {
        "period": pl.String,
        "kind": pl.String,
        "bloc": pl.String,
        "others": pl.List(pl.String),
        "probability": pl.Float64,
    }
    return pl.DataFrame(rows, schema=kinds)


def turnover(found: Memberships, *, least_acts: float = 5.0, level: float = 0.9) -> pl.DataFrame:
    """How much of each bloc changes from one period to the next: one minus the share that stays (Jaccard), with interval.

    Returns
    -------
    period, bloc, members (mean number), turnover, low, high
    """
    first = found.draws.argmax(axis=3)
    rows: list[dict[str, object]] = []
    for t in range(1, len(found.periods)):
        busy = (found.acts[t - 1] >= least_acts) & (found.acts[t] >= least_acts)
        if not busy.any():
            continue
        flows = _flows(first[:, t - 1, busy], first[:, t, busy], len(found.names))
        stay, before, after = np.diagonal(flows, axis1=1, axis2=2), flows.sum(axis=2), flows.sum(axis=1)
        union = before + after - stay
        change = 1 - np.divide(stay, union, where=union > 0, out=np.ones(stay.shape))
        for c, name in enumerate(found.names):
            if union[:, c].any():
                low, high = np.quantile(change[:, c], [(1 - level) / 2, (1 + level) / 2])
                rows.append({"period": found.periods[t], "bloc": name, "members": float(after[:, c].mean()),
                             "turnover": float(change[:, c].mean()), "low": float(low), "high": float(high)})  # fmt: skip
    return pl.DataFrame(rows)


def _flows(before: np.ndarray, after: np.ndarray, blocs: int) -> np.ndarray:
    """(S, C, C) states by bloc before and bloc after, for every draw."""
    keys = before.astype(np.int64) * blocs + after + (np.arange(len(before)) * blocs * blocs)[:, None]
    return np.bincount(keys.ravel(), minlength=len(before) * blocs * blocs).reshape(len(before), blocs, blocs)


def _events(flows: np.ndarray, names: Sequence[str], least: float) -> list[dict[str, object]]:
    before, after = flows.sum(axis=2), flows.sum(axis=1)
    big_before, big_after = before >= LEAST_MEMBERS, after >= LEAST_MEMBERS
    moved = (flows >= np.maximum(_MERGING * before, 2)[:, :, None]) & big_before[:, :, None]
    parted = (flows >= np.maximum(_SPLITTING * before, 2)[:, :, None]) & (before >= 4)[:, :, None]
    rows = []
    for c, name in enumerate(names):
        told = {
            "birth": (~big_before[:, c] & big_after[:, c], np.zeros(0, dtype=bool)),
            "end": (big_before[:, c] & ~big_after[:, c], np.zeros(0, dtype=bool)),
            "merger": (moved[:, :, c].sum(axis=1) >= 2, moved[:, :, c].mean(axis=0) >= 0.5),
            "split": (parted[:, c].sum(axis=1) >= 2, parted[:, c].mean(axis=0) >= 0.5),
        }
        for kind, (happens, others) in told.items():
            if happens.mean() >= least:
                named = [names[int(d)] for d in np.flatnonzero(others)]
                rows.append({"kind": kind, "bloc": name, "others": named, "probability": float(happens.mean())})
    return rows


def drift(found: Memberships, group: Sequence[str], *, lag: int = 4, least_acts: float = 5.0) -> np.ndarray:
    """(S,) how far members' shares in blocs move over `lag` periods, beyond what draws of one period differ by.

    The distance is the share of a state's acts that would have to change bloc (total variation); mean over members and over
    periods in which they have at least `least_acts` acts at both ends. Empty where there is none.
    """
    draws, half = found.draws, len(found.draws) // 2
    moves = []
    for state in group:
        if state not in found.states:
            continue
        i = found.states.index(state)
        for t in range(len(found.periods) - lag):
            if min(found.acts[t, i], found.acts[t + lag, i]) >= least_acts:
                now, later = draws[:, t, i], draws[:, t + lag, i]
                noise = [_apart(each[:half], each[half : 2 * half]).mean() for each in (now, later)]
                moves.append(_apart(now, later) - np.mean(noise))
    return np.mean(moves, axis=0) if moves else np.zeros(0)


def _apart(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.asarray(0.5 * np.abs(a - b).sum(axis=1))
