"""Speed and quality of the factorisation beside bptf and NumPy, all in one run on one machine.

    python benchmarks/blocs.py iteration          one iteration, the machine's limit
    python benchmarks/blocs.py bound --events F   time to bptf's final bound on ICEWS 2018-2023
    python benchmarks/blocs.py growth             1, 5 and 20 million non-zeros, and memory

Held-out likelihood is the matter of benchmarks/blocs_heldout.py.

Nothing is fetched. F is the extract of dated interstate events (columns date, source_country, target_country, cameo).
The peer is https://github.com/aschein/bptf: set INNOMINATE_BPTF to its `src` folder and INNOMINATE_BPTF_PYTHON to a
Python that has numpy, scipy, sparse, tensorly, scikit-learn and tqdm. Without them its figures are left out.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
from numba import get_num_threads
from scipy.sparse import csr_matrix
from scipy.special import digamma, gammaln

from innominate.blocs.factorisation import Settings, Workspace, allocate, climb, iterate, prepare, start
from innominate.blocs.peer import Peer, find_peer
from innominate.blocs.tensor import CountTensor, from_arrays
from innominate.threads import in_parts
from roofline import arithmetic_roof, pass_work, rows_roof

SHAPE, NONZEROS, K = (249, 249, 20, 228), 291_474, 50


def planted(seed: int = 0, rank: int = 40) -> CountTensor:
    """A tensor of the shape and number of non-zeros on which bptf was measured, drawn from a factorisation."""
    random = np.random.default_rng(seed)
    activity = random.lognormal(0, 1.6, SHAPE[0])[:, None]
    factors = [random.gamma(shape, 1, (n, rank)) for shape, n in zip((0.15, 0.15, 0.4, 2.0), SHAPE, strict=True)]
    factors[0] *= activity
    factors[1] *= activity
    weight = np.prod([each.sum(axis=0) for each in factors], axis=0)
    component = random.choice(rank, 700_000, p=weight / weight.sum())
    drawn = np.empty((len(component), 4), dtype=np.int32)
    for k in range(rank):
        for m, each in enumerate(factors):
            rows = component == k
            drawn[rows, m] = random.choice(SHAPE[m], rows.sum(), p=each[:, k] / each[:, k].sum())
    drawn = drawn[drawn[:, 0] != drawn[:, 1]]
    linear = np.ravel_multi_index(drawn.T, SHAPE)
    first = np.sort(np.unique(linear, return_index=True)[1])
    kept = drawn[: first[NONZEROS]]
    return from_arrays(kept, np.ones(len(kept)), SHAPE, modes=("source", "target", "action", "period"))


def events(file: Path) -> CountTensor:
    """Monthly counts by source, target and CAMEO root of the extract of dated interstate events."""
    frame = (
        pl.read_csv(file, infer_schema=False)
        .drop_nulls("cameo")
        .filter(pl.col("source_country") != pl.col("target_country"))
    )
    states = pl.concat([frame["source_country"], frame["target_country"]]).unique().sort().to_list()
    place = {name: n for n, name in enumerate(states)}
    month = (
        pl.col("date").str.slice(0, 4).cast(pl.Int32) * 12
        + pl.col("date").str.slice(5, 2).cast(pl.Int32)
        - 2018 * 12
        - 1
    )
    rows = frame.select(
        pl.col("source_country", "target_country").replace_strict(place, return_dtype=pl.Int32),
        pl.col("cameo").str.slice(0, 2).cast(pl.Int32) - 1, month.alias("month"),
    ).to_numpy()  # fmt: skip
    shape = (len(states), len(states), 20, int(rows[:, 3].max()) + 1)
    return from_arrays(rows, np.ones(len(rows)), shape, modes=("source", "target", "action", "period"))


def peer() -> Peer | None:
    """bptf, or a word that it is not there."""
    found = find_peer()
    if found is None:
        print(
            "bptf is not there: clone github.com/aschein/bptf and set INNOMINATE_BPTF to its src folder",
            file=sys.stderr,
        )
    return found


def numpy_iteration(tensor: CountTensor, work: Workspace) -> Callable[[], None]:
    """The same iteration with NumPy and SciPy's sparse sums only."""
    rows = [csr_matrix((np.ones(len(tensor.counts)), (tensor.coordinates[:, m], np.arange(len(tensor.counts)))),
                       shape=(n, len(tensor.counts))) for m, n in enumerate(tensor.shape)]  # fmt: skip
    logs = [np.log(work.mean[work.rows(m)]) for m in range(4)]
    means = [work.mean[work.rows(m)].copy() for m in range(4)]
    beta = work.beta.copy()

    def run() -> None:
        product = np.exp(logs[0])[tensor.coordinates[:, 0]]
        for m in range(1, 4):
            product *= np.exp(logs[m])[tensor.coordinates[:, m]]
        product *= (tensor.counts / product.sum(axis=1))[:, None]
        for m in range(4):
            shape = 0.1 + rows[m] @ product
            rate = 0.1 * beta[m] + np.prod([each.sum(axis=0) for n, each in enumerate(means) if n != m], axis=0)
            means[m] = shape / rate
            logs[m] = digamma(shape) - np.log(rate)
            beta[m] = 1 / means[m].mean()

    return run


def timed(call: Callable[[], object], repeats: int) -> float:
    """Median seconds of several calls, after one."""
    call()
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    return float(np.median(times))


def iteration(_: argparse.Namespace) -> dict[str, object]:
    """Seconds an iteration, ours, NumPy's and bptf's, and the share of the machine's limit that the pass reaches."""
    tensor, result = planted(), dict[str, object]()
    works = {}
    for precision in ("double", "single"):
        settings = Settings(K, 0.1, precision=precision)
        work = works[precision] = prepare(tensor, settings)
        start(work, 0)
        for _ in range(20):
            iterate(work, settings)
        result[f"iteration_{precision}_s"] = timed(partial(iterate, work, settings), 25)
        result[f"limit_{precision}"] = limit(work)
    reference = numpy_iteration(tensor, works["double"])
    result["iteration_numpy_s"] = timed(reference, 3)
    other = peer()
    if other is not None:
        settings = Settings(K, 0.1)
        result["iteration_bptf_s"] = float(np.median(other.fit(tensor, iterations=4, tolerance=-1).times))
        result["iteration_double_again_s"] = timed(lambda: iterate(works["double"], settings), 25)
    ours = float(result["iteration_double_s"])
    for name in ("numpy", "bptf"):
        if f"iteration_{name}_s" in result:
            result[f"times_faster_than_{name}"] = result[f"iteration_{name}_s"] / ours
    return result


def limit(work: Workspace) -> dict[str, float]:
    """flop/s and bytes/s of the pass, beside the measured roof for the same rows in the same order, in turns."""
    layout, width = work.layout, work.factors.shape[1]
    roof = partial(in_parts, rows_roof(width), len(work.bounds) - 1)
    rows = (
        layout.fibre_rows,
        layout.fibre_start,
        layout.leaf_rows,
        work.factors,
        np.empty_like(work.parts),
        work.bounds,
    )
    pairs = [(timed(lambda: roof(*rows), 7), timed(lambda: allocate(work), 7)) for _ in range(9)]
    lowest, passed = (float(np.median(each)) for each in zip(*pairs, strict=True))
    best_roof, best_pass = (min(each) for each in zip(*pairs, strict=True))
    done = pass_work(
        len(layout.leaf_rows), len(layout.fibre_rows), len(layout.offsets) - 1, width, work.factors.itemsize
    )
    arithmetic = arithmetic_roof()
    return {
        "pass_s": passed, "gflops": done.flops / passed / 1e9, "gbytes_per_s": done.bytes / passed / 1e9,
        "roof_s": lowest, "roof_gbytes_per_s": done.bytes / lowest / 1e9, "roof_gflops": arithmetic / 1e9,
        "share_of_roof": lowest / passed, "share_of_roof_at_best": best_roof / best_pass,
    }  # fmt: skip


def _constants(tensor: CountTensor, components: int) -> float:
    """What bptf's bound leaves out of the full bound."""
    entries = sum(tensor.shape) * components
    return float(entries * (0.1 * np.log(0.1) - gammaln(0.1)) - gammaln(tensor.counts + 1).sum())


def bound(options: argparse.Namespace) -> dict[str, object]:
    """Seconds to the bound at which bptf stops."""
    tensor, other = events(options.events), peer()
    warm = prepare(tensor, Settings(K, 0.1))
    start(warm, 0)
    iterate(warm, Settings(K, 0.1))
    if other is None:
        return {}
    runs = []
    for seed in range(options.repeats):
        theirs = other.fit(tensor, seed=seed)
        goal = float(theirs.bounds[-1]) + _constants(tensor, K)
        for name, alpha in (("same prior", 0.1), ("learned prior", None)):
            settings = Settings(K, alpha, seed=seed)
            began = time.perf_counter()
            work = prepare(tensor, settings)
            start(work, seed)
            bounds, _ = climb(work, settings, until=goal)
            spent = time.perf_counter() - began
            runs.append({"seed": seed, "prior": name, "bptf_s": float(theirs.times.sum()), "bptf_iterations": len(theirs.times),
                         "goal": goal, "ours_s": spent, "iterations": len(bounds), "reached": bool(bounds[-1] >= goal),
                         "times_faster": float(theirs.times.sum()) / spent})  # fmt: skip
    return {"runs": runs, "events": tensor.total, "nonzeros": len(tensor.counts)}


def growth(options: argparse.Namespace) -> dict[str, object]:
    """Seconds an iteration and peak memory beside the input, each size in its own process."""
    if options.size:
        random, size = np.random.default_rng(0), options.size
        linear = np.unique(random.integers(0, np.prod(SHAPE), int(size * 1.04)))
        linear = linear[np.sort(random.permutation(len(linear))[:size])]
        tensor = from_arrays(np.stack(np.unravel_index(linear, SHAPE), axis=1).astype(np.int32), np.ones(size), SHAPE)
        del linear
        settings, given = Settings(K, 0.1), tensor.coordinates.nbytes + tensor.counts.nbytes
        few = prepare(from_arrays(tensor.coordinates[:1000].copy(), np.ones(1000), SHAPE), settings)
        start(few, 0)
        iterate(few, settings)  # loads the kernels, which is no memory of the fit
        del few
        Path("/proc/self/clear_refs").write_text("5")  # start the peak anew
        before = _memory("VmRSS")
        began = time.perf_counter()
        work = prepare(tensor, settings)
        prepared = time.perf_counter() - began
        start(work, 0)
        seconds = timed(lambda: iterate(work, settings), 3)
        return {"nonzeros": size, "iteration_s": seconds, "prepare_s": prepared, "input_mb": given / 1e6,
                "peak_mb": (_memory("VmHWM") - before + given) / 1e6, "peak_by_input": (_memory("VmHWM") - before + given) / given}  # fmt: skip
    sizes = []
    for size in (1_000_000, 5_000_000, 20_000_000):
        run = subprocess.run(
            [sys.executable, __file__, "growth", "--size", str(size)], check=True, capture_output=True, text=True
        )
        sizes.append(json.loads(run.stdout)["growth"])
    return {"sizes": sizes}


def _memory(name: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main() -> None:
    """Run one benchmark and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["iteration", "bound", "growth"])
    parser.add_argument("--events", type=Path)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--size", type=int)
    options = parser.parse_args()
    if options.what == "bound" and (options.events is None or not options.events.is_file()):
        parser.error("bound needs --events FILE, the extract of dated interstate events")
    load = os.getloadavg()
    result = {"iteration": iteration, "bound": bound, "growth": growth}[options.what](options)
    rounded = json.loads(json.dumps(result, default=float), parse_float=lambda text: float(f"{float(text):.6g}"))
    print(json.dumps({options.what: rounded, "threads": get_num_threads(), "load_before": load}, indent=1))


if __name__ == "__main__":
    main()
