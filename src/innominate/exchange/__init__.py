"""Exchange: who gains what from whom, who depends on whom, what interlocks, what breaks if one tie goes."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from innominate.exchange.asking import exchange
    from innominate.exchange.complementarity import splits, telling
    from innominate.exchange.dependence import share_interval
    from innominate.exchange.interlock import Interlock, Ring, interlocking
    from innominate.exchange.pictures import dependence_chart, sankey
    from innominate.exchange.result import Exchange

_HOMES = {
    "exchange": "asking",
    "splits": "complementarity",
    "telling": "complementarity",
    "share_interval": "dependence",
    "Interlock": "interlock",
    "Ring": "interlock",
    "interlocking": "interlock",
    "dependence_chart": "pictures",
    "sankey": "pictures",
    "Exchange": "result",
}
__all__ = [
    "Exchange",
    "Interlock",
    "Ring",
    "dependence_chart",
    "exchange",
    "interlocking",
    "sankey",
    "share_interval",
    "splits",
    "telling",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"innominate.exchange.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
