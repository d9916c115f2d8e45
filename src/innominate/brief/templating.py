"""The templates of pages: where they lie, and how values are put into them."""

from __future__ import annotations

import base64
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from innominate.brief.signed import APART
from innominate.cases.wording import listed, mid_sentence, plural, show

TEMPLATES = Path(__file__).resolve().parent / "templates"


@cache
def environment(*folders: Path) -> Environment:
    """The templates of the brief, after those in `folders`. Everything is escaped; a name that is missing is an error."""
    found = Environment(
        loader=FileSystemLoader([*folders, TEMPLATES]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals["apart"] = APART
    found.filters["slug"] = lambda text: str(text).replace(" ", "-")
    found.filters["listed"] = listed
    found.filters["uri"] = lambda text: uri(str(text).encode(), "application/json")
    found.filters["told"] = lambda value, unit: "" if value is None else show(value, unit)
    found.filters["counted"] = plural
    found.filters["mid_sentence"] = mid_sentence
    found.filters["thousands"] = lambda count: "" if count is None else f"{count:,}"
    return found


def uri(content: bytes, kind: str) -> str:
    """Content inside an address."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
