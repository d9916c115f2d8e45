"""The errors a person can cause, and how they are worded: one line that names file, row and reason."""

from __future__ import annotations


class InnominateError(Exception):
    """Base class of every error raised on purpose by innominate."""


class InputError(InnominateError):
    """The input or the arguments are at fault: the command line prints it in one line and exits with 2."""


class BadFile(InputError):
    """A file cannot be taken as it is; nothing of it is stored.

    Parameters
    ----------
    file : name of the file, as the person gave it
    reason : what is wrong, in plain words
    row : 1-based line (text formats, the header is line 1) or record (Parquet) where it goes wrong, if one row is at fault
    """

    def __init__(self, file: object, reason: str, row: int | None = None) -> None:
        where = f"{file}, row {row}" if row is not None else f"{file}"
        super().__init__(f"{where}: {reason}")
        self.file, self.reason, self.row = str(file), reason, row


class UnknownState(InputError):
    """A name or code is no state on that date; the message carries the nearest suggestions."""


class Outdated(InputError):
    """A library was changed by another process since it was opened."""
