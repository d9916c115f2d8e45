"""The command that finds blocs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from innominate.cli.terminal import (
    JsonOption,
    LibraryOption,
    err,
    open_library,
    out,
    parse_years,
    progress,
    write_json,
    write_parquet,
)
from innominate.errors import InputError

if TYPE_CHECKING:
    from innominate.blocs import Blocs


def blocs(
    out_file: Annotated[Path, typer.Option("--out", "-o", help="Parquet file to write.")],
    library: LibraryOption = None,
    years: Annotated[
        str | None, typer.Option("--years", help="First and last year, e.g. 2018:2023 (default: all).")
    ] = None,
    dataset: Annotated[
        str | None, typer.Option(help="Dataset of events (default: the one with the most dates).")
    ] = None,
    acts: Annotated[str, typer.Option(help="cooperation, conflict or all.")] = "cooperation",
    resolution: Annotated[
        str | None, typer.Option(help="year, quarter or month (default: quarter where possible).")
    ] = None,
    number: Annotated[
        str, typer.Option("--blocs", help="How many blocs, or auto: chosen by held-out likelihood.")
    ] = "12",
    pictures: Annotated[Path | None, typer.Option("--pictures", help="Folder for cards, timeline and matrix.")] = None,
    together: Annotated[
        list[str] | None,
        typer.Option("--together", help="States whose co-membership is told, e.g. CHN,RUS,PRK (repeatable)."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the random starts.")] = 0,
    json: JsonOption = None,
) -> None:
    """Find blocs: who acts together, and how membership changes, with intervals.

    Columns: state, period, bloc, membership (share of the state's acts that goes through the bloc), low, high (central 90 %).
    """
    from innominate import states
    from innominate.blocs import CoreSettings, find_blocs
    from innominate.panel.periods import check_resolution

    if number != "auto" and not (number.isdigit() and int(number) > 0):
        raise InputError(f"--blocs {number!r}: a number, or auto")
    sets = [[states.resolve(name.strip()) for name in each.split(",")] for each in together or []]
    with progress("blocs") as tell:
        found = find_blocs(
            open_library(library), parse_years(years) if years else None, dataset=dataset, acts=acts,  # type: ignore[arg-type]
            resolution=check_resolution(resolution) if resolution else None, settings=CoreSettings(seed=seed),
            blocs=None if number == "auto" else int(number), progress=tell,
        )  # fmt: skip
        table = found.table()
        answers = {"-".join(each): found.together(each) for each in sets}
        written = found.save_pictures(pictures) if pictures is not None else []
    write_parquet(out_file, table)
    _show(found, answers)
    if json is not None:
        write_json(json, _plain(found, answers))
    err().print(
        f"{table.height:,} memberships: {out_file}" + (f"; {len(written)} pictures: {pictures}" if written else "")
    )


def _show(found: Blocs, answers: dict[str, Any]) -> None:
    from rich.table import Table

    console = out()
    table = Table("share", "who", "to whom", "what", box=None, pad_edge=False, header_style="bold")
    for card in found.cards(most=15):
        names = [", ".join(name for name, _ in card.top.get(mode, [])[:most]) for mode, most in
                 (("source", 5), ("target", 5), ("action", 2))]  # fmt: skip
        table.add_row(f"{card.share:.1%}", *names)
    console.print(table)
    for row in found.lifecycle().iter_rows(named=True):
        others = f" ({', '.join(row['others'])})" if row["others"] else ""
        console.print(f"{row['period']}  {row['kind']} of [bold]{row['bloc']}[/bold]{others}  {row['probability']:.2f}")
    for name, frame in answers.items():
        last = frame.row(-1, named=True)
        console.print(
            f"[bold]{name}[/bold] {last['period']}: same foremost bloc {last['probability']:.2f}; overlap {last['overlap']:.3f} "
            f"\\[{last['low']:.3f}, {last['high']:.3f}], random sets {last['usual']:.3f}"
        )


def _plain(found: Blocs, answers: dict[str, Any]) -> dict[str, Any]:
    from innominate.blocs.pictures import as_table

    return {
        "blocs": list(found.memberships.names),
        "persistence": found.memberships.delta,
        "dispersion": found.memberships.dispersion,
        "events": found.tensor.total,
        "outside_coverage": found.tensor.outside,
        "scores": {str(size): value for size, value in found.scores.items()},
        "components": as_table(found.cards()).to_dicts(),
        "lifecycle": found.lifecycle().to_dicts(),
        "turnover": found.turnover().to_dicts(),
        "together": {name: frame.to_dicts() for name, frame in answers.items()},
    }
