"""Pictures of exchange as Vega-Lite specifications: a Sankey diagram of gains, and a chart of dependence with ranges."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from innominate import states as registry
from innominate.exchange.gains import MEASURE
from innominate.exchange.kinds import COUNTS
from innominate.exchange.percent import percent
from innominate.exchange.result import Exchange
from innominate.ledger import GAINS

if TYPE_CHECKING:
    import altair as alt

# one colour a kind; any two are told apart by colour-blind readers, too
COLOURS = dict(
    zip(
        GAINS,
        ("#7a1f1f", "#dd7496", "#e6b79b", "#0b5563", "#008fcb", "#00d0dc", "#99d667", "#578d51", "#864e00", "#a38f0d"),
        strict=True,
    )
)
_GAP, _STEPS = 0.06, 24


def bands(found: Exchange) -> list[dict[str, Any]]:
    """What a Sankey diagram shows: giver, receiver, kind, share, acts, unit, dataset.

    For every receiver and kind one measure speaks, so that its bands can be compared: one that looked at everybody before
    one that did not, one that knows more givers before one that knows fewer, amounts before counts.
    """
    known = found.flows.filter(
        pl.col("receiver").is_in(list(found.states)) & (pl.col("share") > 0) & (pl.col("acts") > 0)
    )
    rank = pl.col("basis").replace_strict({"covered": 0, "partial": 1, "recorded": 2}, default=3, return_dtype=pl.Int64)
    measures = (
        known.group_by("receiver", *MEASURE)
        .agg(rank.first().alias("rank"), (-pl.len().cast(pl.Int64)).alias("fewer"), pl.col("unit").first().is_in(list(COUNTS)).alias("count"))
        .sort("receiver", "kind", "rank", "fewer", "count", "dataset", "unit")
        .unique(["receiver", "kind"], keep="first", maintain_order=True)
        .select("receiver", *MEASURE)
    )  # fmt: skip
    best = known.filter(pl.col("giver").is_in(list(found.states))).join(measures, on=["receiver", *MEASURE])
    order = {code: at for at, code in enumerate(found.states)}
    kinds = {name: at for at, name in enumerate(GAINS)}
    rows = best.select("giver", "receiver", "kind", "share", "acts", "unit", "dataset").to_dicts()
    return sorted(rows, key=lambda row: (order[row["giver"]], order[row["receiver"]], kinds[row["kind"]]))


def sankey(found: Exchange, *, width: int = 640, height: int = 420) -> alt.LayerChart:
    """Givers to the left, receivers to the right; the height of a band is the receiver's dependence, its colour the kind.

    Amounts of different kinds have no common unit, shares have: a band as high as the scale's 100 % is all that a state
    gets of that kind.
    """
    return draw_sankey(bands(found), found.states, width=width, height=height)


def draw_sankey(rows: Sequence[dict[str, Any]], states: Sequence[str], *, width: int = 640, height: int = 420) -> Any:
    """The diagram of :func:`sankey` from its bands, for pages that have only the table."""
    import altair as alt

    left, right = _stacked(rows, states, "giver"), _stacked(rows, states, "receiver")
    ends = max([row["bottom"] for row in (*left.values(), *right.values())], default=1.0)
    ease = [(k / _STEPS, 3 * (k / _STEPS) ** 2 - 2 * (k / _STEPS) ** 3) for k in range(_STEPS + 1)]
    points, places = [], {"giver": dict.fromkeys(states, 0.0), "receiver": dict.fromkeys(states, 0.0)}
    for number, row in enumerate(rows):
        start = left[row["giver"]]["top"] + places["giver"][row["giver"]]
        end = right[row["receiver"]]["top"] + places["receiver"][row["receiver"]]
        places["giver"][row["giver"]] += row["share"]
        places["receiver"][row["receiver"]] += row["share"]
        said = f"{row['giver']} → {row['receiver']}: {GAINS[row['kind']].title.lower()}, {percent(row['share'])}"
        points += [
            {"band": number, "x": round(x, 4), "top": round(start + (end - start) * e, 4), "kind": GAINS[row["kind"]].title,
             "bottom": round(start + (end - start) * e + row["share"], 4), "says": said}
            for x, e in ease
        ]  # fmt: skip
    scale = alt.Scale(domain=[0, ends], reverse=True, nice=False)
    shown = [name for name in GAINS if any(row["kind"] == name for row in rows)]
    colour = alt.Color(
        "kind:N",
        title=None,
        scale=alt.Scale(domain=[GAINS[name].title for name in shown], range=[COLOURS[name] for name in shown]),
        legend=alt.Legend(orient="bottom", columns=5),
    )
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-0.22, 1.22], nice=False))
    # a tuple, for lists are copied, value by value, whatever is done to a chart
    flows = alt.Chart(alt.Data(values=tuple(points))).mark_area(opacity=0.72).encode(
        x=x, y=alt.Y("top:Q", axis=None, scale=scale), y2="bottom:Q", detail="band:N", color=colour, tooltip="says:N"
    )  # fmt: skip
    names = []
    for side, at, align in ((left, -0.01, "right"), (right, 1.01, "left")):
        nodes = [
            {"x": at, "y": (node["top"] + node["bottom"]) / 2, "name": registry.get(code).name}
            for code, node in side.items()
            if node["bottom"] > node["top"]
        ]
        text = alt.Chart(alt.Data(values=nodes)).mark_text(align=align, fontSize=12)
        names.append(text.encode(x=x, y=alt.Y("y:Q", scale=scale, axis=None), text="name:N"))
    return alt.layer(flows, *names).properties(width=width, height=height)


def _stacked(rows: Sequence[dict[str, Any]], states: Sequence[str], side: str) -> dict[str, dict[str, float]]:
    """Top and bottom of every state's node on one side."""
    found, at = {}, 0.0
    for code in states:
        high = sum(row["share"] for row in rows if row[side] == code)
        found[code] = {"top": at, "bottom": at + high}
        at += high + (_GAP if high else 0.0)
    return found


def dependence_chart(found: Exchange, receiver: str, *, width: int = 420, most: int = 4) -> alt.LayerChart:
    """On whom a state depends, measure by measure: the largest shares with their ranges."""
    import altair as alt

    rows = found.dependence(receiver, most).filter(pl.col("share") > 0)
    listed = []
    for row in rows.iter_rows(named=True):
        measure = f"{GAINS[row['kind']].title}: {row['dataset']}, {row['unit']}"
        own = row["giver"] in found.states
        listed.append({
            "measure": measure + ("" if row["basis"] == "covered" else f" ({row['basis']})"),
            "giver": registry.get(row["giver"]).name, "share": row["share"], "own": own,
            "low": row["share_low"] if row["share_low"] is not None else 0.0,
            "high": row["share_high"] if row["share_high"] is not None else 1.0,
        })  # fmt: skip
    x = alt.X("share:Q", title=None, axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1]))
    y = alt.Y("giver:N", title=None, sort=None)
    colour = alt.condition("datum.own", alt.value("#0b5563"), alt.value("#8a949e"))
    base = alt.Chart(alt.Data(values=listed))
    span = base.mark_rule(strokeWidth=3, opacity=0.5).encode(
        x=alt.X("low:Q", scale=alt.Scale(domain=[0, 1])), x2="high:Q", y=y, color=colour
    )
    dots = base.mark_point(filled=True, size=55, opacity=1).encode(
        x=x, y=y, color=colour, tooltip=["giver:N", "share:Q"]
    )
    layers = alt.layer(span, dots).properties(width=width, height=alt.Step(16))
    row = alt.Row(
        "measure:N", title=None, sort=None, header=alt.Header(labelAngle=0, labelAlign="left", labelOrient="top")
    )
    title = f"On whom {registry.get(receiver).name} depends, {found.years[0]}-{found.years[1]}"
    return layers.facet(row=row, spacing=6, title=title).resolve_scale(y="independent")


def save_pictures(found: Exchange, folder: str | Path) -> list[Path]:
    """Write the Sankey diagram and one chart of dependence a state to `folder` (.vl.json and .svg)."""
    from innominate.blocs.pictures import save

    charts: dict[str, Any] = {"exchange": sankey(found)}
    return save(charts | {f"dependence-{code}": dependence_chart(found, code) for code in found.states}, folder)
