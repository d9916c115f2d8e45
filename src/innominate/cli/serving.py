"""The command that serves the web application."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import Annotated

import typer

from innominate.cli.terminal import DropOption, LibraryOption, YearsOption, err, open_library, parse_years
from innominate.errors import InputError

LOCAL = "127.0.0.1"


def serve(
    library: LibraryOption = None,
    port: Annotated[int, typer.Option("--port", "-p", help="Port; 0 takes a free one.", min=0, max=65535)] = 8000,
    host: Annotated[str, typer.Option(help="Address to listen at; others can reach anything but 127.0.0.1.")] = LOCAL,
    years: YearsOption = "1990:2025",
    drop: DropOption = None,
    browser: Annotated[bool, typer.Option("--open", help="Open the start page in the browser.")] = False,
) -> None:
    """Explore a library in the browser: pairs, states, years, turns, why, and the briefs of the packaged cases.

    The pages are there at once and say what is being done until the study is measured. They need no network. The same
    answers as JSON are under /api (its description: /openapi.json). Ctrl-C stops.
    """
    import uvicorn

    from innominate.app import application
    from innominate.study import Study

    held, span = open_library(library), parse_years(years)
    listening = _listen(host, port)
    address = _address(host, listening.getsockname()[1])
    pages = application(Study(held, span, drop=drop or ()))
    err().print(f"{address}  [dim]Ctrl-C stops[/dim]")
    if browser:
        import webbrowser

        threading.Thread(
            target=webbrowser.open, args=(address,), daemon=True
        ).start()  # its request waits for the pages
    with listening, suppress(KeyboardInterrupt):  # Ctrl-C is how it ends
        uvicorn.Server(uvicorn.Config(pages, log_level="warning")).run(sockets=[listening])


def _address(host: str, port: int) -> str:
    """Where a browser on this machine finds the pages."""
    here = {"0.0.0.0": LOCAL, "": LOCAL, "::": "::1"}.get(host, host)
    return f"http://[{here}]:{port}" if ":" in here else f"http://{here}:{port}"


def _listen(host: str, port: int) -> socket.socket:
    """A socket that listens, or an :class:`InputError` in plain words."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((host, port))
        found.listen(128)  # whoever comes before the pages are ready waits
    except OSError as error:
        found.close()
        raise InputError(f"{host}, port {port}: {error.strerror or error}; --port takes another") from None
    return found
