"""How tables are queried: a small protocol, and DuckDB over Parquet as its first implementation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import polars as pl

from innominate.ledger.schemas import SCHEMAS, TABLES, TableName, empty

if TYPE_CHECKING:
    import duckdb


_SQL = {"String": "VARCHAR", "Date": "DATE", "Float64": "DOUBLE", "Boolean": "BOOLEAN", "Int64": "BIGINT"}


class Engine(Protocol):
    """Answers SQL over the tables of a library; a distributed engine implements the same two methods."""

    def query(self, sql: str, parameters: Sequence[object] = ()) -> pl.DataFrame:
        """Rows of `sql`, in which the tables of the ledger stand under their names and ``?`` marks a parameter."""
        ...

    def close(self) -> None:
        """Give back what the engine holds."""
        ...


class DuckDBEngine:
    """An in-memory DuckDB whose views read the library's Parquet files; nothing of it is kept on disk."""

    def __init__(
        self, files: Mapping[TableName, Sequence[Path]], journal: pl.DataFrame, memory: str = "1500MB"
    ) -> None:
        import duckdb

        self._connection: duckdb.DuckDBPyConnection = duckdb.connect(":memory:")
        self._connection.execute(f"SET memory_limit = '{memory}'")
        self._connection.execute("SET enable_progress_bar = false")  # it would stand among a command's own words
        self._connection.register("journal", journal.to_arrow())
        for table in TABLES:
            self._mount(table, files.get(table, ()))

    def _mount(self, table: TableName, paths: Sequence[Path]) -> None:
        if not paths:
            self._connection.register(table, empty(table).to_arrow())
            return
        listed = ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths)
        read = f"read_parquet([{listed}], union_by_name = true)"
        stored = {row[0] for row in self._connection.execute(f"DESCRIBE SELECT * FROM {read}").fetchall()}
        # files written before a nullable column was added to the schema lack it: there it is null
        columns = ", ".join(
            f'"{name}"' if name in stored else f'CAST(NULL AS {_SQL[str(kind)]}) AS "{name}"'
            for name, kind in SCHEMAS[table].columns.items()
        )
        self._connection.execute(f"CREATE VIEW {table} AS SELECT {columns} FROM {read}")

    def query(self, sql: str, parameters: Sequence[object] = ()) -> pl.DataFrame:
        """Rows of `sql` as a Polars frame."""
        frame = pl.from_arrow(self._connection.sql(sql, params=list(parameters)).to_arrow_table())
        assert isinstance(frame, pl.DataFrame)
        return frame

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
