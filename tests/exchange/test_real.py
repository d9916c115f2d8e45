"""On the real trade register: an analyst's own group-by, and shares that SIPRI published."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from innominate.exchange import exchange
from innominate.ledger import Library
from innominate.sources import import_file


@pytest.fixture(scope="module")
def register(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Library:
    made = Library.create(tmp_path_factory.mktemp("sipri") / "library")
    import_file(made, data_dir / "arms" / "sipri_trade_register_1950_2025.csv")
    return made


def test_totals_are_those_of_a_group_by(register: Library) -> None:
    found = exchange(register, ["CHN", "RUS", "PRK"], 2015, 2024, worlds=19)
    acts = register.query("SELECT source, target, year(start) AS year, value FROM acts")
    own = acts.filter(pl.col("year").is_between(2015, 2024))
    expected = own.group_by("source", "target").agg(pl.col("value").sum())
    got = found.flows.filter(pl.col("acts") > 0).select(
        pl.col("giver").alias("source"), pl.col("receiver").alias("target"), "value"
    )
    both = expected.join(got, on=["source", "target"], suffix="_got")
    assert both.height == expected.height == got.height > 500
    assert ((both["value"] - both["value_got"]).abs() < 1e-6).all()
    taken = expected.group_by("target").agg(pl.col("value").sum().alias("total"))
    shares = found.flows.filter(pl.col("acts") > 0).join(taken, left_on="receiver", right_on="target")
    assert ((shares["share"] - shares["value"] / shares["total_right"]).abs() < 1e-9).all()


# SIPRI Fact Sheet, Trends in International Arms Transfers, 2024 (March 2025), table 2: suppliers' shares of imports
@pytest.mark.parametrize(
    ("receiver", "giver", "published"),
    [
        ("CHN", "RUS", 0.64),
        ("IND", "RUS", 0.36),
        ("IND", "FRA", 0.33),
        ("JPN", "USA", 0.97),
        ("KOR", "USA", 0.86),
        ("UKR", "USA", 0.45),
    ],
)
def test_shares_are_those_that_sipri_published(register: Library, receiver: str, giver: str, published: float) -> None:
    found = exchange(register, [receiver, giver], 2020, 2024, worlds=19)
    share = found.flows.filter((pl.col("giver") == giver) & (pl.col("receiver") == receiver))["share"].item()
    assert share == pytest.approx(published, abs=0.08)  # a deal's volume is spread evenly over its years here


def test_north_korea_began_to_arm_russia(register: Library) -> None:
    before = exchange(register, ["RUS", "PRK"], 2018, 2022, worlds=19).between("PRK", "RUS")
    assert before["share"].to_list() == [0.0]
    assert exchange(register, ["RUS", "PRK"], 2023, 2025, worlds=19).between("PRK", "RUS")["share"].item() > 0.4
