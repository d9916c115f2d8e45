"""Held-out Poisson log-likelihood per event beside bptf: the same masks, the same data, the same number of components.

    python benchmarks/blocs_heldout.py --events F [--mask dyad-months cells dyads] [--seeds 0 1 2] [--components 50 20 10]

F is the extract of dated interstate events (columns date, source_country, target_country, cameo). Nothing is fetched; without
the peer (see benchmarks/blocs.py) its figures are left out. Each mask hides a share of all cells, the empty ones included:
``dyad-months`` hides source × target × month with all actions, ``cells`` single cells, ``dyads`` source × target with all
months and actions. Every method gets the same number of starts. Three figures each: at the posterior means of one start (mean
over starts), at the mean over starts, and averaged over posterior draws of all starts. Besides, the predictor of
innominate.blocs.telling, from one start, from all, and with bptf's fits in the place of ours. Lines of JSON, one a mask.
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
from innominate.blocs.heldout import averaged, margins, predictive, random_mask, score
from innominate.blocs.peer import PeerFit
from innominate.blocs.telling import PARTS, predictor, score_rates
from innominate.blocs.tensor import Absent, CountTensor

MASKS = {
    "dyad-months": ("source", "target", "period"),
    "cells": ("source", "target", "action", "period"),
    "dyads": ("source", "target"),
}


def told(tensor: CountTensor, absent: Absent, fits: Sequence[Factorisation | PeerFit]) -> dict[str, float]:
    """Log-likelihood per event of the fits from several starts."""
    single = [score(tensor, absent, fit.means).per_event for fit in fits]
    return {
        "one start": float(np.mean(single)),
        "worst start": min(single),
        "best start": max(single),
        "starts averaged": score(tensor, absent, averaged(fits)).per_event,
        "posterior averaged": predictive(tensor, absent, fits, draws=24).per_event,
    }


def one(tensor: CountTensor, kind: str, components: int, seed: int, options: argparse.Namespace) -> dict[str, object]:
    """One mask."""
    absent = random_mask(tensor, options.share, seed, MASKS[kind])
    held = tensor.only(absent)
    row: dict[str, object] = {
        "mask": kind,
        "seed": seed,
        "components": components,
        "cells": len(absent.cells),
        "events": held.total,
    }
    row["margins"] = score(tensor, absent, margins(tensor, absent)).per_event
    began = time.process_time()
    base = Settings(components, tolerance=options.tolerance, seed=100 * seed)
    own = [factorise(tensor, replace(base, seed=base.seed + n), absent) for n in range(options.starts)]
    row["ours cpu_s"] = time.process_time() - began
    row["ours"] = told(tensor, absent, own)
    began = time.process_time()
    learnt = predictor(tensor, absent, base, fits=own)
    row["predictor's rehearsals cpu_s"] = time.process_time() - began
    row["predictor"] = score_rates(tensor, absent, learnt.rates).per_event
    alone = replace(learnt, means=own[0].means)
    row["predictor, one start"] = score_rates(tensor, absent, alone.rates).per_event
    row["weights"] = dict(zip(PARTS, learnt.weights.tolist(), strict=True))
    fixed = replace(base, alpha=0.1)
    row["ours, bptf's prior"] = told(
        tensor, absent, [factorise(tensor, replace(fixed, seed=base.seed + n), absent) for n in range(options.starts)]
    )
    other = None if options.without_peer else peer()
    if other is not None:
        fits = [other.fit(tensor, absent, components=components, seed=base.seed + n) for n in range(options.starts)]
        row["bptf"] = told(tensor, absent, fits)
        row["bptf"]["geometric, one start"] = float(
            np.mean([score(tensor, absent, fit.geometric).per_event for fit in fits])
        )  # type: ignore[index]
        inside = replace(learnt, means=averaged(fits))
        row["predictor with bptf's fits"] = score_rates(tensor, absent, inside.rates).per_event
        row["bptf s"] = float(sum(fit.times.sum() for fit in fits))
    return row


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
    options = parser.parse_args()
    if not options.events.is_file():
        parser.error(f"{options.events}: no such file; the extract of dated interstate events is needed")
    tensor = events(options.events)
    for components in options.components:
        for kind in options.mask:
            for seed in options.seeds:
                row = one(tensor, kind, components, seed, options)
                print(
                    json.dumps(json.loads(json.dumps(row), parse_float=lambda text: round(float(text), 4))), flush=True
                )
                print(f"{kind} {seed}, {components} components", file=sys.stderr)


if __name__ == "__main__":
    main()
