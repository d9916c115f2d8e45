"""What a newcomer meets: tables for a spreadsheet, faults told before anything is measured."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from unittest import mock

import polars as pl
import pytest

from innominate import Library, Study
from innominate.cli.commands import _registered, app
from innominate.cli.terminal import progress
from tests.cli.test_commands import innominate, refused


def test_a_table_is_csv_where_its_name_says_so(tmp_path: Path) -> None:
    asked = ("align", "--years", "2005:2010")
    assert innominate(*asked, "--out", str(tmp_path / "a.csv")).returncode == 0
    assert innominate(*asked, "--out", str(tmp_path / "a.parquet")).returncode == 0
    told = pl.read_csv(tmp_path / "a.csv", infer_schema_length=None)
    whole = pl.read_parquet(tmp_path / "a.parquet")
    assert told.columns == whole.columns
    assert told["alignment"].to_list() == whole["alignment"].to_list()
    assert told["committed"].null_count() == whole["committed"].null_count() > 0  # unknown is empty, not false


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (("why", "China", "Russia", "1980"), ("1980", "1990-2025", "--years 1980:2025")),
        (("why", "Chna", "Russia", "2020"), ("Chna", "China")),
        (("unnamed", "1980"), ("1980", "--years 1980:2025")),
        (("unnamed", "2150"), ("2150", "no dataset")),
        (("turns", "Chna", "Russia"), ("Chna", "China")),
    ],
)
def test_a_fault_is_told_before_anything_is_measured(asked: tuple[str, ...], words: tuple[str, ...]) -> None:
    with mock.patch.object(Study, "alignment", side_effect=AssertionError("measured")):
        refused(innominate(*asked), *words)


def test_a_fit_says_whether_the_year_or_the_states_are_at_fault() -> None:
    fit = Study(Library.sample(), (1990, 2000)).alignment()
    with pytest.raises(Exception, match=r"^2005 is outside 1990-2000$"):
        fit.why("CHN", "RUS", 2005)
    with pytest.raises(Exception, match=r"^DDR and USA did not both exist in 1995$"):
        fit.why("DDR", "USA", 1995)


def test_the_package_runs_as_a_module() -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "innominate", "--version"], capture_output=True, text=True, check=False, timeout=60
    )
    assert (answer.returncode, answer.stdout.split()[0]) == (0, "innominate")


def test_help_flows_and_every_answer_has_an_example() -> None:
    told = {info.name or info.callback.__name__: info.help for info in _registered(app) if info.callback}
    assert {"run", "align", "why", "unnamed", "new", "build"} <= set(told)
    for name, text in told.items():
        assert text, name
        assert all("\n" not in part for part in text.split("\n\n")), name
    for name in ("run", "align", "why", "unnamed", "turns", "exchange", "blocs", "silence", "score", "fetch"):
        assert "innominate " in (told[name] or ""), name


def test_a_name_unlike_all_sources_is_answered_with_the_sources(tmp_path: Path) -> None:
    refused(
        innominate("import", "foo", "bar.csv", "--library", str(tmp_path / "l")), "foo", "ucdp-conflict", "unga-votes"
    )
    refused(innominate("fetch", "unga", "--library", str(tmp_path / "l")), "did you mean unga-votes?")


def test_a_reader_who_has_enough_is_no_fault_of_ours() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    asked = [sys.executable, "-m", "innominate", "sources"]
    try:
        answer = subprocess.run(asked, stdout=writing, stderr=subprocess.PIPE, text=True, check=False, timeout=60)
    finally:
        os.close(writing)
    assert (answer.returncode, answer.stderr) == (0, "")


@pytest.mark.parametrize("command", [("align",), ("ideal-points",), ("blocs",)])
def test_a_table_is_not_written_under_a_name_that_says_something_else(command: tuple[str, ...], tmp_path: Path) -> None:
    with mock.patch.object(Study, "alignment", side_effect=AssertionError("measured")):
        refused(innominate(*command, "--out", str(tmp_path / "x.xlsx")), "x.xlsx", ".parquet or .csv")
    assert not list(tmp_path.iterdir())


def test_the_score_says_what_it_left_out(tmp_path: Path) -> None:
    made = Library.create(tmp_path / "library")
    with mock.patch("innominate.scoreboard.scoreboard", return_value=[]):
        told = innominate("score", "--library", str(made.folder))
        assert told.returncode == 0
        assert "ideal-points: skipped" in told.stderr
        assert "skipped" not in innominate("score", "coverage", "--library", str(made.folder)).stderr


def test_a_fit_says_in_a_line_what_it_is_of(sample_study: Study) -> None:
    told = repr(sample_study.alignment())
    assert told.startswith("AlignmentFit(")
    assert "1990-2025" in told
    assert len(told) < 200


def test_states_stand_for_all_their_pairs() -> None:
    study = Study(Library.sample(), (2000, 2005))
    with mock.patch("innominate.signals.study_signals") as asked:
        study.signals(["Russia", "CHN", "PRK"])
        assert set(asked.call_args.args[1]) == {"CHN-RUS", "PRK-RUS", "CHN-PRK"}
        study.signals(["CHN-RUS"])
        assert tuple(asked.call_args.args[1]) == ("CHN-RUS",)


def test_what_takes_minutes_tells_its_steps_where_no_spinner_is_seen(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("a case", lines=True) as tell:
        tell("testing: [one] claim")
    with progress("quick") as tell:
        tell("not told")
    assert capsys.readouterr().err == "a case: testing: [one] claim\n"
