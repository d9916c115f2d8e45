"""Cycles of gains across kinds: who gives to whom in a ring, and how strong its weakest link is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, permutations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Links:
    """The strongest gain on every ordered pair, and the strongest of another kind than that.

    Attributes
    ----------
    first, second : (..., N, N) dependence of the receiver (column) on the giver (row); zero where there is none
    kind : (..., N, N) kind of the first, -1 where there is none
    """

    first: Floats
    second: Floats
    kind: Ints


def strongest(by_kind: Floats) -> Links:
    """Links from the strongest dependence by kind.

    Parameters
    ----------
    by_kind : (K, ..., N, N) dependence by kind of gain
    """
    kind = by_kind.argmax(axis=0)
    first = np.take_along_axis(by_kind, kind[None], axis=0)[0]
    rest = by_kind.copy()
    np.put_along_axis(rest, kind[None], 0.0, axis=0)
    return Links(first, rest.max(axis=0), np.where(first > 0, kind, -1))


def rings(size: int, longest: int = 3) -> list[tuple[int, ...]]:
    """Directed rings of two and more of `size` states, each once, starting at its smallest member."""
    return [
        (head, *rest)
        for length in range(2, min(longest, size) + 1)
        for head, *others in combinations(range(size), length)
        for rest in permutations(others)
    ]


def strengths(links: Links, found: Sequence[tuple[int, ...]]) -> Floats:
    """The strength of every ring: the weakest link, each link at its best, where not all links may be of one kind.

    Returns
    -------
    (..., R)
    """
    return np.stack([_strength(links, ring) for ring in found], axis=-1)


def _strength(links: Links, ring: tuple[int, ...]) -> Floats:
    ends = [*ring[1:], ring[0]]
    first = np.stack([links.first[..., a, b] for a, b in zip(ring, ends, strict=True)], axis=-1)
    second = np.stack([links.second[..., a, b] for a, b in zip(ring, ends, strict=True)], axis=-1)
    kind = np.stack([links.kind[..., a, b] for a, b in zip(ring, ends, strict=True)], axis=-1)
    weakest = first.min(axis=-1)
    alike = (kind == kind[..., :1]).all(axis=-1)
    # all of one kind: one link must do with its second best; choose the link where that costs least
    swapped = []
    for place in range(len(ring)):
        others = np.delete(first, place, axis=-1).min(axis=-1)
        swapped.append(np.minimum(second[..., place], others))
    return np.asarray(np.where(alike, np.max(swapped, axis=0), weakest))


def kinds_of(by_kind: Floats, ring: tuple[int, ...]) -> list[tuple[int, float]]:
    """The kind and dependence of every link of a ring in the choice that makes it strongest.

    Parameters
    ----------
    by_kind : (K, N, N)
    """
    links = strongest(by_kind)
    ends = [*ring[1:], ring[0]]
    best = [(int(links.kind[a, b]), float(links.first[a, b])) for a, b in zip(ring, ends, strict=True)]
    if len({kind for kind, _ in best}) > 1:
        return best
    target = float(_strength(links, ring))
    for place, (a, b) in enumerate(zip(ring, ends, strict=True)):
        rest = [value for at, (_, value) in enumerate(best) if at != place]
        if min(float(links.second[a, b]), *rest) >= target:
            own = by_kind[:, a, b].copy()
            own[best[place][0]] = 0.0
            best[place] = (int(own.argmax()), float(links.second[a, b]))
            return best
    return best


def triads_as_strong(by_kind: Floats, bar: float) -> tuple[int, int]:
    """How many rings of three among all states are at least as strong as a bar, and how many rings there are.

    Parameters
    ----------
    by_kind : (K, N, N) over all states
    """
    links = strongest(by_kind)
    n = links.first.shape[0]
    count = 0
    for i in range(n):
        later = np.arange(i + 1, n)
        if len(later) < 2:
            continue
        inner = np.ix_(later, later)
        a, b, c = links.first[i, later][:, None], links.first[inner], links.first[later, i][None, :]
        a2, b2, c2 = links.second[i, later][:, None], links.second[inner], links.second[later, i][None, :]
        ka, kb, kc = links.kind[i, later][:, None], links.kind[inner], links.kind[later, i][None, :]
        other = np.maximum.reduce([np.minimum(a2, np.minimum(b, c)), np.minimum(b2, np.minimum(a, c)),
                                   np.minimum(c2, np.minimum(a, b))])  # fmt: skip
        strength = np.where((ka == kb) & (kb == kc), other, np.minimum(a, np.minimum(b, c)))
        np.fill_diagonal(strength, 0.0)
        count += int((strength >= bar).sum())
    return count, n * (n - 1) * (n - 2) // 3
