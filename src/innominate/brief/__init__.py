"""The brief: a case's findings as one self-contained HTML file, with charts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from innominate.cases.findings import Findings

__all__ = ["write_brief"]


def write_brief(findings: Findings, path: str | Path) -> Path:
    """Write the brief of a case.

    Parameters
    ----------
    findings : what the case found
    path : the HTML file; its folder is made where there is none

    Returns
    -------
    The path written. The file needs nothing else: no network, fonts or scripts; the same findings give the same bytes.
    """
    from innominate.brief.page import render

    target = Path(path).expanduser()
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(render(findings), encoding="utf-8", newline="\n")
    return target
