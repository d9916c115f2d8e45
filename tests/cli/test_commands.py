"""The contract of the command line: what it writes, and how it exits."""

from __future__ import annotations

import gzip
import io
import json
import os
import signal
import subprocess
import sys
from contextlib import ExitStack, chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from unittest import mock

import polars as pl
import pytest

from innominate.cli import main
from innominate.cli.terminal import write_json
from innominate.errors import InputError

COLUMNS = ["a", "b", "year", "alignment", "low", "high", "sd", "committed", "unnamed"]


def innominate(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command in this process: what it prints, and the status with which it would exit."""
    out, err, status = io.StringIO(), io.StringIO(), 0
    with ExitStack() as stack:
        stack.enter_context(redirect_stdout(out))
        stack.enter_context(redirect_stderr(err))
        stack.enter_context(mock.patch.object(sys, "argv", ["innominate", *arguments]))
        if cwd is not None:
            stack.enter_context(chdir(cwd))
        try:
            main()
        except SystemExit as left:
            status = left.code if isinstance(left.code, int) else int(left.code is not None)
    return subprocess.CompletedProcess(arguments, status, out.getvalue(), err.getvalue())


def innominate_as_process(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command as a person would."""
    return subprocess.run(
        [sys.executable, "-c", "from innominate.cli import main; main()", *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        check=False,
        timeout=300,
    )


def refused(answer: subprocess.CompletedProcess[str], *words: str) -> None:
    """Exit status 2, one line on stderr that says all of `words`, no traceback."""
    assert answer.returncode == 2, answer.stderr
    assert "Traceback" not in answer.stderr
    lines = [line for line in answer.stderr.splitlines() if line.startswith("innominate: ")]
    assert len(lines) == 1, answer.stderr
    for word in words:
        assert word in lines[0]


@pytest.fixture(scope="module")
def aligned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("align") / "alignment.parquet"
    answer = innominate("align", "--years", "2000:2012", "--out", str(out))
    assert answer.returncode == 0, answer.stderr
    return out


def test_align_writes_the_columns_of_the_contract(aligned: Path) -> None:
    table = pl.read_parquet(aligned)
    assert table.columns == COLUMNS
    assert (table["a"] < table["b"]).all()
    assert table.select(pl.struct("a", "b", "year").is_unique().all()).item()
    assert ((table["low"] < table["alignment"]) & (table["alignment"] < table["high"])).all()
    assert table.filter(pl.col("committed"))["unnamed"].is_null().all()
    assert table["year"].min() == 2000
    assert table["year"].max() == 2012


def test_the_scale_is_what_its_label_says(aligned: Path) -> None:
    table = pl.read_parquet(aligned)
    assert table["alignment"].median() == pytest.approx(0.0, abs=1e-6)
    nato = (
        "BEL",
        "CAN",
        "DNK",
        "FRA",
        "GBR",
        "ISL",
        "ITA",
        "LUX",
        "NLD",
        "NOR",
        "PRT",
        "USA",
        "GRC",
        "TUR",
        "DEU",
        "ESP",
    )
    old = table.filter(pl.col("a").is_in(nato) & pl.col("b").is_in(nato))
    assert old["alignment"].median() == pytest.approx(1.0, abs=0.35)


def test_why_sums_to_the_alignment_and_names_its_rows(tmp_path: Path) -> None:
    target = tmp_path / "why.json"
    answer = innominate("why", "china", "RUS", "2010", "--years", "2000:2012", "--json", str(target))
    assert answer.returncode == 0, answer.stderr
    assert "in 2010 " in answer.stdout
    assert " looked" in answer.stdout
    told = json.loads(target.read_text())
    assert sum(item["contribution"] for item in told["contributions"]) == pytest.approx(told["alignment"], abs=1e-9)
    assert {told["a"], told["b"]} == {"CHN", "RUS"}
    votes = [item for item in told["contributions"] if item["channel"] == "votes"]
    assert votes
    assert all(item["rows"][0]["file"] for item in votes)


def test_the_same_input_gives_the_same_bytes(aligned: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.parquet"
    assert innominate_as_process("align", "--years", "2000:2012", "--out", str(again)).returncode == 0
    assert again.read_bytes() == aligned.read_bytes()


def test_unnamed_lists_pairs_without_a_commitment(tmp_path: Path) -> None:
    target = tmp_path / "unnamed.json"
    answer = innominate("unnamed", "2023", "--json", str(target))
    assert answer.returncode == 0
    told = json.loads(target.read_text())
    sure = sum(row["unnamed"] >= 0.9 for row in told)
    assert (
        f"{len(told):,} pairs with a probability of 50% or more, {sure:,} of them with a probability of 90%"
        in answer.stdout
    )
    assert "The library measures" in answer.stdout
    assert told
    assert all(row["committed"] is False and row["unnamed"] >= 0.5 for row in told)
    assert [row["unnamed"] for row in told] == sorted((row["unnamed"] for row in told), reverse=True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("align", "--years", "2010", "--out", "x.parquet"), ("--years", "1990:2025")),
        (("align", "--years", "2010:2012", "--drop", "vots", "--out", "x.parquet"), ("vots", "votes")),
        (("align", "--resolution", "week", "--out", "x.parquet"), ("week", "quarter")),
        (("align", "--library", "nowhere", "--out", "x.parquet"), ("nowhere", "no library")),
        (("why", "Rusia", "CHN", "2010"), ("Rusia", "RUS")),
        (("why", "RUS", "CHN", "1890"), ("1890",)),
        (("why", "RUS", "Russia", "2010"), ("two different states",)),
        (("import", "unga", "x.csv", "--library", "new"), ("unga", "unga-votes")),
        (("import", "--library", "new"), ("--detect",)),
        (("import", "--detect", "nofolder", "--library", "new"), ("nofolder",)),
        (("run", "no-such-case"), ("no-such-case",)),
        (("align", "--years", "²000:2010", "--out", "x.parquet"), ("--years",)),
        (("simulate", "--last", "1000", "--out", "x.parquet"), ("last year 1000", "2100")),
        (("simulate", "--last", "2300", "--out", "x.parquet"), ("last year 2300", "2100")),
        (("run", "--out", "file"), ("file", "is no folder")),
        (("run", "--out", "file/below"), ("file/below", "cannot be written", "file is no folder")),
        (("blocs", "--blocs", "²", "--out", "x.parquet"), ("--blocs",)),
        (("import", "treaties", "--library", "file/below"), ("file/below", "cannot be written")),
        (("import", "acts-csv", "nofile.csv", "--library", "new"), ("nofile.csv", "no such file")),
        (("import", "--detect", "empty", "--library", "new"), ("empty", "nothing here")),
        (("import", "--detect", "bad", "--library", "new"), ("bad", "refused", "row 2")),
    ],
)
def test_bad_arguments_are_one_clear_line(arguments: tuple[str, ...], words: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "acts.csv").write_text("source,target,date,channel\nCHN,Atlantis,2020,visits\n")
    refused(innominate(*arguments, cwd=tmp_path), *words)
    assert not (tmp_path / "x.parquet").exists()
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("align",), "innominate align: Missing option '--out'"),
        (("align", "--out"), "innominate align: Option '--out' requires an argument"),
        (("why", "USA", "CHN", "soon"), "innominate why: Invalid value for 'year'"),
        (("why", "USA"), "innominate why: Missing argument"),
        (("align", "--nothing"), "innominate align: No such option"),
        (("nothing",), "innominate: No such command"),
        (("unnamed", "2020", "--least", "7"), "innominate unnamed: Invalid value for '--least'"),
    ],
)
def test_wrong_use_is_one_line_that_names_the_command(arguments: tuple[str, ...], line: str) -> None:
    answer = innominate(*arguments)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr.startswith(line)
    assert answer.stderr.count("\n") == 1


def test_names_are_shown_as_they_stand_and_stderr_stays_silent(tmp_path: Path) -> None:
    folder = tmp_path / "[x] in" / "[" / "x]"
    folder.mkdir(parents=True)
    for name in ("[bold]a.csv", "b.csv", "b[.csv"):
        (folder / name).write_text(f"source,target,date,channel\nCHN,RUS,{2000 + len(name)},visits\n")
    (folder / "c.csv").write_text("source,target,date,channel\nCHN,RUS,2000,[/bold]\n")
    (folder.parent / "red].txt").write_text("nothing")
    answer = innominate("import", "--detect", "[x] in", "--library", "library", cwd=tmp_path)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert all(name in answer.stdout for name in ("[/x]/[bold]a.csv", "[/red].txt", "no channel '[/bold]'"))
    assert "acts-csv/[bold]a" in innominate("status", "--library", "library", cwd=tmp_path).stdout


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"source,target,date\nCHN,RUS,2000\n", "lacks the column channel"),
        (b"source;target;channel;date\nCHN;RUS;visits;2000\n", "not separated by commas"),
        (b"# comment\nchannel\n", "lacks the columns source, target, date (or start)"),
        (b"", "the file is empty"),
        ("source,target,channel,date\n".encode("utf-16"), "UTF-16 text"),
        (gzip.compress(b"source,target,channel,date\n", mtime=0)[:-12], "cut short"),
        (b"PAR1 and no more", "not a readable Parquet file"),
    ],
)
def test_a_file_that_is_not_recognised_is_refused_with_the_reason(content: bytes, reason: str, tmp_path: Path) -> None:
    (tmp_path / "acts.csv").write_bytes(content)
    refused(innominate("import", "acts-csv", "acts.csv", "--library", "new", cwd=tmp_path), "acts.csv", reason)
    pl.DataFrame({"a": [1]}).write_parquet(tmp_path / "acts.csv")
    refused(innominate("import", "acts-csv", "acts.csv", "--library", "new", cwd=tmp_path), "it is a Parquet file")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("channel", "remark"), [("verbal-conflict", "conflict-share"), ("aid", "not measured"), ("votes", "")]
)
def test_a_remark_says_when_leaving_a_channel_out_changes_nothing(channel: str, remark: str, tmp_path: Path) -> None:
    answer = innominate("align", "--drop", channel, "--library", "nowhere", "--out", "x", cwd=tmp_path)
    refused(answer, "nowhere")
    assert ("changes nothing" in answer.stderr) == bool(remark)
    assert remark in answer.stderr


def test_a_failed_download_is_one_line_with_its_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*given: object) -> None:
        raise InputError("no network here")

    monkeypatch.setattr("innominate.sources.download.fetch", fail)
    answer = innominate("fetch", "unga-votes", "dcad", "--library", "new", cwd=tmp_path)
    refused(answer, "2 of 2", "unga-votes (no network here)", "dcad (no network here)")
    assert answer.stderr.count("\n") == 1
    assert not (tmp_path / "new").exists()


def test_a_bad_file_is_named_with_its_row_and_nothing_is_stored(tmp_path: Path) -> None:
    bad = tmp_path / "acts.csv"
    bad.write_text("source,target,date,channel,value\nCHN,RUS,2020-01-05,visits,1\nCHN,Atlantis,2020-02-05,visits,1\n")
    answer = innominate_as_process("import", "acts-csv", str(bad), "--library", str(tmp_path / "library"))
    refused(answer, "acts.csv", "row 3", "Atlantis")
    assert not (tmp_path / "library").exists()


def test_help_teaches_every_command() -> None:
    for command in ("", "run", "align", "why", "unnamed", "import", "fetch", "status", "sources", "sample"):
        answer = innominate(*command.split(), "--help")
        assert answer.returncode == 0
        assert len(answer.stdout) > 200


def test_an_interrupted_import_leaves_no_library_behind_half_done(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", "from innominate.cli import main; main()", "import", "treaties", "--library", "library"],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert innominate_as_process("import", "treaties", "--library", "library", cwd=tmp_path).returncode == 0


def test_importing_the_package_is_quick_and_light() -> None:
    code = "import sys, innominate; print(sorted({'polars', 'numba', 'scipy', 'altair', 'duckdb'} & set(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_brackets_of_a_text_are_no_markup(tmp_path: Path) -> None:
    lines = []
    for month in range(36):
        topics = " and ".join(("trade", "water", "energy", "health", "music")[month % 5 : month % 3 + 3])
        formula = "They reaffirmed the complete [/b] denuclearisation of the peninsula." if month < 24 else ""
        day = f"{2021 + month // 12}-{month % 12 + 1:02d}-05"
        lines += [
            json.dumps({"date": day, "text": f"The ministers spoke of {topics}. {formula}", "series": series}) + "\n"
            for series in ("[/b]x", "y")
        ]
    path = tmp_path / "[b]own.jsonl"
    path.write_text("".join([*lines, json.dumps({"date": "", "text": "x", "series": "[/b]x"})]))
    files = ("--json", str(tmp_path / "found.json"), "--out", str(tmp_path / "found.csv"))
    answer = innominate("silence", str(path), "--series", "series", *files)
    assert answer.returncode == 0, answer.stderr
    told = [(row["series"], row["phrase"]) for row in json.loads((tmp_path / "found.json").read_text())]
    assert list(pl.read_csv(tmp_path / "found.csv").select("series", "phrase").iter_rows()) == told
    assert "[/b]x" in answer.stdout
    assert any("[/b]" in row["phrase"] for row in json.loads((tmp_path / "found.json").read_text()))
    (tmp_path / "[").mkdir()
    library = str(tmp_path / "[" / "b]library")
    assert "[b]own.jsonl" in innominate("import", "texts", str(path), "--library", library).stdout
    assert innominate("status", "--library", library).returncode == 0


@pytest.mark.parametrize("arguments", [("--json", "."), ("--json", "FOLDER"), ("--out", "."), ("--out", "x.txt")])
def test_what_no_answer_can_be_written_to_is_told_first(arguments: tuple[str, str], tmp_path: Path) -> None:
    option, name = arguments
    answer = innominate("silence", "no-such-file.csv", option, str(tmp_path) if name == "FOLDER" else name)
    assert answer.returncode == 2
    assert "no-such-file" not in answer.stderr
    assert "name a file" in answer.stderr or "ends in" in answer.stderr


def test_a_folder_in_the_place_of_a_file_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "answer").mkdir()
    with pytest.raises(InputError, match="cannot be written"):
        write_json(tmp_path / "answer", {})
    assert [path.name for path in tmp_path.iterdir()] == ["answer"]
