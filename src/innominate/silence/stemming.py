"""A light English stemmer and the function words of English.

Only the endings that a formula takes on as its sentence changes are removed (plural, third person, past, present
participle, possessive), after the first step of Porter (1980, "An algorithm for suffix stripping"), so that
"stands ready", "stood ready" stay apart but "increase", "increases", "increased", "increasing" are one.
"""

from __future__ import annotations

import re

FUNCTION_WORDS = frozenset(
    [
        "a",
        "about",
        "above",
        "after",
        "again",
        "against",
        "all",
        "also",
        "am",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "be",
        "because",
        "been",
        "before",
        "being",
        "below",
        "between",
        "both",
        "but",
        "by",
        "can",
        "cannot",
        "could",
        "did",
        "do",
        "does",
        "doing",
        "down",
        "during",
        "each",
        "either",
        "et",
        "etc",
        "few",
        "for",
        "from",
        "further",
        "had",
        "has",
        "have",
        "having",
        "he",
        "her",
        "here",
        "hers",
        "him",
        "his",
        "how",
        "however",
        "i",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "itself",
        "just",
        "may",
        "me",
        "might",
        "more",
        "most",
        "much",
        "must",
        "my",
        "neither",
        "no",
        "nor",
        "not",
        "now",
        "of",
        "off",
        "on",
        "once",
        "one",
        "only",
        "or",
        "other",
        "our",
        "ours",
        "out",
        "over",
        "own",
        "per",
        "same",
        "shall",
        "she",
        "should",
        "so",
        "some",
        "such",
        "than",
        "that",
        "the",
        "their",
        "theirs",
        "them",
        "then",
        "there",
        "these",
        "they",
        "this",
        "those",
        "through",
        "thus",
        "to",
        "too",
        "under",
        "until",
        "up",
        "upon",
        "us",
        "very",
        "was",
        "we",
        "were",
        "what",
        "when",
        "where",
        "whether",
        "which",
        "while",
        "who",
        "whom",
        "whose",
        "why",
        "will",
        "with",
        "within",
        "without",
        "would",
        "yet",
        "you",
        "your",
        "yours",
    ]
)
# Chinese characters that carry no meaning of their own: particles, prepositions, conjunctions, pronouns, numbers, measures
FUNCTION_CHARACTERS = frozenset(
    "的地得了着过之其所者而但则若如因故且并及与和或同跟以于由对向从往自至到在把被将让使令给就也都还又再已曾正即便才却可应须会能"
    "要想该是为有无不未没非莫勿很更最太较极甚更仅只约凡每各此这那哪何谁我你他她它们您咱本某另等吗呢吧啊呀嘛"
    "个名位次种项件条届年月日时分秒点号上下中内外前后里间左右一二三四五六七八九十百千万亿两多少几第零〇半元"
)

_VOWELS = frozenset("aeiouy")
# British spelling → American
_SPELT = {
    "centre": "center", "theatre": "theater", "metre": "meter", "kilometre": "kilometer", "litre": "liter", "fibre": "fiber",
    "calibre": "caliber", "defence": "defense", "offence": "offense", "licence": "license", "pretence": "pretense",
    "programme": "program", "cheque": "check", "grey": "gray", "judgement": "judgment", "acknowledgement": "acknowledgment",
    "fulfil": "fulfill", "fulfilment": "fulfillment", "enrolment": "enrollment", "instalment": "installment",
    "skilful": "skillful", "wilful": "willful", "ageing": "aging", "manoeuvre": "maneuver", "aluminium": "aluminum",
}  # fmt: skip
_OUR = re.compile(r"\b((?:dis|un|mis)?(?:behavi|col|endeav|fav|harb|hon|hum|lab|neighb|rig|rum|savi?|val|vig|arm))our")
_ISE = re.compile(r"(?<=[a-z]{2})(i|y)s(?=(?:e|es|ed|er|ers|ing|ation|ations)$)")


def stem(word: str) -> str:
    """The stem of a lower-case English word."""
    for mark in ("'s", "’s", "s'", "s’", "'", "’"):
        if word.endswith(mark):
            word = word[: -len(mark)] + ("s" if mark[0] == "s" else "")
            break
    if len(word) <= 3:
        return word
    word = _singular(_american(word))
    for ending in ("ing", "ed"):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and _VOWELS & set(word[: -len(ending)]):
            root = _tidy(word[: -len(ending)])
            return f"{root}e" if root in FUNCTION_WORDS and word not in FUNCTION_WORDS else root  # noted: no "not"
    if word.endswith("e") and len(word) > 4:
        return word[:-1]
    return word[:-1] + "i" if word.endswith("y") and word[-2] not in _VOWELS else word


def _american(word: str) -> str:
    """Programme, honours, denuclearisation and analysed as they are written in America; so, too, "promize", in all its forms."""
    singular = word.removesuffix("s")
    if singular in _SPELT:
        return _SPELT[singular] + word[len(singular) :]
    return _OUR.sub(r"\1or", _ISE.sub(r"\1z", word)) if "our" in word or "is" in word or "ys" in word else word


def _singular(word: str) -> str:
    if word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") else word


def _tidy(root: str) -> str:
    if len(root) > 3 and root[-1] == root[-2] and root[-1] not in "lsz":
        return root[:-1]
    if root.endswith("y") and root[-2] not in _VOWELS:
        return root[:-1] + "i"
    return root[:-1] if root.endswith("e") and len(root) > 4 else root


# words that say whether, how far and how something is done: they belong to what follows
_LEADING = (
    "will would can could should may might must shall be not no never cannot only any some most least further until unless "
    "all both every each or without before after above below against more less fewer "
    "не ни будет быть нельзя лишь только весь все оба или без до после перед против "
    "不 未 无 将 应 要 안 못 않 못하 아니 모든 결코"
)
LEADING = frozenset(stem(word) for word in _LEADING.split())
# words that turn or narrow what is said where they are put in
_TURNING = (
    "not no never cannot nor neither only some unless or without не ни нет нельзя лишь только никогда или без "
    "不 未 没 没有 勿 莫 非 不会 不再 不得 不能 不可 不应 不要 不是 不予 绝不 决不 从不 并不 并非 未能 无法 않 안 못 못하 아니 결코"
)
TURNING = frozenset(stem(word) for word in _TURNING.split())
MANNER = frozenset({"즉각", "즉시", "전면", "절대", "적극"})  # Korean adverbs that carry meaning, besides those in -히
OWNING = frozenset(stem(word) for word in "my our your his her its their мой наш твой ваш свой".split())  # noqa: SIM905
# of what is before, at the end of a clause
PARTICLES = frozenset({"in", "out", "up", "down", "on", "off", "over", "through", "one", "so", "too"})
CLOSING = frozenset({"further", "again"})  # of what is before, unless what follows carries meaning
