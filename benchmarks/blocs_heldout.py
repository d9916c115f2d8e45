"""Held-out Poisson log-likelihood per event beside bptf: the same masks, the same data, the same number of components.

    python benchmarks/blocs_heldout.py --events F [--mask dyad-months cells dyads] [--seeds 0 1 2] [--components 50 20 10]

F is the extract of dated interstate events (columns date, source_country, target_country, cameo). Nothing is fetched; without
the peer (see benchmarks/blocs.py) its figures are left out. Each mask hides a share of all cells, the empty ones included:
``dyad-months`` hides source × target × month with all actions, ``cells`` single cells, ``dyads`` source × target with all
months and actions. Every method gets the same number of starts. Three figures each: at the posterior means of one start (mean
over starts), at the mean over starts, and averaged over posterior draws of all starts. Besides, the predictor of
innominate.blocs.telling, from one start, from all, and with bptf's fits in the place of ours. Lines of JSON, one a mask;
``between states`` is the same without hidden cells of a state and itself, which every method of both programs was left to tell.

bptf takes minutes to half an hour a fit. --compiled gives its sums to Numba, if its Python has it: the same fits to rounding, in a
small part of the time, which then says nothing. --keep DIR stores its fits there and reads them again; --peer-only makes no others.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from blocs import events, peer
from innominate.blocs.factorisation import Factorisation, Settings, factorise
from innominate.blocs.heldout import averaged, predictive, random_mask, score, score_rates
from innominate.blocs.peer import Peer, PeerFit
from innominate.blocs.telling import PARTS, Predictor, predictor
from innominate.blocs.tensor import Absent, CountTensor

MASKS = {
    "dyad-months": ("source", "target", "period"),
    "cells": ("source", "target", "action", "period"),
    "dyads": ("source", "target"),
}


def told(tensor: CountTensor, absent: Absent, fits: Sequence[Factorisation | PeerFit], brief: bool) -> dict[str, float]:
    """Log-likelihood per event of the fits from several starts; no draws from posteriors if `brief`."""
    single = [score(tensor, absent, fit.means).per_event for fit in fits]
    row = {
        "one start": float(np.mean(single)),
        "worst start": min(single),
        "best start": max(single),
        "starts averaged": score(tensor, absent, averaged(fits)).per_event,
    }
    if not brief:
        row["posterior averaged"] = predictive(tensor, absent, fits, draws=24).per_event
    return row


def peer_fit(
    other: Peer, tensor: CountTensor, absent: Absent, components: int, seed: int, *, compiled: bool, kept: Path | None
) -> PeerFit:
    """A fit of bptf, stored in the file `kept` and read from there when it exists."""
    if kept is not None and kept.is_file():
        with np.load(kept) as found:
            modes = range(len(tensor.shape))
            tables = [tuple(found[f"{part}{m}"] for m in modes) for part in ("shape", "rate", "geometric")]
            return PeerFit(*tables, found["times"], found["bounds"])
    fit = other.fit(tensor, absent, components=components, seed=seed, compiled=compiled)
    if kept is not None:
        parts = {"shape": fit.shape, "rate": fit.rate, "geometric": fit.geometric}
        each = {f"{part}{m}": table for part, tables in parts.items() for m, table in enumerate(tables)}
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.savez(kept, times=fit.times, bounds=fit.bounds, **each)  # type: ignore[arg-type]
    return fit


def figures(
    tensor: CountTensor,
    cells: Absent,
    own: Sequence[Factorisation],
    theirs: Sequence[PeerFit],
    learnt: Predictor,
    brief: bool,
) -> dict[str, object]:
    """Log-likelihood per event of `cells` under the margins, the fits of both programs and the predictor."""
    alone = replace(learnt, means=own[0].means)
    row: dict[str, object] = {
        "cells": len(cells.cells),
        "events": tensor.only(cells).total,
        "margins": score(tensor, cells, learnt.usual).per_event,
        "ours": told(tensor, cells, own, brief),
        "predictor": score_rates(tensor, cells, learnt.rates).per_event,
        "predictor, one start": score_rates(tensor, cells, alone.rates).per_event,
    }
    if theirs:
        row["bptf"] = told(tensor, cells, theirs, brief)
        row["bptf, geometric, one start"] = float(
            np.mean([score(tensor, cells, fit.geometric).per_event for fit in theirs])
        )
        inside = replace(learnt, means=averaged(theirs))
        row["predictor with bptf's fits"] = score_rates(tensor, cells, inside.rates).per_event
    return row


def one(tensor: CountTensor, kind: str, components: int, seed: int, options: argparse.Namespace) -> dict[str, object]:
    """One mask."""
    absent, brief = random_mask(tensor, options.share, seed, MASKS[kind]), options.brief
    row: dict[str, object] = {"mask": kind, "seed": seed, "components": components}
    other, theirs = None if options.without_peer else peer(), list[PeerFit]()
    if other is not None:
        for start in range(100 * seed, 100 * seed + (options.peer_starts or options.starts)):
            kept = options.keep / f"{kind}-K{components}-mask{seed}-seed{start}.npz" if options.keep else None
            theirs.append(peer_fit(other, tensor, absent, components, start, compiled=options.compiled, kept=kept))
        row["bptf s"] = float(sum(fit.times.sum() for fit in theirs))
    if options.peer_only:
        return row
    began = time.process_time()
    base = Settings(components, tolerance=options.tolerance, seed=100 * seed)
    own = [factorise(tensor, replace(base, seed=base.seed + n), absent) for n in range(options.starts)]
    row["ours cpu_s"] = time.process_time() - began
    began = time.process_time()
    learnt = predictor(tensor, absent, base, fits=own)
    row["predictor's rehearsals cpu_s"] = time.process_time() - began
    row["weights"] = dict(zip(PARTS, learnt.weights.tolist(), strict=True))
    row |= figures(tensor, absent, own, theirs, learnt, brief)
    if not brief:
        fixed = [replace(base, alpha=0.1, seed=base.seed + n) for n in range(options.starts)]
        row["ours, bptf's prior"] = told(tensor, absent, [factorise(tensor, each, absent) for each in fixed], brief)
    between = Absent(absent.modes, absent.cells[absent.cells[:, 0] != absent.cells[:, 1]])
    row["between states"] = figures(tensor, between, own, theirs, learnt, brief)
    return row


def choosing(
    tensor: CountTensor, kind: str, components: int, seed: int, options: argparse.Namespace
) -> dict[str, object]:
    """Whether a start that tells one set of hidden cells well tells another well: both hidden from the same starts, 100 iterations."""
    absent = random_mask(tensor, options.share, seed, MASKS[kind])
    more = random_mask(tensor, 3 * options.share, seed + 7000, MASKS[kind]).cells
    named = Absent(tuple(range(len(absent.modes))), absent.cells)
    other = Absent(absent.modes, more[~named.covers(more)])
    both = Absent(absent.modes, np.concatenate([absent.cells, other.cells]))
    scores = []
    for n in range(options.starts):
        fit = factorise(tensor, Settings(components, tolerance=-1, iterations=99, seed=100 * seed + n), both)
        scores.append(
            [score(tensor, absent, fit.means).per_event, score(tensor, other, fit.means).per_event, fit.bound]
        )
    table = np.array(scores)
    return {
        "mask": kind, "seed": seed, "components": components, "mean": float(table[:, 0].mean()),
        "deviation": float(table[:, 0].std(ddof=1)), "chosen by the other cells": float(table[table[:, 1].argmax(), 0]),
        "correlation with the other cells": float(np.corrcoef(table[:, 0], table[:, 1])[0, 1]),
        "correlation with the bound": float(np.corrcoef(table[:, 0], table[:, 2])[0, 1]),
    }  # fmt: skip


def main() -> None:
    """Print a line of JSON for every mask."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=Path, required=True)
    parser.add_argument("--mask", nargs="+", choices=list(MASKS), default=["dyad-months"])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--components", type=int, nargs="+", default=[50])
    parser.add_argument("--starts", type=int, default=2)
    parser.add_argument("--share", type=float, default=0.01)
    parser.add_argument("--tolerance", type=float, default=1e-5)
    parser.add_argument("--without-peer", action="store_true")
    parser.add_argument("--peer-only", action="store_true")
    parser.add_argument("--peer-starts", type=int, help="starts of bptf, by default as many as of ours")
    parser.add_argument("--brief", action="store_true", help="no draws from posteriors, no fits with bptf's prior")
    parser.add_argument("--choosing", action="store_true", help="whether starts can be chosen by other hidden cells")
    parser.add_argument("--compiled", action="store_true")
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    if not options.events.is_file():
        parser.error(f"{options.events}: no such file; the extract of dated interstate events is needed")
    tensor = events(options.events)
    for components in options.components:
        for kind in options.mask:
            for seed in options.seeds:
                row = (choosing if options.choosing else one)(tensor, kind, components, seed, options)
                print(
                    json.dumps(json.loads(json.dumps(row), parse_float=lambda text: round(float(text), 4))), flush=True
                )
                print(f"{kind} {seed}, {components} components", file=sys.stderr)


if __name__ == "__main__":
    main()
