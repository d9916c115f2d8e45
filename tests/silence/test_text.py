"""Words, pages and dates: what texts are cut into, whatever they come in."""

from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from innominate.errors import InputError
from innominate.silence import cleaning, dating, segmentation
from innominate.silence.redline import redline


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


@pytest.mark.parametrize("text", ["05/03/2024", "13/05/2024", "5-3-2024", "05/03/24", "05/03/2024 10:30"])
def test_a_date_that_may_be_two_days_says_so(text: str) -> None:
    with pytest.raises(ValueError, match=r"which is the day and which the month \(write 2024-03-05"):
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


def test_redline() -> None:
    assert redline("risks are balanced", "risks are roughly balanced") == "risks are {+roughly +}balanced"
    assert redline("gone", None) == "[-gone-]"
    assert "<script>" not in redline("<script>a", "b", markup=True)
