"""The command that finds what a series of documents stopped saying."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from innominate.cli.terminal import JsonOption, err, out, progress, shown, table_file, write_json, write_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from innominate.silence.wording import Finding

_NARROW = 110  # columns below which a phrase would have too few left in a table


def silence(
    file: Annotated[Path, typer.Argument(help="CSV, JSONL or Parquet file, or a folder of .txt and .html files.")],
    text: Annotated[str, typer.Option(help="Column with the text.")] = "text",
    date: Annotated[str, typer.Option(help="Column with the date.")] = "date",
    series: Annotated[str | None, typer.Option(help="Column that tells series apart.")] = None,
    issuer: Annotated[str | None, typer.Option(help="Column that names who speaks, e.g. the chair.")] = None,
    language: Annotated[str | None, typer.Option(help="en, zh, ko, ru or other; without it, by script.")] = None,
    rules: Annotated[Path | None, typer.Option(help="YAML file with further rules on kinds and passages.")] = None,
    least: Annotated[float, typer.Option(help="Smallest probability in the answer.", min=0.0, max=1.0)] = 0.0,
    most: Annotated[int, typer.Option(help="How many rows the terminal shows.", min=1)] = 30,
    out_file: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", help="Also write the findings: Parquet (.parquet) or CSV (.csv).", callback=table_file
        ),
    ] = None,
    json: JsonOption = None,
) -> None:
    """Find formulas that a series of dated documents dropped, edited or took up, with probabilities.

    [bold]innominate silence statements.csv --text body --date day --series issuer --json found.json[/bold]

    The answer lists series, phrase, kind, last_used, first_missed, probability (that it is a change and not chance), run
    (documents since that owed it and lack it), returned, and the quote of the last user; by date, the most formulaic first.
    """
    from innominate.silence.fitting import fit
    from innominate.silence.listing import LIKELY, as_frame, as_records, latest

    with progress("silence") as tell:
        found = fit(
            file, text=text, date=date, series=series, issuer=issuer, language=language, rules_file=rules, progress=tell
        )
        tell("wording")
        rows = found.findings(least)
    for remark in found.remarks:
        err().print(remark, style="yellow", markup=False)
    if out_file is not None:
        write_table(out_file, as_frame(rows))
    if json is not None:
        write_json(json, as_records(rows))
    if rows:
        _show(out(), latest(rows, most), len(found.models) > 1)
    likely = sum(row.probability >= LIKELY for row in rows)
    many = "1 finding" if len(rows) == 1 else f"{len(rows):,} findings"
    shows = "; the table shows the latest that were dropped or edited" if rows else ""
    err().print(
        f"{many}, {likely:,} of them likely, in {len(found.models)} series of {found.texts.height:,} documents{shows}"
    )


def _show(console: Console, rows: Sequence[Finding], several: bool) -> None:
    """A table; where the terminal is narrow each phrase on lines of its own, with its figures below."""
    from rich.table import Table

    if console.width < _NARROW:
        for row in rows:
            series = f"{row.series}: " if several else ""
            returned = f", returned {row.returned}" if row.returned else ""
            used = f"last used {row.last_used}, " if row.last_used else ""
            console.print(f"[bold]{shown(series + row.phrase)}[/bold]")
            console.print(
                f"  {row.kind}: {used}first missed {row.first_missed}, probability {row.probability:.3f}, run {row.run}{returned}"
            )
        return
    names = ("phrase", "kind", "last used", "first missed", "prob.", "run", "returned")
    table = Table(*(("series",) if several else ()), *names, expand=True)
    for row in rows:
        when = (str(row.last_used or ""), str(row.first_missed), f"{row.probability:.3f}", str(row.run))
        told = (row.series, row.phrase) if several else (row.phrase,)
        table.add_row(*map(shown, told), row.kind, *when, str(row.returned or ""))
    console.print(table)
