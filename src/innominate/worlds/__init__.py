"""Worlds: simulated systems of states whose truth is known, and what can be hidden in them.

>>> from innominate import worlds
>>> world = worlds.simulate(worlds.Settings(states=40, periods=20, seed=1), "world")     # doctest: +SKIP
>>> world.truth()                                                                        # doctest: +SKIP
>>> worlds.recover(world).table()                                                        # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from innominate.worlds.calibration import calibrate
    from innominate.worlds.detecting import Detection, detect
    from innominate.worlds.detouring import detours
    from innominate.worlds.hidden import Hidden
    from innominate.worlds.hiding import hide
    from innominate.worlds.laws import WorldLaw, packaged_laws, read_laws
    from innominate.worlds.mirror import mirror_table
    from innominate.worlds.power import power_table
    from innominate.worlds.recovery import Recovery, recover
    from innominate.worlds.settings import Settings
    from innominate.worlds.world import World, simulate

_HOMES = {
    "calibration": ("calibrate",),
    "detecting": ("Detection", "detect"),
    "detouring": ("detours",),
    "hidden": ("Hidden",),
    "hiding": ("hide",),
    "laws": ("WorldLaw", "packaged_laws", "read_laws"),
    "mirror": ("mirror_table",),
    "power": ("power_table",),
    "recovery": ("Recovery", "recover"),
    "settings": ("Settings",),
    "world": ("World", "simulate"),
}
_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "Detection",
    "Hidden",
    "Recovery",
    "Settings",
    "World",
    "WorldLaw",
    "calibrate",
    "detect",
    "detours",
    "hide",
    "mirror_table",
    "packaged_laws",
    "power_table",
    "read_laws",
    "recover",
    "simulate",
]


def __getattr__(name: str) -> Any:
    if name in _OF:
        return getattr(import_module(f"innominate.worlds.{_OF[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
