"""The command line. Exit status: 0 done, 2 the input or the arguments are at fault, 1 our fault."""

from __future__ import annotations

import os
import sys

from innominate.errors import InputError


def main() -> None:
    """Run ``innominate``; every expected error is one line on stderr."""
    from innominate.cli.commands import app

    try:
        app(prog_name="innominate")
    except InputError as error:
        _say(str(error))
        sys.exit(2)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except Exception as error:
        if os.environ.get("INNOMINATE_TRACEBACK"):
            raise
        _say(f"{type(error).__name__}: {error} (our fault; INNOMINATE_TRACEBACK=1 shows where)")
        sys.exit(1)


def _say(message: str) -> None:
    print(f"innominate: {' '.join(message.split())}", file=sys.stderr)
