"""What a library holds, as a table at the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from innominate.cli.terminal import ruled, shown

if TYPE_CHECKING:
    import polars as pl
    from rich.console import Console

    from innominate.ledger import Library


def show_holdings(console: Console, library: Library, frame: pl.DataFrame) -> None:
    """Print :func:`innominate.ledger.holdings.holdings` and the last imports."""
    name = "the embedded sample" if library.is_sample else str(library.folder)
    console.print(f"[bold]{shown(name)}[/bold]  {library.fingerprint}")
    table = ruled("dataset", "holds", "rows", "states", "pairs", "covers", "whom", right=(2, 3, 4), whole=(2, 3, 4))
    for row in frame.iter_rows(named=True):
        table.add_row(shown(row["dataset"]), row["channel"], _number(row["rows"]), _number(row["states"]), _number(row["pairs"]),
                      _years(row), _whom(row))  # fmt: skip
    console.print(table)
    journal = library.journal()
    if journal.height:
        console.print(f"[dim]{journal.height} imports, the last at {journal['time'][-1]}[/dim]")


def _number(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def _years(row: dict[str, int | None]) -> str:
    if row["covered_from"] is None:
        return f"[dim]{row['first_row']}-{row['last_row']} (rows; no claim of coverage)[/dim]"
    first, last = row["covered_from"], row["covered_to"]
    return str(first) if first == last else f"{first}-{last}"


def _whom(row: dict[str, str | int | None]) -> str:
    scope = row["scope"]
    if not isinstance(scope, str):
        return ""
    if row["scopes"] != 1:
        return "the states of each year"
    kind, _, listed = scope.partition(":")
    codes = listed.split()
    return scope if len(codes) <= 3 else f"{kind} {len(codes)} states"
