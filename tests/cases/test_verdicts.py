"""The rules: symmetric, monotone, and right about joint probabilities whatever the dependence."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from innominate.cases.findings import Check, Sentence, Verdict
from innominate.cases.verdicts import all_of, confidence, joint_range, judge, judge_range, opposite

ORDER = ("contradicted", "undecided", "supported")


@given(st.floats(0, 1))
def test_the_opposite_claim_gets_the_opposite_verdict(probability: float) -> None:
    assert judge(1 - probability) == opposite(judge(probability))


@given(st.floats(0, 1), st.floats(0, 1))
def test_more_probable_is_never_judged_lower(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert ORDER.index(judge(low)) <= ORDER.index(judge(high))


@given(st.floats(0, 1), st.floats(0, 1))
def test_ranges_are_symmetric_too(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert judge_range((1 - high, 1 - low)) == opposite(judge_range((low, high)))


@pytest.mark.parametrize("seed", range(5))
def test_the_joint_range_holds_whatever_the_dependence(seed: int) -> None:
    worlds = np.random.default_rng(seed).dirichlet(np.full(8, 0.4))  # any distribution over three yes-or-no statements
    cells = list(itertools.product((0, 1), repeat=3))
    single = [sum(w for w, cell in zip(worlds, cells, strict=True) if cell[k]) for k in range(3)]
    low, high = joint_range(single)
    assert low - 1e-12 <= worlds[-1] <= high + 1e-12


@pytest.mark.parametrize(
    ("verdicts", "whole"),
    [
        (["supported", "supported"], "supported"),
        (["supported", "undecided"], "undecided"),
        (["supported", "contradicted", "not testable"], "contradicted"),
        (["supported", "not testable"], "not testable"),
        ([], "not testable"),
    ],
)
def test_a_claim_of_several_statements(verdicts: list[Verdict], whole: Verdict) -> None:
    assert all_of(verdicts) == whole


@pytest.mark.parametrize(("failed", "level"), [(0, "high"), (1, "medium"), (2, "low"), (3, "low")])
def test_confidence_counts_failed_checks(failed: int, level: str) -> None:
    checks = [Check(str(k), k >= failed, Sentence("", "")) for k in range(3)]
    assert confidence(checks) == level


def test_without_checks_confidence_is_low() -> None:
    assert confidence([]) == "low"
