"""Interlock: do gains of different kinds close into rings more than chance partners would make them?

The strength of a ring (A gives to B, B to C, C to A, not all of one kind) is the smallest dependence along it. It is news
only against a null model: inside every measure, givers are exchanged between ties of similar size, so that everybody keeps
partners, what a state gives and what it receives, but not whom from. Each ring's p-value is the part of such worlds in
which it is at least as strong; for the many rings of a group at once it is adjusted by the smallest p-value of a world
(Westfall and Young 1993, single step). Gains that two states exchange together (meetings, joint vetoes) and counts of
events in the news are left out: they stand in both directions by construction. Of a ledger kept by hand the counts of acts
are used, because its units hardly ever have two givers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from innominate.errors import InputError
from innominate.exchange import cycles
from innominate.exchange.gains import MEASURE
from innominate.exchange.kernels import fit_margins, swap_givers
from innominate.exchange.kinds import HAND_KEPT
from innominate.ledger import GAINS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
SIMILAR = 3.0  # amounts that differ by less than this factor may be exchanged
BURN, SWEEPS = 30, 3  # exchanges tried for each tie before the first world, and between two worlds
FITS = 12
MOST = 12  # states of a group


@dataclass(frozen=True, slots=True)
class Layer:
    """The ties of one measure.

    Attributes
    ----------
    kind : place of its kind of gain
    givers, receivers : (E,) places of states, sorted by amount
    amounts : (E,)
    """

    kind: int
    givers: Ints
    receivers: Ints
    amounts: Floats


@dataclass(frozen=True, slots=True)
class Ring:
    """One ring of gains.

    Attributes
    ----------
    states : in order; each gives to the next, the last to the first
    kinds : of each link
    shares : the receiver's dependence along each link
    strength : the smallest of them
    p : part of the null worlds in which the ring is at least as strong
    p_adjusted : the same for all rings of the group at once
    expected : mean strength in the null worlds
    """

    states: tuple[str, ...]
    kinds: tuple[str, ...]
    shares: tuple[float, ...]
    strength: float
    p: float
    p_adjusted: float
    expected: float


@dataclass(frozen=True, slots=True)
class Interlock:
    """Rings of a group, the strongest first, and the group as a whole.

    Attributes
    ----------
    rings : all rings of two and three members with a strength above zero
    index : mean over the members of the strongest ring through each
    p : part of the null worlds with an index at least as high; None where no measure could be tested
    expected : mean index of the null worlds
    worlds, measures, ties : how many null worlds; measures and ties that were tested
    margin_error : median over the worlds of the part of everything given that stands with the wrong giver (worst measure)
    as_strong, triads : rings of three among all states at least as strong as the group's strongest of three, of how many;
        without ledgers kept by hand, which are written about some states only
    """

    rings: tuple[Ring, ...]
    index: float
    p: float | None
    expected: float
    worlds: int
    measures: int
    ties: int
    margin_error: float
    as_strong: int
    triads: int


def interlocking(
    shares: pl.DataFrame,
    group: Sequence[str],
    *,
    worlds: int = 999,
    seed: int = 0,
    progress: Callable[[str], None] | None = None,
) -> Interlock:
    """Test the rings of a group.

    Parameters
    ----------
    shares : giver, receiver, kind, dataset, unit, value, share of every tie with a known share (all states)
    group : two to twelve states
    worlds : null worlds
    seed : of the null worlds
    """
    if not 2 <= len(group) <= MOST:
        raise InputError(f"interlock is asked of 2 to {MOST} states, not of {len(group)}")
    known = shares.filter((pl.col("share") > 0) & (pl.col("value") > 0))
    states = sorted({*known["giver"], *known["receiver"], *group})
    layers = _layers(known, states)
    places = np.array([states.index(code) for code in group])
    own = _by_kind(layers, places, len(states))
    found = cycles.rings(len(group))
    observed = cycles.strengths(cycles.strongest(own), found)
    drawn, errors = _null(layers, places, len(states), found, worlds, seed, progress)
    p = (1 + (drawn >= observed - 1e-12).sum(axis=0)) / (1 + worlds)
    adjusted = _adjusted(drawn, p)
    through = [[place for place, ring in enumerate(found) if member in ring] for member in range(len(group))]
    index, indices = _index(observed[None], through), _index(drawn, through)
    as_strong, total = _in_the_world(known, states, group)
    names = list(GAINS)
    rings = []
    for place in np.lexsort((np.arange(len(found)), -observed)):
        if observed[place] <= 0:
            continue
        links = cycles.kinds_of(own, found[place])
        rings.append(Ring(tuple(group[at] for at in found[place]), tuple(names[kind] for kind, _ in links),
                          tuple(share for _, share in links), float(observed[place]), float(p[place]),
                          float(adjusted[place]), float(drawn[:, place].mean())))  # fmt: skip
    tested = bool(layers) and bool(rings)
    return Interlock(
        tuple(rings),
        float(index[0]),
        float((1 + (indices >= index[0] - 1e-12).sum()) / (1 + worlds)) if tested else None,
        float(indices.mean()),
        worlds,
        len(layers),
        sum(len(layer.amounts) for layer in layers),
        float(np.median(errors)) if len(errors) else 0.0,
        as_strong,
        total,
    )


def _in_the_world(known: pl.DataFrame, states: Sequence[str], group: Sequence[str]) -> tuple[int, int]:
    """How many rings of three are as strong as the group's strongest, and how many there are, by datasets alone."""
    layers = _layers(known.filter(~pl.col("dataset").str.starts_with(HAND_KEPT)), states)
    own = cycles.strongest(_by_kind(layers, np.array([states.index(code) for code in group]), len(states)))
    threes = [ring for ring in cycles.rings(len(group)) if len(ring) == 3]
    best = float(cycles.strengths(own, threes).max()) if threes else 0.0
    everywhere = _by_kind(layers, np.arange(len(states)), len(states))
    return cycles.triads_as_strong(everywhere, best) if best > 0 else (0, 0)


def _index(strength: Floats, through: Sequence[Sequence[int]]) -> Floats:
    """(W,) mean over members of the strongest ring through each."""
    return np.asarray(np.mean([strength[:, list(places)].max(axis=1) for places in through], axis=0))


def _adjusted(drawn: Floats, p: Floats) -> Floats:
    """Single-step min-p: how often the smallest p-value of a null world is at most the ring's."""
    worlds = len(drawn)
    smallest = np.ones(worlds)
    for place in range(drawn.shape[1]):  # also rings that are not on record: a null world may have them
        own = np.sort(drawn[:, place])
        at_least = worlds - np.searchsorted(own, drawn[:, place] - 1e-12, side="left")
        smallest = np.minimum(smallest, at_least / worlds)
    return np.asarray((1 + (smallest[:, None] <= p[None, :]).sum(axis=0)) / (1 + worlds))


def _layers(known: pl.DataFrame, states: Sequence[str]) -> list[Layer]:
    place = {code: at for at, code in enumerate(states)}
    kinds = {name: at for at, name in enumerate(GAINS)}
    layers = []
    for (kind, _, _), ties in known.sort(*MEASURE, "value", "giver", "receiver").group_by(
        *MEASURE, maintain_order=True
    ):
        layers.append(
            Layer(
                kinds[str(kind)],
                np.array([place[code] for code in ties["giver"]], dtype=np.int64),
                np.array([place[code] for code in ties["receiver"]], dtype=np.int64),
                ties["value"].to_numpy().astype(np.float64),
            )
        )
    return layers


def _by_kind(layers: Sequence[Layer], places: Ints, states: int) -> Floats:
    """(K, n, n) strongest dependence by kind among the states at `places`."""
    own = np.full(states, -1)
    own[places] = np.arange(len(places))
    found = np.zeros((len(GAINS), len(places), len(places)))
    for layer in layers:
        _into(found[layer.kind], layer.givers, layer.receivers, layer.amounts, own, states)
    return found


def _into(found: Floats, givers: Ints, receivers: Ints, amounts: Floats, own: Ints, states: int) -> None:
    taken = np.bincount(receivers, amounts, states)
    a, b = own[givers], own[receivers]
    inside = (a >= 0) & (b >= 0)
    np.maximum.at(found, (a[inside], b[inside]), amounts[inside] / taken[receivers[inside]])


def _null(
    layers: Sequence[Layer],
    places: Ints,
    states: int,
    found: Sequence[tuple[int, ...]],
    worlds: int,
    seed: int,
    progress: Callable[[str], None] | None,
) -> tuple[Floats, Floats]:
    """(W, R) strengths of the rings in null worlds, and (W,) what the worst measure gives wrongly."""
    own = np.full(states, -1)
    own[places] = np.arange(len(places))
    by_kind = np.zeros((len(GAINS), worlds, len(places), len(places)))
    errors = np.zeros(worlds)
    for number, layer in enumerate(layers):
        if progress is not None:
            progress(f"chance partners, measure {number + 1} of {len(layers)}")
        givers = layer.givers.copy()
        present = np.zeros((states, states), dtype=np.bool_)
        present[givers, layer.receivers] = True
        window = np.stack([
            np.searchsorted(layer.amounts, layer.amounts / SIMILAR, side="left"),
            np.searchsorted(layer.amounts, layer.amounts * SIMILAR, side="right") - 1,
        ], axis=1)  # fmt: skip
        given = np.bincount(layer.givers, layer.amounts, states)
        taken = np.bincount(layer.receivers, layer.amounts, states)
        state = np.array([(seed * 1_000_003 + number * 7919 + 12345) % 2**63], dtype=np.uint64)
        ties = len(givers)
        swap_givers(givers, layer.receivers, window, present, BURN * ties, state)
        for world in range(worlds):
            swap_givers(givers, layer.receivers, window, present, SWEEPS * ties, state)
            amounts = layer.amounts.copy()
            errors[world] = max(errors[world], fit_margins(givers, layer.receivers, amounts, given, taken, FITS))
            _into(by_kind[layer.kind, world], givers, layer.receivers, amounts, own, states)
    return cycles.strengths(cycles.strongest(by_kind), found), errors
