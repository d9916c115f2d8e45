"""The command that finds blocs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from innominate.cli.terminal import (
    JsonOption,
    LibraryOption,
    TableOption,
    err,
    open_library,
    out,
    parse_years,
    progress,
    ruled,
    shown,
    write_json,
    write_table,
    writing,
)
from innominate.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from innominate.blocs import Answer, Blocs
    from innominate.ledger import Library


def blocs(
    out_file: TableOption,
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
        str, typer.Option("--blocs", help="How many, or auto: the number up to 12 that tells held-out events best.")
    ] = "auto",
    pictures: Annotated[Path | None, typer.Option("--pictures", help="Folder for cards, timeline and matrix.")] = None,
    together: Annotated[
        list[str] | None,
        typer.Option("--together", help="States whose co-membership is told, e.g. CHN,RUS,PRK (repeatable)."),
    ] = None,
    test: Annotated[
        list[str] | None,
        typer.Option("--test", help="Group tested for acting k at a time: states, or a name such as GCC (repeatable)."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the random starts.")] = 0,
    json: JsonOption = None,
) -> None:
    """Find blocs: who acts together, and how membership changes, with intervals.

    Columns: state, period, bloc, membership (share of the state's acts that goes through the bloc), low, high (central 90 %),
    acts (of the state in the period; empty where no data reach). A state's memberships in a period sum to 1; its foremost bloc is
    the one with the largest. Products of two states' memberships, summed over blocs, are their co-membership.

    Example: innominate blocs --library DIR --out blocs.parquet --pictures pictures --together CHN,RUS,PRK --test CHN,RUS,PRK
    """
    from innominate import states
    from innominate.blocs import CoreSettings, find_blocs
    from innominate.panel.periods import check_resolution

    if number != "auto" and not (number.isdecimal() and int(number) > 0):
        raise InputError(f"--blocs {number!r}: a number, or auto")
    sets = [[states.resolve(name.strip()) for name in each.split(",")] for each in together or []]
    groups = {each: _group(each) for each in test or []}
    span = parse_years(years) if years else None
    opened = open_library(library)
    with progress("blocs") as tell:
        found = find_blocs(
            opened, span, dataset=dataset, acts=acts,  # type: ignore[arg-type]
            resolution=check_resolution(resolution) if resolution else None, settings=CoreSettings(seed=seed),
            blocs=None if number == "auto" else int(number), progress=tell,
        )  # fmt: skip
        table = found.table()
        answers = {"-".join(each): found.together(each) for each in sets}
        tested = {name: _tested(opened, name, group, span, seed, tell) for name, group in groups.items()}
        written = []
        if pictures is not None:
            with writing(pictures):
                written = found.save_pictures(pictures)
    write_table(out_file, table)
    _show(found, answers)
    _show_tested(tested)
    if json is not None:
        kinds = {name: [each.as_dict() for each in told] for name, told in tested.items()}
        write_json(json, {**_plain(found, answers), "tested": kinds})
    drawn = f"; {len(written)} pictures: {pictures}" if written else ""
    err().print(f"{table.height:,} memberships: {out_file}{drawn}", markup=False)


def _group(text: str) -> list[str]:
    """The members of a group given by states or by name."""
    from innominate import states
    from innominate.blocs import GROUPS

    if text in GROUPS:
        return list(GROUPS[text])
    if "," not in text:
        raise InputError(f"--test {text!r}: three states or more, e.g. CHN,RUS,PRK, or one of {', '.join(GROUPS)}")
    members = [states.resolve(name.strip()) for name in text.split(",")]
    if len(set(members)) < 3:
        raise InputError(f"--test {text!r}: a group has three members or more")
    return members


def _tested(
    library: Library, name: str, group: list[str], span: tuple[int, int] | None, seed: int, tell: Callable[[str], None]
) -> list[Answer]:
    from innominate.blocs import SPANS, answers

    tell(f"testing {name}")
    low, high = SPANS.get(name, (1900, 2100))
    first, last = span or (low, high)
    return answers(library, group, (max(first, low), min(last, high)), seed=seed)


def _show_tested(tested: dict[str, list[Answer]]) -> None:
    if not tested:
        return
    heads = ("group", "evidence", "years held", "members needed", "joint acts", "pairs imply [90 %]", "p, as many by chance",
             "as busy and as joint", "reading")  # fmt: skip
    table = ruled(
        *heads, title="Acting together: does a group act several at a time, or is it a sum of pairs?", whole=(2, 5)
    )
    for name, answers in tested.items():
        for answer in answers:
            test, years = answer.found.test, "–".join(str(year) for year in answer.found.years or ())
            figures = (
                [
                    str(test.least),
                    str(test.joint),
                    f"{test.expected:.1f} [{test.low:.0f}, {test.high:.0f}]",
                    f"{test.p_value:.2g}",
                ]
                if test
                else [""] * 4
            )
            alike = f"{answer.placebo.as_joint:.0%}" if answer.placebo else ""
            told = [name, answer.found.evidence, years, *figures, alike, answer.reading]
            table.add_row(*map(shown, told))
    out().print(table)


def _show(found: Blocs, answers: dict[str, Any]) -> None:
    console = out()
    place = found.tensor.mode("period")
    periods, seen = found.tensor.labels[place], found.tensor.coordinates[:, place]
    span = f"{periods[seen.min()]} to {periods[seen.max()]}" if len(seen) else "no act seen"
    title = f"Blocs of dealings, {span}: who acts towards whom in one part of {found.tensor.total:,.0f} acts"
    table = ruled("share of acts", "states that act", "towards", "what they do", whole=(0,), title=title)
    for card in found.cards(most=15):
        names = [", ".join(name for name, _ in card.top.get(mode, [])[:most]) for mode, most in
                 (("source", 5), ("target", 5), ("action", 2))]  # fmt: skip
        table.add_row(f"{card.share:.1%}", *map(shown, names))
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
