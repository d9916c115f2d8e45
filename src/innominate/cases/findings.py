"""What a case found: plain frozen values, written as the same bytes whenever case and library are the same."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Literal

Verdict = Literal["supported", "contradicted", "undecided", "not testable"]
Confidence = Literal["low", "medium", "high"]
Unit = Literal[
    "alignment", "change", "probability", "share", "count", "rank", "expected", "year", "factor", "ratio", "amount"
]
Cell = str | int | float | bool | None

NEGLIGIBLE = 1e-9  # below it a float is the noise of its arithmetic
DECIMALS = 4  # kept in findings.json; the brief shows fewer, of these


@dataclass(frozen=True, slots=True)
class Number:
    """One labelled number.

    Attributes
    ----------
    key : unique inside its claim
    label : what it is, in words
    value : None where it is unknown
    unit : alignment (0 = median pair, 1 = median NATO pair), change (in those units), probability, share, count, rank,
        expected (an expected count), year, factor (a Bayes factor), ratio (1: as expected),
        amount (in the unit that the label names)
    low, high : central 90 % interval, or for amounts the range that sources give, where there is one
    of : what a rank or count is out of
    source : which channels or datasets it comes from
    """

    key: str
    label: str
    value: float | None
    unit: Unit
    low: float | None = None
    high: float | None = None
    of: int | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, and the pattern from which it came: ``{key}`` stands for the number of that key in the same claim."""

    text: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Check:
    """One check that a verdict's confidence rests on."""

    name: str
    passed: bool
    detail: Sentence


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a file behind a number.

    Attributes
    ----------
    about : the pair or state
    dataset, channel, file : where the rows are
    count : how many
    first, last : first and last year they speak of
    refs : numbers of some of the rows in the file, as the ledger keeps them
    """

    about: str
    dataset: str
    channel: str
    file: str
    count: int
    first: int
    last: int
    refs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """The verdict on one part of a claim: a pair, a state, or the whole group."""

    about: str
    title: str
    verdict: Verdict
    sentence: Sentence


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the findings: name, title, column names, rows."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def records(self) -> list[dict[str, Cell]]:
        """The rows as dictionaries."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about one claim.

    Attributes
    ----------
    claim, statement, test : id, wording and test of the claim
    title : the claim in a few words
    verdict, confidence : kept apart: a claim can be undecided with high confidence that these data cannot tell
    headline : the finding in one sentence
    detail : what the sentence rests on
    confidence_reason : why the confidence is what it is
    parts : verdicts on the parts
    numbers, evidence_for, evidence_against, not_covered, rows, checks : what the verdict rests on, and what speaks against
    rule : the rule by which the verdict was reached
    tables : tables that belong to this claim
    """

    claim: str
    title: str
    statement: str
    test: str
    verdict: Verdict
    confidence: Confidence
    headline: Sentence
    detail: Sentence
    confidence_reason: Sentence
    rule: str
    parts: tuple[Part, ...] = ()
    numbers: tuple[Number, ...] = ()
    evidence_for: tuple[Sentence, ...] = ()
    evidence_against: tuple[Sentence, ...] = ()
    not_covered: tuple[Sentence, ...] = ()
    checks: tuple[Check, ...] = ()
    rows: tuple[Rows, ...] = ()
    tables: tuple[Table, ...] = ()

    def number(self, key: str) -> Number:
        """The number called `key`."""
        return next(number for number in self.numbers if number.key == key)


@dataclass(frozen=True, slots=True)
class UsedSource:
    """A dataset that the library holds, as its producer wants it named; ``used``: whether anything in the findings rests on it."""

    dataset: str
    title: str
    producer: str
    licence: str
    citation: str
    home: str
    files: tuple[str, ...]
    rows: int
    used: bool = True


@dataclass(frozen=True, slots=True)
class UsedLibrary:
    """Which library was used: its name, fingerprint and datasets, and the titles of the channels in which it sees pairs."""

    name: str
    sample: bool
    fingerprint: str
    datasets: tuple[str, ...]
    channels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything that a case found.

    Attributes
    ----------
    case, title, question, background : of the case file
    states : code → name
    pairs, comparisons : the case's pairs and those it is compared with, ``AAA-BBB``
    years : first and last year studied
    scale, quartile : the scale's label; alignment of the lower quartile of NATO pairs
    library, sources : what was used
    claims : one finding a claim
    tables : trajectories, band, contributions, coverage, treaties
    notes : remarks on the years and data that a reader should know
    rules : how probabilities became verdicts and checks confidence
    version : of innominate
    """

    case: str
    title: str
    question: str
    background: str
    states: dict[str, str]
    pairs: tuple[str, ...]
    comparisons: tuple[str, ...]
    years: tuple[int, int]
    scale: str
    quartile: float
    library: UsedLibrary
    sources: tuple[UsedSource, ...]
    claims: tuple[Finding, ...]
    tables: tuple[Table, ...]
    notes: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    version: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The findings as plain values, floats rounded as in the file."""
        plain: dict[str, Any] = _plain(self)
        return plain

    def to_json(self) -> bytes:
        """The findings as UTF-8 JSON: sorted keys, no time stamps, the same bytes for the same case and library."""
        text = json.dumps(self.to_dict(), sort_keys=True, ensure_ascii=False, indent=1, allow_nan=False)
        return (text + "\n").encode()


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, bool) or value is None or isinstance(value, (str, int)):
        return value
    return rounded(float(value))


def rounded(value: float) -> float | None:
    """A float as it stands in findings.json; None where it is not finite. Never minus zero, nor zero for what is small.

    >>> rounded(0.123456), rounded(-0.0), rounded(0.0000123), rounded(1e-17)
    (0.1235, 0.0, 1.2e-05, 0.0)
    """
    if not math.isfinite(value):
        return None
    near = round(value, DECIMALS) + 0.0
    return near if near or abs(value) < NEGLIGIBLE else float(f"{value:.2g}")
