"""Kinds of documents, and passages that are not the issuer's own statement."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from innominate.errors import BadFile
from innominate.silence import documents, rules

RULES = rules.load()


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
        path = tmp_path / "rules.yaml"
        path.write_text(f"kinds:\n  - kind: {kind}\n    title: 会谈\n")
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
    path = tmp_path / "rules.yaml"
    path.write_text("kinds:\n  - kind: toast\n    title: 会谈\n")
    assert rules.load(str(path)).kind_of("举行会谈", "") == "toast"
    path.write_text("kinds:\n  - kind: toast\n    title: '('\n")
    with pytest.raises(BadFile, match="regular expression"):
        rules.load(path)


def test_words_that_a_rule_needs_save_a_search_and_change_nothing(tmp_path: Path) -> None:
    texts = [
        "We agree. Governor Smith dissented. We close.", "In dissent, Ms. Doe wrote. All else stands.", "FOR IMMEDIATE RELEASE\nWe agree.",
        "For media inquiries, call us.\nWe agree.", "Assent was given. We agree.", "For Release at 2 p.m.\nWe agree.",
    ]  # fmt: skip
    always = rules.Rules((), tuple(replace(rule, needs=()) for rule in RULES.passages))
    assert [RULES.own_words(text) for text in texts] == [always.own_words(text) for text in texts]
    assert sum(RULES.own_words(text) != text for text in texts) == 5
    path = tmp_path / "rules.yaml"
    path.write_text("passages:\n  - role: boilerplate\n    start: closing words\n    needs: closing\n")
    with pytest.raises(BadFile, match="list of words"):
        rules.load(path)
