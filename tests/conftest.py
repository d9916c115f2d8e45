"""Fixtures shared by all tests."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numba
import pytest

from innominate.brief import drawing
from innominate.ledger import Library
from innominate.study import Study

os.environ["INNOMINATE_CACHE"] = "off"  # every test measures for itself, but those of commands
ROOT = Path(__file__).resolve().parent.parent
LONGEST = ("silence", "alignment", "full", "worlds", "blocs", "sources", "cases")  # groups of tests that start first
FULL = (  # tests of the full library
    "tests/test_real_data.py",
    "tests/signals/test_real.py",
    "tests/scoreboard/test_ideal.py",
    "tests/blocs/test_groups.py::test_real_groups",
    "tests/cases/test_weighed_readings.py::test_the_full_library_weighs_them",
)


def _group(nodeid: str) -> str:
    """Tests that share fixtures and compiled kernels: those of a room, and those of the full library."""
    return "full" if nodeid.startswith(FULL) else nodeid.split("/")[1].split(".py")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With ``--dist loadgroup`` one worker runs a group: a kernel is compiled, and a fixture made, once and not in every worker.

    Marks of xdist would say the same, but xdist 3.8 writes them where pytest 9.2 no longer looks.
    """
    from xdist.scheduler import LoadScopeScheduling

    class Groups(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return _group(nodeid)

    return Groups(config, log) if config.getoption("dist") == "loadgroup" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long groups come first; a test of the full library is named in FULL, or another worker would import it anew."""
    for item in items:
        if "full_library" in getattr(item, "fixturenames", ()) and _group(item.nodeid) != "full":
            raise pytest.UsageError(f"{item.nodeid} uses full_library: name it in FULL of tests/conftest.py")
    items.sort(key=lambda item: (*LONGEST, _group(item.nodeid)).index(_group(item.nodeid)))


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    """Kernels run on one thread: those that wait for one another spin, and take the time of the other worker's tests."""
    numba.set_num_threads(1)


@pytest.fixture(scope="session", autouse=True)
def _charts_are_valid() -> Iterator[None]:
    """In tests every chart of a brief is held against Vega-Lite's schema, those that differ in numbers and rows only once."""
    seen: set[str] = set()

    def held(chart: Any) -> dict[str, Any]:
        spec: dict[str, Any] = chart.to_dict(validate=False)
        shape = json.dumps(_shape(spec), sort_keys=True)
        if shape not in seen:
            chart.to_dict(validate=True)
            seen.add(shape)
        return spec

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drawing, "specification", held)
        yield


def _shape(spec: Any) -> Any:
    """A specification without its numbers and all but the first row of its data."""
    if isinstance(spec, dict):
        few = {name: values[:1] if name == "values" else values for name, values in spec.items()}
        return {name: _shape(value) for name, value in few.items()}
    if isinstance(spec, list | tuple):
        return [_shape(value) for value in spec]
    return 0.0 if isinstance(spec, int | float) and not isinstance(spec, bool) else spec


@pytest.fixture(scope="session")
def sample_study() -> Study:
    """The embedded sample over the years of the first case; what one test measured is there for the next."""
    return Study(Library.sample(), (1990, 2025))


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
