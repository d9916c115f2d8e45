"""Commands that answer a case, and the one that computes the embedded sample."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from innominate.cli.terminal import (
    LibraryOption,
    NeededLibrary,
    err,
    open_library,
    out,
    progress,
    shown,
    write_json,
    write_parquet,
    writing,
)
from innominate.errors import InputError

FIRST_CASE = "beijing-moscow-pyongyang"

sample_app = typer.Typer(help="The embedded sample.", no_args_is_help=True)


def run(
    case: Annotated[str, typer.Argument(help="Name of a packaged case, or a case file (YAML).")] = FIRST_CASE,
    library: LibraryOption = None,
    folder: Annotated[Path, typer.Option("--out", "-o", help="Folder for the results.")] = Path("out"),
) -> None:
    """Answer a case: brief.html (one self-contained file), findings.json and alignment.parquet.

    Without --library the embedded sample is used, which needs no download. With it, everything in the library counts.

    Example: innominate run tehran-damascus --library DIR --out answer
    """
    from innominate.brief import write_brief
    from innominate.cases import Case
    from innominate.cases.case import find_case
    from innominate.cases.skeleton import unfilled
    from innominate.study import Study

    path = find_case(case)
    question = Case.load(path)
    if blanks := unfilled(path.read_text(encoding="utf-8")):
        lines = ", ".join(str(number) for number, _ in blanks)
        err().print(
            f"innominate: {path.name}: still to fill in: line {lines}; the brief leaves that out",
            markup=False,
        )
    ground = next(path for path in (folder, *folder.parents) if path.exists())
    if not ground.is_dir():  # said at once, not when everything is computed
        raise InputError(f"{folder}: cannot be written ({ground} is no folder)")
    with progress(question.name, lines=True) as tell:
        study = Study(open_library(library), question.years, progress=tell)
        findings = question.run(study)
        tell("writing the brief")
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            write_json(folder / "findings.json", findings.to_dict())
            write_parquet(folder / "alignment.parquet", study.alignment().table())
            write_brief(findings, folder / "brief.html")
    console = out()
    for claim in findings.claims:
        console.print(f"[bold]{claim.verdict}[/bold] ({claim.confidence})  {shown(claim.title)}")
    err().print(f"open {folder / 'brief.html'}", markup=False)


@sample_app.command("build")
def build(
    library: NeededLibrary,
    folder: Annotated[
        Path | None, typer.Option("--out", "-o", help="Where to write it; by default into the package itself.")
    ] = None,
) -> None:
    """Compute the embedded sample from a full library: pair-by-year figures, redistributable sources only."""
    from innominate.sample import build_sample

    with progress("sample") as tell:
        written = build_sample(open_library(library), folder, tell)
    size = f"{written.bytes / 2**20:.2f} MiB, {written.figures:,} figures from {len(written.sources)} sources"
    out().print(f"{written.folder}: {size}", markup=False)
