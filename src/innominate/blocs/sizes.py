"""How many blocs there are: the number under which events that were held out are told best."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from innominate.blocs.spectral import partition, ties, told_by_groups
from innominate.blocs.tensor import CountTensor

MOST = 12  # as many as a reader can keep apart
_PER_BLOC = 3  # states that a bloc has on average, at the least


def thinned(tensor: CountTensor, share: float, seed: int) -> tuple[CountTensor, CountTensor]:
    """Split counts at random into two tensors that are independent Poissons if the whole is one (binomial thinning).

    The second gets `share` of every event's chance; exposures are scaled along.
    """
    held = np.random.default_rng(seed).binomial(tensor.counts.astype(np.int64), share).astype(np.float64)

    def part(counts: NDArray[np.float64], scale: float) -> CountTensor:
        keep = counts > 0
        exposure = (tensor.exposure[0] * scale, *tensor.exposure[1:])
        return replace(tensor, coordinates=tensor.coordinates[keep], counts=counts[keep], exposure=exposure)

    return part(tensor.counts - held, 1 - share), part(held, share)


def choose_blocs(
    tensor: CountTensor, sizes: Sequence[int] = tuple(range(2, MOST + 1)), *, share: float = 0.1, splits: int = 5,
    progress: Callable[[str], None] = lambda step: None,
) -> tuple[int, dict[int, float]]:  # fmt: skip
    """The number of blocs under which held-out events (a `share`, by thinning) are told best, and the score of each.

    Told by states' activities and the densities between groups of states alone, which takes no fit of a core: mean
    log-likelihood per event over several `splits`, the same whatever the seed of a fit. Numbers of which a bloc would have fewer than three states are left out.
    """
    progress("number of blocs")
    possible = [size for size in sizes if size * _PER_BLOC <= tensor.shape[0]] or [min(sizes)]
    told = np.empty((splits, len(possible)))
    for split in range(splits):
        kept, held = (ties(part) for part in thinned(tensor, share, split))
        told[split] = [told_by_groups(kept, held, partition(kept, size, tries=8)) for size in possible]
    means = told.mean(axis=0)
    return possible[int(means.argmax())], dict(zip(possible, means.tolist(), strict=True))
