"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from innominate.ledger import Library

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real data: INNOMINATE_DATA, or ../shared/data beside the project; skips loudly where absent."""
    folder = Path(os.environ.get("INNOMINATE_DATA", ROOT.parent / "shared" / "data"))
    if folder.is_dir():
        return folder
    reason = f"no real data at {folder} (set INNOMINATE_DATA)"
    if os.environ.get("INNOMINATE_REQUIRE_DATA") == "1":
        pytest.fail(f"INNOMINATE_REQUIRE_DATA=1 but {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def full_library(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Everything in the folder of real data that a source recognises, imported once a session."""
    from innominate.sources import import_folder

    library = Library.create(tmp_path_factory.mktemp("full") / "library")
    import_folder(library, data_dir)
    return library
