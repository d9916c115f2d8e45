"""From the tables of a library to a panel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from innominate import states as registry
from innominate.errors import InputError
from innominate.ledger import CHANNELS, Library
from innominate.panel import links
from innominate.panel.cells import cells, flow_cells, too_coarse
from innominate.panel.coverage import exposures, one_way
from innominate.panel.events import COOPERATION, EVENTS, Levels, conflict_excess, conflict_shares, less_attention
from innominate.panel.flows import FlowParts, together
from innominate.panel.links import Excess
from innominate.panel.margins import Mask, Matrix, separable, spread, two_way
from innominate.panel.panel import Panel, Series, family_of
from innominate.panel.periods import Resolution, check_resolution, per_year, year_of
from innominate.panel.placing import with_places
from innominate.panel.votes import votes_excess

LIMIT = 10.0  # spreads: beyond it an excess is cut, so that one cell cannot stand for a whole pair
MIN_EXPOSURE = {"count": 0.2, "share": 0.1, "amount": 0.9, "level": 0.01}  # share of a period that must be covered


@dataclass(frozen=True, slots=True)
class _Column:
    """One series: z and its sampling variance (T, P), the factor on what is below zero (T,)."""

    series: Series
    z: NDArray[np.float32]
    variance: NDArray[np.float32]
    discount: NDArray[np.float32]


@dataclass(slots=True)
class _Frame:
    """The axes on which a panel is built, the spreads at which it is cut, and its columns so far."""

    states: list[str]
    first: int
    last: int
    resolution: Resolution
    alive: NDArray[np.bool_]  # (T, N)
    rows: NDArray[np.intp]
    cols: NDArray[np.intp]
    position: dict[str, int]
    limit: float
    columns: list[_Column] = field(default_factory=list)
    parts: dict[tuple[str, str, int], str] = field(default_factory=dict)
    flows: dict[tuple[str, str, int], FlowParts] = field(default_factory=dict)

    @property
    def periods(self) -> range:
        return range(self.first, self.last + 1)

    def together(self, t: int) -> Mask:
        """(N, N): both states exist in period t, and are two."""
        mask: Mask = self.alive[t][:, None] & self.alive[t][None, :]
        np.fill_diagonal(mask, False)
        return mask

    def add(self, series: Series, found: dict[int, Excess]) -> None:
        """Standardise one series period by period and keep it; a star of one state's partners is no observation.

        In channels of cooperation excesses below zero are discounted to the share of pairs that show anything; see
        :func:`innominate.panel.links.showing`. What rivals do not do to each other counts in full.
        """
        shape = (len(self.periods), len(self.rows))
        z = np.full(shape, np.nan, dtype=np.float32)
        variance = np.full(shape, np.nan, dtype=np.float32)
        discount = np.ones(shape[0], dtype=np.float32)
        sign = series.about.valence
        for t, excess in found.items():
            known = np.isfinite(excess.value)
            size = spread(excess.value, known)
            if np.isfinite(size) and separable(known):
                own = np.clip(sign * excess.value[self.rows, self.cols] / size, -self.limit, self.limit)
                discount[t] = excess.showing if sign > 0 else 1.0
                z[t] = np.where(own < 0, own * discount[t], own)
                variance[t] = excess.variance[self.rows, self.cols] / size**2
        if np.isfinite(z).any():
            self.columns.append(_Column(series, z, variance, discount))


def build(
    library: Library,
    years: tuple[int, int],
    *,
    resolution: str = "year",
    drop: Sequence[str] = (),
    limit: float = LIMIT,
) -> Panel:
    """The panel of all pairs of states that existed together in `years`.

    Parameters
    ----------
    library : where the acts, votes, figures and coverage come from
    years : first and last, inclusive
    resolution : year, quarter or month; datasets too coarse for it stay unknown
    drop : channels to leave out
    limit : spreads at which an excess is cut

    Raises
    ------
    InputError : for years that are no span, unknown channels, or a library with nothing to observe in those years
    """
    frame = _axes(years, check_resolution(resolution), limit)
    for name in drop:
        if name not in CHANNELS:
            raise InputError(f"cannot drop {name!r}: the channels are {', '.join(CHANNELS)}")
    if "votes" not in drop:
        for dataset, found in votes_excess(library, frame.states, frame.periods, frame.resolution).items():
            frame.add(Series("votes", dataset), {t: _less_margins(one, frame.together(t)) for t, one in found.items()})
    _add_acts(library, frame, drop)
    if not frame.columns:
        raise InputError(f"{library.folder}: nothing observed in {years[0]}-{years[1]} in any channel")
    frame.columns.sort(key=lambda column: (list(CHANNELS).index(column.series.channel), column.series.dataset))
    return _assemble(frame)


def _axes(years: tuple[int, int], resolution: Resolution, limit: float) -> _Frame:
    start, end = years
    if not 1816 <= start <= end <= 2100:
        raise InputError(f"years {start}:{end} are no span of years between 1816 and 2100")
    n = per_year(resolution)
    first, last = start * n, end * n + n - 1
    living = {year: set(registry.alive(year)) for year in range(start, end + 1)}
    codes = sorted(set().union(*living.values()))
    alive = np.array([[code in living[year_of(p, resolution)] for code in codes] for p in range(first, last + 1)])
    rows, cols = np.triu_indices(len(codes), 1)
    met = (alive.T.astype(np.float32) @ alive.astype(np.float32))[rows, cols] > 0
    position = {code: k for k, code in enumerate(codes)}
    return _Frame(codes, first, last, resolution, alive, rows[met], cols[met], position, limit)


def _less_margins(excess: Excess, together: Mask) -> Excess:
    known = np.isfinite(excess.value) & together
    nan = np.full_like(excess.value, np.nan)
    value = np.where(known, excess.value - two_way(excess.value, known).fitted, nan)
    return Excess(value, np.where(known, excess.variance, nan))


def _add_acts(library: Library, frame: _Frame, drop: Sequence[str]) -> None:
    present = set(library.query("SELECT DISTINCT channel FROM acts")["channel"])
    wanted = [name for name in CHANNELS if name in present]
    covered = library.query("SELECT * FROM coverage ORDER BY dataset, channel, first, scope")
    summed = cells(library, wanted, frame.first, frame.last, frame.resolution)
    if wanted:
        summed = with_places(summed, frame.states, {"a": "i", "b": "j"})
    coarse = too_coarse(library, frame.resolution)
    shown = summed.partition_by("dataset", "channel", as_dict=True) if wanted else {}
    levels: Levels = {}
    halves: dict[tuple[str, str], dict[str, pl.DataFrame]] = {}
    for (dataset, channel), rows in covered.group_by("dataset", "channel", maintain_order=True):
        if channel not in wanted or (channel in drop and channel not in EVENTS) or (dataset, channel) in coarse:
            continue
        series = (str(channel), family_of(str(dataset)))
        if one_way(rows["scope"]):
            halves.setdefault(series, {})[str(dataset)] = rows
            continue
        own = shown.get((dataset, channel), summed.clear())
        stands = _merge_part(levels.setdefault(series, {}), _levels(own, rows, frame, str(channel)))
        frame.parts.update({(*series, frame.first + t): str(dataset) for t in stands})
    for series, covered_flows in halves.items():
        _add_flows(library, frame, levels.setdefault(series, {}), series, covered_flows)
    conflict = {
        dataset: conflict_excess(levels, dataset) for dataset in {of for name, of in levels if name in COOPERATION}
    }
    for (channel, dataset), found in sorted(levels.items()):
        about = CHANNELS[channel]
        if about.measured and channel not in drop:
            link = links.counts if about.kind == "count" else links.amounts
            observed = {t: link(*pair) for t, pair in found.items()}
            if channel in COOPERATION:
                observed = less_attention(observed, conflict[dataset])
            frame.add(Series(channel, dataset), observed)
    if "conflict-share" not in drop:
        for dataset, shares in conflict_shares(levels).items():
            frame.add(Series("conflict-share", dataset), shares)


def _add_flows(
    library: Library,
    frame: _Frame,
    into: dict[int, tuple[Matrix, Mask]],
    series: tuple[str, str],
    covered: dict[str, pl.DataFrame],
) -> None:
    """Merge what the parts of a dataset that look one way know together; `covered`: part → its rows of coverage."""
    kind = CHANNELS[series[0]].kind
    own = flow_cells(library, series[0], list(covered), frame.first, frame.last, frame.resolution)
    views = {name: (rows, own.filter(pl.col("dataset") == name)) for name, rows in covered.items()}
    found = together(
        views,
        frame.position,
        frame.first,
        frame.last,
        frame.resolution,
        least=MIN_EXPOSURE[kind],
        amounts=kind == "amount",
    )
    pairs = {t: (one.level, one.known & frame.together(t)) for t, one in found.items()}
    for t in _merge_part(into, {t: pair for t, pair in pairs.items() if pair[1].any()}):
        parts = found[t].parts
        frame.parts[*series, frame.first + t] = parts.names[0]
        if (parts.of[pairs[t][1]] > 0).any():
            frame.flows[*series, frame.first + t] = parts


def _levels(own: pl.DataFrame, rows: pl.DataFrame, frame: _Frame, channel: str) -> dict[int, tuple[Matrix, Mask]]:
    """Period → (levels, known) of one dataset in one channel."""
    exposed = exposures(rows, frame.position, frame.first, frame.last, frame.resolution)
    kind = CHANNELS[channel].kind
    i, j, level_of, gap = (own[name].to_numpy() for name in ("i", "j", "level", "unknown"))
    bounds = np.searchsorted(own["period"].to_numpy(), np.arange(frame.first, frame.last + 2))
    found: dict[int, tuple[Matrix, Mask]] = {}
    for t, (begin, stop) in enumerate(pairwise(bounds)):
        known = (exposed[t] >= MIN_EXPOSURE[kind]) & frame.together(t)
        if not known.any():
            continue
        level = np.zeros(known.shape)
        own_rows = slice(begin, stop)
        level[i[own_rows], j[own_rows]] = level[j[own_rows], i[own_rows]] = level_of[own_rows]
        lost = begin + np.flatnonzero(gap[own_rows])
        known[i[lost], j[lost]] = known[j[lost], i[lost]] = False
        found[t] = (np.maximum(level, 0.0), known)
    return found


def _merge_part(into: dict[int, tuple[Matrix, Mask]], part: dict[int, tuple[Matrix, Mask]]) -> list[int]:
    """Parts of a dataset are not comparable: in each period the one that knows most stands, never a sum.

    Returns the places of the periods in which `part` now stands.
    """
    stands = []
    for t, (level, known) in part.items():
        old = into.get(t)
        if old is None or (known.sum(), level.sum()) > (old[1].sum(), old[0].sum()):
            into[t] = (level, known)
            stands.append(t)
    return stands


def _assemble(frame: _Frame) -> Panel:
    z = np.stack([column.z.T for column in frame.columns], axis=2)
    variance = np.stack([column.variance.T for column in frame.columns], axis=2)
    alive = (frame.alive[:, frame.rows] & frame.alive[:, frame.cols]).T
    return Panel(
        tuple(frame.states),
        frame.rows.astype(np.int32),
        frame.cols.astype(np.int32),
        np.arange(frame.first, frame.last + 1, dtype=np.int32),
        frame.resolution,
        tuple(column.series for column in frame.columns),
        z,
        variance,
        alive,
        np.stack([column.discount for column in frame.columns], axis=1),
        frame.parts,
        frame.flows,
    )
