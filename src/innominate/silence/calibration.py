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
def weights() -> Floats:
    """The shipped weights, one for each of the inputs of :mod:`innominate.silence.evidence`."""
    content = json.loads(files("innominate.silence").joinpath("data", _FILE).read_text(encoding="utf-8"))
    return np.array([content["weights"][name] for name in NAMES])


def probability(evidence: Floats) -> Floats:
    """The probability of each event: (events,), from evidence (events, len(NAMES))."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(evidence @ weights(), -30.0, 30.0))))


def learn(evidence: Floats, true: npt.NDArray[np.bool_], penalty: float = 3.0, rounds: int = 60) -> Floats:
    """Weights by penalised maximum likelihood (ridge on standardised inputs), by Newton's method.

    Parameters
    ----------
    evidence : (events, len(NAMES)), the first column constant
    true : whether each event is a planted one
    """
    centre, spread = evidence.mean(axis=0), evidence.std(axis=0) + 1e-9
    centre[0], spread[0] = 0.0, 1.0
    inputs, truth = (evidence - centre) / spread, true.astype(np.float64)
    ridge = np.eye(inputs.shape[1]) * penalty
    ridge[0, 0] = 0.0
    value = np.zeros(inputs.shape[1])
    value[0] = np.log(truth.mean() / (1 - truth.mean()))
    for _ in range(rounds):
        said = 1.0 / (1.0 + np.exp(-np.clip(inputs @ value, -30.0, 30.0)))
        slope = inputs.T @ (truth - said) - ridge @ value
        curve = (inputs * (said * (1 - said))[:, None]).T @ inputs + ridge
        step = np.linalg.solve(curve, slope)
        value += step * min(1.0, 1.0 / float(np.abs(step).max() + 1e-12))
    out = value / spread
    out[0] = value[0] - float((value[1:] * centre[1:] / spread[1:]).sum())
    return out
