"""Diplomatic exchange: the file's own numbers, known missions, years between the waves, and arbitrary small files."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from innominate.errors import BadFile
from innominate.ledger import Imported, conform
from innominate.sources.cow_diplomacy import SOURCE
from tests.sources.examples.cow_diplomacy import EXAMPLES, ROWS
from tests.sources.mutation import DAMAGES, Damage, damaged, reads_or_refuses

READ = SOURCE.forms[0].read
EXAMPLE = EXAMPLES["dyad-year-csv"]
QUICK = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
WAVES = [
    *(1817, 1824, 1827, 1832, 1836, 1840),
    *range(1844, 1915, 5),
    *range(1920, 1941, 5),
    *range(1950, 2006, 5),
]


@pytest.fixture(scope="module")
def exchange(data_dir: Path) -> Imported:
    return READ(data_dir / "diplomacy" / "Diplomatic_Exchange_2006v1.csv")


def _sent(imported: Imported, sender: str, host: str, year: int) -> list[tuple[float | None, str]]:
    flow = (pl.col("source") == sender) & (pl.col("target") == host) & (pl.col("start") == date(year, 1, 1))
    return imported.tables["acts"].filter(flow).select("value", "code").rows()


def _covered(imported: Imported, year: int) -> set[str]:
    held = imported.tables["coverage"].filter(
        (pl.col("first") <= date(year, 1, 1)) & (pl.col("last") >= date(year, 12, 31))
    )
    return set(held["scope"][0].removeprefix("among:").split()) if held.height else set()


def test_rows_and_quirks_of_the_file(exchange: Imported, data_dir: Path) -> None:
    raw = pl.read_csv(data_dir / "diplomacy" / "Diplomatic_Exchange_2006v1.csv")
    assert exchange.rows == raw.height == 310820
    acts = exchange.tables["acts"]
    lost = [odd.rows for odd in exchange.oddities if odd.refused]
    assert acts.height == raw.filter(pl.col("DR_at_1") > 0).height - sum(lost)
    twice = raw.filter((pl.col("year") == 1990) & (pl.col("DR_at_1") > 0)).filter(
        pl.any_horizontal(pl.col("ccode1", "ccode2").is_in([255, 260, 678, 679]))
    )
    assert 0 < sum(lost) < twice.height / 2
    assert acts.filter(pl.struct("source", "target", "start").is_duplicated()).height == 0
    assert acts.filter(pl.col("value").is_null())["code"].unique().to_list() == ["9"]


def test_only_the_waves_are_covered(exchange: Imported) -> None:
    coverage = exchange.tables["coverage"]
    assert coverage["first"].dt.year().to_list() == coverage["last"].dt.year().to_list() == WAVES
    assert set(exchange.tables["acts"]["start"].dt.year()) == set(WAVES)
    assert _covered(exchange, 1945) == set()
    assert _covered(exchange, 1998) == set()
    assert {"USA", "CHN", "PRK"} <= _covered(exchange, 1970)
    assert "DEU" not in _covered(exchange, 1950)


def test_missions_known_from_history(exchange: Imported) -> None:
    assert _sent(exchange, "USA", "GBR", 1904) == _sent(exchange, "GBR", "USA", 1904) == [(3.0, "3")]
    assert _sent(exchange, "USA", "GBR", 1817) == [(2.0, "2")]  # ministers, no ambassadors before 1893
    assert _sent(exchange, "USA", "RUS", 1925) == []  # recognised in 1933
    assert _sent(exchange, "USA", "RUS", 1935) == [(3.0, "3")]
    assert _sent(exchange, "USA", "CHN", 1970) == _sent(exchange, "USA", "PRK", 2000) == []
    assert _sent(exchange, "USA", "CHN", 1980) == [(3.0, "3")]
    assert _sent(exchange, "CHN", "PRK", 2000) == [(3.0, "3")]


def test_the_sender_is_the_state_represented(exchange: Imported) -> None:
    acts = exchange.tables["acts"]
    hosted = acts.filter(pl.col("target") == "LIE").height
    sent = acts.filter(pl.col("source") == "LIE").height
    assert hosted == 0 < sent  # Liechtenstein keeps missions abroad; nobody keeps one in Vaduz
    assert _sent(exchange, "USA", "CAN", 1930) == [(2.0, "2")]


def test_years_without_levels(exchange: Imported) -> None:
    acts = exchange.tables["acts"].with_columns(pl.col("start").dt.year().alias("year"))
    bare = acts.filter(pl.col("year").is_in([1950, 1955, 1960, 1965]))
    assert bare.select("value", "code").unique().rows() == [(1.0, "9")]
    rest = acts.filter(~pl.col("year").is_in([1950, 1955, 1960, 1965]) & (pl.col("code") == "9"))
    assert (rest.height > 0, rest["value"].count()) == (True, 0)
    assert _sent(exchange, "USA", "CUB", 1960) == [(1.0, "9")]
    assert _sent(exchange, "USA", "CUB", 1965) == []  # broken off in 1961


def test_the_example_by_hand(tmp_path: Path) -> None:
    read = READ(EXAMPLE.write(tmp_path))
    acts = conform("acts", read.tables["acts"], "exchange.csv")
    assert set(acts.select("source", "target", "value", "code", "row").iter_rows()) == {
        ("CHL", "PER", 3.0, "3", 2),
        ("KEN", "PER", None, "9", 4),
        ("PER", "KEN", 1.0, "1", 5),
    }
    assert read.tables["coverage"].select("scope", "first", "last").rows() == [
        ("among:CHL KEN PER", date(1990, 1, 1), date(1990, 12, 31))
    ]
    assert (read.rows, read.kept) == (4, 4)


def test_missing_is_unknown(tmp_path: Path) -> None:
    rows = (("135", "155", "1990", "-9", "0", "0", "2006.1"), ("155", "135", "1990", "0", "-9", "0", "2006.1"))
    read = READ(replace(EXAMPLE, rows=rows).write(tmp_path))
    assert _sent(read, "CHL", "PER", 1990) == [(None, None)]
    assert _sent(read, "PER", "CHL", 1990) == []


def test_two_codes_of_one_state(tmp_path: Path) -> None:
    rows = [("255", "135", "1990", "3", "2"), ("260", "135", "1990", "1", "0"), ("255", "260", "1990", "0", "0")]
    rows += [(b, a, year, y, x) for a, b, year, x, y in rows]
    read = READ(replace(EXAMPLE, rows=tuple((*row, "1", "2006.1") for row in rows)).write(tmp_path))
    assert _sent(read, "PER", "DEU", 1990) == [(3.0, "3")]
    assert _sent(read, "DEU", "PER", 1990) == [(2.0, "2")]
    assert [(odd.rows, odd.first) for odd in read.oddities if odd.refused] == [(2, (4, 7)), (1, (3,))]
    assert (read.rows, read.kept) == (6, 3)


def test_what_cannot_be_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="row 5: column DR_at_1: '4' is none of"):
        READ(EXAMPLE.with_value("DR_at_1", "4").write(tmp_path))
    with pytest.raises(BadFile, match="do not say the same"):
        READ(EXAMPLE.with_value("DR_at_1", "3").write(tmp_path))
    with pytest.raises(BadFile, match="row 4: most pairs"):
        READ(replace(EXAMPLE, rows=ROWS[:3]).write(tmp_path))


_CODES = {135: "PER", 155: "CHL", 501: "KEN", 740: "JPN"}
_LEVELS = st.dictionaries(
    st.tuples(
        st.sets(st.sampled_from(sorted(_CODES)), min_size=2, max_size=2).map(sorted).map(tuple),
        st.sampled_from([1970, 1975]),
    ),
    st.tuples(*[st.sampled_from([0, 1, 2, 3, 9])] * 2),
    min_size=1,
)


@QUICK
@given(levels=_LEVELS, seed=st.randoms(use_true_random=False))
def test_levels_round_trip_in_any_order_once_or_mirrored(levels: dict, seed, tmp_path: Path) -> None:
    once = [(a, b, year, at_a, at_b) for ((a, b), year), (at_a, at_b) in levels.items()]
    expected = {(_CODES[b], _CODES[a], year): level for a, b, year, level, _ in once if level}
    expected |= {(_CODES[a], _CODES[b], year): level for a, b, year, _, level in once if level}
    for rows in (once, once + [(b, a, year, at_b, at_a) for a, b, year, at_a, at_b in once]):
        seed.shuffle(rows)
        path = replace(EXAMPLE, rows=tuple((*map(str, row), "1", "2006.1") for row in rows)).write(tmp_path)
        acts = READ(path).tables["acts"].select("source", "target", pl.col("start").dt.year(), "code", "value")
        assert {row[:3]: int(row[3]) for row in acts.iter_rows()} == expected
        assert all(value == (None if code == "9" else float(code)) for *_, code, value in acts.iter_rows())


@QUICK
@given(damages=DAMAGES)
def test_a_damaged_file_is_read_or_refused(damages: list[Damage], tmp_path: Path) -> None:
    path = tmp_path / "exchange.csv"
    path.write_bytes(damaged(EXAMPLE.text().encode(), damages))
    reads_or_refuses(READ, path)
