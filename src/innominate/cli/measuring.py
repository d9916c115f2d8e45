"""Commands that measure alignment and take it apart."""

from __future__ import annotations

from typing import Annotated

import typer

from innominate.cli.terminal import (
    DropOption,
    JsonOption,
    LibraryOption,
    TableOption,
    YearsOption,
    err,
    open_library,
    out,
    parse_years,
    progress,
    within,
    write_json,
    write_table,
)

StateArgument = Annotated[str, typer.Argument(help="A state: ISO code or name.")]
ThemeOption = Annotated[
    str | None, typer.Option(help="security, economy or diplomacy: only its channels, on a scale of its own.")
]
YearArgument = Annotated[int, typer.Argument(help="The year.")]


def align(
    out_file: TableOption,
    library: LibraryOption = None,
    years: YearsOption = "1990:2025",
    drop: DropOption = None,
    resolution: Annotated[str, typer.Option(help="year, quarter or month.")] = "year",
    theme: ThemeOption = None,
) -> None:
    """Measure the alignment of every pair of states, with intervals.

    Columns: a, b, year, alignment, low, high (central 90 %), sd, committed (a defence commitment in force), unnamed
    (probability that a pair without one acts as NATO pairs do). 0 is the median pair of states, 1 the median NATO pair.

    Example: innominate align --library DIR --years 1990:2025 --out alignment.csv
    """
    from innominate.study import Study

    with progress("alignment") as tell:
        study = Study(open_library(library), parse_years(years), resolution=resolution, drop=drop or (), progress=tell)
        fit = study.alignment(theme)
        table = fit.table()
    write_table(out_file, table)
    err().print(f"{table.height:,} pair-periods, {fit.scale.label}: {out_file}", markup=False)


def why(
    a: StateArgument,
    b: StateArgument,
    year: YearArgument,
    library: LibraryOption = None,
    years: YearsOption = "1990:2025",
    drop: DropOption = None,
    theme: ThemeOption = None,
    rows: Annotated[int, typer.Option(help="Source rows of one contribution that the file lists; 0: all.", min=0)] = 40,
    json: JsonOption = None,
) -> None:
    """Take the alignment of a pair in a year apart: which channels, which years, which rows of which file.

    The contributions sum exactly to the alignment.

    Example: innominate why China Russia 2024 --library DIR --json why.json
    """
    from innominate import states
    from innominate.alignment.tracing import traced
    from innominate.cli.waterfall import show_why
    from innominate.study import Study

    span = parse_years(years)
    within(year, span)
    pair = states.resolve(a, year), states.resolve(b, year)
    with progress("alignment") as tell:
        held = open_library(library)
        fit = Study(held, span, drop=drop or (), progress=tell).alignment(theme)
        answer = fit.why(*pair, year)
    if json is not None:  # files first: a reader who closes the pipe early loses none
        write_json(json, traced(held, fit, answer, rows or None))
    show_why(out(), answer, fit)


def unnamed(
    year: YearArgument,
    library: LibraryOption = None,
    years: YearsOption = "1990:2025",
    drop: DropOption = None,
    least: Annotated[float, typer.Option(help="Smallest probability listed.", min=0.0, max=1.0)] = 0.5,
    most: Annotated[int, typer.Option(help="How many pairs the terminal shows.", min=1)] = 40,
    json: JsonOption = None,
) -> None:
    """Pairs without a defence commitment that act as NATO pairs do, the most probable first.

    Example: innominate unnamed 2024 --library DIR --least 0.9
    """
    from innominate.cases.view import Survey
    from innominate.cli.waterfall import show_unnamed
    from innominate.errors import InputError
    from innominate.study import Study

    span = parse_years(years)
    within(year, span)
    with progress("alignment") as tell:
        survey = Survey(Study(open_library(library), span, drop=drop or (), progress=tell))
        if not survey.fit.year(year)["committed"].not_().any():  # some are known to be committed, none not to be
            raise InputError(
                f"which pairs have a defence commitment in {year} is unknown: no dataset of the library surveys them"
            )
        found = survey.unnamed(year, least)
    if json is not None:
        write_json(json, found.drop("channels").to_dicts())
    show_unnamed(out(), survey, found, year, least, most)


def turns(
    a: Annotated[str | None, typer.Argument(help="A state: the turns of its pairs; with B: of one pair.")] = None,
    b: Annotated[str | None, typer.Argument(help="Another state.")] = None,
    library: LibraryOption = None,
    years: YearsOption = "1990:2025",
    drop: DropOption = None,
    since: Annotated[int | None, typer.Option(help="First year listed.")] = None,
    least: Annotated[float, typer.Option(help="Smallest probability listed.", min=0.0, max=1.0)] = 0.5,
    most: Annotated[int, typer.Option(help="How many turns the terminal shows.", min=1)] = 40,
    json: JsonOption = None,
) -> None:
    """Dated turns: when a pair moved fast, in several channels at once and to one side.

    For one pair or one state all of them in order of time (innominate turns IRN USA --years 1946:2025); without a state those of
    all pairs, the most probable first.
    """
    from innominate import states
    from innominate.cli.waterfall import show_turns
    from innominate.study import Study

    span = parse_years(years)
    first, second = (None if name is None else states.resolve_within(name, span) for name in (a, b))
    with progress("alignment") as tell:
        fit = Study(open_library(library), span, drop=drop or (), progress=tell).alignment()
        found = fit.turns(first, second, least)
    found = found.filter(found["year"] >= (since if since is not None else span[0]))
    if first is not None:
        found = found.sort("year", "a", "b")
    else:
        found = found.sort("probability", "a", "b", "year", descending=[True, False, False, False])
    if json is not None:
        write_json(json, found.to_dicts())
    show_turns(out(), found.head(most), fit, found.height)


def scale(
    library: LibraryOption = None,
    years: YearsOption = "1990:2025",
    drop: DropOption = None,
    theme: ThemeOption = None,
    json: JsonOption = None,
) -> None:
    """What the numbers mean: where NATO, the Warsaw Pact and other families of treaties stand on the scale."""
    from innominate.cli.waterfall import show_standing
    from innominate.study import Study

    with progress("alignment") as tell:
        fit = Study(open_library(library), parse_years(years), drop=drop or (), progress=tell).alignment(theme)
        found = fit.standing()
    if json is not None:
        write_json(json, {"scale": fit.scale.label, "years": list(fit.scale.years), "families": found.to_dicts()})
    show_standing(out(), found, fit)


def ideal_points(
    out_file: TableOption,
    library: LibraryOption = None,
) -> None:
    """Dynamic ideal points of states in the UN General Assembly, with intervals: state, session, ideal_point, low, high.

    A one-dimensional ordinal model (Bailey, Strezhnev and Voeten 2017) fitted to every session at once; the United States
    are on the positive side (without their votes, the next founding member of NATO that votes). Needs a library with the votes themselves.
    """
    from innominate import measures

    with progress("ideal points") as tell:
        tell("fitting all sessions")
        table = measures.ideal_points(open_library(library))
    write_table(out_file, table)
    err().print(f"{table.height:,} ideal points: {out_file}", markup=False)
