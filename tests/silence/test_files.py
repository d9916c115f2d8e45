"""Files, folders and encodings: what comes in is read or refused with one clear line."""

from __future__ import annotations

import gzip
import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from innominate.errors import BadFile
from innominate.silence import cleaning, documents, rules

RULES = rules.load()


@pytest.mark.parametrize("name", ["2019-13-01", "2019-02-30", "2019-13", "31 June 2019", "07-08-2019", "2019年13月1日"])
def test_impossible_dates_in_names_are_refused_by_name(tmp_path: Path, name: str) -> None:
    write(tmp_path / "2019-01-01.txt", "Peace.")
    write(tmp_path / f"{name}.txt", "Peace.")
    with pytest.raises(BadFile, match=rf"^{name}\.txt: .*(is no|two days)"):
        documents.read(tmp_path, RULES)


def write(path: Path, content: bytes | str) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.csv", b"date,text\n2024-02-30,hello there\n", "row 2: column date"),
        ("a.csv", b"date,text\n2024-02-03,a,b\n", "3 fields"),
        ("a.csv", b"when,text\n2024-02-03,a\n", "lacks the column 'date'"),
        ("a.csv", b"", "empty"),
        ("a.jsonl", b'{"date": "2024-01-01", "text": "a"}\n{broken\n', "row 2"),
        ("a.csv", b"date,text\n2024-01-01,na\xefve caf\xe9\n", "not UTF-8"),
        ("a.parquet", b"PAR1 and then nothing", "not a readable Parquet"),
        ("a.docx", b"x", "not a .csv"),
        ("a.csv", b"date,text\n2024-01-01,\n", "no dated document"),
        ("a.csv", b'date,text\n\n2024-01-01,"one\ntwo"\n\n2024-02-30,x\n', "row 6: column date"),
        ("a.csv", b'date,text\n2024-01-01,"one\ntwo"\n2024-02-03,a,b\n', "row 4: 3 fields"),
        ("a.csv", b"date,text\n2024-01-01," + b"x" * 70000 + b"\n2024-01-02,a\x00b\n", "row 3: not a text file"),
        ("a.csv", b"date,text,text\n2024-01-01,a,b\n", "row 1: two columns are called 'text'"),
        ("a.jsonl", b'\n{"date": "2024-02-30", "text": "a"}\n', "row 2: column date"),
        ("a.jsonl", b'{"date": "2024", "text": "a"}\n{"date": "2024", "text": 12345}\n', "row 2: column text: '12345'"),
        ("a.jsonl", b'{"date": "2024", "text": "a"}\n{"date": "2024", "text": "a\\ud800"}\n', "row 2: holds half a"),
        ("a.json", b'[{"date": "2024", "text": "a\\ud800"}]', "row 1: holds half a"),
        ("a.jsonl", b'{"date": "2024", "text": "a"}\n' + b"[" * 100_000, "row 2: not a JSON object a line"),
        ("a.json", b"[" * 100_000, "not JSON"),
        (
            "a.csv",
            gzip.compress(b"date,text\n2024-01-01,Peace.\n", mtime=0)[:-9],
            "packed file is damaged or cut short",
        ),
    ],
)
def test_bad_files_are_refused_in_one_line(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    with pytest.raises(BadFile, match=reason) as caught:
        documents.read(write(tmp_path / name, content), RULES)
    assert "\n" not in str(caught.value)


def test_encodings_are_recognised(tmp_path: Path) -> None:
    text = "date,text\n2024-01-01,中国政府的立场是一贯的，我们在这个问题上不会有任何改变，人民的利益高于一切\n"
    for encoding in ("utf-8-sig", "utf-16", "gb18030"):
        read = documents.read(write(tmp_path / "a.csv", text.encode(encoding)), RULES)
        assert read.texts["body"][0].startswith("中国政府")


MIXED = "Стороны подтвердили приверженность миру"


@pytest.mark.parametrize(
    ("name", "content", "language", "reason"),
    [
        ("a.csv", f"date,text\n2024,{MIXED}\n".encode() + b"2025," + MIXED.encode("cp1251") + b"\n", "ru", "row 3: partly UTF-8"),
        ("a.csv", f"date,text\n2024,{MIXED} ".encode() + MIXED.encode("cp1251") + b"\n", "ru", "row 2: partly UTF-8"),
        ("a.csv", "date,text\n2024,The Council’s aim\n2025,a caf".encode() + b"\xe9\n", "en", "row 3: partly UTF-8"),
        ("a.csv", "date,text\n2024,両国の外相は会談し、拉致問題の解決と完全な非核化を改めて確認した。\n".encode("shift_jis"), None, "not UTF-8"),
        ("a.csv", "date,text\n2024,a café\n2025,a caf".encode() + b"\xe9\n", "en", "row 3: partly UTF-8"),
        ("a.csv", "date,text\n2024,두 장관은 논의\n2025,".encode() + "두 장관은".encode("cp949"), "ko", "row 3: partly UTF-8"),
        ("2024-01-01.txt", "The talks were held.".encode("utf-16-le"), None, "UTF-16 without"),
        ("2024-01-01.html", b"<meta charset=idna><p>caf\xe9", None, "unknown encoding 'idna'"),
        ("2024-01-01.html", b"<meta charset=hex><p>caf\xe9", None, "no encoding of text"),
    ],
)  # fmt: skip
def test_mixed_and_unknown_encodings_are_refused(
    tmp_path: Path, name: str, content: bytes, language: str | None, reason: str
) -> None:
    path = write(tmp_path / name, content)
    with pytest.raises(BadFile, match=reason):
        documents.read(path if name == "a.csv" else tmp_path, RULES, language=language)


@pytest.mark.parametrize(
    ("charset", "encoding", "words"),
    [
        ("iso-8859-1", "cp1252", "The Council’s “aim”"),
        ("gb2312", "gbk", "总理朱镕基出席"),
        ("utf-8", "utf-8", "总理朱镕基"),
    ],
)
def test_pages_are_read_by_what_their_charset_means(charset: str, encoding: str, words: str) -> None:
    page = f'<meta charset="{charset}"><p>{words}</p>'.encode(encoding)
    assert cleaning.clean(cleaning.decode(page, "a.html")) == words


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp949", "양측은 한반도의 완전한 비핵화가 공동의 목표라고 강조했다. 정부는 이를 환영했다."),
        ("cp1251", "Стороны подтвердили приверженность миру."),
    ],
)
def test_encodings_that_one_language_has_are_recognised(encoding: str, text: str) -> None:
    assert cleaning.decode(text.encode(encoding), "a.txt") == text


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r", "cp866", "iso8859-5"])
def test_russian_is_read_in_the_encoding_that_makes_words_of_it(encoding: str) -> None:
    text = "Стороны подтвердили приверженность миру и отказу от ядерного оружия."
    assert cleaning.decode(text.encode(encoding), "a.txt", "ru") == text


def test_duplicates_empty_and_undated_documents_are_told(tmp_path: Path) -> None:
    rows = [("2024-01-01", "same text"), ("2024-01-01", "same text"), ("", "no date"), ("2024-01-02", "   ")]
    lines = "".join(json.dumps({"date": day, "text": text}) + "\n" for day, text in rows)
    read = documents.read(write(tmp_path / "a.jsonl", lines), RULES)
    assert read.texts.height == 1
    assert len(read.remarks) == 3


def test_a_missing_number_is_no_text(tmp_path: Path) -> None:
    lines = '{"date": 2023, "text": "Peace."}\n{"date": "2024", "text": NaN}\n{"date": NaN, "text": "Peace."}\n'
    read = documents.read(write(tmp_path / "a.jsonl", lines), RULES)
    assert read.texts["date"].to_list() == [date(2023, 1, 1)]
    assert read.remarks == ("1 document without a date set aside (row 3)", "1 document without text set aside (row 2)")


def test_documents_of_one_day_stand_in_the_order_of_their_time() -> None:
    hours = ["2024-01-01T18:00:00", "2024-01-01 09:30 am", "2024-01-02", "2024-01-01T12:00:00Z"]
    frame = pl.DataFrame({"date": hours, "text": ["evening", "morning", "next day", "noon"]})
    for order in (frame, frame.reverse()):
        read = documents.from_frame(order, RULES)
        assert read.texts["body"].to_list() == ["morning", "noon", "evening", "next day"]
    assert read.texts["date"].dtype == pl.Date


def test_what_is_set_aside_of_a_folder_is_told_by_name(tmp_path: Path) -> None:
    for name, text in (("2024-01-05.txt", "Peace."), ("nodate.txt", "Peace."), ("2024-01-06.txt", " ")):
        write(tmp_path / name, text)
    remarks = documents.read(tmp_path, RULES).remarks
    assert remarks == (
        "1 document without a date set aside (nodate.txt)",
        "1 document without text set aside (2024-01-06.txt)",
    )


def test_a_folder_of_pages(tmp_path: Path) -> None:
    write(tmp_path / "2024-01-05-readout.html", "<html><body><p>Talks were held.</p></body></html>")
    write(tmp_path / "20240112.txt", "Talks were held again.")
    read = documents.read(tmp_path, RULES)
    assert read.texts["date"].to_list() == [date(2024, 1, 5), date(2024, 1, 12)]


def test_packed_files_are_read_as_what_they_hold(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    write(tmp_path / "pages" / "2024-01-05.txt", gzip.compress(b"Peace."))
    write(tmp_path / "a.csv", gzip.compress(b"date,text\n2024-01-05,Peace.\n"))
    for name in ("pages", "a.csv"):
        assert documents.read(tmp_path / name, RULES).texts["body"].to_list() == ["Peace."]


def test_a_document_of_fifty_megabytes_is_refused_at_once() -> None:
    frame = pl.DataFrame({"date": ["2024-01-01"], "text": ["peace and " * 5_000_000]})
    with pytest.raises(BadFile, match="split it"):
        documents.from_frame(frame, RULES)
