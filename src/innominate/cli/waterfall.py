"""Answers as pictures of characters: the waterfall of a pair, the list of unnamed alliances."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl
    from rich.console import Console

    from innominate.alignment import AlignmentFit, Why

_WIDTH = 44


def show_why(console: Console, answer: Why, fit: AlignmentFit) -> None:
    """A waterfall by channel, then the years that weigh most."""
    from innominate.ledger import CHANNELS

    console.print(
        f"[bold]{answer.a}-{answer.b} {answer.period}[/bold]  alignment [bold]{answer.alignment:.2f}[/bold] "
        f"[{answer.low:.2f}, {answer.high:.2f}]   [dim]{fit.scale.label}[/dim]"
    )
    channels = answer.by_channel()
    rows = [(name, value, n) for name, value, n in channels.iter_rows()]
    low, high = _reach([value for _, value, _ in rows])
    running = 0.0
    for name, value, observations in rows:
        title = CHANNELS[name].title if name in CHANNELS else "origin of the scale"
        bar = _bar(running, running + value, low, high)
        running += value
        console.print(f"{title:<52.52} {value:+7.3f} {bar} [dim]{observations:>4} obs.[/dim]")
    console.print(
        f"{'[bold]alignment[/bold]':<52} {'':>13}[bold]{running:+7.3f}[/bold] {_bar(0.0, running, low, high)}"
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


def _bar(start: float, end: float, low: float, high: float) -> str:
    def place(value: float) -> int:
        return round((value - low) / (high - low) * (_WIDTH - 1))

    left, right = sorted((place(start), place(end)))
    colour = "green" if end >= start else "red"
    return " " * left + f"[{colour}]{'█' * max(right - left, 1)}[/]" + " " * (_WIDTH - right)


def show_unnamed(console: Console, frame: pl.DataFrame, fit: AlignmentFit, year: int, total: int) -> None:
    """The list of unnamed alliances of a year."""
    from rich.table import Table

    from innominate import states

    console.print(f"[bold]{total} unnamed alliances in {year}[/bold]  [dim]{fit.scale.label}[/dim]")
    table = Table(
        "", "pair", "alignment", "90 % interval", "probability", "rank", box=None, pad_edge=False, header_style="bold"
    )
    for place, row in enumerate(frame.iter_rows(named=True), 1):
        pair = f"{states.get(row['a']).name} - {states.get(row['b']).name}"
        interval = f"[{row['low']:.2f}, {row['high']:.2f}]"
        rank = f"{row['rank']:,} of {row['of']:,}"
        table.add_row(
            str(place), pair, f"{row['alignment']:.2f}", interval.replace("[", r"\["), f"{row['unnamed']:.2f}", rank
        )
    console.print(table)


def show_turns(console: Console, frame: pl.DataFrame, fit: AlignmentFit, total: int) -> None:
    """Dated turns, one a line."""
    from rich.table import Table

    from innominate import states

    console.print(f"[bold]{total} turn{'' if total == 1 else 's'}[/bold]  [dim]{fit.scale.label}[/dim]")
    table = Table(
        "pair", "when", "", "change", "90 % interval", "probability", box=None, pad_edge=False, header_style="bold"
    )
    for row in frame.iter_rows(named=True):
        pair = f"{states.get(row['a']).name} - {states.get(row['b']).name}"
        way = "[green]closer[/]" if row["direction"] == "up" else "[red]apart[/]"
        interval = f"\\[{row['low']:+.2f}, {row['high']:+.2f}]"
        table.add_row(pair, row["period"], way, f"{row['change']:+.2f}", interval, f"{row['probability']:.2f}")
    console.print(table)


def show_standing(console: Console, frame: pl.DataFrame, fit: AlignmentFit) -> None:
    """Families of treaties on the scale: median and quartiles of their pairs."""
    from rich.table import Table

    console.print(f"[bold]the scale[/bold]  {fit.scale.label}")
    table = Table(
        "family",
        "pairs",
        "lower quartile",
        "median",
        "upper quartile",
        "",
        box=None,
        pad_edge=False,
        header_style="bold",
    )
    top = max(float(value) for value in frame["median"]) or 1.0
    for row in frame.iter_rows(named=True):
        bar = "█" * max(round(row["median"] / top * 24), 0)
        table.add_row(
            row["family"],
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
