"""Pictures of blocs as Vega-Lite specifications: component cards, a timeline, and a matrix ordered by bloc."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from innominate.blocs.card import Card
from innominate.blocs.membership import Memberships
from innominate.blocs.tensor import CountTensor
from innominate.errors import InputError

if TYPE_CHECKING:
    import altair as alt

_CORNERS = (("source", "who"), ("target", "to whom"), ("action", "what"))


def card_chart(card: Card, periods: Sequence[str]) -> alt.HConcatChart:
    """One component: bars of who, to whom and what, and its course through time."""
    import altair as alt

    parts: list[Any] = []
    for mode, title in _CORNERS:
        if mode in card.top:
            rows = [{"label": label, "share": share} for label, share in card.top[mode]]
            bars = alt.Chart(alt.Data(values=rows), title=title, width=120, height=110).mark_bar()
            parts.append(bars.encode(x=alt.X("share:Q", title=None, axis=alt.Axis(format="%", tickCount=3)),
                                     y=alt.Y("label:N", sort=None, title=None)))  # fmt: skip
    if card.course:
        rows = [{"period": period, "share": share} for period, share in zip(periods, card.course, strict=True)]
        line = alt.Chart(alt.Data(values=rows), title="when", width=220, height=110).mark_area(opacity=0.7)
        parts.append(line.encode(x=alt.X("period:N", title=None, sort=None, axis=alt.Axis(labelOverlap=True)),
                                 y=alt.Y("share:Q", title=None, axis=alt.Axis(format="%", tickCount=3))))  # fmt: skip
    return alt.hconcat(*parts, title=f"{card.title} ({card.share:.1%} of acts)")


def component_cards(found: Sequence[Card], periods: Sequence[str]) -> alt.VConcatChart:
    """The cards one under the other."""
    import altair as alt

    return alt.vconcat(*[card_chart(card, periods) for card in found]).resolve_scale(x="independent", y="independent")


def timeline(found: Memberships, most: int = 40) -> alt.Chart:
    """The busiest states through time: the colour is the foremost bloc, the strength its share of the state's acts.

    Periods that no data reach are blank.
    """
    import altair as alt

    mean, first = found.draws.mean(axis=0), found.draws.mean(axis=0).argmax(axis=2)
    busy = np.argsort(-found.acts.sum(axis=0), kind="stable")[:most]
    busy = busy[np.lexsort((busy, _mode(first[:, busy], len(found.names))))]
    rows = [
        {"state": found.states[i], "period": period, "bloc": found.names[first[t, i]], "membership": round(float(mean[t, i].max()), 4)}
        for i in busy for t, period in enumerate(found.periods) if found.acts[t].any()
    ]  # fmt: skip
    chart = alt.Chart(
        alt.Data(values=rows), title="Foremost bloc of each state", width=640, height=14 * len(busy)
    ).mark_rect()
    return chart.encode(
        x=alt.X("period:N", title=None, sort=None, scale=alt.Scale(domain=list(found.periods)), axis=alt.Axis(labelOverlap=True)), y=alt.Y("state:N", title=None, sort=None),
        color=alt.Color("bloc:N", sort=list(found.names), scale=alt.Scale(scheme="tableau20")),
        opacity=alt.Opacity("membership:Q", scale=alt.Scale(domain=[0, 1], range=[0.15, 1])),
        tooltip=["state:N", "period:N", "bloc:N", "membership:Q"],
    )  # fmt: skip


def matrix(tensor: CountTensor, found: Memberships, most: int = 60) -> alt.Chart:
    """Acts between the busiest states, on a logarithmic scale, the states in the order of their blocs."""
    import altair as alt

    mean = found.draws.mean(axis=(0, 1))
    busy = np.argsort(-found.acts.sum(axis=0), kind="stable")[:most]
    order = busy[np.lexsort((-mean[busy].max(axis=1), mean[busy].argmax(axis=1)))]
    table = np.zeros((len(found.states), len(found.states)))
    np.add.at(table, (tensor.coordinates[:, 0], tensor.coordinates[:, 1]), tensor.counts)
    rows = [
        {"from": found.states[i], "to": found.states[j], "acts": int(table[i, j]), "bloc": found.names[mean[i].argmax()]}
        for i in order for j in order if table[i, j]
    ]  # fmt: skip
    names = [found.states[i] for i in order]
    chart = alt.Chart(
        alt.Data(values=rows), title="Acts between states, by bloc", width=11 * len(order), height=11 * len(order)
    )
    return chart.mark_rect().encode(
        x=alt.X("to:N", sort=names, title="to"), y=alt.Y("from:N", sort=names, title="from"),
        color=alt.Color("acts:Q", scale=alt.Scale(type="log", scheme="blues")), tooltip=["from:N", "to:N", "acts:Q", "bloc:N"],
    )  # fmt: skip


def save(charts: dict[str, Any], folder: str | Path) -> list[Path]:
    """Write every chart to `folder` as a Vega-Lite specification (.vl.json) and as .svg."""
    import vl_convert

    target, written = Path(folder), []
    try:
        target.mkdir(parents=True, exist_ok=True)
        for name, chart in charts.items():
            spec = chart.to_json(indent=None)
            for ending, text in ((".vl.json", spec), (".svg", vl_convert.vegalite_to_svg(spec))):
                path = target / f"{name}{ending}"
                path.write_text(text, encoding="utf-8")
                written.append(path)
    except OSError as error:
        raise InputError(f"{target}: cannot be written ({error.strerror or error})") from None
    return written


def _mode(first: np.ndarray, blocs: int) -> np.ndarray:
    return np.array([np.bincount(column, minlength=blocs).argmax() for column in first.T])


def as_table(found: Sequence[Card]) -> pl.DataFrame:
    """Cards as rows: number, share, and the foremost labels of each mode in words."""
    rows = []
    for card in found:
        words = {
            mode: ", ".join(f"{name} {share:.0%}" for name, share in names[:6]) for mode, names in card.top.items()
        }
        rows.append({"component": card.number, "share": card.share, "acts": card.acts, **words})
    return pl.DataFrame(rows)
