"""Are readings recovered? Panels are drawn from the model as each reading has it, and weighed by the same machinery."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from innominate.errors import InputError
from innominate.readings.features import Features, features
from innominate.readings.ground import Ground
from innominate.readings.mass import draw
from innominate.readings.reading import RECORDED, Reading
from innominate.readings.strands import Key, Strand
from innominate.readings.variants import QUICK
from innominate.readings.weighing import Weighed, weigh_on

Array = NDArray[np.float64]
FREE = "any"  # trajectories of the model without constraints, whichever reading they fit


@dataclass(frozen=True, slots=True)
class Confusion:
    """What was found on panels drawn from each reading.

    Attributes
    ----------
    counts : drawn (reading, or ``any``: the model without constraints), found (the most probable), panels
    probabilities : drawn, reading, probability: the mean probability of each reading on panels drawn from each
    factors : mean Bayes factor of every reading on panels of the model without constraints; 1 if the machinery is right
    errors : standard errors of `factors`
    """

    counts: pl.DataFrame
    probabilities: pl.DataFrame
    factors: dict[str, float]
    errors: dict[str, float]


def confusion(
    weighed: Weighed, panels: int = 100, seed: int = 1, progress: Callable[[str], None] = lambda step: None
) -> Confusion:
    """Draw panels from each reading and from the model without constraints, weigh all readings on each.

    Trajectories are drawn from the process before the data, cut to what the reading expects; they are then seen in the
    years and channels, and with the noise, of the library. Records of commitments are not drawn: what readings expect of
    them is left aside.

    Parameters
    ----------
    panels : drawn from each reading
    """
    quick = weigh_on(weighed.ground, _unrecorded(weighed.readings), weighed.seed, QUICK)
    names = [one.reading.name for one in quick.supports if one.testable]
    rows, chances, factors = [], [], []
    for drawn in [*names, FREE]:
        for k, strands in enumerate(_panels(quick, drawn, panels, seed)):
            progress(f"panel {k + 1} of {panels} drawn from {drawn}")
            again = quick.again(quick.ground.with_strands(strands), after_only=True)
            rows.append((drawn, again.best()))
            chances += [(drawn, name, chance) for name, chance in again.probabilities().items()]
            if drawn == FREE:
                factors.append([again.support(name).factor for name in names])
    counts = pl.DataFrame(rows, schema=["drawn", "found"], orient="row").group_by("drawn", "found").len("panels")
    table = pl.DataFrame(chances, schema=["drawn", "reading", "probability"], orient="row")
    found = np.array(factors)
    return Confusion(
        counts.sort("drawn", "found"),
        table.group_by("drawn", "reading").agg(pl.col("probability").mean()).sort("drawn", "reading"),
        dict(zip(names, found.mean(axis=0).tolist(), strict=True)),
        dict(zip(names, (found.std(axis=0, ddof=1) / np.sqrt(panels)).tolist(), strict=True)),
    )


def _unrecorded(readings: Sequence[Reading]) -> list[Reading]:
    """The readings without what they expect of commitments."""
    found = []
    for one in readings:
        kept = tuple(each for each in one.expects if each.shape not in RECORDED)
        if not kept:
            raise InputError(f"the reading {one.name!r} speaks of commitments only; there is nothing to draw")
        found.append(replace(one, expects=kept))
    return found


def _panels(weighed: Weighed, drawn: str, panels: int, seed: int) -> list[list[Strand]]:
    """Panels as strands with drawn observations in the places of the seen ones."""
    ground = weighed.ground
    rng = np.random.default_rng([seed, *drawn.encode()])
    expects = () if drawn == FREE else weighed.support(drawn).tested
    made = features(ground, expects)
    paths = {key: _free(ground, key, panels, rng) for key in ground.strands}
    if len(made.offset):
        _bend(ground, made, paths, panels, int(rng.integers(2**31)), rng)
    found = []
    for k in range(panels):
        strands = []
        for key, strand in ground.strands.items():
            noise = np.sqrt(np.nan_to_num(strand.noise)) * rng.standard_normal(len(strand.z))
            strands.append(replace(strand, z=np.where(np.isfinite(strand.z), paths[key][k] + noise, np.nan)))
        found.append(strands)
    return found


def _free(ground: Ground, key: Key, panels: int, rng: np.random.Generator) -> Array:
    """(panels, T) draws of a strand before the data."""
    covariance = ground.moments(key, False)[1]
    root = np.linalg.cholesky(covariance + 1e-10 * np.eye(len(covariance)))
    path: Array = rng.standard_normal((panels, len(covariance))) @ root.T
    return path


def _bend(
    ground: Ground, made: Features, paths: dict[Key, Array], panels: int, seed: int, rng: np.random.Generator
) -> None:
    """Bend free draws so that their features are draws inside the bounds (conditioning by kriging, Journel 1974)."""
    mean, covariance = made.moments(ground, False)
    drawn = draw(mean, covariance, made.low, made.high, made.conditions, 8 * max(panels, 64), seed)
    weight = drawn.weights[:, -1]
    wanted = drawn.features[rng.choice(len(weight), size=panels, p=weight / weight.sum())]
    at = made.offset + sum(paths[key] @ made.weights[:, place].T for place, key in enumerate(made.keys))
    pulled = (wanted - at) @ np.linalg.pinv(covariance, hermitian=True, rcond=1e-10)
    for place, key in enumerate(made.keys):
        paths[key] = paths[key] + pulled @ made.weights[:, place] @ ground.moments(key, False)[1]
