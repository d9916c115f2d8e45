"""The SIPRI trade register: the file's own numbers, known deliveries of history, and arbitrary small registers."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from innominate.errors import BadFile
from innominate.ledger import Imported, conform
from innominate.sources.sipri_arms import SOURCE
from tests.sources.examples.sipri_arms import EXAMPLES, PREAMBLE, ROWS
from tests.sources.mutation import DAMAGES, Damage, damaged, reads_or_refuses

READ = SOURCE.forms[0].read
EXAMPLE = EXAMPLES["trade-register-csv"]
QUICK = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def register(data_dir: Path) -> Imported:
    return READ(data_dir / "arms" / "sipri_trade_register_1950_2025.csv")


@pytest.fixture(scope="module")
def raw(data_dir: Path) -> list[list[str]]:
    text = (data_dir / "arms" / "sipri_trade_register_1950_2025.csv").read_text(encoding="latin-1")
    return list(csv.reader(io.StringIO(text)))[12:]


def _acts(imported: Imported, supplier: str, recipient: str, year: int) -> pl.DataFrame:
    flow = (pl.col("source") == supplier) & (pl.col("target") == recipient)
    return imported.tables["acts"].filter(flow & (pl.col("start").dt.year() == year))


def test_every_row_of_the_file_is_accounted_for(register: Imported, raw: list[list[str]]) -> None:
    outside = [row for row in raw if any(name.endswith("*") or name.startswith("unknown ") for name in row[:2])]
    waiting = [row for row in raw if row not in outside and not row[10]]
    assert register.rows == len(raw) == 29916
    counts = {odd.reason.split(":")[0].split(";")[0]: odd.rows for odd in register.oddities}
    assert counts["a party is a rebel group, an organisation or unknown"] == len(outside)
    assert counts["ordered, not delivered yet"] == len(waiting)
    assert counts["exactly like another deal"] == len(raw) - len({tuple(row) for row in raw}) == 9
    assert register.rows - register.kept == sum(odd.rows for odd in register.oddities if odd.refused)
    stored = register.tables["acts"]["row"].n_unique()
    assert stored + len(waiting) == register.kept


def test_the_volume_of_a_deal_is_spread_evenly_and_none_is_lost(register: Imported, raw: list[list[str]]) -> None:
    for names, supplier, recipient in (
        (("Soviet Union", "Egypt"), "RUS", "EGY"),
        (("China", "Pakistan"), "CHN", "PAK"),
    ):
        expected: dict[int, float] = defaultdict(float)
        for row in raw:
            if (row[1], row[0]) == names and row[10]:
                years = [int(year) for year in re.findall(r"\d{4}", row[10])]
                for year in years:
                    expected[year] += float(row[15]) / len(years)
        flow = (pl.col("source") == supplier) & (pl.col("target") == recipient)
        until = date(1991, 12, 31) if supplier == "RUS" else date(2025, 12, 31)
        found = register.tables["acts"].filter(flow & (pl.col("start") <= until))
        yearly = dict(found.group_by(pl.col("start").dt.year()).agg(pl.col("value").sum()).iter_rows())
        assert len(expected) > 15
        assert yearly == pytest.approx(dict(expected))


def test_deliveries_known_from_history(register: Imported) -> None:
    assert _acts(register, "RUS", "TUR", 2019)["code"].str.contains("surface-to-air missile system").any()  # S-400
    assert _acts(register, "RUS", "TUR", 2019)["note"].str.contains("S-400").any()
    assert _acts(register, "CSK", "EGY", 1955)["code"].str.contains("tank").any()  # the Czech arms deal
    assert _acts(register, "USA", "IRN", 1976)["note"].str.contains("F-14A").any()
    assert _acts(register, "FRA", "ARG", 1981)["note"].str.contains("Super Etendard").any()
    assert _acts(register, "PRK", "RUS", 2024).height > 0
    assert _acts(register, "USA", "IRN", 1995).height == 0  # embargo: a zero inside coverage
    assert _acts(register, "RUS", "PRK", 1950).height > 0


def test_coverage_is_everybody_until_the_last_full_year(register: Imported) -> None:
    assert register.tables["coverage"].rows() == [("sipri-arms", "arms", "all", date(1950, 1, 1), date(2025, 12, 31))]
    acts = register.tables["acts"]
    assert acts["start"].max() == date(2025, 1, 1)
    assert acts["value"].null_count() == 0
    former = {"DDR", "CSK", "YUG", "VDR", "YMD"}
    assert former <= set(acts["source"]) | set(acts["target"])
    assert acts.filter((pl.col("source") == "DDR") & (pl.col("start") > date(1990, 12, 31))).height == 0


def test_the_example_by_hand(tmp_path: Path) -> None:
    read = READ(EXAMPLE.write(tmp_path))
    assert (read.rows, read.kept) == (5, 4)
    acts = conform("acts", read.tables["acts"], "register.csv").sort("start", "source")
    assert acts.select("source", "target", pl.col("start").dt.year(), "value", "code", "row").rows() == [
        ("RUS", "CHL", 1971, 100.0, "submarine", 9),
        ("CIV", "KEN", 1991, 7.0, "aircraft", 12),
        ("PER", "CHL", 2000, 6.0, "tank", 8),
        ("PER", "CHL", 2001, 6.0, "tank", 8),
    ]
    notes = dict(acts.select("row", "note").iter_rows())
    assert notes[9] == "4 × Z-9; ordered 1970; new; uncertain: number ordered, number delivered"
    assert notes[8].endswith("uncertain: year of order; spread evenly over 2 years")


@pytest.mark.parametrize(
    ("cell", "years"),
    [
        ("2000", [2000]),
        ("2000-2002", [2000, 2001, 2002]),
        ("1998; 2000-2001", [1998, 2000, 2001]),
        ("2000; 2000", [2000]),
    ],
)
def test_lists_and_ranges_of_years(cell: str, years: list[int], tmp_path: Path) -> None:
    path = EXAMPLE.with_value("Year(s) of delivery", cell, 0).write(tmp_path)
    acts = READ(path).tables["acts"].filter(pl.col("row") == 8)
    assert sorted(acts["start"].dt.year()) == years
    assert acts["value"].sum() == pytest.approx(12)


@pytest.mark.parametrize("cell", ["soon", "1949", "2027", "2002-2000", "2000 or 2001", "20000"])
def test_years_that_cannot_be_are_refused(cell: str, tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="row 8: column Year"):
        READ(EXAMPLE.with_value("Year(s) of delivery", cell, 0).write(tmp_path))


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("Number delivered", "1e30", "is above"),
        ("SIPRI TIV per unit", "-5", "is below 0"),
        ("SIPRI TIV for total order", "-5", "is below 0"),
    ],
)
def test_numbers_that_cannot_be_are_refused(column: str, value: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=f"row {len(PREAMBLE) + 1 + len(ROWS)}: column {column}: '{value}' {reason}"):
        READ(EXAMPLE.with_value(column, value).write(tmp_path))


def test_deliveries_outside_a_states_lifetime(tmp_path: Path) -> None:
    early = ("Kuwait", "Peru", "1950", "", "6", "", "X-1", "tank", "6", "", "1959; 1965", "New", "", "2", "12", "12")
    never = ("Kuwait", "Peru", "1950", "", "6", "", "X-2", "tank", "6", "", "1953", "New", "", "2", "12", "12")
    read = READ(replace(EXAMPLE, rows=(*ROWS, early, never)).write(tmp_path))
    kept = read.tables["acts"].filter(pl.col("target") == "KWT")
    assert kept.select(pl.col("start").dt.year(), "value").rows() == [(1965, 6.0)]
    assert (read.rows, read.kept) == (7, 5)
    assert {(odd.rows, odd.refused, odd.first) for odd in read.oddities if "state" in odd.reason} >= {
        (1, False, (13,)),
        (1, True, (14,)),
    }


def test_a_register_of_one_supplier_covers_its_flows_only(tmp_path: Path) -> None:
    limited = PREAMBLE[0].replace("from All countries", "from Peru").replace("'Not specified' to", "'1990' to")
    read = READ(replace(EXAMPLE, preamble=(limited, *PREAMBLE[1:]), rows=ROWS[:1]).write(tmp_path))
    assert read.part == "from-PER"
    assert read.tables["coverage"].select("dataset", "scope", "first").rows() == [
        ("sipri-arms/from-PER", "from:PER", date(1990, 1, 1))
    ]
    with pytest.raises(BadFile, match="do not say"):
        READ(replace(EXAMPLE, preamble=PREAMBLE[1:]).write(tmp_path))


def test_a_few_deals_may_stand_twice_but_no_doubled_file(tmp_path: Path) -> None:
    many = [(*ROWS[0][:4], str(n), *ROWS[0][5:]) for n in range(1, 100)]
    read = READ(replace(EXAMPLE, rows=(*many, many[0])).write(tmp_path))
    assert (read.rows, read.kept) == (100, 100)
    assert [(odd.rows, odd.refused, odd.first) for odd in read.oddities] == [(1, False, (107,))]
    with pytest.raises(BadFile, match=r"row 107: .*stands twice"):
        READ(replace(EXAMPLE, rows=(*many, *many)).write(tmp_path))


_DEALS = st.lists(
    st.tuples(
        st.sampled_from([("Peru", "PER"), ("Kenya", "KEN"), ("Soviet Union", "RUS")]),
        st.sampled_from([("Chile", "CHL"), ("Japan", "JPN")]),
        st.sets(st.integers(1970, 1990), max_size=4),
        st.integers(0, 4000),
    ),
    min_size=1,
    max_size=12,
)


@QUICK
@given(deals=_DEALS, seed=st.randoms(use_true_random=False))
def test_deals_round_trip_in_any_order(deals: list, seed, tmp_path: Path) -> None:
    expected: dict[tuple[str, str, int], float] = defaultdict(float)
    rows = []
    for number, ((supplier, source), (recipient, target), years, tiv) in enumerate(deals):
        listed, volume = "; ".join(map(str, sorted(years))), tiv / 4
        for year in years:
            expected[source, target, year] += volume / len(years)
        order = ("1969", "", str(number + 1), "", f"W-{number}", "tank", "1", "")
        rows.append((recipient, supplier, *order, listed, "New", "", "1", "1", str(volume)))
    seed.shuffle(rows)
    acts = READ(replace(EXAMPLE, rows=tuple(rows)).write(tmp_path)).tables["acts"]
    found = acts.group_by("source", "target", pl.col("start").dt.year()).agg(pl.col("value").sum())
    assert {row[:3]: row[3] for row in found.iter_rows()} == pytest.approx(dict(expected))
    assert acts["act_id"].is_unique().all()


def test_a_bare_carriage_return_before_the_header_is_no_fault_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "register.csv"
    path.write_bytes(damaged(EXAMPLE.text().encode("latin-1"), [("set", 0, b"\r")]))
    reads_or_refuses(READ, path)


@QUICK
@given(damages=DAMAGES)
def test_a_damaged_file_is_read_or_refused(damages: list[Damage], tmp_path: Path) -> None:
    path = tmp_path / "register.csv"
    path.write_bytes(damaged(EXAMPLE.text().encode("latin-1"), damages))
    reads_or_refuses(READ, path)
