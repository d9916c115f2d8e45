"""Readings: rival explanations as constraints on trajectories, weighed on the same evidence.

A reading says what it expects to see (this rises, that stays flat, this leads that). Its support is the posterior mass of
the trajectories that fit it over their prior mass: the Bayes factor against the model without constraints::

    weighed = inn.readings.weigh(study, readings)
    weighed.table()                        # masses, Bayes factors with Monte Carlo error, probabilities
    inn.readings.diagnostic(weighed)       # the evidence that moves the answer most
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from innominate.readings.reading import Expectation, Quantity, Reading, Span

if TYPE_CHECKING:
    from innominate.readings.diagnosis import diagnostic
    from innominate.readings.recovery import confusion
    from innominate.readings.turning import what_would_change
    from innominate.readings.variants import sensitivity
    from innominate.readings.weighing import Weighed, weigh

_HOMES = {
    "weigh": "weighing",
    "Weighed": "weighing",
    "sensitivity": "variants",
    "diagnostic": "diagnosis",
    "what_would_change": "turning",
    "confusion": "recovery",
}

__all__ = [
    "Expectation",
    "Quantity",
    "Reading",
    "Span",
    "Weighed",
    "confusion",
    "diagnostic",
    "sensitivity",
    "weigh",
    "what_would_change",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"innominate.readings.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'innominate.readings' has no attribute {name!r}")
