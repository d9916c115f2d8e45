"""Blocs of dealings as tables of a case: components, the course of memberships, who deals with whom, the case's states together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from innominate.cases.findings import Cell, Table
from innominate.cases.view import View

if TYPE_CHECKING:
    from innominate.blocs import Blocs

ENOUGH_EVENTS, ENOUGH_QUARTERS = 5_000, 8  # dated events of cooperation below which no blocs are shown
CARDS, LINES, SIDE = 6, 24, 28  # components, states of the timeline, states of the matrix
_HELD = """SELECT coalesce(sum(value), 0) AS events, count(DISTINCT date_trunc('quarter', "start")) AS quarters FROM acts
    WHERE channel IN ('verbal-cooperation', 'material-cooperation') AND "end" - "start" < 31 AND year("start") BETWEEN ? AND ?"""


def brief_blocs(view: View) -> Blocs | None:
    """The blocs shown in a brief, those of the command; None where the library holds too few dated events in the years studied."""
    events, quarters = view.study.library.query(_HELD, list(view.study.years)).row(0)
    if (
        events < ENOUGH_EVENTS
        or quarters < ENOUGH_QUARTERS
        or set(view.study.drop) >= {"verbal-cooperation", "material-cooperation"}
    ):
        return None
    return view.study.blocs()


def bloc_tables(view: View) -> tuple[Table, ...]:
    """The tables, or none where the library holds too few dated events."""
    found = brief_blocs(view)
    if found is None:
        return ()
    return (
        _summary(found),
        _cards(found),
        _courses(found),
        _timeline(found, view),
        _matrix(found, view),
        *_together(found, view),
    )


def _summary(found: Blocs) -> Table:
    periods = found.memberships.periods
    row = (len(found.memberships.names), found.tensor.total, found.tensor.outside, len(found.memberships.states), periods[0], periods[-1],
           found.memberships.dispersion, found.memberships.delta)  # fmt: skip
    columns = ("blocs", "events", "outside", "states", "first", "last", "dispersion", "persistence")
    return Table("bloc_summary", "What blocs were found in", columns, (row,))


def _cards(found: Blocs) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for card in found.cards(CARDS):
        for mode in ("source", "target", "action"):
            rows += [
                (card.number, card.share, card.acts, mode, label, share) for label, share in card.top.get(mode, [])[:6]
            ]
    columns = ("component", "component_share", "acts", "mode", "label", "share")
    return Table("bloc_cards", "Components of dealings: who, to whom, what", columns, tuple(rows))


def _courses(found: Blocs) -> Table:
    rows = tuple(
        (card.number, period, share)
        for card in found.cards(CARDS)
        for period, share in zip(found.memberships.periods, card.course, strict=True)
    )
    return Table("bloc_courses", "Components of dealings: when", ("component", "period", "share"), rows)


def _shown(found: Blocs, view: View, most: int) -> list[int]:
    """The busiest states and the case's own, in the order of their foremost bloc."""
    members = found.memberships
    busy = [int(i) for i in np.argsort(-members.acts.sum(axis=0), kind="stable")]
    own = [members.states.index(code) for code in view.case.states if code in members.states]
    kept = [*own, *[i for i in busy if i not in own]][:most]
    mean = members.draws.mean(axis=(0, 1))
    return sorted(kept, key=lambda i: (int(mean[i].argmax()), -float(mean[i].max()), members.states[i]))


def _timeline(found: Blocs, view: View) -> Table:
    members = found.memberships
    mean = members.draws.mean(axis=0, dtype=np.float64)
    low, high = np.quantile(members.draws, [0.05, 0.95], axis=0)
    seen = found.tensor.exposure[-1].sum(axis=0) > 0  # what lies between is carried over from the neighbours
    rows: list[tuple[Cell, ...]] = []
    for i in _shown(found, view, LINES):
        for t, period in enumerate(members.periods):
            bloc = int(mean[t, i].argmax())
            rows.append((members.states[i], period, members.names[bloc], float(mean[t, i, bloc]), min(float(low[t, i, bloc]), float(mean[t, i, bloc])),
                         max(float(high[t, i, bloc]), float(mean[t, i, bloc])), bool(seen[t])))  # fmt: skip
    columns = ("state", "period", "bloc", "membership", "low", "high", "observed")
    return Table("bloc_timeline", "Foremost bloc of states through time", columns, tuple(rows))


def _matrix(found: Blocs, view: View) -> Table:
    tensor, order = found.tensor, _shown(found, view, SIDE)
    acts = np.zeros((tensor.shape[0], tensor.shape[1]))
    np.add.at(acts, (tensor.coordinates[:, 0], tensor.coordinates[:, 1]), tensor.counts)
    first = found.memberships.draws.mean(axis=(0, 1)).argmax(axis=1)
    names, states = found.memberships.names, found.memberships.states
    rows = tuple(
        (states[i], states[j], int(acts[i, j]), names[first[i]], place)
        for place, i in enumerate(order)
        for j in order
        if acts[i, j]
    )
    columns = ("source", "target", "acts", "bloc", "place")
    return Table("bloc_matrix", "Acts between states, in the order of their blocs", columns, rows)


def _together(found: Blocs, view: View) -> tuple[Table, ...]:
    """Co-membership of the case's states, where all of them are seen."""
    members = [code for code in view.case.states if code in found.memberships.states]
    if len(members) < len(view.case.states):
        return ()
    frame = found.together(members)
    frame = frame.with_columns(
        (frame[name] / frame["usual"]).alias(f"{name}_ratio") for name in ("overlap", "low", "high")
    )
    seen = np.minimum(found.tensor.exposure[-1].sum(axis=0), 1.0)  # share of each period's days
    frame = frame.with_columns(
        pl.Series("days", [float(seen[found.memberships.periods.index(one)]) for one in frame["period"]])
    )
    return (
        Table(
            "bloc_together", "Co-membership of the states of this case", tuple(frame.columns), tuple(frame.iter_rows())
        ),
    )
