"""What a source hands to the ledger, and what the journal remembers of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import polars as pl

from innominate.ledger.schemas import TableName


@dataclass(frozen=True, slots=True)
class Oddity:
    """Rows that the provider is known for, kept or refused for one stated reason.

    Attributes
    ----------
    reason : in plain words
    rows : how many rows
    refused : True when these rows were not stored, False when they were stored and are worth knowing about
    first : row numbers of the first few
    """

    reason: str
    rows: int
    refused: bool = True
    first: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Imported:
    """The tables that one file became.

    Attributes
    ----------
    dataset : name of the dataset, e.g. ``unga-votes``
    part : which part of the dataset the file holds; a later import of the same part replaces it
    tables : frames in the ledger's schemas (:data:`innominate.ledger.schemas.SCHEMAS`)
    rows : data rows that the file holds
    kept : of those, the rows that were stored
    oddities : the known quirks met, with counts
    replaces : names of other parts of the dataset that the file holds entirely, and that go once it is stored
    changes : other parts of the dataset of which something goes once it is stored: name → their tables without it
    finished : what the file holds from end to end, in the source's own terms, for its ``beside``; see
        :class:`innominate.sources.spec.Form`
    """

    dataset: str
    tables: dict[TableName, pl.DataFrame]
    rows: int
    kept: int
    part: str = "all"
    oddities: tuple[Oddity, ...] = ()
    replaces: tuple[str, ...] = ()
    changes: Mapping[str, Mapping[TableName, pl.DataFrame]] = field(default_factory=dict)
    finished: pl.DataFrame | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the import journal."""

    import_id: str
    time: str
    dataset: str
    part: str
    form: str
    file: str
    sha256: str
    bytes: int
    adapter_version: int
    rows: int
    kept: int
    refused: int
    outcome: str  # stored | replaced | unchanged
    oddities: list[dict[str, Any]] = field(default_factory=list)
    stored: dict[str, int] = field(default_factory=dict)  # table → rows

    def as_dict(self) -> dict[str, Any]:
        """The entry as plain values."""
        return asdict(self)
