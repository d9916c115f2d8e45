"""Count tensors from the ledger: acts counted by source, target, action and period, with what coverage could have seen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal, get_args

import numpy as np
import polars as pl
from numpy.typing import NDArray

from innominate.blocs.tensor import CountTensor, Floats, from_arrays
from innominate.errors import InputError
from innominate.ledger import Library
from innominate.panel.periods import Resolution, check_resolution, index_of, label_of, span_of, sql_index

Mode = Literal["source", "target", "action", "period"]
Action = Literal["root", "quad", "channel"]
EVENT_CHANNELS = ("verbal-cooperation", "material-cooperation", "verbal-conflict", "material-conflict")
_LAST_ROOT = dict(zip(EVENT_CHANNELS, (5, 8, 13, 20), strict=True))  # of each quad class of CAMEO
_LONGEST: dict[Resolution, int] = {"month": 31, "quarter": 92, "year": 366}  # days


@dataclass(frozen=True, slots=True)
class Question:
    """Which acts are counted, and by what.

    Attributes
    ----------
    modes : two or more of source, target, action, period
    action : what an action is: the CAMEO root of the act's code, its quad class, or its channel
    resolution : of the periods
    dataset : a dataset, or the part of its name before ``/`` (``icews-interstate`` takes ``icews-interstate/ICEWS18``);
        None takes all, which is right only for datasets that do not see the same acts
    channels : channels counted
    years : first and last year; None takes all
    """

    modes: tuple[Mode, ...] = ("source", "target", "action", "period")
    action: Action = "root"
    resolution: Resolution = "month"
    dataset: str | None = None
    channels: tuple[str, ...] = EVENT_CHANNELS
    years: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        check_resolution(self.resolution)
        allowed: tuple[str, ...] = get_args(Mode)
        if len(self.modes) < 2 or len(set(self.modes)) < len(self.modes) or not set(self.modes) <= set(allowed):
            raise InputError(f"modes {', '.join(self.modes)}: name two or more of {', '.join(allowed)}, each once")
        if self.action not in get_args(Action):
            raise InputError(f"action {self.action!r}: the allowed values are {', '.join(get_args(Action))}")
        foreign = set(self.channels) - set(EVENT_CHANNELS)
        if self.action != "channel" and foreign:
            raise InputError(
                f"{', '.join(sorted(foreign))}: only event channels have CAMEO actions; use action 'channel'"
            )

    def condition(self) -> tuple[str, list[object]]:
        """SQL and parameters that pick the rows of acts or coverage by dataset and channel."""
        marks = ", ".join("?" for _ in self.channels)
        sql, values = f"channel IN ({marks})", list[object](self.channels)
        if self.dataset is not None:
            sql += " AND (dataset = ? OR starts_with(dataset, ? || '/'))"
            values += [self.dataset, self.dataset]
        return sql, values


def shortest_holding(days: int, finest: Resolution) -> Resolution:
    """The shortest resolution, `finest` or coarser, whose periods hold acts of so many days; else the year."""
    order = list(_LONGEST)
    holding = [each for each in order[order.index(finest) :] if days < _LONGEST[each]]
    return [*holding, order[-1]][0]


def counts(library: Library, question: Question | None = None) -> CountTensor:
    """Count the acts of a library by the modes of `question`.

    Acts in events count as many as their value says, one where they tell none, all others once; undirected acts count once
    in each direction, and acts that run over a border of periods in the period in which they start. Where the value of other
    acts is unknown, so is whether anything happened (a flow of trade, troops): an :class:`InputError`, for a count would take
    them for nothing.
    Exposure comes from coverage: the share of a period's days that a part of a dataset covers, for the states in its
    scope, one block for each. Acts outside coverage are left out and counted (``outside``).
    """
    asked = question or Question()
    frame = _count(library, asked)
    if frame.is_empty():
        raise InputError(
            f"no acts to count in {', '.join(asked.channels)}" + (f" of {asked.dataset}" if asked.dataset else "")
        )
    states = pl.concat([frame["source"], frame["target"]]).unique().sort().to_list()
    first, last = int(frame["period"].min()), int(frame["period"].max())  # type: ignore[arg-type]
    labels: dict[str, list[str]] = {
        "source": states,
        "target": states,
        "action": _actions(asked),
        "period": [label_of(period, asked.resolution) for period in range(first, last + 1)],
    }
    blocks = _blocks(library, asked, frame, labels, first)
    every: tuple[Mode, ...] = get_args(Mode)
    full = from_arrays(
        _coordinates(frame, labels, first), frame["n"].to_numpy(), [len(labels[mode]) for mode in every],
        modes=every, labels=[labels[mode] for mode in every],
        exposure=[np.stack([block[mode] for block in blocks]) for mode in every], loops=(0, 1),
    )  # fmt: skip
    return _marginal(_covered(full), asked.modes)


def _count(library: Library, asked: Question) -> pl.DataFrame:
    where, values = asked.condition()
    if asked.years is not None:
        where += ' AND year("start") BETWEEN ? AND ?'
        values += asked.years
    start = sql_index('"start"', asked.resolution)
    lasting = f'"end" - "start" >= {_LONGEST[asked.resolution]}'
    longer = library.query(f"SELECT count(*) AS n, min(dataset) AS d FROM acts WHERE {where} AND {lasting}", values)
    if longer["n"][0]:
        remedy = "which no period holds" if asked.resolution == "year" else "take longer periods"
        raise InputError(f"{longer['n'][0]} acts of {longer['d'][0]} last longer than a {asked.resolution}; {remedy}")
    untold = library.query(
        f"""SELECT count(*) AS n, min(dataset) AS d FROM acts WHERE {where} AND value IS NULL AND unit IS DISTINCT FROM 'events'""",
        values,
    )
    if untold["n"][0]:
        raise InputError(
            f"{untold['d'][0]} has acts without a value ({untold['n'][0]:,}): whether anything happened is unknown, and a count "
            "would take it for nothing; take a dataset, channels or years whose values are told"
        )
    action = "left(code, 2)" if asked.action == "root" else "channel"
    both = (
        f"SELECT source, target, {action} AS action, {start} AS period, channel, dataset, directed, "
        f"CASE WHEN unit = 'events' THEN coalesce(value, 1) ELSE 1 END AS n FROM acts WHERE {where}"
    )
    frame = library.query(
        f"WITH one AS ({both}) SELECT source, target, action, period, dataset, sum(n) AS n FROM (SELECT * FROM one "
        "UNION ALL SELECT target, source, action, period, channel, dataset, directed, n FROM one WHERE NOT directed) "
        "GROUP BY ALL HAVING sum(n) > 0 ORDER BY ALL",
        values,
    )
    if frame["action"].null_count():
        raise InputError(
            f"{frame.filter(pl.col('action').is_null())['dataset'][0]} has acts without a code: use action 'quad'"
        )
    return frame


def _actions(asked: Question) -> list[str]:
    if asked.action == "root":
        return [f"{root:02d}" for root in range(1, 21) if _channel_of(root) in asked.channels]
    return list(asked.channels)


def _channel_of(root: int) -> str:
    return next(channel for channel, last in _LAST_ROOT.items() if root <= last)


def _coordinates(frame: pl.DataFrame, labels: dict[str, list[str]], first: int) -> NDArray[np.int32]:
    columns = [frame["period"].to_numpy() - first]
    for mode in ("action", "target", "source"):
        place = dict(zip(labels[mode], range(len(labels[mode])), strict=True))
        columns.insert(0, frame[mode].replace_strict(place, return_dtype=pl.Int32).to_numpy())
    return np.stack(columns, axis=1).astype(np.int32)


def _blocks(
    library: Library, asked: Question, frame: pl.DataFrame, labels: dict[str, list[str]], first: int
) -> list[dict[str, Floats]]:
    """Exposure blocks: for each part of a dataset and scope, weights over the four modes."""
    where, values = asked.condition()
    rows = library.query(
        f"SELECT dataset, channel, scope, first, last FROM coverage WHERE {where} ORDER BY ALL", values
    )
    days: dict[tuple[str, str, str], Floats] = defaultdict(lambda: np.zeros(len(labels["period"])))
    for dataset, channel, scope, begin, end in rows.iter_rows():
        days[dataset, scope, channel] += _days(begin, end, first, len(labels["period"]), asked.resolution)
    alike: dict[tuple[str, str, bytes], set[str]] = defaultdict(set)
    for (dataset, scope, channel), share in days.items():
        if share.any():
            alike[dataset, scope, np.minimum(share, 1.0).tobytes()].add(channel)
    blocks = []
    for (_, scope, packed), channels in sorted(alike.items()):
        for senders, receivers in _scope(scope, labels["source"]):
            blocks.append({"source": senders, "target": receivers, "period": np.frombuffer(packed).copy(),
                           "action": _in_channels(asked, labels["action"], channels)})  # fmt: skip
    claimless = frame.filter(~pl.col("dataset").is_in(rows["dataset"].unique().to_list()))["period"].unique()
    if len(claimless):  # a dataset without coverage: taken to see everyone in the periods in which it has acts
        share = np.zeros(len(labels["period"]))
        share[claimless.to_numpy() - first] = 1.0
        ones = {mode: np.ones(len(names)) for mode, names in labels.items()}
        blocks.append({**ones, "period": share})
    return blocks


def _days(begin: date, end: date, first: int, periods: int, resolution: Resolution) -> Floats:
    share = np.zeros(periods)
    for period in range(
        max(index_of(begin, resolution), first), min(index_of(end, resolution), first + periods - 1) + 1
    ):
        low, high = span_of(period, resolution)
        covered = min(end, high) - max(begin, low) + timedelta(days=1)
        share[period - first] = covered / (high - low + timedelta(days=1))
    return share


def _scope(scope: str, states: Sequence[str]) -> list[tuple[Floats, Floats]]:
    """Disjoint boxes of senders × receivers that make up a coverage scope."""
    anyone = np.ones(len(states))
    kind, _, rest = scope.partition(":")
    listed = np.isin(states, rest.split()).astype(np.float64)
    if scope == "all":
        return [(anyone, anyone)]
    if kind == "among":
        return [(listed, listed)]
    if kind == "with":
        return [(listed, anyone), (1.0 - listed, listed)]
    if kind == "to":
        return [(anyone, listed)]
    if kind == "from":
        senders, _, receivers = rest.partition(" to:")
        ends = np.isin(states, receivers.split()).astype(np.float64) if receivers else anyone
        return [(np.isin(states, senders.split()).astype(np.float64), ends)]
    raise InputError(f"coverage scope {scope!r}: must be all, among:…, with:…, from:… or to:…")


def _in_channels(asked: Question, actions: Sequence[str], channels: set[str]) -> Floats:
    named = [_channel_of(int(each)) for each in actions] if asked.action == "root" else actions
    return np.isin(named, sorted(channels)).astype(np.float64)


def _covered(tensor: CountTensor) -> CountTensor:
    from innominate.blocs.exposed import exposure_at

    seen = exposure_at(tensor) > 0
    outside = float(tensor.counts[~seen].sum())
    return replace(tensor, coordinates=tensor.coordinates[seen], counts=tensor.counts[seen], outside=outside)


def _marginal(tensor: CountTensor, modes: Sequence[Mode]) -> CountTensor:
    """The tensor summed over the modes not named; a mode summed over hands its total exposure to the first that stays."""
    if tuple(modes) == tensor.modes:
        return tensor
    keep = [tensor.mode(mode) for mode in modes]
    exposure = [tensor.exposure[m].copy() for m in keep]
    for m in range(len(tensor.modes)):
        if m not in keep:
            exposure[0] *= tensor.exposure[m].sum(axis=1, keepdims=True)
    both = {"source", "target"} <= set(modes)
    loops = (modes.index("source"), modes.index("target")) if both else None
    summed = from_arrays(
        tensor.coordinates[:, keep], tensor.counts, [tensor.shape[m] for m in keep],
        modes=modes, labels=[tensor.labels[m] for m in keep], exposure=exposure, loops=loops,
    )  # fmt: skip
    return replace(summed, outside=tensor.outside)
