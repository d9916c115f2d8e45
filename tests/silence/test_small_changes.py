"""What a careful reader would say of small changes: a "not" put in, a word taken out, another way of writing, another kind of text."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from innominate.errors import InputError
from innominate.silence import SilenceFit, fit, pauses
from innominate.silence.segmentation import tokenise
from tests.silence.test_omissions import FORMULAS, document

START = date(2020, 1, 1)
SIZE, TURN = 40, 28


def day(d: int) -> date:
    return START + timedelta(days=30 * d)


def series(sentences: list[str | None], seed: int = 3, **columns: list[str]) -> SilenceFit:
    """Chatter with a formula that stays, and for every document a sentence of its own or none."""
    rng = np.random.default_rng(seed)
    texts = [f"{document(rng, [FORMULAS[0]])} {sentence or ''}" for sentence in sentences]
    return fit(pl.DataFrame({"date": [day(d) for d in range(len(texts))], "text": texts, **columns}))


def changed(before: str, after: str) -> pl.DataFrame:
    """What is told of a series in which one sentence becomes another."""
    told = series([before] * TURN + [after] * (SIZE - TURN)).omissions(0.5)
    return told.filter(pl.col("kind") != "appeared")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("The republic will use force against the depots.", "The republic will not use force against the depots."),
        ("We recognise the exiled council as the government.", "We do not recognise the exiled council as the government."),
        ("All refugees have the right of return.", "Some refugees have the right of return."),
        ("我们坚决反对任何单边制裁。", "我们坚决不反对任何单边制裁。"),
        ("Мы признаём временное правительство.", "Мы не признаём временное правительство."),
        ("우리는 핵 보유를 용인할 것이다.", "우리는 핵 보유를 용인하지 않을 것이다."),
        ("We express our strong opposition to changes of the status quo.", "We express our opposition to changes of the status quo."),
        ("We stand for peace, human rights and the rule of law.", "We stand for peace and the rule of law."),
        ("Inflation runs somewhat above the target.", "Inflation runs somewhat below the target."),
        ("Talks should resume without preconditions.", "Talks should resume with preconditions."),
        ("Withdrawal shall come before negotiations begin.", "Withdrawal shall come after negotiations begin."),
        ("The treaty covers all territories of the republic.", "The treaty covers territories of the republic."),
        ("We support a ceasefire in the valley.", "We support a ceasefire only in the valley."),
        ("Переговоры возобновятся до вывода войск.", "Переговоры возобновятся после вывода войск."),
        ("정부는 핵보유국 지위를 인정하지 않는다.", "정부는 핵보유국 지위를 인정한다."),
        ("양측은 북한의 도발을 강력히 규탄했다.", "양측은 북한의 도발을 규탄했다."),
    ],
)  # fmt: skip
def test_a_word_put_in_or_taken_out_is_an_edit(before: str, after: str) -> None:
    rows = changed(before, after)
    assert rows["kind"].to_list() == ["edited"]
    assert rows["first_missed"].to_list() == [day(TURN)]
    assert rows["successor"].to_list() == [after]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Growth of 5 percent is the target of the plan.", "Growth of 5% is the target of the plan."),
        ("The target of 2 per cent remains the goal.", "The target of 2 percent remains the goal."),
        ("They reaffirm their commitment to dialogue.", "They reaffirm their commit-\nment to dialogue."),
        ("The complete denuclearisation of the peninsula is our goal.", "The complete denuclearization of the peninsula is our goal."),
        ("The defence programme honours our neighbours.", "The defense program honors our neighbors."),
        ("Россия не признаёт итоги референдума.", "Россия не признает итоги референдума."),
        ("Стороны выступают за мирное урегулирование.", "Стороны выступают за ми́рное урегулирова́ние."),
        ("双方重申维护地区和平与稳定。", "双 方 重 申 维 护 地 区 和 平 与 稳 定 。"),
    ],
)  # fmt: skip
def test_another_way_of_writing_is_no_change(before: str, after: str) -> None:
    told = series([before] * TURN + [after] * (SIZE - TURN)).omissions(0.5)
    assert told.is_empty()


def test_what_was_noted_is_no_not() -> None:
    tokens = tokenise(["They noted it, and note it, noting notes. Not so."])
    stems = [tokens.stems[s] for s in tokens.stem]
    assert stems.count("note") == 4
    assert stems.count("not") == 1


def test_a_word_that_stands_once_more_makes_no_second_silence() -> None:
    formula = "The Council stands ready to adjust its instruments within its mandate."
    for later in (20, 21):
        stray: list[str | None] = [None] * 20
        stray[later - 20] = "Grandfather showed me his instruments of brass."
        told = series([formula] * 20 + stray).omissions(0.05).filter(pl.col("phrase").str.contains("instruments"))
        assert told["first_missed"].to_list() == [day(20)]


@pytest.mark.parametrize("gone", [20, 24])
def test_a_text_of_a_kind_that_never_had_a_formula_is_not_the_first_to_miss_it(gone: int) -> None:
    kinds = ["statement" if d % 2 == 0 else "speech" for d in range(SIZE)]
    formula = "The two sides reaffirm their commitment to a peaceful resolution of the dispute."
    found = series([formula if d % 2 == 0 and d < gone else None for d in range(SIZE)], kind=kinds)
    row = found.omissions(0.5).filter(pl.col("phrase").str.contains("peaceful resolution")).row(0, named=True)
    assert row["last_used"] == day(gone - 2)
    assert row["first_missed"] == day(gone)  # not the speech before it
    assert row["run"] == (SIZE - gone) // 2
    states = found.timeline("commitment to a peaceful resolution")["state"].to_list()
    assert states[gone] == "owed but absent"
    assert "owed but absent" not in states[1::2]


def test_a_steady_formula_that_only_the_last_document_lacks_is_judged() -> None:
    exposure = np.concatenate([[0.0], np.cumsum([2.0] * 12 + [0.8])])  # twelve long texts, then a short one
    assert pauses.surprising(np.arange(12, dtype=np.int32), exposure)[-1]
    seldom = np.arange(0, 12, 3, dtype=np.int32)
    assert not pauses.surprising(seldom, np.arange(12.0))[-1]
    formula = "The two sides reaffirm their commitment to a peaceful resolution of the dispute."
    told = series([formula] * (SIZE - 1) + [None]).omissions()
    assert told.filter(pl.col("first_missed") == day(SIZE - 1), pl.col("phrase").str.contains("peaceful")).height


def test_a_new_document_may_say_a_formula_in_other_order_but_not_deny_it() -> None:
    formula = "The two sides reaffirm their commitment to a peaceful resolution of the dispute."
    found = series([formula] * SIZE)

    def missing(text: str) -> list[str]:
        return [one.phrase for one in found.watch(text).missing if "peaceful" in one.phrase]

    assert not missing(formula)
    assert not missing("To a just and peaceful resolution of the dispute the two sides reaffirmed their commitment.")
    assert missing("The two sides do not reaffirm their commitment to a peaceful resolution of the dispute.")
    assert missing("The two sides reaffirm their commitment to a resolution of the dispute.")
    alone = [one for one in found.watch("The ministers met in the capital.").missing if len(one.phrase.split()) == 1]
    assert all(one.owed >= 0.7 for one in alone)


def test_what_cannot_be_asked_of_a_fit_is_said_in_one_line() -> None:
    found = series([None] * 12)
    with pytest.raises(InputError, match="name a phrase"):
        found.timeline()
    with pytest.raises(InputError, match="must be a text, not int"):
        found.watch(5)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="without a name"):
        found.timeline("peace", series="other")


def test_whose_something_is_belongs_to_the_wording() -> None:
    names = [f"{a}{b}stan" for a in ("Ar", "Bel", "Cor", "Dun", "Esk", "Fel") for b in ("a", "e", "i", "o", "u")]
    told = series([f"{names[d]}: your election to the presidency." if d < TURN else None for d in range(SIZE)])
    assert told.omissions(0.5)["phrase"].to_list() == ["your election to the presidency"]


def test_a_sentence_that_stood_there_before_took_nobodys_place() -> None:
    stays = "The two sides reaffirmed their friendship."
    gone = "The two sides called for complete disarmament of the strait."
    told = series([f"{stays} {gone}"] * TURN + [stays] * (SIZE - TURN)).omissions(0.5)
    named = told.filter(pl.col("phrase").str.contains("disarmament"))
    assert named.select("kind", "successor").rows() == [("dropped", None)]


def test_items_of_a_list_are_sentences_of_their_own() -> None:
    heads = [f"The sides noted matter {chr(97 + d % 26)}{chr(98 + d % 7)}" for d in range(SIZE)]
    lists = [
        f"{heads[d]}\n- Markets should remain open\n- Troops leave the strait" if d < TURN else heads[d]
        for d in range(SIZE)
    ]
    told = series(lists).omissions(0.5)
    assert sorted(told["phrase"]) == ["Markets should remain open", "Troops leave the strait"]
    assert sorted(told["quote"]) == ["Markets should remain open", "Troops leave the strait"]


def test_rows_of_the_same_words_and_date_are_one() -> None:
    one = "We count on open markets in the strait. Open markets in the strait serve all."
    told = series([one] * TURN + [None] * (SIZE - TURN)).omissions()
    assert not told.select("phrase", "first_missed", kind=pl.col("kind") == "appeared").is_duplicated().any()


def test_a_timeline_reads_the_words_that_turn_what_is_said() -> None:
    told = series(["We do not recognise the results."] * TURN + ["We recognise the results."] * (SIZE - TURN))
    states = told.timeline("do not recognise the results")["state"]
    assert (states == "present").to_list() == [True] * TURN + [False] * (SIZE - TURN)


@pytest.mark.parametrize("before", [12, 10])
def test_a_phrase_is_told_with_the_end_that_its_last_uses_had(before: int) -> None:
    head = "The members judge that the risks to achieving their twin goals"
    sentences = [f"{head} are roughly level."] * 7 + [None] * 5 + [f"{head} move into better order."] * before
    told = series([*sentences, *[f"{head} are roughly in step."] * 4, *[None] * 10]).omissions(0.5)
    last = told.filter(pl.col("first_missed") == day(len(sentences) + 4))
    assert last["phrase"].to_list() == [f"{head} are roughly in step".removeprefix("The ")]
