"""How long a fit of the alignment takes, and what it needs: against pairs, periods and channels, and on real data.

    python benchmarks/alignment.py             # all of it
    python benchmarks/alignment.py --growth    # drawn data only; needs nothing

Real data come from the library in INNOMINATE_LIBRARY; without it, one is built from the providers' files in the folder
INNOMINATE_DATA, in a temporary folder. Every real fit runs in a process of its own, so that its peak memory is its own.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from innominate.alignment import model
from innominate.alignment.estimation import beginning
from innominate.alignment.evidence import GRID_STEPS, LARGEST, SMALLEST
from innominate.alignment.model import ChannelEvidence, Evidence
from innominate.alignment.turns import find_turns
from innominate.ledger import CHANNELS

FITS = ((1990, 2024, "year"), (1946, 2024, "year"), (2018, 2024, "month"))
BASE = {"pairs": 8000, "periods": 32, "channels": 8}
STEPS = {"pairs": (2000, 4000, 8000, 16000), "periods": (16, 32, 64, 128), "channels": (4, 8, 16)}


def drawn(pairs: int, periods: int, channels: int) -> Evidence:
    """Random observations, a third of them missing: time does not depend on what they say."""
    rng = np.random.default_rng(0)
    shape = (pairs, periods)
    made = []
    for k in range(channels):
        z = rng.normal(size=shape).astype(np.float32)
        z[rng.random(shape) < 0.3] = np.nan
        made.append(ChannelEvidence(list(CHANNELS)[k], (k,), z, np.zeros(shape, dtype=np.uint16)))
    ends = np.zeros(pairs, dtype=np.int64), np.full(pairs, periods - 1)
    grid = np.concatenate([[0.0], np.geomspace(SMALLEST, LARGEST, GRID_STEPS)])
    return Evidence(tuple(made), *ends, grid)


def growth() -> None:
    """Seconds of an EM step over all pairs, of finding turns and of smoothing, as one size grows and the others stay."""
    one = drawn(200, 16, 2)
    found = model.estimate(one, np.arange(200))
    model.smooth(one, found, find_turns(one, found).pace)  # compiled before anything is timed
    print(f"{'':10} {'size':>7} {'EM step':>9} {'turns':>9} {'smooth':>9}   seconds; others at {BASE}")
    for name, sizes in STEPS.items():
        for size in sizes:
            evidence = drawn(**{**BASE, name: size})
            found = tuple(beginning(channel) for channel in evidence.channels)
            step = _best(
                lambda evidence=evidence, found=found: [
                    model.em_step(channel, evidence.first, evidence.last, evidence.grid, current)
                    for channel, current in zip(evidence.channels, found, strict=True)
                ]
            )
            turn = _best(lambda evidence=evidence, found=found: find_turns(evidence, found))
            smooth = _best(lambda evidence=evidence, found=found: model.smooth(evidence, found))
            print(f"{name:10} {size:7d} {step:9.3f} {turn:9.3f} {smooth:9.3f}")


def _best(call: object, times: int = 3) -> float:
    took = []
    for _ in range(times):
        start = time.perf_counter()
        call()  # type: ignore[operator]
        took.append(time.perf_counter() - start)
    return min(took)


def one_fit(folder: str, first: int, last: int, resolution: str) -> None:
    """Fit once and print a line of JSON: seconds by step, pairs, periods, series, peak memory."""
    from innominate.ledger import Library
    from innominate.study import Study

    os.environ["INNOMINATE_CACHE"] = "off"  # measured, not taken from an earlier run
    said: list[tuple[float, str]] = []
    library = Library.open(folder)
    library.query("SELECT 1")
    start = time.perf_counter()
    study = Study(
        library, (first, last), resolution=resolution, progress=lambda s: said.append((time.perf_counter(), s))
    )
    panel = study.panel()
    observed = time.perf_counter()
    fit = study.alignment()
    end = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    pairs, periods, series = panel.z.shape
    figures = {
        "years": f"{first}-{last}", "by": resolution, "pairs": pairs, "periods": periods, "series": series,
        "channels": len(fit.parameters), "panel_s": round(observed - start, 2), "model_s": round(end - observed, 2),
        "total_s": round(end - start, 2), "peak_mib": round(peak),
    }  # fmt: skip
    print(json.dumps(figures))


def built(folder: Path) -> str:
    """A library of everything in the folder of providers' files that INNOMINATE_DATA names."""
    data = os.environ.get("INNOMINATE_DATA")
    if not data:
        sys.exit("set INNOMINATE_LIBRARY to a library, or INNOMINATE_DATA to a folder of providers' files to build one")
    command = [sys.executable, "-c", "from innominate.cli import main; main()", "import", "--detect", data, "--library"]
    subprocess.run([*command, str(folder)], check=True)
    return str(folder)


def main() -> None:
    """Run what the arguments ask for."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--growth", action="store_true", help="drawn data only")
    arguments.add_argument("--one", nargs=4, metavar=("LIBRARY", "FIRST", "LAST", "RESOLUTION"), help=argparse.SUPPRESS)
    asked = arguments.parse_args()
    if asked.one:
        folder, first, last, resolution = asked.one
        one_fit(folder, int(first), int(last), resolution)
        return
    growth()
    if asked.growth:
        return
    with tempfile.TemporaryDirectory() as aside:
        library = os.environ.get("INNOMINATE_LIBRARY") or built(Path(aside) / "library")
        for first, last, resolution in FITS:
            own = [sys.executable, __file__, "--one", library, str(first), str(last), resolution]
            subprocess.run(own, check=True)


if __name__ == "__main__":
    main()
