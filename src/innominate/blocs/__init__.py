"""Blocs: who acts together, k at a time, and how that changes.

>>> from innominate import blocs
>>> found = blocs.find_blocs(library)                # doctest: +SKIP
>>> found.table()                                    # doctest: +SKIP
>>> found.together(["CHN", "RUS", "PRK"])            # doctest: +SKIP
>>> blocs.klateral(library, ["CHN", "RUS", "PRK"], "votes", (1991, 2024)).verdict  # doctest: +SKIP
>>> [answer.reading for answer in blocs.answers(library, blocs.GROUPS["GCC"])]     # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from innominate.blocs.card import Card, cards
    from innominate.blocs.circles import Churn, churn, near, roll_calls
    from innominate.blocs.core import CoreFit, CoreSettings, fit_core
    from innominate.blocs.counting import Question, counts
    from innominate.blocs.factorisation import Factorisation, Settings, factorise
    from innominate.blocs.found import Blocs, find_blocs
    from innominate.blocs.groups import (
        EVIDENCE,
        GROUPS,
        SPANS,
        Answer,
        KLateral,
        answers,
        compare,
        judge_group,
        klateral,
        placebo,
        read,
    )
    from innominate.blocs.heldout import choose_size, random_mask, score
    from innominate.blocs.lives import drift, lifecycle, turnover
    from innominate.blocs.membership import Memberships, memberships
    from innominate.blocs.reach import Evidence
    from innominate.blocs.scoring import heldout_score, recovery_score, stability_score
    from innominate.blocs.sizes import choose_blocs
    from innominate.blocs.telling import Predictor, predictor
    from innominate.blocs.tensor import Absent, CountTensor, from_arrays

_HOMES = {
    "card": ("Card", "cards"),
    "circles": ("Churn", "churn", "near", "roll_calls"),
    "core": ("CoreFit", "CoreSettings", "fit_core"),
    "counting": ("Question", "counts"),
    "factorisation": ("Factorisation", "Settings", "factorise"),
    "found": ("Blocs", "find_blocs"),
    "heldout": ("choose_size", "random_mask", "score"),
    "groups": (
        "EVIDENCE",
        "GROUPS",
        "SPANS",
        "Answer",
        "KLateral",
        "answers",
        "compare",
        "klateral",
        "placebo",
        "predictor",
        "read",
        "judge_group",
    ),
    "lives": ("drift", "lifecycle", "turnover"),
    "membership": ("Memberships", "memberships"),
    "reach": ("Evidence",),
    "sizes": ("choose_blocs",),
    "scoring": ("heldout_score", "recovery_score", "stability_score"),
    "telling": ("Predictor", "predictor"),
    "tensor": ("Absent", "CountTensor", "from_arrays"),
}
_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "EVIDENCE",
    "GROUPS",
    "SPANS",
    "Absent",
    "Answer",
    "Blocs",
    "Card",
    "Churn",
    "CoreFit",
    "CoreSettings",
    "CountTensor",
    "Evidence",
    "Factorisation",
    "KLateral",
    "Memberships",
    "Predictor",
    "Question",
    "Settings",
    "answers",
    "cards",
    "choose_blocs",
    "choose_size",
    "churn",
    "compare",
    "counts",
    "drift",
    "factorise",
    "find_blocs",
    "fit_core",
    "from_arrays",
    "heldout_score",
    "judge_group",
    "klateral",
    "lifecycle",
    "memberships",
    "near",
    "placebo",
    "predictor",
    "random_mask",
    "read",
    "recovery_score",
    "roll_calls",
    "score",
    "stability_score",
    "turnover",
]


def __getattr__(name: str) -> Any:
    if name in _OF:
        return getattr(import_module(f"innominate.blocs.{_OF[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
