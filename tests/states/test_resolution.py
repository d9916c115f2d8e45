"""What a name or number means at a date, and how we say that it means nothing."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from typing import Any

import polars as pl
import pytest

from innominate import states
from innominate.errors import InputError, UnknownState

MEANINGS: list[tuple[Any, int | dt.date | None, str, str]] = [
    ("CHN", None, "any", "CHN"),
    ("Russia", 1850, "any", "RUS"),
    ("Soviet Union", 1975, "any", "RUS"),
    ("SUN", 1975, "iso3", "RUS"),
    (365, 1975, "cow", "RUS"),
    (255, 1930, "cow", "DEU"),
    (255, 1991, "cow", "DEU"),
    (260, 1970, "cow", "DEU"),
    (260, 2000, "gw", "DEU"),
    (265, 1970, "gw", "DDR"),
    ("German Democratic Republic", 1970, "name", "DDR"),
    (345, 1900, "cow", "SRB"),
    (345, 1930, "cow", "YUG"),
    (345, dt.date(1992, 4, 26), "cow", "YUG"),
    (345, dt.date(1992, 4, 27), "cow", "SRB"),
    (345, 1992, "cow", "SRB"),
    (345, 2000, "gw", "SRB"),
    (340, 2010, "gw", "SRB"),
    ("Yugoslavia", None, "name", "YUG"),
    ("Yugoslavia", 1991, "name", "YUG"),
    ("Yugoslavia", 1999, "name", "SRB"),
    (678, 1970, "cow", "YEM"),
    (679, 1995, "cow", "YEM"),
    (678, 1995, "gw", "YEM"),
    (680, 1980, "cow", "YMD"),
    ("Yemen, North", 1995, "name", "YEM"),
    (816, 1960, "cow", "VNM"),
    (817, 1960, "cow", "VDR"),
    (315, 1992, "cow", "CSK"),
    ("Korea", 1890, "name", "KRE"),
    (730, 1890, "cow", "KRE"),
    (732, 1950, "cow", "KOR"),
    (713, 1960, "cow", "TWN"),
    (710, 1960, "cow", "CHN"),
    (347, 2010, "cow", "XKX"),
    (970, 2005, "cow", "NRU"),
    (970, 2005, "gw", "KIR"),
    (511, 1964, "cow", "ZAN"),
    ("MAC", 2000, "cow-abbrev", "MKD"),
    ("MAC", 2000, "any", "MAC"),
    ("GFR", 1980, "any", "DEU"),
    ("Austria", 1850, "name", "AUH"),
    ("Austria", 1950, "name", "AUT"),
    ("Congo, Democratic Republic of the", 1990, "name", "COD"),
    ("Congo", 1990, "name", "COG"),
    ("Egypt, Arab Rep.", 1990, "name", "EGY"),
    ("Gambia, The", 2000, "name", "GMB"),
    ("  côte  d’IVOIRE ", 2000, "name", "CIV"),
    ("CÃ´te d'Ivoire", 2000, "name", "CIV"),
    ("Iran (Islamic Rep. of)", 2000, "name", "IRN"),
    ("St. Vincent & Grenadines", 2000, "name", "VCT"),
    ("156", 2000, "m49", "CHN"),
    (810, 1980, "m49", "RUS"),
    ("2", 1990, "cow", "USA"),
    ("2.0", 1990, "cow", "USA"),
    ("us", 1990, "iso2", "USA"),
    ("Hong Kong", 1990, "name", "HKG"),
]


@pytest.mark.parametrize(("value", "when", "system", "code"), MEANINGS)
def test_meaning(value: Any, when: int | dt.date | None, system: Any, code: str) -> None:
    assert states.resolve(value, when, system=system) == code


FAILURES: list[tuple[Any, int | None, str, list[str]]] = [
    ("Chna", None, "any", ["did you mean", "China (CHN)"]),
    ("East Germany", 2000, "any", ["from 1949-10-05 to 1990-10-02", "successor: Germany (DEU)"]),
    ("Estonia", 1970, "name", ["since 1991-09-06", "Russia (RUS)"]),
    ("South Sudan", 2000, "name", ["since 2011-07-09", "predecessor: Sudan (SDN)"]),
    (817, 1990, "gw", ["to 1975-04-30", "Vietnam (VNM)"]),
    ("Yugoslavia", 2010, "name", ["at other times", "Serbia (SRB)"]),
    ("Korea", 1990, "name", ["North Korea (PRK)", "South Korea (KOR)"]),
    (345, None, "cow", ["YUG", "SRB", "give a year"]),
    (970, 2005, "any", ["Nauru (NRU)", "Kiribati (KIR)"]),
    (99999, None, "any", ["no state we know"]),
    ("", None, "any", ["no state we know"]),
    ("NATO**", 1990, "name", ["no state we know"]),
    ("PLO (Israel)*", 1980, "name", ["no state we know"]),
]


@pytest.mark.parametrize(("value", "when", "system", "words"), FAILURES)
def test_failure_says_why(value: Any, when: int | None, system: Any, words: list[str]) -> None:
    with pytest.raises(UnknownState) as caught:
        states.resolve(value, when, system=system)
    message = str(caught.value)
    assert [word for word in words if word not in message] == []
    assert "\n" not in message


def test_an_unknown_system_names_the_known_ones() -> None:
    with pytest.raises(InputError, match="iso3, iso2, cow, cow-abbrev, gw, m49, name"):
        states.resolve("CHN", system="fips")  # type: ignore[arg-type]


@pytest.mark.parametrize("when", ["1990", 1990.5, True])
def test_a_date_that_is_none_is_refused(when: Any) -> None:
    with pytest.raises(InputError, match="year"):
        states.resolve("CHN", when)


def test_grace_reaches_just_as_far_as_asked() -> None:
    assert states.resolve("South Yemen", 1965, grace_years=2) == "YMD"
    with pytest.raises(UnknownState):
        states.resolve("South Yemen", 1964, grace_years=2)
    assert states.resolve(315, 1994, system="cow", grace_years=2) == "CSK"


def test_get_suggests() -> None:
    assert states.get("DDR").name == "German Democratic Republic"
    with pytest.raises(UnknownState, match="DEU"):
        states.get("DUE")


def test_suggestions_are_codes_best_first() -> None:
    assert states.suggest("Untied Kingdom")[0] == "GBR"
    assert len(states.suggest("Guinea", n=2)) == 2
    assert states.suggest("", n=3) == []


def test_who_is_alive() -> None:
    assert {"RUS", "DEU", "DDR", "YUG", "BLR"} <= set(states.alive(1980))
    assert "EST" in states.alive(1930)
    assert "UKR" not in states.alive(1930)
    assert {"MCO", "TUV", "TWN", "XKX"} <= set(states.alive(2020))
    assert not {"HKG", "VAT", "ABK", "PSE"} & set(states.alive(2020))
    assert states.exists("YUG", 1992)
    assert not states.exists("YUG", 1993)


def test_the_chinese_seat_is_held_once_on_every_day() -> None:
    seat = states.spans("un").filter(pl.col("code").is_in(["CHN", "TWN"])).sort("start")
    assert seat["code"].to_list() == ["CHN", "TWN", "CHN"]
    assert ((seat["start"][1:] - seat["end"][:-1]) == dt.timedelta(days=1)).all()


def test_who_came_after_whom() -> None:
    assert [code for code, _, _ in states.successors("CSK")] == ["CZE", "SVK"]
    assert ("DDR", dt.date(1990, 10, 3), "absorbed") in states.predecessors("DEU")


def test_spans_are_disjoint_and_sorted() -> None:
    for system in ("cow", "gw", "un", "registry"):
        table = states.spans(system)
        assert table.schema == {"code": pl.Utf8, "start": pl.Date, "end": pl.Date}
        after = table.with_columns(
            before=pl.col("end").shift(1).over("code"), place=pl.int_range(pl.len()).over("code")
        )
        assert after.filter((pl.col("place") > 0) & pl.col("before").is_null()).is_empty()
        assert after.filter((pl.col("start") - pl.col("before")).dt.total_days() <= 1).is_empty()


def test_a_million_rows_take_less_than_a_second() -> None:
    import time

    values = pl.Series("state", ["Russia", "Korea, North", "nowhere", None] * 250_000)
    years = pl.Series([1990, 1991, 1992, 1993, 1994] * 200_000)
    start = time.perf_counter()
    codes = states.resolve_many(values, years)
    assert time.perf_counter() - start < 1.0
    assert codes.name == "state"
    assert codes[:4].to_list() == ["RUS", "PRK", None, None]


def test_columns_of_other_types() -> None:
    assert states.resolve_many(pl.Series([2.0, float("nan"), 2.5, None]), 1990, "cow").to_list() == [
        "USA",
        None,
        None,
        None,
    ]
    days = pl.Series([dt.date(1992, 4, 26), dt.date(1992, 4, 27)])
    assert states.resolve_many(pl.Series([345, 345], dtype=pl.Int16), days, "cow").to_list() == ["YUG", "SRB"]
    assert states.resolve_many(pl.Series(["FRA"], dtype=pl.Categorical)).to_list() == ["FRA"]
    assert states.resolve_many(pl.Series([], dtype=pl.Utf8), 1990).to_list() == []
    with pytest.raises(InputError, match="2 years for 1 values"):
        states.resolve_many(pl.Series(["FRA"]), pl.Series([1990, 1991]))


def test_importing_the_room_loads_nothing_heavy() -> None:
    code = "import sys, innominate.states as s; s.resolve('CHN'); print({'polars', 'rapidfuzz', 'numpy'} & set(sys.modules))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "set()"
