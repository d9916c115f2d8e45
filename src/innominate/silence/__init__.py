"""Silence: what official language stopped saying, with probabilities.

::

    import innominate as inn

    inn.silence.omissions(texts, text="text", date="date", series="series")    # a table
    fit = inn.silence.fit(texts, ...)
    fit.omissions()                       # formulas dropped, edited, new
    fit.timeline("price stability")       # every document: present, absent, owed but absent
    fit.chart("price stability")          # the same as a Vega-Lite picture
    fit.redline(fit.findings(0.9)[0])     # old sentence against its successor
    fit.watch(new_text)                   # one new document: what it owed and lacks, what is new
    inn.silence.denuclearisation()        # the first case's tenth claim
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from innominate.silence.fitting import SilenceFit, fit, omissions
    from innominate.silence.korea import denuclearisation, presence_table

_HOMES = {
    "SilenceFit": "fitting",
    "denuclearisation": "korea",
    "fit": "fitting",
    "omissions": "fitting",
    "presence_table": "korea",
}

__all__ = ["SilenceFit", "denuclearisation", "fit", "omissions", "presence_table"]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        value = getattr(import_module(f"innominate.silence.{_HOMES[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'innominate.silence' has no attribute {name!r}")
