"""Evidence, covariates and calibration against naive versions and simulated truth."""

from __future__ import annotations

from dataclasses import replace
from math import prod

import numpy as np
import pytest

from innominate.silence import calibration, covariates, evidence, recurrence


@pytest.mark.parametrize(("used", "seen", "pause"), [(12, 12, 1), (6, 12, 9), (3, 12, 40), (4, 4, 8)])
def test_chance_is_the_product_of_predictive_probabilities(used: int, seen: int, pause: int) -> None:
    naive = prod((1 + seen - used + j) / (2 + seen + j) for j in range(pause))
    value = evidence._by_chance(np.array([float(used)]), np.array([float(seen)]), np.array([float(pause)]))
    assert np.exp(value[0]) == pytest.approx(naive)


def test_patterns_read_backwards_twice_are_the_same() -> None:
    bounds, documents = np.array([0, 3, 5]), np.array([0, 4, 7, 2, 3], dtype=np.int32)
    once = evidence.mirrored(bounds, documents, 9)
    np.testing.assert_array_equal(once, [1, 4, 8, 5, 6])
    np.testing.assert_array_equal(evidence.mirrored(bounds, once, 9), documents)


def test_weights_are_learned_back_from_simulated_truth() -> None:
    rng = np.random.default_rng(0)
    inputs = np.concatenate([np.ones((20000, 1)), rng.normal(size=(20000, 3)) * [1.0, 3.0, 0.5]], axis=1)
    weights = np.array([-1.0, 0.8, -0.4, 0.0])
    true = rng.random(20000) < 0.8 / (1 + np.exp(-inputs @ weights))
    learned, ceiling = calibration.learn(inputs, true, np.zeros(4, dtype=np.bool_))
    np.testing.assert_allclose(learned, weights, atol=0.2)
    assert ceiling == pytest.approx(0.8, abs=0.05)


def test_what_can_only_speak_for_a_silence_is_given_no_negative_weight() -> None:
    rng = np.random.default_rng(1)
    inputs = np.concatenate([np.ones((4000, 1)), rng.normal(size=(4000, 2))], axis=1)
    true = rng.random(4000) < 1 / (1 + np.exp(-inputs @ np.array([-1.0, -1.0, 1.0])))
    learned, _ = calibration.learn(inputs, true, np.array([False, True, True]))
    assert learned[1] == 0
    assert learned[2] > 0.3


def test_the_shipped_weights_obey_the_signs_and_belong_to_the_evidence() -> None:
    weights = dict(zip(evidence.NAMES, calibration.weights(), strict=True))
    assert set(weights) > evidence.RISING
    assert all(weights[name] >= 0 for name in evidence.RISING)
    assert weights["likely"] > 0
    assert weights["chance to 6"] > 0
    assert 0.9 < calibration.ceiling() <= 1


def test_a_pause_counts_against_a_silence_only_until_chance_is_out_of_the_question() -> None:
    enough = evidence._plenty(np.array([12.0, 7.0]), np.array([12.0, 12.0]))
    nats = -evidence._by_chance(np.array([12.0, 7.0]), np.array([12.0, 12.0]), enough)
    assert np.all((nats >= 12.0) & (nats < 24.0))


def topics(size: int = 120) -> tuple[covariates.Words, np.ndarray]:
    """Half of the documents speak of a topic (stems 0-9), the others of another (10-19); stem 20 is the formula."""
    rng = np.random.default_rng(1)
    about = rng.random(size) < 0.5
    stem, bounds = [], [0]
    for touched in about:
        stem += [*rng.choice(10, 6, replace=False) + (0 if touched else 10), 20 if touched else 21]
        bounds.append(len(stem))
    document = np.repeat(np.arange(size), np.diff(bounds)).astype(np.int32)
    content = np.ones(22, dtype=np.bool_)
    words = covariates.words(np.array(stem, np.int32), document, content, np.array(bounds), np.zeros(size, np.int64))
    return words, about


NOTHING = np.zeros(0, dtype=np.int64)


def test_documents_that_do_not_touch_the_topic_owe_less() -> None:
    words, about = topics()
    hits = np.flatnonzero(about[:90]).astype(np.int32)
    own = covariates.own_exposure(words, hits, np.array([20]), NOTHING, 0, np.ones(len(about)))
    assert own is not None
    later = own[90:]
    assert later[about[90:]].mean() > 3 * later[~about[90:]].mean()


@pytest.mark.parametrize("kind", [np.random.default_rng(2).integers(0, 2, 120), np.arange(120) % 2])
def test_kinds_that_never_carry_a_formula_owe_less(kind: np.ndarray) -> None:
    """In any order, also where two kinds take turns, as a statement and a speech do."""
    words, _ = topics()
    words = replace(words, kind=kind)
    hits = np.flatnonzero((kind == 1)[:90]).astype(np.int32)
    own = covariates.own_exposure(words, hits, np.array([20]), NOTHING, 0, np.ones(120))
    assert own is not None
    assert own[90:][kind[90:] == 1].mean() > 3 * own[90:][kind[90:] == 0].mean()


def test_a_sentence_that_goes_takes_neither_its_length_nor_its_words_for_reasons() -> None:
    """A word that stands with the formula only, and documents longer by its sentence, do not make the later ones owe less."""
    rng, size, last = np.random.default_rng(3), 120, 90
    carries = (rng.random(size) < 0.6) & (np.arange(size) < last)
    carries[last - 1] = True
    stands = rng.random((size, 22)) < 0.3
    stands[:, 20] = stands[:, 21] = carries  # the formula, and what stands with it
    length = np.where(carries, 48.0, 40.0) + rng.integers(0, 3, size)
    bounds = np.concatenate([[0], np.cumsum(stands.sum(axis=1))])
    words = covariates.Words(bounds, np.nonzero(stands)[1].astype(np.int32), 22, length, np.zeros(size, np.int64))
    hits = np.flatnonzero(carries).astype(np.int32)
    told = covariates.own_exposure(words, hits, np.array([20]), np.array([20, 21]), 8, np.ones(size))
    assert told is not None
    assert told[last:].mean() > 0.6
    untold = covariates.own_exposure(words, hits, np.array([20]), NOTHING, 0, np.ones(size))
    assert untold is not None
    assert untold[last:].mean() < 0.3


def test_a_formula_never_missing_while_in_use_has_no_covariates() -> None:
    words, _ = topics()
    assert (
        covariates.own_exposure(words, np.arange(60, dtype=np.int32), np.array([20]), NOTHING, 0, np.ones(120)) is None
    )


def test_a_new_issuer_stretches_time_only_where_formulas_turn_with_it() -> None:
    rng = np.random.default_rng(3)
    size, change = 80, 40
    clock, exposure = np.concatenate([[0.0], np.arange(float(size))]), np.arange(size + 1.0)

    def stretched(turning: bool) -> float:
        rows = []
        for i in range(120):
            rate = np.where((np.arange(size) < change) == (i % 2 == 0), 0.9, 0.0) if turning else np.full(size, 0.6)
            rows.append(np.flatnonzero(rng.random(size) < rate).astype(np.int32))
        bounds = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
        new = recurrence.reset(bounds, np.concatenate(rows), exposure, clock, np.array([change]))
        return float(new[-1] - clock[-1])

    assert stretched(True) > 0
    assert stretched(False) == 0
