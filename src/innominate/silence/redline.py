"""Redlines: a sentence against its successor, for display only; nothing is judged by them."""

from __future__ import annotations

import html
import re
from difflib import SequenceMatcher

_UNIT = re.compile(r"[\u3400-\u9fff]|[^\W_]+(?:['’-][^\W_]+)*|\s+|[^\w\s]|_")


def redline(old: str, new: str | None, markup: bool = False) -> str:
    """What was struck out of `old` and put in to give `new`.

    Parameters
    ----------
    old, new : two sentences; None: there is no successor, everything is struck out
    markup : HTML with ``<del>`` and ``<ins>`` (text escaped) instead of ``[-struck-]`` and ``{+put in+}``
    """
    before, after = _UNIT.findall(old), _UNIT.findall(new or "")
    keys = [[unit.lower() if not unit.isspace() else " " for unit in units] for units in (before, after)]
    out: list[str] = []
    for what, a, b, c, d in SequenceMatcher(None, keys[0], keys[1], autojunk=False).get_opcodes():
        gone, come = "".join(before[a:b]), "".join(after[c:d])
        if what == "equal":
            out.append(html.escape(gone) if markup else gone)
            continue
        if gone:
            out.append(f"<del>{html.escape(gone)}</del>" if markup else f"[-{gone}-]")
        if come:
            out.append(f"<ins>{html.escape(come)}</ins>" if markup else f"{{+{come}+}}")
    return "".join(out)
