"""What people do now, on the same planted data: two-document diff, keyness before and after a date, absent for k documents."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date

import numpy as np
import polars as pl

_WORD = re.compile(r"[\u3400-\u9fff]|[^\W_]+(?:['’][^\W_]+)?")
Row = tuple[str, str, date]  # series, phrase, first_missed
_SIZES = (2, 3, 4)


def _grams(text: str) -> set[str]:
    out: set[str] = set()
    for part in re.split(r"[^\w\s'’-]+|\n+", text):
        words = _WORD.findall(part.lower())
        for size in _SIZES:
            out.update(" ".join(words[i : i + size]) for i in range(len(words) - size + 1))
    return out


def _series(frame: pl.DataFrame) -> list[tuple[str, list[date], list[set[str]]]]:
    return [
        (part["series"][0], part["date"].to_list(), [_grams(text) for text in part["text"]])
        for part in frame.partition_by("series", maintain_order=True)
    ]


def two_document_diff(frame: pl.DataFrame, window: int = 4) -> list[Row]:
    """Phrases of all of the last few documents that the next one lacks: what a careful redline shows."""
    out: list[Row] = []
    for name, dates, grams in _series(frame):
        for d in range(window, len(grams)):
            steady = set.intersection(*grams[d - window : d]) - grams[d]
            out += [(name, gram, dates[d]) for gram in steady]
    return _longest(out)


def absent_for(frame: pl.DataFrame, documents: int = 5, uses: int = 5) -> list[Row]:
    """Phrases used `uses` times in a row or more and then absent for so many documents."""
    out: list[Row] = []
    for name, dates, grams in _series(frame):
        run: Counter[str] = Counter()
        for d, here in enumerate(grams):
            gone = [gram for gram in run if gram not in here]
            for gram in gone:
                later = grams[d : d + documents]
                if run.pop(gram) >= uses and len(later) == documents and not any(gram in other for other in later):
                    out.append((name, gram, dates[d]))
            run.update(here)
    return _longest(out)


def keyness(frame: pl.DataFrame, window: int = 10, least: float = 10.83) -> list[Row]:
    """Log-likelihood keyness (Dunning 1993) of phrases in the documents before a date against those after it, p < 0.001."""
    out: list[Row] = []
    for name, dates, grams in _series(frame):
        best: dict[str, tuple[float, date]] = {}
        for d in range(window, len(grams) - 2):
            before, after = grams[d - window : d], grams[d : d + window]
            counts, later = Counter(g for doc in before for g in doc), Counter(g for doc in after for g in doc)
            for gram, n in counts.items():
                if n >= 0.6 * window and (value := _likelihood(n, len(before), later[gram], len(after))) >= least:
                    best[gram] = max(best.get(gram, (0.0, dates[d])), (value, dates[d]))
        out += [(name, gram, day) for gram, (_, day) in best.items()]
    return _longest(out)


def _likelihood(a: int, n: int, b: int, m: int) -> float:
    if b / m >= a / n:
        return 0.0
    rate = (a + b) / (n + m)

    def term(count: int, size: int) -> float:
        misses = size - count
        return sum(
            float(c * np.log(c / (size * p))) for c, p in ((count, rate), (misses, 1 - rate)) if c > 0 and 0 < p < 1
        )

    return 2 * (term(a, n) + term(b, m))


def _longest(rows: list[Row]) -> list[Row]:
    """Of the phrases of one date, those that no longer one contains; neighbours of one size overlap and are kept once."""
    by_day: dict[tuple[str, date], list[str]] = {}
    for name, gram, day in rows:
        by_day.setdefault((name, day), []).append(gram)
    out: list[Row] = []
    for (name, day), grams in by_day.items():
        kept: list[set[str]] = []
        for gram in sorted(grams, key=lambda g: (-len(g.split()), g)):
            words = set(gram.split())
            if not any(len(words & other) >= 0.5 * len(words) for other in kept):
                kept.append(words)
                out.append((name, gram, day))
    return out
