"""Readings as a case file writes them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from innominate import states as registry
from innominate.cases.spec import Strict, Words, Years
from innominate.errors import InputError
from innominate.readings.reading import MARGINS, Expectation, Quantity, Reading, Shape, Span


class ExpectationSpec(Strict):
    """One expectation: ``what`` ``is``, and ``than`` what; see :class:`innominate.readings.Expectation`.

    ``by``: the margin; ``level``: of above and below; ``lag``: of leads and follows; ``early``, ``late``: other spans than
    the claim's.
    """

    what: str
    shape: Shape = Field(alias="is")
    than: str | None = None
    by: Annotated[float, Field(ge=0, le=10)] | None = None
    level: Annotated[float, Field(ge=-10, le=10)] | None = None
    lag: Annotated[int, Field(ge=1, le=10)] = 2
    early: Years | None = None
    late: Years | None = None

    @model_validator(mode="after")
    def _sensible(self) -> ExpectationSpec:
        if (self.shape in ("above", "below")) != (self.level is not None):
            verb = "needs a" if self.level is None else "takes no"
            raise ValueError(f"{self.shape!r} {verb} 'level'")
        try:
            self._made(Span(1, 1), Span(9999, 9999))
            for text in (self.what, *([self.than] if self.than else [])):
                for code in text.split()[1].replace(">", "-").split("-"):
                    registry.get(code)
        except InputError as error:
            raise ValueError(str(error)) from None
        return self

    def _made(self, early: Span, late: Span) -> Expectation:
        if self.early:
            early = Span(self.early.first, self.early.last)
        if self.late:
            late = Span(self.late.first, self.late.last)
        margin = MARGINS.get(self.shape, 0.0) if self.by is None else self.by
        than = Quantity.parse(self.than) if self.than else None
        what = Quantity.parse(self.what)
        return Expectation(what, self.shape, early, late, than, margin, self.level or 0.0, self.lag)

    def expectation(self, early: Years, late: Years) -> Expectation:
        """As the readings take it, over the spans given unless it has its own."""
        return self._made(Span(early.first, early.last), Span(late.first, late.last))


class ReadingSpec(Strict):
    """A reading: its name, why those who hold it would expect this, and what it expects."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,60}$")]
    title: Words
    rationale: Words
    expects: Annotated[list[ExpectationSpec], Field(min_length=1, max_length=20)]

    def reading(self, early: Years, late: Years) -> Reading:
        """As the readings take it."""
        return Reading(self.id, self.title, self.rationale, tuple(one.expectation(early, late) for one in self.expects))
