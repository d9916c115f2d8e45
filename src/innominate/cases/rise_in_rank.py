"""The test ``rise-in-rank``: did a state's standing with its patrons rise, in high-level exchange and in who needs whom?"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
from pydantic import model_validator

from innominate.cases import gains_evidence as evidence
from innominate.cases.findings import Check, Finding, Number, Part, Table, Verdict
from innominate.cases.registry import register
from innominate.cases.spec import ClaimSpec, StateCode, StateCodes, Strict, Year, Years
from innominate.cases.verdicts import judge
from innominate.cases.view import View
from innominate.cases.wording import listed, plural, sentence, span, state_name
from innominate.exchange import Exchange
from innominate.exchange.kinds import COUNTED, HAND_KEPT, NEWS

NOT_JUDGED = "; not judged: it covers less than half of a span"
HALF = 0.5  # of a span that a dataset must cover to be judged
NEEDED = 0.05  # share of a kind from which a patron is said to need the state for it
RULE = (
    "High-level exchange with a patron rose where the probability is at least 90% that the state's share of all that the patron "
    "gives anybody in recognition (meetings and consultations) is larger from {since} on than in {before}; datasets that cover "
    "less than half of either span are shown and not judged; where only a ledger tells of it, that the yearly number of recorded meetings is. A patron came to need the state where the state gives it five "
    "percent or more of a kind of which it gave less before, in a dataset that covers both spans. The claim is that exchange rose "
    "with every patron and that at least one came to need the state."
)


class Parameters(Strict):
    """What stands under ``with``: ``state``, its ``patrons``, ``since`` when, compared with the years ``before``."""

    state: StateCode
    patrons: StateCodes
    since: Year
    before: Years

    @model_validator(mode="after")
    def _sensible(self) -> Parameters:
        if self.state in self.patrons or not self.patrons:
            raise ValueError("patrons are one or more states other than the state itself")
        if self.before.last >= self.since:
            raise ValueError(f"before ends in {self.before.last}, which is not before since ({self.since})")
        return self


@dataclass(frozen=True, slots=True)
class Rise:
    """High-level exchange of one patron with the state in one measure, before and now.

    ``own`` and ``whole``: counts with the state and with everybody, before and now (whole None: only a ledger tells);
    ``years``: years covered; ``rank``: of the state among the patron's partners; ``probability``: of a rise; ``covered``: at least half of both spans is.
    """

    patron: str
    dataset: str
    unit: str
    own: tuple[float, float]
    whole: tuple[float, float] | None
    years: tuple[int, int]
    rank: tuple[int | None, int | None]
    probability: float
    covered: bool


@register("rise-in-rank", Parameters, RULE)
def rise_in_rank(claim: ClaimSpec, parameters: Parameters, view: View) -> Finding:
    """Judge the claim that a state rose in rank.

    Parameters
    ----------
    claim : its wording
    parameters : the state, its patrons, the years
    view : the study
    """
    asked, states = parameters, [parameters.state, *parameters.patrons]
    then = view.exchange(states, asked.before.first, asked.before.last)
    now = view.exchange(states, asked.since, view.study.years[1])
    rises = [rise for patron in asked.patrons for rise in _rises(then, now, patron, asked.state)]
    needs = _needs(then, now, asked)
    parts, verdicts = [], []
    numbers = [*_rise_numbers(rises), *_need_numbers(needs)]
    for patron in asked.patrons:
        own = [rise for rise in rises if rise.patron == patron]
        verdicts.append(_with_patron(own))
        words = " ".join(_rise_words(rise, rises) for rise in own) or "Nothing tells of their meetings in both spans."
        parts.append(
            Part(patron, f"High-level exchange with {state_name(patron)} rose", verdicts[-1], sentence(words, numbers))
        )
    needed = _needed(needs)
    parts.append(
        Part("need", f"A patron came to need {state_name(asked.state)}", needed, sentence(_need_words(needs), numbers))
    )
    forward, against = _sides(rises, needs)
    acts = pl.concat([then.acts, now.acts]).filter(
        (pl.col("giver") == asked.state) | (pl.col("receiver") == asked.state)
    )
    return evidence.assemble(
        claim,
        RULE.format(since=asked.since, before=f"{asked.before.first}–{asked.before.last}"),
        _whole([*verdicts, needed]),
        _headline(asked, verdicts, rises, needed),
        f"Compared are {then.years[0]}–{then.years[1]} and {now.years[0]}–{now.years[1]}, in {plural(len(rises), 'measure')} of meetings "
        f"and {plural(needs.height, 'measure')} of dependence.",
        numbers=numbers,
        forward=forward,
        against=against,
        checks=_checks(rises, needs, acts, view),
        parts=parts,
        not_covered=[*_absent(asked, rises), *now.notes],
        rows=evidence.rows_of(acts),
        tables=(_table(rises), _by_year(then, now, asked)),
    )


def _whole(verdicts: list[Verdict]) -> Verdict:
    """All parts; what is not testable does not hide what the others say against the claim."""
    if "contradicted" in verdicts:
        return "contradicted"
    if all(verdict == "supported" for verdict in verdicts):
        return "supported"
    return "not testable" if set(verdicts) == {"not testable"} else "undecided"


def _rises(then: Exchange, now: Exchange, patron: str, state: str) -> list[Rise]:
    found = []
    for (dataset, unit), rows in _meetings(now, patron).group_by("dataset", "unit", maintain_order=True):
        early = _meetings(then, patron).filter((pl.col("dataset") == dataset) & (pl.col("unit") == unit))
        hand = str(dataset).startswith(HAND_KEPT)
        if (hand and unit != COUNTED) or (not early.height and not hand):
            continue
        years = (_length(then, early, hand), _length(now, rows, hand))
        own = (_of(early, state), _of(rows, state))
        whole = None if hand else (float(early["value"].sum()), float(rows["value"].sum()))
        probability = (
            evidence.rate_rose(own[0], years[0], own[1], years[1]) if whole is None
            else evidence.share_rose(own[0], whole[0], own[1], whole[1])
        )  # fmt: skip
        ranks = (None, None) if hand else (_rank(early, state), _rank(rows, state))
        covered = hand or min(_covered(early), _covered(rows)) >= HALF
        found.append(Rise(patron, str(dataset), str(unit), own, whole, years, ranks, probability, covered))
    return found


def _meetings(found: Exchange, patron: str) -> pl.DataFrame:
    """What the patron gives in recognition, to anybody, where it was looked at."""
    own = found.flows.filter((pl.col("giver") == patron) & (pl.col("kind") == "recognition") & ~pl.col("level"))
    return own.filter(pl.col("value").is_not_null()).sort("dataset", "unit", "receiver")


def _covered(rows: pl.DataFrame) -> float:
    part = rows["covered_part"].drop_nulls()
    return float(part[0]) if len(part) else 0.0


def _of(rows: pl.DataFrame, state: str) -> float:
    return float(rows.filter(pl.col("receiver") == state)["value"].sum())


def _rank(rows: pl.DataFrame, state: str) -> int:
    return int((rows["value"] > _of(rows, state)).sum()) + 1


def _length(found: Exchange, rows: pl.DataFrame, hand: bool) -> int:
    if hand or not rows.height:
        return found.years[1] - found.years[0] + 1
    first, last = rows["first"].min(), rows["last"].max()
    return max(1, last.year - first.year + 1)  # type: ignore[union-attr]


def _with_patron(rises: list[Rise]) -> Verdict:
    """Datasets that know the whole are heard before ledgers that know meetings only."""
    known = [rise for rise in rises if rise.whole is not None and rise.covered]
    known = known or [rise for rise in rises if rise.whole is None]
    return evidence.most_of([judge(rise.probability) for rise in known])


def _needs(then: Exchange, now: Exchange, asked: Parameters) -> pl.DataFrame:
    """Shares in covered measures of both spans: giver, receiver, kind, dataset, unit, share…, share_now…, given (by the state)."""
    columns = ["giver", "receiver", "kind", "dataset", "unit"]
    sides = []
    for found in (then, now):
        own = found.between().filter(
            pl.col("share").is_not_null() & pl.col("basis").is_in(["covered"]) & (pl.col("unit") != NEWS)
        )
        pair = ((pl.col("giver") == asked.state) & pl.col("receiver").is_in(asked.patrons)) | (
            (pl.col("receiver") == asked.state) & pl.col("giver").is_in(asked.patrons)
        )
        sides.append(own.filter(pair).select(*columns, "share", "share_low", "share_high"))
    both = sides[0].join(sides[1], on=columns, suffix="_now").sort(columns)
    return both.with_columns((pl.col("giver") == asked.state).alias("given"))


def _needed(needs: pl.DataFrame) -> Verdict:
    own = needs.filter("given")
    if not own.height:
        return "not testable"
    low = pl.col("share_low_now").fill_null(0.0)
    grown = own.filter((low >= NEEDED) & (pl.col("share_high").fill_null(1.0) < NEEDED))
    return (
        "supported"
        if grown.height
        else "contradicted"
        if own.filter(pl.col("share_now") >= NEEDED).height == 0
        else "undecided"
    )


def _rise_key(rise: Rise, rises: list[Rise]) -> str:
    return f"{rise.patron}.{rises.index(rise)}"


def _rise_numbers(rises: list[Rise]) -> list[Number]:
    numbers = []
    for rise in rises:
        key, who = (
            _rise_key(rise, rises),
            f"{state_name(rise.patron)}, {'the ledger' if rise.whole is None else rise.dataset}",
        )
        for when, place in (("before", 0), ("now", 1)):
            if rise.whole is None:
                numbers.append(Number(f"{key}.{when}", f"{who}: recorded meetings a year {when}", rise.own[place] / rise.years[place],
                                      "amount", source=rise.dataset))  # fmt: skip
            else:
                share = rise.own[place] / rise.whole[place] if rise.whole[place] else None
                low, high = evidence.interval(rise.own[place], rise.whole[place])
                numbers.append(Number(f"{key}.{when}", f"{who}: the state's share of its meetings {when}", share, "share", low, high,
                                      source=rise.dataset))  # fmt: skip
            if rise.rank[place] is not None:
                numbers.append(Number(f"{key}.rank.{when}", f"{who}: the state's rank among its partners {when}", rise.rank[place],
                                      "rank", source=rise.dataset))  # fmt: skip
        numbers.append(
            Number(f"{key}.rose", f"{who}: probability of a rise", rise.probability, "probability", source=rise.dataset)
        )
    return numbers


def _rise_words(rise: Rise, rises: list[Rise]) -> str:
    key = _rise_key(rise, rises)
    if rise.whole is None:
        return f"The ledger records {{{key}.before}} meetings a year before and {{{key}.now}} now (probability of a rise {{{key}.rose}})."
    return (f"{rise.dataset}: {{{key}.before|full}} of its meetings before, {{{key}.now|full}} now, rank {{{key}.rank.before}} and "
            f"{{{key}.rank.now}} (probability of a rise {{{key}.rose}}{'' if rise.covered else NOT_JUDGED}).")  # fmt: skip


def _need_numbers(needs: pl.DataFrame) -> list[Number]:
    numbers = []
    for place, row in enumerate(needs.iter_rows(named=True)):
        words = f"{state_name(row['receiver'])} depends on {state_name(row['giver'])} for {evidence.measure_words(row['kind'], row['dataset'], row['unit'])}"
        for when, end in (("before", ""), ("now", "_now")):
            numbers.append(Number(f"need.{place}.{when}", f"{words}, {when}", row[f"share{end}"], "share", row[f"share_low{end}"],
                                  row[f"share_high{end}"], source=row["dataset"]))  # fmt: skip
    return numbers


def _need_words(needs: pl.DataFrame) -> str:
    each = [
        f"{state_name(row['receiver'])} on {state_name(row['giver'])} for {evidence.measure_words(row['kind'], row['dataset'], row['unit'])}: "
        f"{{need.{place}.before}} before, {{need.{place}.now}} now"
        for place, row in enumerate(needs.iter_rows(named=True))
    ]  # fmt: skip
    return (
        f"Dependence: {'; '.join(each)}."
        if each
        else "No dataset covers what the state gives its patrons in both spans."
    )


def _undecided(rises: list[Rise]) -> str:
    """What the measures of one patron say where they do not decide."""
    up = {rise.probability >= 0.5 for rise in rises}
    if len(up) > 1:
        return "rose with {} by one measure and not by another"
    return "probably rose with {}, but not surely" if True in up else "did not clearly rise with {}"


def _headline(asked: Parameters, verdicts: list[Verdict], rises: list[Rise], needed: Verdict) -> str:
    said = []
    for patron, verdict in zip(asked.patrons, verdicts, strict=True):
        words: dict[Verdict, str] = {
            "supported": "rose with {}", "contradicted": "did not rise with {}", "not testable": "with {} is not known",
            "undecided": _undecided([rise for rise in rises if rise.patron == patron]),
        }  # fmt: skip
        said.append(
            words[verdict].format(state_name(patron))
            + _though([rise for rise in rises if rise.patron == patron], verdict)
        )
    last: dict[Verdict, str] = {
        "supported": "one of them came to need what it gives", "contradicted": "none of them came to need what it gives",
        "undecided": "whether one of them came to need what it gives is open",
        "not testable": "whether one of them came to need what it gives is not known",
    }  # fmt: skip
    return f"High-level exchange of {state_name(asked.state)} {listed(said)}; {last[needed]}."


def _though(rises: list[Rise], verdict: Verdict) -> str:
    """Which measures of one patron say the opposite of the verdict, though they cover too little to be judged."""
    opposite = {"supported": "contradicted", "contradicted": "supported"}.get(verdict)
    names = sorted({rise.dataset for rise in rises if not rise.covered and judge(rise.probability) == opposite})
    shown = "none" if verdict == "supported" else "one"
    return f" (though {listed(names)}, covering less than half of a span, shows {shown})" if names else ""


def _sides(rises: list[Rise], needs: pl.DataFrame) -> tuple[list[str], list[str]]:
    forward: list[str] = []
    against: list[str] = []
    for rise in rises:
        (forward if rise.probability >= 0.5 else against).append(
            f"{state_name(rise.patron)}: {_rise_words(rise, rises)}"
        )
    for place, row in enumerate(needs.iter_rows(named=True)):
        grew = row["share_now"] > row["share"]
        text = (f"{state_name(row['receiver'])} depends on {state_name(row['giver'])} for "
                f"{evidence.measure_words(row['kind'], row['dataset'], row['unit'])}: {{need.{place}.before}} before, {{need.{place}.now}} now.")  # fmt: skip
        (forward if grew == bool(row["given"]) and row["share_now"] != row["share"] else against).append(text)
    if any(rise.whole is None for rise in rises):
        against.append(
            "A ledger kept by hand grows denser towards the present: more recorded meetings need not be more meetings."
        )
    return forward, against


def _checks(rises: list[Rise], needs: pl.DataFrame, acts: pl.DataFrame, view: View) -> list[Check]:
    if not rises and not needs.height:
        return []
    datasets = {rise.dataset for rise in rises if rise.whole is not None and rise.covered}
    verdicts = {judge(rise.probability) for rise in rises}
    return [
        *evidence.ledger_checks(acts, evidence.claims_coverage(view)),
        Check("Seen against all partners", bool(datasets), sentence(
            f"Meetings with everybody are known from {listed(sorted(datasets))}." if datasets
            else "Only a ledger of these states tells of meetings in most of both spans, so that no share of all can be had.")),
        Check("Measures agree", len(verdicts) <= 1, sentence(
            "All measures of meetings say the same." if len(verdicts) <= 1 else "The measures of meetings differ.")),
    ]  # fmt: skip


def _absent(asked: Parameters, rises: list[Rise]) -> list[str]:
    without = [
        patron
        for patron in asked.patrons
        if not any(rise.patron == patron and rise.whole and rise.covered for rise in rises)
    ]
    return (
        [f"No dataset covers the meetings of {evidence.names(without)} with everybody in most of both spans."]
        if without
        else []
    )


def _table(rises: list[Rise]) -> Table:
    columns = ("patron", "dataset", "unit", "own_before", "own_now", "all_before", "all_now", "years_before", "years_now",
               "rank_before", "rank_now", "probability")  # fmt: skip
    rows = [(one.patron, one.dataset, one.unit, *one.own, *(one.whole or (None, None)), *one.years, *one.rank, one.probability)
            for one in rises]  # fmt: skip
    return Table("rises", "High-level exchange before and now", columns, tuple(rows))


def _by_year(then: Exchange, now: Exchange, asked: Parameters) -> Table:
    both = pl.concat([then.by_year, now.by_year])
    own = both.filter((pl.col("giver") == asked.state) | (pl.col("receiver") == asked.state))
    columns = ("giver", "receiver", "kind", "dataset", "unit", "year", "low", "value", "high", "acts")
    return Table(
        "by_year", f"Gains by year ({span([*_span(then), *_span(now)])})", columns, evidence.cells(own, columns)
    )


def _span(found: Exchange) -> range:
    return range(found.years[0], found.years[1] + 1)
