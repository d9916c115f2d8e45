"""Series with planted silences: real documents from which formulas are removed. How findings are scored: silence_scoring.py.

Corpora are divided once and for all: the model and its calibration are chosen on CHOOSING, figures are reported on REPORTING,
with other seeds. On REPORTING nothing was ever adjusted.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

import numpy as np
import polars as pl

from innominate.silence.documents import from_frame
from innominate.silence.rules import load

CHOOSING = ("fomc", "rba", "work-reports", "sotu", "un-a", "cctv-talks", "mfa")
REPORTING = ("rba-minutes", "un-b", "cctv-meetings", "ecb", "white-house")
RETURNING = 0.25  # of the planted omissions end after 6 to 24 documents
USUAL, STEADY = 0.5, 0.75  # share of the last dozen documents that use a formula that is planted
MOST = 300  # documents of one corpus that a planted run takes
_UN = {"un-a": ("AUS", "FRA", "IND", "JPN", "CUB"), "un-b": ("USA", "GBR", "PAK", "TUR", "ISR")}
_NO_STATEMENTS = ("20200827", "20250822", "20080311", "20100509", "20070817")  # of another kind, see the data's notes
_CONGRESSES = {
    9: "1969-04-01", 10: "1973-08-24", 11: "1977-08-12", 12: "1982-09-01", 13: "1987-10-25", 14: "1992-10-12",
    15: "1997-09-12", 16: "2002-11-08", 17: "2007-10-15", 18: "2012-11-08", 19: "2017-10-18", 20: "2022-10-16",
}  # fmt: skip

# ---------------------------------------------------------------- corpora


def corpus(name: str, data: Path, most: int | None = None) -> pl.DataFrame:
    """Columns text, date, series, title, in order of date, cleaned as the package cleans (what is removed is there)."""
    frame = _raw(name, data / "texts")
    frame = frame.filter(pl.col("date").cast(pl.String).str.len_chars() >= 8)
    prepared = from_frame(frame, load(), series="series").texts
    out = prepared.select(text="own", date="date", title="title", series="series")
    return out if most is None else out.tail(most)


def _raw(name: str, texts: Path) -> pl.DataFrame:
    simple = {"fomc": "fomc_statements_1994_2026", "rba": "rba_decisions", "rba-minutes": "rba_minutes",
              "ecb": "ecb_statements_2022_2024"}  # fmt: skip
    if name in simple:
        frame = pl.read_parquet(texts / f"{simple[name]}.parquet").filter(~pl.col("date").is_in(_NO_STATEMENTS))
        return frame.select("text", "date", series=pl.lit(name))
    if name == "work-reports":
        frame = pl.read_parquet(texts / "china_government_work_reports_1954_2025.parquet").drop_nulls("year")
        return frame.select(text="content", date=pl.col("year") + "-03-05", series=pl.lit("reports"))
    if name == "congress":
        frame = pl.read_parquet(texts / "cpc_congress_reports.parquet")
        frame = frame.filter(pl.col("congress").is_in(list(_CONGRESSES)))
        return frame.select(
            text="content", date=pl.col("congress").replace_strict(_CONGRESSES), series=pl.lit("congress")
        )
    if name == "white-house":
        frame = pl.read_parquet(texts / "white_house_statements_2021_2026.parquet")
        return frame.filter(pl.col("cat") == "statements-releases").select("text", "date", "title", series=pl.lit(name))
    if name == "sotu":
        frame = pl.read_parquet(texts / "us_state_of_the_union_1790_2024.parquet").filter(pl.col("year") >= 1900)
        return frame.select("text", date=pl.col("year").cast(pl.String) + "-01-15", series=pl.lit("sotu"))
    if name.startswith("un-"):
        frame = pl.read_parquet(texts / "un_general_debate_28_states_1970_2024.parquet")
        frame = frame.filter(pl.col("country").is_in(_UN.get(name, (name[3:],))))
        return frame.select("text", date=pl.col("year").cast(pl.String) + "-09-25", series="country")
    if name == "mfa":
        frame = pl.read_parquet(texts / "china_mfa_press_conferences_2016_2020.parquet")
        return frame.filter(pl.col("lang") == "zh", pl.col("kind") == "presscon").select(
            "text", "date", "title", series=pl.lit(name)
        )
    frame = pl.read_parquet(texts / "cctv_xinwen_lianbo_diplomatic_2012_2026.parquet")
    frame = frame.select("text", "date", "title", series=pl.lit(name))
    word = {"cctv-talks": "会谈", "cctv-meetings": "会见"}.get(name)
    return frame if word is None else frame.filter(pl.col("title").str.contains(word))


# ---------------------------------------------------------------- planting


@dataclass(frozen=True, slots=True)
class Plant:
    """A formula removed from a series.

    first_missed is the document after the last that used it; before: uses among the twelve documents up to the cut; room:
    documents after the last use. detectable: somebody who knew which strings are formulas would believe it, i.e. the predictive
    probability (Beta-binomial, uniform prior) that it is missing from all of `room` documents by chance is at most 1 in 2,000:
    the prior odds where one of a hundred formulas in use goes every twenty documents, as planted here.
    """

    series: str
    phrase: str
    last_used: date
    first_missed: date
    before: int
    room: int
    detectable: bool


WORD = re.compile(r"[\u3400-\u9fff]|[^\W_\u3400-\u9fff]+(?:['’][^\W_]+)?")
_NEXT = re.compile(rf"[\s-]*(?:{WORD.pattern})")
_LAST = re.compile(rf"(?:{WORD.pattern})[\s-]*$")
CHINESE = re.compile(r"[\u3400-\u9fff]")
_WINDOW = 12
DULL = frozenset(
    "the of and to in a for is that on as be by with at from it has have will are was its this or an their our we".split()  # noqa: SIM905
)


def _grams(text: str, low: int, high: int) -> set[str]:
    """Strings of `low` to `high` words (Chinese: characters) that run through no punctuation."""
    out: set[str] = set()
    for part in re.split(r"[^\w\s'’-]+|\n+", text):
        spans = [match.span() for match in WORD.finditer(part)]
        for size in range(low, high + 1):
            out.update(part[spans[i][0] : spans[i + size - 1][1]] for i in range(len(spans) - size + 1))
    return out


def _by_chance(used: int, seen: int, room: int) -> float:
    """Predictive probability that a formula used in `used` of `seen` documents is in none of the next `room`."""
    out = 1.0
    for j in range(room):
        out *= (1 + seen - used + j) / (2 + seen + j)
    return out


def candidates(
    texts: list[str], rng: np.random.Generator, chinese: bool, tries: int, least: float = USUAL, room: int = 2
) -> list[tuple[str, int]]:
    """Formulas with a document from which on they are to go, at least `room` before the end.

    Used in a share `least` of the documents before, and in half of those after.
    """
    size = len(texts)
    out: list[tuple[str, int]] = []
    low, high = (4, 10) if chinese else (2, 6)
    for _ in range(tries):
        at = int(rng.integers(min(8, size // 2), max(size - room, 9)))
        window = range(max(0, at - _WINDOW), at)
        df: Counter[str] = Counter()
        for i in window:
            df.update(_grams(texts[i], low, high))
        steady = sorted(g for g, n in df.items() if n >= max(5, least * len(window)) and _meaningful(g, chinese))
        rng.shuffle(steady)
        for gram in steady[:200]:
            whole = _unit(gram, [texts[i] for i in window], chinese)
            later = sum(bool(anywhere(whole).search(text)) for text in texts[at : at + 8])
            if _meaningful(whole, chinese) and later >= 0.5 * min(8, size - at):
                out.append((whole, at))
                break
    return out


def _unit(gram: str, texts: list[str], chinese: bool, share: float = 0.75) -> str:
    """The formula that `gram` is a piece of: grown by the word beside it as long as nearly all of its uses have that word."""
    longest = 20 if chinese else 12
    while len(WORD.findall(gram)) < longest:
        after, before, uses = Counter[str](), Counter[str](), 0
        for text in texts:
            for match in anywhere(gram).finditer(text):
                uses += 1
                right, left = (
                    _NEXT.match(text, match.end()),
                    _LAST.search(text, max(0, match.start() - 40), match.start()),
                )
                after[right[0] if right else ""] += 1
                before[left[0] if left else ""] += 1
        if not uses:
            break
        (following, n), (leading, m) = after.most_common(1)[0], before.most_common(1)[0]
        if following and n >= share * uses and n >= m:
            gram += following
        elif leading and m >= share * uses:
            gram = leading + gram
        else:
            break
    words = [match.span() for match in WORD.finditer(gram)]
    while words and _dull(gram[slice(*words[-1])], chinese):
        words.pop()
    while words and _dull(gram[slice(*words[0])], chinese):
        words.pop(0)
    return gram[words[0][0] : words[-1][1]] if words else ""


def _dull(word: str, chinese: bool) -> bool:
    return word in "的和了在是与年月日" if chinese else word.lower() in DULL


def _meaningful(gram: str, chinese: bool) -> bool:
    if not gram:
        return False
    if chinese:
        return (
            len(gram) >= 4
            and not re.search(r"[\d的和了在是与年月日]", gram[0] + gram[-1])
            and not re.search(r"[a-zA-Z]", gram)
        )
    words = gram.lower().split()
    return (
        len(words) > 1
        and words[0] not in DULL
        and words[-1] not in DULL
        and not re.search(r"\d", gram)
        and len(words[0]) > 2
    )


def plant(
    frame: pl.DataFrame, rng: np.random.Generator, share: float, varied: bool, steady: bool = False
) -> tuple[pl.DataFrame, list[Plant]]:
    """Remove formulas from the series of `frame`; `share`: how many per document.

    steady: only such as stand in three quarters of the last dozen documents, for good, a dozen or more before the end
    """
    least, room = (STEADY, _WINDOW) if steady else (USUAL, 2)
    chinese = bool(re.search(r"[\u4e00-\u9fff]{5}", frame["text"][0]))
    pieces, plants = [], []
    for part in frame.partition_by("series", maintain_order=True):
        texts, dates = part["text"].to_list(), part["date"].to_list()
        wanted = max(1, round(share * len(texts))) if len(texts) >= 20 else 0
        taken: list[str] = []
        filler = _filler(texts, chinese)
        for gram, at in candidates(texts, rng, chinese, 4 * wanted, least, room):
            if len(taken) >= wanted:
                break
            if any(overlap(gram, other, chinese) for other in taken):
                continue
            users = [i for i in range(at) if anywhere(gram).search(texts[i])]
            before = sum(i >= at - _WINDOW for i in users)
            if before < 5 or dates[users[-1]] == dates[users[-1] + 1]:
                continue
            taken.append(gram)
            back = at + int(rng.integers(6, 25)) if not steady and rng.random() < RETURNING else len(texts)
            texts = [_without(text, gram) if at <= i < back else text for i, text in enumerate(texts)]
            if varied:
                for i in users[:-1]:
                    if rng.random() < 0.5:
                        texts[i] = anywhere(gram).sub(reworded(gram, rng, chinese, filler), texts[i])
            last = users[-1]
            seen, room = (
                min(_WINDOW, at),
                next((i for i in range(back, len(texts)) if anywhere(gram).search(texts[i])), len(texts)) - last - 1,
            )
            plants.append(
                Plant(part["series"][0], gram, dates[last], dates[last + 1], before, room,
                      _by_chance(before, seen, room) <= 0.0005)
            )  # fmt: skip
        pieces.append(part.with_columns(text=pl.Series(texts)))
    return pl.concat(pieces), plants


def _filler(texts: list[str], chinese: bool) -> list[str]:
    common = Counter(word for text in texts for word in (_grams(text, 2, 2) if chinese else set(text.split())))
    return sorted(word for word, n in common.items() if n > 0.3 * len(texts) and word.isalpha())[:300] or ["also"]


def _without(text: str, gram: str) -> str:
    return re.sub(r"[ \t]{2,}", " ", anywhere(gram).sub("", text))


@lru_cache(maxsize=4096)
def anywhere(gram: str) -> re.Pattern[str]:
    """`gram` in capitals or not, in the singular or plural, across line breaks, and no part of a longer word."""
    words = list(map(re.escape, gram.split()))
    if gram[-1:].isascii():
        words[-1] = (words[-1].removesuffix("s") if not gram.endswith("ss") else words[-1]) + "(?:s|es)?"
        words = [r"\b" + words[0], *words[1:-1], words[-1] + r"\b"] if len(words) > 1 else [rf"\b{words[0]}\b"]
    return re.compile(r"\s+".join(words), re.IGNORECASE)


def overlap(a: str, b: str, chinese: bool) -> bool:
    if chinese:
        return any(a[i : i + 2] in b for i in range(len(a) - 1))
    return bool(set(WORD.findall(a.lower())) & set(WORD.findall(b.lower())) - DULL)


def reworded(gram: str, rng: np.random.Generator, chinese: bool, filler: list[str]) -> str:
    """`gram` said a little differently: a word of the same series put in, two parts swapped, an ending changed."""
    words = list(gram) if chinese else gram.split()
    way = int(rng.integers(3))
    middle = len(words) // 2
    if way == 0 or len(words) < 3:
        words.insert(middle, filler[int(rng.integers(len(filler)))])
    elif way == 1:
        words = [*words[middle:], "、" if chinese else "and", *words[:middle]]
    elif chinese:
        words.insert(middle, "的")
    else:
        words[-1] = words[-1][:-1] if words[-1].endswith("s") else words[-1] + "s"
    return ("" if chinese else " ").join(words)


def permuted(frame: pl.DataFrame, rng: np.random.Generator, epoch: int = 50) -> pl.DataFrame:
    """Stretches of `epoch` documents as series of their own, in random order: nothing changes there but by chance."""
    pieces = []
    for part in frame.partition_by("series", maintain_order=True):
        for start in range(0, max(part.height - epoch // 2, 1), epoch):
            piece = part.slice(start, epoch)
            texts = piece["text"].gather(rng.permutation(piece.height))
            pieces.append(piece.with_columns(texts.alias("text"), series=pl.col("series") + f" {start // epoch}"))
    return pl.concat(pieces)
