"""What is known of the stems of a corpus: which carry meaning, which may end a wording, what each tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from innominate.silence.segmentation import Tokens
from innominate.silence.stemming import CLOSING, LEADING, OWNING, PARTICLES, TURNING


@dataclass(frozen=True, slots=True)
class Words:
    """Flags and figures of stems, one each.

    Attributes
    ----------
    content : whether a stem carries meaning
    alone : whether it does by itself; single Chinese characters do only beside others
    edge : whether it may begin or end a wording (content words and numbers)
    leading : whether it says whether and how something is done (will, can, not, only) and stays with the words that follow it
    owning : whether it says whose something is (your, our, its) and is told with it
    turning : whether it turns or narrows what is said where it is put in (not, no, only, some)
    particle : whether it belongs to what stands before it where it ends a clause (ruled out, phased in)
    closing : whether it does unless a word that carries meaning follows (ease further, once again)
    information : bits that a stem tells, -log2 of its share of all tokens; 0 for function words
    """

    content: Any
    alone: Any
    edge: Any
    leading: Any
    owning: Any
    turning: Any
    particle: Any
    closing: Any
    information: Any


def vocabulary(tokens: Tokens) -> Words:
    """What is known of the stems of some texts."""
    counts = np.bincount(tokens.stem, minlength=len(tokens.stems))
    told = _number, _single, *(one.__contains__ for one in (LEADING, OWNING, TURNING, PARTICLES, CLOSING))
    numbers, single, leading, owning, turning, particle, closing = (
        np.fromiter(map(one, tokens.stems), dtype=np.bool_, count=len(tokens.stems)) for one in told
    )
    edge = tokens.content | numbers
    information = np.where(edge, np.log2(max(len(tokens.stem), 2) / np.maximum(counts, 1)), 0.0)
    return Words(
        tokens.content, tokens.content & ~single, edge, leading, owning, turning, particle, closing, information
    )


def _number(stem: str) -> bool:
    return stem[:1].isdigit()


def _single(stem: str) -> bool:
    """Whether a stem is a single Chinese character."""
    return len(stem) == 1 and stem > "\u2e80" and not "가" <= stem <= "힣"
