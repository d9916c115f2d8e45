"""The pairs that a claim is about, as a case file writes them."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import model_validator

from innominate.cases.spec import PairCodes, StateCodes, Strict
from innominate.cases.view import all_pairs
from innominate.cases.wording import pair_key


class PairsSpec(Strict):
    """``states`` (every pair of them) or ``pairs``; default: the case's states."""

    states: StateCodes | None = None
    pairs: list[PairCodes] | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> PairsSpec:
        if self.states and self.pairs:
            raise ValueError("give states or pairs, not both")
        return self

    def keys(self, states: Sequence[str]) -> list[str]:
        """Keys of the pairs, those of `states` where none are named."""
        return [pair_key(*pair) for pair in self.pairs or ()] or all_pairs(self.states or states)
