"""One line of the scoreboard, and how a yearly figure becomes one, with what it is compared with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from innominate.scoreboard.blocks import interval, plain, resampled, weighted

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of the scoreboard.

    Attributes
    ----------
    task, metric : what was predicted, and how well is measured how
    value : ours; None where it is not defined
    baselines : name → the same figure of something else, on the same pairs and years
    low, high : central 90 % interval of the value over blocks of years
    n : observations behind it, or positives where the task has any
    more : anything else, by name
    """

    task: str
    metric: str
    value: float | None
    baselines: Mapping[str, float | None]
    low: float | None = None
    high: float | None = None
    n: int = 0
    more: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The row as plain values."""
        fixed = {"task": self.task, "metric": self.metric, "value": self.value, "baselines": dict(self.baselines)}
        return {**fixed, "low": self.low, "high": self.high, "n": self.n, **self.more}


def averaged(
    task: str,
    metric: str,
    ours: Array,
    baselines: Mapping[str, Array],
    weights: Array,
    n: int,
    *,
    seed: int = 0,
    more: Mapping[str, Any] | None = None,
) -> Row:
    """A row from one figure a year: its mean over years, and the intervals of its differences from the baselines.

    Parameters
    ----------
    ours, baselines : (Y,) each, NaN in years without one
    weights : (Y,) of the years
    """
    places = resampled(len(ours), seed)
    mean = interval(ours, weights, places)
    apart = {name: interval(ours - other, weights, places).as_dict() for name, other in baselines.items()}
    return Row(
        task,
        metric,
        plain(mean.value),
        {name: plain(weighted(other, weights)) for name, other in baselines.items()},
        plain(mean.low),
        plain(mean.high),
        n,
        {"differences": apart, **(more or {})},
    )
