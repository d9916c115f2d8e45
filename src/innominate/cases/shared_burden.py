"""The test ``shared-burden``: does one giver carry less as another comes in, or do both give more?"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
from pydantic import model_validator

from innominate.cases import gains_evidence as evidence
from innominate.cases.findings import Check, Finding, Number, Part, Table, Verdict
from innominate.cases.registry import register
from innominate.cases.spec import ClaimSpec, StateCode, Strict, Year, Years
from innominate.cases.verdicts import judge
from innominate.cases.view import View
from innominate.cases.wording import listed, plural, sentence, state_name
from innominate.exchange import Exchange
from innominate.exchange.kinds import COUNTED, COUNTS, HAND_KEPT, NEWS
from innominate.ledger import GAINS

RULE = (
    "For every measure of what both give the state, yearly means from {since} on are compared with those of {before}, over the years "
    "in which both are known. The bearer is relieved in a measure where the reliever gives more and the bearer gives less, and not "
    "relieved where the bearer gives as much or more, whatever the ranges of the amounts (for counts: with a probability of 90%). "
    "The claim is supported where the bearer is relieved in some measure and in no fewer than it is not relieved, contradicted where "
    "it is not relieved in more, and in at least half of all; amounts are judged before counts of acts of the same kind."
)


class Parameters(Strict):
    """What stands under ``with``: ``reliever`` takes from ``bearer`` a part of the burden of ``state``, ``since``, ``before``."""

    state: StateCode
    bearer: StateCode
    reliever: StateCode
    since: Year
    before: Years

    @model_validator(mode="after")
    def _sensible(self) -> Parameters:
        if len({self.state, self.bearer, self.reliever}) < 3:
            raise ValueError("state, bearer and reliever are three different states")
        if self.before.last >= self.since:
            raise ValueError(f"before ends in {self.before.last}, which is not before since ({self.since})")
        return self


@dataclass(frozen=True, slots=True)
class Mean:
    """A yearly mean of a flow: lowest, middle, highest (None: open), and the years it is over."""

    low: float
    value: float
    high: float | None
    years: int


@dataclass(frozen=True, slots=True)
class Load:
    """What bearer and reliever give in one measure, before and now; ``verdict``: on relief in this measure."""

    kind: str
    dataset: str
    unit: str
    bearer: tuple[Mean, Mean]
    reliever: tuple[Mean, Mean]
    verdict: Verdict

    @property
    def measure(self) -> tuple[str, str, str]:
        """kind, dataset, unit."""
        return self.kind, self.dataset, self.unit

    def share(self, when: int) -> float | None:
        """The bearer's part of what both give, before (0) or now (1)."""
        both = self.bearer[when].value + self.reliever[when].value
        return self.bearer[when].value / both if both > 0 else None


@register("shared-burden", Parameters, RULE)
def shared_burden(claim: ClaimSpec, parameters: Parameters, view: View) -> Finding:
    """Judge the claim that one giver relieves another.

    Parameters
    ----------
    claim : its wording
    parameters : the three states and the years
    view : the study
    """
    asked = parameters
    found = view.exchange((asked.state, asked.bearer, asked.reliever), asked.before.first, view.study.years[1])
    every = _loads(found, asked)
    judged = _decisive(every)
    numbers = _numbers(every, asked)
    acts = found.acts.filter(
        (pl.col("receiver") == asked.state) & pl.col("giver").is_in([asked.bearer, asked.reliever])
    )
    forward, against = _sides(every, judged, asked)
    return evidence.assemble(
        claim,
        RULE.format(since=asked.since, before=f"{asked.before.first}–{asked.before.last}"),
        overall([load.verdict for load in judged]),
        _headline(judged, asked),
        f"{plural(len(every), 'measure')} of what both give {state_name(asked.state)} are known in both spans, {len(judged)} of them are judged.",
        numbers=numbers,
        forward=forward,
        against=against,
        checks=_checks(every, judged, acts, view),
        parts=[
            Part(load.kind, _title(load, asked), load.verdict, sentence(_words(load, every, asked), numbers)) for load in judged
        ],
        not_covered=_not_covered(every, acts, asked, found.notes),
        rows=evidence.rows_of(acts),
        tables=(_table(every, asked), _by_year(found, asked)),
    )  # fmt: skip


def overall(verdicts: list[Verdict]) -> Verdict:
    """The verdict on "part of the burden": relief in some measure, and in no fewer than without relief.

    >>> overall(["supported", "contradicted"]), overall(["contradicted", "undecided"]), overall([])
    ('supported', 'contradicted', 'not testable')
    >>> overall(["contradicted", "undecided", "undecided"])
    'undecided'
    """
    known = [verdict for verdict in verdicts if verdict != "not testable"]
    yes, no = known.count("supported"), known.count("contradicted")
    if not known:
        return "not testable"
    if yes and yes >= no:
        return "supported"
    return "contradicted" if no > yes and 2 * no >= len(known) else "undecided"


def _loads(found: Exchange, asked: Parameters) -> list[Load]:
    rows = found.by_year.filter(
        (pl.col("receiver") == asked.state) & pl.col("value").is_not_null() & (pl.col("unit") != NEWS)
    )
    known = found.between(None, asked.state).filter(pl.col("basis") == "covered")
    columns = ("kind", "dataset", "unit", "covered_from", "covered_to")
    spans = {row[:3]: row[3:] for row in known.select(columns).iter_rows()}
    loads = []
    for key, own in rows.group_by("kind", "dataset", "unit", maintain_order=True):
        kind, dataset, unit = (str(part) for part in key)
        if dataset.startswith(HAND_KEPT) and unit != COUNTED and GAINS[kind].theme == "diplomacy":
            continue  # votes, statements and the like are counted together
        whole = found.years if dataset.startswith(HAND_KEPT) and unit == COUNTED else None
        sides = [
            _mean(own.filter(pl.col("giver") == giver), first, last, spans.get((kind, dataset, unit), whole))
            for giver in (asked.bearer, asked.reliever)
            for first, last in ((asked.before.first, asked.before.last), (asked.since, found.years[1]))
        ]
        if any(side is None for side in sides):
            continue
        b0, b1, r0, r1 = (side for side in sides if side is not None)
        if not b0.value:  # nothing of which the bearer could be relieved
            continue
        loads.append(Load(kind, dataset, unit, (b0, b1), (r0, r1), _relief((b0, b1), (r0, r1), unit in COUNTS)))
    return loads


def _mean(rows: pl.DataFrame, first: int, last: int, covered: tuple[int, int] | None) -> Mean | None:
    """The yearly mean over the years known: those with a row, or all the years `covered`, in which no row is a zero."""
    if covered is not None:
        first, last = max(first, covered[0]), min(last, covered[1])
    own = rows.filter(pl.col("year").is_between(first, last))
    years = own.height if covered is None else last - first + 1
    if years <= 0:
        return None
    high = None if own["high"].null_count() else float(own["high"].sum()) / years
    return Mean(float(own["low"].sum()) / years, float(own["value"].sum()) / years, high, years)


def _relief(bearer: tuple[Mean, Mean], reliever: tuple[Mean, Mean], counted: bool) -> Verdict:
    more, less = _rose(*reliever, counted), _rose(*bearer, counted)
    if less == "contradicted" and more == "supported":
        return "supported"
    if less == "supported":
        return "contradicted"
    return "undecided"


def _rose(then: Mean, now: Mean, counted: bool) -> Verdict:
    """Did a yearly mean rise?"""
    if counted:
        return judge(evidence.rate_rose(then.value * then.years, then.years, now.value * now.years, now.years))
    if then.high is not None and now.low > then.high:
        return "supported"
    return "contradicted" if now.high is not None and now.high < then.low else "undecided"


def _decisive(loads: list[Load]) -> list[Load]:
    """Of every kind the amounts, where there are any, else the counts."""
    amounts = {load.kind for load in loads if load.unit not in COUNTS}
    return [load for load in loads if load.unit not in COUNTS or load.kind not in amounts]


def _numbers(loads: list[Load], asked: Parameters) -> list[Number]:
    numbers = []
    for place, load in enumerate(loads):
        words = evidence.measure_words(*load.measure)
        for who, code, means in (("bearer", asked.bearer, load.bearer), ("reliever", asked.reliever, load.reliever)):
            for when, mean in zip(("before", "now"), means, strict=True):
                label = f"{state_name(code)}: {words} a year, {when}"
                numbers.append(
                    Number(
                        f"{place}.{who}.{when}",
                        label,
                        mean.value,
                        "amount",
                        *evidence.width(mean.low, mean.high),
                        source=load.dataset,
                    )
                )
        for when, at in (("before", 0), ("now", 1)):
            label = f"{state_name(asked.bearer)}'s part of {words} by the two, {when}"
            numbers.append(Number(f"{place}.share.{when}", label, load.share(at), "share", source=load.dataset))
    return numbers


def _words(load: Load, loads: list[Load], asked: Parameters) -> str:
    key = loads.index(load)
    return (
        f"{state_name(asked.bearer)} {{{key}.bearer.before|full}} a year before, {{{key}.bearer.now|full}} now; "
        f"{state_name(asked.reliever)} {{{key}.reliever.before|full}} and {{{key}.reliever.now|full}}; "
        f"{state_name(asked.bearer)}'s part {{{key}.share.before}} and {{{key}.share.now}}."
    )


def _title(load: Load, asked: Parameters) -> str:
    return f"{state_name(asked.bearer)} is relieved in {evidence.measure_words(*load.measure)}"


def _headline(judged: list[Load], asked: Parameters) -> str:
    found: list[str] = []
    for verdict, words in (
        ("supported", "is relieved in"),
        ("contradicted", "is not relieved in"),
        ("undecided", "may or may not be relieved in"),
    ):
        kinds = sorted({evidence.kind_title(load.kind) for load in judged if load.verdict == verdict})
        if kinds:
            found.append(f"{words} {listed(kinds)}")
    if not found:
        return f"What {state_name(asked.bearer)} and {state_name(asked.reliever)} give {state_name(asked.state)} is not known in both spans."
    return f"As {state_name(asked.reliever)} gives to {state_name(asked.state)}, {state_name(asked.bearer)} {'; '.join(found)}."


def _sides(every: list[Load], judged: list[Load], asked: Parameters) -> tuple[list[str], list[str]]:
    forward: list[str] = []
    against: list[str] = []
    for load in every:
        before, now = load.share(0), load.share(1)
        if before is None or now is None or before == now:
            continue
        weight = "" if load in judged else " (not judged, since amounts of this kind are known)"
        text = f"{evidence.measure_words(*load.measure)}{weight}: {_words(load, every, asked)}"
        less = load.bearer[1].value < load.bearer[0].value  # a smaller part of more is no relief
        (forward if less and now < before else against).append(text[0].upper() + text[1:])
    if any(load.dataset.startswith(HAND_KEPT) for load in every):
        against.append(
            "A ledger kept by hand grows denser towards the present, and years without a row are unknown, not zero."
        )
    return forward, against


def _checks(every: list[Load], judged: list[Load], acts: pl.DataFrame, view: View) -> list[Check]:
    if not every:
        return []
    amounts = sum(load.unit not in COUNTS for load in judged)
    thin = min(mean.years for load in judged for mean in (*load.bearer, *load.reliever))
    one_way = len({load.verdict for load in judged if load.verdict != "undecided"}) <= 1
    return [
        *evidence.ledger_checks(acts, evidence.claims_coverage(view)),
        Check("Amounts, not counts", amounts == len(judged), sentence(
            f"{amounts} of {plural(len(judged), 'measure')} judged are amounts; the others count recorded acts.")),
        Check("Enough years", thin >= 2, sentence(f"The shortest mean is over {plural(thin, 'year')}; two are asked for.")),
        Check("Measures agree", one_way, sentence("No two measures contradict one another." if one_way else "The measures differ.")),
    ]  # fmt: skip


def _not_covered(every: list[Load], acts: pl.DataFrame, asked: Parameters, notes: tuple[str, ...]) -> list[str]:
    seen = {load.kind for load in every}
    lost = sorted({kind for kind in acts["kind"].unique() if kind not in seen})
    said = (
        [f"Known of one of the two or in one span only: {listed([evidence.kind_title(kind) for kind in lost])}."]
        if lost
        else []
    )
    return [
        *said,
        f"Every measure compares {asked.before.first}–{asked.before.last} with the years from {asked.since} on.",
        *notes,
    ]


def _table(loads: list[Load], asked: Parameters) -> Table:
    columns = (
        "kind",
        "dataset",
        "unit",
        "who",
        "giver",
        "receiver",
        "when",
        "low",
        "value",
        "high",
        "years",
        "bearer_share",
        "verdict",
    )
    rows = [
        (
            *load.measure,
            who,
            giver,
            asked.state,
            when,
            mean.low,
            mean.value,
            mean.high,
            mean.years,
            load.share(at),
            load.verdict,
        )
        for load in loads
        for who, giver, means in (("bearer", asked.bearer, load.bearer), ("reliever", asked.reliever, load.reliever))
        for at, (when, mean) in enumerate(zip(("before", "now"), means, strict=True))
    ]
    return Table("loads", "What the two give a year, before and now", columns, tuple(rows))


def _by_year(found: Exchange, asked: Parameters) -> Table:
    own = found.by_year.filter((pl.col("receiver") == asked.state) & (pl.col("unit") != NEWS))
    columns = ("giver", "receiver", "kind", "dataset", "unit", "year", "low", "value", "high", "acts")
    return Table("by_year", "What the two give, by year", columns, evidence.cells(own, columns))
