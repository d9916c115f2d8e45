"""Imports run as a process of their own, which may be told to die at its k-th dangerous step.

Run as ``python -m tests.ledger.driver die BASE WORK FILE``: for k = 1, 2, … a child process imports FILE into a fresh
copy of the library BASE and kills itself with SIGKILL at step k, until a child comes through alive; one JSON list on
stdout says at which step each died. ``… import LIBRARY FILE`` imports once and prints the verdict.

A synthetic file is CSV: dataset, part, seed, rows.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from innominate.errors import BadFile, InputError
from innominate.ledger import Imported, Library, Oddity, library, manifest, storage
from innominate.sources import Form, Source, import_file

STATES = ("BRA", "CHL", "PER", "ARG")


def read(path: Path) -> Imported:
    """Acts and coverage that follow from the file's seed."""
    fields = path.read_text().strip().split(",")
    if len(fields) != 4:
        raise BadFile(path.name, "must be dataset,part,seed,rows", 1)
    dataset, part, seed, rows = fields[0], fields[1], int(fields[2]), int(fields[3])
    number = pl.Series("n", range(rows), dtype=pl.Int64)
    acts = number.to_frame().select(
        pl.format("{}:{}", pl.lit(f"{dataset}-{part}"), "n").alias("act_id"),
        pl.lit("BRA").alias("source"),
        pl.lit("CHL").alias("target"),
        pl.lit(date(2000, 1, 1)).alias("start"),
        pl.lit(date(2000, 12, 31)).alias("end"),
        pl.lit("visits").alias("channel"),
        pl.lit(False).alias("directed"),
        ((pl.col("n") * 7919 + seed) % 1009).cast(pl.Float64).alias("value"),
        pl.lit("meetings").alias("unit"),
        pl.lit(dataset).alias("dataset"),
        pl.lit(path.name).alias("file"),
        (pl.col("n") + 2).alias("row"),
    )
    covered = pl.DataFrame(
        {
            "dataset": [dataset],
            "channel": ["visits"],
            "scope": ["among:" + " ".join(STATES)],
            "first": [date(2000, 1, 1)],
            "last": [date(2000, 12, 31)],
        }
    )
    return Imported(dataset, {"acts": acts, "coverage": covered}, rows + 1, rows, part, (Oddity("odd", 1, True, (2,)),))


def source(version: int = 1) -> Source:
    """The synthetic source, at a version of its adapter."""
    form = Form("made-up", "made up", lambda look: True, read)
    return Source("made-up", "Made up", "nobody", "nowhere", "none", "none", version, (form,))


def write(folder: Path, dataset: str, part: str = "all", seed: int = 1, rows: int = 500) -> Path:
    """A synthetic file."""
    path = folder / f"{dataset}-{part}-{seed}.csv"
    path.write_text(f"{dataset},{part},{seed},{rows}\n")
    return path


class Steps:
    """Counts the dangerous steps of an import and dies at the one it is told to."""

    def __init__(self, fatal: int, report: int) -> None:
        self.fatal, self.count, self.report = fatal, 0, report

    def step(self, label: str) -> None:
        self.count += 1
        if self.count == self.fatal:
            os.write(self.report, label.encode())
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, owner: Any, name: str) -> None:
        """Make every call of `owner.name` two steps: just before and just after."""
        original: Callable[..., Any] = getattr(owner, name)

        def called(*arguments: Any, **options: Any) -> Any:
            self.step(f"before {name}")
            result = original(*arguments, **options)
            self.step(f"after {name}")
            return result

        setattr(owner, name, called)

    def half_written(self) -> None:
        """Dying in the middle of a table or of the manifest leaves half a file."""
        write_parquet, dump = pl.DataFrame.write_parquet, json.dump

        def half_table(frame: pl.DataFrame, path: Path, **options: Any) -> None:
            write_parquet(frame, path, **options)
            whole = path.read_bytes()
            path.write_bytes(whole[: len(whole) // 2])
            self.step("half a table")
            path.write_bytes(whole)

        def half_manifest(raw: Any, stream: Any, **options: Any) -> None:
            text = json.dumps(raw, **options)
            stream.write(text[: len(text) // 2])
            stream.flush()
            self.step("half a manifest")
            stream.write(text[len(text) // 2 :])

        pl.DataFrame.write_parquet = half_table  # type: ignore[assignment, method-assign]
        manifest.json.dump = half_manifest  # type: ignore[attr-defined]
        assert dump is not None


def _arm(fatal: int, report: int) -> None:
    steps = Steps(fatal, report)
    steps.half_written()
    for owner, name in (
        (storage.os, "replace"),  # type: ignore[attr-defined]
        (storage.os, "fsync"),  # type: ignore[attr-defined]
        (Path, "unlink"),
        (library, "stage"),
        (library, "publish"),
        (library, "sweep"),
        (library, "discard"),
        (manifest, "write"),
    ):
        steps.around(owner, name)


def _child(folder: Path, file: Path, fatal: int, report: int) -> None:
    _arm(fatal, report)
    import_file(Library.open(folder), file, source())
    os._exit(0)


def die(base: Path, work: Path, file: Path) -> list[dict[str, str]]:
    """One killed import after the other, each in a copy of `base` of its own."""
    told = []
    for fatal in range(1, 200):
        folder = work / f"{fatal:03d}"
        shutil.copytree(base, folder)
        out, report = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                _child(folder, file, fatal, report)
            except BaseException as error:
                os.write(report, f"failed: {error!r}".encode())
            os._exit(1)
        os.close(report)
        _, status = os.waitpid(child, 0)
        with os.fdopen(out) as stream:
            label = stream.read()
        if os.WIFSIGNALED(status):
            told.append({"folder": str(folder), "label": label})
            continue
        assert os.WEXITSTATUS(status) == 0, label
        break
    return told


def main(arguments: list[str]) -> None:
    """See the module's docstring."""
    command, *rest = arguments
    if command == "die":
        print(json.dumps(die(*map(Path, rest))))
        return
    try:
        print(import_file(Library.create(rest[0]), Path(rest[1]), source()).verdict)
    except InputError as error:
        print(f"refused: {error}")
        sys.exit(2)


if __name__ == "__main__":
    main(sys.argv[1:])
