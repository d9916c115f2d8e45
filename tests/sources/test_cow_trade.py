"""Bilateral trade: the file's own numbers, unknown against zero, known flows, and arbitrary small files."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from innominate.errors import BadFile
from innominate.ledger import Imported, conform
from innominate.sources.cow_trade import SOURCE
from innominate.sources.peeking import peek
from tests.sources.examples.cow_trade import EXAMPLES, ROWS
from tests.sources.mutation import DAMAGES, Damage, damaged, reads_or_refuses

READ = {form.name: form.read for form in SOURCE.forms}
CSV, PARQUET = EXAMPLES["dyadic-csv"], EXAMPLES["dyadic-parquet"]
QUICK = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def trade(data_dir: Path) -> Imported:
    return READ["dyadic-parquet"](data_dir / "trade" / "cow_dyadic_trade_1870_2014.parquet")


def _flow(imported: Imported, exporter: str, importer: str, year: int) -> list[float | None]:
    """The values stored for a flow; [] is a zero where the pair is covered."""
    pair = (pl.col("source") == exporter) & (pl.col("target") == importer) & (pl.col("start") == date(year, 1, 1))
    return imported.tables["acts"].filter(pair)["value"].to_list()


def _covered(imported: Imported, year: int) -> set[str]:
    held = imported.tables["coverage"].filter(
        (pl.col("first") <= date(year, 1, 1)) & (pl.col("last") >= date(year, 12, 31))
    )
    assert held.height == 1
    return set(held["scope"][0].removeprefix("among:").split())


def test_every_row_is_kept_and_every_flow_counted_once(trade: Imported, data_dir: Path) -> None:
    table = pl.scan_parquet(data_dir / "trade" / "cow_dyadic_trade_1870_2014.parquet")
    told = table.select(
        (pl.col("flow1") > 0).sum().alias("positive"), pl.col("flow1").is_null().sum().alias("unknown")
    ).collect()
    acts = trade.tables["acts"]
    assert (trade.rows, trade.kept) == (1347308, 1347308)
    from_rows = acts.filter(pl.col("row") > 0)
    assert from_rows["value"].count() == told["positive"][0]
    assert from_rows["value"].null_count() == told["unknown"][0] == 50833
    assert acts.filter(pl.col("row") == 0)["value"].count() == 0
    assert [(odd.rows, odd.refused) for odd in trade.oddities] == [(acts.filter(pl.col("row") == 0).height, False)]


def test_exports_run_from_seller_to_buyer(trade: Imported) -> None:
    assert _flow(trade, "CAN", "USA", 1920) == [612.0]  # American imports from Canada, as the codebook has it
    assert _flow(trade, "USA", "CAN", 1920) == [735.0]
    in_2014 = (
        trade.tables["acts"].filter(pl.col("start") == date(2014, 1, 1)).sort("value", descending=True, nulls_last=True)
    )
    assert in_2014.select("source", "target").row(0) == ("CHN", "USA")
    assert _flow(trade, "CHN", "USA", 2014)[0] > 2 * _flow(trade, "USA", "CHN", 2014)[0]  # type: ignore[operator]


def test_zero_unknown_and_outside(trade: Imported) -> None:
    assert {"USA", "CUB"} <= _covered(trade, 1975)
    assert _flow(trade, "USA", "CUB", 1975) == []  # the embargo: a known zero
    assert {"RUS", "PRK"} <= _covered(trade, 1980)
    assert _flow(trade, "RUS", "PRK", 1980) == [None]  # traded, but no row tells of it
    assert _flow(trade, "PRK", "USA", 1980) == [None]  # -9 in the original
    assert _covered(trade, 1916) == {"ARG", "CHN", "ESP", "FRA", "GBR", "JPN", "RUS", "USA"}  # the world war
    assert "DEU" not in _covered(trade, 1950)  # West Germany joins the system in 1955


def test_pairs_that_no_row_tells_of_are_unknown(trade: Imported, data_dir: Path) -> None:
    table = pl.read_parquet(
        data_dir / "trade" / "cow_dyadic_trade_1870_2014.parquet", columns=["ccode1", "ccode2", "year"]
    )
    for year in (1870, 1916, 1950, 2014):  # in these years every code is one state
        rows = table.filter(pl.col("year") == year)
        n = rows["ccode1"].n_unique()
        silent = trade.tables["acts"].filter((pl.col("row") == 0) & (pl.col("start") == date(year, 1, 1)))
        assert silent.height == n * (n - 1) - rows.height
        assert set(silent["source"]) | set(silent["target"]) <= _covered(trade, year)


def test_two_codes_of_one_state_in_1990(trade: Imported) -> None:
    assert _flow(trade, "DEU", "USA", 1990) == [29080.0]
    assert trade.tables["acts"].filter(pl.col("source") == pl.col("target")).height == 0


@pytest.mark.parametrize("name", ["dyadic-csv", "dyadic-parquet"])
def test_the_example_by_hand(name: str, tmp_path: Path) -> None:
    read = READ[name](EXAMPLES[name].write(tmp_path))
    acts = conform("acts", read.tables["acts"], "dyadic")
    assert set(acts.select("source", "target", "value").iter_rows()) == {
        ("CHL", "PER", 12.5),  # Peru imports 12.5 from Chile, Chile nothing from Peru
        ("KEN", "PER", None),
        ("PER", "KEN", 3.0),
        ("CHL", "KEN", None),
        ("KEN", "CHL", None),
    }
    assert read.tables["coverage"]["scope"].to_list() == ["among:CHL KEN PER"]
    assert (read.rows, read.kept) == ((2, 2) if name == "dyadic-csv" else (4, 4))


def test_the_zip_archive_of_the_provider(tmp_path: Path) -> None:
    path = tmp_path / "trade.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("COW_Trade_4.0/Dyadic_COW_4.0.csv", CSV.text())
        archive.writestr("COW_Trade_4.0/National_COW_4.0.csv", "ccode,year,imports\n2,1990,1\n")
    assert [form.name for form in SOURCE.forms if form.recognise(peek(path))] == ["dyadic-csv"]
    plain = READ["dyadic-csv"](CSV.write(tmp_path)).tables["acts"]
    assert READ["dyadic-csv"](path).tables["acts"].drop("file").equals(plain.drop("file"))


def test_rows_between_two_codes_of_one_state_are_refused(tmp_path: Path) -> None:
    extra = [
        ("255", "260", "1990", "G", "W", "5", "5", "5", "5", "4"),
        ("2", "260", "1990", "U", "W", "1", "2", "1", "2", "4"),
    ]
    extra.append(("2", "255", "1990", "U", "G", "10", "20", "10", "20", "4"))
    read = READ["dyadic-csv"](replace(CSV, rows=(*CSV.rows, *extra)).write(tmp_path))
    assert (read.rows, read.kept) == (5, 4)
    assert sorted(_flow(read, "DEU", "USA", 1990)) == [1.0, 10.0]  # type: ignore[type-var]
    assert [odd.rows for odd in read.oddities if odd.refused] == [1]


def test_what_cannot_be_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=r"row 3: column flow1: -3\.0 is negative"):
        READ["dyadic-csv"](CSV.with_value("flow1", "-3").write(tmp_path))
    with pytest.raises(BadFile, match=r"row 2: column flow2: .* is below"):
        READ["dyadic-csv"](CSV.with_value("flow2", "-99", 0).write(tmp_path))
    with pytest.raises(BadFile, match="do not say the same"):
        READ["dyadic-parquet"](PARQUET.with_value("flow1", 4.0).write(tmp_path))
    with pytest.raises(BadFile, match="row 3: most pairs"):
        READ["dyadic-parquet"](replace(PARQUET, rows=ROWS[:3]).write(tmp_path))


_CODES = {135: "PER", 155: "CHL", 501: "KEN", 740: "JPN"}
_FLOWS = st.dictionaries(
    st.tuples(
        st.sets(st.sampled_from(sorted(_CODES)), min_size=2, max_size=2).map(sorted).map(tuple), st.integers(1970, 1973)
    ),
    st.tuples(*[st.none() | st.integers(0, 50).map(float)] * 2),
    min_size=1,
)


@QUICK
@given(flows=_FLOWS, seed=st.randoms(use_true_random=False))
def test_flows_round_trip_in_any_order_once_or_mirrored(flows: dict, seed, tmp_path: Path) -> None:
    once, expected = [], {}
    for ((a, b), year), (buys, sells) in flows.items():
        once.append((a, b, year, buys, sells, None, None))
        expected |= {(_CODES[b], _CODES[a], year): buys, (_CODES[a], _CODES[b], year): sells}
    mirrored = once + [(b, a, year, sells, buys, None, None) for a, b, year, buys, sells, *_ in once]
    for rows in (once, mirrored):
        seed.shuffle(rows)
        path = tmp_path / "dyadic.parquet"
        kinds = [pl.Int64] * 3 + [pl.Float64] * 4
        pl.DataFrame(rows, schema=dict(zip(PARQUET.header, kinds, strict=True)), orient="row").write_parquet(path)
        acts = READ["dyadic-parquet"](path).tables["acts"]
        told = acts.filter(pl.col("row") > 0)
        key = told.select("source", "target", pl.col("start").dt.year(), "value")
        assert {row[:3]: row[3] for row in key.iter_rows()} == {k: v for k, v in expected.items() if v != 0}
        silent = acts.filter(pl.col("row") == 0).select("source", "target", pl.col("start").dt.year())
        assert not set(silent.iter_rows()) & expected.keys()


@QUICK
@given(damages=DAMAGES)
def test_a_damaged_file_is_read_or_refused(damages: list[Damage], tmp_path: Path) -> None:
    path = tmp_path / "dyadic.csv"
    path.write_bytes(damaged(CSV.text().encode(), damages))
    reads_or_refuses(READ["dyadic-csv"], path)
