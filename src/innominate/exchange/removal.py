"""What if: take away a tie or a member, and see who loses which share of what, and who could replace it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import combinations

import polars as pl

from innominate.exchange.gains import MEASURE

REPLACERS = 5
TELLING = 0.01  # losses of a smaller share are not listed


def what_if(found: pl.DataFrame, focus: Sequence[str], hostile: Collection[tuple[str, str]] | None) -> pl.DataFrame:
    """Losses when a tie between two states of the focus, or one of them altogether, is taken away.

    Parameters
    ----------
    found : of :func:`innominate.exchange.dependence.dependence`: every flow of every state
    focus : the states asked about
    hostile : (giver, receiver) pairs in which the giver had sanctions on the receiver; None: not known

    Returns
    -------
    removed (``AAA`` or ``AAA-BBB``), loser, giver, kind, dataset, unit, loss (share of the loser's intake), loss_low,
    loss_high, value (what the giver gave), replacers: list of {state, gives (to everybody but the loser), times (as many
    times what is lost), already (share of the loser's intake today), sanctions (on the loser; null where unknown)}, those
    without sanctions first, the largest first.
    """
    own = found.filter(
        pl.col("giver").is_in(list(focus)) & pl.col("receiver").is_in(list(focus)) & (pl.col("share") >= TELLING)
    )
    by_measure = dict(found.filter(pl.col("value") > 0).group_by(*MEASURE))
    losses = []
    for row in own.iter_rows(named=True):
        key = tuple(row[name] for name in MEASURE)
        losses.append({**row, "replacers": _replacers(by_measure[key], row, hostile)})
    removed: list[tuple[str, set[tuple[str, str]]]] = [
        ("-".join(sorted(pair)), {pair, pair[::-1]}) for pair in combinations(sorted(focus), 2)
    ]
    if len(focus) > 2:
        removed += [(code, {(code, other) for other in focus}) for code in focus]
    rows = [_loss(name, loss) for name, cut in removed for loss in losses if (loss["giver"], loss["receiver"]) in cut]
    return pl.DataFrame(rows, schema=_SCHEMA)


_REPLACER = pl.Struct(
    {"state": pl.String(), "gives": pl.Float64(), "times": pl.Float64(), "already": pl.Float64(), "sanctions": pl.Boolean()}
)  # fmt: skip
_SCHEMA = pl.Schema(
    {
        **dict.fromkeys(("removed", "loser", "giver", *MEASURE), pl.String()),
        **dict.fromkeys(("loss", "loss_low", "loss_high", "value"), pl.Float64()),
        "basis": pl.String(),
        "replacers": pl.List(_REPLACER),
    }
)


def _loss(name: str, loss: dict[str, object]) -> dict[str, object]:
    renamed = {"removed": name, "loser": loss["receiver"], "loss": loss["share"]}
    renamed |= {"loss_low": loss["share_low"], "loss_high": loss["share_high"]}
    return renamed | {key: loss[key] for key in ("giver", *MEASURE, "value", "basis", "replacers")}


def _replacers(
    ties: pl.DataFrame, row: dict[str, object], hostile: Collection[tuple[str, str]] | None
) -> list[dict[str, object]]:
    loser, lost = str(row["receiver"]), float(row["value"])  # type: ignore[arg-type]
    others = ties.filter(~pl.col("giver").is_in([row["giver"], loser]))
    gives = others.filter(pl.col("receiver") != loser).group_by("giver").agg(pl.col("value").sum())
    already = dict(others.filter(pl.col("receiver") == loser).select("giver", "share").iter_rows())
    listed = [
        {"state": code, "gives": value, "times": value / lost, "already": already.get(code) or 0.0,
         "sanctions": None if hostile is None else (code, loser) in hostile}
        for code, value in gives.iter_rows()
    ]  # fmt: skip
    listed.sort(key=lambda one: (bool(one["sanctions"]), -one["gives"], one["state"]))
    return listed[:REPLACERS]
