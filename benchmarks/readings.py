"""Are the readings of a case recovered, and what does weighing them cost?

    python benchmarks/readings.py [--case NAME] [--panels 200] [--library DIR]

Draws panels from every reading of a case, and from the model without constraints, in the years and channels of a library,
weighs all readings on each, and prints the confusion table, the mean factors on panels without constraints (1 where the
machinery is right) and the CPU seconds of each step. Without --library, everything in the folder that INNOMINATE_DATA names
(default ../shared/data beside the project) is imported first.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import polars as pl

from innominate import Case, Library, Study
from innominate import readings as room
from innominate.cases.registry import claim_test

Found = TypeVar("Found")
ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Print the confusion table and what the steps cost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--case", default="beijing-moscow-pyongyang")
    parser.add_argument("--panels", type=int, default=200)
    parser.add_argument("--library", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report(options.case, options.library or imported(Path(folder)), options.panels)


def imported(folder: Path) -> Path:
    """A library of everything in the folder of providers' files."""
    from innominate.sources import import_folder

    data = Path(os.environ.get("INNOMINATE_DATA", ROOT.parent / "shared" / "data"))
    if not data.is_dir():
        sys.exit(f"no providers' files at {data}: set INNOMINATE_DATA")
    import_folder(Library.create(folder / "library"), data)
    return folder / "library"


def report(name: str, folder: Path, panels: int) -> None:
    """Everything about one case."""
    case = Case.load(name)
    claim = next(one for one in case.spec.claims if one.test == "readings")
    asked = claim_test("readings").parameters.model_validate(claim.parameters)
    study = Study(Library.open(folder), case.years)
    timed("alignment of all pairs", study.alignment)
    weighed = timed("weigh", lambda: room.weigh(study, asked.made(), needed=asked.channels))
    timed("sensitivity", lambda: room.sensitivity(weighed))
    timed("diagnostic", lambda: room.diagnostic(weighed, asked.claimed))
    timed("what would change", lambda: room.what_would_change(weighed))
    found = timed(f"confusion, {panels} panels a reading", lambda: room.confusion(weighed, panels))
    with pl.Config(tbl_rows=100, tbl_cols=20, tbl_width_chars=200, tbl_hide_dataframe_shape=True):
        print(weighed.table().drop("title"))
        print(found.counts.pivot("found", index="drawn", values="panels").fill_null(0))
        print(found.probabilities.pivot("reading", index="drawn", values="probability"))
    for reading, mean in found.factors.items():
        print(f"mean factor without constraints: {reading:<24} {mean:.2f} ± {found.errors[reading]:.2f}")


def timed(what: str, step: Callable[[], Found]) -> Found:
    """Do a step and print its CPU seconds."""
    start = time.process_time()
    found = step()
    print(f"{what:<40} {time.process_time() - start:7.2f} CPU s", flush=True)
    return found


if __name__ == "__main__":
    main()
