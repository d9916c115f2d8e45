"""What a world is asked to be, and where its chance comes from."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from innominate.errors import InputError

Coverage = Literal["staggered", "full"]
FIRST_YEAR, LAST_YEAR = 1949, 2025
EARLIEST, LATEST = 1846, 2100  # no panel reaches further


@dataclass(frozen=True, slots=True)
class Settings:
    """What a world is asked to be.

    Attributes
    ----------
    states : how many; periods : years, the last of which is `last`
    conceal : share of the cooperation acts of truly allied pairs without a treaty that is concealed, 0 to 1
    seed : of all chance
    last : last year
    modes : shares of what is concealed that are hidden for good, delayed by up to five years, and rerouted through a
        third state
    coverage : ``staggered``: datasets begin late, end early and leave small states out; ``full``: they see everything
    turns : turns of a pair's own alignment a year; drift : standard deviation of its slow drift, in spreads. Both nought
        make a world that stands still
    texts : whether states also publish; pacts : whether any but NATO's members sign
    """

    states: int = 60
    periods: int = 36
    conceal: float = 0.0
    seed: int = 0
    last: int = LAST_YEAR
    modes: tuple[float, float, float] = (0.6, 0.2, 0.2)
    coverage: Coverage = "staggered"
    turns: float = 0.006
    drift: float = 0.4
    texts: bool = True
    pacts: bool = True

    def __post_init__(self) -> None:
        if self.states < 8:
            raise InputError(f"a world of {self.states} states: at least 8 are needed to tell ties from activity")
        if not EARLIEST < self.last <= LATEST:
            raise InputError(f"last year {self.last}: it must lie between {EARLIEST + 1} and {LATEST}")
        if not 2 <= self.periods <= self.last - EARLIEST + 1:
            raise InputError(
                f"{self.periods} periods: between 2 and {self.last - EARLIEST + 1} years up to {self.last}"
            )
        if not 0.0 <= self.conceal <= 1.0:
            raise InputError(f"a share of {self.conceal:g} concealed: it must lie between 0 and 1")
        if self.seed < 0:
            raise InputError(f"seed {self.seed}: a whole number from 0 on")
        if min(self.modes) < 0 or abs(sum(self.modes) - 1.0) > 1e-9:
            raise InputError(f"hidden, delayed and rerouted shares {self.modes} must add up to 1")
        if self.coverage not in get_args(Coverage):
            raise InputError(f"coverage {self.coverage!r}: the allowed values are {', '.join(get_args(Coverage))}")
        if self.turns < 0 or self.drift < 0:
            raise InputError("turns and drift cannot be negative")

    @property
    def first(self) -> int:
        """First year."""
        return self.last - self.periods + 1


def stream(seed: int, *names: str | int) -> np.random.Generator:
    """Chance of its own for every part of a world, so that changing one part leaves the others as they were."""
    return np.random.default_rng([seed, *(zlib.crc32(str(name).encode()) for name in names)])
