"""How long the event studies and the search for analogues take, and whether the net ratio keeps its word at random dates.

INNOMINATE_LIBRARY=DIR python benchmarks/turning_points.py
INNOMINATE_LIBRARY=DIR python benchmarks/turning_points.py --random 100    # visits replaced by random dates
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import innominate as inn
from innominate.signals import CODED, Signals, responses
from innominate.signals.effect import effect, matched_rows, ordinary_dates
from innominate.signals.study import near_occasions, recent_trend, window_after

TRIAD = ("CHN", "PRK", "RUS")
MONTHS = 3


def timed(name: str, work: Callable[[], Any]) -> Any:
    """Run, and tell wall and processor time."""
    wall, cpu = time.perf_counter(), time.process_time()
    found = work()
    print(f"{name:45s} {time.perf_counter() - wall:7.2f} s wall {time.process_time() - cpu:7.2f} s cpu")
    return found


def random_dates(found: Signals, draws: int) -> None:
    """Visits replaced by random months of the same pairs: the net ratio should be one, its intervals hold 90 %."""
    for outcome in ("material", "conflict"):
        setting = next(
            one
            for one in found.settings
            if one.family == CODED and one.counts.resolution == "month" and one.counts.outcome.name == outcome
        )
        window, trend, near = (
            window_after(setting, (1, MONTHS), 1),
            recent_trend(setting),
            near_occasions(setting, MONTHS),
        )
        visited = setting.rows[window.valid[setting.rows, setting.times]]
        rng = np.random.default_rng(0)
        told = []
        for seed in range(draws):
            free = window.valid & ~near
            places = {(int(row), int(rng.choice(np.flatnonzero(free[row])))) for row in visited if free[row].any()}
            rows, times = (np.array(one) for one in zip(*sorted(places), strict=True))
            eligible = ~near
            eligible[rows, times] = False
            matched = matched_rows(window, trend, rows, times, eligible)
            usual = ordinary_dates(window, trend, rows, eligible, seed)
            one = effect(window, rows, times, matched, usual, seed=seed, draws=300)
            if one is not None:
                told.append(
                    (one.matched, one.matched_low <= 1 <= one.matched_high, one.net, one.net_low <= 1 <= one.net_high)
                )
        mean = np.mean(told, axis=0)
        print(
            f"{outcome}: matched {mean[0]:.2f}, held {mean[1]:.0%}; net {mean[2]:.2f}, held {mean[3]:.0%} ({draws} draws)"
        )


def main() -> None:
    """Time everything on a library, or check the net ratio at random dates."""
    os.environ["INNOMINATE_CACHE"] = "off"  # what is timed is measured anew
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--random", type=int, default=0, metavar="DRAWS", help="check the net ratio at random dates")
    asked = parser.parse_args()
    folder = os.environ.get("INNOMINATE_LIBRARY")
    if not folder:
        sys.exit("set INNOMINATE_LIBRARY to the folder of a library")
    study = inn.Study(inn.Library.open(folder), (1990, 2025))
    found = timed("signals", lambda: study.signals())
    if asked.random:
        random_dates(found, asked.random)
        return
    panel = timed("panel (shared with every other claim)", study.panel)
    timed("substitution after sanctions", lambda: responses(panel, study.library))
    timed("analogues of a triad, with the record", lambda: study.analogues(TRIAD))
    timed("analogues of a pair, record at hand", lambda: study.analogues(TRIAD[:2]))


if __name__ == "__main__":
    main()
