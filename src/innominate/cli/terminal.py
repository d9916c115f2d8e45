"""What all commands share at the terminal: progress, libraries by option, years, files written whole."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import typer

from innominate.errors import InputError

if TYPE_CHECKING:
    import polars as pl
    from rich.console import Console
    from rich.table import Table

    from innominate.ledger import Library

_FIRST = 1816  # the first year of the register of states

LibraryOption = Annotated[
    Path | None,
    typer.Option("--library", "-l", help="Folder of the library. Without it, the embedded sample is used."),
]
NeededLibrary = Annotated[Path, typer.Option("--library", "-l", help="Folder of the library.")]
YearsOption = Annotated[str, typer.Option("--years", help="First and last year, e.g. 1990:2025.")]
DropOption = Annotated[
    list[str] | None,
    typer.Option("--drop", help="A channel to leave out (may be repeated).", callback=lambda names: _told(names)),
]
TableOption = Annotated[
    Path,
    typer.Option(
        "--out",
        "-o",
        help="File to write: Parquet (.parquet) or CSV (.csv).",
        callback=lambda path: table_file(path),
    ),
]


def file_to_write(path: Path | None) -> Path | None:
    """The path as given, refused before anything is computed where no file can have that name."""
    if path is not None and (not path.name or path.is_dir()):
        raise InputError(f"{path}: a folder; name a file to write")
    return path


JsonOption = Annotated[
    Path | None, typer.Option("--json", help="Also write the answer to this file as JSON.", callback=file_to_write)
]


def out() -> Console:
    """Where answers go."""
    from rich.console import Console

    class Piped(Console):
        def on_broken_pipe(self) -> None:
            """End quietly where the reader has enough, as of ``innominate unnamed 2024 | head``."""
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise SystemExit(0)

    console = Piped(highlight=False)
    return console if console.is_terminal else Piped(highlight=False, width=180)


def err() -> Console:
    """Where progress and remarks go."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


def ruled(*names: str, right: tuple[int, ...] = (), whole: tuple[int, ...] = (), title: str | None = None) -> Table:
    """A table without lines that cuts nothing off: cells too wide for the terminal go on below, but for those of `whole`."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold", title=title, title_justify="left")
    for place, name in enumerate(names):
        justify: Any = "right" if place in right else "left"
        table.add_column(name, justify=justify, no_wrap=place in whole, overflow="fold")
    return table


def shown(text: object) -> str:
    """`text` so that a terminal shows it as it stands: names may hold what rich takes for markup."""
    from rich.markup import escape

    return escape(str(text))


def _told(names: list[str] | None) -> list[str] | None:
    """The channels to leave out, with a remark on those of which alignment measures nothing."""
    if names:
        from innominate.ledger import CHANNELS

        for name in sorted(set(names) & CHANNELS.keys()):
            if not CHANNELS[name].measured:
                also = "; conflict in events is measured as conflict-share" if name.endswith("-conflict") else ""
                remark = f"--drop {name} changes nothing: the channel is not measured by itself{also}"
                err().print(remark, markup=False, soft_wrap=True)
    return names


def table_file(path: Path | None) -> Path | None:
    """The file of a table, whose ending says how it is written; told before anything is computed."""
    file_to_write(path)
    if path is not None and path.suffix.lower() not in (".parquet", ".csv", ""):  # without an ending it is Parquet
        raise InputError(f"--out {path}: the name of a table ends in .parquet or .csv")
    return path


def open_library(folder: Path | None) -> Library:
    """The library in `folder`, or the embedded sample, said so on stderr."""
    from innominate.ledger import Library

    if folder is None:
        err().print("[dim]using the embedded sample; --library DIR uses your own[/dim]")
        return Library.sample()
    return Library.open(folder)


def parse_years(text: str, option: str = "--years") -> tuple[int, int]:
    """``1990:2025`` as two years, given to `option`."""
    first, _, last = text.partition(":")
    if not (first.isdecimal() and last.isdecimal() and int(first) <= int(last)):
        raise InputError(f"{option} {text!r}: write the first and the last year, e.g. 1990:2025")
    return int(first), int(last)


def within(year: int, span: tuple[int, int]) -> None:
    """Say at once, before anything is measured, that `year` is none of those measured."""
    if not span[0] <= year <= span[1]:
        outside = f"{year} is outside the years measured, {span[0]}-{span[1]}"
        if not _FIRST <= year <= date.today().year:
            raise InputError(f"{outside}, and no dataset tells of it")
        raise InputError(f"{outside}; --years {min(year, span[0])}:{max(year, span[1])} takes it in")


@contextmanager
def progress(title: str, *, lines: bool = False) -> Iterator[Callable[[str], None]]:
    """A spinner on stderr that tells what is being done and for how long.

    Where stderr is no terminal nothing is told, or with `lines` one line a step: for what takes minutes.
    """
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = err()
    if not console.is_terminal:
        yield (
            (lambda step: console.print(f"{title}: {step}", markup=False, soft_wrap=True))
            if lines
            else lambda step: None
        )
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(title)

        def tell(step: str) -> None:
            bar.update(task, description=f"{title}: {step}")

        yield tell


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Say in one line that `path` cannot be written to, where that is so."""
    try:
        yield
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror or error})") from None


def write_json(path: Path, value: Any) -> None:
    """Write `value` whole or not at all."""
    _replace(path, json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False).encode() + b"\n")


def write_text(path: Path, text: str) -> None:
    """Write `text` whole or not at all."""
    _replace(path, text.encode())


def write_table(path: Path, frame: pl.DataFrame) -> None:
    """Write `frame` whole or not at all: as CSV where the file's name ends in ``.csv``, else as Parquet."""
    if path.suffix.lower() == ".csv":
        _replace(path, frame.write_csv().encode())
    else:
        write_parquet(path, frame)


def write_parquet(path: Path, frame: pl.DataFrame) -> None:
    """Write `frame` as Parquet, whole or not at all."""
    import io

    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd")
    _replace(path, buffer.getvalue())


def _replace(path: Path, content: bytes) -> None:
    aside = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            aside.write_bytes(content)
            os.replace(aside, path)
        except BaseException:
            aside.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror or error})") from None
