"""The words of HTML pages, in one pass over the text; nothing in a page is run.

An element that nobody closes hides no words, save a script or style, where words cannot be told from code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

_SCRIPTS = frozenset({"script", "style"})  # not mark-up inside
_SILENT = frozenset({"noscript", "template", "svg", "object", "iframe", "select", "button", "title"})
_BLOCKS = frozenset({
    "p", "div", "br", "li", "ul", "ol", "tr", "td", "th", "table", "section", "article", "header", "footer", "h1", "h2",
    "h3", "h4", "h5", "h6", "blockquote", "pre", "hr", "dd", "dt", "main", "aside", "nav", "figure", "figcaption", "form",
    "option", "body", "html",
})  # fmt: skip
_OPENS = re.compile(r"<(?=[A-Za-z/!?])")
_NAME = re.compile(r"</?([A-Za-z][^\s/>]*)")
_VALUE_OR_END = re.compile(r"""=\s*"[^"]*"|=\s*'[^']*'|>""")
_COMMENT_ENDS = re.compile(r"--!?>")
_ENDS = {name: re.compile(rf"<(/?){name}(?=[\s/>])", re.IGNORECASE) for name in _SCRIPTS}

# ("text", words, False), or (name of a tag, "", whether it closes)
_Event = tuple[str, str, bool]


def words(page: str) -> str:
    """The words of an HTML page; blocks become lines, scripts, styles and closed silent elements are left out."""
    events = list(_events(page))
    parts: list[str] = []
    skipped = _silent(events)
    at = 0
    while at < len(events):
        name, text, _ = events[at]
        if name == "text":
            parts.append(re.sub(r"\s+", " ", unescape(text)))
        elif name in _BLOCKS:
            parts.append("\n")
        at = skipped.get(at, at) + 1
    lines = (line.strip() for line in "".join(parts).split("\n"))
    return "\n\n".join(line for line in lines if line)


def _silent(events: list[_Event]) -> dict[int, int]:
    """First and last event of every silent element that is closed; one that nobody closes silences nothing."""
    open_tags: dict[str, list[int]] = {}
    ends: dict[int, int] = {}
    for at, (name, _, closes) in enumerate(events):
        if name in _SILENT:
            begun = open_tags.setdefault(name, [])
            if not closes:
                begun.append(at)
            elif begun:
                ends[begun.pop()] = at
    return ends


def _events(page: str) -> Iterator[_Event]:
    at, last = 0, page.rfind(">")
    closing = max(page.rfind("-->"), page.rfind("--!>"))
    quotes = True  # whether a ">" in quotes is part of a tag; not after a quote that nobody closed
    while mark := _OPENS.search(page, at, last):
        begin = mark.start()
        if begin > at:
            yield "text", page[at:begin], False
        named = _NAME.match(page, begin)
        if named is None:
            at = _after_comment(page, begin, closing)
            continue
        end = _tag_end(page, named.end()) if quotes else 0
        if not end:
            quotes, end = False, page.index(">", begin) + 1
        name, closes = named[1].lower(), page[begin + 1] == "/"
        at = end
        if name in _SCRIPTS and not closes:
            at = _after_script(page, name, end)
        elif not (name == "svg" and page[end - 2] == "/"):
            yield name, "", closes
    if at < len(page):
        yield "text", page[at:], False


def _tag_end(page: str, at: int) -> int:
    """One past the ``>`` that ends a tag, outside of quoted values; 0 where there is none."""
    while found := _VALUE_OR_END.search(page, at):
        if found[0] == ">":
            return found.end()
        at = found.end()
    return 0


def _after_comment(page: str, begin: int, closing: int) -> int:
    """Where the page goes on after ``<!…>``, ``<?…>`` or ``</…>`` that is no tag; of a comment that nobody closes, its mark.

    `closing`: where the last comment of the page is closed.
    """
    if not page.startswith("<!--", begin):
        return page.index(">", begin) + 1
    end = _COMMENT_ENDS.search(page, begin + 2) if begin + 2 <= closing else None
    return end.end() if end else begin + 4


def _after_script(page: str, name: str, at: int) -> int:
    """Where the page goes on after a script or style that begins at `at`; one closed in its own tag has no words to skip.

    As in browsers a slash before ``>`` does not close it, unless another one begins before the next is closed (XHTML).
    """
    end = _ENDS[name].search(page, at)
    own = page[at - 2] == "/"
    if own and (end is None or not end[1]):
        return at
    while end and not end[1]:
        end = _ENDS[name].search(page, end.end())
    if end is None:
        return len(page)
    close = page.find(">", end.end())
    return close + 1 if close >= 0 else len(page)
