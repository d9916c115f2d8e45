"""Worlds that several tests look at, drawn once."""

from __future__ import annotations

from pathlib import Path

import pytest

from innominate import Study
from innominate.worlds import Settings, World, simulate
from innominate.worlds.hiding import concealable


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Forty states over twenty-four years, seen by every dataset throughout, nothing concealed."""
    settings = Settings(states=40, periods=24, seed=11, coverage="full")
    return simulate(settings, tmp_path_factory.mktemp("worlds") / "open")


@pytest.fixture(scope="session")
def secretive(tmp_path_factory: pytest.TempPathFactory, world: World) -> World:
    """The same world with everything concealed that can be."""
    settings = Settings(states=40, periods=24, seed=11, coverage="full", conceal=1.0)
    return simulate(settings, tmp_path_factory.mktemp("worlds") / "secretive")


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> World:
    """As many states as there are today over four years, seen by every dataset."""
    settings = Settings(states=190, periods=4, seed=3, coverage="full", texts=False)
    return simulate(settings, tmp_path_factory.mktemp("hiding") / "world")


@pytest.fixture(scope="session")
def study(made: World) -> Study:
    """What is measured of that world."""
    return Study(made.library(), (made.settings.first, made.settings.last))


@pytest.fixture(scope="session")
def pair(made: World, study: Study) -> tuple[str, str]:
    """A pair that does much of what can be hidden."""
    rows = made.library().query(
        """SELECT least(source, target) AS a, greatest(source, target) AS b, count(DISTINCT channel) AS n, sum(value) AS v
        FROM acts WHERE list_contains(?, channel) GROUP BY ALL ORDER BY n DESC, v DESC""",
        [list(concealable())],
    )
    return rows["a"][0], rows["b"][0]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A new folder's path."""
    return tmp_path / "world"
