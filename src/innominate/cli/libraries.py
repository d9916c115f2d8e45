"""Commands that fill a library and tell what it holds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from innominate.cli.terminal import (
    JsonOption,
    LibraryOption,
    NeededLibrary,
    open_library,
    out,
    progress,
    ruled,
    shown,
    write_json,
)
from innominate.errors import InputError

if TYPE_CHECKING:
    from innominate.sources import Outcome

_COLOUR = {"stored": "green", "replaced": "green", "unchanged": "cyan", "left out": "yellow", "refused": "red"}


def import_(
    source: Annotated[str | None, typer.Argument(help="Name of the source, see `innominate sources`.")] = None,
    files: Annotated[list[Path] | None, typer.Argument(help="Files of that source.")] = None,
    library: NeededLibrary = Path("~/.innominate"),
    detect: Annotated[
        Path | None, typer.Option("--detect", help="Import everything in this folder that a source recognises.")
    ] = None,
    json: JsonOption = None,
) -> None:
    """Import providers' files into a library, each all or nothing.

    [bold]innominate import --detect FOLDER --library DIR[/bold] takes whatever it recognises and says what it took,
    refused and why. [bold]innominate import SOURCE FILE… --library DIR[/bold] takes the files named and stops at the
    first one that is at fault. Importing the same file again changes nothing.
    """
    from innominate.ledger import Library
    from innominate.sources import import_files, import_folder

    if detect is None and source is None:
        raise InputError("name a source and its files, or --detect FOLDER")
    if detect is not None and source is not None:
        raise InputError("--detect FOLDER takes no source and no files")
    if detect is not None and not detect.is_dir():
        raise InputError(f"{detect}: no such folder")
    target = Library.begin(library)
    with progress("importing") as tell:
        if detect is not None:
            outcomes = import_folder(target, detect, tell)
        else:
            outcomes = []
            for outcome in import_files(target, source or "", files or []):
                tell(outcome.file.name)
                outcomes.append(outcome)
    if outcomes:
        _report(outcomes, detect)
    if json is not None:
        write_json(json, [_plain(outcome, detect) for outcome in outcomes])
    if detect is not None and not any(outcome.entry or outcome.verdict == "unchanged" for outcome in outcomes):
        refused = [outcome for outcome in outcomes if outcome.verdict == "refused"]
        if refused:
            raise InputError(
                f"{detect}: every file that a source recognises was refused, first {_refusal(refused[0], detect)}"
            )
        raise InputError(f"{detect}: nothing here that a source recognises")


def _refusal(outcome: Outcome, folder: Path | None) -> str:
    return f"{_name(outcome, folder)} ({outcome.reason})"


def _name(outcome: Outcome, folder: Path | None) -> str:
    return (
        str(outcome.file.relative_to(folder)) if folder and outcome.file.is_relative_to(folder) else outcome.file.name
    )


def _plain(outcome: Outcome, folder: Path | None) -> dict[str, Any]:
    return {
        "file": _name(outcome, folder),
        "verdict": outcome.verdict,
        "source": outcome.source,
        "form": outcome.form,
        "reason": outcome.reason,
        "entry": outcome.entry.as_dict() if outcome.entry else None,
    }


def _report(outcomes: list[Outcome], folder: Path | None) -> None:
    table = ruled("file", "verdict", "source", "rows", "kept", "refused", "why", right=(3, 4, 5), whole=(3, 4, 5))
    for outcome in outcomes:
        if outcome.verdict == "unrecognised":
            continue
        entry = outcome.entry
        numbers = [f"{entry.rows:,}", f"{entry.kept:,}", f"{entry.refused:,}"] if entry else ["", "", ""]
        odd = [f"{odd['reason']} ({odd['rows']:,})" for odd in entry.oddities] if entry else []
        why = "; ".join([*odd, *([outcome.reason] if outcome.reason else [])])
        colour = _COLOUR.get(outcome.verdict, "white")
        name = shown(_name(outcome, folder))
        table.add_row(name, f"[{colour}]{outcome.verdict}[/]", shown(outcome.source), *numbers, shown(why))
    console = out()
    console.print(table)
    unknown = [_name(outcome, folder) for outcome in outcomes if outcome.verdict == "unrecognised"]
    if unknown:
        console.print(f"[dim]not recognised ({len(unknown)}): {shown(', '.join(unknown))}[/dim]")
    taken = sum(1 for outcome in outcomes if outcome.entry)
    held = sum(1 for outcome in outcomes if outcome.verdict == "unchanged")
    refused = sum(1 for outcome in outcomes if outcome.verdict == "refused")
    console.print(f"[bold]{taken}[/bold] imported, {held} unchanged, {refused} refused")


def fetch(
    names: Annotated[
        list[str] | None, typer.Argument(help="Sources to download; all that have addresses by default.")
    ] = None,
    library: NeededLibrary = Path("~/.innominate"),
    downloads: Annotated[
        Path | None, typer.Option("--downloads", help="Where the files are kept (default: LIBRARY-downloads).")
    ] = None,
) -> None:
    """Download the producers' own files and import them. A broken download is taken up where it stopped.

    Example: innominate fetch unga-votes ucdp-conflict --library DIR
    """

    from innominate.ledger import Library
    from innominate.sources import import_file, source, sources
    from innominate.sources.download import fetch as download

    chosen = [source(name) for name in names] if names else [each for each in sources().values() if each.remotes]
    folder = downloads or library.expanduser().with_name(library.expanduser().name + "-downloads")
    failed = []
    with progress("fetching") as tell:
        for each in chosen:
            if not each.remotes:
                raise InputError(f"{each.name} has no fixed address; see {each.home} and import the file by hand")
            try:
                paths = download(each, folder, lambda name, done, size: tell(_transfer(name, done, size)))
                target = Library.begin(library)
                for path in paths:
                    tell(f"importing {path.name}")
                    outcome = import_file(target, path, each)
                    out().print(f"{each.name}: {path.name} {outcome.verdict}", markup=False)
            except InputError as error:
                failed.append(f"{each.name} ({error})")
    if failed:
        raise InputError(f"{len(failed)} of {len(chosen)} sources could not be had: {'; '.join(failed)}")


def _transfer(name: str, done: int, size: int | None) -> str:
    of = f" of {size / 2**20:.1f}" if size else ""
    return f"{name} {done / 2**20:.1f}{of} MiB"


def status(library: LibraryOption = None, json: JsonOption = None) -> None:
    """What a library holds: datasets × years × states covered, and how the files came."""
    from innominate.cli.holdings import show_holdings
    from innominate.ledger.holdings import holdings

    held = open_library(library)
    frame = holdings(held)
    show_holdings(out(), held, frame)
    if json is not None:
        write_json(
            json, {"library": str(held.folder.name), "fingerprint": held.fingerprint, "datasets": frame.to_dicts()}
        )


def list_sources() -> None:
    """The sources that can be fetched or imported, with their licences.

    `fetch` downloads those with "yes" under fetch; files of the others are to be had from their producers, for `import`.
    """
    from innominate.sources import sources

    table = ruled("name", "fetch", "what", "producer", "licence", whole=(0, 1))
    for each in sources().values():
        fetched = "yes" if each.remotes else "no"
        table.add_row(*map(shown, (each.name, fetched, each.title, each.producer, each.licence)))
    out().print(table)
