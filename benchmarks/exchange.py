"""How long exchange takes on a library, and how often its test of rings is right on worlds whose answer is known.

    python benchmarks/exchange.py              # worlds: false alarms and power; needs nothing
    INNOMINATE_LIBRARY=DIR python benchmarks/exchange.py    # and seconds on that library

False alarms: worlds in which partners meet by chance. Power: the same with a ring of three kinds planted.
"""

from __future__ import annotations

import os
import time

import numpy as np

from innominate.exchange import interlocking
from innominate.exchange.planted import chance_world

GROUP, LEVEL = ("AAX", "ABX", "ACX"), 0.05
CHANCE, PLANTED, NULL = 400, 100, 199


def false_alarms(dense: int) -> tuple[float, float]:
    """Parts of chance worlds in which the group's index, and in which any ring (adjusted), is significant."""
    index, rings = [], []
    for seed in range(CHANCE):
        found = interlocking(chance_world(5000 + seed, dense=dense), GROUP, worlds=NULL, seed=seed)
        index.append(1.0 if found.p is None else found.p)
        rings.append(min([ring.p_adjusted for ring in found.rings], default=1.0))
    return float(np.mean(np.array(index) <= LEVEL)), float(np.mean(np.array(rings) <= LEVEL))


def power(planted: float) -> float:
    """Part of worlds with a planted ring in which a ring of three is significant."""
    found = [
        interlocking(chance_world(9000 + seed, planted, dense=8), GROUP, worlds=NULL, seed=seed)
        for seed in range(PLANTED)
    ]
    best = [min([ring.p_adjusted for ring in one.rings if len(ring.states) == 3], default=1.0) for one in found]
    return float(np.mean(np.array(best) <= LEVEL))


def seconds(folder: str) -> None:
    """Wall and CPU seconds of one question, without and with 999 null worlds, warm."""
    from innominate import Library
    from innominate.exchange import exchange

    library = Library.open(folder)
    exchange(library, ["CHN", "RUS", "PRK"], 2018, 2025, worlds=19)
    for worlds in (19, 999):
        wall, cpu = time.perf_counter(), time.process_time()
        exchange(library, ["CHN", "RUS", "PRK"], 2018, 2025, worlds=worlds)
        print(
            f"{worlds:>4} null worlds: {time.perf_counter() - wall:.2f} s wall, {time.process_time() - cpu:.2f} s CPU"
        )


def main() -> None:
    """Print everything."""
    for dense in (3, 8):
        index, rings = false_alarms(dense)
        print(f"chance, {dense} ties a state and kind: index {index:.1%}, any ring {rings:.1%} at {LEVEL:.0%}")
    for planted in (0.2, 0.3, 0.5, 0.8):
        print(f"planted {planted:.0%}: found in {power(planted):.0%}")
    if folder := os.environ.get("INNOMINATE_LIBRARY"):
        seconds(folder)


if __name__ == "__main__":
    main()
