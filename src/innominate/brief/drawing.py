"""Charts drawn as SVG that stands inside a page, and as specifications that can be taken away."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import altair as alt
from altair.utils.schemapi import debug_mode
from markupsafe import Markup

_ID = re.compile(r'(\bid="|url\(#|href="#)([A-Za-z][\w-]*)')
_SIZE = re.compile(r'<svg [^>]*?width="([\d.]+)" height="([\d.]+)"[^>]*?>')
_NUMBER = re.compile(r"-?\d+\.\d{3,}")


@dataclass(frozen=True, slots=True)
class Drawing:
    """One chart in one or two widths.

    Attributes
    ----------
    name : unique in the brief
    says : what it shows, in words, for those who cannot see it
    wide, narrow : the SVG for laptops and for phones; None: the same for both
    spec : the Vega-Lite specification as JSON
    caption : what stands below it
    """

    name: str
    says: str
    wide: Markup
    narrow: Markup | None
    spec: str
    caption: str = ""


def data(rows: Sequence[Mapping[str, Any]]) -> Any:
    """Rows as the data of an Altair chart; as a tuple, for whatever is done to a chart copies lists, value by value."""
    return alt.Data(values=tuple(rows))


def unchecked() -> AbstractContextManager[None]:
    """Inside, parts of Altair charts are not held against Vega-Lite's schema: that takes as long as drawing, and tests do it."""
    context: AbstractContextManager[None] = debug_mode(False)
    return context


def draw(name: str, says: str, wide: Any, narrow: Any | None = None, caption: str = "") -> Drawing:
    """Draw a chart.

    Parameters
    ----------
    wide, narrow : Altair charts
    """
    spec = specification(wide)
    return Drawing(
        name,
        says,
        _svg(name, spec),
        None if narrow is None else _svg(f"{name}-n", specification(narrow)),
        json.dumps(spec, sort_keys=True, separators=(",", ":"), ensure_ascii=False),
        caption,
    )


def specification(chart: Any) -> dict[str, Any]:
    """The Vega-Lite specification of an Altair chart, not held against the schema (see :func:`unchecked`)."""
    spec: dict[str, Any] = chart.to_dict(validate=False)
    return spec


def _own_ids(name: str, text: str) -> str:
    """Ids that start with the chart's name and count from one (Vega counts on through all charts of a process)."""
    numbers: dict[str, str] = {}
    return _ID.sub(
        lambda match: match.group(1) + numbers.setdefault(match.group(2), f"{name}-{len(numbers) + 1}"), text
    )


def _svg(name: str, spec: dict[str, Any]) -> Markup:
    """A chart as an SVG element that scales with its column and shares no ids with others."""
    import vl_convert

    text = vl_convert.vegalite_to_svg(spec, vl_version="6.1")
    text = text[text.index("<svg") :]
    text = _own_ids(name, text)
    text = _NUMBER.sub(lambda match: f"{float(match.group(0)):.2f}".rstrip("0").rstrip("."), text)
    size = _SIZE.search(text)
    if size is None:
        raise RuntimeError("vl-convert's SVG has no size")
    width, height = size.groups()
    view = f'viewBox="0 0 {width} {height}" style="max-width:{width}px" aria-hidden="true" focusable="false"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {view}>'
    return Markup(head + text[size.end() :])
