"""Who is allied, told from acts alone: a likelihood detector that runs on any library and is told nothing.

The likelihood is that of :mod:`innominate.worlds.ceiling`, with everything the ceiling is told replaced by what a library
lets one infer: states' activity is estimated from all pairs (:mod:`innominate.worlds.activity`), nearness is integrated out,
the bar, the spread of alignment and how votes follow from it come from other worlds of the same laws
(:mod:`innominate.worlds.expected`), and the share that allies conceal is averaged over :data:`SHARES`. No treaty is looked at.

The evidence is the logarithm of a Bayes factor: how much more likely what a pair shows is if it is allied than if it is not
(Kass and Raftery 1995, JASA 90: 773-795). Alignment is taken to stand still over the years that are judged.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import expit, logit, logsumexp

from innominate import states as registry
from innominate.errors import InputError
from innominate.ledger import Library
from innominate.panel.votes import votes_excess
from innominate.worlds.activity import Activity, estimate_activity
from innominate.worlds.curves import Curves, curves_of, together
from innominate.worlds.deeds import ATTENTION, MEDIA
from innominate.worlds.evidence import still_showing
from innominate.worlds.expected import Expected, expected, votes_curves
from innominate.worlds.fitting import looked_at
from innominate.worlds.laws import ChannelLaw, WorldLaw, packaged_laws

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Places = NDArray[np.intp]

SHARES = (0.0, 0.25, 0.5, 0.75, 0.9)  # concealed by allies, each as probable
NEAR = np.linspace(-3.3, 3.3, 31)  # grid of nearness
NEAR_PRIOR = -0.5 * NEAR**2 - float(logsumexp(-0.5 * NEAR**2))
# variance of both states' attention, averaged over sizes
RESTLESS = 2 * ATTENTION**2 * (1 - 2 / np.pi) * float(np.exp(0.32))
AT_ONCE = 500  # pairs
# that are told: a ten-thousandth of a logarithm is nothing, and activities, for which thousands of equations are solved at
# once, differ in the fourteenth with the number of BLAS's threads
DECIMALS = 4
SPAN = (2, 80)  # years that may be judged


@dataclass(frozen=True, slots=True)
class Detection:
    """What every judged pair's acts say of its being allied.

    What is told of pairs has :data:`DECIMALS` decimals; the same library gives the same on any number of threads.

    Attributes
    ----------
    a, b : (K,) codes, a < b; years : first and last
    channels : C names of the channels that tell anything
    evidence : (K,) natural logarithm of the Bayes factor for allied; unaware : (K,) the same, believing nothing is concealed
    alone : (K, C) what each channel alone would say, NaN where nobody looked. They do not add up: nearness is common to all
    concealed : (K,) mean share concealed if the pair is allied
    known : (K,) channels in which somebody looked at the pair
    share : of pairs that are allied beforehand, for probabilities
    activity : estimated of all states; states : their N codes, on the axis of `activity`
    """

    a: tuple[str, ...]
    b: tuple[str, ...]
    years: tuple[int, int]
    channels: tuple[str, ...]
    evidence: Array
    unaware: Array
    alone: Array
    concealed: Array
    known: NDArray[np.int64]
    share: float
    states: tuple[str, ...]
    activity: Activity

    @property
    def probability(self) -> Array:
        """(K,) of being allied, at the share of pairs that are beforehand."""
        return np.asarray(expit(self.evidence + logit(self.share)))

    def table(self) -> pl.DataFrame:
        """a, b, evidence, unaware, log_odds, probability, concealed, known, and one column a channel; most evidence first."""
        frame = pl.DataFrame(
            {
                "a": self.a, "b": self.b, "evidence": self.evidence, "unaware": self.unaware,
                "log_odds": self.evidence + logit(self.share), "probability": self.probability,
                "concealed": self.concealed, "known": self.known,
                **{name: self.alone[:, k] for k, name in enumerate(self.channels)},
            }
        )  # fmt: skip
        return frame.fill_nan(None).sort("evidence", "a", "b", descending=[True, False, False])


@dataclass(frozen=True, slots=True)
class _Looked:
    """What a library shows of all pairs of its states: channels of acts with their laws, (P, T) seen and known each; votes."""

    codes: list[str]
    a: Places
    b: Places
    laws: list[ChannelLaw]
    seen: list[Array]
    known: list[Mask]
    votes: tuple[Array, Mask] | None


def detect(
    library: Library,
    years: tuple[int, int],
    *,
    laws: WorldLaw | None = None,
    pairs: Sequence[tuple[str, str]] | None = None,
    channels: Sequence[str] | None = None,
    share: float | None = None,
    progress: Callable[[str], None] = lambda step: None,
) -> Detection:
    """How much what pairs do speaks for their being allied, whatever they have or have not signed.

    Parameters
    ----------
    library : any; of several datasets on a channel the one that looked at most pairs is taken
    years : first and last, inclusive, over which alignment is taken to stand still
    laws : how acts arise; the package's figures unless given (``innominate simulate --fit-from`` writes others)
    pairs : judged, all unless given; activities are estimated from all pairs in any case
    channels : used, all unless given; lasting levels (organisations, missions, agreements, sanctions) never are
    share : of pairs that are allied, before anything is seen; that of the laws' worlds unless given

    Raises
    ------
    InputError : for years, channels, shares or pairs that cannot be, where the library tells nothing, and where it has so few
        states that the laws foresee no ally outside NATO among them
    """
    laws = laws or packaged_laws()
    _check(years, laws, channels, share)
    found = _look(library, years, laws, channels, progress)
    judged = _places(found, pairs, years)
    progress("worlds of the same laws")
    said = expected(laws, len(found.codes), years[1] - years[0] + 1, years[1])
    if not said.tells:
        raise InputError(
            f"{len(found.codes)} states: by these laws, worlds of as many hold no pair outside NATO to tell allies from, or none but allies"
        )
    curves = []
    for law, seen, known in zip(found.laws, found.seen, found.known, strict=True):
        progress(f"likelihood: {law.channel}")
        curves.append(curves_of(law, seen, known, restless=RESTLESS if law.dataset == MEDIA else 0.0))
    if found.votes is not None:
        curves.append(votes_curves(laws.channels["votes"], said, *found.votes))
    progress("how busy states are")
    activity = estimate_activity(found.laws, curves, _totals(found), found.a, found.b, len(found.codes))
    return _judge(found, curves, activity, said, judged, years, share, progress)


def _check(years: tuple[int, int], laws: WorldLaw, channels: Sequence[str] | None, share: float | None) -> None:
    first, last = years
    if not SPAN[0] <= last - first + 1 <= SPAN[1] or not 1816 <= first <= last <= 2100:
        raise InputError(f"years {first}:{last}: {SPAN[0]} to {SPAN[1]} years between 1816 and 2100")
    allowed = [name for name, law in laws.channels.items() if law.kind != "level"]
    if isinstance(channels, str):
        raise InputError(f"channels {channels!r}: a list of names of channels")
    unknown = [name for name in channels or () if name not in allowed]
    if unknown:
        raise InputError(f"channel {unknown[0]!r}: the allowed values are {', '.join(sorted(allowed))}")
    if share is not None and not 0.0 < share < 1.0:
        raise InputError(f"a share of {share:g} allied beforehand: it must lie between 0 and 1")


def _look(
    library: Library, years: tuple[int, int], laws: WorldLaw, channels: Sequence[str] | None, progress: Callable[[str], None]
) -> _Looked:  # fmt: skip
    codes = sorted(set().union(*(registry.alive(year) for year in range(years[0], years[1] + 1))))
    acts = {}
    for name, law in laws.channels.items():
        if law.kind in ("level", "agreement") or (channels is not None and name not in channels):
            continue
        progress(f"reading: {name}")
        one = looked_at(library, name, codes, years)
        if one is not None:
            acts[name] = one
    n = len(codes)
    agreed = np.full((years[1] - years[0] + 1, n, n), np.nan)
    if "votes" in laws.channels and (channels is None or "votes" in channels):
        progress("reading: votes")
        for by_year in list(votes_excess(library, codes, range(years[0], years[1] + 1), "year").values())[:1]:
            for t, excess in by_year.items():
                agreed[t] = excess.value
    watched = np.isfinite(agreed).any(axis=0)
    for one in acts.values():
        watched |= one.known.any(axis=0)
    inside = np.flatnonzero(watched.any(axis=1))
    if len(inside) < 8:
        raise InputError(f"{library.folder}: nothing to tell allies by in {years[0]}-{years[1]}")
    a, b = np.nonzero(np.triu(watched[np.ix_(inside, inside)], 1))
    rows, cols = inside[a], inside[b]
    names = list(acts)
    cast = agreed[:, rows, cols].T
    return _Looked(
        [codes[i] for i in inside], a, b, [_unbounded(laws.channels[name], acts[name].level) for name in names],
        [acts[name].level[:, rows, cols].T.copy() for name in names],
        [acts[name].known[:, rows, cols].T.copy() for name in names],
        (np.nan_to_num(cast), np.isfinite(cast)) if np.isfinite(cast).any() else None,
    )  # fmt: skip


def _unbounded(law: ChannelLaw, level: Array) -> ChannelLaw:
    """The law with a bound that nothing in the library breaks: no more is a likelihood, where more was seen."""
    return law if law.most is None else replace(law, most=max(law.most, float(level.max())))


def _places(found: _Looked, pairs: Sequence[tuple[str, str]] | None, years: tuple[int, int]) -> Places:
    if pairs is None:
        return np.arange(len(found.a))
    place = {(found.codes[i], found.codes[j]): k for k, (i, j) in enumerate(zip(found.a, found.b, strict=True))}
    judged = []
    for one, two in pairs:
        if one == two:
            raise InputError(f"a pair is two different states; both are {one}")
        k = place.get((min(one, two), max(one, two)))
        if k is None:
            raise InputError(f"{one}-{two}: nobody looked at this pair in {years[0]}-{years[1]}")
        judged.append(k)
    return np.array(judged, dtype=np.intp)


def _totals(found: _Looked) -> Array:
    """(C, N) what a state does a year with each partner that somebody looked at; NaN where nobody did."""
    totals = np.full((len(found.laws), len(found.codes)), np.nan)
    for c, (seen, known) in enumerate(zip(found.seen, found.known, strict=True)):
        level, times = np.zeros(len(found.codes)), np.zeros(len(found.codes))
        for ends in (found.a, found.b):
            np.add.at(level, ends, np.where(known, seen, 0.0).sum(axis=1))
            np.add.at(times, ends, known.sum(axis=1))
        totals[c] = np.where(times > 0, level / np.maximum(times, 1), np.nan)
    return totals


def _judge(
    found: _Looked, curves: list[Curves], activity: Activity, said: Expected, judged: Places, years: tuple[int, int],
    share: float | None, progress: Callable[[str], None],
) -> Detection:  # fmt: skip
    c, k = len(curves), len(judged)
    evidence, alone = np.zeros((len(SHARES), k)), np.full((k, c), np.nan)
    extra = np.zeros((c - len(found.laws), len(found.a)))
    mean, variance = np.vstack([activity.mean, extra]), np.vstack([activity.variance, extra])
    for begin in range(0, k, AT_ONCE):
        progress(f"judging: pair {begin + 1:,} of {k:,}")
        part = judged[begin : begin + AT_ONCE]
        stop = begin + len(part)
        own = [replace(one, row=one.row[part]) for one in curves]
        shown = [_concealed(found, one, own, part, hidden) for one, hidden in enumerate(SHARES)]
        evidence[:, begin:stop] = _against(said, shown, mean[:, part], variance[:, part])
        for place in range(c):
            few = slice(place, place + 1)
            bare = [(one[few], shift[few]) for one, shift in shown]
            said_alone = logsumexp(_against(said, bare, mean[few, part], variance[few, part]), axis=0)
            alone[begin:stop, place] = np.where(own[place].row < 0, np.nan, said_alone - np.log(len(SHARES)))
    weights = np.exp(evidence - logsumexp(evidence, axis=0))
    names = (*(law.channel for law in found.laws), *(["votes"] if found.votes is not None else []))
    return Detection(
        tuple(found.codes[i] for i in found.a[judged]), tuple(found.codes[i] for i in found.b[judged]), years, names,
        _told(logsumexp(evidence, axis=0) - np.log(len(SHARES))), _told(evidence[0]), _told(alone),
        _told(np.einsum("s,sk->k", SHARES, weights)),
        np.isfinite(alone).sum(axis=1), share if share is not None else float(said.prior[said.allied].sum()),
        tuple(found.codes), activity,
    )  # fmt: skip


def _told(values: Array) -> Array:
    return np.round(values, DECIMALS) + 0.0  # no nought with a sign


def _concealed(
    found: _Looked, place: int, own: list[Curves], part: Places, hidden: float
) -> tuple[list[Curves], Array]:  # fmt: skip
    """Curves if allies conceal a share, and what it takes from the expected logarithm: a count thinned is one of less."""
    curves, shift = list(own), np.zeros(len(own))
    for c, law in enumerate(found.laws):
        if law.public or hidden == 0.0:
            continue
        if law.kind == "count":
            shift[c] = still_showing(law, hidden)[0]
        else:
            curves[c] = curves_of(law, found.seen[c][part], found.known[c][part], hidden)
    return curves, shift


def _against(said: Expected, shown: list[tuple[list[Curves], Array]], mean: Array, variance: Array) -> Array:
    """(S, K) log Bayes factor for allied, at every share concealed."""
    allied, prior = said.allied, np.log(said.prior)
    curves = shown[0][0]
    rest = _integrated(curves, mean, variance, said.theta[~allied], prior[~allied])
    found = []
    for own, shift in shown:
        found.append(_integrated(own, mean + shift[:, None], variance, said.theta[allied], prior[allied]) - rest)
    return np.array(found)


def _integrated(curves: list[Curves], mean: Array, variance: Array, theta: Array, prior: Array) -> Array:
    """(K,) log-likelihood, averaged over alignment (log weights `prior`) and nearness."""
    told = together(curves, np.ascontiguousarray(mean), np.ascontiguousarray(variance), theta, NEAR)
    over = logsumexp(told + NEAR_PRIOR, axis=2) + prior - logsumexp(prior)
    return np.asarray(logsumexp(over, axis=1))
