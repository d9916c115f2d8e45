"""The brief in a real browser: nothing overflows on a laptop or a phone, and nothing is asked of the network."""

from __future__ import annotations

from pathlib import Path

import pytest

from innominate import write_brief
from tests.browser import browser, fits  # noqa: F401  a fixture
from tests.cases.test_findings import findings

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("browser")
    return write_brief(findings(folder), folder / "brief.html")


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_nothing_overflows(browser: str, page: Path, tmp_path: Path, width: int) -> None:  # noqa: F811
    fits(browser, page, tmp_path, width, shown=10)
