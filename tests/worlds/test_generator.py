"""Worlds: ordinary libraries, the same bytes from the same seed, and a truth that the acts follow."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from innominate import states as registry
from innominate.errors import InputError
from innominate.ledger import CHANNELS
from innominate.panel import build
from innominate.worlds import Settings, World, packaged_laws, simulate
from innominate.worlds.deeds import activity
from innominate.worlds.latent import draw_latent
from innominate.worlds.pacts import Pacts, worth_of
from innominate.worlds.tables import commitments, window

ALLIES_DO = ("exercises", "trade", "igo", "arms", "verbal-cooperation")


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_every_measured_channel_is_observed(world: World) -> None:
    panel = build(world.library(), (world.settings.first, world.settings.last))
    measured = {name for name, channel in CHANNELS.items() if channel.measured}
    assert {series.channel for series in panel.series} == measured


def test_truth_has_the_contract_columns_and_lives_only_while_both_states_do(world: World) -> None:
    truth = world.truth()
    assert truth.columns == ["a", "b", "year", "alignment", "allied"]
    assert (truth["a"] < truth["b"]).all()
    assert truth.select(pl.struct("a", "b", "year").is_duplicated().any()).item() is False
    for year in (world.settings.first, world.settings.last):
        named = truth.filter(pl.col("year") == year)
        assert set(named["a"]) | set(named["b"]) <= set(registry.alive(year))


def test_states_that_did_not_exist_are_absent(folder: Path) -> None:
    made = simulate(Settings(states=30, periods=60, seed=2, texts=False), folder, channels=["trade"])
    truth = made.truth()
    born = {code: min(year for year in range(1966, 2026) if code in registry.alive(year)) for code in made.latent.codes}
    first = (
        pl.concat([truth.select(pl.col(side).alias("state"), "year") for side in ("a", "b")]).group_by("state").min()
    )
    assert dict(first.iter_rows()) == born


def test_the_scale_of_the_truth_is_that_of_the_measure(world: World) -> None:
    latent = world.latent
    nato = (latent.blocs[:, latent.a] == 0) & (latent.blocs[:, latent.b] == 0) & latent.alive
    inside = (latent.years >= 1990) & (latent.years <= 2019)
    assert np.median(latent.alignment[inside][latent.alive[inside]]) == pytest.approx(0.0, abs=1e-9)
    assert np.median(latent.alignment[inside][nato[inside]]) == pytest.approx(1.0, abs=1e-9)
    below = (latent.alignment[inside][nato[inside]] < latent.scale.quartile).mean()
    assert below == pytest.approx(0.25, abs=0.02)


@pytest.mark.parametrize(
    ("states", "last", "told"),
    [
        (
            25,
            2025,
            r"1 = median pair of NATO members, 1990-2019, 3\.0\d spreads higher \(3\.05 by the laws\); allied .* NATO pairs",
        ),
        (8, 2025, r"1 = median pair of NATO members, 1990-2019, 0\.\d\d spreads higher"),
        (
            20,
            1949,
            r"1 = 90th percentile of pairs, there being no NATO pair, 1940-1949, .* the 80th percentile of pairs",
        ),
    ],
)
def test_the_scale_is_told_where_it_is_another(states: int, last: int, told: str) -> None:
    latent = draw_latent(
        Settings(states=states, periods=10 if last < 1950 else 36, last=last), packaged_laws().reference
    )
    assert re.search(told, latent.label), latent.label


def test_allies_do_more_for_one_another(world: World) -> None:
    """More acts of every friendly channel between the tenth of pairs most aligned than between the others."""
    truth = world.truth().group_by("a", "b").agg(pl.col("alignment").mean())
    bar = truth["alignment"].quantile(0.9)
    for channel in ALLIES_DO:
        acts = world.library().query(
            "SELECT least(source, target) AS a, greatest(source, target) AS b, sum(value) AS value FROM acts "
            "WHERE channel = ? GROUP BY ALL ORDER BY ALL",
            [channel],
        )
        both = truth.join(acts, on=["a", "b"], how="left").with_columns(pl.col("value").fill_null(0.0).log1p())
        close, rest = both.filter(pl.col("alignment") >= bar), both.filter(pl.col("alignment") < bar)
        assert close["value"].mean() > rest["value"].mean(), channel  # type: ignore[operator]


def test_the_busy_in_one_channel_are_busy_in_kindred_ones(world: World) -> None:
    laws = packaged_laws().channels
    latent = draw_latent(Settings(states=150, periods=3, seed=4), packaged_laws().reference)
    own = {name: activity(latent, laws[name], 4) for name in ("verbal-conflict", "material-conflict", "exercises")}
    told, others = (np.corrcoef(own["verbal-conflict"], own[name])[0, 1] for name in ("material-conflict", "exercises"))
    assert told > 0.7 > 0.4 > others
    for name, size in own.items():
        assert size.std() == pytest.approx(laws[name].activity, rel=0.2)


def test_nothing_grows_beyond_the_most(world: World) -> None:
    largest = world.library().query("SELECT channel, max(value) AS value FROM acts GROUP BY channel")
    bounds = {name: law.most for name, law in packaged_laws().channels.items() if law.kind in ("level", "amount")}
    assert {"missions", "igo", "trade"} <= set(bounds)
    for channel, value in largest.iter_rows():
        if bounds.get(channel) is not None:
            assert value <= bounds[channel] * (1 + 1e-9), channel


def test_the_same_seed_gives_the_same_bytes_on_any_number_of_threads(tmp_path: Path) -> None:
    made = {}
    for threads in ("1", "2"):
        folder = tmp_path / f"world{threads}"
        code = (
            "from innominate.worlds import simulate, Settings; import sys; "
            "simulate(Settings(states=30, periods=6, conceal=0.4, seed=5), sys.argv[1])"
        )
        names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS", "NUMBA_NUM_THREADS")
        subprocess.run(
            [sys.executable, "-c", code, str(folder)], check=True, env=os.environ | dict.fromkeys(names, threads)
        )
        made[threads] = _contents(folder)
    assert made["1"] == made["2"]
    assert len(made["1"]) > 20


def test_a_world_is_opened_as_it_was_drawn(tmp_path: Path) -> None:
    """With the figures it was drawn with; where the truth on disk is another than is drawn now, it is refused."""
    laws = packaged_laws()
    made = simulate(Settings(20, 4, 0.5, seed=4), tmp_path / "w", laws=replace(laws, reference=laws.reference / 2))
    again = World.open(tmp_path / "w")
    assert (again.settings, again.laws, again.rows) == (made.settings, made.laws, made.rows)
    assert np.array_equal(again.latent.alignment, made.latent.alignment)
    assert np.array_equal(again.secret, made.secret)
    file = tmp_path / "w" / "truth.parquet"
    pl.read_parquet(file).with_columns(pl.col("alignment") + 0.1).write_parquet(file)
    with pytest.raises(InputError, match="another version"):
        World.open(tmp_path / "w")
    with pytest.raises(InputError, match="no world"):
        World.open(tmp_path)


def test_what_is_left_of_nearly_nothing_is_no_act(tmp_path: Path) -> None:
    made = simulate(Settings(40, 36, 0.999, seed=3, last=1949, texts=False), tmp_path / "w", channels=("trade", "arms"))
    assert made.library().query("SELECT count(*) FROM acts WHERE value > 0").item() > 1000
    assert made.library().query("SELECT count(*) FROM acts WHERE value <= 0").item() == 0


def test_another_seed_gives_another_world(tmp_path: Path) -> None:
    one, two = (
        simulate(Settings(states=20, periods=5, seed=seed, texts=False), tmp_path / str(seed), channels=["trade"])
        for seed in (1, 2)
    )
    assert not np.array_equal(one.latent.theta, two.latent.theta)


def test_concealment_leaves_the_truth_and_other_pairs_alone(world: World, secretive: World) -> None:
    assert world.truth().equals(secretive.truth())
    assert world.truth("pacts").equals(secretive.truth("pacts"))
    assert (
        world.library()
        .query("SELECT * FROM votes ORDER BY ALL")
        .equals(secretive.library().query("SELECT * FROM votes ORDER BY ALL"))
    )
    secret = world.truth("pacts").filter(pl.col("allied") & ~pl.col("signed")).select("a", "b", "year")
    assert secret.height > 20
    pairs = secret.select("a", "b").unique()
    sql = """SELECT least(source, target) AS a, greatest(source, target) AS b, year("start")::INT AS year, channel,
             sum(value) AS value FROM acts WHERE channel IN ('exercises', 'troop-support') GROUP BY ALL ORDER BY ALL"""
    plain, hidden = (made.library().query(sql).join(pairs, on=["a", "b"], how="anti") for made in (world, secretive))
    assert plain.equals(hidden)


def test_everything_concealed_is_everything_that_can_be(secretive: World, world: World) -> None:
    """With a share of 1 nothing of a secret year is left in place, and what was taken adds up to what was there."""
    flows = secretive.truth("exchange").join(
        world.truth("pacts").filter(pl.col("allied") & ~pl.col("signed")), on=["a", "b", "year"], how="semi"
    )
    assert flows.height
    assert flows["concealed"].to_numpy() == pytest.approx(flows["value"].to_numpy())
    rest = secretive.truth("exchange").join(
        world.truth("pacts").filter(pl.col("allied") & ~pl.col("signed")), on=["a", "b", "year"], how="anti"
    )
    assert rest["concealed"].sum() == 0
    shown = secretive.library().query(
        """SELECT a, b, year FROM (SELECT least(source, target) AS a, greatest(source, target) AS b,
           year("start")::INT AS year FROM acts WHERE channel = 'defence-agreements') ORDER BY ALL"""
    )
    secret = world.truth("pacts").filter(pl.col("allied") & ~pl.col("signed")).select("a", "b", "year")
    assert shown.join(secret, on=["a", "b", "year"], how="semi").height == 0


def test_a_share_conceals_that_share(tmp_path: Path) -> None:
    made = simulate(Settings(states=60, periods=20, conceal=0.3, seed=4, texts=False), tmp_path / "w")
    secret = made.truth("pacts").filter(pl.col("allied") & ~pl.col("signed"))
    flows = made.truth("exchange").join(secret, on=["a", "b", "year"], how="semi")
    for channel in ("verbal-cooperation", "exercises", "trade"):
        own = flows.filter(pl.col("channel") == channel)
        shares = own["concealed"] / own["value"]
        if channel == "trade":  # each year's share varies around the share asked for
            assert shares.mean() == pytest.approx(0.3, abs=0.02)
        else:
            taken, there = own["concealed"].sum(), own["value"].sum()
            assert taken / there == pytest.approx(0.3, abs=4 * np.sqrt(0.21 / there))


def test_detours_pass_through_a_third_state(tmp_path: Path) -> None:
    """With nothing but detours, goods that leave a secret pair's trade turn up twice, with the third state."""
    plain = simulate(
        Settings(states=30, periods=8, seed=6, texts=False, coverage="full"), tmp_path / "a", channels=["trade"]
    )
    away = simulate(
        Settings(states=30, periods=8, seed=6, texts=False, coverage="full", conceal=1.0, modes=(0.0, 0.0, 1.0)),
        tmp_path / "b",
        channels=["trade"],
    )
    total = [made.library().query("SELECT sum(value) AS v FROM acts").item() for made in (plain, away)]
    taken = away.truth("exchange")["concealed"].sum()
    assert taken > 0
    assert total[1] - total[0] == pytest.approx(taken, rel=1e-6)


def test_a_treaty_is_a_choice(world: World) -> None:
    """Allies that sign would gain more from it than those that avoid it; some let theirs die."""
    pacts = world.truth("pacts").filter(pl.col("allied"))
    outside = pacts.join(world.truth("blocs").rename({"state": "a"}), on=["a", "year"]).filter(pl.col("bloc") != 0)
    worth = dict(outside.group_by("choice").agg(pl.col("worth").mean()).iter_rows())
    assert worth["signed"] > worth["avoided"]
    nato = world.library().query("SELECT DISTINCT a, b FROM commitments WHERE starts_with(treaty_id, 'nato:')")
    inside = {code for code, bloc in zip(world.latent.codes, world.latent.blocs[-1], strict=True) if bloc == 0}
    assert set(nato["a"]) | set(nato["b"]) == inside


def test_treaties_are_seen_as_far_as_their_dataset_looked() -> None:
    """What was signed later or was over before is not there, and of what ended later the end is not known."""
    settings = Settings(states=30, periods=30, seed=3)
    assert window(settings, "world-treaties") == (4, 27)
    latent = draw_latent(settings, packaged_laws().reference)
    spells = np.array([(0, 3), (0, 4), (2, 30), (5, 27), (5, 28), (27, 29), (28, 29), (28, 30)])
    none = np.zeros(len(spells), dtype=bool)
    pacts = Pacts(np.arange(len(spells)), spells[:, 0], spells[:, 1], none, none, np.zeros(latent.theta.shape))
    shown, first = commitments(settings, latent, pacts), settings.first
    told = shown.select(pl.col("start").dt.year() - first, pl.col("end").dt.year() - first).rows()
    assert told == [(0, 4), (2, None), (5, 27), (5, None), (27, None)]
    assert shown["b"].to_list() == [latent.codes[latent.b[k]] for k in range(1, 6)]


def test_what_costs_more_is_signed_less() -> None:
    latent = draw_latent(Settings(states=40, periods=10, seed=1), packaged_laws().reference)
    none = np.zeros(len(latent.codes))
    plain = worth_of(latent, none)
    unequal = worth_of(replace(latent, size=latent.size * 3), none)
    gap = np.abs(latent.size[latent.a] - latent.size[latent.b])
    far = gap > np.quantile(gap, 0.9)
    assert (unequal[0, far] - plain[0, far]).mean() < -0.5


def test_planted_silences_are_in_the_texts(world: World) -> None:
    texts = world.library().query("SELECT series, date, kind, body FROM texts ORDER BY series, date")
    silences = world.truth("silences")
    assert silences.height >= 4
    for row in silences.iter_rows(named=True):
        own = texts.filter((pl.col("series") == row["series"]) & (pl.col("kind") == "talks"))
        used = own.filter(pl.col("body").str.contains(row["phrase"], literal=True))["date"]
        assert used.max() == row["last_used"] < row["first_missed"]
        assert len(used) > 0.7 * own.filter(pl.col("date") < row["first_missed"]).height
        if row["kind"] == "edited":
            new = own.filter(pl.col("body").str.contains(row["new"], literal=True))["date"]
            assert new.min() >= row["first_missed"]
    assert not any("reaffirmed" in body for body in texts.filter(pl.col("kind") == "courtesy")["body"])


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"states": 3}, "at least 8"),
        ({"periods": 1}, "between 2"),
        ({"conceal": 1.5}, "between 0 and 1"),
        ({"conceal": float("nan")}, "between 0 and 1"),
        ({"seed": -1}, "seed"),
        ({"modes": (0.5, 0.5, 0.5)}, "add up to 1"),
        ({"coverage": "some"}, "staggered"),
        ({"states": 400}, "only"),
    ],
)
def test_impossible_worlds_are_refused(folder: Path, asked: dict[str, object], reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        simulate(Settings(**{"states": 20, "periods": 5, **asked}), folder)  # type: ignore[arg-type]
    assert not folder.exists()


def test_a_folder_that_holds_something_is_left_alone(folder: Path) -> None:
    folder.mkdir()
    (folder / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="new or empty folder"):
        simulate(Settings(states=10, periods=3), folder)
    assert [path.name for path in folder.iterdir()] == ["mine.txt"]
