"""A study: one library, one span of years, and everything that can be asked of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from innominate.ledger import Library

if TYPE_CHECKING:
    from innominate.alignment import AlignmentFit
    from innominate.exchange import Exchange
    from innominate.ledger import Imported
    from innominate.panel import Panel

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

    def exchange(
        self,
        states: Sequence[str],
        since: int | None = None,
        until: int | None = None,
        *,
        ledgers: Sequence[Imported] = (),
        worlds: int = 999,
        seed: int = 0,
    ) -> Exchange:
        """Who gains what from whom among some states, by default over the study's years."""
        from innominate.exchange import exchange

        first, last = since if since is not None else self.years[0], until if until is not None else self.years[1]
        return exchange(
            self.library, states, first, last, ledgers=ledgers, worlds=worlds, seed=seed, progress=self.progress
        )
