"""How acts arise in a world: one law a channel, its figures kept as parameters.

Every channel has the same form. The logarithm of what passes between two states in a period is

    base + activity[i] + activity[j] + spread × x + noise × white,
    x = loading × alignment + nearness × near + taste,

with x of unit variance over pairs; it becomes a Poisson count, a positive sum where it is above ``least`` (amount), or a
lasting whole number (level). Tails are those of a lognormal. The figures are aggregates of the real library, computed by
``innominate simulate --fit-from LIBRARY``; no table of any provider is in them.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from innominate.errors import InputError

PACKAGED = Path(__file__).resolve().parent / "data" / "laws.json"
Kind = Literal["count", "amount", "level", "agreement"]
HABITS = 4  # things that move activity in several channels at once, beside size


@dataclass(frozen=True, slots=True)
class ChannelLaw:
    """How acts of one channel arise.

    Attributes
    ----------
    channel : its name in the ledger; kind : how it is counted there
    dataset : under which a world stores it
    base : logarithm of the typical level
    activity : standard deviation over states of their own activity, in logarithms
    common : share of the variance of activity that follows the state's size
    habits : loadings of the rest of activity on what moves it in several channels at once (squares sum to at most one):
        who is busy in one channel is busy in kindred ones
    spread : standard deviation over pairs of what a pair shows beyond both states' activity, in logarithms; negative
        where friends show less of it
    loading : correlation of that excess, signed so that more is what allies do, with alignment
    nearness : the same with nearness, which neighbours share whether friends or foes
    lasting : share of the taste's variance that stays for good
    persistence : correlation of the moving taste over one period
    noise : standard deviation of what is new every period, in logarithms
    least : amounts below it are not recorded
    most : what passes between two states in a period is expected to be this at most (of levels and amounts: it is); None: no bound
    public : whether it cannot be concealed (votes, memberships, embassies, conflict)
    """

    channel: str
    kind: Kind
    dataset: str
    base: float
    activity: float
    common: float
    spread: float
    loading: float
    nearness: float
    lasting: float
    persistence: float
    noise: float
    least: float = 0.0
    public: bool = True
    habits: tuple[float, ...] = ()
    most: float | None = None

    @property
    def taste(self) -> float:
        """Standard deviation of what is peculiar to the pair in this channel, in units of x."""
        return float(max(1.0 - self.loading**2 - self.nearness**2, 0.05) ** 0.5)

    @property
    def highest(self) -> float:
        """Logarithm of ``most``, infinite without a bound."""
        return math.inf if self.most is None else math.log(self.most)


@dataclass(frozen=True, slots=True)
class BallotLaw:
    """How resolutions are voted on.

    Attributes
    ----------
    resolutions : contested ones a period
    yes, yes_spread : mean and standard deviation over resolutions of the share of voters that say yes
    abstain : share of the others that abstain
    absent : share of members that cast no vote
    pull : how strongly alignment draws two states' votes together (see :mod:`innominate.worlds.ballots`)
    """

    resolutions: int
    yes: float
    yes_spread: float
    abstain: float
    absent: float
    pull: float


@dataclass(frozen=True, slots=True)
class WorldLaw:
    """All figures of a world.

    Attributes
    ----------
    channels : laws by channel
    ballots : of votes
    reference : median alignment of NATO pairs in standard deviations over all pairs, above the median pair
    origin : what the figures were computed from, in words
    """

    channels: dict[str, ChannelLaw]
    ballots: BallotLaw
    reference: float
    origin: str = ""

    def to_json(self) -> str:
        """As stored."""
        return json.dumps(asdict(self), indent=1, sort_keys=True) + "\n"


@cache
def packaged_laws() -> WorldLaw:
    """The figures that come with the package."""
    return read_laws(PACKAGED)


def read_laws(path: Path) -> WorldLaw:
    """Figures from a file that ``innominate simulate --fit-from`` wrote; an :class:`InputError` where it is none."""
    try:
        return laws_from(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: not a file of a world's figures ({error})") from None


def laws_from(text: str) -> WorldLaw:
    """Figures as :meth:`WorldLaw.to_json` gives them; a ValueError, KeyError or TypeError where they are none."""
    raw: dict[str, Any] = json.loads(text)
    channels = {
        name: ChannelLaw(**{**law, "habits": tuple(law.get("habits", ()))}) for name, law in raw["channels"].items()
    }
    if any(len(law.habits) > HABITS for law in channels.values()):
        raise ValueError(f"more than {HABITS} habits")
    return WorldLaw(channels, BallotLaw(**raw["ballots"]), float(raw["reference"]), str(raw["origin"]))
