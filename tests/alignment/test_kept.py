"""Fits kept between commands: the same bits, measured anew as soon as anything differs, and nothing of others is run."""

from __future__ import annotations

import os
import pickle
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from innominate.alignment import AlignmentFit, kept
from innominate.ledger import Library
from innominate.panel import Panel
from innominate.study import Study
from tests.blocs.libraries import blocs_of_votes, drills, exercises, library, votes

YEARS = (2012, 2017)


@pytest.fixture
def held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    """A small library, and an empty cache beside it."""
    monkeypatch.setenv("INNOMINATE_CACHE", str(tmp_path / "cache"))
    made = library(tmp_path)
    exercises(made, drills(1, triple=0.3))
    return made


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[Panel]:
    """The panels that were fitted."""
    fitted: list[Panel] = []
    real = kept.fit_panel

    def fit_panel(library: Library, panel: Panel, *told: object) -> AlignmentFit:
        fitted.append(panel)
        return real(library, panel, *told)  # type: ignore[arg-type]

    monkeypatch.setattr(kept, "fit_panel", fit_panel)
    return fitted


def files(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "cache").glob("*"))


def test_the_second_study_answers_with_the_same_bits(held: Library, measured: list[Panel], tmp_path: Path) -> None:
    said: list[str] = []
    first, second = Study(held, YEARS), Study(Library.open(held.folder), YEARS, progress=said.append)
    one, other = first.alignment(), second.alignment()
    assert len(measured) == 1
    assert said == ["taking what an earlier command measured"]
    assert one.mean.tobytes() == other.mean.tobytes()
    assert one.table().equals(other.table())
    assert second.panel().z.tobytes() == first.panel().z.tobytes()
    assert one.turns("ARG", "BRA").equals(other.turns("ARG", "BRA"))
    for asked in ("ARG", "BRA", 2014), ("BRA", "CHL", 2017):
        mine, kept_ = one.why(*asked), other.why(*asked)
        assert mine.contributions.equals(kept_.contributions)
    assert len(files(tmp_path)) == 1


def test_whatever_differs_is_measured_anew(
    held: Library, measured: list[Panel], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Study(held, YEARS).alignment()
    Study(held, (2013, 2017)).alignment()
    Study(held, YEARS, resolution="quarter").alignment()
    votes(held, blocs_of_votes(2, 0.5))
    more = Study(held, YEARS).alignment()
    dropped = Study(held, YEARS, drop=("exercises",)).alignment()
    assert len(measured) == 5
    assert more.panel.z.shape != dropped.panel.z.shape
    monkeypatch.setattr(kept, "_code", lambda: "another version")
    Study(held, YEARS).alignment()
    assert len(measured) == 6
    assert len(files(tmp_path)) == 6


@pytest.mark.parametrize("how", ["short", "nonsense", "empty", "of another form"])
def test_a_damaged_file_is_measured_anew(held: Library, measured: list[Panel], tmp_path: Path, how: str) -> None:
    one = Study(held, YEARS).alignment()
    (path,) = files(tmp_path)
    whole = path.read_bytes()
    other_form = pa.compress(pickle.dumps((1, 2)), codec="zstd", asbytes=True)
    path.write_bytes(
        {"short": whole[: len(whole) // 2], "nonsense": b"\x00" * 99, "empty": b"", "of another form": other_form}[how]
    )
    other = Study(held, YEARS).alignment()
    assert len(measured) == 2
    assert one.mean.tobytes() == other.mean.tobytes()
    Study(held, YEARS).alignment()
    assert len(measured) == 2  # written over


class Evil:
    """Creates a file when it is read back."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.path,)


def test_what_others_put_there_is_not_run(held: Library, measured: list[Panel], tmp_path: Path) -> None:
    Study(held, YEARS).alignment()
    (path,) = files(tmp_path)
    trace = tmp_path / "it ran"
    with pa.CompressedOutputStream(str(path), "zstd") as stream:
        pickle.dump(Evil(trace), stream)
    Study(held, YEARS).alignment()
    assert not trace.exists()
    assert len(measured) == 2


def test_what_was_asked_for_longest_ago_makes_room(
    held: Library, measured: list[Panel], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Study(held, YEARS).alignment()
    (first,) = files(tmp_path)
    monkeypatch.setattr(kept, "MOST", int(2.9 * first.stat().st_size))
    for years in (2013, 2017), YEARS, (2014, 2017), (2012, 2016):  # the first is asked for again
        Study(held, years).alignment()
    assert len(measured) == 4
    assert first in files(tmp_path)
    assert len(files(tmp_path)) == 3
    assert sum(path.stat().st_size for path in files(tmp_path)) <= kept.MOST
    Study(held, (2013, 2017)).alignment()
    assert len(measured) == 5
    monkeypatch.setattr(kept, "MOST", 1)
    Study(held, (2015, 2017)).alignment()
    assert len(files(tmp_path)) == 1  # the newest stays


def test_what_a_killed_command_left_goes(held: Library, tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    old, new, others = (tmp_path / "cache" / name for name in ("a.1.fit-part", "b.2.fit-part", "notes.txt"))
    for path, age in ((old, 7200), (new, 10), (others, 7200)):
        path.write_text("half")
        os.utime(path, (time.time() - age,) * 2)
    Study(held, YEARS).alignment()
    assert (old.exists(), new.exists(), others.exists()) == (False, True, True)


def test_nothing_is_kept_where_nothing_can_or_shall_be(
    held: Library, measured: list[Panel], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a file").write_text("")
    for where in (str(tmp_path / "a file"), "off"):
        monkeypatch.setenv("INNOMINATE_CACHE", where)
        assert np.isfinite(Study(held, YEARS).alignment().mean).any()
    assert len(measured) == 2
    assert not files(tmp_path)
