"""The answer about some states: flows, dependence, asymmetry, complementarity, interlock and what-if, as tables and JSON."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from innominate.errors import InputError
from innominate.exchange.gains import MEASURE
from innominate.exchange.interlock import Interlock

DECIMALS = 6


@dataclass(frozen=True, slots=True)
class Exchange:
    """Who gains what from whom among some states, and what they get from others.

    Attributes
    ----------
    states : asked about, in the order given
    years : first and last year
    flows : all flows of all states over the span (see :func:`innominate.exchange.flows.totals`), with dependence (see
        :func:`innominate.exchange.dependence.dependence`); known zeros between the states asked about are included
    by_year : flows between and to the states asked about, year by year, with the receivers' totals
    asymmetry, complementarity, what_if : frames, see the functions of these names
    interlock : rings of gains
    acts : the acts between the states asked about: who, what, when, how much, file, row, note, citation, checked
    notes : what a reader must know about the data
    """

    states: tuple[str, ...]
    years: tuple[int, int]
    flows: pl.DataFrame
    by_year: pl.DataFrame
    asymmetry: pl.DataFrame
    complementarity: pl.DataFrame
    interlock: Interlock
    what_if: pl.DataFrame
    acts: pl.DataFrame
    notes: tuple[str, ...]

    def between(self, giver: str | None = None, receiver: str | None = None) -> pl.DataFrame:
        """Flows among the states asked about, of one giver or to one receiver where named."""
        for code in (giver, receiver):
            if code is not None and code not in self.states:
                raise InputError(f"{code} is none of the states asked about ({', '.join(self.states)})")
        inside = pl.col("giver").is_in(list(self.states)) & pl.col("receiver").is_in(list(self.states))
        found = self.flows.filter(inside)
        if giver is not None:
            found = found.filter(pl.col("giver") == giver)
        return found if receiver is None else found.filter(pl.col("receiver") == receiver)

    def dependence(self, receiver: str, most: int = 5) -> pl.DataFrame:
        """On whom a state depends: by measure the largest shares, and those of the other states asked about."""
        if receiver not in self.states:
            raise InputError(f"{receiver} is none of the states asked about ({', '.join(self.states)})")
        own = self.flows.filter((pl.col("receiver") == receiver) & pl.col("share").is_not_null())
        place = pl.col("share").rank("ordinal", descending=True).over(MEASURE)
        kept = own.filter((place <= most) & (pl.col("share") > 0) | pl.col("giver").is_in(list(self.states)))
        return kept.sort(*MEASURE, "share", "giver", descending=[False] * 3 + [True, False])

    def to_dict(self) -> dict[str, Any]:
        """The answer as plain values, as ``innominate exchange --json`` writes it (see ``docs/exchange.md``)."""
        given = self.between().filter(pl.col("acts") > 0)
        sources = _sources(self.acts)
        flows = [
            {**row, "sources": sources.get((row["giver"], row["receiver"], row["kind"], row["dataset"]), [])}
            for row in given.select(
                "giver",
                "receiver",
                "kind",
                "low",
                "value",
                "high",
                "unit",
                "first",
                "last",
                "acts",
                "open",
                "level",
                "dataset",
            ).iter_rows(named=True)
        ]
        shares = ("receiver", "giver", *MEASURE, "share", "share_low", "share_high", "value", "total", "basis", "seen", "covered_from", "covered_to",
                  "covered_part")  # fmt: skip
        depends = [row for code in self.states for row in self.dependence(code).select(shares).iter_rows(named=True)]
        plain: dict[str, Any] = _plain(
            {
                "states": list(self.states),
                "since": self.years[0],
                "until": self.years[1],
                "flows": flows,
                "dependence": depends,
                "asymmetry": self.asymmetry.to_dicts(),
                "complementarity": self.complementarity.to_dicts(),
                "interlock": _interlock(self.interlock),
                "what_if": self.what_if.to_dicts(),
                "by_year": self.by_year.to_dicts(),
                "acts": self.acts.to_dicts(),
                "notes": list(self.notes),
            }
        )
        return plain


def _interlock(found: Interlock) -> dict[str, Any]:
    """Rings as links, and the group."""
    whole = asdict(found)
    rings = []
    for ring in found.rings:
        ends = [*ring.states[1:], ring.states[0]]
        links = [
            {"giver": giver, "receiver": receiver, "kind": kind, "share": share}
            for giver, receiver, kind, share in zip(ring.states, ends, ring.kinds, ring.shares, strict=True)
        ]
        rings.append({"links": links, "strength": ring.strength, "expected": ring.expected, "p": ring.p,
                      "p_adjusted": ring.p_adjusted})  # fmt: skip
    return {**whole, "rings": rings}


def _sources(acts: pl.DataFrame) -> dict[tuple[str, ...], list[dict[str, Any]]]:
    """Files and rows behind every flow, with citations where rows have their own."""
    found: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    grouped = acts.group_by("giver", "receiver", "kind", "dataset", "file", maintain_order=True)
    for (giver, receiver, kind, dataset, file), rows in grouped:
        cited = sorted(set(rows["citation"].drop_nulls()))
        entry = {"dataset": dataset, "file": file, "rows": rows["row"].unique().sort().to_list()[:12], "acts": rows.height,
                 "citations": cited, "checked": int(rows["checked"].is_not_null().sum())}  # fmt: skip
        found.setdefault((str(giver), str(receiver), str(kind), str(dataset)), []).append(entry)
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(one) for one in value]
    if isinstance(value, float):
        return round(value, DECIMALS) + 0.0 if math.isfinite(value) else None
    return value if value is None or isinstance(value, (str, int, bool)) else value.isoformat()
