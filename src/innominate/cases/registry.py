"""The tests to which claims can be put: functions over a study, registered by name, with checked parameters."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from innominate.errors import InputError

if TYPE_CHECKING:
    from innominate.cases.findings import Finding
    from innominate.cases.spec import ClaimSpec
    from innominate.cases.view import View

_HOMES = (
    "innominate.cases.acts_as_allies",
    "innominate.cases.analogues",
    "innominate.cases.bloc_churn",
    "innominate.cases.channel_substitution",
    "innominate.cases.complementary_partners",
    "innominate.cases.concealment_limit",
    "innominate.cases.decoupling",
    "innominate.cases.divided_attention",
    "innominate.cases.dropped_formula",
    "innominate.cases.interlocking_gains",
    "innominate.cases.rise_in_rank",
    "innominate.cases.shared_burden",
    "innominate.cases.signals_with_substance",
    "innominate.cases.substance_over_form",
    "innominate.cases.treaties_in_force",
    "innominate.cases.trilateral_cooperation",
    "innominate.cases.weighed_readings",
)
_TESTS: dict[str, ClaimTest] = {}


@dataclass(frozen=True, slots=True)
class ClaimTest:
    """A test to which claims can be put.

    Attributes
    ----------
    name : as a case file calls it
    parameters : the model of what stands under ``with``
    rule : the rule of its verdict, for readers
    run : the claim, its parameters and what is asked of the study → the finding
    """

    name: str
    parameters: type[BaseModel]
    rule: str
    run: Callable[[ClaimSpec, Any, View], Finding]


def register(
    name: str, parameters: type[BaseModel], rule: str
) -> Callable[[Callable[[ClaimSpec, Any, View], Finding]], Callable[[ClaimSpec, Any, View], Finding]]:
    """Register a function as the test called `name`."""

    def keep(run: Callable[[ClaimSpec, Any, View], Finding]) -> Callable[[ClaimSpec, Any, View], Finding]:
        _TESTS[name] = ClaimTest(name, parameters, rule, run)
        return run

    return keep


def claim_tests() -> dict[str, ClaimTest]:
    """Every test by name."""
    for home in _HOMES:
        import_module(home)
    return dict(sorted(_TESTS.items()))


def claim_test(name: str) -> ClaimTest:
    """The test called `name`; an :class:`InputError` suggests the nearest."""
    known = claim_tests()
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, 1)
    hint = f"did you mean {near[0]!r}?" if near else f"the tests are {', '.join(known)}"
    raise InputError(f"there is no test {name!r}; {hint}")
