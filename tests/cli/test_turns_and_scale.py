"""The commands of turns, themes and the scale, on the embedded sample."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from tests.cli.test_commands import innominate


def test_turns_of_all_pairs_and_of_one(tmp_path: Path) -> None:
    everyone, one = tmp_path / "all.json", tmp_path / "one.json"
    asked = ("--years", "1946:2020", "--least", "0.3")
    assert innominate("turns", *asked, "--json", str(everyone)).returncode == 0
    told = json.loads(everyone.read_text())
    assert told
    assert [row["probability"] for row in told] == sorted((row["probability"] for row in told), reverse=True)
    assert all(row["direction"] == ("up" if row["change"] > 0 else "down") for row in told)
    pair = told[0]["a"], told[0]["b"]
    assert innominate("turns", *pair, *asked, "--json", str(one)).returncode == 0
    mine = [row for row in told if (row["a"], row["b"]) == pair]
    assert sorted(row["year"] for row in mine) == [row["year"] for row in json.loads(one.read_text())]


def test_one_state_has_the_turns_of_its_pairs(tmp_path: Path) -> None:
    everyone, own = tmp_path / "all.json", tmp_path / "own.json"
    asked = ("--years", "1946:2020", "--least", "0.3")
    assert innominate("turns", *asked, "--json", str(everyone)).returncode == 0
    told = json.loads(everyone.read_text())
    state = told[0]["a"]
    assert innominate("turns", state, *asked, "--json", str(own)).returncode == 0
    found = json.loads(own.read_text())
    assert [row["year"] for row in found] == sorted(row["year"] for row in found)
    theirs = {(row["a"], row["b"], row["year"]) for row in told if state in (row["a"], row["b"])}
    assert {(row["a"], row["b"], row["year"]) for row in found} == theirs


def test_a_year_that_no_dataset_can_tell_of_is_not_advised() -> None:
    assert "--years" not in innominate("unnamed", "2060").stderr
    assert "--years 1980:2025 takes it in" in innominate("unnamed", "1980").stderr


def test_the_scale_and_its_families(tmp_path: Path) -> None:
    target = tmp_path / "scale.json"
    assert innominate("scale", "--years", "1990:2019", "--json", str(target)).returncode == 0
    told = json.loads(target.read_text())
    families = {row["family"]: row for row in told["families"]}
    assert families["nato"]["median"] == pytest.approx(1.0, abs=0.05)
    assert families["all pairs"]["median"] == pytest.approx(0.0, abs=0.01)
    assert families["nato"]["lower"] < families["nato"]["median"] < families["nato"]["upper"]


def test_a_theme_is_measured_by_its_channels_only(tmp_path: Path) -> None:
    whole, theme, dropped = (tmp_path / f"{name}.parquet" for name in ("whole", "theme", "dropped"))
    years = ("--years", "2000:2012")
    for target, more in (
        (whole, ()),
        (theme, ("--theme", "diplomacy")),
        (dropped, ("--drop", "war", "--drop", "troop-support")),
    ):
        assert innominate("align", *years, *more, "--out", str(target)).returncode == 0
    one, other = pl.read_parquet(theme), pl.read_parquet(dropped)  # votes alone, by either road
    assert one["alignment"].to_numpy() == pytest.approx(other["alignment"].to_numpy(), abs=1e-9)
    assert one["alignment"].to_list() != pl.read_parquet(whole)["alignment"].to_list()
    answer = innominate("align", *years, "--theme", "culture", "--out", str(tmp_path / "x.parquet"))
    assert answer.returncode == 2
    assert "security" in answer.stderr


def test_a_state_that_is_no_more_has_its_turns() -> None:
    answer = innominate("turns", "German Democratic Republic", "USA", "--years", "1970:2010")
    assert answer.returncode == 0, answer.stderr
    assert "is no state" in innominate("turns", "DDR", "USA", "--years", "1995:2010").stderr


def test_nothing_is_unnamed_where_nobody_surveyed_treaties() -> None:
    answer = innominate("unnamed", "1990")
    assert (answer.returncode, answer.stdout) == (2, "")
    assert "no dataset of the library surveys them" in answer.stderr
