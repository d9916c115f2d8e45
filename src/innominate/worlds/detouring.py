"""Detours: a third state's imports from A and exports to B that jump together once A stops selling to B.

For a flow A → B that is cut in a year, every third state H is a possible way round. Its sign is a rise of A → H and of
H → B together, beyond what A's exports, H's trade and B's imports did anyway: changes of logarithms less exporters' and
importers' own changes (two-way margins). The score is the smaller of the two rises, in spreads of such rises over all
flows of that year; its p-value is the share of pairs of flows through other states, and through the same state between
pairs that were not cut, that score as high (a permutation within the year).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral

import numpy as np
import polars as pl
from numpy.typing import NDArray

from innominate.errors import InputError
from innominate.ledger import Library
from innominate.worlds.looked import known_flows

Array = NDArray[np.float64]
Places = NDArray[np.intp]

WINDOW = 3  # years before the cut, and from it on, whose mean flows are compared
SMALLEST = 1.0  # million USD added to every flow: below it a rise is noise
FEWEST_DRAWS = 2000  # of placebo pairs
DRAWS_A_HUB = 100  # so that the smallest p there can be is a fifth of what a lone hub needs to stand among all of them
RATE = 0.05  # of false discoveries
ROUNDS = 20  # of draws, of which most may fall on flows that nobody knows


@dataclass(frozen=True, slots=True)
class Rises:
    """How every flow changed around one year, beyond its exporter's and importer's own change.

    Attributes
    ----------
    codes : N states; rise : (N, N) from row to column, in spreads; NaN where a flow was never seen
    """

    codes: tuple[str, ...]
    rise: Array

    def place(self, code: str) -> int:
        """Where a state stands; an :class:`InputError` where its trade is not known."""
        if code not in self.codes:
            raise InputError(f"no trade of {code} is known in these years")
        return self.codes.index(code)


def rises(flows: pl.DataFrame, year: int, window: int = WINDOW, covered: pl.DataFrame | None = None) -> Rises:
    """Changes of all flows around `year`.

    Parameters
    ----------
    flows : source, target, year, value (null: unknown); a flow that has no row is nothing where the dataset looked
    covered : where it looked, see :func:`innominate.worlds.looked.trade_coverage`; unless given, in the years in which the
        one state sold to anybody and the other bought from anybody
    """
    if not isinstance(window, Integral) or window < 1:
        raise InputError(f"a window of {window} years: a whole number, at least 1")
    if isinstance(year, bool) or not isinstance(year, Integral):
        raise InputError(f"year {year!r}: a whole number")
    missing = [name for name in ("source", "target", "year", "value") if name not in flows.columns]
    if missing:
        raise InputError(f"flows without {', '.join(missing)}: they have source, target, year and value")
    wrong = flows.filter((pl.col("value") < 0) | pl.col("value").cast(pl.Float64).is_nan())
    if wrong.height:
        source, target, when, value = wrong.select("source", "target", "year", "value").row(0)
        raise InputError(f"flow {source}-{target} of {when}: {value} is no value of trade; what is unknown is null")
    around = flows.filter(pl.col("year").is_between(year - window, year + window - 1))
    near = around.filter(pl.col("value") > 0)
    if near.is_empty():
        raise InputError(f"no trade is known around {year}")
    codes = tuple(sorted(set(near["source"]) | set(near["target"])))
    n = len(codes)
    amount = np.zeros((2 * window, n, n))
    t, i, j = _places(near, codes, year - window)
    np.add.at(amount, (t, i, j), near["value"].to_numpy())
    if covered is None:
        both = (amount.sum(axis=2) > 0)[:, :, None] & (amount.sum(axis=1) > 0)[:, None, :]
    else:
        both = known_flows(covered, codes, range(year - window, year + window)) | (amount > 0)
    unknown = around.filter(pl.col("value").is_null() & pl.col("source").is_in(codes) & pl.col("target").is_in(codes))
    both[_places(unknown, codes, year - window)] = False
    before, after = (_mean(amount[half], both[half]) for half in (slice(0, window), slice(window, 2 * window)))
    change: Array = np.log(after + SMALLEST) - np.log(before + SMALLEST)
    change[(before == 0) & (after == 0)] = np.nan
    np.fill_diagonal(change, np.nan)
    if not np.isfinite(change).any():
        raise InputError(f"no flow is known both before and after {year}")
    excess = _less_margins(change)
    spread = float(np.nanstd(excess))
    if spread < 1e-9:
        raise InputError(f"around {year} no flow changed otherwise than its seller's and buyer's trade")
    return Rises(codes, excess / spread)


def _places(flows: pl.DataFrame, codes: Sequence[str], first: int) -> tuple[Places, Places, Places]:
    """Year after `first`, seller and buyer of every row."""
    place = {code: k for k, code in enumerate(codes)}
    i, j = (np.array([place[code] for code in flows[side]], dtype=np.intp) for side in ("source", "target"))
    return (flows["year"].to_numpy() - first).astype(np.intp), i, j


def _mean(amount: Array, known: NDArray[np.bool_]) -> Array:
    times = known.sum(axis=0)
    return np.where(times > 0, np.where(known, amount, 0.0).sum(axis=0) / np.maximum(times, 1), np.nan)


def _less_margins(change: Array, rounds: int = 30) -> Array:
    """Changes less exporters' and importers' own, by alternating means."""
    known = np.isfinite(change)
    left = np.where(known, change, 0.0)
    for _ in range(rounds):
        for axis in (0, 1):
            mean = left.sum(axis=axis, keepdims=True) / np.maximum(known.sum(axis=axis, keepdims=True), 1)
            left = np.where(known, left - mean, 0.0)
    return np.where(known, left, np.nan)


def detours(
    flows: pl.DataFrame,
    seller: str,
    buyer: str,
    year: int,
    *,
    covered: pl.DataFrame | None = None,
    window: int = WINDOW,
    draws: int | None = None,
    seed: int = 0,
) -> pl.DataFrame:
    """Third states through which goods from `seller` may have reached `buyer` after a cut in `year`.

    Parameters
    ----------
    flows, covered, window : as :func:`rises` takes them, for instance of :func:`trade_flows`
    draws : of placebo pairs; unless given, a hundred for every third state, and at least 2,000; seed : of these

    Returns
    -------
    hub, rise_in (seller → hub), rise_out (hub → buyer), score (the smaller), p (of a score as high without a cut), and
    ``held``: whether it stands after correction for the number of hubs (Benjamini and Hochberg 1995, at 5 %); the highest
    score first
    """
    return _hubs(rises(flows, year, window, covered), seller, buyer, year, draws, seed)


def _hubs(found: Rises, seller: str, buyer: str, year: int, draws: int | None, seed: int) -> pl.DataFrame:
    """:func:`detours` of rises that are known."""
    a, b = found.place(seller), found.place(buyer)
    if a == b:
        raise InputError(f"a flow is between two different states; both are {seller}")
    if isinstance(seed, bool) or not isinstance(seed, Integral) or seed < 0:
        raise InputError(f"seed {seed!r}: a whole number from 0 on")
    arriving, leaving = found.rise[a], found.rise[:, b]
    hubs = np.array([k for k in range(len(found.codes)) if k not in (a, b)], dtype=np.intp)
    hubs = hubs[np.isfinite(arriving[hubs]) & np.isfinite(leaving[hubs])]
    score = np.minimum(arriving[hubs], leaving[hubs])
    usual = np.sort(placebo(found, a, b, _enough(draws, len(hubs)), np.random.default_rng([seed, year])))
    p = (1 + len(usual) - np.searchsorted(usual, score)) / (1 + len(usual))
    frame = pl.DataFrame(
        {
            "hub": [found.codes[k] for k in hubs], "rise_in": arriving[hubs], "rise_out": leaving[hubs], "score": score,
            "p": p, "held": _discoveries(p),
        }
    )  # fmt: skip
    return frame.sort("score", "hub", descending=[True, False])


def placebo(found: Rises, seller: int, buyer: int, draws: int, random: np.random.Generator) -> Array:
    """Scores of third states between random pairs of other states, the same year."""
    n, kept = len(found.codes), np.zeros(0)
    for _ in range(ROUNDS):
        i, h, j = (random.integers(0, n, 4 * draws) for _ in range(3))
        apart = (i != h) & (h != j) & (i != j) & (i != seller) & (j != buyer)
        score = np.minimum(found.rise[i, h], found.rise[h, j])[apart]
        kept = np.concatenate([kept, score[np.isfinite(score)]])[:draws]
        if len(kept) == draws:
            break
    return kept


def _enough(draws: int | None, hubs: int) -> int:
    """How many placebo pairs to draw for so many hubs; as many as are asked for where they can tell a lone hub from chance."""
    if draws is None:
        return max(FEWEST_DRAWS, DRAWS_A_HUB * hubs)
    least = math.ceil(hubs / RATE)
    if isinstance(draws, bool) or not isinstance(draws, Integral) or draws < max(least, 1):
        raise InputError(f"{draws!r} draws: a whole number; none of {hubs} hubs can stand with fewer than {least:,}")
    return int(draws)


def _discoveries(p: Array, rate: float = RATE) -> NDArray[np.bool_]:
    """Which of several p-values stand at a false discovery rate."""
    if not len(p):
        return np.zeros(0, dtype=bool)
    order = np.argsort(p, kind="stable")
    passed = np.flatnonzero(p[order] <= rate * np.arange(1, len(p) + 1) / len(p))
    held = np.zeros(len(p), dtype=bool)
    held[order[: passed[-1] + 1 if len(passed) else 0]] = True
    return held


def trade_flows(library: Library, dataset: str) -> pl.DataFrame:
    """Yearly flows of one dataset of trade: source, target, year, value (million USD; null where any of it is unknown)."""
    return library.query(
        """SELECT source, target, year("start")::INT AS year,
        CASE WHEN count(*) = count(value) THEN sum(value) END AS value FROM acts
        WHERE channel = 'trade' AND dataset = ? AND (value IS NULL OR value > 0)
        GROUP BY source, target, year("start") ORDER BY ALL""",
        [dataset],
    )


@dataclass(frozen=True, slots=True)
class Episodes:
    """Detours over many cuts.

    Attributes
    ----------
    rows : seller, buyer, year, hubs, held (hubs that stand), least (smallest p), cut (change of the flow itself, spreads)
    expected : share of hubs with p under 0.05 that chance alone gives; share : observed
    """

    rows: pl.DataFrame
    share: float
    expected: float = 0.05


def episodes(
    flows: pl.DataFrame, cuts: Sequence[tuple[str, str, int]], *, covered: pl.DataFrame | None = None, seed: int = 0
) -> Episodes:
    """Look for detours around many cuts (seller, buyer, year); those whose trade is not known are left out."""
    rows, p = [], []
    for seller, buyer, year in cuts:
        try:
            around = rises(flows, year, covered=covered)
            found = _hubs(around, seller, buyer, year, None, seed)
            cut = float(around.rise[around.place(seller), around.place(buyer)])
        except InputError:
            continue
        if not found.height:
            continue
        rows.append(
            (seller, buyer, year, found.height, int(found["held"].sum()), float(found["p"].to_numpy().min()), cut)
        )
        p.append(found["p"].to_numpy())
    columns = ["seller", "buyer", "year", "hubs", "held", "least", "cut"]
    whole = np.concatenate(p) if p else np.zeros(0)
    share = float((whole < 0.05).mean()) if len(whole) else float("nan")
    return Episodes(pl.DataFrame(rows, schema=columns, orient="row"), share)
