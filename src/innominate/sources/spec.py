"""What a source is: where a dataset lives, what its files look like, and how one becomes tables of the ledger."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from innominate.ledger import Imported, Library

FileKind = Literal["parquet", "text", "gzip", "zip", "empty", "other"]


@dataclass(frozen=True, slots=True)
class Peek:
    """A first look at a file, enough to recognise it and cheap enough to take at every file of a folder.

    Attributes
    ----------
    path : where the file is
    kind : told by its first bytes, not by its name
    columns : of a Parquet file, or the fields of the first line of a text (or gzipped text), split at the
        likeliest delimiter
    head : the first 16 KiB of a text as latin-1 (never fails), or ""
    members : names inside a zip archive
    """

    path: Path
    kind: FileKind
    columns: frozenset[str] = frozenset()
    head: str = ""
    members: tuple[str, ...] = ()

    def has(self, *columns: str) -> bool:
        """Whether all of `columns` stand in the file's header."""
        return self.columns.issuperset(columns)


@dataclass(frozen=True, slots=True)
class Form:
    """One file format in which a source's data come.

    Attributes
    ----------
    name : short, e.g. ``dyad-year-parquet``
    describes : one line for people
    recognise : whether a file that was peeked at is of this form
    read : the parser; raises :class:`innominate.errors.BadFile` with file, row and reason
    supplies : what it supplies; of several files that supply the same, a folder import takes the preferred one
        ("" means the source's name)
    preference : lower is taken first
    accumulates : True when many files add up (daily files), False when a file is the whole
    read_as : the parser under a name, where parts are named after their files (or folders); a file of the same name from
        elsewhere gets another name
    beside : what of a file is stored beside the files of the source that the library holds, where those overlap; takes the
        library as it stands under its lock, the file as read and its sha256
    lacks : what a text that is not recognised lacks for this form, in plain words; "" where it is something else
    """

    name: str
    describes: str
    recognise: Callable[[Peek], bool]
    read: Callable[[Path], Imported]
    supplies: str = ""
    preference: int = 0
    accumulates: bool = False
    read_as: Callable[[Path, str], Imported] | None = None
    lacks: Callable[[Peek], str] | None = None
    beside: Callable[[Library, Imported, str], Imported] | None = None


@dataclass(frozen=True, slots=True)
class Remote:
    """A file at its producer's.

    Attributes
    ----------
    url : http(s) address, or a DOI of a repository as pooch takes it (``doi:10.7910/DVN/LEJUQZ/UNVotes.csv``)
    name : under which it is kept here
    sha256 : where the producer keeps the file fixed; None where the file is replaced from time to time
    form : name of the :class:`Form` that reads it
    """

    url: str
    name: str
    form: str
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """An open dataset.

    Attributes
    ----------
    name : short and stable, e.g. ``unga-votes``; also the name of the entry point
    title, producer, home, licence, citation : as the producer wants them
    redistribution : whether figures computed from it may be passed on ("figures") or not without asking ("ask")
    adapter_version : raised whenever the parser's output changes; a newer one re-imports files already taken
    forms : the formats it comes in
    remotes : the canonical files
    channels : the channels its acts are in
    quirks : what the provider is known for and how the parser treats it, one sentence each
    packaged : path below the package of a table of our own that comes with innominate and is imported unasked
    """

    name: str
    title: str
    producer: str
    home: str
    licence: str
    citation: str
    adapter_version: int
    forms: tuple[Form, ...]
    redistribution: Literal["figures", "ask"] = "ask"
    remotes: tuple[Remote, ...] = ()
    channels: tuple[str, ...] = ()
    quirks: tuple[str, ...] = ()
    packaged: str | None = None
