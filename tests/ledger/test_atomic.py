"""The store as a process sees it: killed, raced, repeated, upgraded, refused."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from innominate.errors import BadFile, InputError
from innominate.ledger import Imported, Library
from innominate.sources import import_file
from tests.conftest import ROOT
from tests.ledger.driver import source, write

HELD = "SELECT dataset, count(*) AS acts, sum(value) AS total FROM acts GROUP BY dataset ORDER BY dataset"


def _bytes(folder: Path) -> dict[str, bytes]:
    """What the library in `folder` consists of: its manifest and the files that it names."""
    library = Library.open(folder)
    return {name: (folder / name).read_bytes() for name in ["library.json", *sorted(library.manifest.files())]}


def _strays(folder: Path) -> list[str]:
    """Files beside those that the manifest names."""
    named = Library.open(folder).manifest.files() | {"library.json", ".lock"}
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    return sorted(found - named)


def _state(folder: Path) -> tuple[str, list[tuple[object, ...]]]:
    with Library.open(folder) as library:
        return library.fingerprint, library.query(HELD).rows()


def _run(*arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.ledger.driver", *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _finished(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    return out.strip()


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A library that holds dataset one."""
    folder = tmp_path / "base"
    import_file(Library.create(folder), write(tmp_path, "one"), source())
    return folder


@pytest.mark.parametrize("dataset", ["one", "two"], ids=["replacing", "adding"])
def test_killed_at_any_step_it_is_as_before_or_as_after(base: Path, tmp_path: Path, dataset: str) -> None:
    before, before_state = _bytes(base), _state(base)
    file = write(tmp_path, dataset, seed=2, rows=2000)
    work = tmp_path / "work"
    work.mkdir()
    killed = json.loads(_finished(_run("die", base, work, file)))
    labels = [each["label"] for each in killed]
    assert len(killed) >= 20
    assert {"half a table", "half a manifest", "after publish", "before write", "after write", "before sweep"} <= {
        *labels
    }

    finished = import_file(Library.open(base), file, source())
    assert finished.verdict == ("replaced" if dataset == "one" else "stored")
    after_state = _state(base)
    assert after_state[0] != before_state[0]

    unchanged = changed = 0
    for each in killed:
        folder = Path(each["folder"])
        state = _state(folder)
        if state == before_state:
            unchanged += 1
            assert _bytes(folder) == before, each
        else:
            changed += 1
            assert state == after_state, each
        again = import_file(Library.open(folder), file, source())
        assert again.verdict == ("unchanged" if state == after_state else finished.verdict), each
        if again.verdict == "unchanged":  # nothing was to be done; the next import that does something sweeps
            import_file(Library.open(folder), file, source(version=2))
        assert Library.open(folder).fingerprint == after_state[0], each
        assert _strays(folder) == [], each
    assert unchanged >= 10
    assert changed >= 3  # from the renaming of the manifest on
    assert labels.index("half a manifest") < unchanged


def test_two_processes_importing_different_datasets_both_end_up_in(base: Path, tmp_path: Path) -> None:
    files = [write(tmp_path, name, rows=5000) for name in ("two", "three")]
    verdicts = [_finished(each) for each in [_run("import", base, file) for file in files]]
    assert verdicts == ["stored", "stored"]
    library = Library.open(base)
    assert library.datasets() == ["one", "three", "two"]
    assert [entry.import_id for entry in library.manifest.journal] == ["000001", "000002", "000003"]
    assert _strays(base) == []


def test_two_processes_importing_the_same_file_leave_it_once(base: Path, tmp_path: Path) -> None:
    file = write(tmp_path, "two", rows=5000)
    verdicts = {_finished(each) for each in [_run("import", base, file) for _ in range(2)]}
    assert verdicts <= {"stored", "replaced", "unchanged"}
    assert _state(base)[1][1][:2] == ("two", 5000)
    assert _strays(base) == []


def test_two_processes_making_the_same_library(tmp_path: Path) -> None:
    files = [write(tmp_path, name) for name in ("one", "two")]
    folder = tmp_path / "new"
    assert [_finished(each) for each in [_run("import", folder, file) for file in files]] == ["stored", "stored"]
    assert Library.open(folder).datasets() == ["one", "two"]


def test_the_same_file_again_changes_nothing(base: Path, tmp_path: Path) -> None:
    before = _bytes(base)
    outcome = import_file(Library.open(base), write(tmp_path, "one"), source())
    assert outcome.verdict == "unchanged"
    assert _bytes(base) == before


def test_the_same_rows_give_the_same_bytes_in_another_library(base: Path, tmp_path: Path) -> None:
    other = Library.create(tmp_path / "other")
    import_file(other, write(tmp_path, "one"), source())
    assert other.fingerprint == Library.open(base).fingerprint
    named = sorted(other.manifest.files())
    assert [(other.folder / name).read_bytes() for name in named] == [(base / name).read_bytes() for name in named]


def test_a_raised_adapter_version_imports_again_and_replaces(base: Path, tmp_path: Path) -> None:
    fingerprint = Library.open(base).fingerprint
    outcome = import_file(Library.open(base), write(tmp_path, "one"), source(version=2))
    assert outcome.verdict == "replaced"
    library = Library.open(base)
    assert library.fingerprint == fingerprint  # the same rows
    assert [entry.adapter_version for entry in library.manifest.journal] == [1, 2]
    held = library.held("one")
    assert held is not None
    assert held.adapter_version == 2


def test_a_newer_file_of_the_same_part_replaces_and_of_another_adds(base: Path, tmp_path: Path) -> None:
    library = Library.open(base)
    assert import_file(library, write(tmp_path, "one", seed=5, rows=7), source()).verdict == "replaced"
    assert library.query(HELD)["acts"].to_list() == [7]
    assert import_file(library, write(tmp_path, "one", part="other", rows=3), source()).verdict == "stored"
    assert library.query(HELD)["acts"].to_list() == [10]
    assert _strays(base) == []


def test_a_refused_file_leaves_everything_as_it_was(base: Path, tmp_path: Path) -> None:
    before = _bytes(base)
    path = tmp_path / "bad.csv"
    path.write_text("nonsense\n")
    with pytest.raises(BadFile):
        import_file(Library.open(base), path, source())
    assert _bytes(base) == before
    assert _strays(base) == []


def test_a_full_disk_leaves_everything_as_it_was(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = _bytes(base)
    whole = pl.DataFrame.write_parquet

    def full(frame: pl.DataFrame, path: Path, **options: object) -> None:
        if frame.height == 1:  # the second table
            path.write_bytes(b"PAR1")
            raise OSError(28, "No space left on device")
        whole(frame, path)

    monkeypatch.setattr(pl.DataFrame, "write_parquet", full)
    with pytest.raises(OSError, match="No space"):
        import_file(Library.open(base), write(tmp_path, "two"), source())
    assert _bytes(base) == before
    assert _strays(base) == []


def test_what_a_killed_process_left_does_not_disturb_one_that_is_at_work(base: Path, tmp_path: Path) -> None:
    import os

    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    left = base / "acts" / f".aside-{dead.pid}-0123.parquet"
    at_work = base / "acts" / f".aside-{os.getppid()}-0123.parquet"
    left.write_bytes(b"x")
    at_work.write_bytes(b"x")
    import_file(Library.open(base), write(tmp_path, "two"), source())
    assert _strays(base) == [str(at_work.relative_to(base))]


def test_reading_while_another_process_adds(base: Path, tmp_path: Path) -> None:
    reader = Library.open(base)
    assert reader.query(HELD).height == 1
    adding = [_run("import", base, write(tmp_path, f"more{number}", rows=2000)) for number in range(2)]
    while any(each.poll() is None for each in adding):
        assert reader.query(HELD).height == 1  # as it stood when opened
    assert [_finished(each) for each in adding] == ["stored", "stored"]
    assert reader.query(HELD).height == 1
    assert Library.open(base).query(HELD).height == 3


def test_reading_what_another_process_replaced_says_so(base: Path, tmp_path: Path) -> None:
    reader = Library.open(base)
    import_file(Library.open(base), write(tmp_path, "one", seed=9), source())
    with pytest.raises(InputError, match="changed since it was opened"):
        reader.query(HELD)
    assert Library.open(base).query(HELD).height == 1


@pytest.mark.parametrize(
    ("damage", "reason"), [("cut", "is damaged"), ("gone", "is missing"), ("garbled", "is damaged")]
)
def test_a_file_of_the_library_that_is_damaged_or_missing_is_named_and_comes_back(
    base: Path, tmp_path: Path, damage: str, reason: str
) -> None:
    name = next(name for name in Library.open(base).manifest.files() if name.startswith("acts"))
    content = (base / name).read_bytes()
    middle = content[:200] + bytes(len(content) - 300) + content[-100:]
    (base / name).write_bytes(content[:500] if damage == "cut" else middle)
    if damage == "gone":
        (base / name).unlink()
    with pytest.raises(InputError, match=reason) as caught:
        Library.open(base).query("SELECT sum(value), max(act_id), max(source) FROM acts")
    assert str(base / name) in str(caught.value)
    assert "\n" not in str(caught.value)
    (base / name).unlink(missing_ok=True)
    assert import_file(Library.open(base), write(tmp_path, "one"), source()).verdict == "replaced"
    assert (base / name).read_bytes() == content


def test_a_library_begins_with_what_is_first_stored(tmp_path: Path) -> None:
    folder, bad = tmp_path / "new" / "library", tmp_path / "bad.csv"
    bad.write_text("nonsense\n")
    library = Library.begin(folder)
    with pytest.raises(BadFile):
        import_file(library, bad, source())
    assert not folder.parent.exists()
    other = Library.begin(folder)
    for held, name in ((library, "one"), (other, "two")):
        assert import_file(held, write(tmp_path, name), source()).verdict == "stored"
    assert Library.open(folder).datasets() == ["one", "two"]


def test_what_was_looked_for_and_never_seen_is_among_the_holdings(base: Path, tmp_path: Path) -> None:
    from innominate.ledger.holdings import holdings

    coverage = pl.DataFrame(
        {
            "dataset": ["none"],
            "channel": ["war"],
            "scope": ["all"],
            "first": [date(2000, 1, 1)],
            "last": [date(2003, 12, 31)],
        }
    )
    library = Library.open(base)
    library.store(
        Imported("none", {"coverage": coverage}, 0, 0), file="f", sha256="s", size=1, form="made", adapter_version=1
    )
    told = holdings(library).filter(pl.col("dataset") == "none").row(0, named=True)
    assert (told["channel"], told["rows"], told["covered_from"], told["covered_to"]) == ("war", 0, 2000, 2003)


def test_bad_sql_is_not_taken_for_a_changed_library(base: Path) -> None:
    with pytest.raises(Exception, match="nowhere") as caught:
        Library.open(base).query("SELECT * FROM nowhere")
    assert not isinstance(caught.value, InputError)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"format": 99}', b'{"format": 1}', b'{"format": 1, "parts": [], "journal": []}', b"\xff\xfe"],
)
def test_a_damaged_manifest_is_one_clear_error(base: Path, content: bytes) -> None:
    (base / "library.json").write_bytes(content)
    with pytest.raises(InputError) as caught:
        Library.open(base)
    assert str(base) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_library_is_only_made_where_nothing_else_is(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no library here"):
        Library.open(tmp_path / "absent")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.docx").write_bytes(b"x")
    with pytest.raises(InputError, match="neither a library nor an empty folder"):
        Library.create(tmp_path / "full")
    (tmp_path / "file").write_bytes(b"x")
    with pytest.raises(InputError, match="not a folder"):
        Library.create(tmp_path / "file")
    assert Library.create(tmp_path / "empty").datasets() == []


def test_the_journal_remembers_rows_and_reasons(base: Path) -> None:
    with Library.open(base) as library:
        journal = library.query("SELECT * FROM journal").row(0, named=True)
        entry = library.manifest.journal[0]
    assert (journal["rows"], journal["kept"], journal["refused"]) == (501, 500, 1)
    assert journal["file"] == "one-all-1.csv"
    assert len(journal["sha256"]) == 64
    assert entry.oddities == [{"reason": "odd", "rows": 1, "refused": True, "first": [2]}]
    assert entry.stored == {"acts": 500, "coverage": 1}
