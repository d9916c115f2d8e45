"""The command that keeps the score."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from innominate.cli.terminal import JsonOption, NeededLibrary, err, out, parse_years, progress, ruled, write_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from innominate.scoreboard import Row

TaskArguments = Annotated[
    list[str] | None,
    typer.Argument(
        help="new-pacts, troops, held-out-channel, coverage, persistence, ideal-points; blocs-held-out, blocs-recovery, "
        "blocs-stability. None: all but those of blocs."
    ),
]
PeersOption = Annotated[
    Path | None, typer.Option("--peers", help="Folder of published ideal points, for the task ideal-points.")
]


def score(
    library: NeededLibrary,
    tasks: TaskArguments = None,
    years: Annotated[str, typer.Option("--years", help="First and last year scored.")] = "1950:2013",
    peers: PeersOption = None,
    json: JsonOption = None,
    seed: Annotated[int, typer.Option(help="Of the bootstrap over years and the simulation.")] = 0,
) -> None:
    """How well alignment foretells what states do, beside persistence and published measures.

    Strictly out of time: what is said of a year uses nothing observed after it, parameters included, and never a treaty.

    Example: innominate score new-pacts troops --library DIR --json score.json
    """
    from innominate.ledger import Library
    from innominate.scoreboard import scoreboard

    with progress("score") as tell:
        rows = scoreboard(Library.open(library), tasks or (), parse_years(years), peers=peers, seed=seed, progress=tell)
    out().print(_table(rows))
    if peers is None and not tasks:
        err().print(
            "ideal-points: skipped, no published ones to compare with; --peers DIR names their folder", markup=False
        )
    if json is not None:
        write_json(json, [row.as_dict() for row in rows])


def _table(rows: Sequence[Row]) -> Table:
    from innominate.scoreboard.board import OURS

    names = ("task", "metric", "value", "90 %", "best of the others", "persistence", "n")
    table = ruled(*names, right=(2, 5, 6), whole=(2, 5, 6))
    for row in rows:
        known = {name: value for name, value in row.baselines.items() if value is not None}
        kept = [value for name, value in known.items() if name.startswith("persistence")]
        others = [name for name in known if not name.startswith(OURS)]
        best = max(others, key=lambda name: known[name] or 0.0, default="")
        table.add_row(
            row.task,
            row.metric,
            _number(row.value),
            f"{_number(row.low)} … {_number(row.high)}" if row.low is not None else "",
            f"{_number(known[best])} {best}" if best else "",
            _number(max(kept)) if kept else "",
            f"{row.n:,}",
        )
    return table


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"
