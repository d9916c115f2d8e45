"""Measures of similarity against loops, by hand, and under changes that must not matter."""

from __future__ import annotations

import numpy as np
import pytest

from innominate.errors import InputError
from innominate.measures.indices import MEASURES, similarity
from tests.measures.naive import naive

PORTFOLIO = (0.0, 1.0, 2.0, 3.0)


def _choices(levels, absent, seed=0, n=9, r=25):
    rng = np.random.default_rng(seed)
    lean = rng.dirichlet(np.ones(len(levels)), size=n)
    choices = np.array([rng.choice(levels, size=r, p=p) for p in lean])
    return np.where(rng.random((n, r)) < absent, np.nan, choices)


def _weights(kind, r=25):
    weights = np.random.default_rng(1).gamma(1.0, size=r)
    if kind == "missing":
        weights[::4] = np.nan
    return None if kind is None else weights


@pytest.mark.parametrize("weighted", [None, "all", "missing"])
@pytest.mark.parametrize(("levels", "absent"), [((-1.0, 0.0, 1.0), 0.3), (PORTFOLIO, 0.0), ((-1.0, 1.0), 0.8)])
@pytest.mark.parametrize("distance", ["absolute", "squared"])
@pytest.mark.parametrize("measure", MEASURES)
def test_equals_the_loops(measure, distance, levels, absent, weighted):
    choices, weights = _choices(levels, absent), _weights(weighted)
    found = similarity(choices, measure, levels=levels, distance=distance, weights=weights)
    for i in range(len(choices)):
        assert np.isnan(found.value[i, i])
        for j in range(len(choices)):
            if i != j:
                value, common = naive(choices, i, j, measure, levels=levels, distance=distance, weights=weights)
                assert found.common[i, j] == common
                np.testing.assert_allclose(found.value[i, j], value, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        ("agreement", 2 / 4),  # yes-yes, abstain-no, no-no, yes-abstain
        ("s", 1 - 2 * (1 + 1) / (4 * 2)),
        ("affinity", 1.0),  # the two votes without abstention agree
        ("cosine", 2 / np.sqrt(3 * 3)),
        # distributions of x: no 1, abstain 1, yes 2; of y: no 2, abstain 1, yes 1 (quarters); squared distances
        ("kappa", 1 - (2 / 4) / ((1 * (0 * 2 + 1 * 1 + 4 * 1) + 1 * (1 * 2 + 0 + 1) + 2 * (4 * 2 + 1 + 0)) / 16)),
        # both: no 3, abstain 2, yes 3 (eighths)
        ("pi", 1 - (2 / 4) / (2 * (3 * 2 * 1 + 3 * 3 * 4 + 2 * 3 * 1) / 64)),
    ],
)
def test_by_hand(measure, expected):
    choices = np.array([[1, 0, -1, 1, np.nan, 1], [1, -1, -1, 0, 1, np.nan]], dtype=float)
    found = similarity(choices, measure)
    np.testing.assert_allclose(found.value[0, 1], expected)
    assert found.common[0, 1] == (2 if measure == "affinity" else 4)


@pytest.mark.parametrize("measure", MEASURES)
def test_what_must_not_matter(measure):
    choices = _choices((-1.0, 0.0, 1.0), 0.2)
    base = similarity(choices, measure)
    states, questions = np.random.default_rng(2).permutation(9), np.random.default_rng(3).permutation(25)
    for changed, expected in [
        (similarity(choices[states], measure).value, base.value[np.ix_(states, states)]),
        (similarity(choices[:, questions], measure).value, base.value),
        (similarity(-choices, measure).value, base.value),
        (similarity(np.hstack([choices, choices]), measure).value, base.value),
        (base.value.T, base.value),
    ]:
        np.testing.assert_allclose(changed, expected, atol=1e-12)


def test_few_common_questions_are_unknown():
    choices = np.array([[1, 1, -1, np.nan], [1, -1, -1, 1], [np.nan, np.nan, -1, 1]], dtype=float)
    value = similarity(choices, "agreement", min_common=2).value
    assert value[0, 1] == pytest.approx(2 / 3)
    assert np.isnan(value[0, 2])
    assert value[1, 2] == pytest.approx(1.0)


def test_no_vote_is_not_an_abstention():
    cast, absent = np.array([[1.0, 0.0], [1.0, 1.0]]), np.array([[1.0, np.nan], [1.0, 1.0]])
    assert similarity(cast, "s").value[0, 1] == pytest.approx(0.5)
    assert similarity(absent, "s").value[0, 1] == pytest.approx(1.0)


def test_undefined_is_unknown():
    alike = np.array([[1.0, 1.0], [1.0, 1.0], [0.0, 0.0]])
    assert np.isnan(similarity(alike, "kappa").value[0, 1])
    assert np.isnan(similarity(alike, "pi").value[0, 1])
    assert np.isnan(similarity(alike, "cosine").value[0, 2])
    assert similarity(alike, "s").value[0, 1] == 1.0


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"measure": "tau-b"}, "the measures are s, kappa, pi"),
        ({"distance": "cubed"}, "absolute, squared"),
        ({"levels": (1.0, 0.0)}, "rising"),
        ({"levels": (0.0, 1.0)}, "-1, which is none of the levels"),
        ({"weights": np.array([1.0, -1.0])}, "weights"),
        ({"weights": np.array([1.0])}, "weights"),
    ],
)
def test_bad_arguments(change, says):
    with pytest.raises(InputError, match=says):
        similarity(np.array([[1.0, -1.0], [1.0, 0.0]]), **change)
