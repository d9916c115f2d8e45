"""Worlds that several tests look at, drawn once."""

from __future__ import annotations

from pathlib import Path

import pytest

from innominate.worlds import Settings, World, simulate


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


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A new folder's path."""
    return tmp_path / "world"
