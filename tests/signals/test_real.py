"""Turning points on real data: facts known from history."""

from __future__ import annotations

from datetime import date

import polars as pl

from innominate import Library, Study
from innominate.signals import occasions, study_signals

MEETINGS = {  # days on which leaders met, from the press of the time
    ("CHN", "PRK"): (date(2018, 3, 27), date(2018, 6, 19), date(2019, 1, 8)),
    ("CHN", "RUS"): (date(2018, 6, 8), date(2023, 3, 20)),
    ("KOR", "PRK"): (date(2018, 4, 27), date(2018, 9, 18)),
    ("PRK", "USA"): (date(2018, 6, 12), date(2019, 2, 27)),
}


def test_meetings_of_leaders_are_among_the_occasions(full_library: Library) -> None:
    found = occasions(full_library)
    missed = [
        (pair, day)
        for pair, days in MEETINGS.items()
        for day in days
        if not found.filter(
            (pl.col("a") == pair[0]) & (pl.col("b") == pair[1])
            & ((pl.col("date") - pl.lit(day)).dt.total_days().abs() <= 15)
        ).height
    ]  # fmt: skip
    assert not missed


def test_of_september_2025_nothing_can_be_said(full_library: Library) -> None:
    found = study_signals(full_library, ["CHN-PRK", "CHN-RUS", "PRK-RUS"], draws=100)
    assert found.last_day() == date(2023, 3, 31)
    assert found.after(["CHN-PRK"], date(2025, 9, 3), "material", 1) is None
    told = found.effects.filter(
        (pl.col("outcome") == "material") & (pl.col("unit") == "month") & (pl.col("horizon") == 3)
    )
    assert told.filter(pl.col("group") == "CHN-RUS").height


def test_the_record_knows_who_fought_in_korea_and_who_broke_with_whom(full_library: Library) -> None:
    study = Study(full_library, (1990, 2024))
    study.analogues(["CHN", "RUS"])
    record = study._record
    assert record is not None

    def years(flags: object, a: str, b: str) -> set[int]:
        row = flags[record.pair(a, b)]  # type: ignore[index]
        return {int(year) for year, flag in zip(record.years, row, strict=True) if flag}

    assert {1950, 1951, 1952, 1953} <= years(record.joint, "CHN", "PRK")
    assert not years(record.joint, "CHN", "PRK") & {1949, 1954, 1955}
    assert 1969 in years(record.dispute, "CHN", "RUS")
    assert 1979 in years(record.dispute, "CHN", "VNM")
    assert not record.pact[record.pair("CHN", "RUS"), record.years == 2000].any()
    assert record.pact[record.pair("CHN", "PRK"), record.years == 2000].all()
