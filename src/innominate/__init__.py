"""innominate: find alliances that have no name.

States that behave as allies, whatever they have or have not signed::

    import innominate as inn

    library = inn.Library.sample()                  # or inn.Library.open("~/.innominate")
    study = inn.Study(library, years=(1990, 2025))
    fit = study.alignment()
    fit.pair("CHN", "RUS")                          # the pair through time, with intervals
    fit.why("CHN", "RUS", 2024)                     # contributions that sum to the alignment
    fit.unnamed(2024)                               # pairs that act like allies without a pact
    inn.silence.omissions("statements.csv")         # formulas that a series of texts stopped using
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    import innominate.readings as readings
    import innominate.silence as silence
    import innominate.worlds as worlds
    from innominate.brief import write_brief
    from innominate.cases import Case
    from innominate.errors import BadFile, InnominateError, InputError, UnknownState
    from innominate.ledger import Library
    from innominate.study import Study

_HOMES = {
    "BadFile": "innominate.errors",
    "InnominateError": "innominate.errors",
    "InputError": "innominate.errors",
    "UnknownState": "innominate.errors",
    "Library": "innominate.ledger",
    "Study": "innominate.study",
    "Case": "innominate.cases",
    "write_brief": "innominate.brief",
}
_ROOMS = ("readings", "silence", "worlds")  # whole rooms, e.g. inn.readings.weigh

__all__ = [
    "BadFile",
    "Case",
    "InnominateError",
    "InputError",
    "Library",
    "Study",
    "UnknownState",
    "readings",
    "silence",
    "worlds",
    "write_brief",
]


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return import_module(f"innominate.{name}")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'innominate' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES, *_ROOMS])
