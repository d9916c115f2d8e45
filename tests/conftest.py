"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from innominate.ledger import Library

ROOT = Path(__file__).resolve().parent.parent
LONGEST = ("silence", "alignment", "full", "worlds", "blocs", "sources", "cases")  # groups of tests that start first


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that share fixtures and compiled kernels form a group, which one worker runs (``--dist loadgroup``).

    A group is a room, save that all tests of the full library form one: so a kernel is compiled, and a fixture made, once and
    not once in every worker. Long groups come first.
    """
    for item in items:
        group = "full" if "full_library" in getattr(item, "fixturenames", ()) else _room(item)
        item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=_place)


def _room(item: pytest.Item) -> str:
    return item.path.relative_to(ROOT / "tests").parts[0].removesuffix(".py")


def _place(item: pytest.Item) -> int:
    group = next(item.iter_markers("xdist_group")).args[0]
    return LONGEST.index(group) if group in LONGEST else len(LONGEST)


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
