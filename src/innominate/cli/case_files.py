"""Commands about case files: write a new one, check one, list the packaged ones."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from innominate.cli.terminal import err, out, parse_years, write_text
from innominate.errors import BadFile, InputError

case_app = typer.Typer(help="Case files: write a new one, check one, list the packaged ones.", no_args_is_help=True)


@case_app.command("new")
def new(
    name: Annotated[str, typer.Argument(help="Name of the case: a-z, 0-9 and -.")],
    states: Annotated[
        str | None, typer.Option("--states", "-s", help="States by name or code, with commas, e.g. 'Iran,Syria'.")
    ] = None,
    years: Annotated[str, typer.Option("--years", help="First and last year measured.")] = "1990:2025",
    since: Annotated[int | None, typer.Option(help="First year judged (default: the last third of the years).")] = None,
    compare: Annotated[
        list[str] | None, typer.Option("--compare", "-c", help="A pair shown beside them, e.g. USA,JPN (repeatable).")
    ] = None,
    title: Annotated[str, typer.Option(help="Title of the case.")] = "",
    question: Annotated[str, typer.Option(help="The question, in one sentence.")] = "",
    out_file: Annotated[Path | None, typer.Option("--out", "-o", help="File to write (default: NAME.yaml).")] = None,
) -> None:
    """Write a case file with comments, valid as it stands, for a person to fill in.

    Example: innominate case new tehran-damascus --states Iran,Syria --years 1980:2018 --since 2003

    At a terminal, what is not given is asked for.
    """
    from innominate.cases.skeleton import skeleton

    if states is None:
        if not sys.stdin.isatty():
            raise InputError("--states: name two or more states, e.g. --states Iran,Syria")
        states = typer.prompt("States, with commas (names or codes)")
        question = question or typer.prompt(
            "The question, in one sentence (Enter: a plain one)", default="", show_default=False
        )
    span = parse_years(years)
    text = skeleton(
        name,
        _codes(states),
        span,
        since=since,
        compare=[_pair(each) for each in compare or []],
        title=title,
        question=question,
    )
    path = out_file or Path(f"{name}.yaml")
    if path.exists():
        raise InputError(f"{path} exists already; choose another file with --out")
    write_text(path, text)
    out().print(f"{path}: fill it in, then: innominate case check {path}", markup=False)


@case_app.command("check")
def check(file: Annotated[str, typer.Argument(help="A case file (YAML), or the name of a packaged case.")]) -> None:
    """Check a case file: every fault with its place in the file and the reason, or what the case holds.

    Example: innominate case check tehran-damascus.yaml
    """
    from innominate import states
    from innominate.cases import Case
    from innominate.cases.case import find_case
    from innominate.cases.loading import faults
    from innominate.cases.skeleton import unfilled

    path = find_case(file)
    found = faults(path)
    if found:
        for reason in found[:-1]:
            err().print(f"innominate: {path.name}: {reason}", markup=False, soft_wrap=True)
        raise BadFile(path.name, found[-1])
    case = Case.load(path).spec
    console = out()
    names = ", ".join(states.get(code).name for code in case.states)
    console.print(f"{path.name} is right: {names}, {case.years.first}-{case.years.last}", markup=False)
    for claim in case.claims:
        console.print(f"  {claim.id} ({claim.test}): {claim.title}", markup=False)
    for number, line in unfilled(path.read_text(encoding="utf-8")):
        console.print(f"still to fill in, line {number}: {line}", markup=False)


@case_app.command("list")
def list_cases() -> None:
    """The packaged cases: name and question."""
    from innominate.cases import Case

    for name in Case.names():
        out().print(f"{name}: {Case.load(name).spec.question}", markup=False)


def _codes(text: str) -> list[str]:
    from innominate import states

    return [states.resolve(each.strip()) for each in text.split(",") if each.strip()]


def _pair(text: str) -> tuple[str, str]:
    codes = _codes(text)
    if len(codes) != 2 or codes[0] == codes[1]:
        raise InputError(f"--compare {text!r}: a pair is two different states, e.g. USA,JPN")
    first, second = sorted(codes)
    return first, second
