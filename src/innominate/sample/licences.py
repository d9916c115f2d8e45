"""SOURCES.md: who produced what the sample was computed from, under which licence, and what was computed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from innominate.sources import Source

_HEAD = """# Sources of the embedded sample

The sample holds figures by pair and year that `innominate sample build` computed from the sources below, and no
provider's file. Votes: the agreement of two states beyond what each resolution's own split predicts, its sampling
variance, and the number of contested resolutions in which both voted, to three decimals. Acts: sums by pair, year and
channel. Treaties: our own table, with its citations row by row. Please cite the producers, not the sample.
"""


def write_licences(path: Path, chosen: Sequence[Source]) -> None:
    """Write the list of `chosen` sources to `path`."""
    parts = [_HEAD]
    for source in chosen:
        parts.append(
            f"## {source.title}\n\n"
            f"- producer: {source.producer}\n- home: {source.home}\n- licence: {source.licence}\n"
            f"- cite as: {source.citation}\n"
        )
    path.write_text("\n".join(parts), encoding="utf-8")
