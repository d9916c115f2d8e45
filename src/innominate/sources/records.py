"""The fields of one line of a delimited text, on which lines its records begin, and quotation marks that are never closed."""

from __future__ import annotations

import csv
import re
from bisect import bisect_right
from collections.abc import Sequence
from functools import cache

from innominate.errors import BadFile

_BREAK = re.compile(r"\r\n|\n|\r")


@cache
def _enclosed(delimiter: str) -> re.Pattern[str]:
    """A value in quotation marks, up to the mark that closes it or the end of the text."""
    return re.compile(rf'(?<![^{re.escape(delimiter)}\r\n])"(?:[^"]+|"")*("|\Z)')


def fields_of(line: str, delimiter: str = ",") -> list[str]:
    """The fields of one line of CSV; the line itself where they cannot be told (a bare carriage return in it)."""
    try:
        return next(csv.reader([line.rstrip("\r\n")], delimiter=delimiter), [])
    except csv.Error:
        return [line]


def row_lines(text: str, name: str, delimiter: str, skip_lines: int, quoted: bool, height: int) -> list[int]:
    """The line of every row of a table of `height` rows; nothing where each row is one line, or where it cannot be told."""
    lines = text.count("\n") + (not text.endswith("\n"))
    if height and lines - skip_lines - 1 == height:
        if quoted:
            _check_last_line(text, name, delimiter, lines)
        return []
    found = _record_lines(text, name, delimiter, skip_lines, quoted)[1:]
    return found if len(found) == height else []


def line_of(number: int | None, numbers: Sequence[int], skip_lines: int) -> int | None:
    """The line of a record of which Arrow tells the number, counted from the first line of the file."""
    at = -1 if number is None else number - skip_lines - 2
    return numbers[at] if 0 <= at < len(numbers) else number


def _record_lines(text: str, name: str, delimiter: str, skip_lines: int, quoted: bool) -> list[int]:
    """The 1-based lines on which the records after the first `skip_lines` lines begin, the header's first.

    Empty lines are no records. A :class:`BadFile` names the line with a quotation mark that is never closed, or that only
    the opening mark of a later line's value closes.
    """
    begin = after_lines(text, skip_lines)
    breaks = [found.span() for found in _BREAK.finditer(text, begin)]
    inside = [found.span() for found in _several_lines(text, name, delimiter, begin)] if quoted and '"' in text else []
    opened = [start for start, _ in inside]
    lines: list[int] = []
    last = begin
    for number, (stop, after) in enumerate([*breaks, (len(text), len(text))], skip_lines + 1):
        at = bisect_right(opened, last) - 1
        if stop > last and not (at >= 0 and last < inside[at][1]):
            lines.append(number)
        last = after
    return lines


def _check_last_line(text: str, name: str, delimiter: str, number: int) -> None:
    """Refuse a text whose last line, which is line `number`, leaves a quotation mark open."""
    last = text.rstrip("\r\n")
    begin = last.rfind("\n") + 1
    for found in _enclosed(delimiter).finditer(text, begin):
        if not found[1]:
            raise BadFile(name, "a quotation mark is never closed", number)


def _several_lines(text: str, name: str, delimiter: str, begin: int) -> list[re.Match[str]]:
    """The enclosed values that run over line breaks."""
    several = []
    for found in _enclosed(delimiter).finditer(text, begin):
        broken = _BREAK.search(found[0]) is not None
        if not found[1] or (broken and text[found.end() : found.end() + 1] not in ("", delimiter, "\r", "\n")):
            line = len(_BREAK.findall(text, 0, found.start())) + 1
            raise BadFile(name, "a quotation mark is never closed", line)
        if broken:
            several.append(found)
    return several


def after_lines(text: str, count: int) -> int:
    """Where a text goes on after its first lines."""
    begin = 0
    for _ in range(count):
        begin = text.find("\n", begin) + 1
    return begin
