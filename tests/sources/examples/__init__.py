"""Tiny made-up files in every provider's format, one module a source, for the matrix of bad input.

Each module defines ``SOURCE`` (the source under test) and ``EXAMPLES`` (form name → :class:`Example`).
No row is a provider's: the values are invented.
"""

from __future__ import annotations

import csv
import gzip
import io
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import polars as pl


@dataclass(frozen=True)
class Example:
    """A valid tiny file of one form, and what the matrix may break in it.

    name: file name; header, rows: its table; kind: how it is written; preamble: lines before the header;
    required: a column without which the file must be refused; dated: a column whose value `impossible` must be refused
    (None: the form has no date); state: a column in which "Atlantis" (or 99999 for numbers) must be refused;
    duplicates: whether a repeated row must be refused.
    """

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    required: str
    dated: str | None
    state: str | None
    kind: Literal["csv", "csv.gz", "parquet"] = "csv"
    delimiter: str = ","
    encoding: str = "utf-8"
    preamble: tuple[str, ...] = ()
    impossible: Any = 99999
    duplicates: bool = True

    def write(self, folder: Path) -> Path:
        """Write the file into `folder`."""
        path = folder / self.name
        if self.kind == "parquet":
            pl.DataFrame(
                list(self.rows), schema=list(self.header), orient="row", infer_schema_length=None
            ).write_parquet(path)
        else:
            content = self.text().encode(self.encoding)
            path.write_bytes(gzip.compress(content) if self.kind == "csv.gz" else content)
        return path

    def text(self) -> str:
        """The content of a delimited file."""
        stream = io.StringIO()
        stream.writelines(line + "\n" for line in self.preamble)
        writer = csv.writer(stream, delimiter=self.delimiter, lineterminator="\n")
        writer.writerow(self.header)
        writer.writerows(self.rows)
        return stream.getvalue()

    def with_value(self, column: str, value: Any, row: int = -1) -> Example:
        """The same file with one value changed."""
        position = self.header.index(column)
        rows = [list(line) for line in self.rows]
        rows[row][position] = value
        return replace(self, rows=tuple(tuple(line) for line in rows))
