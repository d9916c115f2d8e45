"""Colours and type of the brief, shared by its charts and its page. The palette is safe for colour-blind readers."""

from __future__ import annotations

from typing import Any

INK = "#1b1f24"
QUIET = "#5b6570"  # 6:1 on white
FAINT = "#d8dde2"
PALE = "#eef1f3"
ACCENT = "#0b5563"  # the one accent: 8:1 on white
ACCENT_PALE = "#bcd7db"
OTHER = "#7a5c00"  # comparison pairs: 6:1 on white
OTHER_PALE = "#e6d9ad"
AGAINST = "#a63a00"  # what lowers, or speaks against: 6:1 on white
NATO_WIDE, NATO_NARROW, NATO_LINE = "#e9ecef", "#d3d9de", "#8a949e"

SANS = "Helvetica Neue, Helvetica, Arial, Liberation Sans, sans-serif"


def config() -> dict[str, Any]:
    """The Vega-Lite configuration of every chart."""
    axis = {
        "labelColor": QUIET,
        "labelFontSize": 11,
        "titleColor": QUIET,
        "titleFontSize": 11,
        "titleFontWeight": "normal",
        "domainColor": FAINT,
        "tickColor": FAINT,
        "gridColor": PALE,
        "tickSize": 4,
    }
    thinned = {
        "labelOverlap": "parity",
        "labelSeparation": 6,
    }  # on a phone every other label, rather than one long word
    return {
        "font": SANS,
        "background": "transparent",
        "view": {"stroke": None},
        "axis": axis,
        "axisX": {"grid": False},
        "axisQuantitative": thinned,
        "axisTemporal": thinned,
        "text": {"color": INK, "fontSize": 11},
        "title": {"color": INK, "fontSize": 12, "anchor": "start", "fontWeight": "bold"},
        "aria": False,
    }
