"""From evidence to a probability: a logistic regression whose weights were learned on planted silences.

The posterior of the recurrence model assumes that documents are independent given the levels of a formula; real texts are
burstier, and the phrases of one event are picked as the strongest of many. Both make it overconfident. The weights here were
fitted to omissions planted into documents in random order (`benchmarks/silence_calibrate.py` writes them), so that among rows
said 0.8 about eight in ten are real (Platt 1999; reliability on other series: docs/silence.md).
"""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt

from innominate.silence.evidence import NAMES

Floats = npt.NDArray[np.float64]
_FILE = "calibration.json"
_TOP = 3.5  # log odds of the ceiling before anything is learned


@lru_cache(maxsize=1)
def shipped() -> tuple[Floats, float]:
    """The weights, one for each of the inputs of :mod:`innominate.silence.evidence`, and the ceiling, from the package's file."""
    content = json.loads(files("innominate.silence").joinpath("data", _FILE).read_text(encoding="utf-8"))
    return np.array([content["weights"][name] for name in NAMES]), float(content["ceiling"])


def weights() -> Floats:
    """The shipped weights, one for each of the inputs of :mod:`innominate.silence.evidence`."""
    return shipped()[0]


def ceiling() -> float:
    """The shipped ceiling: the share of true ones among events of the strongest evidence."""
    return shipped()[1]


def probability(evidence: Floats) -> Floats:
    """The probability of each event: (events,), from evidence (events, len(NAMES))."""
    return np.asarray(ceiling() * _logistic(evidence @ weights()))


def _logistic(value: Any) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(value, -30.0, 30.0))))


def learn(
    evidence: Floats, true: npt.NDArray[np.bool_], rising: npt.NDArray[np.bool_], penalty: float = 3.0
) -> tuple[Floats, float]:
    """Weights and ceiling by penalised maximum likelihood.

    The probability is ceiling times a logistic function: however strong the evidence, some silences are side effects of
    another change. A ridge lies on the weights of standardised inputs, a wide normal prior on the log odds of the ceiling;
    evidence that can only speak for a silence is given no negative weight (L-BFGS-B, Byrd et al. 1995).

    Parameters
    ----------
    evidence : (events, len(NAMES)), the first column constant
    true : whether each event is a planted one
    rising : inputs whose weight is not to be negative
    """
    from scipy.optimize import minimize

    centre, spread = evidence.mean(axis=0), evidence.std(axis=0) + 1e-9
    centre[0], spread[0] = 0.0, 1.0
    inputs, truth = (evidence - centre) / spread, true.astype(np.float64)

    def cost(value: Floats) -> tuple[float, Floats]:
        top, said = float(_logistic(value[-1])), _logistic(inputs @ value[:-1])
        p = np.clip(top * said, 1e-12, 1 - 1e-12)
        loss = -float((truth * np.log(p) + (1 - truth) * np.log(1 - p)).sum())
        slope = (1 - truth) / (1 - p) - truth / p
        down = np.append(inputs.T @ (slope * top * said * (1 - said)), float(slope @ said) * top * (1 - top))
        down[1:-1] += penalty * value[1:-1]
        down[-1] += 0.5 * (value[-1] - _TOP)
        return loss + 0.5 * penalty * float(value[1:-1] @ value[1:-1]) + 0.25 * (value[-1] - _TOP) ** 2, down

    start = np.zeros(inputs.shape[1] + 1)
    start[0], start[-1] = np.log(truth.mean() / (1 - truth.mean())), _TOP
    bounds = [(0.0, None) if up else (None, None) for up in rising] + [(-4.0, 6.0)]
    value = minimize(cost, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 1000}).x
    out = value[:-1] / spread
    out[0] = value[0] - float((value[1:-1] * centre[1:] / spread[1:]).sum())
    return np.asarray(out), float(_logistic(value[-1]))
