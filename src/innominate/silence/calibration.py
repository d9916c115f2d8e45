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

import numpy as np
import numpy.typing as npt

from innominate.silence.evidence import NAMES

Floats = npt.NDArray[np.float64]
_FILE = "calibration.json"


@lru_cache(maxsize=1)
def _shipped() -> tuple[Floats, float]:
    content = json.loads(files("innominate.silence").joinpath("data", _FILE).read_text(encoding="utf-8"))
    return np.array([content["weights"][name] for name in NAMES]), float(content["ceiling"])


def weights() -> Floats:
    """The shipped weights, one for each of the inputs of :mod:`innominate.silence.evidence`."""
    return _shipped()[0]


def ceiling() -> float:
    """The shipped ceiling: the share of true ones among events of the strongest evidence."""
    return _shipped()[1]


def probability(evidence: Floats) -> Floats:
    """The probability of each event: (events,), from evidence (events, len(NAMES))."""
    return np.asarray(ceiling() * _logistic(evidence @ weights()))


def _logistic(value: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(value, -30.0, 30.0))))


def learn(
    evidence: Floats, true: npt.NDArray[np.bool_], penalty: float = 3.0, rounds: int = 25
) -> tuple[Floats, float]:
    """Weights and ceiling by penalised maximum likelihood.

    The probability is ceiling times a logistic function (ridge on standardised inputs): however strong the evidence, some
    silences are side effects of another change. Fitted by expectation-maximisation, in which a false event of strong evidence
    counts in part as such a side effect, with Newton's method inside.

    Parameters
    ----------
    evidence : (events, len(NAMES)), the first column constant
    true : whether each event is a planted one
    """
    centre, spread = evidence.mean(axis=0), evidence.std(axis=0) + 1e-9
    centre[0], spread[0] = 0.0, 1.0
    inputs, truth = (evidence - centre) / spread, true.astype(np.float64)
    value = np.zeros(inputs.shape[1])
    value[0] = np.log(truth.mean() / (1 - truth.mean()))
    value, top = _newton(inputs, truth, value, penalty), 0.98
    for _ in range(rounds):
        said = _logistic(inputs @ value)
        side = np.where(true, 0.0, (1 - top) * said / (1 - top * said))  # strong evidence, and yet no planted one
        top = float(truth.sum() / (truth.sum() + side.sum()))
        value = _newton(inputs, truth + side, value, penalty)
    out = value / spread
    out[0] = value[0] - float((value[1:] * centre[1:] / spread[1:]).sum())
    return out, top


def _newton(inputs: Floats, truth: Floats, value: Floats, penalty: float, rounds: int = 40) -> Floats:
    ridge = np.eye(inputs.shape[1]) * penalty
    ridge[0, 0] = 0.0
    for _ in range(rounds):
        said = _logistic(inputs @ value)
        slope = inputs.T @ (truth - said) - ridge @ value
        curve = (inputs * (said * (1 - said))[:, None]).T @ inputs + ridge
        step = np.linalg.solve(curve, slope)
        value = value + step * min(1.0, 1.0 / float(np.abs(step).max() + 1e-12))
        if np.abs(step).max() < 1e-7:
            break
    return value
