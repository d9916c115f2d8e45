"""Analogues: nothing of the future enters, neighbours by a naive search, skill where there is some and none where none is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from innominate import InputError, Library, Study
from innominate.analogues import Analogues, Record, find_analogues, long_record, resemblance
from innominate.analogues.cases import Cases, pair_cases, triad_cases
from innominate.analogues.matching import neighbours, rate, scaled
from innominate.analogues.record import KEPT, PRIOR, levels
from innominate.analogues.skill import skills
from tests.analogues.synthetic import world

HORIZONS = (5, 10)


def told(library: Library) -> Record:
    study = Study(library, (1975, 2005))
    return long_record(library, study.panel())


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Record:
    return told(world(tmp_path_factory.mktemp("world") / "l"))


def answers(found: Analogues) -> tuple[object, ...]:
    return (found.rates, found.skills, found.nearest.rows(), found.fan.rows(), found.standing.rows(), found.reference)


@pytest.mark.parametrize("members", [("FRA", "GBR"), ("FRA", "GBR", "USA")])
def test_a_poisoned_future_changes_nothing(tmp_path: Path, plain: Record, members: tuple[str, ...]) -> None:
    poisoned = told(world(tmp_path / "p", poison=1990))
    assert not np.array_equal(plain.level[:, -1], poisoned.level[:, -1])
    one, two = (find_analogues(record, members, 1989) for record in (plain, poisoned))
    assert answers(one) == answers(two)
    assert resemblance(one, members, 1960) == resemblance(two, members, 1960)
    later = [find_analogues(record, members, 2000) for record in (plain, poisoned)]
    assert answers(later[0]) != answers(later[1])  # the poison does reach those who may see it


def test_two_panels_one_after_the_other_are_one(tmp_path: Path) -> None:
    library = world(tmp_path / "l")
    whole = long_record(library, Study(library, (1950, 2005)).panel())
    parts = told(library)
    rows = [whole.pair(*parts.key(pair).split("-")) for pair in range(len(parts.a))]
    assert np.array_equal(whole.years, parts.years)
    assert np.allclose(whole.level[rows], parts.level, atol=1e-6)
    assert np.array_equal(whole.joint[rows], parts.joint)


def test_levels_equal_the_mean_written_out() -> None:
    rng = np.random.default_rng(0)
    z = rng.normal(size=(3, 7, 2)).astype(np.float32)
    z[0, 2, 0] = z[1, :4, 1] = np.nan
    found = levels(z, ["arms", "exercises"])
    for p in range(3):
        for t in range(7):
            each = []
            for c in range(2):
                weight = [KEPT ** (t - s) * np.isfinite(z[p, s, c]) for s in range(t + 1)]
                value = [np.clip(np.nan_to_num(z[p, s, c]), -3, 3) for s in range(t + 1)]
                each.append(np.dot(weight, value) / (sum(weight) + PRIOR))
            assert found[p, t, 0] == pytest.approx(np.mean(each), abs=1e-5)
    assert not found[:, :, 1:].any()


@pytest.mark.parametrize("size", [2, 3])
def test_neighbours_equal_a_naive_search(plain: Record, size: int) -> None:
    years = range(1960, 2001, 10)
    every = pair_cases(plain, years, HORIZONS) if size == 2 else triad_cases(plain, years, HORIZONS, 0.7)
    past = every.take(np.flatnonzero(every.year <= 1990))
    query = every.take(np.flatnonzero(every.year == 2000)[:4])
    rows, distances = neighbours(query, past, gap=10, most=30)
    features, asked = scaled(past, past), scaled(query, past)
    for q in range(4):
        best: dict[int, tuple[float, int]] = {}
        for r in range(len(past.year)):
            common = len(set(past.members[r]) & set(query.members[q]))
            if common >= 2:
                continue
            gap = float(np.sqrt(((features[r] - asked[q]) ** 2).sum()))
            if gap < best.get(int(past.unit[r]), (np.inf, 0))[0]:
                best[int(past.unit[r])] = (gap, r)
        ordered = [gap for gap, _ in sorted(best.values())[:30]]
        got = [float(one) for one in distances[q] if np.isfinite(one)]
        if size == 2:
            assert got == pytest.approx(ordered, abs=1e-4)
        else:  # triads that share a pair with a nearer one are passed over
            taken = [set(past.members[r]) for r in rows[q] if r >= 0]
            assert all(len(a & b) < 2 for k, a in enumerate(taken) for b in taken[:k])
            assert got[0] == pytest.approx(ordered[0], abs=1e-4)
            assert set(np.round(got, 3)) <= set(np.round(ordered, 3))


def made_cases(seed: int, informative: bool) -> Cases:
    """Cases of pairs whose single feature tells, or does not tell, what follows."""
    rng = np.random.default_rng(seed)
    years = np.repeat(np.arange(1950, 2011, 5), 150)
    features = np.zeros((len(years), 15), dtype=np.float32)
    features[:, 0] = rng.normal(size=len(years))
    chance = 1 / (1 + np.exp(-(3 * features[:, 0] - 1.5))) if informative else np.full(len(years), 0.2)
    happened = rng.random(len(years)) < chance
    flags = {name: dict.fromkeys(HORIZONS, happened) for name in ("treaty", "joint war", "split")}
    open_ = {name: dict.fromkeys(HORIZONS, np.ones(len(years), dtype=bool)) for name in flags}
    unit = np.tile(np.arange(150), 13)
    members = np.stack([2 * unit, 2 * unit + 1], axis=1)
    yes = np.ones(len(years), dtype=bool)
    return Cases(unit, members, years, features, 9, yes, np.zeros(len(years), dtype=np.int64), flags, open_)


def test_skill_where_there_is_some_and_none_where_there_is_none() -> None:
    points = range(1965, 2001, 5)
    good = skills(made_cases(0, True), points, HORIZONS, gap=10, seed=1)[0]
    assert good.low > 0.1
    none = [skills(made_cases(seed, False), points, HORIZONS, gap=10, seed=1)[0] for seed in range(12)]
    assert sum(one.low > 0 for one in none) <= 2
    assert abs(np.mean([one.skill for one in none])) < 0.05


def test_skill_in_the_world_follows_what_was_planted(tmp_path: Path) -> None:
    record = told(world(tmp_path / "l", tell=0.5, seed=3))
    found = find_analogues(record, ("FRA", "GBR"), 2000)
    skill = found.skill("joint war", 5)
    assert skill is not None
    assert skill.low > 0


def test_a_rate_leans_on_the_base_rate() -> None:
    cases = made_cases(1, True)
    high = np.argsort(-cases.features[:, 0])[:50].astype(np.int64)
    found = rate(high, cases, "treaty", 5, 2010)
    assert found is not None
    assert found.base == pytest.approx(cases.followed["treaty"][5].mean())
    assert found.base < found.rate < found.followed / found.cases
    assert found.above > 0.99
    assert found.low < found.rate < found.high


def test_same_input_same_answer_whatever_the_order_of_members(plain: Record) -> None:
    one, two = find_analogues(plain, ("USA", "FRA", "GBR"), 1995), find_analogues(plain, ("FRA", "GBR", "USA"), 1995)
    assert answers(one) == answers(two)


def test_the_case_itself_is_never_its_own_analogue(plain: Record) -> None:
    found = find_analogues(plain, ("FRA", "GBR"), 1995)
    assert "FRA-GBR" not in found.nearest["states"].to_list()
    assert max(found.nearest["year"]) <= 1985


@pytest.mark.parametrize(
    ("members", "year", "words"),
    [
        (("FRA",), 1990, "two or three"),
        (("FRA", "FRA"), 1990, "different"),
        (("FRA", "GBR"), 1949, "outside"),
        (("FRA", "GBR"), 2030, "outside"),
        (("FRA", "XXX"), 1990, "XXX"),
    ],
)
def test_bad_input(plain: Record, members: tuple[str, ...], year: int, words: str) -> None:
    with pytest.raises(InputError, match=words):
        find_analogues(plain, members, year)


def test_a_study_by_months_has_no_analogues(tmp_path: Path) -> None:
    library = world(tmp_path / "l")
    with pytest.raises(InputError, match="year"):
        Study(library, (1990, 1992), resolution="quarter").analogues(["FRA", "GBR"])
