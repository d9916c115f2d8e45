"""The test ``divided-attention``: is what a state does divided between two theatres, and did the division change?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
import polars as pl
from pydantic import Field, model_validator

from innominate import states as registry
from innominate.cases import gains_evidence as evidence
from innominate.cases.findings import Check, Finding, Number, Part, Table, Verdict
from innominate.cases.registry import register
from innominate.cases.spec import ClaimSpec, StateCode, StateCodes, Strict, Words, Year, Years
from innominate.cases.view import View
from innominate.cases.wording import listed, plural, sentence, state_in_sentence, state_name
from innominate.exchange.flows import yearly
from innominate.exchange.gains import read_gains
from innominate.exchange.kinds import COUNTED, COUNTS, HAND_KEPT, NEWS
from innominate.exchange.seen import Looked, seen
from innominate.ledger import CHANNELS, GAINS

MISSIONS = CHANNELS[
    "missions"
].unit  # a mission in every capital says how many states a theatre has, not what is done there
LOOKED = 0.75  # part of a theatre's states that a dataset must look at
RULE = (
    "Every measure of what the state does for others (troops, arms, money, recognition, diplomatic cover) gives the second theatre's "
    "share of what goes to both. Attention is divided in a measure where neither theatre gets less than {least:.0%} in the years "
    "from {since} on: supported where the whole range of the share says so, contradicted where none of it does. The range is the "
    "90% interval of a share of counts, and for amounts the lowest and the highest year. The claim is that attention is divided in "
    "every measure that is known, security and diplomacy both among them."
)


class Theatre(Strict):
    """A theatre: its ``name`` and the ``states`` in it."""

    name: Words
    states: Annotated[StateCodes, Field(min_length=1, max_length=60)]


class Parameters(Strict):
    """What stands under ``with``.

    ``state``: whose acts; ``theatres``: two, each with ``name`` and ``states``; ``since`` and ``before``: the years; ``least``:
    the smallest share of a theatre that still counts as divided.
    """

    state: StateCode
    theatres: Annotated[list[Theatre], Field(min_length=2, max_length=2)]
    since: Year
    before: Years
    least: Annotated[float, Field(gt=0, lt=0.5)] = 0.25

    @model_validator(mode="after")
    def _sensible(self) -> Parameters:
        first, second = ({*theatre.states} for theatre in self.theatres)
        if first & second or self.state in first | second:
            raise ValueError("the theatres share no state, and the state itself is in neither")
        if self.before.last >= self.since:
            raise ValueError(f"before ends in {self.before.last}, which is not before since ({self.since})")
        return self


@dataclass(frozen=True, slots=True)
class Division:
    """The second theatre's share in one measure: now, with its range, and before; the amounts of both."""

    kind: str
    dataset: str
    unit: str
    now: tuple[float, float, float]
    before: tuple[float, float, float] | None
    amounts: tuple[float, float]
    amounts_before: tuple[float, float] | None
    years: tuple[int, int]
    verdict: Verdict

    @property
    def measure(self) -> tuple[str, str, str]:
        """kind, dataset, unit."""
        return self.kind, self.dataset, self.unit

    @property
    def level(self) -> bool:
        """Whether amounts of different years compare: those of the news depend on which papers and months were read."""
        return self.unit != NEWS


@register("divided-attention", Parameters, RULE)
def divided_attention(claim: ClaimSpec, parameters: Parameters, view: View) -> Finding:
    """Judge the claim that a state's attention is divided between two theatres.

    Parameters
    ----------
    claim : its wording
    parameters : state, theatres, years
    view : the study
    """
    asked = parameters
    table, acts = _by_theatre(view, asked)
    found = [one for one in (_division(key, rows, asked) for key, rows in _measures(table)) if one is not None]
    judged = [dict(zip(("kind", "dataset", "unit"), one.measure, strict=True)) for one in found]
    table = table.filter(pl.struct("kind", "dataset", "unit").is_in(judged)) if judged else table.clear()
    numbers = _numbers(found, asked)
    forward, against = _sides(found, asked)
    themes: set[str] = {GAINS[one.kind].theme for one in found}
    verdict = _overall(found)
    first, second = asked.theatres
    table = table.with_columns(giver=pl.lit(asked.state), first=pl.lit(first.name), second=pl.lit(second.name))
    columns = ("kind", "dataset", "unit", "giver", "first", "second", "year", *(f"to_{place}" for place in (0, 1)))
    return evidence.assemble(
        claim,
        RULE.format(since=asked.since, least=asked.least),
        verdict,
        _headline(found, asked, verdict),
        f"The theatres are {listed([f'{one.name} ({evidence.names(one.states)})' for one in asked.theatres])}.",
        numbers=numbers,
        forward=forward,
        against=against,
        checks=_checks(found, acts, view),
        parts=[
            Part(f"{one.kind}.{place}", f"Divided in {evidence.measure_words(*one.measure)}", one.verdict,
                 sentence(_words(one, place, asked), numbers))
            for place, one in enumerate(found)
        ],
        not_covered=_not_covered(themes, asked),
        rows=evidence.rows_of(acts),
        tables=(Table("theatres", f"What {state_in_sentence(asked.state)} gives, by theatre and year", columns, evidence.cells(table, columns)),),
    )  # fmt: skip


def _by_theatre(view: View, asked: Parameters) -> tuple[pl.DataFrame, pl.DataFrame]:
    """kind, dataset, unit, year, to_0, to_1 where both theatres were looked at; and the acts behind."""
    gains = read_gains(view.study.library, asked.before.first, view.study.years[1], view.ledgers)
    where = {code: place for place, one in enumerate(asked.theatres) for code in one.states}
    own = (pl.col("giver") == asked.state) & pl.col("receiver").is_in(list(where))
    everyone = sorted({*registry.alive(asked.since), asked.state, *where})
    looked = seen(gains, everyone)
    told = pl.col("value").is_not_null() & ((pl.col("unit") == COUNTED) | ~_hand()) & (pl.col("unit") != MISSIONS)
    flows = yearly(gains).filter(own & told)
    flows = flows.with_columns(pl.col("receiver").replace_strict(where).alias("theatre"))
    kept = [key for key, rows in _measures(flows) if _both(rows, key, looked.get(key), everyone, asked)]
    chosen = pl.struct("kind", "dataset", "unit").is_in(
        [dict(zip(("kind", "dataset", "unit"), key, strict=True)) for key in kept]
    )
    table = (
        (flows.filter(chosen) if kept else flows.clear())
        .group_by("kind", "dataset", "unit", "year")
        .agg(*((pl.col("value").filter(pl.col("theatre") == place)).sum().alias(f"to_{place}") for place in (0, 1)))
        .sort("kind", "dataset", "unit", "year")
    )
    behind = gains.acts.filter(own & (pl.col("unit") != NEWS))
    return table, behind.filter(pl.col("dataset").is_in(table["dataset"].unique().to_list()))


def _hand() -> pl.Expr:
    return pl.col("dataset").str.starts_with(HAND_KEPT)


def _both(
    rows: pl.DataFrame,
    key: tuple[str, str, str],
    looked: Looked | None,
    everyone: list[str],
    asked: Parameters,
) -> bool:
    """Whether a measure speaks of both theatres: a dataset by where it looked, a ledger by what it records."""
    if key[1].startswith(HAND_KEPT):
        return rows["theatre"].n_unique() == 2
    if looked is None:
        return False
    giver = everyone.index(asked.state)
    return all(
        float(np.mean([looked.share[giver, everyone.index(code)] for code in one.states])) >= LOOKED
        for one in asked.theatres
    )


def _measures(table: pl.DataFrame) -> list[tuple[tuple[str, str, str], pl.DataFrame]]:
    by = table.group_by("kind", "dataset", "unit", maintain_order=True)
    return [((str(key[0]), str(key[1]), str(key[2])), rows) for key, rows in by]


def _division(key: tuple[str, str, str], rows: pl.DataFrame, asked: Parameters) -> Division | None:
    now = rows.filter(pl.col("year") >= asked.since)
    then = rows.filter(pl.col("year").is_between(asked.before.first, asked.before.last))
    share = _share(now, key[2])
    if share is None:
        return None
    low, high = share[1], share[2]
    inside, outside = low >= asked.least and high <= 1 - asked.least, high < asked.least or low > 1 - asked.least
    verdict: Verdict = "supported" if inside else "contradicted" if outside else "undecided"
    before = _share(then, key[2])
    return Division(*key, share, before, _mean(now), _mean(then) if before else None,
                    (int(now["year"].min()), int(now["year"].max())), verdict)  # type: ignore[arg-type]  # fmt: skip


def _mean(rows: pl.DataFrame) -> tuple[float, float]:
    return float(rows["to_0"].mean()), float(rows["to_1"].mean())  # type: ignore[arg-type]


def _share(rows: pl.DataFrame, unit: str) -> tuple[float, float, float] | None:
    """The second theatre's share with its range; None where nothing went to either."""
    first, second = float(rows["to_0"].sum()), float(rows["to_1"].sum())
    if first + second <= 0:
        return None
    share = second / (first + second)
    if unit in COUNTS:
        low, high = evidence.interval(second, first + second)
        return share, low or 0.0, 1.0 if high is None else high
    each = (
        rows.filter(pl.col("to_0") + pl.col("to_1") > 0)
        .select(pl.col("to_1") / (pl.col("to_0") + pl.col("to_1")))
        .to_series()
    )
    return share, float(each.min()), float(each.max())  # type: ignore[arg-type]


def _overall(found: list[Division]) -> Verdict:
    """Divided in every measure; security and diplomacy must both be seen."""
    themes = {GAINS[one.kind].theme for one in found}
    if not {"security", "diplomacy"} <= themes:
        return "not testable"
    verdicts = {one.verdict for one in found}
    return next(iter(verdicts)) if len(verdicts) == 1 else "undecided"


def _numbers(found: list[Division], asked: Parameters) -> list[Number]:
    numbers, second = [], asked.theatres[1].name
    for place, one in enumerate(found):
        words = evidence.measure_words(*one.measure)
        numbers.append(
            Number(
                f"{place}.now",
                f"{second}: share of {words}, from {asked.since} on",
                one.now[0],
                "share",
                one.now[1],
                one.now[2],
                source=one.dataset,
            )
        )
        if one.before is not None:
            numbers.append(
                Number(
                    f"{place}.before",
                    f"{second}: share of {words} before",
                    one.before[0],
                    "share",
                    one.before[1],
                    one.before[2],
                    source=one.dataset,
                )
            )
        for at, theatre in enumerate(asked.theatres if one.level else ()):
            numbers.append(
                Number(
                    f"{place}.to_{at}",
                    f"{theatre.name}: {words} a year, now",
                    one.amounts[at],
                    "amount",
                    source=one.dataset,
                )
            )
            if one.amounts_before is not None:
                label = f"{theatre.name}: {words} a year, before"
                numbers.append(
                    Number(f"{place}.to_{at}.before", label, one.amounts_before[at], "amount", source=one.dataset)
                )
    return numbers


def _words(one: Division, place: int, asked: Parameters) -> str:
    first, second = (theatre.name for theatre in asked.theatres)
    amounts = f" (a year {{{place}.to_0}} to {first}, {{{place}.to_1}} to {second})" if one.level else ""
    text = f"{second} gets {{{place}.now|full}} of what goes to both in {one.years[0]}–{one.years[1]}{amounts}"
    if one.before is None:
        return f"{text}."
    return f"{text}; in {asked.before.first}–{asked.before.last} {{{place}.before|full}}."


def _headline(found: list[Division], asked: Parameters, verdict: Verdict) -> str:
    if not found:
        return f"No measure sees what {state_in_sentence(asked.state)} does in both theatres."
    said = []
    for name, words in (
        ("supported", "divided in"),
        ("contradicted", "not divided in"),
        ("undecided", "at the edge in"),
    ):
        own = sorted({evidence.kind_title(one.kind) for one in found if one.verdict == name})
        if own:
            said.append(f"{words} {listed(own)}")
    only = " Security and diplomacy are not both seen." if verdict == "not testable" else ""
    return f"Between {listed([one.name for one in asked.theatres])}, the attention of {state_in_sentence(asked.state)} is {'; '.join(said)}.{only}"


def _sides(found: list[Division], asked: Parameters) -> tuple[list[str], list[str]]:
    forward: list[str] = []
    against: list[str] = []
    for place, one in enumerate(found):
        words = evidence.measure_words(*one.measure)
        near = asked.least <= one.now[0] <= 1 - asked.least
        (forward if near else against).append(f"{words[0].upper()}{words[1:]}: {_words(one, place, asked)}")
        if one.before is None or one.amounts_before is None or not one.level:
            continue
        grew = [
            theatre.name
            for theatre, now, then in zip(asked.theatres, one.amounts, one.amounts_before, strict=True)
            if now > then
        ]
        if len(grew) == 2:
            against.append(
                f"{words[0].upper()}{words[1:]}: both theatres get more than before, so that neither pays for the other."
            )
        elif len(grew) == 1:
            forward.append(f"{words[0].upper()}{words[1:]}: {grew[0]} gets more than before, the other less.")
    return forward, against


def _checks(found: list[Division], acts: pl.DataFrame, view: View) -> list[Check]:
    if not found:
        return []
    same = len({one.verdict for one in found}) == 1
    themes = sorted({GAINS[one.kind].theme for one in found})
    late = min(one.years[1] for one in found)
    reach = view.study.years[1] - 1
    return [
        *evidence.ledger_checks(acts, evidence.claims_coverage(view)),
        Check("Measures agree", same, sentence("All measures say the same." if same else "The measures differ.")),
        Check("Several themes", len(themes) > 1, sentence(f"Seen are {listed(themes)}.")),
        Check("Up to date", late >= reach, sentence(f"The measure that ends first ends in {late}; {reach} is asked for.")),
        Check("More than two measures", len(found) > 2, sentence(f"{plural(len(found), 'measure')}; three are asked for.")),
    ]  # fmt: skip


def _not_covered(themes: set[str], asked: Parameters) -> list[str]:
    lost = [theme for theme in ("security", "economy", "diplomacy") if theme not in themes]
    said = [f"No measure of {listed(lost, 'or')} sees both theatres."] if lost else []
    return [*said, f"What {state_name(asked.state)} says and plans without acting, and secret acts."]
