"""Time of the direct measures and of the ideal points on all votes of the General Assembly, and how right they are.

    python benchmarks/measures.py [--runs 5]

Needs a folder of providers' files, named by INNOMINATE_DATA (default ../shared/data beside the project), with
votes/unga_votes_1946_2024-06.parquet; formal/atop5_1m.csv for alliance portfolios; and peers/voeten_ideal_points_*
(.csv; .dta where pandas is installed) to compare with. What is absent is said and passed over.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

from innominate import measures, states
from innominate.ledger import Library
from innominate.measures.ballots import read_ballots, vote_matrix
from innominate.measures.indices import MEASURES, similarity
from innominate.sources import import_file
from innominate.sources.atop import SOURCE as ATOP
from innominate.sources.unga_votes import SOURCE as VOTES

ROOT = Path(__file__).resolve().parent.parent
YEARS = (1946, 2024)
SUBSET = {"s": 100, "kappa": 24}  # states that the loop is run on


def timed(what: str, work: Callable[[], object], runs: int) -> list[object]:
    """Run several times, print the median, minimum and maximum of the seconds; what came out each time."""
    walls, found = [], []
    for _ in range(runs):
        start = time.perf_counter()
        found.append(work())
        walls.append(time.perf_counter() - start)
    print(f"  {what:<62} {statistics.median(walls):7.2f} s  [{min(walls):.2f}, {max(walls):.2f}]")
    return found


def loop(choices: np.ndarray, kappa: bool) -> np.ndarray:
    """S (or kappa with squared distances) of all pairs, written out."""
    n = len(choices)
    value = np.full((n, n), np.nan)
    for i in range(n):
        for j in range(n):
            both = [(x, y) for x, y in zip(choices[i], choices[j], strict=True) if x == x and y == y]
            if i == j or not both:
                continue
            apart = sum((x - y) ** 2 if kappa else abs(x - y) for x, y in both) / len(both)
            chance = sum((x - y) ** 2 for x, _ in both for _, y in both) / len(both) ** 2 if kappa else 1.0
            value[i, j] = 1.0 - apart / chance if chance else np.nan
    return value


def direct(library: Library, runs: int) -> None:
    """Times of all measures over all pairs and years, and one year against the loop."""
    print(f"direct measures, all pairs {YEARS[0]}-{YEARS[1]}, library to frame")
    for measure in MEASURES:
        found = timed(f"votes, {measure}", lambda m=measure: measures.votes_similarity(library, YEARS, m), runs)
    print(f"  {found[0].height:,} pair-years each")
    if "atop" in library.datasets():
        for measure in ("s", "kappa"):
            timed(f"portfolios, {measure}", lambda m=measure: measures.portfolio_similarity(library, YEARS, m), runs)
    ballots = read_ballots(library, "UNGA").with_columns(pl.col("date").dt.year().alias("year"))
    matrices = [vote_matrix(votes)[1] for _, votes in ballots.group_by("year", maintain_order=True)]
    timed("votes, s: arrays alone", lambda: [similarity(choices, "s") for choices in matrices], runs)
    for measure, count in SUBSET.items():
        part = matrices[len(matrices) // 2][:count]
        start = time.perf_counter()
        slow = loop(part, measure == "kappa")
        middle = time.perf_counter()
        for _ in range(20):
            fast = similarity(part, measure).value
        ratio = 20 * (middle - start) / (time.perf_counter() - middle)
        miss = np.nanmax(np.abs(slow - fast))
        print(
            f"  {measure}: {count} states, {part.shape[1]} votes: largest difference {miss:.1e}, loop {ratio:.0f} times slower"
        )


def published(folder: Path) -> dict[str, pl.DataFrame]:
    """Name → state, session, theirs."""
    found = {}
    for path in sorted(folder.glob("voeten_ideal_points_*")):
        if path.suffix == ".csv":
            frame, columns = pl.read_csv(path, encoding="utf8-lossy", infer_schema_length=None), ["IdealPoint"]
            session = pl.col("session")
        else:
            try:
                import pandas
            except ImportError:
                print(f"  {path.name}: needs pandas, passed over")
                continue
            frame = pl.DataFrame({k: v.to_numpy() for k, v in pandas.read_stata(path).items()}, strict=False)
            columns = [name for name in frame.columns if name.startswith("idealpoint")]
            session = pl.col("year") - 1945
        frame = frame.with_columns(session.cast(pl.Int32).alias("session"))
        codes = states.resolve_many(frame["ccode"].cast(pl.Int64), frame["session"] + 1945, system="cow")
        frame = frame.with_columns(pl.Series("state", codes, dtype=pl.String))
        for column in columns:
            theirs = frame.select("state", "session", pl.col(column).cast(pl.Float64).alias("theirs"))
            found[f"{path.name}, {column}"] = theirs.filter(pl.col("theirs").is_finite()).drop_nulls()
    return found


def ideal(library: Library, peers: Path, runs: int) -> None:
    """Time of the ideal points, whether they are the same every time, and their correlation with the published ones."""
    count = library.query("SELECT count(*) FROM votes").item()
    print(f"ideal points, {count:,} votes, library to frame")
    measures.ideal_points(library)  # compiles
    rounds: list[int] = []
    work = lambda: measures.ideal_points(library, progress=lambda k, _: rounds.append(k))  # noqa: E731
    ours = timed("all sessions", work, runs)
    print(f"  {max(rounds)} rounds; the same every time: {all(ours[0].equals(each) for each in ours)}")
    print(f"  {ours[0].height:,} points; median width of the 90 % interval "
          f"{(ours[0]['high'] - ours[0]['low']).median():.2f}")  # fmt: skip
    theirs = published(peers) if peers.is_dir() else {}
    if not theirs:
        print(f"  no published ideal points in {peers}: nothing to compare with")
    for name, frame in theirs.items():
        both = ours[0].join(frame, on=["state", "session"])
        each = both.group_by("session").agg(pl.corr("ideal_point", "theirs").abs().alias("r")).sort("r")
        r, all_points = each["r"], both.select(pl.corr("ideal_point", "theirs")).item()
        print(f"  {name}: {r.len()} sessions: lowest {r.min():.3f}, quartiles {r.quantile(0.25):.4f} "
              f"{r.median():.4f} {r.quantile(0.75):.4f}; all points together {all_points:.3f}")  # fmt: skip
        worst = ", ".join(f"{session} ({value:.3f})" for session, value in each.head(6).iter_rows())
        print(f"    lowest in sessions {worst}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    data = Path(os.environ.get("INNOMINATE_DATA", ROOT.parent / "shared" / "data"))
    votes, pacts = data / "votes" / "unga_votes_1946_2024-06.parquet", data / "formal" / "atop5_1m.csv"
    if not votes.is_file():
        sys.exit(f"needs {votes}: set INNOMINATE_DATA to a folder that holds votes/{votes.name}")
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, load {load}, {runs} runs")
    with tempfile.TemporaryDirectory() as folder:
        library = Library.create(Path(folder) / "library")
        import_file(library, votes, VOTES)
        if pacts.is_file():
            import_file(library, pacts, ATOP)
        else:
            print(f"  no {pacts}: alliance portfolios are passed over")
        direct(library, runs)
        ideal(library, data / "peers", runs)
    print(f"load afterwards {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
