"""The test ``substance-over-form``: does a state's conduct outrun its signature more than that of its peers?"""

from __future__ import annotations

from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from innominate.cases import gap_evidence as evidence
from innominate.cases.findings import Cell, Finding, Number, Part, Sentence, Table, Unit
from innominate.cases.gap import Array, Gap, beats, draw_gap, measured_ties
from innominate.cases.gap_evidence import Powers
from innominate.cases.registry import register
from innominate.cases.spec import ClaimSpec, StateCode, StateCodes, Strict, Years
from innominate.cases.verdicts import confidence, judge, reason
from innominate.cases.view import WELL_COVERED, View
from innominate.cases.wording import listed, sentence, span, state_in_sentence, state_name

MOST_PEERS = 20

RULE = (
    "A state's gap is the share of its close ties (alignment above the lower quartile of NATO pairs) that no defence "
    "commitment covers, over the years {years}, counting pairs and years in which at least {channels} channels looked and "
    "commitments are covered, and only years in which half of the state's ties count. The claim is that this share is larger than that of at least {at_least:.0%} of the peers. "
    "Its probability is the part of {draws:,} draws from the posterior in which that holds; a pair errs alike in all years, "
    "pairs err independently, and a state with no close tie in a draw has a gap of zero there."
)


class Parameters(Strict):
    """What stands under ``with``.

    ``state``: whose gap is unusually large; ``peers``: those it is compared with. ``years``: the span judged.
    ``at_least``: the share of peers that it must exceed. ``channels``: how many channels must have looked at a pair.
    ``draws``, ``seed``: of the posterior.
    """

    state: StateCode
    peers: Annotated[StateCodes, Field(min_length=3, max_length=MOST_PEERS)]
    years: Years
    at_least: Annotated[float, Field(ge=0.5, le=1.0)] = 0.75
    channels: Annotated[int, Field(ge=1, le=20)] = WELL_COVERED
    draws: Annotated[int, Field(ge=200, le=20000)] = 2000
    seed: int = 1

    @model_validator(mode="after")
    def _sensible(self) -> Parameters:
        if self.state in self.peers:
            raise ValueError(f"{self.state} cannot be its own peer")
        return self


@register("substance-over-form", Parameters, RULE)
def substance_over_form(claim: ClaimSpec, parameters: Parameters, view: View) -> Finding:
    """Judge the claim that a state's gap between conduct and signature is larger than its peers'.

    Parameters
    ----------
    claim : its wording
    parameters : state, peers, years (see :class:`Parameters`)
    view : the study
    """
    powers = _powers(parameters, view)
    probability = probability_of(powers, parameters) if powers else None
    numbers = _numbers(powers, parameters, probability) if powers else []
    verdict = judge(probability)
    checks = evidence.checks(powers, parameters.at_least, verdict) if powers else []
    forward, against = evidence.both_sides(powers, view, numbers) if powers else ((), ())
    years = span(powers.years) if powers else f"{parameters.years.first}–{parameters.years.last}"
    return Finding(
        **claim.named(),
        verdict=verdict,
        confidence=confidence(checks),
        headline=_headline(powers, numbers, years, parameters),
        detail=_detail(powers, numbers, parameters),
        confidence_reason=reason(checks),
        rule=RULE.format(
            years=years, channels=parameters.channels, at_least=parameters.at_least, draws=parameters.draws
        ),
        parts=tuple(_parts(powers, numbers)) if powers else (),
        numbers=tuple(numbers),
        evidence_for=forward,
        evidence_against=against,
        not_covered=evidence.not_covered(powers, parameters.state, parameters.peers, parameters.years, view),
        checks=tuple(checks),
        rows=evidence.rows(powers, view) if powers else (),
        tables=_tables(powers, parameters) if powers else (),
    )


def _powers(parameters: Parameters, view: View) -> Powers | None:
    """The gaps drawn, of everybody who can be measured; None where the state, or all but two peers, cannot."""
    asked = (parameters.state, *parameters.peers)
    first, last = view.study.years
    ties = measured_ties(view, asked, range(first, last + 1), parameters.channels)
    shared = [
        year
        for year in range(max(first, parameters.years.first), min(last, parameters.years.last) + 1)
        if parameters.state in ties and year in ties[parameters.state].years
    ]
    peers = tuple(code for code in parameters.peers if code in ties and set(shared) & set(ties[code].years))
    if not shared or len(peers) < 3:
        return None
    bars = view.bars
    drawn: dict[str, dict[str, Gap]] = {
        name: {
            code: draw_gap(ties[code], bar, parameters.draws, parameters.seed) for code in (parameters.state, *peers)
        }
        for name, bar in bars.items()
    }
    return Powers(parameters.state, peers, tuple(shared), ties, drawn, bars["quartile"])


def probability_of(powers: Powers, parameters: Parameters) -> float:
    """Probability of the claim at the usual bar."""
    own, others = powers.shares("quartile")
    return beats(own, others, parameters.at_least)


def _numbers(powers: Powers, parameters: Parameters, probability: float | None) -> list[Number]:
    source = "alignment and commitments"
    found = [
        Number("probability", f"probability that {state_name(powers.state)}'s gap exceeds that of at least "
               f"{parameters.at_least:.0%} of the peers", probability, "probability", source=source),
        Number("peers", "peers compared", len(powers.peers), "count", source="parameters"),
    ]  # fmt: skip
    own, others = powers.shares("quartile")
    rank = 1 + np.stack([other > own for other in others]).sum(axis=0)
    shared = np.stack([other == own for other in others]).sum(axis=0)
    found.append(
        Number("shared", "peers with the same gap", float(np.median(shared)), "count", of=len(others), source=source)
    )
    low, high = np.quantile(rank, [0.05, 0.95], method="nearest")
    found.append(
        Number("rank", f"{state_name(powers.state)}: rank of the gap", float(np.median(rank)), "rank",
               float(low), float(high), of=len(others) + 1, source=source)
    )  # fmt: skip
    for code in powers.everyone:
        found += _state_numbers(powers, code, source)
    return found


def _state_numbers(powers: Powers, code: str, source: str) -> list[Number]:
    gap, places = powers.drawn["quartile"][code], powers.places(code)
    name = state_name(code)
    share, count = gap.share(places), gap.count(places)
    close = gap.close[:, places].mean(axis=1)
    found = [
        _drawn(f"{code}.share", f"{name}: share of close ties without a defence commitment", share, "share", source),
        _drawn(f"{code}.unnamed", f"{name}: close ties a year without a defence commitment", count, "expected", source),
        _drawn(f"{code}.close", f"{name}: close ties a year", close, "expected", source),
        Number(f"{code}.bound", f"{name}: states bound to it by a defence commitment in {powers.years[-1]}",
               powers.bound(code), "count", source="commitments"),
    ]  # fmt: skip
    if code != powers.state:
        own = powers.drawn["quartile"][powers.state].share(powers.places(powers.state))
        found.append(
            Number(f"{code}.below", f"probability that {name}'s gap is smaller than {state_name(powers.state)}'s",
                   float((own > share).mean()), "probability", source=source)
        )  # fmt: skip
        found.append(
            Number(f"{code}.above", f"probability that {name}'s gap is larger than {state_name(powers.state)}'s",
                   float((share > own).mean()), "probability", source=source)
        )  # fmt: skip
    return found


def _drawn(key: str, label: str, draws: Array, unit: Unit, source: str) -> Number:
    low, high = np.quantile(draws, [0.05, 0.95])
    return Number(key, label, float(np.median(draws)), unit, float(low), float(high), source=source)


def _headline(powers: Powers | None, numbers: list[Number], years: str, parameters: Parameters) -> Sentence:
    if powers is None:
        who = state_in_sentence(parameters.state)
        return sentence(
            f"The library holds too little on the conduct or the commitments of {who} and its peers to say."
        )
    pattern = (
        f"In {years}, {{{powers.state}.share|full}} of {state_name(powers.state)}'s close ties were covered by no defence "
        f"commitment: rank {{rank}} of {len(powers.everyone)} powers"
    )
    if any(number.key == "shared" and number.value for number in numbers):
        pattern += ", shared with {shared} of them"
    pattern += "."
    return sentence(pattern, numbers)


def _detail(powers: Powers | None, numbers: list[Number], parameters: Parameters) -> Sentence:
    if powers is None:
        return sentence("Unknown is not zero: nothing is claimed.")
    by_key = {number.key: number for number in numbers}
    pattern = f"The gap is larger than that of at least {parameters.at_least:.0%} of the peers with probability {{probability}}."
    larger = [code for code in powers.peers if (by_key[f"{code}.above"].value or 0.0) > 0.5]
    if larger:
        each = listed([f"{state_name(code)} ({{{code}.share}})" for code in larger])
        pattern += f" {each} probably had a larger one."
    return sentence(pattern, numbers)


def _parts(powers: Powers, numbers: list[Number]) -> list[Part]:
    by_key = {number.key: number for number in numbers}
    own = state_name(powers.state)
    parts = []
    for code in powers.peers:
        words = (
            f"{{{code}.share|full}}, that is {{{code}.unnamed}} of {{{code}.close}} close ties a year; probability that "
            f"{own}'s gap is larger {{{code}.below}}."
        )
        verdict = judge(by_key[f"{code}.below"].value)
        parts.append(Part(code, f"Larger than that of {state_in_sentence(code)}", verdict, sentence(words, numbers)))
    return parts


def _tables(powers: Powers, parameters: Parameters) -> tuple[Table, ...]:
    """The gap of every power, over the years judged and year by year."""
    columns = ("state", "name", "year", "share", "share_low", "share_high", "unnamed", "close")
    yearly, overall = [], []
    for code in powers.everyone:
        gap = powers.drawn["quartile"][code]
        for place, year in enumerate(powers.ties[code].years):
            yearly.append(_gap_row(code, year, gap, np.array([place])))
        overall.append(_gap_row(code, span(powers.years), gap, powers.places(code)))
    return (
        Table("gap", "Close ties without a defence commitment, years judged", columns, tuple(overall)),
        Table("gap_by_year", "Close ties without a defence commitment, by year", columns, tuple(yearly)),
        evidence.unnamed_ties(powers),
    )


def _gap_row(code: str, year: int | str, gap: Gap, places: NDArray[np.intp]) -> tuple[Cell, ...]:
    share = gap.share(places)
    low, high = (float(value) for value in np.quantile(share, [0.05, 0.95]))
    close = float(np.median(gap.close[:, places].mean(axis=1)))
    return code, state_name(code), year, float(np.median(share)), low, high, float(np.median(gap.count(places))), close
