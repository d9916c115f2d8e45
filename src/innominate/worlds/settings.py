"""What a world is asked to be, and where its chance comes from."""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Literal, get_args

import numpy as np

from innominate.errors import InputError

Coverage = Literal["staggered", "full"]
FIRST_YEAR, LAST_YEAR = 1949, 2025
EARLIEST, LATEST = 1846, 2100  # no panel reaches further
WIDEST_DRIFT = 10.0  # spreads


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
        self._check_kinds()
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
        if self.turns > 1:
            raise InputError(f"{self.turns:g} turns a year: a probability, at most 1")
        if self.drift > WIDEST_DRIFT:
            raise InputError(f"a drift of {self.drift:g} spreads: at most {WIDEST_DRIFT:g}")

    def _check_kinds(self) -> None:
        for name in ("states", "periods", "seed", "last"):
            value: object = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, Integral):
                raise InputError(f"{name} {value!r}: a whole number")
            object.__setattr__(self, name, int(value))
        for name in ("conceal", "turns", "drift"):
            if not _is_number(getattr(self, name)):
                least = " between 0 and 1" if name == "conceal" else ""
                raise InputError(f"{name} {getattr(self, name)!r}: a number{least}")
            object.__setattr__(self, name, float(getattr(self, name)))
        modes: object = self.modes
        if not isinstance(modes, tuple | list) or len(modes) != 3 or not all(map(_is_number, modes)):
            raise InputError(f"modes {modes!r}: three shares, hidden, delayed and rerouted, that add up to 1")
        for name in ("texts", "pacts"):
            if not isinstance(getattr(self, name), bool):
                raise InputError(f"{name} {getattr(self, name)!r}: True or False")

    @property
    def first(self) -> int:
        """First year."""
        return self.last - self.periods + 1


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)


def stream(seed: int, *names: str | int) -> np.random.Generator:
    """Chance of its own for every part of a world, so that changing one part leaves the others as they were."""
    return np.random.default_rng([seed, *(zlib.crc32(str(name).encode()) for name in names)])
