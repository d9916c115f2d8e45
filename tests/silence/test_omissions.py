"""Planted silences are found, chance is not taken for one, and real ones have their dates."""

from __future__ import annotations

import json
import time
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from innominate.silence import denuclearisation, fit, omissions
from innominate.silence.listing import FIELDS, as_records

WORDS = [
    "trade",
    "growth",
    "climate",
    "water",
    "energy",
    "border",
    "visit",
    "school",
    "health",
    "river",
    "market",
    "ocean",
    "peace",
    "law",
    "bridge",
    "music",
    "harvest",
]
FORMULAS = (
    "unwavering commitment to the two state solution",
    "complete and verifiable denuclearisation of the peninsula",
    "mutual respect and win win cooperation",
    "rules based international order",
)


def document(rng: np.random.Generator, formulas: list[str]) -> str:
    """Chatter of random sentences with each formula in a sentence of its own."""
    sentences = [f"The ministers spoke of {' and '.join(rng.choice(WORDS, 4))}." for _ in range(12)]
    for formula in formulas:
        verb = rng.choice(["reaffirmed their", "underlined the", "recalled their", "stressed the"])
        sentences.insert(int(rng.integers(len(sentences))), f"They {verb} {formula} in {rng.choice(WORDS)}.")
    return " ".join(str(sentence) for sentence in sentences)


def series(drop: dict[str, int], size: int = 40, rate: float = 0.95, seed: int = 1) -> pl.DataFrame:
    """A series in which each formula of `drop` stops at its document; the others go on."""
    rng = np.random.default_rng(seed)
    texts = []
    for d in range(size):
        texts.append(document(rng, [f for f in FORMULAS if rng.random() < rate and d < drop.get(f, size)]))
    return pl.DataFrame({"date": [date(2020, 1, 1) + timedelta(days=30 * d) for d in range(size)], "text": texts})


@pytest.fixture(scope="module")
def planted() -> pl.DataFrame:
    return omissions(series({FORMULAS[1]: 25, FORMULAS[3]: 31}))


@pytest.mark.parametrize(("which", "at"), [(1, 25), (3, 31)])
def test_a_planted_omission_is_found_at_its_date(planted: pl.DataFrame, which: int, at: int) -> None:
    frame = series({FORMULAS[1]: 25, FORMULAS[3]: 31})
    users = [d for d in range(at) if FORMULAS[which] in frame["text"][d]]
    rows = planted.filter(pl.col("phrase").str.contains(FORMULAS[which].split()[-1]), pl.col("kind") != "appeared")
    best = rows.sort("probability").row(-1, named=True)
    assert best["probability"] > 0.5
    assert best["last_used"] == frame["date"][users[-1]]
    assert best["first_missed"] == frame["date"][users[-1] + 1]
    assert best["returned"] is None
    assert FORMULAS[which].split()[0] in best["quote"]


def test_a_part_that_is_soon_back_explains_no_long_silence() -> None:
    """The formula goes for good at 20; "complete denuclearisation" goes on in other words, but for ten documents."""
    frame = series({FORMULAS[1]: 20}, size=60, rate=0.7)
    rng, texts = np.random.default_rng(3), frame["text"].to_list()
    for d in range(60):
        if not 23 <= d < 33:
            texts[d] += f" Complete and verifiable denuclearisation remains {rng.choice(WORDS)}."
    rows = omissions(frame.with_columns(text=pl.Series(texts)))
    rows = rows.filter(pl.col("phrase").str.contains("peninsula"), pl.col("kind") != "appeared")
    best = rows.sort("probability").row(-1, named=True)
    users = [d for d in range(20) if FORMULAS[1] in frame["text"][d]]
    assert best["probability"] > 0.9
    assert best["first_missed"] == frame["date"][users[-1] + 1]


def test_what_goes_with_a_formula_is_no_finding_of_its_own() -> None:
    frame = series({FORMULAS[1]: 30}, size=50)
    rng = np.random.default_rng(4)
    texts = [
        text + (f" They stressed the {FORMULAS[1]} at every turn." if d < 27 and rng.random() < 0.5 else "")
        for d, text in enumerate(frame["text"])
    ]
    found = omissions(frame.with_columns(text=pl.Series(texts)))
    rows = found.filter(pl.col("phrase").str.contains("denuclearisation"), pl.col("probability") >= 0.5)
    last = max(d for d, text in enumerate(texts) if FORMULAS[1] in text)
    assert set(rows.filter(pl.col("kind") != "appeared")["first_missed"]) == {frame["date"][last + 1]}


def test_a_formula_that_outlives_a_longer_wording_of_it_keeps_its_record() -> None:
    """The wording around a formula changes at 24, the formula itself goes at 27: three uses since, and eighteen before."""
    rng, texts, users = np.random.default_rng(5), [], []
    for d in range(60):
        formulas = [f for f in FORMULAS[1:] if rng.random() < 0.9]
        text = document(rng, formulas)
        if d < 27 and (rng.random() < 0.75 or d >= 24):
            users.append(d)
            high, low = (
                "high and rising price stability is boosting incomes everywhere",
                "price stability is at its best",
            )
            text += f" The {high if d < 24 else low}."
        texts.append(text)
    dates = [date(2020, 1, 1) + timedelta(days=30 * d) for d in range(60)]
    found = omissions(pl.DataFrame({"date": dates, "text": texts}))
    rows = found.filter(pl.col("phrase").str.contains("price stability"), pl.col("kind") != "appeared")
    gone = rows.filter(pl.col("first_missed") == dates[27])
    assert users[-1] == 26
    assert gone["probability"].max() > 0.9  # type: ignore[operator]


def test_two_silences_do_not_explain_one_another_away(data_dir: Path) -> None:
    """The Reserve Bank of Australia's scope to ease, last given in August 2013: its words went on a little, its sentence did not."""
    found = omissions(data_dir / "texts" / "rba_decisions.parquet")
    rows = found.filter(pl.col("first_missed") == date(2013, 9, 3), pl.col("kind") != "appeared")
    assert rows.filter(pl.col("phrase").str.contains(r"scope\b.*\beas"))["probability"].max() > 0.5  # type: ignore[operator]


LANGUAGES = {
    "en": ("They reaffirmed {} in {}.", " ", FORMULAS[:3], " ".join(WORDS)),
    "zh": (
        "双方重申{}与{}。",
        "",
        ("半岛无核化", "构建人类命运共同体", "坚持一个中国原则"),
        "贸易 增长 气候 水利 能源 边境 访问 学校 卫生 河流 市场 海洋 和平 法律 桥梁 音乐 收成",
    ),
    "ko": (
        "양측은 {}와 {}를 재확인했다.",
        " ",
        ("한반도의 완전한 비핵화", "굳건한 한미동맹", "자유롭고 열린 인도태평양"),
        "무역 성장 기후 에너지 국경 방문 학교 보건 시장 바다 법률 다리 음악 수확 노동 신용 수출",
    ),
    "ru": (
        "Стороны подтвердили: {} и {}.",
        " ",
        ("полная денуклеаризация полуострова", "многополярный мировой порядок", "невмешательство во внутренние дела"),
        "торговля рост климат вода энергия граница визит школа рынок океан закон мост музыка урожай труд кредит",
    ),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_formula_of_every_document_that_stops_for_good_is_near_certain(language: str) -> None:
    frame, blank, formulas, words = LANGUAGES[language]
    rng = np.random.default_rng(7)
    texts = []
    for d in range(40):
        chatter = [blank.join(rng.choice(words.split(), 5)) + ("。" if language == "zh" else ".") for _ in range(8)]
        chatter += [frame.format(one, rng.choice(words.split())) for one in formulas if d < 30 or one != formulas[1]]
        texts.append(" ".join(str(chatter[i]).capitalize() for i in rng.permutation(len(chatter))))
    dates = [date(2020, 1, 1) + timedelta(days=30 * d) for d in range(40)]
    found = omissions(pl.DataFrame({"date": dates, "text": texts})).filter(pl.col("kind") != "appeared")
    sure = found.filter(pl.col("probability") >= 0.9)
    assert formulas[1][:5].lower() in " ".join(sure["phrase"]).lower()
    assert set(sure["first_missed"]) == {dates[30]}


def test_nothing_planted_nothing_found() -> None:
    false = sum(
        omissions(series({}, seed=seed, rate=0.85)).filter(pl.col("probability") >= 0.9).height for seed in range(3)
    )
    assert false <= 1  # one in a hundred documents


def test_a_reworded_formula_is_still_the_same() -> None:
    frame = series({FORMULAS[1]: 28})
    ways = (
        FORMULAS[1],
        "complete and truly verifiable denuclearisation of the peninsula",
        "verifiable and complete denuclearisation of the peninsula",
        "denuclearisation, complete and verifiable, of the peninsula",
    )
    texts = [text.replace(FORMULAS[1], ways[d % 4]) for d, text in enumerate(frame["text"])]
    found = omissions(frame.with_columns(text=pl.Series(texts)))
    last = max(d for d in range(28) if "denuclearisation" in texts[d])
    rows = found.filter(pl.col("first_missed") == frame["date"][last + 1], pl.col("probability") > 0.5)
    assert rows.filter(pl.col("phrase").str.contains("denuclearisation")).height >= 1


def test_returns_and_appearances_are_told() -> None:
    frame = series({FORMULAS[1]: 12})
    late = series({}, seed=2)["text"].to_list()
    texts = [*frame["text"].to_list()[:28], *late[28:]]
    found = omissions(frame.with_columns(text=pl.Series(texts)))
    rows = found.filter(pl.col("phrase").str.contains("denuclearisation"), pl.col("probability") > 0.5)
    assert rows.filter(pl.col("kind") != "appeared")["returned"].drop_nulls().len() >= 1
    assert rows.filter(pl.col("kind") == "appeared").height >= 1


def test_an_edit_names_its_successor() -> None:
    old = " The parties support open markets and a rules based order for all nations."
    new = old.replace("a rules based order", "a fair regional balance")
    texts = [text + (new if d >= 22 else old) for d, text in enumerate(series({})["text"])]
    fitted = fit(series({}).with_columns(text=pl.Series(texts)))
    day = fitted.texts["date"][22]
    rows = [row for row in fitted.findings(0.5) if row.kind == "edited" and row.first_missed == day]
    assert rows
    assert "regional balance" in (rows[0].successor or "")
    assert "regional" in fitted.redline(rows[0])


def test_a_formula_that_survives_in_a_dissent_was_dropped() -> None:
    frame = series({FORMULAS[1]: 25})
    dissent = f" Voting against the action was: A. Member, who wanted {FORMULAS[1]}."
    texts = [text + dissent if d >= 25 else text for d, text in enumerate(frame["text"])]
    found = omissions(frame.with_columns(text=pl.Series(texts)))
    assert found.filter(pl.col("phrase").str.contains("denuclearisation"), pl.col("probability") > 0.5).height >= 1


def test_same_input_same_answer_and_order_of_rows_is_no_matter() -> None:
    frame = series({FORMULAS[1]: 25})
    assert omissions(frame).equals(omissions(frame.reverse()))


def test_watch_is_quick_and_right() -> None:
    frame = series({})
    fitted = fit(frame.head(35))
    new = (
        document(np.random.default_rng(9), [f for f in FORMULAS if f != FORMULAS[0]])
        + " A wholly unheard of proposal arrived."
    )
    fitted.watch(new)
    start = time.perf_counter()
    seen = fitted.watch(new)
    assert time.perf_counter() - start < 1.0
    assert any("two state" in row.phrase for row in seen.missing[:3])
    assert not any("denuclearisation" in row.phrase for row in seen.missing if row.owed > 0.7)
    assert any("unheard" in run for run in seen.new)


def test_timeline_and_chart() -> None:
    fitted = fit(series({FORMULAS[1]: 25}))
    table = fitted.timeline("verifiable denuclearisation")
    states = table["state"].to_list()
    assert states[:20].count("present") > 15
    assert "owed but absent" in states[25:29]
    assert fitted.chart("verifiable denuclearisation")["mark"]["type"] == "tick"


def test_records_follow_the_contract(tmp_path: Path) -> None:
    rows = fit(series({FORMULAS[1]: 25})).findings()
    records = json.loads(json.dumps(as_records(rows)))
    assert {tuple(record) for record in records} == {FIELDS}
    assert {record["kind"] for record in records} <= {"dropped", "appeared", "edited"}
    assert all(0 <= record["probability"] <= 1 and record["run"] >= 1 for record in records)


def test_the_tenth_claim_is_told_fairly() -> None:
    found = denuclearisation()
    kim, south = found.series
    assert (kim.last_used, kim.first_missed) == (date(2019, 6, 20), date(2025, 9, 5))
    assert south.first_missed == date(2019, 12, 23)
    assert south.probability > 0.95 > kim.probability
    assert kim.by_kind["telegram"][1] == 0
    assert kim.by_kind["courtesy meeting"] == (2, 0)
    assert any("cannot show" in line for line in found.statements)
    assert set(found.table.columns) == {"date", "series", "kind", "present", "source_id", "link"}


DOCUMENTED = [
    ("considerable period", "2004-01-28"),
    ("measured", "2006-01-31"),
    ("considerable time", "2015-01-28"),
    ("remains accommodative", "2018-09-26"),
    ("will be patient", "2019-06-19"),
    ("transitory", "2021-12-15"),
    ("ongoing increases", "2023-03-22"),
    ("sound and resilient", "2024-01-31"),
    ("additional policy firming", "2024-01-31"),
    ("made progress toward", "2025-01-29"),
]


def test_documented_omissions_of_the_fed(data_dir: Path) -> None:
    found = omissions(data_dir / "texts" / "fomc_statements_1994_2026.parquet")
    exact = 0
    for phrase, day in DOCUMENTED:
        rows = found.filter(pl.col("first_missed") == date.fromisoformat(day), pl.col("kind") != "appeared").head(20)
        exact += bool(rows.filter(pl.col("phrase").str.contains(f"(?i){phrase}")).height)
    assert exact >= 0.9 * len(DOCUMENTED)
    gone = found.filter(pl.col("first_missed") == date(2005, 12, 13), pl.col("kind") != "appeared")
    assert gone["phrase"].str.contains("upside and downside risks to the attainment of both").any()  # named whole


@pytest.mark.parametrize("seed", [4, 5, 6])
def test_a_formula_of_two_documents_in_three_that_goes_with_its_sentence_is_told(seed: int) -> None:
    """Documents of one length, longer by the formula's sentence where they have it: later ones are not short notes for all that."""
    rng, texts = np.random.default_rng(seed), []
    for d in range(50):
        fill = [f"They also spoke of {a} and {b}." for a, b in (rng.choice(WORDS, 2, replace=False) for _ in range(9))]
        if d < 30 and rng.random() < 0.67:
            fill.insert(int(rng.integers(9)), "The balanced path of patient reform goes on.")
        texts.append(" ".join(fill))
    days = [date(2020, 1, 1) + timedelta(days=30 * d) for d in range(50)]
    rows = fit(pl.DataFrame({"date": days, "text": texts})).omissions(0.7).filter(pl.col("kind") != "appeared")
    assert [("patient reform" in row["phrase"], row["run"] >= 15) for row in rows.iter_rows(named=True)] == [
        (True, True)
    ]
