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
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, with_config

from innominate.errors import InputError
from innominate.ledger import CHANNELS

PACKAGED = Path(__file__).resolve().parent / "data" / "laws.json"
Kind = Literal["count", "amount", "level", "agreement"]
HABITS = 4  # things that move activity in several channels at once, beside size
HIGHEST_BASE = 20.0  # e to that is half of what is ever drawn of anything
ROUNDED = 1e-3  # by which sums of squares, of figures of four decimals, may pass one
VOTES = "votes"

# what figures in a file may be
Finite = Annotated[float, Field(allow_inf_nan=False)]
Logarithm = Annotated[Finite, Field(ge=-40, le=40)]
Spread = Annotated[Finite, Field(ge=0, le=40)]  # of logarithms
Share = Annotated[Finite, Field(ge=0, le=1)]
Correlation = Annotated[Finite, Field(ge=-1, le=1)]
_ONLY_THESE = ConfigDict(extra="forbid")


@with_config(_ONLY_THESE)
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
    dataset: Annotated[str, Field(pattern=r"^world-[a-z]+(-[a-z]+)*$")]
    base: Logarithm
    activity: Spread
    common: Share
    spread: Logarithm
    loading: Correlation
    nearness: Correlation
    lasting: Share
    persistence: Annotated[Finite, Field(ge=0, lt=1)]
    noise: Spread
    least: Annotated[Finite, Field(ge=0)] = 0.0
    public: bool = True
    habits: Annotated[tuple[Correlation, ...], Field(max_length=HABITS)] = ()
    most: Annotated[Finite, Field(gt=0)] | None = None

    @property
    def taste(self) -> float:
        """Standard deviation of what is peculiar to the pair in this channel, in units of x."""
        return float(max(1.0 - self.loading**2 - self.nearness**2, 0.05) ** 0.5)

    @property
    def highest(self) -> float:
        """Logarithm of ``most``, infinite without a bound."""
        return math.inf if self.most is None else math.log(self.most)


@with_config(_ONLY_THESE)
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

    resolutions: Annotated[int, Field(ge=1, le=10_000)]
    yes: Annotated[Finite, Field(gt=0, lt=1)]
    yes_spread: Annotated[Finite, Field(ge=0)]
    abstain: Share
    absent: Share
    pull: Annotated[Finite, Field(ge=0, le=100)]


@with_config(_ONLY_THESE)
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
    reference: Annotated[Finite, Field(gt=0)]
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
    except (UnicodeDecodeError, InputError) as error:
        raise InputError(f"{path}: not a file of a world's figures ({error})") from None


def laws_from(text: str) -> WorldLaw:
    """Figures as :meth:`WorldLaw.to_json` gives them; an :class:`InputError` that names the first that cannot be."""
    try:
        laws = TypeAdapter(WorldLaw).validate_json(text, strict=True)
    except ValidationError as error:
        raise InputError(_worded(error)) from None
    for fault in _faults(laws):
        raise InputError(fault)
    return laws


def _worded(error: ValidationError) -> str:
    """The first of several errors in one line: which figure, and what it may be."""
    first = error.errors(include_url=False)[0]
    said = " ".join(f"{first['msg'][0].lower()}{first['msg'][1:]}".split())
    found = "" if first["type"] in ("missing", "json_invalid") else f", not {first['input']!r}"
    return ": ".join(part for part in (".".join(map(str, first["loc"])), f"{said}{found[:60]}") if part)


def _faults(laws: WorldLaw) -> Iterator[str]:
    """What cannot be of figures that can each be by itself."""
    if VOTES not in laws.channels:
        yield f"channels: no {VOTES}, which every world casts"
    for name, law in laws.channels.items():
        at = f"channels.{name}"
        if law.channel != name:
            yield f"{at}.channel: {law.channel!r} under the name of {name}"
        if name not in CHANNELS:
            yield f"{at}: no channel of the ledger; these are {', '.join(sorted(CHANNELS))}"
        elif law.kind != CHANNELS[name].kind:
            yield f"{at}.kind: {law.kind!r}, where the ledger has {CHANNELS[name].kind!r}"
        if law.loading**2 + law.nearness**2 > 1 + ROUNDED:
            yield f"{at}.loading: its square and that of nearness come to more than one"
        if sum(habit**2 for habit in law.habits) > 1 + ROUNDED:
            yield f"{at}.habits: their squares come to more than one"
        if law.kind == "amount" and not law.noise:
            yield f"{at}.noise: an amount without any can have one value only"
        if law.most is None and law.base > HIGHEST_BASE:
            yield f"{at}.base: above {HIGHEST_BASE}, and most is no bound either"
        if law.most is not None and law.least >= law.most:
            yield f"{at}.least: {law.least:g} is not below most, {law.most:g}, so that nothing is ever recorded"
        if name == VOTES and not law.public:
            yield f"{at}.public: votes are cast in public"
    yes = laws.ballots.yes
    if laws.ballots.yes_spread**2 >= yes * (1 - yes):
        yield f"ballots.yes_spread: {laws.ballots.yes_spread:g} is more than shares around {yes:g} can scatter"
