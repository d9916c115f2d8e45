"""How numbers, pairs and years are put into words; the brief and the findings share it, so that they cannot differ."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from innominate import states as registry
from innominate.cases.findings import Number, Sentence, rounded
from innominate.exchange.percent import percent

_PLACE = re.compile(r"\{([^{}|]+)(?:\|(value|interval|full))?\}")
_CHIEF = {"USA": "the United States", "GBR": "the United Kingdom"}
_WITH_ARTICLE = frozenset({"group", "Warsaw Pact", "GCC", "Five Eyes"})


def state_name(code: str) -> str:
    """The state's name for people."""
    return registry.get(code).name


def state_in_sentence(code: str) -> str:
    """The state's name as it stands inside a sentence."""
    return _CHIEF.get(code, state_name(code))


def group_in_sentence(name: str) -> str:
    """The name of a group of states as it stands inside a sentence: with its article, where it has one."""
    return f"the {name}" if name in _WITH_ARTICLE else name


def pair_key(first: str, second: str) -> str:
    """``AAA-BBB``, in the order of the alphabet.

    >>> pair_key("RUS", "CHN")
    'CHN-RUS'
    """
    return "-".join(sorted((first, second)))


def pair_name(key: str) -> str:
    """``China–Russia`` for ``CHN-RUS``."""
    return "–".join(state_name(code) for code in key.split("-"))


def listed(items: Sequence[str], last: str = "and") -> str:
    """Items as a person lists them.

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {last} {items[-1]}" if items else ""


def mid_sentence(title: str) -> str:
    """A title as it stands inside a sentence.

    >>> mid_sentence("Arms transfers"), mid_sentence("UN General Assembly votes")
    ('arms transfers', 'UN General Assembly votes')
    """
    proper = title.startswith(("UN ", "Security Council"))
    return title if proper else title[:1].lower() + title[1:]


def scale_words(label: str) -> str:
    """The scale's label with a dash between its years."""
    return re.sub(r"(\d{4})-(\d{4})", "\\1–\\2", label)


def span(years: Sequence[int]) -> str:
    """Years as spans.

    >>> span([1990, 1991, 1992, 2000])
    '1990–1992, 2000'
    """
    found: list[list[int]] = []
    for year in sorted(set(years)):
        if found and found[-1][1] == year - 1:
            found[-1][1] = year
        else:
            found.append([year, year])
    return ", ".join(f"{low}–{high}" if high > low else f"{low}" for low, high in found)


def plural(count: int, one: str, many: str | None = None) -> str:
    """``1 row``, ``12 rows``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def show(number: float | None, unit: str) -> str:
    """A value as it is printed.

    >>> show(0.8349, "alignment"), show(0.996, "probability"), show(-0.5, "change"), show(None, "share"), show(0.002, "share")
    ('0.83', 'over 99%', '−0.50', 'unknown', 'under 1%')
    """
    if number is None:
        return "unknown"
    if unit == "probability":
        return "over 99%" if number > 0.99 else "under 1%" if number < 0.01 else f"{100 * number:.0f}%"
    if unit == "share":
        return percent(number)
    if unit == "amount":
        return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"
    if unit in ("count", "rank"):
        return f"{number:,.0f}"
    if unit == "year":
        return f"{number:.0f}"
    if unit == "factor":
        return _show_factor(number)
    text = f"{number:.1f}" if unit == "expected" else f"{number:+.2f}" if unit == "change" else f"{number:.2f}"
    text = text.replace("-0.00", "0.00").replace("+0.00", "0.00") if float(text) == 0 else text
    return text.replace("-", "−")


def _show_factor(number: float) -> str:
    """A Bayes factor: two digits, no more than Monte Carlo can tell.

    >>> _show_factor(0.0123), _show_factor(4.25), _show_factor(1234.0), _show_factor(1e-9), _show_factor(1e9)
    ('0.012', '4.2', '1,200', 'under 0.001', 'over 100,000')
    """
    if number < 0.001:
        return "under 0.001"
    if number > 100_000:
        return "over 100,000"
    return f"{float(f'{number:.2g}'):,g}" if number < 10 else f"{float(f'{number:.2g}'):,.0f}"


def show_interval(number: Number) -> str:
    """``[0.71, 1.02]``, or nothing where there is no interval."""
    if number.low is None or number.high is None:
        return ""
    return f"[{show(rounded(number.low), number.unit)}, {show(rounded(number.high), number.unit)}]"


def show_number(number: Number, what: str = "value") -> str:
    """A number as it is printed: its value, its interval, or both."""
    value = show(None if number.value is None else rounded(number.value), number.unit)
    interval = show_interval(number)
    if what == "interval":
        return interval
    # "under 1% [under 1%, under 1%]" says no more than "under 1%"
    told = interval and interval != f"[{value}, {value}]"
    return f"{value} {interval}" if what == "full" and told else value


def between(least: str, most: str, numbers: Iterable[Number]) -> str:
    """A pattern for a range between two numbers, given by their keys: "lies between … and …", or "is …" where both print the same."""
    known = {number.key: number for number in numbers}
    same = show_number(known[least]) == show_number(known[most])
    return f"is {{{most}}}" if same else f"lies between {{{least}}} and {{{most}}}"


def places(pattern: str) -> list[tuple[str, str, str]]:
    """A pattern cut up: (text before, key, what) for every place, and (rest, "", "") at the end."""
    found, at = [], 0
    for match in _PLACE.finditer(pattern):
        found.append((pattern[at : match.start()], match.group(1), match.group(2) or "value"))
        at = match.end()
    return [*found, (pattern[at:], "", "")]


def sentence(pattern: str, numbers: Iterable[Number] | Mapping[str, Number] = ()) -> Sentence:
    """A sentence from a pattern with ``{key}``, ``{key|interval}`` or ``{key|full}`` for numbers."""
    known = numbers if isinstance(numbers, Mapping) else {number.key: number for number in numbers}
    text = "".join(before + (show_number(known[key], what) if key else "") for before, key, what in places(pattern))
    return Sentence(text, pattern)
