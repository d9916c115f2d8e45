"""Signals: what follows dated turning points: cooperation after high-level visits, other channels after one is cut.

Each is an event study beyond the pairs' own forecast, beside placebo dates and matched comparisons.
"""

from innominate.signals.effect import Effect
from innominate.signals.study import ALL, OTHERS, Signals, study_signals, together_name
from innominate.signals.substitution import Response, find_cuts, responses
from innominate.signals.visits import CODED, KEPT, occasions

__all__ = [
    "ALL",
    "CODED",
    "KEPT",
    "OTHERS",
    "Effect",
    "Response",
    "Signals",
    "find_cuts",
    "occasions",
    "responses",
    "study_signals",
    "together_name",
]
