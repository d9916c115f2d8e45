"""Text as it comes from files and pages, made readable: decoded, stripped of mark-up and invisible characters.

HTML is read for its words only, see :mod:`innominate.silence.markup`; nothing is executed, nothing is fetched.
"""

from __future__ import annotations

import codecs
import re
import unicodedata

from innominate.errors import BadFile
from innominate.silence import markup
from innominate.sources.contents import misfit

_LOOKS_LIKE_HTML = re.compile(
    r"<\s*(?:!doctype|html|body|head|p|div|span|br|script|table|article|h[1-6])\b[^<>]*/?>", re.I
)
_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([\w-]{3,20})""", re.I)
_INVISIBLE = dict.fromkeys(
    [0x00AD, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)
_CONTROLS = dict.fromkeys((*range(9), 11, 12, *range(14, 32), *range(127, 160)), " ")
_WIDE = {code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}
_LIGATURES = dict(zip(range(0xFB00, 0xFB07), ("ff", "fi", "fl", "ffi", "ffl", "st", "st"), strict=True))
_SPACES = dict.fromkeys((0x3000, 0x00A0, 0x202F), " ")
_TABLE: dict[int, str | int | None] = {**_CONTROLS, **_INVISIBLE, **_WIDE, **_LIGATURES, **_SPACES}
_CHANGED = re.compile(f"[{''.join(re.escape(chr(code)) for code in _TABLE)}]")
_HAN = re.compile("[\u3400-\u9fff]+")
_CUT = re.compile(  # a line that ends in a Chinese character, and one that goes on: no indent, no number of a list
    r"[\u3400-\u9fff]\n(?![一二三四五六七八九十]{1,3}、|第.{1,3}[章节条]|\d{1,2}[.、])[\u3400-\u9fff\w《“‘「]"
)
_AT_LINE_END = re.compile(r"-[ \t]*\n")  # found sooner than the words around it, and seldom there
_HYPHENATED = re.compile(r"([^\W\d_]{2,})-[ \t]*\n[ \t]*([a-zа-яёà-ÿ]{2,})")
_STRESS = "\u0301"
_STRESSED = re.compile(f"(?<=[\u0400-\u04ff]){_STRESS}")
_SPACED = re.compile(r"(?<=[\u3400-\u9fff，。、；：？！])[ \u3000](?=[\u3400-\u9fff，。、；：？！])")
_LEAST_WIDTH = 20  # columns, from which a line can have been cut
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BY_LANGUAGE = {"zh": "gb18030", "ko": "cp949", "ru": "cp1251", "en": "cp1252"}
_RUSSIAN = ("cp1251", "koi8-r", "cp866", "iso8859-5")
_USUAL = {
    "gb18030": re.compile("[的一是在不了有和人这中大国年发]"),
    "cp949": re.compile("[이다는을를의에가은고하지한로]"),
    "cp1251": re.compile("[а-я]{3}"),
}
_READ_AS = {  # names under which pages mean more than they say, as browsers take them
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "iso8859-9": "cp1254",
    "tis-620": "cp874",
}
_NO_CHARSETS = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "utf-7", "undefined"})
# What only UTF-8 has: several Chinese, Korean or Russian letters in a row, or a curly quote or dash
_IN_UTF8 = re.compile(rb"(?:[\xE3-\xED][\x80-\xBF]{2} ?){4}|(?:[\xD0\xD1][\x80-\xBF] ?){4}|\xE2\x80[\x90-\xBA]")
_ACCENTED = re.compile(rb"\xC3[\x80-\xBF]")  # an accented letter in UTF-8, and none of English otherwise


def clean(text: str) -> str:
    """`text` without mark-up, control characters, invisible marks; full-width letters and digits made plain.

    Punctuation and the order of right-to-left text stay as they are, and so do line breaks, save those at which words were
    hyphenated or Chinese lines were cut at a width.
    """
    if _LOOKS_LIKE_HTML.search(text[:4000]) or text.count("</") > 2:
        text = markup.words(text)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _CHANGED.sub(lambda found: found[0].translate(_TABLE), text)  # few characters change
    text = unicodedata.normalize("NFC", text).strip()
    if _STRESS in text:
        text = _STRESSED.sub("", text)
    return _unwrapped(_unspaced(_rejoined(text)))


def _rejoined(text: str) -> str:
    """Words cut at the end of a line put together, with their hyphen where both halves are words of the text and the whole is not."""
    if not _AT_LINE_END.search(text):
        return text
    words = set(re.findall(r"[^\W\d_]+", _HYPHENATED.sub(" ", text).lower()))

    def join(found: re.Match[str]) -> str:
        first, second = found.groups()
        compound = first.lower() in words and second in words and (first + second).lower() not in words
        return f"{first}-{second}" if compound else first + second

    return _HYPHENATED.sub(join, text)


def _unspaced(text: str) -> str:
    """Chinese set with a space after nearly every character, without the spaces."""
    if text.isascii() or not _HAN.search(text):
        return text
    most = 0.6 * sum(map(len, _HAN.findall(text)))
    return _SPACED.sub("", text) if text.count(" ") > most and len(_SPACED.findall(text)) > most else text


def _unwrapped(text: str) -> str:
    """Chinese lines that run full and end amid a sentence joined to the next; short ones, headings and lists, stay."""
    if not _CUT.search(text):
        return text
    lines = text.split("\n")
    widths = [
        (len(line.encode("utf-8", "surrogatepass")) + len(line)) // 2 for line in lines
    ]  # a Chinese character is 2
    full = max(0.85 * max(width for width, line in zip(widths, lines, strict=True) if _HAN.search(line)), _LEAST_WIDTH)
    parts = [lines[0]]
    for before, width, line in zip(lines, widths, lines[1:], strict=False):
        parts.append("" if width >= full and _CUT.match(f"{before[-1]}\n{line[:8]}") else "\n")
        parts.append(line)
    return "".join(parts)


def decode(content: bytes, name: str, language: str | None = None) -> str:
    """`content` as text: by byte-order mark, as UTF-8, by the charset a page declares, or by what the language suggests.

    A file that fits none of them, or several, or that is UTF-8 only in part, is refused.
    """
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return _strictly(content, encoding, name)
    if content.count(0) > len(content) // 8:
        raise BadFile(name, "no text, or UTF-16 without a byte-order mark: save it as UTF-8")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        byte, line = misfit(error)
    if _IN_UTF8.search(content) or (language == "en" and _ACCENTED.search(content)):
        raise BadFile(name, f"partly UTF-8 and partly another encoding (byte {byte}): save all of it as UTF-8", line)
    declared = _CHARSET.search(content[:4096])
    if declared:
        return _strictly(content, _charset(declared[1].decode("ascii"), name), name)
    if language in _BY_LANGUAGE:
        return _strictly(content, _russian(content) if language == "ru" else _BY_LANGUAGE[language], name)
    fitting = [encoding for encoding in _USUAL if _fits(content, encoding)]
    if len(fitting) == 1:
        return content.decode(fitting[0])
    raise BadFile(name, f"not UTF-8 text (byte {byte}), nor clearly in another encoding; give --language", line)


def _russian(content: bytes) -> str:
    """The encoding in which Russian text has most of the small letters that Russian has most of."""
    usual = dict.fromkeys(_RUSSIAN, 0)
    for encoding in usual:
        usual[encoding] = len(re.findall("[оеаинтс]", content[:20000].decode(encoding, "replace")))
    return max(usual, key=lambda one: usual[one])


def _charset(declared: str, name: str) -> str:
    """The encoding that a page means by the charset that it declares."""
    try:
        known = codecs.lookup(declared).name
    except LookupError:
        known = "undefined"
    if known in _NO_CHARSETS:
        raise BadFile(name, f"declares an unknown encoding {declared!r}")
    return _READ_AS.get(known, known)


def _strictly(content: bytes, encoding: str, name: str) -> str:
    try:
        return content.decode(encoding)
    except LookupError:
        raise BadFile(name, f"declares {encoding!r}, which is no encoding of text") from None
    except UnicodeDecodeError as error:
        byte, line = misfit(error)
        what = f"not {encoding}" if encoding.startswith("utf") else f"neither UTF-8 nor {encoding}"
        raise BadFile(name, f"{what} text (byte {byte})", line) from None


def _fits(content: bytes, encoding: str) -> bool:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        return False
    beyond = sum(char > "\x7f" for char in text[:20000])
    usual = sum(len(match) for match in _USUAL[encoding].findall(text[:20000]))
    odd = sum("\ue000" <= char <= "\uf8ff" or char == "\ufffd" for char in text[:20000])
    return odd == 0 and usual > 0.08 * max(beyond, 1)
