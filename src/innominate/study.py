"""A study: one library, one span of years, and everything that can be asked of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from innominate.ledger import Library

if TYPE_CHECKING:
    from innominate.alignment import AlignmentFit
    from innominate.analogues import Analogues, Record
    from innominate.panel import Panel
    from innominate.signals import Signals

YEARS = (1990, 2025)


def _silent(step: str) -> None:
    """Say nothing about progress."""


class Study:
    """Asks questions of a library over a span of years; what was computed once is kept.

    Parameters
    ----------
    library : an open library
    years : first and last year, inclusive
    resolution : year, quarter or month
    drop : channels to leave out
    progress : told in words what is being done
    """

    def __init__(
        self,
        library: Library,
        years: tuple[int, int] = YEARS,
        *,
        resolution: str = "year",
        drop: Sequence[str] = (),
        progress: Callable[[str], None] = _silent,
    ) -> None:
        self.library = library
        self.years = years
        self.resolution = resolution
        self.drop = tuple(drop)
        self.progress = progress
        self._panel: Panel | None = None
        self._alignment: AlignmentFit | None = None
        self._record: Record | None = None
        self._signals: dict[tuple[tuple[str, ...], int], Signals] = {}

    def panel(self) -> Panel:
        """The observations of all pairs."""
        if self._panel is None:
            from innominate.panel import build

            self.progress("observing pairs")
            self._panel = build(self.library, self.years, resolution=self.resolution, drop=self.drop)
        return self._panel

    def alignment(self) -> AlignmentFit:
        """How aligned every pair is, in every period."""
        if self._alignment is None:
            from innominate.alignment import fit_panel

            self._alignment = fit_panel(self.library, self.panel(), self.progress)
        return self._alignment

    def signals(self, pairs: Sequence[str] = (), *, seed: int = 1) -> Signals:
        """What followed high-level visits, beyond forecast, placebo dates and matched comparisons.

        `pairs` (keys ``AAA-BBB``) are told one by one and together; see :func:`innominate.signals.study_signals`.
        """
        from innominate.signals import study_signals

        asked = (tuple(pairs), seed)
        if asked not in self._signals:
            self._signals[asked] = study_signals(self.library, pairs, seed=seed, progress=self.progress)
        return self._signals[asked]

    def analogues(self, members: Sequence[str], year: int | None = None, *, seed: int = 1) -> Analogues:
        """The most similar past cases of a pair or triad, what followed them, and whether such analogies foretell.

        See :func:`innominate.analogues.find_analogues`.
        """
        from innominate.analogues import find_analogues, long_record

        if self._record is None:
            self._record = long_record(self.library, self.panel(), self.progress)
        return find_analogues(self._record, members, year, seed=seed, progress=self.progress)
