"""The tasks of blocs: held-out counts, recovery of planted blocs, stability across starts."""

from __future__ import annotations

from collections.abc import Callable

from innominate.blocs.core import CoreSettings
from innominate.blocs.factorisation import Settings
from innominate.blocs.found import event_tensor, finest_resolution
from innominate.blocs.heldout import Posterior
from innominate.blocs.peer import Peer, find_peer
from innominate.blocs.scoring import MASKS, heldout_score, plain_counts, recovery_score, stability_score
from innominate.blocs.sizes import choose_blocs
from innominate.blocs.tensor import Absent, CountTensor
from innominate.ledger import Library
from innominate.scoreboard.rows import Row

TASKS = ("blocs-held-out", "blocs-recovery", "blocs-stability")
COMPONENTS, STARTS = 20, 4
_SHARE = {"cells": 0.002}  # of all cells, instead of a hundredth: absent cells cost time in every iteration


def blocs(library: Library, task: str, seed: int, progress: Callable[[str], None]) -> list[Row]:
    """The rows of one task; :class:`InputError` where the library holds no dated events (recovery needs none).

    Counts are held out by month, or by the shortest period that no event outlasts (worlds count their events by the year).
    bptf is a baseline where INNOMINATE_BPTF names it, with the same components, masks and number of starts, and is absent
    otherwise.
    """
    if task == "blocs-recovery":
        progress("planting blocs")
        return [_row(recovery_score())]
    progress("counting events")
    if task == "blocs-stability":
        tensor = event_tensor(library)
        progress("blocs from several seeds")
        return [_row(stability_score(tensor, CoreSettings(choose_blocs(tensor)[0], seed=seed)))]
    period = finest_resolution(library, acts="all")
    tensor, peer, rows = plain_counts(event_tensor(library, resolution=period, acts="all")), find_peer(), []
    peers = {} if peer is None else {"bptf": _fitted(peer)}
    for mask in MASKS:
        progress(f"holding out {mask.replace('period', period)}")
        chosen = Settings(COMPONENTS, starts=STARTS, tolerance=1e-5, seed=seed)
        share = _SHARE.get(mask, 0.01)
        rows.append(_row(heldout_score(tensor, chosen, mask=mask, period=period, share=share, peers=peers)))
    return rows


def _fitted(peer: Peer) -> Callable[[CountTensor, Absent, int], list[Posterior]]:
    return lambda tensor, absent, seed: [
        peer.fit(tensor, absent, components=COMPONENTS, seed=100 * seed + n) for n in range(STARTS)
    ]


def _row(scored: dict[str, object]) -> Row:
    more = {name: value for name, value in scored.items() if name not in ("task", "metric", "value", "baselines", "n")}
    return Row(scored["task"], scored["metric"], scored["value"], scored["baselines"], n=scored["n"], more=more)  # type: ignore[arg-type]
