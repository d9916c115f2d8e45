"""Dated texts of one's own, into a library."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from innominate.errors import BadFile
from innominate.ledger import Library
from innominate.silence.importing import SOURCE, script
from innominate.silence.importing import read_table as documents_of
from innominate.sources.importing import import_file, import_pages

ROWS = [
    {"date": "2024-01-05", "text": "中方坚持实现半岛无核化。", "title": "习近平同金正恩举行会谈", "series": "xi", "about": "CHN PRK"},
    {"date": "2024-02-05", "text": "Стороны провели переговоры.", "series": "mid", "author": "X"},
    {"date": "", "text": "no date"},
    {"date": "2024-02-05", "text": "Стороны провели переговоры.", "series": "mid"},
]  # fmt: skip


def test_lines_become_texts_and_what_is_refused_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "own.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS), encoding="utf-8")
    library = Library.create(tmp_path / "library")
    outcome = import_file(library, path, SOURCE)
    assert outcome.entry is not None
    assert (outcome.entry.rows, outcome.entry.kept, outcome.entry.refused) == (4, 2, 2)
    table = library.query("select series, language, kind, about, issuer from texts order by date")
    assert table["language"].to_list() == ["zh", "ru"]
    assert table["kind"][0] == "talks"
    assert table["about"].to_list() == [["CHN", "PRK"], []]
    assert table["issuer"].to_list() == ["own", "X"]
    assert import_file(library, path, SOURCE).verdict == "unchanged"
    assert library.query("select count(*) as n from texts")["n"][0] == 2


def test_a_folder_of_pages_is_one_import(tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    (folder / "readouts").mkdir(parents=True)
    page = "<html><body><p>Talks were held.</p><script>evil()</script></body></html>"
    (folder / "readouts" / "2024-01-05.html").write_text(page, encoding="utf-8")
    (folder / "20240112.txt").write_text("Talks again.", encoding="utf-8")
    library = Library.create(tmp_path / "library")
    assert import_pages(library, folder, SOURCE).verdict == "stored"
    table = library.query("select series, body, file, row from texts order by date")
    assert table["series"].to_list() == ["readouts", "pages"]
    assert table["body"][0] == "Talks were held."
    assert import_pages(library, folder, SOURCE).verdict == "unchanged"
    (folder / "20240119.txt").write_text("And again.", encoding="utf-8")
    assert import_pages(library, folder, SOURCE).verdict == "replaced"


def test_an_impossible_date_leaves_the_library_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("date,text\n2024-01-05,Talks.\n2024-02-30,Talks.\n", encoding="utf-8")
    library = Library.create(tmp_path / "library")
    with pytest.raises(BadFile, match="row 3"):
        import_file(library, path, SOURCE)
    assert library.datasets() == []


@pytest.mark.parametrize("column", ["series", "author"])
def test_a_joint_statement_of_two_issuers_is_two_documents(tmp_path: Path, column: str) -> None:
    path = tmp_path / "own.csv"
    path.write_text(f"date,{column},text\n2024-01-05,CHN,Peace.\n2024-01-05,RUS,Peace.\n2024-01-05,RUS,Peace.\n")
    library = Library.create(tmp_path / "library")
    outcome = import_file(library, path, SOURCE)
    assert outcome.entry is not None
    assert (outcome.entry.kept, outcome.entry.refused) == (2, 1)
    assert library.query("select count(distinct doc_id) as n from texts")["n"][0] == 2


def test_a_file_of_the_same_name_elsewhere_is_kept_beside_the_first(tmp_path: Path) -> None:
    library = Library.create(tmp_path / "library")
    for state, text in (("china", "Peace."), ("russia", "Trade.")):
        (tmp_path / state / "texts").mkdir(parents=True)
        (tmp_path / state / "texts" / "2024-01-05.txt").write_text(text)
        assert import_pages(library, tmp_path / state / "texts", SOURCE).verdict == "stored"
    names = library.query("select file, series from texts order by file").rows()
    assert names == [("china/texts", "texts"), ("russia/texts", "russia/texts")]
    for name, line in (("a.csv", "date,text\n2024-01-05,Talks.\n"), ("a.jsonl", '{"date": "2024", "text": "Calls."}')):
        (tmp_path / name).write_text(line)
        assert import_file(library, tmp_path / name, SOURCE).verdict == "stored"
    (tmp_path / "a.csv").write_text("date,text\n2024-01-06,Talks corrected.\n")
    assert import_file(library, tmp_path / "a.csv", SOURCE).verdict == "replaced"
    held = library.query("select body from texts order by body")["body"].to_list()
    assert held == ["Calls.", "Peace.", "Talks corrected.", "Trade."]


def test_folders_below_two_of_one_name_are_series_apart(tmp_path: Path) -> None:
    library = Library.create(tmp_path / "library")
    for state, text in (("china", "Peace."), ("russia", "Trade.")):
        (tmp_path / state / "texts" / "talks").mkdir(parents=True)
        for name in ("2024-01-05.txt", "talks/2024-01-06.txt"):
            (tmp_path / state / "texts" / name).write_text(text)
    reasons = [import_pages(library, tmp_path / state / "texts", SOURCE).reason for state in ("china", "russia")]
    first = (tmp_path / "china" / "texts").resolve()
    kept = f"kept as texts/russia/texts: texts/texts is {first}; put what is corrected there to replace it"
    assert reasons == ["", kept]
    held = library.query("select series from texts order by series")["series"].to_list()
    assert held == ["russia/texts", "russia/texts/talks", "talks", "texts"]


def test_a_folder_is_named_from_within_it_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "speeches").mkdir()
    (tmp_path / "speeches" / "2024-01-05.txt").write_text("Peace.")
    monkeypatch.chdir(tmp_path / "speeches")
    library = Library.create(tmp_path / "library")
    assert import_pages(library, Path(), SOURCE).verdict == "stored"
    assert library.query("select distinct series from texts")["series"].to_list() == ["speeches"]


@pytest.mark.parametrize("changed", [False, True])
@pytest.mark.parametrize(("version", "marked"), [(1, False), (2, True)])
def test_a_newer_adapter_replaces_what_the_older_one_read_of_a_file(
    tmp_path: Path, version: int, marked: bool, changed: bool
) -> None:
    path = tmp_path / "own.csv"
    path.write_text("date,text\n2024-01-05,Talks.\n")
    library = Library.create(tmp_path / "library")
    mark = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:8]
    older = replace(documents_of(path), part=f"own-{mark}" if marked else "own")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    library.store(older, file="own.csv", sha256=digest, size=1, form="texts/table", adapter_version=version)
    if changed:
        path.write_text("date,text\n2024-01-06,Talks.\n")
    assert import_file(library, path, SOURCE).verdict == "replaced"
    assert library.query("select count(*) as n, min(series) as series from texts").row(0) == (1, "own")
    assert import_file(library, path, SOURCE).verdict == "unchanged"


def test_a_file_that_moved_is_not_taken_twice_by_a_newer_adapter(tmp_path: Path) -> None:
    library = Library.create(tmp_path / "library")
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "own.csv").write_text("date,text\n2024-01-05,Talks.\n")
    before = replace(SOURCE, adapter_version=SOURCE.adapter_version - 1)
    assert import_file(library, tmp_path / "old" / "own.csv", before).verdict == "stored"
    assert import_file(library, tmp_path / "new" / "own.csv", SOURCE).verdict == "replaced"
    assert library.query("select series from texts")["series"].to_list() == ["own"]
    part = library.held("texts", "own")
    assert part is not None
    assert part.place == str((tmp_path / "new" / "own.csv").resolve())


@pytest.mark.parametrize(("text", "language"), [("비핵화를 위해", "ko"), ("The talks", "en"), ("123 456", "other")])
def test_the_script_tells_the_language(text: str, language: str) -> None:
    assert script(text) == language
