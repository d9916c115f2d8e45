"""How much a pair must hide to be missed: the quick way against doing it in the library itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from innominate import Study
from innominate.alignment import model
from innominate.errors import InputError
from innominate.ledger import Library
from innominate.panel import build
from innominate.worlds import World, hiding
from innominate.worlds.hidden import Hidden
from innominate.worlds.hiding import Without, concealable, hide, thin


class Halved(Library):
    """The library with a share of every concealable act of one pair left, each act by the same factor."""

    def __init__(self, library: Library, pair: Sequence[str], left: float) -> None:
        super().__init__(library.folder, library.manifest)
        named = ", ".join(f"'{name}'" for name in concealable())
        self._sql = (
            f"WITH acts AS (SELECT * REPLACE (CASE WHEN channel IN ({named}) AND least(source, target) = '{pair[0]}' AND "
            f"greatest(source, target) = '{pair[1]}' THEN value * {left} ELSE value END AS value) FROM main.acts)"
        )

    def query(self, sql: str, parameters: Sequence[object] = ()) -> pl.DataFrame:
        text = sql.strip()
        joined = f"{self._sql}, {text[5:]}" if text[:5].upper() == "WITH " else f"{self._sql} {text}"
        return super().query(joined, parameters)


@pytest.mark.parametrize("left", [0.5, 0.1])
def test_thinning_one_pair_is_thinning_the_library(
    study: Study, pair: tuple[str, str], left: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every act of a pair at a share of its value: the panel built anew shows what the quick way says."""
    fit = study.alignment()
    monkeypatch.setattr(
        hiding, "_kept", lambda channel, value, share, draws, random: np.full((draws, len(value)), left)
    )
    years = [int(year) for year in fit.panel.years]
    (quick,) = hide(study.library, fit, [pair], [years], shares=[0.3], draws=2)
    library = Halved(study.library, pair, left)
    panel = build(library, study.years)
    evidence = model.prepare(panel)
    slow = fit.scale.alignment(model.smooth(evidence, fit.parameters)[0])[panel.pair(*pair)]
    before = fit.scale.alignment(fit.mean)[fit.panel.pair(*pair)]
    assert abs(slow.mean() - before.mean()) > 0.1
    assert quick.alignment[0] == pytest.approx(slow.mean(), abs=0.06 * abs(slow.mean() - before.mean()) + 0.02)


def test_nothing_hidden_is_the_fit_itself(study: Study, pair: tuple[str, str]) -> None:
    fit = study.alignment()
    years = [int(fit.panel.years[-1])]
    (found,) = hide(study.library, fit, [pair], [years], shares=[0.0, 0.4, 0.8], draws=40)
    row = fit.pair(*pair).row(-1, named=True)
    assert found.alignment[0] == pytest.approx(row["alignment"], abs=1e-5)
    assert found.deviation[0] == pytest.approx(row["sd"], rel=1e-5)
    assert found.alignment[0].mean() > found.alignment[1].mean() > found.alignment[2].mean()


def test_only_channels_in_which_a_pair_is_cut_are_measured_again(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of the library measured again without the cut tells the same to the bit."""
    fit = study.alignment()
    cut = (fit.panel.z >= hiding.LIMIT).any(axis=1)
    most = int(cut.sum(axis=1).argmax())
    assert 0 < cut[most].sum() < len(fit.panel.series)
    pair = fit.panel.states[fit.panel.a[most]], fit.panel.states[fit.panel.b[most]]
    asked = (study.library, fit, [pair], [[int(fit.panel.years[-1])]])
    (quick,) = hide(*asked, shares=[0.0, 0.5], draws=5)
    monkeypatch.setattr(
        hiding, "build", lambda library, years, drop, limit=hiding.LIMIT: build(library, years, limit=limit)
    )
    (slow,) = hide(*asked, shares=[0.0, 0.5], draws=5)
    np.testing.assert_array_equal(quick.alignment, slow.alignment)
    np.testing.assert_array_equal(quick.deviation, slow.deviation)


def test_a_library_without_hides_the_pairs_and_nothing_else(made: World, pair: tuple[str, str]) -> None:
    whole, bare = made.library(), Without(made.library(), [pair], 0)
    sql = "SELECT channel, least(source, target) AS a, greatest(source, target) AS b, value FROM acts ORDER BY ALL"
    mine = (pl.col("a") == pair[0]) & (pl.col("b") == pair[1])
    gone = mine & pl.col("channel").is_in(list(concealable()))
    assert whole.query(sql).filter(~gone).equals(bare.query(sql))
    assert bare.query("WITH x AS (SELECT count(*) AS n FROM acts) SELECT n FROM x").item() == bare.query(sql).height
    late = Without(made.library(), [pair], made.settings.last)
    assert whole.query(sql).height > late.query(sql).height > bare.query(sql).height


def test_thinning_removes_the_share_asked_for() -> None:
    years = np.arange(2000, 2010, dtype=np.int32)
    acts = pl.DataFrame(
        {
            "channel": ["exercises"] * 400 + ["verbal-cooperation"],
            "dataset": ["drills"] * 400 + ["events"],
            "source": ["CHL"] * 401,
            "first": [2000 + k % 10 for k in range(400)] + [2003],
            "final": [2000 + k % 10 for k in range(400)] + [2003],
            "value": [1.0] * 400 + [5000.0],
            "years": [list(range(2000, 2010))] * 401,
        }
    )
    left = thin(acts, years, 0.7, 300, np.random.default_rng(0))
    seen, whole = left["exercises", "drills"]
    assert whole.tolist() == [40.0] * 10
    assert seen.mean() == pytest.approx(12.0, abs=0.2)
    events, _ = left["verbal-cooperation", "events"]
    assert events[:, 3].mean() == pytest.approx(1500, abs=10)
    assert events[:, 3].std() == pytest.approx(np.sqrt(5000 * 0.21), rel=0.15)
    assert thin(acts, years, 1.0, 2, np.random.default_rng(0))["exercises", "drills"][0].sum() == 0


def test_the_limit_and_its_interval() -> None:
    shares = np.linspace(0, 1, 11)
    level = np.repeat(1.0 - shares[:, None], 100, axis=1) + np.linspace(-0.05, 0.05, 100)
    found = Hidden("A", "B", (2020,), shares, level, np.full(level.shape, 0.1), 0.43, 5)
    limit, least, most = found.limit()
    assert limit is not None
    assert least is not None
    assert most is not None
    assert limit == pytest.approx(0.57, abs=0.04)
    assert least <= limit <= most
    assert found.at(0.2) == 0.0
    assert found.at(0.9) == 1.0
    assert replace(found, bar=-5.0).limit() == (None, None, None)


@pytest.mark.parametrize(
    ("years", "changed", "reason"),
    [
        ([[2100]], {}, "cannot be judged: it is known in .* and not in 2100"),
        ([[]], {}, "no year is named"),
        ([], {}, "every pair needs its years"),
        ([[2024]], {"shares": [0.0, float("nan")]}, "between 0 and 1"),
        ([[2024]], {"shares": [0.5, 0.5]}, "each larger"),
        ([[2024]], {"draws": 0}, "at least 1"),
    ],
)
def test_what_is_not_known_is_not_called_seen(study, pair, years, changed, reason) -> None:  # type: ignore[no-untyped-def]
    """A pair is judged only in years of which the fit knows something."""
    with pytest.raises(InputError, match=reason):
        hide(study.library, study.alignment(), [pair], years, **{"draws": 2, **changed})


def test_a_pair_at_which_nobody_looked_is_not_judged(made: World, study: Study, pair: tuple[str, str]) -> None:
    """The fit has a level of it too, the prior's, which says nothing."""
    fit = study.alignment()
    first, last = (int(fit.panel.years[k]) for k in (0, -1))
    other = next(code for code in fit.panel.states if code not in made.latent.codes)
    assert np.isfinite(fit.mean[fit.panel.pair(pair[0], other), -1])
    with pytest.raises(InputError, match=f"nobody looked at this pair in {first}-{last}"):
        hide(study.library, fit, [(pair[0], other)], [[last]], draws=2)
    unseen = fit.panel.z.copy()
    unseen[fit.panel.pair(*pair), -1] = np.nan
    with pytest.raises(InputError, match=f"known in {last - first} years of {first}-{last - 1}, and not in {last}"):
        hide(study.library, replace(fit, panel=replace(fit.panel, z=unseen)), [pair], [[last]], draws=2)


def test_years_before_a_state_existed_are_not_judged(study, pair) -> None:  # type: ignore[no-untyped-def]
    fit = study.alignment()
    lost = fit.mean.copy()
    lost[fit.panel.pair(*pair), 0] = np.nan
    first = int(fit.panel.years[0])
    with pytest.raises(InputError, match=f"years of {first + 1}-.* not in {first}"):
        hide(
            study.library,
            replace(fit, composite=replace(fit.composite, mean=lost)),
            [pair],
            [[first, first + 1]],
            draws=2,
        )
