"""The engine: SQL over tables that are there and tables that are not."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from innominate.ledger import SCHEMAS, TABLES, DuckDBEngine, Engine, Library, TableName, conform, empty
from innominate.ledger.schemas import TABLES as NAMES
from innominate.sources import import_file
from tests.ledger.driver import source, write
from tests.ledger.test_schemas import ROWS

JOURNAL = pl.DataFrame({"dataset": ["made-up"]})


def _engine(files: dict[TableName, list[Path]]) -> Engine:
    return DuckDBEngine(files, JOURNAL)


def _stored(folder: Path, table: TableName, count: int, name: str = "part") -> Path:
    key = SCHEMAS[table].key[-1]
    frame = pl.DataFrame([{**ROWS[table], key: f"{name}{number}"} for number in range(count)], strict=False)
    path = folder / f"{name}.parquet"
    conform(table, frame, "f").write_parquet(path)
    return path


@pytest.mark.parametrize("table", TABLES)
def test_a_table_without_files_is_empty_and_has_its_columns(table: TableName) -> None:
    frame = _engine({}).query(f"SELECT * FROM {table}")
    assert frame.height == 0
    assert frame.columns == empty(table).columns
    assert frame.dtypes == empty(table).dtypes


def test_several_files_are_one_table(tmp_path: Path) -> None:
    files: dict[TableName, list[Path]] = {
        "acts": [_stored(tmp_path, "acts", 3, "a"), _stored(tmp_path, "acts", 2, "b")]
    }
    engine = _engine(files)
    frame = engine.query("SELECT * FROM acts ORDER BY act_id")
    assert frame["act_id"].to_list() == ["a0", "a1", "a2", "b0", "b1"]
    assert frame.dtypes == empty("acts").dtypes
    assert frame["start"][0] == date(2000, 1, 1)
    engine.close()


def test_parameters_are_values_never_sql(tmp_path: Path) -> None:
    engine = _engine({"acts": [_stored(tmp_path, "acts", 3)]})
    assert engine.query("SELECT act_id FROM acts WHERE act_id = ?", ["part1"]).rows() == [("part1",)]
    sly = "x' OR '1'='1"
    assert engine.query("SELECT act_id FROM acts WHERE act_id = ?", [sly]).height == 0
    between = engine.query(
        "SELECT count(*) FROM acts WHERE start BETWEEN ? AND ?", [date(1999, 1, 1), date(2001, 1, 1)]
    )
    assert between.item() == 3


def test_a_path_with_a_quotation_mark(tmp_path: Path) -> None:
    odd = tmp_path / "o'brien"
    odd.mkdir()
    engine = _engine({"acts": [_stored(odd, "acts", 1)]})
    assert engine.query("SELECT count(*) FROM acts").item() == 1


def test_tables_join_with_the_journal(tmp_path: Path) -> None:
    engine = _engine({"acts": [_stored(tmp_path, "acts", 2)]})
    assert engine.query("SELECT count(*) FROM acts JOIN journal USING (dataset)").item() == 2


def test_a_library_answers_through_its_engine_and_sees_what_it_stored(tmp_path: Path) -> None:
    with Library.create(tmp_path / "library") as library:
        for name in NAMES:
            assert library.query(f"SELECT count(*) FROM {name}").item() == 0
        import_file(library, write(tmp_path, "one", rows=4), source())
        assert library.query("SELECT count(*) FROM acts WHERE dataset = ?", ["one"]).item() == 4
        import_file(library, write(tmp_path, "two", rows=2), source())
        assert library.query("SELECT dataset, count(*) AS n FROM acts GROUP BY 1 ORDER BY 1").rows() == [
            ("one", 4),
            ("two", 2),
        ]
        assert library.query("SELECT count(*) FROM journal").item() == 2


def test_the_engine_is_opened_again_after_closing(tmp_path: Path) -> None:
    library = Library.create(tmp_path / "library")
    import_file(library, write(tmp_path, "one", rows=4), source())
    assert library.query("SELECT count(*) FROM acts").item() == 4
    library.close()
    library.close()
    assert library.query("SELECT count(*) FROM acts").item() == 4


def test_files_written_before_a_nullable_column_existed_still_open(tmp_path: Path) -> None:
    old = tmp_path / "old.parquet"
    new = tmp_path / "new.parquet"
    row = {
        "act_id": "x", "source": "CHL", "target": "PER", "start": date(2001, 1, 1), "end": date(2001, 1, 1),
        "channel": "aid", "directed": True, "value": 1.0, "unit": "u", "dataset": "d", "file": "f", "row": 1,
    }  # fmt: skip
    fresh = conform("acts", pl.DataFrame([{**row, "act_id": "y", "kind": "food"}]), "f")
    later = ["kind", "low", "high", "citation", "checked"]
    conform("acts", pl.DataFrame([row]), "f").drop(later).write_parquet(old)
    fresh.write_parquet(new)
    for paths in ([old], [old, new], [new, old]):
        engine = DuckDBEngine({"acts": paths}, pl.DataFrame({"import_id": ["1"]}))
        found = engine.query("SELECT * FROM acts ORDER BY act_id")
        assert found.columns == fresh.columns
        assert found.schema == fresh.schema
        assert found["kind"][0] is None
        engine.close()
