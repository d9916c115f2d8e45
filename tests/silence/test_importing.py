"""Dated texts of one's own, into a library."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from innominate.errors import BadFile
from innominate.ledger import Library
from innominate.silence.importing import SOURCE, script
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


@pytest.mark.parametrize(("text", "language"), [("비핵화를 위해", "ko"), ("The talks", "en"), ("123 456", "other")])
def test_the_script_tells_the_language(text: str, language: str) -> None:
    assert script(text) == language
