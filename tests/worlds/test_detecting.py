"""The likelihood detector that is told nothing: it finds planted allies, and takes what nobody looked at for unknown."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from innominate import Library
from innominate.errors import InputError
from innominate.worlds import Detection, Settings, World, detect, packaged_laws, simulate
from innominate.worlds.activity import activity_covariance
from innominate.worlds.curves import concave, curves_of
from innominate.worlds.deeds import activity
from innominate.worlds.expected import expected, votes_curves
from innominate.worlds.power import measured

CHANNELS = ("votes", "trade", "exercises", "arms")
LAWS = packaged_laws()


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Thirty-six states over eight years in which alignment stands still, only NATO signs, and the other allies hide much."""
    settings = Settings(
        36, 8, conceal=0.75, seed=3, modes=(1.0, 0.0, 0.0), coverage="full", turns=0.0, drift=0.0, texts=False, pacts=False
    )  # fmt: skip
    return simulate(settings, tmp_path_factory.mktemp("detecting") / "world", channels=CHANNELS)


@pytest.fixture(scope="module")
def found(still: World) -> Detection:
    """What the detector makes of it."""
    return detect(still.library(), (still.settings.first, still.settings.last))


def above(score: np.ndarray, allied: np.ndarray, free: np.ndarray) -> float:
    """How often an unnamed ally scores above a pair that is none, neither having a treaty (AUC)."""
    yes, no = score[allied & free], score[~allied & free]
    return float((yes[:, None] > no[None]).mean() + 0.5 * (yes[:, None] == no[None]).mean())


def test_finds_unnamed_allies_better_than_the_measurement(still: World, found: Detection) -> None:
    latent = still.latent
    order = {pair: k for k, pair in enumerate(zip(found.a, found.b, strict=True))}
    rows = [order[latent.codes[i], latent.codes[j]] for i, j in zip(latent.a, latent.b, strict=True)]
    free, allied = ~still.pacts.in_force()[-1], latent.allied[-1]
    assert (allied & free).sum() >= 10
    detector, measurement = (above(one, allied, free) for one in (found.evidence[rows], measured(still)))
    assert detector > 0.9
    assert detector > measurement + 0.02


def test_activities_are_those_of_the_world(still: World, found: Detection) -> None:
    assert found.states == still.latent.codes
    for name, least in {"trade": 0.9, "exercises": 0.7, "arms": 0.8}.items():
        true = activity(still.latent, LAWS.channels[name], still.settings.seed)
        assert np.corrcoef(found.activity.state[:, found.channels.index(name)], true)[0, 1] > least


def without(world: World, folder: Path, channel: str, pair: tuple[str, str], *, looked: bool) -> Library:
    """A copy of the world without a pair's acts in a channel: because they did nothing, or because nobody looked."""
    shutil.copytree(world.folder, folder)
    for file in (folder / "acts").rglob("*.parquet"):
        acts = pl.read_parquet(file)
        own = pl.col("source").is_in(pair) & pl.col("target").is_in(pair) & (pl.col("channel") == channel)
        acts.filter(~own).write_parquet(file)
    for file in (folder / "coverage").rglob("*.parquet"):
        rows = pl.read_parquet(file)
        if looked or rows["channel"].to_list() != [channel]:
            continue
        scopes = [
            "among:" + " ".join(code for code in world.latent.codes if code != one) for one in pair
        ]  # fmt: skip
        pl.concat([rows.with_columns(pl.lit(scope).alias("scope")) for scope in scopes]).write_parquet(file)
    return Library.open(folder)


def test_unknown_is_not_silence(still: World, found: Detection, tmp_path: Path) -> None:
    k = int(np.argmax(found.alone[:, found.channels.index("trade")]))
    pair, years = (found.a[k], found.b[k]), (still.settings.first, still.settings.last)
    silent, unseen = (
        detect(without(still, tmp_path / str(looked), "trade", pair, looked=looked), years, pairs=[pair])
        for looked in (True, False)
    )
    assert found.known[k] == silent.known[0] == unseen.known[0] + 1
    assert silent.unaware[0] < unseen.unaware[0] - 1.0  # silence where trade is expected speaks against them
    assert silent.unaware[0] < found.unaware[k]
    assert np.isnan(unseen.alone[0, unseen.channels.index("trade")])
    assert unseen.table()["trade"][0] is None


def test_same_library_same_bytes(still: World, found: Detection) -> None:
    years = (still.settings.first, still.settings.last)
    again = detect(still.library(), years)
    assert again.evidence.tobytes() == found.evidence.tobytes()
    assert again.table().equals(found.table())


def test_what_is_told_has_no_digits_that_depend_on_threads(found: Detection) -> None:
    """BLAS adds up in another order on another number of threads, which changes the fourteenth decimal."""
    for values in (found.evidence, found.unaware, found.alone, found.concealed):
        np.testing.assert_array_equal(values, np.round(values, 4))
        assert not np.signbit(values[values == 0.0]).any()


def test_votes_alone_are_told_too(still: World, found: Detection) -> None:
    votes = detect(still.library(), (still.settings.first, still.settings.last), channels=("votes",))
    assert votes.channels == ("votes",)
    assert votes.evidence == pytest.approx(votes.alone[:, 0])
    assert votes.evidence == pytest.approx(found.alone[:, found.channels.index("votes")])


def test_probabilities_follow_the_share_beforehand(found: Detection) -> None:
    table = found.table()
    odds = table["probability"] / (1 - table["probability"])
    beforehand = found.share / (1 - found.share)
    assert np.allclose(np.log(odds / beforehand), table["evidence"], atol=1e-6)
    assert table["evidence"].is_sorted(descending=True)
    assert (found.concealed >= 0).all()
    assert (found.concealed <= 0.9).all()


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"years": (2025, 2025)}, "years 2025:2025"),
        ({"years": (1830, 1840)}, "nothing to tell allies by"),
        ({"channels": ("missions",)}, "channel 'missions'"),
        ({"channels": "trade"}, "a list of names"),
        ({"share": 1.0}, "a share of 1"),
        ({"pairs": [("USA", "USA")]}, "two different states"),
        ({"pairs": [("USA", "XYZ")]}, "nobody looked at this pair"),
    ],
)
def test_what_cannot_be_is_told(still: World, asked: dict[str, object], told: str) -> None:
    years = asked.pop("years", (still.settings.first, still.settings.last))
    with pytest.raises(InputError, match=told):
        detect(still.library(), years, **asked)  # type: ignore[arg-type]


def test_so_few_states_that_none_is_allied_are_told(tmp_path: Path) -> None:
    """Beside NATO's first members a world of twelve states holds too few pairs for one to reach the bar."""
    made = simulate(
        Settings(12, 2, seed=1, coverage="full", texts=False), tmp_path / "world", channels=("votes", "trade")
    )
    with pytest.raises(InputError, match="12 states: by these laws, worlds of as many hold no pair"):
        detect(made.library(), (2024, 2025))


def test_activity_covariance_is_that_of_drawn_states(still: World) -> None:
    laws = [LAWS.channels[name] for name in ("trade", "arms", "verbal-conflict")]
    drawn = []
    for seed in range(300):
        random = np.random.default_rng(seed)
        latent = type("States", (), {"codes": still.latent.codes, "size": random.standard_normal(36)})()
        drawn.append(np.array([activity(latent, law, seed) for law in laws]))
    assert np.cov(np.concatenate(drawn, axis=1)) == pytest.approx(activity_covariance(laws), rel=0.06, abs=0.1)


def test_curves_have_no_bumps_and_years_unseen_say_nothing() -> None:
    bumpy = np.array([[-9.0, -4.0, -5.0, -1.0, 0.0, -1.0, -9.0, -4.0]])
    smooth = concave(bumpy)
    assert (np.diff(smooth, 2, axis=1) <= 1e-12).all()
    assert smooth[0, 3:6].tolist() == [-1.0, 0.0, -1.0]
    seen = np.array([[3.0, 0.0, 0.0], [3.0, 7.0, 9.0], [0.0, 0.0, 0.0]])
    known = np.array([[True, False, False], [True, False, False], [False, False, False]])
    one = curves_of(LAWS.channels["exercises"], seen, known)
    assert one.row.tolist() == [0, 0, -1]


def test_votes_in_one_year_are_a_normal_observation() -> None:
    said = expected(LAWS, 20, 4, 2025)
    known = np.array([[False, True, False, False]])
    one = votes_curves(LAWS.channels["votes"], said, np.array([[9.0, 0.4, 9.0, 9.0]]), known)
    nodes = one.low + one.step * np.arange(one.value.shape[1])
    plain = -0.5 * (0.4 - said.level - said.slope * nodes) ** 2 / said.covariance[1, 1]
    assert np.diff(one.value[0]) == pytest.approx(np.diff(plain))
