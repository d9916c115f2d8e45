"""Who existed when: a date-aware registry of states, 1816 to today.

>>> from innominate import states
>>> states.resolve("Korea, North", 1990)
'PRK'
>>> states.resolve(345, 1995, system="cow")
'SRB'
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from innominate.states.existence import (
    alive,
    exists,
    get,
    members,
    predecessors,
    successors,
    un_members,
)
from innominate.states.registry import Link, State
from innominate.states.resolution import System, resolve, resolve_within
from innominate.states.wording import suggest, unmeasured

if TYPE_CHECKING:
    from innominate.states.frames import resolve_many, spans

__all__ = [
    "Link",
    "State",
    "System",
    "alive",
    "exists",
    "get",
    "members",
    "predecessors",
    "resolve",
    "resolve_many",
    "resolve_within",
    "spans",
    "successors",
    "suggest",
    "un_members",
    "unmeasured",
]


def __getattr__(name: str) -> object:
    if name in {"resolve_many", "spans"}:
        from innominate.states import frames

        return getattr(frames, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
