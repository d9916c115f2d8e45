"""Worlds: time and memory of the generator, what is found again, power against concealment, detours in real trade.

    python benchmarks/worlds.py [generator] [recovery] [power] [hiding] [detours]

The last two need a library of real data: INNOMINATE_LIBRARY names its folder.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from pathlib import Path

import polars as pl

from innominate import Library, Study, worlds
from innominate.worlds.detouring import episodes, trade_flows
from innominate.worlds.looked import trade_coverage
from innominate.worlds.power import power_table

WORTH = 50.0  # million USD a year before a cut, below which a flow is not worth a detour
PAIRS = [("CHN", "RUS"), ("PRK", "RUS"), ("CHN", "PRK"), ("CHN", "PAK"), ("JPN", "USA"), ("KOR", "USA")]


def generator() -> None:
    """200 states, 80 periods, all channels."""
    with tempfile.TemporaryDirectory() as folder:
        start, cpu = time.perf_counter(), time.process_time()
        made = worlds.simulate(worlds.Settings(states=200, periods=80, conceal=0.3, seed=3), Path(folder) / "world")
        wall, cpu = time.perf_counter() - start, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"200 states x 80 years: {wall:.1f} s wall, {cpu:.1f} s CPU, {made.rows:,} rows, peak {peak:.0f} MB")


def recovery() -> None:
    """One world of sixty states, fitted as any library is."""
    with tempfile.TemporaryDirectory() as folder:
        made = worlds.simulate(worlds.Settings(states=60, periods=36, seed=3), Path(folder) / "world")
        found = worlds.recover(made)
    _show(found.table())
    _show(found.calibration)


def power() -> None:
    """Power of the measurement, of the likelihood detector that is told nothing and of the best possible detector."""
    _show(power_table((0.0, 0.5, 0.75, 0.9), sets=("all",), seeds=(0, 1)))
    _show(power_table((0.0, 0.5, 0.9), sets=("votes", "trade and arms", "military", "events"), seeds=(0, 1)))
    _show(power_table((0.0, 0.75), sets=("all",), years=(5, 40), seeds=(0, 1)))
    _show(power_table((0.0, 0.75), sets=("all",), states=(100,), seeds=(0, 1)))


def hiding() -> None:
    """What real pairs would have to hide."""
    study = Study(_library(), (1990, 2025))
    years = [(2022, 2023)] * len(PAIRS)
    for one in worlds.hide(study.library, study.alignment(), PAIRS, years):
        told = ["never" if share is None else f"{share:.0%}" for share in one.limit()]
        level = float(one.alignment[0].mean())
        print(
            f"{one.a}-{one.b}: level {level:.2f}, missed from {told[0]} [{told[1]}, {told[2]}] hidden, {one.acts:,} acts"
        )


def detours() -> None:
    """Detours after trade sanctions in COW trade, beside flows that were not sanctioned."""
    library = _library()
    flows, covered = trade_flows(library, "cow-trade"), trade_coverage(library, "cow-trade")
    cut = library.query(
        """SELECT source, target, year("start")::INT AS year FROM acts WHERE channel = 'sanctions' AND contains(code, 'trade')
        AND year("start") BETWEEN 1960 AND 2011 GROUP BY ALL ORDER BY ALL"""
    )
    before = flows.rename({"year": "when"})
    worth = (
        cut.join(before, on=["source", "target"])
        .filter(pl.col("when").is_between(pl.col("year") - 3, pl.col("year") - 1))
        .group_by("source", "target", "year")
        .agg(pl.col("value").mean())
        .filter(pl.col("value") >= WORTH)
        .sort("year", "source", "target")
    )
    sanctioned = set(cut.select("source", "target").rows())
    free = flows.filter((pl.col("value") >= WORTH) & pl.col("year").is_between(1960, 2011))
    free = free.sample(3 * worth.height, seed=0)
    others = [(a, b, year) for a, b, year, _ in free.rows() if (a, b) not in sanctioned][: worth.height]
    for name, cuts in (("sanctioned", [(a, b, year) for a, b, year, _ in worth.rows()]), ("not sanctioned", others)):
        found = episodes(flows, cuts, covered=covered)
        held = (found.rows["held"] > 0).mean()
        print(
            f"{name}: {found.rows.height} flows, mean change {found.rows['cut'].fill_nan(None).mean():+.2f} spreads, hubs with p < 0.05 "
            f"{found.share:.3f} (chance 0.05), flows with a hub that stands {held:.3f}"
        )


def _library() -> Library:
    folder = os.environ.get("INNOMINATE_LIBRARY")
    if not folder:
        sys.exit("INNOMINATE_LIBRARY must name the folder of a library of real data")
    return Library.open(folder)


def _show(frame: pl.DataFrame) -> None:
    with pl.Config(tbl_rows=80, tbl_cols=20, tbl_width_chars=200, fmt_str_lengths=80):
        print(frame)


PARTS = {"generator": generator, "recovery": recovery, "power": power, "hiding": hiding, "detours": detours}

if __name__ == "__main__":
    for part in sys.argv[1:] or [
        "generator",
        "recovery",
        *(["hiding", "detours"] if "INNOMINATE_LIBRARY" in os.environ else []),
    ]:
        print(f"-- {part}")
        PARTS[part]()
