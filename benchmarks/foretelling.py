"""How much of who signs, or sends troops, could be known at all from these acts: learners taught by what came true before.

    python benchmarks/foretelling.py                 # new-pacts, troops, troops-new; a quarter of an hour

Alignment is taught by nobody. Boosted trees and a logistic regression that *are* taught, on the outcomes known by then (strictly out of time,
taught anew every five years), say what a score made of the same channels can reach, and what the pairs' likeness in
their ties to third states and the published measures (portfolios of treaties among them) would add. The library is that in
INNOMINATE_LIBRARY; needs scikit-learn (``pip install 'innominate[bench]'``).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import innominate as inn
from innominate.scoreboard import foretelling, outcomes
from innominate.scoreboard.published import published
from innominate.scoreboard.truncated import AsOf, as_of

Array = NDArray[np.float32]
SCORED = (1965, 2013)  # years that can be taught by at least ten before
FIRST = 1950
TAUGHT_ANEW = 5  # years
SHARE = 0.2  # of pairs without the outcome that a learner sees; all with it
SEED = 0


def likeness(values: Array, known: AsOf) -> Array:
    """(P, Y) cosine of the rows of two states, year by year: do they stand alike to all others (friends of friends)?"""
    a, b, states = known.panel.a, known.panel.b, len(known.panel.states)
    found = np.full(values.shape, np.nan, dtype=np.float32)
    for y in range(values.shape[1]):
        ties = np.zeros((states, states))
        ties[a, b] = ties[b, a] = np.nan_to_num(values[:, y])
        size = np.linalg.norm(ties, axis=1) + 1e-9
        found[:, y] = (ties @ ties / size[:, None] / size)[a, b]
    return found


def learners() -> dict[str, Any]:
    """The two learners, untaught."""
    trees = HistGradientBoostingClassifier(
        max_iter=150,
        learning_rate=0.05,
        max_leaf_nodes=15,
        min_samples_leaf=100,
        l2_regularization=10,
        random_state=SEED,
    )
    return {
        "logistic regression": make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=500)),
        "boosted trees": trees,
    }


def taught(setting: foretelling.Setting, shown: Array, learner: Any, horizon: int) -> NDArray[np.float64]:
    """(P, Y) score of a learner that in every year has seen outcomes that were known by then; NaN where not asked.

    Parameters
    ----------
    shown : (K, P, Y) what it sees; NaN where unknown
    """
    years = setting.years
    score = np.full(setting.open.shape, np.nan)
    if not isinstance(learner, HistGradientBoostingClassifier):
        shown = np.nan_to_num(shown)
    for y in np.flatnonzero((years >= SCORED[0]) & (years <= SCORED[1])):
        if (years[y] - SCORED[0]) % TAUGHT_ANEW == 0:
            before = np.flatnonzero((years >= FIRST) & (years + horizon <= years[y]))
            rows, came = (np.concatenate(parts) for parts in zip(*lessons(setting, shown, before), strict=True))
            vary = np.flatnonzero(np.nan_to_num(rows).std(axis=0) > 0)
            learner.fit(rows[:, vary], came)
        asked = np.flatnonzero(setting.open[:, y])
        score[asked, y] = learner.predict_proba(shown[np.ix_(vary, asked)][:, :, y].T)[:, 1]
    return score


def lessons(
    setting: foretelling.Setting, shown: Array, before: NDArray[np.intp]
) -> Iterator[tuple[Array, NDArray[np.bool_]]]:
    """What pairs showed in earlier years, and whether it came true: all that did, some that did not."""
    draw = np.random.default_rng(SEED)
    for y in before:
        asked = np.flatnonzero(setting.open[:, y])
        kept = asked[setting.positive[asked, y] | (draw.random(len(asked)) < SHARE)]
        yield shown[:, kept, y].T, setting.positive[kept, y]


def tell(name: str, setting: foretelling.Setting, score: NDArray[np.float64]) -> None:
    """One line: AUC and lift over years, and weighted by what comes true."""
    found = foretelling.track(setting, score)
    judged = np.isfinite(found.auc)
    weights = (setting.positive & setting.open).sum(axis=0)[judged]
    figures = [found.auc[judged].mean(), found.lift[judged].mean()]
    figures += [float(np.average(values[judged], weights=weights)) for values in (found.auc, found.lift)]
    print(
        f"  {name:52}{figures[0]:7.3f}{figures[1]:7.1f}{figures[2]:7.3f}{figures[3]:7.1f}{weights.sum():7d}", flush=True
    )


def main() -> None:
    if "INNOMINATE_LIBRARY" not in os.environ:
        sys.exit("foretelling: name a library with INNOMINATE_LIBRARY")
    library = inn.Library.open(os.environ["INNOMINATE_LIBRARY"])
    known = as_of(library, (FIRST, SCORED[1]))
    pacts, troops = outcomes.defence_pacts(library, known.panel), outcomes.troop_support(library, known.panel)
    measures = published(library, known.panel, (FIRST, SCORED[1]))
    channels = known.now
    alike = [likeness(known.score.astype(np.float32), known)]
    alike += [likeness(known.now[known.names.index(name)], known) for name in ("igo", "votes", "trade")]
    wider = np.concatenate([channels, np.stack(alike)])
    widest = np.concatenate([wider, np.stack(list(measures.values())).astype(np.float32)])
    settings = (
        (foretelling.pacts_ahead(known, pacts), foretelling.PACT_HORIZON, None),
        (foretelling.troops_ahead(known, pacts, troops), foretelling.TROOP_HORIZON, troops),
        (foretelling.first_troops_ahead(known, pacts, troops), foretelling.TROOP_HORIZON, None),
    )
    for setting, horizon, now in settings:
        scored = foretelling.since(setting, SCORED[0])
        print(f"{setting.task}, {SCORED[0]}-{SCORED[1]}: AUC, lift; the same by positives; how many come true")
        tell("alignment, taught by nobody", scored, known.score)
        for name, values in measures.items():
            tell(name, scored, foretelling.filled(values, scored.open))
        seen = {"channels": channels, "and likeness": wider, "and published measures, treaties too": widest}
        if now is not None:
            goes_on = np.stack([now.at(int(year)) for year in known.years], axis=1)
            tell("persistence: what goes on now", scored, goes_on.astype(float))
            seen["and what goes on now"] = np.concatenate([widest, goes_on[None].astype(np.float32)])
        for label, shown in seen.items():
            for name, learner in learners().items():
                tell(f"{name}: {label}", scored, taught(setting, shown, learner, horizon))


if __name__ == "__main__":
    main()
