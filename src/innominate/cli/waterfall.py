"""Answers as pictures of characters: the waterfall of a pair, the list of unnamed alliances."""

from __future__ import annotations

from typing import TYPE_CHECKING

from innominate.cli.terminal import ruled

if TYPE_CHECKING:
    import polars as pl
    from rich.console import Console

    from innominate.alignment import AlignmentFit, Why
    from innominate.cases.view import Survey

_WIDTH = 44  # of a bar at most
_LEAST = 8  # and at least


def show_why(console: Console, answer: Why, fit: AlignmentFit) -> None:
    """A waterfall by channel, then the years that weigh most."""
    from innominate.cases.view import WELL_COVERED, channels_looking, told_of_pair
    from innominate.ledger import CHANNELS

    console.print(
        f"[bold]{answer.a}-{answer.b} {answer.period}[/bold]  alignment [bold]{answer.alignment:.2f}[/bold] "
        f"\\[{answer.low:.2f}, {answer.high:.2f}]"
    )
    console.print(f"[dim]{fit.scale.label}[/dim]")
    panel, place = fit.panel, fit.panel.pair(answer.a, answer.b)
    channels = int(channels_looking(panel, slice(place, place + 1))[0, panel.labels.index(answer.period)])
    console.print(f"{'[yellow]' if channels < WELL_COVERED else '[dim]'}in {answer.period} {told_of_pair(channels)}[/]")
    rows = [
        (CHANNELS[name].title, value, f"{n} obs.") if name in CHANNELS else ("starting point", value, "")
        for name, value, n in answer.by_channel().iter_rows()
    ]
    low, high = _reach([value for _, value, _ in rows])
    title = max(len(name) for name, _, _ in rows)
    seen = max(len(told) for _, _, told in rows)
    width = max(min(_WIDTH, console.width - title - seen - 10), _LEAST)  # of the rest: the number and three blanks
    running = 0.0
    for name, value, told in rows:
        bar = _bar(running, running + value, low, high, width)
        running += value
        console.print(f"{name:<{title}} {value:+7.3f} {bar} [dim]{told:>{seen}}[/dim]")
    console.print(
        f"[bold]{'alignment':<{title}} {running:+7.3f}[/bold] {_bar(0.0, running, low, high, width).rstrip()}"
    )
    years = answer.by_year().filter(answer.by_year()["year"].is_not_null())
    heavy = years.sort(years["contribution"].abs(), descending=True).head(8).sort("year")
    console.print("[dim]years that weigh most: " + ", ".join(f"{y} {c:+.2f}" for y, c in heavy.iter_rows()) + "[/dim]")


def _reach(values: list[float]) -> tuple[float, float]:
    running, low, high = 0.0, 0.0, 0.0
    for value in values:
        running += value
        low, high = min(low, running), max(high, running)
    return low, high if high > low else low + 1.0


def _bar(start: float, end: float, low: float, high: float, width: int) -> str:
    def place(value: float) -> int:
        return round((value - low) / (high - low) * (width - 1))

    left, right = sorted((place(start), place(end)))
    right = max(right, left + 1)
    colour = "green" if end >= start else "red"
    return " " * left + f"[{colour}]{'█' * (right - left)}[/]" + " " * (width - right)


def show_unnamed(console: Console, survey: Survey, found: pl.DataFrame, year: int, least: float, most: int) -> None:
    """The list of unnamed alliances of a year (see :meth:`Survey.unnamed`), and how surely they are some."""
    from innominate import states

    console.print(f"[bold]unnamed alliances in {year}[/bold]  [dim]{survey.fit.scale.label}[/dim]")
    console.print(f"{found.height:,} pairs with a probability of {least:.0%} or more, {survey.seen_in(year, found)}")
    names = ("", "pair", "alignment", "90 % interval", "probability", "channels", "rank")
    table = ruled(*names, right=(0, 2, 4, 5, 6), whole=(0, 3))
    for place, row in enumerate(found.head(most).iter_rows(named=True), 1):
        pair = f"{states.get(row['a']).name} - {states.get(row['b']).name}"
        interval = f"[{row['low']:.2f}, {row['high']:.2f}]"
        rank = f"{row['rank']:,} of {row['of']:,}"
        table.add_row(
            str(place), pair, f"{row['alignment']:.2f}", interval.replace("[", r"\["), f"{row['unnamed']:.2f}",
            str(row["channels"]), rank,
        )  # fmt: skip
    console.print(table)


def show_turns(console: Console, frame: pl.DataFrame, fit: AlignmentFit, total: int) -> None:
    """Dated turns, one a line."""
    from innominate import states

    console.print(f"[bold]{total:,} turn{'' if total == 1 else 's'}[/bold]  [dim]{fit.scale.label}[/dim]")
    if not frame.height:
        return
    table = ruled("pair", "when", "", "change", "90 % interval", "probability", right=(3, 5), whole=(1, 2, 3, 4))
    for row in frame.iter_rows(named=True):
        pair = f"{states.get(row['a']).name} - {states.get(row['b']).name}"
        way = "[green]closer[/]" if row["direction"] == "up" else "[red]apart[/]"
        interval = f"\\[{row['low']:+.2f}, {row['high']:+.2f}]"
        table.add_row(pair, row["period"], way, f"{row['change']:+.2f}", interval, f"{row['probability']:.2f}")
    console.print(table)


def show_standing(console: Console, frame: pl.DataFrame, fit: AlignmentFit) -> None:
    """Families of treaties on the scale: median and quartiles of their pairs."""
    from innominate.sources.treaties import family_name

    console.print(f"[bold]the scale[/bold]  {fit.scale.label}")
    names = ("family", "pairs", "lower quartile", "median", "upper quartile", "")
    table = ruled(*names, right=(1, 2, 3, 4), whole=(0, 1, 2, 3, 4))
    top = max(float(value) for value in frame["median"]) or 1.0
    named = [family_name(family) for family in frame["family"]]
    taken = max(map(len, named)) + sum(map(len, names[1:])) + 2 * len(names)
    width = max(min(24, console.width - taken), 1)
    for name, row in zip(named, frame.iter_rows(named=True), strict=True):
        bar = "█" * max(round(row["median"] / top * width), 0)
        table.add_row(
            name,
            f"{row['pairs']:,}",
            f"{row['lower']:.2f}",
            f"{row['median']:.2f}",
            f"{row['upper']:.2f}",
            f"[green]{bar}[/]",
        )
    console.print(table)
    console.print(
        "[dim]quartiles of the alignment of pairs of members, in the years of the scale; a signature alone says little[/dim]"
    )
