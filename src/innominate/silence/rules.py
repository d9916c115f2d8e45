"""Rules that a person can read and extend: kinds of documents, and passages that are not the issuer's own statement."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from innominate.errors import BadFile

ROLES = ("dissent", "question", "boilerplate")
_OPENING = 400  # characters of the body that kinds by opening are matched in
_PARAGRAPH = re.compile(r"\n\s*\n")
_SENTENCE = re.compile(r"(?<=[.!?。！？])(?=\s|$)|\n\s*\n|(?<=[。！？])")
_ASKED = re.compile(r"[?？][”\"’'）)]*[ \t]*(?=\n)|(?=\n\s*\n)")  # the end of a question that no answer's label follows


@dataclass(frozen=True, slots=True)
class KindRule:
    """A kind of document, known by its title or by how it opens."""

    kind: str
    title: re.Pattern[str] | None
    opening: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class PassageRule:
    """A passage set apart; `until` is ``sentence``, ``paragraph``, ``document``, ``match`` or a pattern.

    needs : words, in small letters, one of which a text must hold for the rule to be tried (none: it always is)
    """

    role: str
    start: re.Pattern[str]
    until: str | re.Pattern[str]
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules in the order in which they are tried."""

    kinds: tuple[KindRule, ...]
    passages: tuple[PassageRule, ...]

    def kind_of(self, title: str | None, body: str) -> str | None:
        """The kind of a document, None where no rule fits."""
        for rule in self.kinds:
            if rule.title is not None and title and rule.title.search(title):
                return rule.kind
            if rule.opening is not None and rule.opening.search(body[:_OPENING]):
                return rule.kind
        return None

    def passages_of(self, body: str) -> list[tuple[str, int, int]]:
        """Role, first and last character (one past) of every passage that is set apart."""
        plain = body.lower()
        rules = [rule for rule in self.passages if not rule.needs or any(word in plain for word in rule.needs)]
        found = [passage for rule in rules for passage in _found(rule, body)]
        return sorted(found, key=lambda passage: passage[1])

    def own_words(self, body: str) -> str:
        """`body` with the passages set apart blanked out, every other character in its place; see :meth:`split`."""
        return self.split(body)[0]

    def split(self, body: str) -> tuple[str, bool]:
        """The own words of a document, and whether it was kept whole because nothing would have been left of it."""
        parts: list[str] = []
        at = 0
        for _, first, stop in self.passages_of(body):
            if stop > at:
                first = max(first, at)
                parts += (body[at:first], "\n" * (stop - first))
                at = stop
        if not parts:
            return body, False
        own = "".join((*parts, body[at:]))
        return (own, False) if any(map(str.isalnum, own)) else (body, True)


def _found(rule: PassageRule, body: str) -> Iterator[tuple[str, int, int]]:
    """The passages of one rule; a start within the passage before it begins no other."""
    last = -1
    for match in rule.start.finditer(body):
        if match.end() > last:
            last = _end(rule, body, match)
            yield rule.role, match.start(), last


def _end(rule: PassageRule, body: str, match: re.Match[str]) -> int:
    until = rule.until
    if until == "match":
        return match.end()
    if until == "document":
        return len(body)
    if isinstance(until, str):
        until = _PARAGRAPH if until == "paragraph" else _SENTENCE
    elif rule.role == "question":
        return _answered(rule.start, until, body, match.end())
    stop = until.search(body, match.end())
    return stop.start() if stop else len(body)


def _answered(start: re.Pattern[str], until: re.Pattern[str], body: str, at: int) -> int:
    """Where a question ends: at the answer's label, or where none comes before the next question, with its own paragraph."""
    following = start.search(body, at)
    limit = following.start() if following else len(body)
    label = until.search(body, at, limit)
    if label:
        return label.start()
    stop = _ASKED.search(body, at, limit)
    return stop.end() if stop else limit


def load(path: str | Path | None = None) -> Rules:
    """The rules of the package, preceded by those of the file at `path`, which is read anew each time."""
    own, shipped = _read(Path(path)) if path is not None else Rules((), ()), _shipped()
    return Rules(own.kinds + shipped.kinds, own.passages + shipped.passages)


@lru_cache(maxsize=1)
def _shipped() -> Rules:
    text = files("innominate.silence").joinpath("rules.yaml").read_text(encoding="utf-8")
    return _parse(text, "rules.yaml")


def _read(path: Path) -> Rules:
    try:
        return _parse(path.read_text(encoding="utf-8"), path.name)
    except (OSError, UnicodeDecodeError) as error:
        raise BadFile(path.name, f"cannot be read ({error})") from None


def _parse(text: str, name: str) -> Rules:
    import yaml

    try:
        content: Any = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        raise BadFile(name, f"not a YAML file ({str(error).splitlines()[0]})") from None
    if not isinstance(content, dict) or not all(
        isinstance(content.get(part, []), list) for part in ("kinds", "passages")
    ):
        raise BadFile(name, "must hold the lists `kinds` and `passages`")
    unknown = sorted(map(str, content.keys() - {"kinds", "passages"}))
    if unknown:
        raise BadFile(name, f"holds {unknown[0]!r}; only the lists `kinds` and `passages` are known")
    kinds = tuple(
        KindRule(str(_need(rule, "kind", name)), _pattern(rule.get("title"), name), _pattern(rule.get("opening"), name))
        for rule in content.get("kinds", [])
    )
    return Rules(kinds, tuple(_passage(rule, name) for rule in content.get("passages", [])))


def _passage(rule: Any, name: str) -> PassageRule:
    role, until = str(_need(rule, "role", name)), str(rule.get("until", "sentence"))
    if role not in ROLES:
        raise BadFile(name, f"role {role!r} is none of {', '.join(ROLES)}")
    start = _pattern(_need(rule, "start", name), name)
    assert start is not None
    ends = ("sentence", "paragraph", "document", "match")
    end = until if until in ends else _pattern(until, name)
    assert end is not None
    needs = rule.get("needs", [])
    if not isinstance(needs, list) or not all(isinstance(word, str) and word for word in needs):
        raise BadFile(name, f"needs is a list of words, not {str(needs)[:60]!r}")
    return PassageRule(role, start, end, tuple(word.lower() for word in needs))


def _need(rule: Any, key: str, name: str) -> Any:
    if not isinstance(rule, dict) or not rule.get(key):
        raise BadFile(name, f"a rule lacks {key!r}: {str(rule)[:60]}")
    return rule[key]


def _pattern(text: Any, name: str) -> re.Pattern[str] | None:
    if text is None:
        return None
    try:
        return re.compile(str(text), re.IGNORECASE)
    except re.error as error:
        raise BadFile(name, f"not a regular expression: {str(text)[:60]!r} ({error})") from None
