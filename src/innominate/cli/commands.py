"""The commands, gathered."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Annotated

import typer

from innominate.cli import blocs, case_files, cases, exchange, libraries, measuring, scoring, serving, silence, worlds

app = typer.Typer(
    help="Find alliances that have no name: states that behave as allies, whatever they have or have not signed.",
    epilog="Start with: innominate run.  Your own data: innominate import --detect FOLDER --library DIR.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    add_completion=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        from innominate import __version__

        typer.echo(f"innominate {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and stop.")
    ] = False,
) -> None:
    pass


app.command(rich_help_panel="Answers")(cases.run)
app.command(rich_help_panel="Answers")(measuring.align)
app.command(rich_help_panel="Answers")(measuring.why)
app.command(rich_help_panel="Answers")(measuring.unnamed)
app.command(rich_help_panel="Answers")(measuring.turns)
app.command(rich_help_panel="Answers")(measuring.scale)
app.command("ideal-points", rich_help_panel="Answers")(measuring.ideal_points)
app.command(rich_help_panel="Answers")(blocs.blocs)
app.command(rich_help_panel="Answers")(exchange.exchange)
app.command(rich_help_panel="Answers")(silence.silence)
app.command(rich_help_panel="Answers")(scoring.score)
app.command(rich_help_panel="Answers")(serving.serve)
app.add_typer(case_files.case_app, name="case", rich_help_panel="Answers")
app.command(rich_help_panel="Worlds")(worlds.simulate)
app.command(rich_help_panel="Worlds")(worlds.hidden)
app.command(rich_help_panel="Worlds")(worlds.detect)
app.command("import", rich_help_panel="Data")(libraries.import_)
app.command(rich_help_panel="Data")(libraries.fetch)
app.command(rich_help_panel="Data")(libraries.status)
app.command("sources", rich_help_panel="Data")(libraries.list_sources)
app.add_typer(cases.sample_app, name="sample", rich_help_panel="Data")


def _registered(group: typer.Typer) -> Iterator[typer.models.CommandInfo]:
    yield from group.registered_commands
    for inner in group.registered_groups:
        if inner.typer_instance is not None:
            yield from _registered(inner.typer_instance)


def _flowing(text: str) -> str:
    """Paragraphs as one line each, so that a terminal breaks them where it is narrow and not where the source did."""
    return "\n\n".join(" ".join(part.split()) for part in inspect.cleandoc(text).split("\n\n"))


for _command in _registered(app):
    _command.help = _flowing((_command.callback and _command.callback.__doc__) or "")
