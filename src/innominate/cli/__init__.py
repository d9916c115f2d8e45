"""The command line. Exit status: 0 done, 2 the input or the arguments are at fault, 1 our fault."""

from __future__ import annotations

import os
import sys
from typing import Any

from typer import Abort

from innominate.errors import InputError


def main() -> None:
    """Run ``innominate``; every expected error is one line on stderr."""
    from innominate.cli.commands import app

    try:
        status = app(prog_name="innominate", standalone_mode=False)
    except InputError as error:
        _say(str(error))
        sys.exit(2)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except Exception as error:
        if hasattr(error, "format_message"):  # wrong use: typer would draw a box of several lines
            sys.exit(_misused(error))
        if isinstance(error, Abort):
            _say("stopped")
            sys.exit(1)
        if os.environ.get("INNOMINATE_TRACEBACK"):
            raise
        _say(f"{type(error).__name__}: {error} (our fault; INNOMINATE_TRACEBACK=1 shows where)")
        sys.exit(1)
    if isinstance(status, int) and status:  # typer hands over the status of a command that stopped early
        sys.exit(status)


def _misused(error: Any) -> int:
    """Say what is wrong with the use of a command; the exit status."""
    context, first = getattr(error, "ctx", None), sys.argv[1:2]
    path = " ".join(["innominate", *(word for word in first if not word.startswith("-"))])
    message = error.format_message()
    if message:  # none where the help was shown, as that of a command named without its own
        _say(message, path if context is None else context.command_path)
    return int(error.exit_code)


def _say(message: str, command: str = "innominate") -> None:
    print(f"{command}: {' '.join(message.split())}", file=sys.stderr)
