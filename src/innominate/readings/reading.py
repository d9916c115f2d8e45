"""A reading: a named set of expectations about trajectories."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal, get_args

from innominate.errors import InputError
from innominate.ledger.channels import CHANNELS, Theme

Shape = Literal[
    "rises", "falls", "flat", "does-not-rise", "does-not-fall", "above", "below", "larger", "rises-more",
    "leads", "follows", "moves-with", "moves-apart", "signed", "unsigned",
]  # fmt: skip
SHAPES: tuple[Shape, ...] = get_args(Shape)
COMPARING: tuple[Shape, ...] = ("larger", "rises-more", "leads", "follows", "moves-with", "moves-apart")
RECORDED: tuple[Shape, ...] = ("signed", "unsigned")
JOINTLY: tuple[Shape, ...] = ("leads", "follows", "moves-with", "moves-apart")  # not linear in the trajectories
MARGINS: dict[str, float] = {
    "rises": 0.1, "falls": 0.1, "flat": 0.1, "does-not-rise": 0.1, "does-not-fall": 0.1, "moves-with": 0.3,
    "moves-apart": 0.3,
}  # fmt: skip
THEMES: tuple[Theme, ...] = get_args(Theme)
_WRITTEN = re.compile(r"^([a-z-]+) ([A-Z]{3})([->])([A-Z]{3})$")


@dataclass(frozen=True, slots=True)
class Span:
    """A span of years, both ends inclusive."""

    first: int
    last: int

    def shifted(self, years: int) -> Span:
        """The span so many years later."""
        return Span(self.first + years, self.last + years)

    @property
    def years(self) -> range:
        """The years in it."""
        return range(self.first, self.last + 1)


@dataclass(frozen=True, slots=True)
class Quantity:
    """Something that has a trajectory.

    Attributes
    ----------
    name : ``alignment``; a theme; a channel; ``gap`` (alignment over what is typical of pairs with the same standing of
        commitment in the same year); ``commitment`` (whether a defence treaty is in force)
    a, b : the states; of a flow, giver and receiver
    directed : whether it is a flow from a to b
    """

    name: str
    a: str
    b: str
    directed: bool = False

    @classmethod
    def parse(cls, text: str) -> Quantity:
        """A quantity as a case file writes it.

        >>> Quantity.parse("security RUS-CHN").text
        'security CHN-RUS'
        >>> Quantity.parse("arms RUS>PRK").directed
        True
        """
        match = _WRITTEN.match(text.strip())
        if not match:
            raise InputError(
                f"{text!r} is no quantity; write e.g. 'alignment CHN-RUS', 'security CHN-RUS' or, for a flow, 'arms RUS>PRK'"
            )
        name, a, mark, b = match.groups()
        _check_name(name, mark == ">")
        if a == b:
            raise InputError(f"{text!r}: a pair is two different states")
        return cls(name, a, b, True) if mark == ">" else cls(name, min(a, b), max(a, b))

    @property
    def text(self) -> str:
        """As a case file writes it."""
        return f"{self.name} {self.a}{'>' if self.directed else '-'}{self.b}"

    @property
    def pair(self) -> str:
        """``AAA-BBB``, in the order of the alphabet."""
        return "-".join(sorted((self.a, self.b)))


def _check_name(name: str, directed: bool) -> None:
    import difflib

    known = [channel.name for channel in CHANNELS.values() if channel.measured]
    if directed:
        known = [one for one in known if CHANNELS[one].kind in ("count", "amount")]
    else:
        known = ["alignment", "gap", "commitment", *THEMES, *known]
    if name not in known:
        near = difflib.get_close_matches(name, known, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}"
        raise InputError(f"there is no {'flow of ' if directed else 'quantity '}{name!r}; {hint}")


@dataclass(frozen=True, slots=True)
class Expectation:
    """One thing that a reading expects.

    ``early`` and ``late`` are means over spans of years. In the units of the quantity (alignment: 0 is the median pair, 1
    the median NATO pair; single channels and flows: spreads over pairs or flows):

    ===================  ==================================================================================
    ``rises``            late - early >= margin;  ``falls``: early - late >= margin
    ``flat``             \\|late - early\\| <= margin
    ``does-not-rise``    late - early <= margin;  ``does-not-fall``: early - late <= margin
    ``above``            late >= level;  ``below``: late <= level
    ``larger``           late - late of `than` >= margin
    ``rises-more``       (late - early) - (late - early of `than`) >= margin
    ``leads``            yearly changes go before those of `than`: the sum over lags 1 ... `lag` of the cross-products of
                         change t with the other's change t + lag, less the reverse, as a share of their lengths, >=
                         margin;  ``follows``: the reverse. Without a margin its prior mass is one half.
    ``moves-with``       correlation of the trajectories' yearly changes >= margin;  ``moves-apart``: <= margin
    ``signed``           a defence commitment in force in every late year;  ``unsigned``: in none
    ===================  ==================================================================================

    Attributes
    ----------
    what, shape : see above
    early, late : spans of years
    than : the other quantity, where two are compared
    margin : see above; level : of ``above`` and ``below``
    lag : longest lag of ``leads`` and ``follows``, in years
    """

    what: Quantity
    shape: Shape
    early: Span
    late: Span
    than: Quantity | None = None
    margin: float = 0.0
    level: float = 0.0
    lag: int = 2

    def __post_init__(self) -> None:
        if self.shape not in SHAPES:
            raise InputError(f"there is no shape {self.shape!r}; the shapes are {', '.join(SHAPES)}")
        if (self.shape in COMPARING) != (self.than is not None):
            verb = "needs another" if self.than is None else "takes no other"
            raise InputError(f"{self.shape!r} {verb} quantity under 'than'")
        record = self.what.name == "commitment"
        if record != (self.shape in RECORDED) or (self.than is not None and self.than.name == "commitment"):
            raise InputError("a commitment is 'signed' or 'unsigned', and nothing else is")
        if self.early.last >= self.late.first:
            raise InputError(
                f"the early years end in {self.early.last}, which is not before the late ones ({self.late.first})"
            )
        if self.shape in JOINTLY and self.than == self.what:
            raise InputError(f"{self.what.text} cannot be compared with itself")

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """What it speaks of."""
        return (self.what,) if self.than is None else (self.what, self.than)

    @property
    def text(self) -> str:
        """In a few words, for tables."""
        said = f"{self.what.text} {self.shape}"
        if self.than is not None:
            said += f" {self.than.text}"
        if self.shape in ("above", "below"):
            return f"{said} {self.level:g}"
        return f"{said} by {self.margin:g}" if self.margin else said


@dataclass(frozen=True, slots=True)
class Reading:
    """A rival explanation.

    Attributes
    ----------
    name, title : short and for people
    rationale : why those who hold it would expect this
    expects : what must all hold
    """

    name: str
    title: str
    rationale: str
    expects: tuple[Expectation, ...]

    def moved(self, early: int = 0, late: int = 0, margins: float = 1.0) -> Reading:
        """The same with spans moved by some years and margins multiplied."""
        changed = [
            replace(
                one, early=one.early.shifted(early), late=one.late.shifted(late),
                margin=one.margin if one.shape in JOINTLY else one.margin * margins,
            )
            for one in self.expects
        ]  # fmt: skip
        return replace(self, expects=tuple(changed))
