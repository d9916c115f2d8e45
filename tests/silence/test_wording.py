"""What a row says of a formula is true of the formula it names: when it stood again, what took its place, which text owed it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

from innominate.silence import fit
from innominate.silence.places import _without_stray
from innominate.silence.wording import Finding, rank
from tests.silence.test_omissions import WORDS

START = date(2020, 1, 1)
Script = dict[str, tuple[str, ...]]
LANGUAGES: dict[str, Script] = {
    "en": {
        "leads": ("The ministers said that", "Both sides agreed that", "The delegations noted that"),
        "fill": ("They also spoke of {} and {}.",),
        "words": tuple(WORDS),
        "as was": ("climate finance and technology transfer deserve urgent attention",),
        "turned": ("technology transfer and climate finance deserve urgent attention",),
        "replaced": ("climate finance and technology transfer deserve steady private capital",),
    },
    "zh": {
        "leads": ("双方认为，", "双方强调，", "两国外长指出，"),
        "fill": ("双方还谈到{}和{}。",),
        "words": ("贸易", "气候", "能源", "边境", "教育", "卫生", "市场", "海洋", "法律", "农业", "旅游", "体育"),
        "as was": ("维护和平与稳定符合各国共同利益",),
        "turned": ("维护稳定与和平符合各国共同利益",),
        "replaced": ("维护和平与稳定需要公正合理秩序",),
    },
}  # fmt: skip


def told(language: str, then: str | None, lapse: int | None = None, at: int = 25, size: int = 42) -> pl.DataFrame:
    """Findings of a series whose one formula becomes `then` (None: nothing) at document `at`; `lapse`: no text of it there."""
    script, rng = LANGUAGES[language], np.random.default_rng(5)
    texts = []
    for d in range(size):
        fill = [script["fill"][0].format(*rng.choice(script["words"], 2, replace=False)) for _ in range(9)]
        what = script["as was"][0] if d < at else then and script[then][0]
        if what and d != lapse:
            stop = "。" if language == "zh" else "."
            gap = "" if language == "zh" else " "
            fill.insert(int(rng.integers(9)), f"{rng.choice(script['leads'])}{gap}{what}{stop}")
        texts.append(("" if language == "zh" else " ").join(fill))
    frame = pl.DataFrame({"date": [START + timedelta(days=30 * d) for d in range(size)], "text": texts})
    return fit(frame).omissions(0.5)


def day(d: int) -> date:
    return START + timedelta(days=30 * d)


@pytest.mark.parametrize("language", LANGUAGES)
def test_other_word_order_alone_is_no_change(language: str) -> None:
    assert told(language, "turned").is_empty()
    gone = told(language, None)
    assert gone["first_missed"].to_list() == [day(25)] * gone.height
    assert gone.height


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("lapse", [None, 25])
def test_what_took_the_place_of_a_formula_is_found_though_the_next_text_says_nothing(
    language: str, lapse: int | None
) -> None:
    rows = told(language, "replaced", lapse)
    edits = rows.filter(pl.col("kind") == "edited", pl.col("first_missed") == day(25))
    assert edits.height
    assert not rows.filter(pl.col("kind") == "dropped", pl.col("first_missed") == day(25)).height
    replaced = LANGUAGES[language]["replaced"][0]
    assert any(replaced in (sentence or "") for sentence in edits["successor"])


def test_a_piece_that_is_back_in_another_sentence_brings_no_formula_back() -> None:
    rng = np.random.default_rng(2)
    formula = "the full implementation of all relevant resolutions of the council"
    texts = []
    for d in range(45):
        fill = [f"They spoke of {' and '.join(rng.choice(WORDS, 2))}." for _ in range(8)]
        if d < 24:
            fill.insert(int(rng.integers(8)), f"They called for {formula}.")
        elif d in (31, 35, 38, 41, 43):
            fill.insert(int(rng.integers(8)), "All relevant ministers met the press.")
        texts.append(" ".join(fill))
    frame = pl.DataFrame({"date": [day(d) for d in range(45)], "text": texts})
    rows = fit(frame).omissions(0.5).filter(pl.col("first_missed") == day(24))
    long = rows.filter(pl.col("phrase").str.contains("implementation"))
    assert long.height
    assert long["returned"].null_count() == long.height
    assert set(long["run"]) == {21}


def test_a_short_note_owes_nothing_that_no_short_note_ever_carried() -> None:
    rng = np.random.default_rng(3)
    texts = []
    for d in range(48):
        note = d % 4 == 1
        fill = [f"They spoke of {' and '.join(rng.choice(WORDS, 4))}." for _ in range(1 if note else 16)]
        if d < 29 and not note:
            fill.insert(int(rng.integers(16)), "They reaffirmed their unwavering commitment to the two state solution.")
        texts.append(" ".join(str(sentence) for sentence in fill))
    assert "commitment" in texts[28]
    assert 29 % 4 == 1
    frame = pl.DataFrame({"date": [day(d) for d in range(48)], "text": texts})
    rows = fit(frame).omissions(0.5).filter(pl.col("kind") != "appeared")
    assert rows["last_used"].to_list() == [day(28)] * rows.height
    assert rows["first_missed"].to_list() == [day(30)] * rows.height
    assert rows.height


def test_rows_name_what_the_document_that_lacks_it_has_not(data_dir: Path) -> None:
    frame = pl.read_parquet(data_dir / "texts" / "fomc_statements_1994_2026.parquet")
    found = fit(frame)
    rows = found.omissions(0.5).filter(pl.col("kind") != "appeared")
    held: dict[date, str] = {}
    for day_of, text in found.texts.select("date", "own").iter_rows():
        held[day_of] = held.get(day_of, "") + " ".join(text.lower().split())
    there = [row["phrase"] for row in rows.iter_rows(named=True) if row["phrase"].lower() in held[row["first_missed"]]]
    assert len(there) <= rows.height / 200, there


def test_korean_words_are_told_with_their_endings() -> None:
    rng = np.random.default_rng(6)
    words = ("무역", "기후", "에너지", "국경", "교육", "보건", "시장", "해양", "법률", "농업")
    texts = []
    for d in range(40):
        fill = [f"양측은 {'과 '.join(rng.choice(words, 2, replace=False))} 문제를 논의했다." for _ in range(8)]
        if d < 24:
            fill.insert(int(rng.integers(8)), "양측은 항구적 휴전이 필요하다고 지적했다.")
        texts.append(" ".join(fill))
    frame = pl.DataFrame({"date": [day(d) for d in range(40)], "text": texts})
    rows = fit(frame).omissions(0.5).filter(pl.col("kind") != "appeared")
    assert rows.height
    for row in rows.iter_rows(named=True):
        assert row["quote"] == "양측은 항구적 휴전이 필요하다고 지적했다."
        assert not row["phrase"].endswith(("지적", "필요하"))


def one_formula(before: str, after: str, at: int = 25, size: int = 42, seed: int = 4) -> pl.DataFrame:
    """Findings of a series in which one sentence is `before` up to document `at`, and `after` (or nothing) from it on."""
    rng = np.random.default_rng(seed)
    texts = []
    for d in range(size):
        fill = [f"They spoke of {' and '.join(rng.choice(WORDS, 2, replace=False))}." for _ in range(9)]
        what = before if d < at else after
        if "{}" in what:
            what = what.format(rng.choice(WORDS))
        if what:
            fill.insert(int(rng.integers(9)), what)
        texts.append(" ".join(str(sentence) for sentence in fill))
    return fit(pl.DataFrame({"date": [day(d) for d in range(size)], "text": texts})).omissions(0.5)


@pytest.mark.parametrize(
    ("before", "after", "limit"),
    [
        ("Conditions will warrant only gradual increases in prices.", "Conditions will warrant gradual increases in prices.", "only gradual"),
        ("Some further tightening of controls may be needed.", "Whether tightening of controls is needed remains open.", "Some further tightening"),
    ],
)  # fmt: skip
def test_a_limit_that_went_is_a_change_though_every_telling_word_stands(before: str, after: str, limit: str) -> None:
    rows = one_formula(before, after).filter(pl.col("first_missed") == day(25), pl.col("kind") != "appeared")
    assert any(limit in phrase for phrase in rows["phrase"])


def test_a_particle_at_the_end_of_a_clause_stays_with_its_verb() -> None:
    rows = one_formula("The Board is not ruling anything in or out.", "")
    assert any(phrase.endswith("ruling anything in or out") for phrase in rows["phrase"])


def test_a_fragment_that_stood_alone_before_explains_no_first_use() -> None:
    rng = np.random.default_rng(8)
    texts = []
    for d in range(50):
        fill = [f"They spoke of {' and '.join(rng.choice(WORDS, 2, replace=False))}." for _ in range(9)]
        if d == 25:
            fill.insert(int(rng.integers(9)), "The minister ruled it out.")
        if d >= 26:
            fill.insert(int(rng.integers(9)), "The minister ruled nothing out in the talks on borders.")
        texts.append(" ".join(str(sentence) for sentence in fill))
    rows = fit(pl.DataFrame({"date": [day(d) for d in range(50)], "text": texts})).omissions(0.9)
    new = rows.filter(pl.col("kind") == "appeared", pl.col("first_missed") == day(26))
    assert new.filter(pl.col("phrase").str.contains("ruled nothing out")).height


def test_what_is_nearly_certain_stands_before_what_is_hardly_possible_and_about_as_formulaic() -> None:
    told = {"series": "", "kind": "dropped", "last_used": day(0), "first_missed": day(1), "run": 1, "returned": None}
    common: dict[str, object] = {**told, "successor": None, "event": 0}
    slight = Finding(**common, phrase="a common word", quote="One.", formulaic=6.0, probability=0.0002)  # type: ignore[arg-type]
    sure = Finding(**common, phrase="the formula", quote="Two.", formulaic=5.5, probability=0.95)  # type: ignore[arg-type]
    lapse = Finding(**common, phrase="a long formula", quote="Three.", formulaic=9.0, probability=0.0002)  # type: ignore[arg-type]
    assert [row.phrase for row in rank([slight, sure, lapse])] == ["a long formula", "the formula", "a common word"]


@pytest.mark.parametrize(
    ("formula", "whole"),
    [
        ("The path to achieving this balance is a narrow one.", "path to achieving this balance is a narrow one"),
        ("The Board was prepared to ease monetary policy further for {}.", "prepared to ease monetary policy further"),
    ],
)  # fmt: skip
def test_a_wording_keeps_the_small_words_that_belong_to_it(formula: str, whole: str) -> None:
    rows = one_formula(formula, "").filter(pl.col("first_missed") == day(25), pl.col("kind") != "appeared")
    assert any(phrase.endswith(whole) for phrase in rows["phrase"])


@pytest.mark.parametrize("name", ["丁薛祥", "房住不炒"])
def test_names_and_slogans_that_the_chinese_word_list_does_not_know_are_formulas(name: str) -> None:
    rng, texts = np.random.default_rng(4), []
    words = LANGUAGES["zh"]["words"]
    for d in range(50):
        fill = [f"双方还谈到{'和'.join(rng.choice(words, 2, replace=False))}。" for _ in range(8)]
        if d < 30:
            fill.insert(int(rng.integers(8)), f"{name}。")
        texts.append("".join(str(sentence) for sentence in fill))
    rows = fit(pl.DataFrame({"date": [day(d) for d in range(50)], "text": texts})).omissions(0.5)
    assert rows.filter(pl.col("kind") != "appeared").select("phrase", "first_missed").rows() == [(name, day(30))]


@pytest.mark.parametrize(
    ("text", "told", "lead", "kept"),
    [
        ("as slack | is being wound back | notwithstanding the slowdown", (2, 7), (2, 6), (2, 6)),  # cut off behind
        ("of the year | before picking up next year", (2, 8), (3, 8), (3, 8)),  # and before
        ("of the year | before picking up next year", (2, 8), (2, 8), (2, 8)),  # the word leads
        ("overall | the bank expects growth", (0, 5), (1, 5), (0, 5)),  # the whole of its clause
        ("coal | steel | grain | and other staples", (0, 4), (0, 3), (0, 4)),  # a list
        ("prices rose | markedly again", (1, 3), (1, 2), (1, 3)),  # too short to lose a word
    ],
)
def test_a_word_cut_off_beyond_a_comma_is_no_part_of_a_wording(
    text: str, told: tuple[int, int], lead: tuple[int, int], kept: tuple[int, int]
) -> None:
    clause = np.repeat(np.arange(text.count("|") + 1), [len(part.split()) for part in text.split("|")])
    model, events = SimpleNamespace(clause=clause), SimpleNamespace(first=np.array(lead[:1]), stop=np.array(lead[1:]))
    first, stop = _without_stray(model, events, np.zeros(1, int), *(np.array([side]) for side in told))  # type: ignore[arg-type]
    assert (int(first[0]), int(stop[0])) == kept
