"""One spelling for the many ways in which providers write the same name.

Case, accents, punctuation, the words *the*, *of*, *and*, and the usual abbreviations do not distinguish states; word order
does, except across one comma or a pair of brackets ("Korea, North", "Iran (Islamic Rep. of)").
"""

from __future__ import annotations

import re
import unicodedata

_DROPPED = frozenset({"the", "of", "and"})
_SPELT_OUT = {
    "rep": "republic",
    "dem": "democratic",
    "fed": "federated",
    "federal": "federated",
    "st": "saint",
    "is": "islands",
    "isl": "islands",
    "terr": "territory",
    "ppls": "peoples",
}
_APOSTROPHES = re.compile("['’‘`´ʼ\x91\x92]")
_BREAKS = re.compile(r"[\W_]+")
_BRACKETS = re.compile(r"^(?P<head>[^()]+)\((?P<tail>[^()]+)\)$")
_LONGEST = 200


def _mend(text: str) -> str:
    """Undo UTF-8 that was read as Latin-1 ("CÃ´te" for "Côte"), a common fault of the files of the field."""
    if "Ã" not in text and "â\x80" not in text:
        return text
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def fold(text: str) -> str:
    """Reduce a name to its key.

    Parameters
    ----------
    text : a name in any case, with or without accents, punctuation and abbreviations

    Returns
    -------
    str
        lower-case words separated by single spaces; empty where the text holds no letter or digit
    """
    plain = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", _mend(text[:_LONGEST])).casefold())
    bare = "".join(c for c in plain if not unicodedata.combining(c)).replace("ı", "i")  # the capital of both is I
    words = (_SPELT_OUT.get(w, w) for w in _BREAKS.split(bare) if w)
    return " ".join(w for w in words if w not in _DROPPED)


def keys(text: str) -> list[str]:
    """Keys to look a name up by: as written, then turned round its single comma or brackets."""
    found = [fold(text)]
    bracketed = _BRACKETS.match(text.strip())
    if bracketed:
        found.append(fold(f"{bracketed['tail']} {bracketed['head']}"))
    elif text.count(",") == 1:
        head, tail = text.split(",")
        found.append(fold(f"{tail} {head}"))
    return [key for key in dict.fromkeys(found) if key]
