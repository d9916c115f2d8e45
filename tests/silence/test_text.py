"""Cleaning, dates, tokens, rules, files: what comes in is read or refused with one clear line."""

from __future__ import annotations

import json
import time
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from innominate.errors import BadFile, InputError
from innominate.silence import cleaning, dating, documents, rules, segmentation
from innominate.silence.redline import redline

RULES = rules.load()


def stems(text: str, language: segmentation.Language | None = None) -> list[str]:
    tokens = segmentation.tokenise([text], language)
    return [tokens.stems[s] for s in tokens.stem]


def test_english_inflections_share_a_stem() -> None:
    assert len(set(stems("increase increases increased increasing"))) == 1
    assert stems("The Committee's policies") == ["the", "committe", "polici"]


def test_sentences_do_not_end_at_initials_numbers_and_abbreviations() -> None:
    tokens = segmentation.tokenise(["Ben S. Bernanke saw U.S. growth of 2.5 percent. It was weak."])
    assert len(set(tokens.sentence.tolist())) == 2


def test_chinese_words_come_from_the_dictionary() -> None:
    assert stems("推动半岛无核化进程，维护和平稳定。")[:2] == ["推动", "半岛"]
    assert (
        segmentation.tokenise(["甲乙。丙丁"]).sentence.tolist()[0] != segmentation.tokenise(["甲乙。丙丁"]).sentence[-1]
    )


def test_apostrophes_and_ligatures_make_no_other_words() -> None:
    assert stems("It doesn't") == stems("It doesn’t") == stems("It doesnʼt")
    assert (
        cleaning.clean("e\ufb00ective \ufb01nance, a\ufb03liates, con\ufb02ict")
        == "effective finance, affiliates, conflict"
    )


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("双方重申推动实现半岛无\n核化，维护和平稳定是各\n方共同责任。\n双方同意。",
         "双方重申推动实现半岛无核化，维护和平稳定是各方共同责任。\n双方同意。"),
        ("工作回顾\n双方重申推动实现半岛无\n核化。", "工作回顾\n双方重申推动实现半岛无核化。"),
        ("坚持和平\n坚持发展\n坚持合作", "坚持和平\n坚持发展\n坚持合作"),
        ("坚持走和平发展道路不动摇\n一、坚持互利共赢合作开放", "坚持走和平发展道路不动摇\n一、坚持互利共赢合作开放"),
        ("双方重申推动实现半岛无\n\n核化", "双方重申推动实现半岛无\n\n核化"),
        ("双方重申推动实现半岛无\n 核化", "双方重申推动实现半岛无\n 核化"),
    ],
)  # fmt: skip
def test_chinese_lines_cut_at_a_width_are_joined(text: str, joined: str) -> None:
    assert cleaning.clean(text) == joined


def test_korean_and_russian_lose_their_endings() -> None:
    assert stems("비핵화를")[0] == stems("비핵화는")[0] == "비핵화"
    assert stems("денуклеаризации полуострова") == ["денуклеаризация", "полуостров"]


def test_a_missing_library_is_asked_for_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segmentation, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"pip install innominate\[korean\]"):
        segmentation.require_library("ko")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=80), min_size=1, max_size=4))
def test_every_token_lies_in_its_document(texts: list[str]) -> None:
    cleaned = [cleaning.clean(text) for text in texts]
    tokens = segmentation.tokenise(cleaned, "other")
    corpus = "\n".join(cleaned) + "\n"
    for i in range(len(tokens.start)):
        piece = corpus[tokens.start[i] : tokens.start[i] + tokens.length[i]]
        assert piece
        assert not piece.isspace()
        assert tokens.bounds[tokens.document[i]] <= tokens.start[i] < tokens.bounds[tokens.document[i] + 1]


def test_html_is_read_and_never_run() -> None:
    page = (
        "<html><head><title>t</title><script>evil()</script></head><body><p>One &amp; two.</p>"
        "<style>x{}</style><div onclick='evil()'>Three.</div><script>document.write('four')</script></body></html>"
    )
    assert cleaning.clean(page) == "One & two.\n\nThree."


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("<p>Menu.</p><button>Share<p>Peace matters.</p>", "Menu.\n\nShare\n\nPeace matters."),
        ("<p>Menu.</p><button>Share<p>Peace.</p><button>Go</button>", "Menu.\n\nShare\n\nPeace."),
        ("<p>Peace.</p><select><option>Mars</select><svg><svg>x</svg></svg><p>Law.</p>", "Peace.\n\nLaw."),
        ("<p>Peace.</p><svg/><p>Law.</p><svg>x</svg>", "Peace.\n\nLaw."),
        ("<script src='x'/>evil()</script><p>Peace.</p>", "Peace."),
        ("<script src='x'/><p>Peace.</p><script>evil()</script>", "Peace."),
        ("<script>a('<p>no</p>')</script ><p title='a>b'>Peace.</p>", "Peace."),
        ("<p>Peace.</p><![\n<p>Law.</p>", "Peace.\n\nLaw."),
        ("<p>Peace.</p><![foo bar]><p>Law.</p>", "Peace.\n\nLaw."),
        ("<p>Peace.</p><!-- <p>no</p> --><p>Law<!-- that stands.</p>", "Peace.\n\nLaw that stands."),
        ("<p data-x=don't>Peace isn't 2 < 3 &amp; 4</p>", "Peace isn't 2 < 3 & 4"),
        ('<p class="x>Peace.</p><p>Law.</p>', "Peace.\n\nLaw."),
    ],
)  # fmt: skip
def test_broken_pages_lose_no_words_and_tell_no_code(page: str, words: str) -> None:
    assert cleaning.clean(page) == words


@pytest.mark.parametrize(
    "piece", ["<a ", "<!-- ", "</a ", "<![CDATA[", 'a="', "<a b='>' ", "<button>", "<script/>", "<svg>"]
)
@pytest.mark.parametrize("end", ["", ">"])
def test_unclosed_mark_up_takes_time_in_proportion_to_the_page(piece: str, end: str) -> None:
    start = time.perf_counter()
    cleaning.clean("<p " + piece * 50_000 + end)
    cleaning.clean("<p>" + piece * 50_000 + end)
    assert time.perf_counter() - start < 4


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["<", ">", "<p>", "</p>", "<!--", "-->", "<![", "<script", "</script>", "/", '="', "'", "a", " "]
        ),
        max_size=14,
    )
)
def test_any_page_is_read(pieces: list[str]) -> None:
    cleaning.clean("<p>" + "".join(pieces))


def test_wide_and_right_to_left_text_and_invisible_marks() -> None:
    assert cleaning.clean("ＡＰＥＣ\u3000２０２５\u200b年") == "APEC 2025年"
    arabic = "نزع السلاح النووي من شبه الجزيرة الكورية."
    assert cleaning.clean("\u202b" + arabic + "\u202c") == arabic
    assert len(stems(arabic)) == 7


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024-03-05", date(2024, 3, 5)),
        ("20240305", date(2024, 3, 5)),
        ("2024年3月5日", date(2024, 3, 5)),
        ("5 March 2024", date(2024, 3, 5)),
        ("March 5, 2024", date(2024, 3, 5)),
        ("2024", date(2024, 1, 1)),
        ("2024-03-05T10:00:00Z", date(2024, 3, 5)),
        ("2024-03-05 10:00:00.000+09:00", date(2024, 3, 5)),
        ("5 March 2024, 10:30 a.m.", date(2024, 3, 5)),
        ("2024年3月5日 10:00", date(2024, 3, 5)),
        ("20240305T101500", date(2024, 3, 5)),
        ("1990.0", date(1990, 1, 1)),
        (1990.0, date(1990, 1, 1)),
        (float("nan"), None),
        ("", None),
    ],
)
def test_dates(text: object, day: date | None) -> None:
    assert dating.parse(text) == day


@pytest.mark.parametrize(
    "text",
    ["2023-02-30", "31.04.2020", "yesterday", "99999999", "March 45, 2024", "2020-01-01 banana", "2020-01-02T99:99",
     "2020-01-02 13:00 pm", "2020-01-02 10", "1990.5"],
)  # fmt: skip
def test_impossible_dates_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no"):
        dating.parse(text)


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("2019-3-5", date(2019, 3, 5)),
        ("2019-04", date(2019, 4, 1)),
        ("2019-4", date(2019, 4, 1)),
        ("2019年5月6日", date(2019, 5, 6)),
        ("2019年5月", date(2019, 5, 1)),
        ("6 June 2019", date(2019, 6, 6)),
        ("speech-June-6th-2019", date(2019, 6, 6)),
        ("2019_jun_06", date(2019, 6, 6)),
        ("2019Jun06", date(2019, 6, 6)),
        ("6jun2019", date(2019, 6, 6)),
        ("decade 2019", date(2019, 1, 1)),
        ("statement june 2019", date(2019, 6, 1)),
        ("07.07.2019", date(2019, 7, 7)),
        ("20190809T101500", date(2019, 8, 9)),
        ("20190910120000", date(2019, 9, 10)),
        ("t20190910_1234567", date(2019, 9, 10)),
        ("2019_10_11", date(2019, 10, 11)),
        ("speech_2019", date(2019, 1, 1)),
        ("speech_2019_2", date(2019, 1, 1)),
        ("report 2019-20", date(2019, 1, 1)),
        ("2019-2020", date(2019, 1, 1)),
        ("20345678", None),
        ("nodate", None),
    ],
)
def test_dates_in_names(name: str, day: date | None) -> None:
    assert dating.in_name(name) == day


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


def test_a_document_of_fifty_megabytes_is_refused_at_once() -> None:
    frame = pl.DataFrame({"date": ["2024-01-01"], "text": ["peace and " * 5_000_000]})
    with pytest.raises(BadFile, match="split it"):
        documents.from_frame(frame, RULES)


def test_kinds_and_passages() -> None:
    assert RULES.kind_of("习近平同韩国总统通电话", "") == "phone call"
    assert RULES.kind_of("习近平同金正恩举行会谈", "") == "talks"
    assert RULES.kind_of("习近平就国庆向最高领导人致贺电", "") == "telegram"
    body = "Rates stay for an extended period. Voting against the action were: A. Fisher, who preferred an extended period."
    own = RULES.own_words(body)
    assert len(own) == len(body)
    assert own.count("extended period") == 1
    asked = "问：是否支持无核化？\n答：中方立场没有变化。"
    assert "无核化" not in RULES.own_words(asked)
    assert "立场没有变化" in RULES.own_words(asked)


@pytest.mark.parametrize(
    "body",
    [
        "We call for immediate and unconditional release of all hostages.",
        "For release of the hostages we thank Qatar.\nThe rest follows.",
        "Some of you who strongly voted against it are there cheering. And I like it.",
        "Many of us have been voting for as long as we were able. More is to come.",
        "In dissent from the view of some, we hold the treaty valid.",
        "In a related action, the Board of Trade was heard.",
        "The vitamin question.\nQuality matters. A. Smith agreed.",
    ],
)
def test_ordinary_prose_is_not_set_apart(body: str) -> None:
    assert RULES.own_words(body) == body


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ("FOR IMMEDIATE RELEASE\nMarch 3\nPeace matters.", "March 3 Peace matters."),
        ("For immediate release: 3 March 2024\nPeace matters.", "Peace matters."),
        ("For release at 2 p.m. EST\nRates stay.", "Rates stay."),
        ("Rates stay. Voting for the action were: A. Fisher, who agreed; B. Bee. More.", "Rates stay."),
        ("Rates stay. Governor Smith dissented from this. They rise.", "Rates stay. They rise."),
        ("Q: What about Korea?\nMao Ning: China supports it.", "Mao Ning: China supports it."),
        ("QUESTION: What about Korea?\n\nMR. PATEL: We support it.", "MR. PATEL: We support it."),
        ("Q. Do you support it? A. Yes, we do. Q. And Iran? A. Too.", "A. Yes, we do. A. Too."),
        ("问：有何评论？\n答\n：中方支持。\n问：还有呢？\n中方反对。\n问：何时？\n外交部发言人 毛宁：明天。",
         "答 ：中方支持。 中方反对。 外交部发言人 毛宁：明天。"),
        ("Q: One, please.\n\nWe stand by it.\nQ: Two?\nQ: Three?\nA: Both.", "We stand by it. A: Both."),
    ],
)  # fmt: skip
def test_headers_votes_and_questions_are_set_apart_and_no_more(body: str, kept: str) -> None:
    own, whole = RULES.split(body)
    assert len(own) == len(body)
    assert (" ".join(own.split()), whole) == (kept, False)


def test_a_document_of_which_nothing_would_be_left_is_kept_whole_and_told() -> None:
    asked = "Q: What about Korea, please"
    assert RULES.split(asked) == (asked, True)
    read = documents.from_frame(pl.DataFrame({"date": ["2024", "2025"], "text": [asked, "Peace."]}), RULES)
    assert read.texts["own"].to_list() == [asked, "Peace."]
    assert [remark for remark in read.remarks if "kept whole" in remark and "row 1" in remark]


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Statement by the President on the talks", "statement"),
        ("Joint Statement of the Leaders", "joint statement"),
        ("Talks between Xi and Kim", "talks"),
        ("Meeting with the King of Jordan", "meeting"),
        ("Telephone conversation with Vladimir Putin", "phone call"),
        ("Congratulatory message to Kim", "telegram"),
        ("Remarks by the Secretary", "speech"),
        ("Annual Report 2020", "report"),
        ("Minutes of the meeting", "report"),
        ("Press conference of the Governor", "press conference"),
        ("Courtesy call on the Prime Minister", "courtesy meeting"),
        ("王毅礼节性会见韩国总统", "courtesy meeting"),
        ("Spokesperson answers a media question", "press conference answer"),
        ("外交部发言人就半岛局势答记者问", "press conference answer"),
        ("Переговоры с Ким Чен Ыном", "talks"),
        ("Заявление МИД", "statement"),
        ("Доклад", "report"),
        ("국제통화기금", None),
    ],
)
def test_kinds_of_capitalised_titles(title: str, kind: str | None) -> None:
    assert RULES.kind_of(title, "") == kind


def test_an_edited_rules_file_is_read_again(tmp_path: Path) -> None:
    for kind in ("toast", "salute"):
        path = write(tmp_path / "rules.yaml", f"kinds:\n  - kind: {kind}\n    title: 会谈\n")
        assert rules.load(path).kind_of("举行会谈", "") == kind


@pytest.mark.parametrize("line", ["Q: what about it?\nA: we answer\n", "Q: what about it?\n", "Q: no more\n", "Ab "])
def test_passages_take_time_in_proportion_to_the_text(line: str) -> None:
    def seconds(times: int) -> float:
        start = time.perf_counter()
        RULES.own_words(line * times)
        return time.perf_counter() - start

    seconds(100)
    assert min(seconds(8000) for _ in range(2)) < 30 * min(seconds(800) for _ in range(2)) + 0.05


def test_own_rules_come_first(tmp_path: Path) -> None:
    path = write(tmp_path / "rules.yaml", "kinds:\n  - kind: toast\n    title: 会谈\n")
    assert rules.load(str(path)).kind_of("举行会谈", "") == "toast"
    with pytest.raises(BadFile, match="regular expression"):
        rules.load(str(write(tmp_path / "bad.yaml", "kinds:\n  - kind: toast\n    title: '('\n")))


def test_redline() -> None:
    assert redline("risks are balanced", "risks are roughly balanced") == "risks are {+roughly +}balanced"
    assert redline("gone", None) == "[-gone-]"
    assert "<script>" not in redline("<script>a", "b", markup=True)
