"""Series with planted silences: real documents from which formulas are removed, and how findings are scored against them."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from innominate.silence.documents import from_frame
from innominate.silence.rules import load

# ---------------------------------------------------------------- corpora


def corpus(name: str, data: Path) -> pl.DataFrame:
    """Columns text, date, series (and title where there is one), in order of date."""
    texts = data / "texts"
    if name == "fomc":
        frame = pl.read_parquet(texts / "fomc_statements_1994_2026.parquet").with_columns(series=pl.lit("fomc"))
    elif name == "work-reports":
        frame = pl.read_parquet(texts / "china_government_work_reports_1954_2025.parquet").drop_nulls("year")
        frame = frame.select(text="content", date=pl.col("year") + "-03-05", series=pl.lit("reports"))
    elif name == "congress":
        years = {12: "1982-09-01", 13: "1987-10-25", 14: "1992-10-12", 15: "1997-09-12", 16: "2002-11-08",
                 17: "2007-10-15", 18: "2012-11-08", 19: "2017-10-18", 20: "2022-10-16", 11: "1977-08-12",
                 10: "1973-08-24", 9: "1969-04-01"}  # fmt: skip
        frame = pl.read_parquet(texts / "cpc_congress_reports.parquet").filter(pl.col("congress").is_in(list(years)))
        frame = frame.select(text="content", date=pl.col("congress").replace_strict(years), series=pl.lit("congress"))
    elif name == "white-house":
        frame = pl.read_parquet(texts / "white_house_statements_2021_2026.parquet")
        frame = frame.select("text", "date", "title", series="cat")
    elif name == "sotu":
        frame = pl.read_parquet(texts / "us_state_of_the_union_1790_2024.parquet")
        frame = frame.select("text", date=pl.col("year").cast(pl.String) + "-01-15", series=pl.lit("sotu"))
    elif name == "un-debate":
        frame = pl.read_parquet(texts / "un_general_debate_28_states_1970_2024.parquet")
        frame = frame.select("text", date=pl.col("year").cast(pl.String) + "-09-25", series="country")
    elif name == "rba":
        frame = pl.read_parquet(texts / "rba_decisions.parquet").select("text", "date", series=pl.lit("rba"))
    else:
        frame = pl.read_parquet(texts / "cctv_xinwen_lianbo_diplomatic_2012_2026.parquet")
        frame = frame.select(
            "text", "date", "title", series=pl.col("title").str.extract("(会见|会谈|通电话|贺电)").fill_null("other")
        )
    prepared = from_frame(
        frame, load(), series="series"
    ).texts  # cleaned as the package cleans: what is removed is there
    return prepared.select(text="own", date=pl.col("date"), title="title", series="series")


# ---------------------------------------------------------------- planting


@dataclass(frozen=True, slots=True)
class Plant:
    """A formula removed from a series: first_missed is the document after the last that used it."""

    series: str
    phrase: str
    last_used: date
    first_missed: date
    before: int
    after: int


_WORD = re.compile(r"[\u3400-\u9fff]|[^\W_]+(?:['’][^\W_]+)?")


def _grams(text: str, low: int, high: int) -> Counter[str]:
    """Strings of `low` to `high` words (Chinese: characters) that run through no punctuation."""
    out: Counter[str] = Counter()
    for part in re.split(r"[^\w\s'’-]+|\n+", text):
        spans = [match.span() for match in _WORD.finditer(part)]
        for size in range(low, high + 1):
            for i in range(len(spans) - size + 1):
                out[part[spans[i][0] : spans[i + size - 1][1]]] += 1
    return out


def candidates(texts: list[str], rng: np.random.Generator, chinese: bool, tries: int) -> list[tuple[str, int]]:
    """Formulas with a document from which on they are to go: steadily used before, and still used after."""
    size = len(texts)
    out: list[tuple[str, int]] = []
    for _ in range(tries):
        at = int(rng.integers(min(8, size // 2), max(size - 3, 9)))
        low, high = (4, 10) if chinese else (2, 6)
        window = range(max(0, at - 12), at)
        df: Counter[str] = Counter()
        for i in window:
            df.update(set(_grams(texts[i], low, high)))
        steady = [g for g, n in df.items() if n >= max(6, 0.6 * len(window)) and _meaningful(g, chinese)]
        steady.sort()
        rng.shuffle(steady)
        for gram in steady[:200]:
            later = sum(gram in text for text in texts[at : at + 8])
            if later >= min(3, len(texts) - at) and gram in texts[at - 1] and gram in texts[at]:
                out.append((gram, at))
                break
    return out


_DULL = frozenset(
    [
        "the",
        "of",
        "and",
        "to",
        "in",
        "a",
        "for",
        "is",
        "that",
        "on",
        "as",
        "be",
        "by",
        "with",
        "at",
        "from",
        "it",
        "has",
        "have",
        "will",
        "are",
        "was",
        "its",
        "this",
        "or",
        "an",
        "their",
        "our",
        "we",
    ]
)


def _meaningful(gram: str, chinese: bool) -> bool:
    if chinese:
        return not re.search(r"[\d的和了在是与年月日]", gram[0] + gram[-1]) and not re.search(r"[a-zA-Z]", gram)
    words = gram.lower().split()
    return words[0] not in _DULL and words[-1] not in _DULL and not re.search(r"\d", gram) and len(words[0]) > 2


def plant(
    frame: pl.DataFrame, rng: np.random.Generator, share: float, varied: bool
) -> tuple[pl.DataFrame, list[Plant]]:
    """Remove formulas from the series of `frame`; `share`: how many per document."""
    chinese = bool(re.search(r"[\u4e00-\u9fff]{5}", frame["text"][0]))
    pieces, plants = [], []
    for part in frame.partition_by("series", maintain_order=True):
        texts, dates = part["text"].to_list(), part["date"].to_list()
        wanted = max(1, round(share * len(texts))) if len(texts) >= 20 else 0
        taken: list[str] = []
        common = Counter(word for text in texts for word in set(_grams(text, 2, 2) if chinese else text.split()))
        filler = sorted(word for word, n in common.items() if n > 0.3 * len(texts) and word.isalpha())[:300] or ["also"]
        for gram, at in candidates(texts, rng, chinese, 3 * wanted):
            if len(taken) >= wanted:
                break
            if any(_overlap(gram, other) for other in taken):
                continue
            users = [i for i in range(at) if gram in texts[i]]
            if dates[at - 1] == dates[at] or not users:
                continue
            taken.append(gram)
            lost = sum(gram in text for text in texts[at:])
            texts = [_without(text, gram) if i >= at else text for i, text in enumerate(texts)]
            if varied:
                for i in users[:-1]:
                    if rng.random() < 0.5:
                        texts[i] = texts[i].replace(gram, reworded(gram, rng, chinese, filler))
            plants.append(Plant(part["series"][0], gram, dates[users[-1]], dates[users[-1] + 1], len(users), lost))
        pieces.append(part.with_columns(text=pl.Series(texts)))
    return pl.concat(pieces), plants


def _without(text: str, gram: str) -> str:
    return re.sub(r"[ \t]{2,}", " ", text.replace(gram, ""))


def _overlap(a: str, b: str) -> bool:
    return bool(set(_WORD.findall(a.lower())) & set(_WORD.findall(b.lower())) - _DULL)


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
        for start in range(0, part.height - epoch // 2, epoch):
            piece = part.slice(start, epoch)
            texts = piece["text"].gather(rng.permutation(piece.height))
            pieces.append(piece.with_columns(texts.alias("text"), series=pl.col("series") + f" {start // epoch}"))
    return pl.concat(pieces)


# ---------------------------------------------------------------- scoring


def matches(phrase: str, planted: str) -> bool:
    """Whether a reported phrase names a planted formula."""
    a, b = _WORD.findall(phrase.lower()), _WORD.findall(planted.lower())
    if not a or not b:
        return False
    joined, other = f" {' '.join(a)} ", f" {' '.join(b)} "
    if other in joined or (joined in other and len(a) > 1):
        return True
    return len(set(a) & set(b)) >= 0.5 * len(set(b))


@dataclass(frozen=True, slots=True)
class Score:
    """Planted omissions found, and rows that nothing explains."""

    planted: int
    found: int
    false: int
    reported: int

    @property
    def f1(self) -> float:
        return 2 * self.found / max(self.planted + self.found + self.false, 1)


def score(found: pl.DataFrame, natural: pl.DataFrame, plants: list[Plant], least: float = 0.5) -> Score:
    """F1 of the rows of `found` against `plants`; rows also in `natural` are left out of account."""
    rows = judged(found, natural, plants)
    strong = [row for row in rows if row[0] >= least]
    hit = {row[1] for row in strong if row[1] is not None}
    return Score(len(plants), len(hit), sum(row[1] is None for row in strong), len(strong))


def judged(found: pl.DataFrame, natural: pl.DataFrame, plants: list[Plant]) -> list[tuple[float, int | None]]:
    """Probability, and which plant it names, of every row that is not the series' own."""
    by_day: dict[tuple[str, date], list[int]] = {}
    for i, one in enumerate(plants):
        by_day.setdefault((one.series, one.first_missed), []).append(i)
    own: dict[tuple[str, date | None], list[str]] = {}
    for row in natural.iter_rows(named=True):
        own.setdefault((row["series"], row["first_missed"]), []).append(row["phrase"])
        own.setdefault((row["series"], row["last_used"]), []).append(row["phrase"])
    out: list[tuple[float, int | None]] = []
    for row in found.filter(pl.col("kind") != "appeared").iter_rows(named=True):
        days = [(row["series"], row["first_missed"]), (row["series"], row["last_used"])]
        named = next((i for i in by_day.get(days[0], []) if matches(row["phrase"], plants[i].phrase)), None)
        same = [phrase for day in days for phrase in own.get(day, [])]
        if named is None and any(matches(row["phrase"], p) or matches(p, row["phrase"]) for p in same):
            continue
        out.append((row["probability"], named))
    return out
