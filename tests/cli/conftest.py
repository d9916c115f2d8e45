"""A library that several commands are asked about is measured once: what is tested here is what they say of it."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session")
def kept_fits(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A cache folder of this session."""
    return str(tmp_path_factory.mktemp("kept"))


@pytest.fixture(autouse=True)
def _fits_are_kept(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, kept_fits: str) -> None:
    """Fits are kept between these tests, save where bytes are compared; that a kept fit answers to the bit is tested in alignment."""
    if "bytes" not in request.node.name:
        monkeypatch.setenv("INNOMINATE_CACHE", kept_fits)
