"""The truth of a world: states with sizes and places, blocs, and the alignment of every pair through time.

A pair's alignment is what blocs make of it, a nearness-free taste that lasts, a slow drift and turns. NATO's members form
the first bloc from the year after their accession, because the scale of :mod:`innominate.alignment.scale` is read off
them; all other blocs are drawn.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from innominate import states as registry
from innominate.errors import InputError
from innominate.worlds.settings import Settings, stream

if TYPE_CHECKING:
    from innominate.alignment.scale import Scale

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Small = NDArray[np.int8]

NONALIGNED = -1
OTHER_BLOCS = 3  # beside NATO
IN_A_BLOC = 0.45  # share of the other states that belong to one
SWITCHES = 0.008  # a state and year
RIVALRY = -0.8  # between the first bloc and the second, in spreads of the taste
NATO_SHARE, FEWEST_NATO = 0.16, 6
DRIFT_PERSISTENCE = 0.95
TASTE = 0.8
LOOSER = 0.6  # what the other blocs add, of what NATO adds


@dataclass(frozen=True, slots=True)
class Latent:
    """What is true in a world.

    Attributes
    ----------
    codes : N states; a, b : (P,) places of every pair, a < b; years : (T,)
    alive : (T, P) both states exist
    size : (N,) standard normal logarithm of size; place : (N, 2)
    near : (P,) nearness of standard deviation one
    blocs : (T, N) bloc of every state, -1 none; bloc 0 is NATO
    theta : (T, P) alignment in spreads
    turned : (K, 3) turns: period, pair, size in spreads; moved : (M, 3) period, state, new bloc
    scale : what 0, 1 and the bar of allies are, in a world of whatever size
    reference : spreads by which 1 should stand above 0, by the laws; a world of few states, or without NATO, falls short
    """

    codes: tuple[str, ...]
    a: NDArray[np.intp]
    b: NDArray[np.intp]
    years: NDArray[np.int32]
    alive: Mask
    size: Array
    place: Array
    near: Array
    blocs: Small
    theta: Array
    turned: Array
    moved: NDArray[np.int64]
    scale: Scale
    reference: float

    @property
    def alignment(self) -> Array:
        """(T, P) on the scale people read."""
        return self.scale.alignment(self.theta)

    @property
    def bar(self) -> float:
        """theta from which a pair is allied."""
        return self.scale.zero + self.scale.quartile * self.scale.unit

    @property
    def label(self) -> str:
        """The scale of the truth in words."""
        bar = "lower quartile of NATO pairs" if self.scale.of_nato else "80th percentile of pairs"
        return (
            f"{self.scale.label}, {self.scale.unit:.2f} spreads higher ({self.reference:.2f} by the laws); "
            f"allied from {self.scale.quartile:.2f} on, the {bar}"
        )

    @property
    def living(self) -> Mask:
        """(T, N): the state exists, beside at least one other."""
        found = np.zeros(self.blocs.shape, dtype=bool)
        t, p = np.nonzero(self.alive)
        found[t, self.a[p]] = found[t, self.b[p]] = True
        return found

    @property
    def allied(self) -> Mask:
        """(T, P): at or above the lower quartile of NATO pairs."""
        return np.asarray((self.alignment >= self.scale.quartile) & self.alive)


def draw_latent(settings: Settings, reference: float) -> Latent:
    """Draw the truth.

    Parameters
    ----------
    reference : standard deviations by which the median NATO pair lies above the median pair
    """
    years = np.arange(settings.first, settings.last + 1, dtype=np.int32)
    codes = choose_states(settings)
    n, periods = len(codes), len(years)
    living = np.array([[code in known for code in codes] for known in (set(registry.alive(int(y))) for y in years)])
    a, b = np.triu_indices(n, 1)
    alive = living[:, a] & living[:, b]
    random = stream(settings.seed, "states")
    size, place = random.standard_normal(n), random.random((n, 2))
    near = _near(place, a, b)
    blocs, moved = _blocs(settings, codes, years, place)
    base, turned = _own(settings, len(a), periods)
    same = (blocs[:, a] == blocs[:, b]) & (blocs[:, a] != NONALIGNED)
    nato = same & (blocs[:, a] == 0)
    rivals = ((blocs[:, a] == 0) & (blocs[:, b] == 1)) | ((blocs[:, a] == 1) & (blocs[:, b] == 0))
    bound = np.where(nato, 1.0, LOOSER * same)
    strength = _strength(base, bound, nato, rivals, alive, reference)
    theta = base + strength * bound + RIVALRY * rivals
    middle, spread = float(np.median(theta[alive])), float(theta[alive].std())
    theta = (theta - middle) / spread
    turned[:, 2] /= spread
    return Latent(
        tuple(codes), a, b, years, alive, size, place, near, blocs, theta, turned, moved,
        _scale(theta, alive, nato & alive, years), reference,
    )  # fmt: skip


def choose_states(settings: Settings) -> list[str]:
    """Codes of real states that existed in the years, sorted: NATO's first members in proportion, then by the seed's draw."""
    from innominate.alignment.scale import nato_spells

    years = range(settings.first, settings.last + 1)
    lived: dict[str, int] = {}
    for year in years:
        for code in registry.alive(year):
            lived[code] = lived.get(code, 0) + 1
    if settings.states > len(lived):
        raise InputError(f"{settings.states} states: only {len(lived)} existed in {settings.first}-{settings.last}")
    joined: dict[str, int] = {}
    for one, other, start, _ in nato_spells():
        for code in (one, other):
            joined[code] = min(start, joined.get(code, start))
    members = sorted((code for code in lived if code in joined), key=lambda code: (joined[code], code))
    wanted = min(max(FEWEST_NATO, round(NATO_SHARE * settings.states)), len(members))
    chosen = members[:wanted]
    rest = sorted(
        (code for code in lived if code not in chosen), key=lambda code: (-lived[code], _digest(settings.seed, code))
    )
    outside = [code for code in rest if code not in joined]
    inside = [code for code in rest if code in joined]
    return sorted([*chosen, *(outside + inside)[: settings.states - wanted]])


def _digest(seed: int, code: str) -> bytes:
    return hashlib.blake2b(f"{seed}:{code}".encode(), digest_size=8).digest()


def _near(place: Array, a: NDArray[np.intp], b: NDArray[np.intp]) -> Array:
    away = -np.log(0.03 + np.hypot(*(place[a] - place[b]).T))
    found: Array = (away - away.mean()) / away.std()
    return found


def _blocs(
    settings: Settings, codes: list[str], years: NDArray[np.int32], place: Array
) -> tuple[Small, NDArray[np.int64]]:
    """(T, N) membership, and the moves of states between blocs other than NATO: (M, 3) period, state, new bloc."""
    from innominate.alignment.scale import nato_spells

    random = stream(settings.seed, "blocs")
    n, periods = len(codes), len(years)
    centres = random.random((OTHER_BLOCS, 2))
    nearest = np.argmin(((place[:, None, :] - centres[None]) ** 2).sum(axis=2) + 0.15 * random.random((n, 3)), axis=1)
    now = np.where(random.random(n) < IN_A_BLOC, nearest + 1, NONALIGNED).astype(np.int8)
    position = {code: k for k, code in enumerate(codes)}
    nato = np.zeros((periods, n), dtype=bool)
    for one, other, start, end in nato_spells():
        inside = (years >= start) & (years <= (end or 9999))
        for code in (one, other):
            if code in position:
                nato[inside, position[code]] = True
    found, moved = np.empty((periods, n), dtype=np.int8), []
    switching = random.random((periods, n)) < SWITCHES * (settings.turns > 0)
    target = random.integers(-1, OTHER_BLOCS + 1, (periods, n))
    target = np.where(target == 0, NONALIGNED, target)
    for t in range(periods):
        if t:
            for i in np.flatnonzero(switching[t] & ~nato[t] & (target[t] != now)):
                now[i] = target[t, i]
                moved.append((t, int(i), int(now[i])))
        found[t] = np.where(nato[t], 0, now)
    return found, np.array(moved, dtype=np.int64).reshape(-1, 3)


def _own(settings: Settings, pairs: int, periods: int) -> tuple[Array, Array]:
    """(T, P) what is a pair's own: taste, drift and turns; and its turns (K, 3)."""
    random = stream(settings.seed, "alignment")
    lasting = TASTE * random.standard_normal(pairs)
    path = settings.drift * autoregression(random, periods, pairs, DRIFT_PERSISTENCE)
    happens = random.random((periods, pairs)) < settings.turns
    happens[:3] = False
    happens[-2:] = False
    t, p = np.nonzero(happens)
    size = np.where(random.random(len(t)) < 0.5, -1.0, 1.0) * (1.0 + 0.4 * np.abs(random.standard_normal(len(t))))
    jumps = np.zeros((periods, pairs))
    jumps[t, p] = size
    return lasting + path + np.cumsum(jumps, axis=0), np.column_stack([t, p, size])


def autoregression(random: np.random.Generator, periods: int, width: int, persistence: float) -> Array:
    """(T, width) stationary first-order autoregressions of unit variance."""
    steps = random.standard_normal((periods, width), dtype=np.float32).astype(np.float64)
    steps[1:] *= np.sqrt(1.0 - persistence**2)
    found: Array = lfilter([1.0], [1.0, -persistence], steps, axis=0)
    return found


def _strength(base: Array, bound: Array, nato: Mask, rivals: Mask, alive: Mask, reference: float) -> float:
    """What a bloc adds, so that the median NATO pair stands `reference` standard deviations above the median pair."""
    if not (nato & alive).any():
        return reference * float(base.std())
    strength = 2.0
    for _ in range(12):
        theta = (base + strength * bound + RIVALRY * rivals)[alive]
        inside = base[nato & alive]
        strength = float(np.clip(reference * theta.std() + np.median(theta) - np.median(inside), 0.5, 12.0))
    return strength


def _scale(theta: Array, alive: Mask, nato: Mask, years: NDArray[np.int32]) -> Scale:
    """The scale by the rule of :func:`innominate.alignment.scale.reference_scale`, read off the truth."""
    from innominate.alignment.scale import FEWEST_YEARS, REFERENCE_YEARS, Scale

    inside = (years >= REFERENCE_YEARS[0]) & (years <= REFERENCE_YEARS[1])
    if inside.sum() < FEWEST_YEARS or not (nato & inside[:, None]).any():
        inside = np.ones(len(years), dtype=bool)
    known = theta[alive & inside[:, None]]
    zero = float(np.median(known))
    allies = theta[nato & inside[:, None]]
    one, low = np.quantile(allies, [0.5, 0.25]) if len(allies) else np.quantile(known, [0.9, 0.8])
    span = int(years[inside].min()), int(years[inside].max())
    return Scale(zero, float(one), float((low - zero) / (one - zero)), span, len(allies) > 0)
