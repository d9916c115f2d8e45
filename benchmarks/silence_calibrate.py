"""Learn the weights of the silence room's calibration on planted omissions and write them into the package.

    python benchmarks/silence_calibrate.py [--data DIR] [--out FILE]

Corpora: CHOOSING (silence_planting.py), never those that figures are reported on. Documents are put in random order, whole and
in stretches of fifty, so that every row that is no planted omission is a false one; rows on the very sentence that lost a
formula on the same date are left out. Half of the runs vary the wording, a quarter of the omissions end.
"""

from __future__ import annotations

import argparse
import json
import os
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

import innominate.silence
from innominate.silence import calibration
from innominate.silence.evidence import NAMES
from innominate.silence.fitting import fit
from silence_planting import CHOOSING, Plant, corpus, matches, permuted, plant, rewritten

_SEEDS = (1, 2, 3, 4)
_MOST, _LONGEST = 160, 3500  # documents of a corpus, characters of a document
_SHORT = ("fomc", "rba", "cctv-talks")  # whose documents are taken whole


def sample(name: str, data: Path) -> pl.DataFrame:
    """The last documents of a corpus; of long ones a stretch."""
    frame = corpus(name, data, _MOST)
    if name.startswith("un-"):
        frame = frame.filter(pl.col("series").is_in(sorted(frame["series"].unique())[:2]))
    if name in _SHORT:
        return frame
    return frame.with_columns(pl.col("text").str.slice(0 if name == "mfa" else 2000, _LONGEST))


def examples(name: str, seed: int, data: Path) -> tuple[Any, Any]:
    """Evidence of every row of one planted run, and whether it is a planted omission."""
    rng = np.random.default_rng(seed)
    base = permuted(sample(name, data), rng, 50 if seed % 2 else 400)
    planted, plants = plant(base, rng, 0.06, varied=seed % 4 >= 2)
    fitted = fit(planted, series="series")
    by_day: dict[tuple[str, date], list[Plant]] = {}
    for one in plants:
        by_day.setdefault((one.series, one.first_missed), []).append(one)
    evidence, true = [], []
    rows = fitted.findings()
    made = rewritten(
        base, pl.DataFrame([{"series": r.series, "last_used": r.last_used, "quote": r.quote} for r in rows])
    )
    for row, touched in zip(rows, made, strict=True):
        if row.kind == "appeared":
            continue
        near = by_day.get((row.series, row.first_missed), [])
        named = any(matches(row.phrase, one.phrase) for one in near)
        if named or (not touched and not any(one.phrase.lower() in row.quote.lower() for one in near)):
            evidence.append(fitted.model(row.series).dropped_evidence[row.event])
            true.append(named)
    return np.array(evidence).reshape(-1, len(NAMES)), np.array(true, dtype=np.bool_)


def main() -> None:
    """Learn and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = os.environ.get("INNOMINATE_DATA", Path(__file__).resolve().parents[2] / "shared" / "data")
    parser.add_argument("--data", type=Path, default=Path(default))
    home = Path(next(iter(innominate.silence.__path__))) / "data" / "calibration.json"
    parser.add_argument("--out", type=Path, default=home)
    given = parser.parse_args()
    names = [name for name in CHOOSING if name != "sotu"]
    runs = [(name, seed) for name in names for seed in (_SEEDS if name not in ("work-reports", "un-a") else _SEEDS[:2])]
    parts = [examples(name, seed, given.data) for name, seed in runs]
    evidence, true = (np.concatenate([part[i] for part in parts]) for i in (0, 1))
    weights, ceiling = calibration.learn(evidence, true)
    told = {name: round(float(value), 5) for name, value in zip(NAMES, weights, strict=True)}
    content = {"learned_on": names, "events": len(true), "planted": int(true.sum()), "ceiling": round(ceiling, 4)}
    content["weights"] = told
    given.out.write_text(json.dumps(content, indent=1), encoding="utf-8")
    print(content)


if __name__ == "__main__":
    main()
