"""The case file: what may stand in it. Checked by pydantic; :mod:`innominate.cases.loading` words the errors."""

from __future__ import annotations

from typing import Annotated, Any, TypedDict

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from innominate import states as registry
from innominate.errors import UnknownState

FIRST_YEAR, LAST_YEAR = 1816, 2100


def _known_state(code: str) -> str:
    try:
        return registry.get(code).code
    except UnknownState as error:
        raise ValueError(str(error)) from None


def _two_states(codes: list[str]) -> list[str]:
    if len(codes) != 2 or codes[0] == codes[1]:
        raise ValueError("a pair is two different states")
    return sorted(codes)


def _different(codes: list[str]) -> list[str]:
    if len(set(codes)) != len(codes):
        raise ValueError("a state stands twice")
    return codes


StateCode = Annotated[str, AfterValidator(_known_state)]
PairCodes = Annotated[list[StateCode], AfterValidator(_two_states)]
StateCodes = Annotated[list[StateCode], AfterValidator(_different)]
Year = Annotated[int, Field(ge=FIRST_YEAR, le=LAST_YEAR)]
Words = Annotated[str, Field(min_length=1, max_length=2000)]


class Strict(BaseModel):
    """No unknown keys, no silent conversion of text to numbers."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Years(Strict):
    """A span of years, both ends inclusive."""

    first: Year
    last: Year

    @model_validator(mode="before")
    @classmethod
    def _from_list(cls, value: Any) -> Any:
        if isinstance(value, list) and len(value) == 2:
            return {"first": value[0], "last": value[1]}
        return value

    @model_validator(mode="after")
    def _in_order(self) -> Years:
        if self.first > self.last:
            raise ValueError(f"the first year ({self.first}) comes after the last ({self.last})")
        return self

    def __contains__(self, year: int) -> bool:
        return self.first <= year <= self.last


class Named(TypedDict):
    """A claim as its finding names it."""

    claim: str
    title: str
    statement: str
    test: str


class ClaimSpec(Strict):
    """One claim: its wording, the test it is put to, and the parameters of the test."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,60}$")]
    title: Words
    statement: Words
    test: str
    parameters: dict[str, Any] = Field(default_factory=dict, alias="with")

    def named(self) -> Named:
        """What a finding says of the claim that it is about."""
        return {"claim": self.id, "title": self.title, "statement": self.statement, "test": self.test}


class CaseSpec(Strict):
    """A case file."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,80}$")]
    title: Words
    question: Words
    background: Annotated[str, Field(max_length=4000)] = ""
    states: Annotated[StateCodes, Field(min_length=2, max_length=12)]
    comparisons: Annotated[list[PairCodes], Field(max_length=12)] = []
    years: Years
    ledgers: Annotated[list[str], Field(max_length=20)] = []  # CSV files of acts, relative to the case file
    claims: Annotated[list[ClaimSpec], Field(min_length=1, max_length=40)]

    @field_validator("claims")
    @classmethod
    def _once(cls, claims: list[ClaimSpec]) -> list[ClaimSpec]:
        ids = [claim.id for claim in claims]
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            raise ValueError(f"the id {twice[0]!r} stands twice")
        return claims
