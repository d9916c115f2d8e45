"""Where a formula stands in a series: in any inflection, and with its words a little apart or in another order."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from innominate.silence import recurrence
from innominate.silence.phrases import SLACK
from innominate.silence.series import Model

Floats = npt.NDArray[np.float64]


@njit(cache=True)
def _documents(stem: Any, sentence: Any, document: Any, wanted: Any, reach: int) -> Any:
    """Documents with all `wanted` stems inside one sentence and a window of `reach` tokens."""
    found = np.zeros(document[-1] + 1 if len(document) else 0, dtype=np.bool_)
    for i in range(len(stem)):
        known = False
        for one in wanted:
            known |= stem[i] == one
        if not known or found[document[i]]:
            continue
        complete = True
        for one in wanted:
            here = False
            for j in range(i, min(i + reach, len(stem))):
                if sentence[j] != sentence[i]:
                    break
                here |= stem[j] == one
            complete &= here
        if complete:
            found[document[i]] = True
    return np.flatnonzero(found)


def documents(model: Model, stems: Any, content: Any) -> npt.NDArray[np.int32]:
    """The documents of the series that carry the formula whose stems are given.

    Its content words must stand within one sentence and not more than a few words further apart than in the formula.
    """
    wanted = np.unique(np.array([stem for stem in stems if content[stem]] or list(stems), dtype=np.int32))
    if not len(wanted):
        return np.zeros(0, dtype=np.int32)
    return np.asarray(
        _documents(model.stem, model.sentence, model.document, wanted, len(stems) + SLACK), dtype=np.int32
    )


def sentence(model: Model, stems: Any, document: int) -> Any:
    """The stems of the first sentence of a document that holds most of those given."""
    low, high = int(model.token_bounds[document]), int(model.token_bounds[document + 1])
    shared = np.isin(model.stem[low:high], stems)
    number = model.sentence[low:high] - model.sentence[low]
    most = int(np.argmax(np.bincount(number, weights=shared)))
    return model.stem[low:high][number == most]


def expected(model: Model, hits: Any, owed: Floats | None = None) -> Floats:
    """For every document the probability, before it is read, that it carries the formula used in `hits`.

    owed : what each document owes it; None: what it owes all formulas
    """
    size = len(model.dates)
    hazard = model.hazards[1]
    weight, time = model.exposure if owed is None else owed, np.diff(model.clock)
    which = np.full(size, -1, dtype=np.int32)
    which[hits] = np.arange(len(hits))
    rate, redraw, start = float(hazard.rate[1]), hazard.redraw[1], hazard.start[2]
    jumps = recurrence.jumps_of(time, rate)
    alpha = recurrence.forward_backward(recurrence.emissions(weight, which), jumps, redraw, start)[0]
    jump = jumps[:, None]
    came = np.vstack([start[None, :], ((1.0 - jump) * np.roll(alpha, 1, axis=0) + jump * redraw)[1:]])
    carried = 1.0 - np.exp(weight[:, None] * np.log1p(-recurrence.LEVELS)[None, :])
    return np.asarray((came * carried).sum(axis=1))
