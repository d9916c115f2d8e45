"""The command that answers who gains what from whom."""

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
    progress,
    ruled,
    shown,
    write_json,
    writing,
)
from innominate.errors import InputError
from innominate.exchange.kinds import COUNTS, NEWS
from innominate.exchange.percent import percent

if TYPE_CHECKING:
    from rich.console import Console

    from innominate.exchange import Exchange
    from innominate.ledger import Imported

_MOST = 40


def exchange(
    states: Annotated[list[str], typer.Argument(help="Two to twelve states: ISO codes or names.")],
    library: LibraryOption = None,
    since: Annotated[int | None, typer.Option(help="First year (default: ten years before the last).")] = None,
    until: Annotated[
        int | None, typer.Option(help="Last year (default: 2025; without --since, the last with any act).")
    ] = None,
    acts: Annotated[
        list[Path] | None,
        typer.Option("--acts", help="A ledger of acts (CSV) counted beside the library; several count as one."),
    ] = None,
    case: Annotated[str | None, typer.Option(help="A case whose own ledgers are counted beside the library.")] = None,
    worlds: Annotated[
        int, typer.Option(help="Worlds of chance partners against which rings are tested.", min=19)
    ] = 999,
    seed: Annotated[int, typer.Option(help="Of those worlds.", min=0)] = 0,
    pictures: Annotated[
        Path | None, typer.Option("--pictures", help="Folder for the Sankey and dependence charts.")
    ] = None,
    json: JsonOption = None,
) -> None:
    """Tell who gains what from whom, who depends on whom, what interlocks, and what breaks if a tie goes.

    Example: innominate exchange China Russia "North Korea" --since 2022 --library DIR --json exchange.json
    """
    from innominate.exchange import exchange as ask
    from innominate.study import YEARS

    if since is not None and until is None:
        until = max(since, YEARS[1])  # as of a study
    with progress("exchange") as tell:
        ledgers = _ledgers(acts or [], case)
        found = ask(
            open_library(library), states, since, until, ledgers=ledgers, worlds=worlds, seed=seed, progress=tell
        )
        written = []
        if pictures is not None:
            from innominate.exchange.pictures import save_pictures

            tell("drawing")
            with writing(pictures):
                written = save_pictures(found, pictures)
    _show(out(), found)
    if case is None and not acts and (kept := _kept_by(found.states)):
        err().print(f"the case {kept} brings a ledger of acts among these states: --case {kept}", markup=False)
    if json is not None:
        write_json(json, found.to_dict())
    if written:
        err().print(f"{len(written)} pictures: {pictures}", markup=False)


def _ledgers(paths: list[Path], case: str | None) -> list[Imported]:
    """Ledgers by file and by case; several files are one ledger, so that what they record can be compared."""
    from innominate.cases import Case
    from innominate.sources.acts_csv import ledger_at

    name = paths[0].resolve().parent.name if len(paths) > 1 else None
    found = [ledger_at(path, name) for path in paths]
    if case is not None:
        spec = Case.load(case).spec
        if not spec.ledgers:
            raise InputError(f"the case {spec.name} has no ledger of acts")
        found += [ledger_at(Path(path), spec.name) for path in spec.ledgers]
    return found


def _kept_by(states: tuple[str, ...]) -> str | None:
    """The packaged case about these states that has a ledger of its own."""
    from innominate.cases import Case

    specs = (Case.load(name).spec for name in Case.names())
    return next((spec.name for spec in specs if spec.ledgers and set(spec.states) >= set(states)), None)


def _show(console: Console, found: Exchange) -> None:
    from innominate import states

    names = {code: states.get(code).name for code in found.states}
    console.print(f"[bold]{', '.join(names.values())}[/bold]  {found.years[0]}-{found.years[1]}")
    _flows(console, found)
    _dependence(console, found)
    _rings(console, found)
    _losses(console, found)
    for note in found.notes:
        console.print(f"[dim]{shown(note)}[/dim]")


def _flows(console: Console, found: Exchange) -> None:
    names = ("gain", "amount", "acts", "share", "of what", "dataset")
    table = ruled(*names, right=(2,), whole=(2, 3, 5), title="Who gives what to whom")
    given = found.between()
    given = given.filter(given["acts"] > 0)
    flow = ""
    for row in given.head(_MOST).iter_rows(named=True):
        if flow != (flow := f"{row['giver']} → {row['receiver']}"):
            table.add_row(f"[bold]{flow}[/bold]")
        amount = " ".join(filter(None, (_amount(row["value"]), _unit(row), _range(row))))
        share = shown(_share(row["share"], row["share_low"], row["share_high"]))
        table.add_row(_kind(row), shown(amount), str(row["acts"]), share, _seen(row), _dataset(row, found))
    console.print(
        table if given.height else "No gain on record between these states in these years: unknown, not zero."
    )
    if given.height > _MOST:
        console.print(f"[dim]and {given.height - _MOST} more; --json has all[/dim]")


def _dependence(console: Console, found: Exchange) -> None:
    names = ("state", "gain", "most from", "share", "of what", "dataset")
    table = ruled(*names, whole=(0, 2, 3, 5), title="Who gives each the most")
    for code in found.states:
        own = found.dependence(code, 1)
        for row in own.unique(["kind", "dataset", "unit"], keep="first", maintain_order=True).iter_rows(named=True):
            share = shown(_share(row["share"], row["share_low"], row["share_high"]))
            table.add_row(code, _kind(row), row["giver"], share, _seen(row), _dataset(row, found))
    if table.row_count:
        console.print(table)
    for row in found.complementarity.iter_rows(named=True):
        first, second = row["themes"].split("-")
        console.print(
            f"{row['receiver']}: of what {row['first']} and {row['second']} give, {row['first']} gives {percent(row['part_a'])} of the "
            f"{first} and {percent(row['part_b'])} of the {second}  (index {row['index']:+.2f} \\[{row['low']:+.2f}, {row['high']:+.2f}])"
        )
    if found.complementarity.height:
        console.print(
            "[dim]index: the first part less the second; 1 or -1: each gives only the one or the other, 0: both alike[/dim]"
        )


def _rings(console: Console, found: Exchange) -> None:
    own = found.interlock
    if not own.rings:
        console.print("[bold]Interlock[/bold]  no ring of different kinds of gain on record.")
        return
    assert own.p is not None
    console.print(
        f"[bold]Interlock[/bold]  index {own.index:.2f}, {own.expected:.2f} with chance partners (p {own.p:.3f}, {own.worlds} worlds, "
        f"{own.measures} measures)"
    )
    for ring in own.rings[:8]:
        ends = [*ring.states[1:], ring.states[0]]
        links = ", ".join(
            f"{giver} → {receiver} {kind} {percent(share)}"
            for giver, receiver, kind, share in zip(ring.states, ends, ring.kinds, ring.shares, strict=True)
        )
        console.print(
            f"  {links}   weakest {ring.strength:.2f}, by chance {ring.expected:.2f}, p {ring.p:.3f}, adjusted {ring.p_adjusted:.3f}"
        )
    if own.triads:
        console.print(f"  [dim]{own.as_strong:,} of {own.triads:,} rings of three in the world are as strong[/dim]")


def _losses(console: Console, found: Exchange) -> None:
    names = ("without", "loses", "gain", "share", "dataset", "who gives others as much (times the loss)")
    table = ruled(*names, whole=(0, 1, 3, 4), title="What if a tie is cut")
    deeds = found.what_if.filter(found.what_if["unit"] != NEWS)  # reports in the news are nobody's to replace
    ties = deeds.filter(deeds["removed"].str.contains("-")).sort("loss", descending=True)
    for row in ties.head(15).iter_rows(named=True):
        who = ", ".join(
            f"{one['state']} ({one['times']:.1f}×{', sanctions' if one['sanctions'] else ''})"
            for one in row["replacers"][:3]
        )
        share = shown(_share(row["loss"], row["loss_low"], row["loss_high"]))
        table.add_row(row["removed"], row["loser"], _kind(row), share, _dataset(row, found), who or "nobody on record")
    if table.row_count:
        console.print(table)
        console.print(
            "[dim]Who gives others as much has the means; whether they would, and such goods, the data do not say.[/dim]"
        )


def _amount(value: float | None) -> str:
    return "unknown" if value is None else f"{value:,.1f}".rstrip("0").rstrip(".")


def _unit(row: dict[str, Any]) -> str:
    """The unit, in the singular where one is counted."""
    unit = str(row["unit"])
    if unit not in COUNTS or row["value"] != 1:
        return unit
    return {"vetoes": "veto"}.get(unit, unit.removesuffix("s"))


def _range(row: dict[str, Any]) -> str:
    low, high = row["low"], row["high"]
    if high is None:
        return f"(at least {_amount(low)})"
    return "" if low == high else f"({_amount(low)} to {_amount(high)})"


def _kind(row: dict[str, Any]) -> str:
    return shown(row["kind"].replace("-", " ") + (" (in news)" if row["unit"] == NEWS else ""))


def _seen(row: dict[str, Any]) -> str:
    """What a share is of, and in which of the years somebody looked."""
    first, last = row["covered_from"], row["covered_to"]
    if first is None or row["share"] is None:
        return shown(row["basis"])
    return shown(f"{row['basis']} {first}" if first == last else f"{row['basis']} {first}-{last}")


def _dataset(row: dict[str, Any], found: Exchange) -> str:
    """The dataset; of a ledger kept by hand its name only where there are several."""
    ledgers = {name for name in found.flows["dataset"].unique() if name.startswith("acts-csv/")}
    return "ledger" if ledgers == {row["dataset"]} else shown(row["dataset"])


def _share(value: float | None, low: float | None, high: float | None) -> str:
    """A share with its range; ``open`` where an amount has no upper end."""
    if value is None:
        return "unknown"
    told = percent(value)
    if low is None and high is None:
        return f"{told} [open]"
    if low is None or high is None:
        return f"{told} [up to {percent(high)}]" if high is not None else f"{told} [{percent(low or 0.0)} or more]"
    return told if percent(low) == percent(high) == told else f"{told} [{percent(low)}, {percent(high)}]"
