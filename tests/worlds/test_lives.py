"""States that come and go: nothing of a world is done by, sent through or said of a state that does not exist."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from innominate import states as registry
from innominate.errors import InputError
from innominate.ledger import CHANNELS
from innominate.worlds import Settings, World, simulate
from innominate.worlds.concealing import conceal
from innominate.worlds.laws import packaged_laws
from innominate.worlds.world import TRUTHS

FIRST, LAST = 1945, 1968


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Every state of years in which many are born and some die, with much to conceal."""
    settings = Settings(
        states=110, periods=LAST - FIRST + 1, last=LAST, seed=5, conceal=0.9, pacts=False, coverage="full"
    )
    return simulate(settings, tmp_path_factory.mktemp("lives") / "w", channels=["trade", "arms", "exercises"])


def dead(rows: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    living = {year: registry.alive(year) for year in range(FIRST, LAST + 1)}
    return [(state, year) for state, year in rows if state not in living[year]]


def test_acts_are_of_states_that_exist(made: World) -> None:
    acts = made.library().query("""SELECT source, target, year("start")::INT AS year FROM acts""")
    assert len({code for code, _ in dead((one, year) for one in made.latent.codes for year in (FIRST, LAST))}) > 20
    assert dead(acts.select("source", "year").rows()) == []
    assert dead(acts.select("target", "year").rows()) == []


def test_texts_are_of_states_that_exist(made: World) -> None:
    texts = made.library().query("SELECT issuer, about, year(date)::INT AS year FROM texts").explode("about")
    assert dead(texts.select("about", "year").rows()) == []
    assert texts.filter(pl.col("about") == pl.col("issuer")).is_empty()


def test_truths_are_of_states_that_exist(made: World) -> None:
    assert dead(made.truth("blocs").select("state", "year").rows()) == []
    assert dead(made.truth("moves").select("state", "year").rows()) == []
    turns = made.truth("turns")
    before = turns.join(made.truth().with_columns(pl.col("year") + 1), on=["a", "b", "year"], how="semi")
    assert turns.height > 100
    assert before.height == turns.height


def test_moves_are_what_changes_in_blocs(made: World) -> None:
    blocs = {(state, year): bloc for state, year, bloc in made.truth("blocs").rows()}
    for state, year, bloc in made.truth("moves").rows():
        assert blocs[state, year] == bloc
        assert blocs.get((state, year - 1)) != bloc


def test_what_would_show_after_a_state_is_gone_stays_hidden(made: World) -> None:
    """Everything delayed, and the second half of the years without the pair: nothing of it shows there."""
    latent = made.latent
    periods = len(latent.years)
    law = packaged_laws().channels["trade"]
    level = np.zeros(latent.alive.shape)
    pair = int(np.flatnonzero(latent.alive.all(axis=0))[0])
    level[: periods // 2, pair] = 1.0
    from dataclasses import replace

    alive = latent.alive.copy()
    alive[periods // 2 :, pair] = False
    settings = Settings(states=110, periods=periods, last=LAST, conceal=1.0, modes=(0.0, 1.0, 0.0))
    found = conceal(
        level, law, level > 0, np.zeros(level.shape[1], dtype=np.intp), settings, replace(latent, alive=alive)
    )
    assert len(found.late[0]) > 0
    assert found.late[0].max() < periods // 2
    assert found.taken.sum() == periods // 2


def test_every_truth_has_a_name_and_others_are_refused(made: World) -> None:
    for name in TRUTHS:
        assert made.truth(name).width >= 3
    with pytest.raises(InputError, match="the allowed values are turns, blocs"):
        made.truth("bogus")


def test_a_truth_that_a_world_lacks_is_told(tmp_path: Path) -> None:
    made = simulate(Settings(states=8, periods=3, texts=False), tmp_path / "w", channels=["votes"])
    with pytest.raises(InputError, match="no such truth"):
        made.truth("silences")


@pytest.mark.parametrize(("channels", "reason"), [(["bogus"], "channel 'bogus'"), ("votes", "a list of names")])
def test_channels_that_nobody_knows_are_refused(tmp_path: Path, channels: object, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        simulate(Settings(states=8, periods=3), tmp_path / "w", channels=channels)  # type: ignore[arg-type]
    assert not (tmp_path / "w").exists()
    assert "bogus" not in CHANNELS


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"states": 10.5}, "states 10.5: a whole number"),
        ({"states": "10"}, "a whole number"),
        ({"states": None}, "a whole number"),
        ({"seed": 1.5}, "seed 1.5"),
        ({"seed": True}, "seed True"),
        ({"periods": 4.0}, "periods 4.0"),
        ({"last": 2025.0}, "last 2025.0"),
        ({"conceal": "x"}, "conceal 'x': a number"),
        ({"conceal": float("nan")}, "conceal nan"),
        ({"turns": float("nan")}, "turns nan"),
        ({"turns": 2.0}, "at most 1"),
        ({"drift": float("inf")}, "drift inf"),
        ({"drift": 1e300}, "at most 10"),
        ({"modes": (0.5, 0.5)}, "three shares"),
        ({"modes": (float("nan"), 0.5, 0.5)}, "three shares"),
        ({"texts": "no"}, "True or False"),
    ],
)
def test_wrong_kinds_of_settings_are_refused(asked: dict[str, object], reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        Settings(**{"states": 10, "periods": 4, **asked})  # type: ignore[arg-type]


def test_whole_numbers_of_any_kind_are_taken(tmp_path: Path) -> None:
    settings = Settings(states=np.int64(8), periods=np.int32(3), texts=False)  # type: ignore[arg-type]
    assert type(settings.states) is int
    assert simulate(settings, tmp_path / "w", channels=["votes"]).rows > 0


def test_what_cannot_be_written_is_told_by_its_own_name(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept")
    with pytest.raises(InputError) as told:
        simulate(Settings(states=8, periods=3), tmp_path / "file" / "w")
    assert str(told.value).startswith(f"{tmp_path / 'file' / 'w'}: cannot be written")
    assert (tmp_path / "file").read_text() == "kept"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
