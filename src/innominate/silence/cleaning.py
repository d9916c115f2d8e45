"""Text as it comes from files and pages, made readable: decoded, stripped of mark-up and invisible characters.

HTML is parsed for its words only. Scripts, styles and everything else that is not text are left out; nothing is executed,
nothing is fetched.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from html.parser import HTMLParser

from innominate.errors import BadFile

_SILENT = frozenset({"script", "style", "noscript", "template", "head", "svg", "object", "iframe", "select", "button"})
_BLOCKS = frozenset(
    [
        "p",
        "div",
        "br",
        "li",
        "ul",
        "ol",
        "tr",
        "td",
        "th",
        "table",
        "section",
        "article",
        "header",
        "footer",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "blockquote",
        "pre",
        "hr",
        "dd",
        "dt",
        "main",
        "aside",
        "nav",
        "figure",
        "figcaption",
        "form",
        "option",
        "body",
        "html",
    ]
)
_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)
_LOOKS_LIKE_HTML = re.compile(
    r"<\s*(?:!doctype|html|body|head|p|div|span|br|script|table|article|h[1-6])\b[^<>]*/?>", re.I
)
_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([\w-]{3,20})""", re.I)
_INVISIBLE = dict.fromkeys(
    [0x00AD, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)
_CONTROLS = dict.fromkeys((*range(9), 11, 12, *range(14, 32), *range(127, 160)), " ")
_WIDE = {code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}
_TABLE: dict[int, str | int | None] = {**_CONTROLS, **_INVISIBLE, **_WIDE, 0x3000: " ", 0x00A0: " ", 0x202F: " "}
_CHANGED = re.compile(f"[{''.join(re.escape(chr(code)) for code in _TABLE)}]")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BY_LANGUAGE = {"zh": "gb18030", "ko": "cp949", "ru": "cp1251", "en": "cp1252"}
_USUAL = {
    "gb18030": re.compile("[的一是在不了有和人这中大国年发]"),
    "cp949": re.compile("[가-힣]{2}"),
    "cp1251": re.compile("[а-я]{3}"),
}


def clean(text: str) -> str:
    """`text` without mark-up, control characters, invisible marks; full-width letters and digits made plain.

    Punctuation, line breaks and the order of right-to-left text stay as they are.
    """
    if _LOOKS_LIKE_HTML.search(text[:4000]) or text.count("</") > 2:
        text = strip_html(text)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _CHANGED.sub(lambda found: found[0].translate(_TABLE), text)  # few characters change
    return unicodedata.normalize("NFC", text).strip()


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self.silent.append(tag)
        elif tag in _BLOCKS:
            if tag == "body" or self.silent == ["head"]:  # nobody closed the head
                self.silent = []
            self.parts.append("\n")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self.silent:
            while self.silent and self.silent.pop() != tag:
                pass
        elif tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.parts.append(re.sub(r"\s+", " ", data))


def strip_html(text: str) -> str:
    """The words of an HTML page; blocks become lines, scripts and styles are left out."""
    parser = _Words()
    parser.feed(text)
    parser.close()
    lines = (line.strip() for line in "".join(parser.parts).split("\n"))
    return "\n\n".join(line for line in lines if line)


def decode(content: bytes, name: str, language: str | None = None) -> str:
    """`content` as text: by byte-order mark, as UTF-8, by the charset a page declares, or by what the language suggests.

    A file that fits none of them, or several, is refused.
    """
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return _strictly(content, encoding, name)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        byte = content[error.start]
    declared = _CHARSET.search(content[:4096])
    if declared:
        return _strictly(content, declared[1].decode("ascii"), name)
    if language in _BY_LANGUAGE:
        return _strictly(content, _BY_LANGUAGE[language], name)
    fitting = [encoding for encoding in _USUAL if _fits(content, encoding)]
    if len(fitting) == 1:
        return content.decode(fitting[0])
    raise BadFile(name, f"not UTF-8 text (byte 0x{byte:02x}), nor clearly in another encoding; give --language", line)


def _strictly(content: bytes, encoding: str, name: str) -> str:
    try:
        return content.decode(encoding)
    except LookupError:
        raise BadFile(name, f"declares an unknown encoding {encoding!r}") from None
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BadFile(name, f"neither UTF-8 nor {encoding} text (byte 0x{content[error.start]:02x})", line) from None


def _fits(content: bytes, encoding: str) -> bool:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        return False
    beyond = sum(char > "\x7f" for char in text[:20000])
    usual = sum(len(match) for match in _USUAL[encoding].findall(text[:20000]))
    odd = sum("\ue000" <= char <= "\uf8ff" or char == "\ufffd" for char in text[:20000])
    return odd == 0 and usual > 0.08 * max(beyond, 1)
