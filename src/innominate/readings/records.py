"""Commitments as a trajectory: signed or not, year after year.

Before the record is looked at, a pair's standing is a Markov chain of two states whose rates are those at which all pairs
of the library sign and leave defence treaties; the standing in the last of the early years is given. After it, the chain
runs only where no dataset looked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from innominate.readings.mass import Mass
from innominate.readings.reading import Expectation, Quantity

if TYPE_CHECKING:
    from innominate.alignment import AlignmentFit


@dataclass(frozen=True, slots=True)
class Chain:
    """Yearly probabilities with which pairs sign a defence commitment, and with which one ends."""

    sign: float
    end: float

    def step(self, signed: float) -> float:
        """Probability of being signed a year later."""
        return signed * (1 - self.end) + (1 - signed) * self.sign


@dataclass(frozen=True, slots=True)
class Records:
    """What is recorded of all pairs.

    Attributes
    ----------
    chain : the rates of all pairs
    standing : (a, b) → year → whether a defence commitment was in force; years without an entry are unknown
    """

    chain: Chain
    standing: dict[tuple[str, str], dict[int, bool]]

    @classmethod
    def of(cls, fit: AlignmentFit, pairs: list[tuple[str, str]]) -> Records:
        """The records of some pairs, with the rates of all pairs."""
        table = fit.table().drop_nulls("committed").select("a", "b", "year", "committed")
        before = table.with_columns(pl.col("year") + 1).rename({"committed": "before"})
        moves = table.join(before, on=["a", "b", "year"])
        signed, lapsed = (moves.filter(pl.col("before") == was)["committed"] for was in (False, True))
        # half an event and one year at risk more than seen: rates are never nought
        chain = Chain(
            (float(signed.sum()) + 0.5) / (len(signed) + 1), (float((~lapsed).sum()) + 0.5) / (len(lapsed) + 1)
        )
        own = {
            pair: dict(
                table.filter((pl.col("a") == pair[0]) & (pl.col("b") == pair[1]))
                .select("year", "committed")
                .iter_rows()
            )
            for pair in pairs
        }
        return cls(chain, own)

    def known(self, expectation: Expectation) -> bool:
        """Whether the record says enough to judge: where it starts, and some late year."""
        own = self._own(expectation.what)
        return expectation.early.last in own and any(year in own for year in expectation.late.years)

    def masses(self, expectation: Expectation) -> tuple[Mass, Mass]:
        """Mass of an expectation before and after the record; exact, without Monte Carlo error."""
        own = self._own(expectation.what)
        start = expectation.early.last
        told = {year: own[year] for year in range(start, expectation.late.last + 1) if year in own}
        before = self._mass(expectation, {start: own[start]})
        return Mass(before, 0.0, (before,)), Mass(value := self._mass(expectation, told), 0.0, (value,))

    def _mass(self, expectation: Expectation, told: dict[int, bool]) -> float:
        wanted = expectation.shape == "signed"
        mass, signed = 1.0, float(told[expectation.early.last])
        for year in range(expectation.early.last + 1, expectation.late.last + 1):
            signed = float(told[year]) if year in told else self.chain.step(signed)
            if year >= expectation.late.first:
                mass *= signed if wanted else 1 - signed
                signed = float(wanted)
                if mass == 0:
                    break
        return mass

    def _own(self, quantity: Quantity) -> dict[int, bool]:
        return self.standing.get((quantity.a, quantity.b), {})
