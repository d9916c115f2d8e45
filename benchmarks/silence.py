"""What the silence room finds of omissions whose truth is known, against what people do now.

    python benchmarks/silence.py [planted] [steady] [null] [calibration] [documented] [omissions] [speed] [watch] [--corpora A,B] [--json FILE]

Formulas are taken from real series by a rule of its own (repeated strings that stand for themselves, not the package's
phrases), removed from a random document on, and looked for. Where the wording is to have varied, half of the earlier uses are
reworded first. A planted omission counts as found when a row with probability >= 0.5 has exactly its date and a phrase that
contains it, is contained in it, or shares most of its words; several rows for one plant count once. Every other row is a false
one, save those on the very sentence that lost the formula. In shuffled order that is all; where the documents stand in their
own order, a silence that is there without planting too is the series' own and is left out. The ceiling is the F1 of somebody
who knows which strings are formulas and finds every detectable plant (see silence_planting.Plant) without a false one.
Corpora: REPORTING by default (nothing was ever adjusted on them), see
silence_planting.py; documents are cut to their first 4,000 characters.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

import silence_baselines as baselines
from innominate.silence.fitting import fit
from silence_planting import MOST, REPORTING, Plant, corpus, permuted, plant
from silence_scoring import brought_about, judged, matches, score

_LONGEST = 4000  # characters of a document
_SEEDS = (201, 202)
_TOTALS = ("planted", "found", "false", "found_within_one", "false_within_one", "detectable")
_STEADY_SEEDS = (201, 203, 205)
_BASELINES = (("diff", baselines.two_document_diff), ("keyness", baselines.keyness), ("absent", baselines.absent_for))


def found_in(frame: pl.DataFrame) -> pl.DataFrame:
    """What the package finds."""
    return fit(frame, series="series").omissions()


def sample(name: str, data: Path) -> pl.DataFrame:
    """The last documents of a corpus, cut to a length that a planted run does in seconds."""
    return corpus(name, data, MOST).with_columns(pl.col("text").str.slice(0, _LONGEST))


def task_planted(data: Path, names: tuple[str, ...]) -> list[dict[str, Any]]:
    """F1 on real series, shuffled and in their own order, exact and varied wording, with the baselines."""
    out: list[dict[str, Any]] = []
    for name in names:
        frame = sample(name, data)
        for own in (False, True):
            base = frame if own else permuted(frame, np.random.default_rng(_SEEDS[0]), MOST)
            natural = found_in(base) if own else None
            for varied in (False, True):
                out.append(_planted(name, base, natural, varied))
                print(out[-1], flush=True)
    for own in (False, True):
        for wording in ("exact", "varied"):
            rows = [row for row in out if row["own_order"] == own and row["wording"] == wording]
            told = _together(rows)
            ceiling = _f1([(told["planted"], told["detectable"], 0)])
            out.append({"task": "planted", "corpus": "all", "own_order": own, "wording": wording, "ceiling": ceiling})
            out[-1] |= told
            print(out[-1], flush=True)
    return out


def task_steady(data: Path, names: tuple[str, ...]) -> list[dict[str, Any]]:
    """F1 where nobody doubts it: formulas of three quarters of the last dozen documents that go for good, own order."""
    out: list[dict[str, Any]] = []
    for name in names:
        base = sample(name, data)
        natural = found_in(base)
        for seed in _STEADY_SEEDS:
            for varied in (False, True):
                out.append(_planted(name, base, natural, varied, seed) | {"task": "steady"})
                print(out[-1], flush=True)
    for wording in ("exact", "varied"):
        rows = [row for row in out if row["wording"] == wording]
        out.append({"task": "steady", "corpus": "all", "wording": wording} | _together(rows))
        print(out[-1], flush=True)
    return out


def _together(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Counts of some planted runs summed, and F1 of the package and of the baselines over all of them."""
    total: dict[str, Any] = {key: sum(row[key] for row in rows) for key in _TOTALS}
    f1 = _f1([(total["planted"], total["found"], total["false"])])
    near = _f1([(total["planted"], total["found_within_one"], total["false_within_one"])])
    peers = {label: _f1([row[label] for row in rows]) for label, _ in _BASELINES}
    return {"f1": f1, "f1_within_one": near} | total | peers


def _f1(counts: list[tuple[int, int, int]]) -> float:
    """F1 of (planted, found, false) summed over runs."""
    planted, found, false = (sum(row[i] for row in counts) for i in range(3))
    return round(2 * found / max(planted + found + false, 1), 3)


def _planted(
    name: str, base: pl.DataFrame, natural: pl.DataFrame | None, varied: bool, steady: int | None = None
) -> dict[str, Any]:
    """One planted run; `steady`: seed of a run with formulas that are steadily used."""
    seed = _SEEDS[varied] if steady is None else steady + varied
    planted, plants = plant(base, np.random.default_rng(seed), 0.05, varied, steady is not None)
    found, own = found_in(planted), natural is not None
    result = score(found, plants, base, natural)
    row: dict[str, Any] = {
        "task": "planted",
        "corpus": name,
        "own_order": own,
        "wording": "varied" if varied else "exact",
    }
    row |= {"documents": base.height, "planted": result.planted, "found": result.found, "false": result.false}
    row |= {"again": result.again, "f1": round(result.f1, 3), "detectable": sum(one.detectable for one in plants)}
    row["found_of_detectable"] = score(found, [one for one in plants if one.detectable], base, natural).found
    near = score(found, plants, base, natural, slack=1)
    row |= {"found_within_one": near.found, "false_within_one": near.false}
    row["false_at_0.9"] = score(found, plants, base, natural, 0.9).false
    for label, rule in _BASELINES:
        row[label] = _baseline(rule(planted), rule(base) if own else [], plants)
    return row


def _baseline(rows: list[Any], natural: list[Any], plants: list[Plant]) -> tuple[int, int, int]:
    """Planted, found, false of a rule; in their own order, what it says without planting too is left out."""
    hits: set[int] = set()
    false = 0
    for series, phrase, day in set(rows) - set(natural):
        named = [
            i for i, p in enumerate(plants) if (p.series, p.first_missed) == (series, day) and matches(phrase, p.phrase)
        ]
        hits.update(named)
        false += not named
    return len(plants), len(hits), false


def task_null(data: Path, names: tuple[str, ...]) -> list[dict[str, Any]]:
    """Rows with probability >= 0.9 per 100 documents where the order of documents is chance, by kind."""
    out: list[dict[str, Any]] = []
    for name in names:
        frame = permuted(sample(name, data), np.random.default_rng(1))
        sure = found_in(frame).filter(pl.col("probability") >= 0.9)
        gone = sure.filter(pl.col("kind") != "appeared").height
        row = {"task": "null", "corpus": name, "documents": frame.height}
        row |= {"all": round(100 * sure.height / frame.height, 2), "gone": round(100 * gone / frame.height, 2)}
        print(row, flush=True)
        out.append(row)
    return out


def task_calibration(data: Path, names: tuple[str, ...]) -> list[dict[str, Any]]:
    """Share of true rows in every tenth of probability; planted into documents in random order, nothing left out of account.

    `true_or_out`: the same without rows that a planted omission brought about, which are silences, but not the planted ones.
    """
    rows: list[tuple[float, int | None, bool]] = []
    for name in names:
        for seed in (21, 22, 23):
            rng = np.random.default_rng(seed)
            base = permuted(sample(name, data), rng, 50 if seed % 2 else 400)
            planted, plants = plant(base, rng, 0.06, varied=seed >= 23)
            found = found_in(planted)
            rows += [
                (said, named, named is None and brought_about(found.row(at, named=True), plants))
                for at, said, named in judged(found, plants, base)
            ]
            print(f"{name} {seed}", flush=True)
    out = []
    for tenth in range(10):
        inside = [row for row in rows if tenth / 10 <= row[0] < (tenth + 1) / 10 or (tenth == 9 and row[0] == 1.0)]
        mean = float(np.mean([row[0] for row in inside])) if inside else float("nan")
        true = float(np.mean([row[1] is not None for row in inside])) if inside else float("nan")
        told = [row[1] is not None for row in inside if not row[2]]
        out.append(
            {"task": "calibration", "tenth": tenth, "rows": len(inside), "said": round(mean, 3), "true": round(true, 3)}
            | {
                "brought_about": len(inside) - len(told),
                "true_or_out": round(float(np.mean(told)), 3) if told else None,
            }
        )
        print(out[-1], flush=True)
    return out


def task_documented(data: Path, _: tuple[str, ...]) -> list[dict[str, Any]]:
    """The rows of known_omissions_dev.csv that pass and are not circular: exact date, and rank at that date."""
    table = pl.read_csv(data / "texts" / "known_omissions_dev.csv")
    table = table.filter(pl.col("verified") == "PASS", ~pl.col("flags").fill_null("").str.contains("circular"))
    out: list[dict[str, Any]] = []
    for name, issuer in (("fomc", "FOMC"), ("work-reports", "State Council"), ("congress", "CPC")):
        found = found_in(corpus(name, data))
        for row in table.filter(pl.col("issuer").str.contains(issuer)).iter_rows(named=True):
            day = date.fromisoformat(row["first_omitted"])
            day = date(day.year, 3, 5) if name == "work-reports" else day
            same = found.filter(
                pl.col("first_missed") == day, (pl.col("kind") == "appeared") == (row["kind"] != "dropped")
            )
            out.append({"task": "documented", "series": name, "phrase": row["phrase"], "date": str(day)})
            for label, listed in (("rank", same), ("by_probability", same.sort("probability", descending=True))):
                ranks = [
                    i for i, said in enumerate(listed["phrase"], 1) if re.search(row["regex"], said, re.IGNORECASE)
                ]
                out[-1][label] = ranks[0] if ranks else None
    exact, top = sum(r["rank"] is not None for r in out), sum((r["rank"] or 99) <= 20 for r in out)
    sure = sum((r["by_probability"] or 99) <= 20 for r in out)
    out.append({"task": "documented", "rows": len(out), "exact": exact, "top20": top, "top20_by_probability": sure})
    for line in out:
        print(line, flush=True)
    return out


def task_omissions(data: Path, _: tuple[str, ...]) -> list[dict[str, Any]]:
    """The rows of omissions.csv, lists of ours: exact date, probability, and rank at that date, told together and apart by list.

    ``blind`` was written down and dated by regular expressions on the texts before the code was run on it; ``seen`` likewise, but
    parts of the code were mended on looking at what it missed of that.
    """
    table = pl.read_csv(Path(__file__).with_name("omissions.csv"))
    out: list[dict[str, Any]] = []
    for (name,), rows in table.group_by("corpus", maintain_order=True):
        found = found_in(corpus(str(name), data))
        for row in rows.iter_rows(named=True):
            same = found.filter(
                pl.col("first_missed") == date.fromisoformat(row["first_omitted"]),
                (pl.col("kind") == "appeared") == (row["kind"] != "dropped"),
            )
            told = {"list": row["list"], "series": name, "phrase": row["phrase"], "date": row["first_omitted"]}
            for label, listed in (("rank", same), ("by_probability", same.sort("probability", descending=True))):
                said = enumerate(zip(listed["phrase"], listed["probability"], strict=True), 1)
                ranks = [(i, p) for i, (words, p) in said if re.search(row["regex"], words, re.IGNORECASE)]
                told[label] = ranks[0][0] if ranks else None
                told["probability"] = max((round(p, 3) for _, p in ranks), default=None)
            out.append({"task": "omissions"} | told)
            print(out[-1], flush=True)
    for name in ("seen", "blind"):
        rows_of = [row for row in out if row["list"] == name]
        figures: dict[str, Any] = {"list": name, "rows": len(rows_of)}
        figures["exact"] = sum(row["rank"] is not None for row in rows_of)
        figures["top20"] = sum((row["rank"] or 99) <= 20 for row in rows_of)
        figures["top20_by_probability"] = sum((row["by_probability"] or 99) <= 20 for row in rows_of)
        figures["likely"] = sum((row["probability"] or 0.0) >= 0.5 for row in rows_of)
        out.append({"task": "omissions"} | figures)
        print(out[-1], flush=True)
    return out


def task_speed(data: Path, _: tuple[str, ...]) -> list[dict[str, Any]]:
    """Seconds and peak memory for 2,500, 5,000 and 10,000 documents of 1,000 characters."""
    frame = corpus("cctv", data).sort("date")
    out: list[dict[str, Any]] = []
    joined = "\n".join(frame["text"])
    joined += "\n".join(corpus("work-reports", data)["text"]) * 5  # 10 million characters are more than the news has
    for size in (500, 2500, 5000, 10000):
        bodies = [joined[i * 1000 : (i + 1) * 1000] for i in range(min(size, len(joined) // 1000))]
        size = len(bodies)
        days = pl.date_range(date(2000, 1, 1), date(2023, 1, 1), eager=True).to_list()
        dates = [days[i * len(days) // size] for i in range(size)]
        start, busy = time.perf_counter(), time.process_time()
        found = found_in(pl.DataFrame({"text": bodies, "date": dates, "series": ["all"] * size}))
        seconds = time.perf_counter() - start
        spent = time.process_time() - busy
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        out.append(
            {
                "task": "speed",
                "documents": size,
                "seconds": round(seconds, 1),
                "cpu": round(spent, 1),
                "peak_gb": round(peak, 2),
            }
        )
        print(out[-1] | {"rows": found.height}, flush=True)
    return out


def task_watch(data: Path, _: tuple[str, ...]) -> list[dict[str, Any]]:
    """Seconds to judge the last statement against a fit of all before it."""
    frame = corpus("fomc", data)
    fitted = fit(frame.head(frame.height - 1))
    fitted.watch(frame["text"][-2])  # compiles what is needed
    start = time.perf_counter()
    seen = fitted.watch(frame["text"][-1])
    out = {"task": "watch", "seconds": round(time.perf_counter() - start, 3), "missing": len(seen.missing)}
    print(out, flush=True)
    return [out]


TASKS: dict[str, Callable[[Path, tuple[str, ...]], list[dict[str, Any]]]] = {
    "planted": task_planted,
    "steady": task_steady,
    "null": task_null,
    "calibration": task_calibration,
    "documented": task_documented,
    "omissions": task_omissions,
    "speed": task_speed,
    "watch": task_watch,
}


def main() -> None:
    """Run the tasks named on the command line, all by default."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tasks", nargs="*", metavar="task", help=", ".join(TASKS))
    parser.add_argument("--corpora", default=",".join(REPORTING))
    default = os.environ.get("INNOMINATE_DATA", Path(__file__).resolve().parents[2] / "shared" / "data")
    parser.add_argument("--data", type=Path, default=Path(default))
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    rows = [row for task in given.tasks or TASKS for row in TASKS[task](given.data, tuple(given.corpora.split(",")))]
    if given.json is not None:
        given.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
