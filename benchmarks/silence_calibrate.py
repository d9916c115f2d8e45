"""Learn the weights of the silence room's calibration on planted omissions and write them into the package.

    python benchmarks/silence_calibrate.py [--data DIR] [--out FILE]

Corpora: four of CHOOSING (silence_planting.py), never those that figures are reported on. Documents are put in random order, whole and
in stretches of fifty, so that every row that is no planted omission is a false one; rows on the very sentence that lost a
formula on the same date are left out, as are rows that a planted omission brought about (a longer phrase with its words that
fell silent with it): they are no chance. Of the rows that name one planted formula the most probable counts. One formula in
8 to 25 documents is removed, half of the runs vary the wording, a quarter of the omissions end.

Which phrases are put together into a formula depends on the weights, so they are learned twice: from simple ones that stand
here, and from the first result. What ships has no part in it: the same command always writes the same file.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

import innominate.silence
from innominate.silence import calibration
from innominate.silence.evidence import NAMES, RISING
from innominate.silence.fitting import fit
from silence_planting import CHOOSING, corpus, permuted, plant
from silence_scoring import brought_about, judged

_ROUNDS = (range(1, 3), range(1, 17))  # seeds of each corpus
_LEARNED_ON = ("fomc", "rba", "un-a", "cctv-talks")
_SHARES = (0.04, 0.08, 0.06, 0.12)  # formulas removed per document
_FIRST = {"constant": -8.0, "unlikely": 0.2, "likely": 0.4, "chance to 6": 0.5, "chance to 12": 0.3, "members": 0.5}
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
    planted, plants = plant(base, rng, _SHARES[seed % 4], varied=seed % 4 >= 2)
    fitted = fit(planted, series="series")
    rows = fitted.omissions().filter(pl.col("kind") != "appeared")
    best: dict[int, float] = {}
    told = judged(rows, plants, base)
    for _, probability, named in told:
        if named is not None:
            best[named] = max(best.get(named, -1.0), probability)
    evidence, true = [], []
    for at, probability, named in told:
        if named is None or probability == best.pop(named, None):
            row = rows.row(at, named=True)
            if named is None and brought_about(row, plants):
                continue
            evidence.append(fitted.model(row["series"]).dropped_evidence[row["event"]])
            true.append(named is not None)
    return np.array(evidence).reshape(-1, len(NAMES)), np.array(true, dtype=np.bool_)


def learned(names: list[str], seeds: range, data: Path, stated: dict[str, Any]) -> dict[str, Any]:
    """The content of the file, learned with the weights `stated` in use."""
    used = np.array([stated["weights"].get(name, 0.0) for name in NAMES]), float(stated["ceiling"])
    calibration.shipped = lambda: used  # type: ignore[assignment]
    runs = [(name, seed) for name in names for seed in (seeds if name != "un-a" else seeds[: len(seeds) // 2])]
    parts = [examples(name, seed, data) for name, seed in runs]
    evidence, true = (np.concatenate([part[i] for part in parts]) for i in (0, 1))
    weights, ceiling = calibration.learn(evidence, true, np.array([name in RISING for name in NAMES]))
    told = {name: round(float(value), 5) for name, value in zip(NAMES, weights, strict=True)}
    content = {"learned_on": names, "events": len(true), "planted": int(true.sum()), "ceiling": round(ceiling, 4)}
    return {**content, "weights": told}


def main() -> None:
    """Learn and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = os.environ.get("INNOMINATE_DATA", Path(__file__).resolve().parents[2] / "shared" / "data")
    parser.add_argument("--data", type=Path, default=Path(default))
    home = Path(next(iter(innominate.silence.__path__))) / "data" / "calibration.json"
    parser.add_argument("--out", type=Path, default=home)
    given = parser.parse_args()
    names = [name for name in CHOOSING if name in _LEARNED_ON]
    content: dict[str, Any] = {"weights": _FIRST, "ceiling": 0.97}
    for seeds in _ROUNDS:
        content = learned(names, seeds, given.data, content)
        print(content, flush=True)
    given.out.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
