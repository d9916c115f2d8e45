"""Loops over states and counts that a sparse core needs besides the pass of :mod:`innominate.blocs.kernels`."""

from __future__ import annotations

import numpy as np
from numba import njit

from innominate.blocs.kernels import Table
from innominate.threads import in_parts


@njit(cache=True, error_model="numpy")
def tied_totals(shape, prior_rate, ties, senders, receivers, means, totals):  # type: ignore[no-untyped-def]
    """Exposed totals of one membership table that serves senders and receivers, state after state.

    shape (N, C); prior_rate alpha × beta; ties (B, C, C) weight of sender bloc × receiver bloc by exposure block;
    senders, receivers (B, N) exposure; means (N, C) in and out; totals (N, C) out. A state does not act on itself.
    """
    blocks, count, blocs = senders.shape[0], means.shape[0], means.shape[1]
    sent, received = np.zeros((blocks, blocs)), np.zeros((blocks, blocs))
    for b in range(blocks):
        for i in range(count):
            for c in range(blocs):
                sent[b, c] += senders[b, i] * means[i, c]
                received[b, c] += receivers[b, i] * means[i, c]
    for i in range(count):
        for c in range(blocs):
            total = 0.0
            for b in range(blocks):
                out = into = 0.0
                for d in range(blocs):
                    out += ties[b, c, d] * (received[b, d] - receivers[b, i] * means[i, d])
                    into += ties[b, d, c] * (sent[b, d] - senders[b, i] * means[i, d])
                total += senders[b, i] * out + receivers[b, i] * into
            totals[i, c] = max(total, 0.0)
        for c in range(blocs):
            mean = shape[i, c] / (prior_rate + totals[i, c])
            for b in range(blocks):
                sent[b, c] += senders[b, i] * (mean - means[i, c])
                received[b, c] += receivers[b, i] * (mean - means[i, c])
            means[i, c] = mean


def bloc_counts(
    coordinates: Table, counts: Table, first: Table, moving: Table, rest: Table, places: Table, out: Table
) -> None:
    """Acts of every state in every period, allocated to blocs, whether it sends or receives.

    coordinates (Z, M) and counts (Z,), sorted by period; first (T + 1,) first non-zero of every period;
    moving (T, N, C) memberships of every period; rest (R, Q): stacked rows of the other modes with the core in, row
    numbers in coordinates[:, 2:]; places (Q, M); out (T, N, C).
    """
    told = coordinates, counts, first, moving, rest, places, out
    in_parts(_bloc_counts, len(first) - 1, *told, operations=len(counts) * len(places))


@njit(nogil=True, cache=True, error_model="numpy")
def _bloc_counts(begin, stop, stride, coordinates, counts, first, moving, rest, places, out):  # type: ignore[no-untyped-def]
    modes, entries = coordinates.shape[1], places.shape[0]
    for t in range(begin, stop, stride):
        share = np.empty(entries)
        out[t] = 0.0
        for n in range(first[t], first[t + 1]):
            i, j = coordinates[n, 0], coordinates[n, 1]
            total = 0.0
            for q in range(entries):
                value = moving[t, i, places[q, 0]] * moving[t, j, places[q, 1]]
                for m in range(2, modes):
                    value *= rest[coordinates[n, m], q]
                share[q] = value
                total += value
            if total > 0.0:
                for q in range(entries):
                    part = counts[n] * share[q] / total
                    out[t, i, places[q, 0]] += part
                    out[t, j, places[q, 1]] += part
