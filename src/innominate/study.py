"""A study: one library, one span of years, and everything that can be asked of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from innominate.ledger import Library

if TYPE_CHECKING:
    from innominate.alignment import AlignmentFit
    from innominate.analogues import Analogues, Record
    from innominate.blocs import Answer, Blocs, CoreSettings, Evidence
    from innominate.blocs.found import Acts
    from innominate.exchange import Exchange
    from innominate.ledger import Imported
    from innominate.panel import Panel
    from innominate.panel.periods import Resolution
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
        self._themes: dict[str, AlignmentFit] = {}
        self._blocs: dict[object, Blocs] = {}
        self._record: Record | None = None
        self._signals: dict[tuple[tuple[str, ...], int, int], Signals] = {}

    def panel(self) -> Panel:
        """The observations of all pairs."""
        if self._panel is None:
            from innominate.panel import build

            self.progress("observing pairs")
            self._panel = build(self.library, self.years, resolution=self.resolution, drop=self.drop)
        return self._panel

    def alignment(self, theme: str | None = None) -> AlignmentFit:
        """How aligned every pair is, in every period.

        Parameters
        ----------
        theme : security, economy or diplomacy, each on a scale of its own; None: all channels
        """
        if self._alignment is None:
            from innominate.alignment.kept import kept_fit

            self._alignment = kept_fit(self.library, self.years, self.resolution, self.drop, self.panel, self.progress)
            self._panel = self._alignment.panel
        if theme is None:
            return self._alignment
        if theme not in self._themes:
            self.progress(f"the theme {theme}")
            self._themes[theme] = self._alignment.theme(theme)
        return self._themes[theme]

    def blocs(
        self,
        *,
        dataset: str | None = None,
        acts: Acts = "cooperation",
        resolution: Resolution | None = None,
        blocs: int | None = None,
        seed: int = 0,
        settings: CoreSettings | None = None,
    ) -> Blocs:
        """The blocs of the study's years, as ``innominate blocs`` finds them; see :func:`innominate.blocs.find_blocs`.

        Parameters
        ----------
        dataset, acts, resolution, blocs, seed : as the options of the command; blocs None is its ``auto``
        settings : how to fit, instead of `seed`
        """
        from innominate.blocs import CoreSettings, find_blocs

        chosen = settings or CoreSettings(seed=seed)
        key = (dataset, acts, resolution, blocs, chosen)
        if key not in self._blocs:
            self._blocs[key] = find_blocs(
                self.library, self.years, dataset=dataset, acts=acts, resolution=resolution, settings=chosen, blocs=blocs,
                drop=self.drop, progress=self.progress,
            )  # fmt: skip
        return self._blocs[key]

    def together(
        self, group: Sequence[str], *, evidence: Sequence[Evidence] | None = None, seed: int = 0
    ) -> list[Answer]:
        """Whether a group acts k at a time or is a sum of bilateral ties; see :func:`innominate.blocs.answers`."""
        from innominate.blocs import EVIDENCE, answers

        return answers(self.library, group, self.years, evidence=evidence or EVIDENCE, seed=seed)

    def signals(self, pairs: Sequence[str] = (), *, ledgers: Sequence[Imported] = (), seed: int = 1) -> Signals:
        """What followed high-level visits, beyond forecast, placebo dates and matched comparisons.

        `pairs` are told one by one and together: keys ``AAA-BBB``, or states, of which all pairs are meant. Visits in `ledgers` are told
        by themselves; see :func:`innominate.signals.study_signals`.
        """
        from innominate import states
        from innominate.cases.view import all_pairs
        from innominate.signals import study_signals

        if pairs and not any(re.fullmatch("[A-Z]{3}-[A-Z]{3}", key) for key in pairs):
            pairs = all_pairs([states.resolve_within(name, self.years) for name in pairs])
        asked = (tuple(pairs), len(ledgers), seed)
        if asked not in self._signals:
            self._signals[asked] = study_signals(
                self.library, pairs, ledgers=ledgers, seed=seed, progress=self.progress
            )
        return self._signals[asked]

    def analogues(self, members: Sequence[str], year: int | None = None, *, seed: int = 1) -> Analogues:
        """The most similar past cases of a pair or triad, what followed them, and whether such analogies foretell.

        See :func:`innominate.analogues.find_analogues`.
        """
        from innominate.analogues import find_analogues, long_record

        if self._record is None:
            self._record = long_record(self.library, self.panel(), self.progress)
        return find_analogues(self._record, members, year, seed=seed, progress=self.progress)

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
