"""Every parser against every kind of bad file: one clear error naming the file, and nothing stored."""

from __future__ import annotations

import gzip
import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from innominate.errors import BadFile
from innominate.ledger import Library
from innominate.sources import Source, import_file
from tests.sources import examples
from tests.sources.examples import Example

Break = Callable[[Example, Path], Path | None]


def _cases() -> list[tuple[str, Source, str, Example]]:
    cases = []
    for module in pkgutil.iter_modules(examples.__path__):
        loaded = importlib.import_module(f"tests.sources.examples.{module.name}")
        cases += [(module.name, loaded.SOURCE, form, example) for form, example in loaded.EXAMPLES.items()]
    return cases


CASES = _cases()
EVERY = pytest.mark.parametrize(
    ("source", "form", "example"), [c[1:] for c in CASES], ids=[f"{c[0]}-{c[2]}" for c in CASES]
)


def _packed(example: Example, content: bytes) -> bytes:
    return gzip.compress(content) if example.kind == "csv.gz" else content


@cache
def _many_lines() -> bytes:
    """72 MiB of line feeds as gzip members, each of 1 MiB."""
    return gzip.compress(b"\n" * (1 << 20), compresslevel=9) * 72


def truncated(example: Example, folder: Path) -> Path:
    path = example.write(folder)
    if example.kind == "csv":
        last = example.rows[-1]
        cut = max(len(str(last[-1])) + len(str(last[-2])) + 2, 2) if len(last) > 1 else 1
        path.write_bytes(path.read_bytes()[: -cut - 1])
    else:
        path.write_bytes(path.read_bytes()[:-12])
    return path


def mis_encoded(example: Example, folder: Path) -> Path | None:
    if example.kind == "parquet":
        return None
    path = folder / example.name
    path.write_bytes(_packed(example, example.text().encode("utf-16")))
    return path


def wrong_delimiter(example: Example, folder: Path) -> Path | None:
    if example.kind == "parquet":
        return None
    return replace(example, delimiter="|" if example.delimiter != "|" else ";").write(folder)


def renamed_column(example: Example, folder: Path) -> Path:
    header = tuple(f"{name}_renamed" if name == example.required else name for name in example.header)
    return replace(example, header=header).write(folder)


def duplicate_row(example: Example, folder: Path) -> Path | None:
    return replace(example, rows=(*example.rows, example.rows[-1])).write(folder) if example.duplicates else None


def impossible_date(example: Example, folder: Path) -> Path | None:
    return example.with_value(example.dated, example.impossible).write(folder) if example.dated else None


def unknown_state(example: Example, folder: Path) -> Path | None:
    if example.state is None:
        return None
    old = example.rows[-1][example.header.index(example.state)]
    number = isinstance(old, int | float) or str(old).isdigit()
    return example.with_value(example.state, type(old)(9999) if number else "Atlantis").write(folder)


def empty(example: Example, folder: Path) -> Path:
    path = folder / example.name
    path.write_bytes(b"")
    return path


def no_rows(example: Example, folder: Path) -> Path | None:
    return replace(example, rows=()).write(folder) if example.kind != "parquet" else None


def unclosed_quote(example: Example, folder: Path) -> Path | None:
    if example.kind == "parquet" or example.delimiter == "\t":  # quotation marks enclose nothing there
        return None
    lines, first = example.text().split("\n"), len(example.preamble) + 1
    before, delimiter, last = lines[first].rpartition(example.delimiter)
    lines[first] = f'{before}{delimiter}"' + last.strip('"')
    path = folder / example.name
    path.write_bytes(_packed(example, "\n".join(lines).encode(example.encoding)))
    return path


def gzip_bomb(example: Example, folder: Path) -> Path | None:
    if example.kind == "parquet":
        return None
    path = folder / f"{example.name}.gz"
    path.write_bytes(gzip.compress(example.text().encode(example.encoding)) + _many_lines())
    return path


BREAKS: dict[str, Break] = {
    breaker.__name__: breaker
    for breaker in (
        truncated,
        mis_encoded,
        wrong_delimiter,
        renamed_column,
        duplicate_row,
        impossible_date,
        unknown_state,
        empty,
        no_rows,
        unclosed_quote,
        gzip_bomb,
    )
}


@EVERY
def test_the_example_itself_is_taken(source: Source, form: str, example: Example, tmp_path: Path) -> None:
    library = Library.create(tmp_path / "library")
    outcome = import_file(library, example.write(tmp_path), source)
    assert (outcome.verdict, outcome.form) == ("stored", form)
    assert sum(outcome.entry.stored.values()) > 0  # type: ignore[union-attr]


@pytest.mark.parametrize("breaker", BREAKS)
@EVERY
def test_a_bad_file_is_refused_whole(source: Source, form: str, example: Example, breaker: str, tmp_path: Path) -> None:
    path = BREAKS[breaker](example, tmp_path)
    if path is None:
        pytest.skip("does not apply to this form")
    library = Library.create(tmp_path / "library")
    reader = next(each for each in source.forms if each.name == form)
    with pytest.raises(BadFile) as caught:
        reader.read(path)
    assert path.name in str(caught.value)
    assert "\n" not in str(caught.value)
    if breaker in ("duplicate_row", "impossible_date", "unknown_state"):
        assert caught.value.row is not None, caught.value
    with pytest.raises(BadFile):
        import_file(library, path, source)
    assert Library.open(library.folder).datasets() == []
    assert not list(library.folder.glob("*/*"))
