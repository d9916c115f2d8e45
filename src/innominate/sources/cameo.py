"""CAMEO, the scheme by which events in the news are coded: its quad classes as channels.

Roots 01-05 are verbal cooperation, 06-08 material cooperation, 09-13 verbal conflict, 14-20 material conflict (Schrodt
2012, CAMEO event and actor codebook; Duval and Thompson 1980 for the four classes).
"""

from __future__ import annotations

import polars as pl

from innominate.errors import BadFile

# last root of each quad class
QUADS = (("verbal-cooperation", 5), ("material-cooperation", 8), ("verbal-conflict", 13), ("material-conflict", 20))
EVENT_CHANNELS = tuple(name for name, _ in QUADS)
CONFLICT_CHANNELS = EVENT_CHANNELS[2:]

_CODE = r"^(0[1-9]|1[0-9]|20)[0-9]{0,2}$"


def quad_channel(code: pl.Expr) -> pl.Expr:
    """The channel of a CAMEO code given as text (``"032"`` → verbal-cooperation)."""
    root = code.str.slice(0, 2).cast(pl.Int32)
    return (
        pl.when(root <= QUADS[0][1])
        .then(pl.lit(QUADS[0][0]))
        .when(root <= QUADS[1][1])
        .then(pl.lit(QUADS[1][0]))
        .when(root <= QUADS[2][1])
        .then(pl.lit(QUADS[2][0]))
        .otherwise(pl.lit(QUADS[3][0]))
    )


def check_codes(frame: pl.DataFrame, column: str, file: str) -> None:
    """Refuse a file with a code that is none of CAMEO's 01-20 and their subdivisions."""
    wrong = frame.filter(~pl.col(column).str.contains(_CODE))
    if wrong.height:
        value = wrong[column][0][:20]
        hint = " (its leading zero is lost)" if value.isdigit() and int(value[0]) > 2 else ""
        raise BadFile(file, f"column {column}: {value!r} is no CAMEO code{hint}", int(wrong["row"][0]))
