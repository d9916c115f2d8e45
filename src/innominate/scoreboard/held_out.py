"""The task `held-out-channel`: what a pair will do in one channel, from what it does in all the others."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from innominate.alignment.composite import portions
from innominate.scoreboard.ranking import rank_correlation
from innominate.scoreboard.rows import Row, averaged
from innominate.scoreboard.truncated import AsOf

Array = NDArray[np.float64]

TASK = "held-out-channel"
OTHERS, LAST, OWN, MARGINAL = "others", "persistence", "own past (the model)", "marginal"
GUARD, OUTLYING = 0.02, 1e-3
FEWEST = 30  # pairs in a year below which it is not judged


class _Line:
    """A Gaussian predictive from a straight line through all earlier years: mean a + b x, one variance."""

    def __init__(self) -> None:
        self.sums = np.zeros(6)  # n, x, y, xx, xy, yy

    def learn(self, x: Array, y: Array) -> None:
        self.sums += [len(x), x.sum(), y.sum(), x @ x, x @ y, y @ y]

    def log_score(self, x: Array, y: Array) -> float:
        """Mean log density of `y`; NaN before anything was learnt."""
        n, sx, sy, xx, xy, yy = self.sums
        if n < FEWEST:
            return float("nan")
        across, along = xx - sx * sx / n, xy - sx * sy / n
        slope = along / across if across > 1e-9 * n else 0.0
        variance = max((yy - sy * sy / n - slope * along) / n, 1e-6)
        return gaussian_log_score(y, sy / n + slope * (x - sx / n), np.full(len(y), variance))


def gaussian_log_score(y: Array, mean: Array, variance: Array) -> float:
    """Mean log density of observations under Gaussian predictives (higher is better)."""
    return float((-0.5 * (np.log(2 * np.pi * variance) + (y - mean) ** 2 / variance)).mean())


def guarded_log_score(y: Array, mean: Array, variance: Array) -> float:
    """The same for a forecast that allows, with probability GUARD, for an observation from the channel's marginal.

    Most pairs are still in most channels, and are foretold to be; one act of such a pair would otherwise decide the mean.
    """
    inside = np.exp(-0.5 * (y - mean) ** 2 / variance) / np.sqrt(2 * np.pi * variance)
    outside = np.exp(-0.5 * y**2) / np.sqrt(2 * np.pi)  # a channel's spread over pairs is one in every period
    return float(np.log((1.0 - GUARD) * inside + GUARD * np.maximum(outside, OUTLYING)).mean())


def held_out(known: AsOf, seed: int = 0) -> list[Row]:
    """Two rows a channel, and two over all channels: rank correlation within the year, and log score.

    A channel's z in the next year is predicted from the composite of the other channels. Beside it: the channel's own
    last known value, the model's forecast from the channel's own past, and for the log score the channel's own marginal,
    all learnt on earlier years and judged on the same pairs.
    """
    ranks, scores, counts = {}, {}, {}
    for k, name in enumerate(known.names):
        ranks[name], scores[name], counts[name] = _channel(known, k)
    rows = []
    for metric, tracks in (("rank-correlation", ranks), ("log-score", scores)):
        for name in known.names:
            if counts[name]:
                rows.append(_row(f"{metric}/{name}", tracks[name], counts[name], seed))
        mean = {
            kind: _mean_of_rows(np.array([tracks[name][kind] for name in known.names]))
            for kind in tracks[known.names[0]]
        }
        rows.append(_row(metric, mean, sum(counts.values()), seed))
    return rows


def _row(metric: str, tracks: Mapping[str, Array], n: int, seed: int) -> Row:
    baselines = {name: values for name, values in tracks.items() if name != OTHERS}
    return averaged(TASK, metric, tracks[OTHERS], baselines, np.ones(len(tracks[OTHERS])), n, seed=seed)


def _mean_of_rows(values: Array) -> Array:
    """(Y,) mean over channels of the years in which some are judged."""
    known = np.isfinite(values)
    mean = np.where(known, values, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    return np.where(known.any(axis=0), mean, np.nan)


def _channel(known: AsOf, k: int) -> tuple[dict[str, Array], dict[str, Array], int]:
    """Yearly rank correlations and log scores of one channel by predictor, and observations judged."""
    size = len(known.years)
    ranks = {name: np.full(size, np.nan) for name in (OTHERS, LAST, OWN)}
    scores = {name: np.full(size, np.nan) for name in (OTHERS, LAST, OWN, MARGINAL)}
    channel = known.evidence.channels[k]
    lines = {name: _Line() for name in (OTHERS, LAST, MARGINAL)}
    count, last = 0, _last_known(channel.z, known.scored)
    for y, t in enumerate(known.scored):
        used = known.parameters[y]
        target = channel.z[:, t + 1].astype(float)
        rows = np.flatnonzero(np.isfinite(target) & np.isfinite(last[:, y]) & np.isfinite(known.ahead[k, :, y]))
        if len(rows) < FEWEST or channel.channel not in used or len(used) < 2:
            continue
        share = dict(zip(used, portions(list(used)), strict=True))[channel.channel]
        rest = (known.score[rows, y] - share * known.now[k, rows, y]) / (1.0 - share)
        views = {OTHERS: rest, LAST: last[rows, y].astype(float), MARGINAL: np.zeros(len(rows))}
        goal, own = target[rows], known.ahead[k, rows, y].astype(float)
        noise = known.noise[k, rows, y].astype(float)
        for name, track in ranks.items():
            track[y] = rank_correlation(own if name == OWN else views[name], goal)
        for name, line in lines.items():
            scores[name][y] = line.log_score(views[name], goal)
            line.learn(views[name], goal)
        if np.isfinite(scores[OTHERS][y]):
            scores[OWN][y] = guarded_log_score(goal, own, known.variance[k, rows, y] + noise)
        count += len(rows)
    return ranks, scores, count


def _last_known(z: NDArray[np.float32], scored: range) -> NDArray[np.float32]:
    """(P, Y) last known value of a channel at or before each scored period."""
    place = np.where(np.isfinite(z), np.arange(z.shape[1]), -1)
    place = np.maximum.accumulate(place, axis=1)[:, scored.start : scored.stop]
    found = np.take_along_axis(z, np.maximum(place, 0), axis=1)
    return np.where(place >= 0, found, np.nan).astype(np.float32)
