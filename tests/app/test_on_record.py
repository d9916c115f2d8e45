"""A treaty whose dataset ended before the year shown is said to be on record to then, not to be in force."""

from __future__ import annotations

import pytest

from innominate.app.paired import _on_record_to

SURVEYED = {"atop": 2018, "treaties": 2026}


def row(dataset: str, start: str, end: str | None = None, defence: bool = True) -> dict[str, object]:
    return {"dataset": dataset, "start": start, "end": end, "defence": defence}


@pytest.mark.parametrize(
    ("rows", "year", "told"),
    [
        ([row("atop", "2012-03-01")], 2023, 2018),
        ([row("atop", "2012-03-01")], 2018, None),
        ([row("treaties", "1960-06-23")], 2023, None),
        ([row("atop", "1951-09-01"), row("treaties", "1952-04-29")], 2023, None),
        ([row("atop", "2012-03-01"), row("treaties", "2001-01-01", "2005-01-01")], 2023, 2018),
        ([row("atop", "2012-03-01", defence=False)], 2023, None),
        ([], 2023, None),
    ],
)
def test_on_record(rows: list[dict[str, object]], year: int, told: int | None) -> None:
    assert _on_record_to(rows, SURVEYED, year) == told
