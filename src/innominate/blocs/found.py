"""Blocs of a library, found in one call: counts, sparse core, memberships through time, and everything asked of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import polars as pl

from innominate.blocs.card import Card, cards
from innominate.blocs.core import CoreFit, CoreSettings, fit_core
from innominate.blocs.counting import EVENT_CHANNELS, Question, counts, shortest_holding
from innominate.blocs.lives import lifecycle, turnover
from innominate.blocs.membership import Memberships, memberships
from innominate.blocs.sizes import choose_blocs
from innominate.blocs.tensor import CountTensor
from innominate.errors import InputError
from innominate.ledger import Library
from innominate.panel.periods import Resolution

Acts = Literal["cooperation", "conflict", "all"]
_CHANNELS: dict[str, tuple[str, ...]] = {
    "cooperation": EVENT_CHANNELS[:2],
    "conflict": EVENT_CHANNELS[2:],
    "all": EVENT_CHANNELS,
}


@dataclass(frozen=True, slots=True)
class Blocs:
    """The blocs of a library.

    Attributes
    ----------
    tensor : the counts they were found in
    fit : the sparse core
    memberships : of every state in every bloc, through time
    scores : held-out log-likelihood per event by number of blocs, where the number was chosen by it
    """

    tensor: CountTensor
    fit: CoreFit
    memberships: Memberships
    scores: dict[int, float]

    def table(self) -> pl.DataFrame:
        """Columns state, period, bloc, membership, low, high, acts: see :meth:`Memberships.table`."""
        return self.memberships.table()

    def together(self, states: Sequence[str]) -> pl.DataFrame:
        """Co-membership of a set of states through time, see :meth:`Memberships.together`."""
        return self.memberships.together(states)

    def cards(self, most: int = 12) -> list[Card]:
        """The heaviest components: bloc of senders × bloc of receivers × theme × time."""
        return cards(self.tensor, self.fit.means, most)

    def lifecycle(self) -> pl.DataFrame:
        """Birth, end, merger and split of blocs, see :func:`innominate.blocs.lives.lifecycle`."""
        return lifecycle(self.memberships)

    def turnover(self) -> pl.DataFrame:
        """Turnover of blocs, see :func:`innominate.blocs.lives.turnover`."""
        return turnover(self.memberships)

    def save_pictures(self, folder: str | Path) -> list[Path]:
        """Write component cards, timeline and matrix to `folder`, each as a specification and as a picture."""
        from innominate.blocs import pictures

        periods = self.tensor.labels[-1]
        charts = {
            "components": pictures.component_cards(self.cards(), periods),
            "timeline": pictures.timeline(self.memberships),
            "matrix": pictures.matrix(self.tensor, self.memberships),
        }
        return pictures.save(charts, folder)


def find_blocs(
    library: Library,
    years: tuple[int, int] | None = None,
    *,
    dataset: str | None = None,
    acts: Acts = "cooperation",
    resolution: Resolution | None = None,
    settings: CoreSettings | None = None,
    blocs: int | None = None,
    drop: Sequence[str] = (),
    progress: Callable[[str], None] = lambda step: None,
) -> Blocs:
    """Find the blocs in a library's dated events.

    Parameters
    ----------
    dataset : by default the one with the most dates; volumes of different datasets must not be mixed
    acts : kinds of events counted
    resolution : by default quarters, or years where the dataset counts by year
    blocs : how many; None takes the number, up to 12, under which held-out events are told best
    drop : channels left out
    """
    progress("counting")
    tensor = event_tensor(library, years, dataset=dataset, acts=acts, resolution=resolution, drop=drop)
    options, scores = settings or CoreSettings(), dict[int, float]()
    if blocs is None:
        blocs, scores = choose_blocs(tensor, progress=progress)
    fit = fit_core(tensor, replace(options, blocs=blocs), progress)
    progress("memberships")
    return Blocs(tensor, fit, memberships(tensor, fit, seed=options.seed), scores)


def event_tensor(
    library: Library,
    years: tuple[int, int] | None = None,
    *,
    dataset: str | None = None,
    acts: Acts = "cooperation",
    resolution: Resolution | None = None,
    drop: Sequence[str] = (),
) -> CountTensor:
    """The counts in which :func:`find_blocs` looks for blocs; parameters as there."""
    channels = _channels(acts, drop)
    chosen, lasting = _dataset(library, channels, dataset)
    periods = resolution or shortest_holding(lasting, "quarter")
    action: Literal["root", "quad"] = "root" if _coded(library, chosen) else "quad"
    return counts(library, Question(action=action, resolution=periods, dataset=chosen, channels=channels, years=years))


def finest_resolution(library: Library, *, dataset: str | None = None, acts: Acts = "cooperation") -> Resolution:
    """The shortest periods in which a dataset's events can be counted, because none lasts longer; parameters as in :func:`find_blocs`."""
    return shortest_holding(_dataset(library, _channels(acts, ()), dataset)[1], "month")


def _channels(acts: Acts, drop: Sequence[str]) -> tuple[str, ...]:
    if acts not in _CHANNELS:
        raise InputError(f"acts {acts!r}: the allowed values are {', '.join(_CHANNELS)}")
    channels = tuple(channel for channel in _CHANNELS[acts] if channel not in drop)
    if not channels:
        raise InputError(f"every channel of {acts} is left out: {', '.join(drop)}")
    return channels


def _dataset(library: Library, channels: Sequence[str], named: str | None) -> tuple[str, int]:
    marks = ", ".join("?" for _ in channels)
    frame = library.query(
        f"""SELECT split_part(dataset, '/', 1) AS family, sum(value) AS events, max("end" - "start") AS lasting
        FROM acts WHERE channel IN ({marks}) GROUP BY family ORDER BY count(DISTINCT "start") DESC, family""",
        channels,
    )
    if named is not None:
        frame = frame.filter(pl.col("family") == named.split("/")[0])
    if frame.is_empty():
        raise InputError(f"no events of {named}" if named else "the library holds no dated events; import icews first")
    return named or str(frame["family"][0]), int(frame["lasting"][0])


def _coded(library: Library, dataset: str) -> bool:
    frame = library.query(
        "SELECT count(*) AS n, count(code) AS coded FROM acts WHERE dataset = ? OR starts_with(dataset, ? || '/')",
        [dataset, dataset],
    )
    return bool(frame["n"][0] == frame["coded"][0])
