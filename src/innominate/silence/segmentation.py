"""Text into tokens: words of English by simple rules, of Chinese, Korean and Russian by their libraries.

A token is a place in the text and a *stem*: the lemma, root or lower-case form that stays the same when the word is
inflected. Formulas are sequences of stems; what people read is always the text itself.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from innominate.errors import InputError
from innominate.silence import scanning
from innominate.silence.stemming import FUNCTION_CHARACTERS, FUNCTION_WORDS, MANNER, TURNING, stem

Language = Literal["en", "zh", "ko", "ru", "other"]
LANGUAGES: tuple[str, ...] = get_args(Language)
_LIBRARIES = {"zh": ("jieba", "chinese"), "ko": ("kiwipiepy", "korean"), "ru": ("pymorphy3", "russian")}
_NAMES = {"zh": "Chinese", "ko": "Korean", "ru": "Russian"}
_LONGEST_WORD = 8

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Tokens:
    """All tokens of a corpus, in order.

    Attributes
    ----------
    start, length : place of each token in code points of the corpus (int64, int32)
    stem : number of its stem, an index of `stems` (int32)
    document, sentence, clause : number of the document, the sentence, the part between commas (int32, none ever falls)
    stems : the stems
    content : whether a stem carries meaning of its own (neither a function word nor a bare number)
    bounds : first code point of every document, and the end
    """

    start: Longs
    length: Ints
    stem: Ints
    document: Ints
    sentence: Ints
    clause: Ints
    stems: tuple[str, ...]
    content: npt.NDArray[np.bool_]
    bounds: Longs


def check_language(language: str | None) -> Language | None:
    """`language` if it is one of those known, or None; anything else is an input error."""
    if language is None or language == "":
        return None
    short = language.lower().replace("_", "-").partition("-")[0]
    short = {"chinese": "zh", "cn": "zh", "english": "en", "korean": "ko", "kr": "ko", "russian": "ru"}.get(
        short, short
    )
    if short not in LANGUAGES:
        raise InputError(f"language {language!r} is none of {', '.join(LANGUAGES)}")
    return short  # type: ignore[return-value]


def require_library(language: str) -> None:
    """Ask by name for the library that `language` needs, when it is missing."""
    library, extra = _LIBRARIES[language]
    if find_spec(library) is None:
        raise InputError(f"{_NAMES[language]} text needs {library}: pip install innominate[{extra}]")


def tokenise(bodies: Sequence[str], language: Language | None = None) -> Tokens:
    """Cut cleaned texts into tokens.

    Parameters
    ----------
    bodies : texts as :func:`innominate.silence.cleaning.clean` leaves them
    language : of all texts; None lets each run of characters choose by its script (Latin letters count as English)
    """
    lowered = [_lower(body) for body in bodies]
    lengths = np.fromiter((len(body) + 1 for body in lowered), dtype=np.int64, count=len(lowered))
    bounds = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    written = scanning.codes_of(bodies)
    start, length, kind, *where = scanning.scan(written, scanning.classes(written), bounds)
    codes = scanning.codes_of(lowered)
    if (kind == scanning.HAN).any() and language in (None, "zh"):
        start, length, kind, where = _split_chinese(codes, start, length, kind, where)
    values = scanning.hashes(codes, start, length)
    _, first, inverse = np.unique(values, return_index=True, return_inverse=True)
    forms = [_form(codes, int(start[i]), int(length[i])) for i in first]
    pieces = _pieces(forms, kind[first], language)
    return _assemble(start, length, where, inverse, pieces, bounds)


def _lower(body: str) -> str:
    """`body` in small letters and with one sort of apostrophe, every character in its place."""
    body = body.replace("’", "'").replace("ʼ", "'")
    low = body.lower()
    if len(low) == len(body):
        return low
    return "".join(small if len(small := char.lower()) == 1 else char for char in body)


def _form(codes: scanning.Codes, start: int, length: int) -> str:
    return codes[start : start + length].tobytes().decode("utf-32-le", "surrogatepass")


@lru_cache(maxsize=1)
def _dictionary() -> tuple[Any, Any, float]:
    """jieba's word list as a hash table with log probabilities; what merely begins words is in it without one."""
    require_library("zh")
    import jieba

    jieba.setLogLevel(logging.WARNING)
    jieba.initialize()
    total = np.log(jieba.dt.total)
    known = {word: count for word, count in jieba.dt.FREQ.items() if count and len(word) <= _LONGEST_WORD}
    words = {word: count for word, count in known.items() if not _compound(word, known)}
    # beginnings too, which jieba counts as nothing
    held = [word for word in jieba.dt.FREQ if len(word) <= _LONGEST_WORD]
    codes = np.frombuffer("".join(held).encode("utf-32-le"), dtype=np.uint32)
    length = np.fromiter((len(word) for word in held), dtype=np.int32, count=len(held))
    start = np.concatenate([[0], np.cumsum(length[:-1], dtype=np.int64)]).astype(np.int64)
    counts = np.fromiter((words.get(word, 0) for word in held), dtype=np.float64, count=len(held))
    weights = np.where(counts > 0, np.log(np.maximum(counts, 1)) - total, scanning.NO_WORD)
    keys, values = scanning.build_table(scanning.hashes(codes, start, length), weights.astype(np.float32))
    return keys, values, float(-total)


def _compound(word: str, known: dict[str, int]) -> bool:
    """Whether a word of four characters or more is two words of the list: its parts are what survives a rewording."""
    return len(word) >= 4 and any(word[:i] in known and word[i:] in known for i in range(2, len(word) - 1))


def _split_chinese(
    codes: scanning.Codes, start: Any, length: Any, kind: Any, where: list[Any]
) -> tuple[Any, Any, Any, list[Any]]:
    keys, values, unknown = _dictionary()
    han = np.flatnonzero(kind == scanning.HAN)
    run, begin, size = scanning.split_han(codes, start[han], length[han], keys, values, unknown, _LONGEST_WORD)
    origin = han[run]
    rest = np.flatnonzero(kind != scanning.HAN)
    start = np.concatenate([begin, start[rest]])
    length = np.concatenate([size, length[rest]])
    origin = np.concatenate([origin, rest])
    order = np.argsort(start, kind="stable")
    origin = origin[order]
    return start[order], length[order], kind[origin], [column[origin] for column in where]


Piece = tuple[int, int, str, bool]  # offset and length within the form, stem, carries meaning
_PERCENT: dict[str, list[Piece]] = {  # "per cent", however it is written
    "percent": [(0, 3, "per", False), (3, 4, "cent", True)],
    **{sign: [(0, 1, "per", False), (0, 1, "cent", True)] for sign in "%％"},
}


def _pieces(forms: list[str], kinds: Any, language: Language | None) -> list[list[Piece]]:
    """How each distinct form divides into stems; nearly always into one."""
    korean = _korean() if language in (None, "ko") and (kinds == scanning.HANGUL).any() else None
    russian = _russian() if language in (None, "ru") and (kinds == scanning.CYRILLIC).any() else None
    out: list[list[Piece]] = []
    for form, kind in zip(forms, kinds, strict=True):
        if kind == scanning.HANGUL and korean is not None:
            out.append(korean(form))
        elif kind == scanning.CYRILLIC and russian is not None:
            out.append(russian(form))
        elif kind == scanning.LETTER:
            if form in _PERCENT:
                out.append(_PERCENT[form])
                continue
            root = stem(form) if language in (None, "en") else form
            meaning = len(form) > 1 and form not in FUNCTION_WORDS and root not in FUNCTION_WORDS
            out.append([(0, len(form), root, meaning)])
        else:
            out.append([(0, len(form), form, kind == scanning.HAN and form not in FUNCTION_CHARACTERS)])
    return out


@lru_cache(maxsize=1)
def _korean() -> Callable[[str], list[Piece]]:
    require_library("ko")
    from kiwipiepy import Kiwi

    kiwi = Kiwi(num_workers=1)

    def split(form: str) -> list[Piece]:
        kept: list[Piece] = []
        prefix: tuple[int, str] | None = None
        for piece in kiwi.tokenize(form):
            if piece.tag == "XPN":
                prefix = (piece.start, piece.form)
            elif piece.tag[:2] in ("NN", "XR", "VV", "VA", "SL", "SN", "MM", "MA", "NR", "NP"):
                meaning = piece.tag[:2] in ("NN", "XR", "VV", "VA", "SL") and piece.tag != "NNB"
                meaning |= piece.tag == "MAG" and (
                    piece.form.endswith("히") or piece.form in MANNER
                )  # strongly, fully, at once
                begin, root = (prefix[0], prefix[1] + piece.form) if prefix else (piece.start, piece.form)
                kept.append((begin, piece.start + max(piece.len, 1) - begin, root, meaning))
                prefix = None
            elif piece.tag in ("VX", "VCN") and piece.form in TURNING:
                kept.append((piece.start, max(piece.len, 1), piece.form, False))
            elif piece.tag == "XSN" and kept and kept[-1][0] + kept[-1][1] == piece.start:
                begin, size, root, meaning = kept.pop()
                kept.append((begin, size + piece.len, root + piece.form, meaning))
        return kept

    return split


@lru_cache(maxsize=1)
def _russian() -> Callable[[str], list[Piece]]:
    require_library("ru")
    from pymorphy3 import MorphAnalyzer

    analyser = MorphAnalyzer()
    empty = frozenset({"PREP", "CONJ", "PRCL", "NPRO", "INTJ"})

    def split(form: str) -> list[Piece]:
        reading = analyser.parse(form.replace("ё", "е"))[0]  # the dots are seldom printed
        root = reading.normal_form.replace("ё", "е")
        return [(0, len(form), root, str(reading.tag.POS) not in empty and len(form) > 1)]

    return split


def _assemble(
    start: Any, length: Any, where: list[Any], inverse: Any, pieces: list[list[Piece]], bounds: Longs
) -> Tokens:
    numbers: dict[str, int] = {}
    content: list[bool] = []
    counts = np.fromiter((len(parts) for parts in pieces), dtype=np.int64, count=len(pieces))
    table = np.zeros((int(counts.sum()), 3), dtype=np.int64)
    row = 0
    for parts in pieces:
        for offset, size, root, meaning in parts:
            number = numbers.setdefault(root, len(numbers))
            if number == len(content):
                content.append(meaning)
            table[row] = offset, size, number
            row += 1
    firsts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    times = counts[inverse]
    owner = np.repeat(np.arange(len(start)), times)
    within = np.arange(len(owner)) - np.repeat(np.cumsum(times) - times, times)
    rows = table[np.repeat(firsts[inverse], times) + within]
    document, sentence, clause = (column[owner] for column in where)
    return Tokens(
        start[owner] + rows[:, 0],
        rows[:, 1].astype(np.int32),
        rows[:, 2].astype(np.int32),
        document,
        sentence,
        clause,
        tuple(numbers),
        np.array(content, dtype=np.bool_),
        bounds,
    )
