"""Planted effects are found, none is found where there is none, and comparisons are the nearest by a naive search."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from innominate import InputError, Library
from innominate.signals import ALL, CODED, study_signals
from innominate.signals.effect import Ordinary, effect, matched_rows, ordinary_dates, placebo_ratios, ratio_at
from innominate.signals.forecast import Windows
from innominate.signals.visits import merged, occasions
from tests.signals.synthetic import events, month


def rows(library: Library, outcome: str, horizon: int = 3) -> dict[str, float]:
    found = study_signals(library).effects.filter(
        (pl.col("outcome") == outcome) & (pl.col("horizon") == horizon) & (pl.col("group") == ALL)
    )
    return found.row(0, named=True)


def drawn(
    seed: int, lift: float = 1.0, pairs: int = 60, ahead: float = 1.0
) -> tuple[Windows, np.ndarray, np.ndarray, np.ndarray, Ordinary]:
    """Windows with known truth, and occasions at random places in the first half of the pairs."""
    rng = np.random.default_rng(seed)
    expected = rng.gamma(4.0, 2.0, (pairs, 30))
    at = np.arange(pairs // 2)
    usual = expected.copy()
    usual[at] *= ahead  # visited pairs outdo their forecasts at any time
    observed = rng.poisson(usual).astype(float)
    times = rng.integers(0, 30, len(at))
    observed[at, times] = rng.poisson(lift * usual[at, times])
    windows = Windows(expected, observed, 1 / (1 + 0.02 * expected), np.ones(expected.shape, dtype=bool))
    eligible = np.ones(expected.shape, dtype=bool)
    eligible[at, times] = False
    trend = np.zeros(expected.shape)
    matched = matched_rows(windows, trend, at, times, eligible)
    return windows, at, times, matched, ordinary_dates(windows, trend, at, eligible, seed)


def test_a_planted_effect_is_found_with_its_size(tmp_path: Path) -> None:
    library = events(tmp_path / "l", lift=2.0)
    material, conflict = rows(library, "material"), rows(library, "conflict")
    assert material["low"] > 1.5
    assert material["low"] < 2.0 < material["high"] + 0.1
    assert material["matched_low"] > 1.5
    assert material["placebo_p"] < 0.02
    assert conflict["matched_low"] < 1 < conflict["matched_high"]


def test_attention_shows_in_conflict(tmp_path: Path) -> None:
    library = events(tmp_path / "l", lift=1.6, attention=1.6, seed=4)
    assert rows(library, "conflict")["matched_low"] > 1.2


def test_without_effect_intervals_miss_about_as_often_as_they_say() -> None:
    outside = placebo = above = 0
    runs = 80
    for seed in range(runs):
        windows, at, times, matched, usual = drawn(seed)
        found = effect(windows, at, times, matched, usual, seed=seed, draws=300)
        assert found is not None
        outside += not found.net_low <= 1 <= found.net_high
        placebo += found.placebo_p <= 0.1
        above += found.above >= 0.9
    assert outside / runs < 0.2  # nominal 0.10
    assert placebo / runs < 0.2
    assert above / runs < 0.2


def test_pairs_that_always_outdo_their_forecasts_are_no_effect() -> None:
    found = [effect(*drawn(seed, ahead=1.5), seed=seed, draws=300) for seed in range(40)]
    told = [one for one in found if one is not None]
    assert np.mean([one.matched for one in told]) > 1.1  # the matched ratio alone would be taken in
    assert np.mean([one.net for one in told]) == pytest.approx(1.0, abs=0.05)
    assert sum(one.above >= 0.9 for one in told) <= 9  # nominal 4


def test_power_on_a_modest_effect() -> None:
    found = [effect(*drawn(seed, lift=1.3), seed=seed, draws=300) for seed in range(20)]
    assert sum(one is not None and one.above > 0.9 for one in found) >= 17


def test_the_ratio_is_the_weighted_sum_written_out() -> None:
    windows, at, times, *_ = drawn(1)
    above = sum(windows.weight[p, t] * windows.observed[p, t] for p, t in zip(at, times, strict=True))
    below = sum(windows.weight[p, t] * windows.expected[p, t] for p, t in zip(at, times, strict=True))
    assert ratio_at(windows, at, times) == pytest.approx(above / below)


def test_matches_are_the_nearest_and_never_visited_or_the_pair_itself() -> None:
    rng = np.random.default_rng(5)
    windows, at, times, *_ = drawn(5)
    trend = rng.normal(size=windows.expected.shape)
    eligible = rng.random(windows.expected.shape) < 0.6
    found = matched_rows(windows, trend, at, times, eligible)
    for place, (row, time) in enumerate(zip(at, times, strict=True)):
        pool = [p for p in range(len(windows.expected)) if eligible[p, time]]
        level = np.log(windows.expected[:, time] + 0.1)
        scale = level[pool].std(), trend[pool, time].std()
        distance = {
            p: ((level[p] - level[row]) / scale[0]) ** 2 + ((trend[p, time] - trend[row, time]) / scale[1]) ** 2
            for p in pool
            if p != row
        }
        assert set(found[place]) == set(sorted(distance, key=distance.__getitem__)[:5])


def test_placebo_dates_never_fall_on_an_occasion() -> None:
    windows, at, times, *_ = drawn(2)
    marked = Windows(windows.expected, np.zeros(windows.expected.shape), windows.weight, windows.valid)
    marked.observed[at, times] = 1e9
    assert placebo_ratios(marked, at, times, seed=1).max() == 0.0


def test_the_order_of_occasions_does_not_matter() -> None:
    windows, at, times, matched, usual = drawn(7)
    order = np.random.default_rng(0).permutation(len(at))
    one = effect(windows, at, times, matched, usual, seed=1)
    two = effect(windows, at[order], times[order], matched[order], usual, seed=1)
    assert one is not None
    assert two is not None
    assert (one.ratio, one.matched, one.low, one.high) == pytest.approx((two.ratio, two.matched, two.low, two.high))


def test_days_close_together_are_one_occasion() -> None:
    days = pl.DataFrame(
        {"a": ["AUT"] * 4, "b": ["BEL"] * 4, "date": [month(0, 1), month(0, 10), month(0, 24), month(2, 1)],
         "family": [CODED] * 4, "acts": [1, 2, 3, 4]}
    )  # fmt: skip
    found = merged(days)
    assert found["date"].to_list() == [month(0, 1), month(2, 1)]
    assert found["acts"].to_list() == [6, 4]


def test_only_loud_visits_are_occasions_and_same_input_gives_same_tables(tmp_path: Path) -> None:
    library = events(tmp_path / "l", seed=2)
    assert set(occasions(library)["acts"]) == {12}
    one, two = study_signals(library, seed=3), study_signals(library, seed=3)
    assert one.effects.equals(two.effects)
    assert one.curve.equals(two.curve)


def test_a_day_beyond_the_data_is_too_early(tmp_path: Path) -> None:
    library = events(tmp_path / "l", lift=2.0)
    found = study_signals(library, ["ARG-AUS"])
    assert found.last_day() == month(48 - 1, 31)
    assert found.after(["ARG-AUS"], month(47, 3), "material", 3) is None
    told = found.after(["ARG-AUS"], month(30, 3), "material", 3)
    assert told is not None
    assert told.occasions == 1


def test_a_library_without_events_tells_nothing() -> None:
    found = study_signals(Library.sample(), ["CHN-RUS"])
    assert found.effects.is_empty()
    assert found.last_day() is None


@pytest.mark.parametrize("key", ["CHN", "RUS-CHN", "CHN-PRK-RUS", ""])
def test_what_is_no_pair_is_refused(key: str) -> None:
    with pytest.raises(InputError, match="no pair"):
        study_signals(Library.sample(), [key])
