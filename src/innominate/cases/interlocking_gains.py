"""The test ``interlocking-gains``: do members of a group give one another different things, in rings, beyond chance?"""

from __future__ import annotations

from typing import Annotated

import polars as pl
from pydantic import Field

from innominate.cases import gains_evidence as evidence
from innominate.cases.findings import Check, Finding, Number, Part, Table, Verdict
from innominate.cases.registry import register
from innominate.cases.spec import ClaimSpec, StateCodes, Strict, Year
from innominate.cases.verdicts import all_of
from innominate.cases.view import View, all_pairs
from innominate.cases.wording import listed, pair_name, plural, sentence, show, state_name
from innominate.exchange import Exchange, Ring
from innominate.exchange.kinds import HAND_KEPT, NEWS
from innominate.exchange.pictures import bands

CHANCE = 0.05
MANY = 3  # acts on the thinnest direction, below which the verdict hangs by a thread
RULE = (
    "Each pair must give one another gains of different kinds, each way at least one act in the years from {since} on, and gains "
    "must close into a ring through all the states in which nobody depends on the one before for less than {least:.0%} of the kind. "
    "What two states do together (meetings, joint vetoes) does not count, nor do counts of news. The claim is supported where all "
    "that holds and the ring is stronger than in 95% of {worlds:,} worlds in which givers are exchanged inside every measure; "
    "undecided where it holds but chance partners might do the same; not testable where nothing is known of one direction."
)


class Parameters(Strict):
    """What stands under ``with``.

    ``states``: the group (default: the case's). ``since``: first year. ``least``: smallest share along the ring. ``worlds``
    and ``seed``: of the null model.
    """

    states: StateCodes | None = None
    since: Year
    least: Annotated[float, Field(gt=0, lt=1)] = 0.05
    worlds: Annotated[int, Field(ge=99, le=9999)] = 999
    seed: Annotated[int, Field(ge=0)] = 0


@register("interlocking-gains", Parameters, RULE)
def interlocking_gains(claim: ClaimSpec, parameters: Parameters, view: View) -> Finding:
    """Judge the claim that the gains of a group interlock.

    Parameters
    ----------
    claim : its wording
    parameters : states, years, smallest share (see :class:`Parameters`)
    view : the study
    """
    states = parameters.states or view.case.states
    found = view.exchange(states, parameters.since, view.study.years[1], parameters.worlds, parameters.seed)
    given = _given(found)
    pairs = {key: _both_ways(given, *key.split("-")) for key in all_pairs(states)}
    ring = next((one for one in found.interlock.rings if len(one.states) == min(len(states), 3)), None)
    ring = ring if ring is not None and ring.strength >= parameters.least else None
    closed: Verdict = "supported" if ring else "not testable" if "not testable" in pairs.values() else "undecided"
    chance = _chance(found, ring)
    behaviour = all_of([*pairs.values(), closed])
    verdict: Verdict = "undecided" if behaviour == "supported" and chance != "supported" else behaviour
    numbers = _numbers(found, given, ring)
    forward, against = _sides(found, given, ring, chance)
    return evidence.assemble(
        claim,
        RULE.format(since=parameters.since, least=parameters.least, worlds=parameters.worlds),
        verdict,
        _headline(states, pairs, ring, chance),
        _detail(found, given),
        numbers=numbers,
        forward=forward,
        against=against,
        checks=_checks(found, given, chance, view),
        parts=_parts(pairs, given, closed, chance, ring, numbers),
        not_covered=_not_covered(found, pairs),
        rows=evidence.rows_of(found.acts),
        tables=_tables(found),
    )


def _given(found: Exchange) -> pl.DataFrame:
    """giver, receiver, kind, acts: what one state gave another by itself."""
    own = found.acts.filter(~pl.col("mutual"))
    return (
        own.group_by("giver", "receiver", "kind")
        .agg(pl.col("act_id").n_unique().alias("acts"))
        .sort("giver", "receiver", "kind")
    )


def _kinds(given: pl.DataFrame, giver: str, receiver: str) -> dict[str, int]:
    own = given.filter((pl.col("giver") == giver) & (pl.col("receiver") == receiver))
    return dict(own.select("kind", "acts").iter_rows())


def _both_ways(given: pl.DataFrame, a: str, b: str) -> Verdict:
    there, back = _kinds(given, a, b), _kinds(given, b, a)
    if not there or not back:
        return "not testable"
    return "supported" if len({*there, *back}) > 1 else "contradicted"


def _chance(found: Exchange, ring: Ring | None) -> Verdict:
    """Is the ring more than chance? Not testable where no null world differs from what is observed."""
    if ring is None or abs(ring.expected - ring.strength) < 1e-9:
        return "not testable"
    return "supported" if ring.p_adjusted <= CHANCE else "undecided"


def _key(giver: str, receiver: str, kind: str) -> str:
    return f"{giver}-{receiver}.{kind}"


def _numbers(found: Exchange, given: pl.DataFrame, ring: Ring | None) -> list[Number]:
    numbers = []
    for giver, receiver, kind, acts in given.iter_rows():
        label = f"{state_name(giver)} to {state_name(receiver)}: acts of {evidence.kind_title(kind)}"
        numbers.append(Number(_key(giver, receiver, kind), label, acts, "count", source="acts"))
    flows = found.between().filter((pl.col("acts") > 0) & pl.col("value").is_not_null() & (pl.col("unit") != NEWS))
    for place, row in enumerate(flows.filter(pl.col("unit") != "acts").iter_rows(named=True)):
        who = f"{state_name(row['giver'])} to {state_name(row['receiver'])}"
        label = f"{who}: {evidence.measure_words(row['kind'], row['dataset'], row['unit'])}"
        numbers.append(
            Number(
                f"amount.{place}",
                label,
                row["value"],
                "amount",
                *evidence.width(row["low"], row["high"]),
                source=row["dataset"],
            )
        )
    if ring is not None:
        numbers += [
            Number("ring", "strength of the ring: smallest share along it", ring.strength, "share", source="interlock"),
            Number("ring.expected", "mean strength with chance partners", ring.expected, "share", source="interlock"),
            Number("ring.p", "part of the worlds of chance partners with as strong a ring, adjusted for the number of rings",
                   ring.p_adjusted, "probability", source="interlock"),
        ]  # fmt: skip
    return numbers


def _headline(states: list[str], pairs: dict[str, Verdict], ring: Ring | None, chance: Verdict) -> str:
    both = [pair_name(key) for key, verdict in pairs.items() if verdict == "supported"]
    said = f"{listed(both)} {'gives' if len(both) == 1 else 'give'} one another gains of different kinds" if both else (
        "No pair is on record as giving one another gains of different kinds")  # fmt: skip
    if ring is None:
        return f"{said}; no ring through {evidence.names(states)} is on record."
    tail = {
        "supported": "and the ring through all of them is stronger than chance partners make it (p {ring.p})",
        "undecided": "and they close into a ring, but chance partners might do the same (p {ring.p})",
    }.get(chance, "and they close into a ring, which these data cannot tell from one of chance partners")
    return f"{said}, {tail}."


def _ring_words(ring: Ring) -> str:
    ends = [*ring.states[1:], ring.states[0]]
    links = [
        f"{state_name(giver)} gives {state_name(receiver)} {evidence.kind_title(kind)} ({show(share, 'share')} of what is known that it gets)"
        for giver, receiver, kind, share in zip(ring.states, ends, ring.kinds, ring.shares, strict=True)
    ]
    return f"{listed(links)}."


def _detail(found: Exchange, given: pl.DataFrame) -> str:
    kept = found.acts.filter(pl.col("dataset").str.starts_with(HAND_KEPT))["act_id"].n_unique()
    words = f"{plural(found.acts['act_id'].n_unique(), 'act')} between them in {found.years[0]}–{found.years[1]}"
    return f"{words}, {kept:,} of them from ledgers kept by hand; {plural(given.height, 'kind')} of gain by direction."


def _parts(
    pairs: dict[str, Verdict], given: pl.DataFrame, closed: Verdict, chance: Verdict, ring: Ring | None, numbers: list[Number]
) -> list[Part]:  # fmt: skip
    parts = []
    for key, verdict in pairs.items():
        a, b = key.split("-")
        said = [_gave(given, one, two) for one, two in ((a, b), (b, a))]
        parts.append(
            Part(key, f"{pair_name(key)} give one another different things", verdict, sentence(" ".join(said), numbers))
        )
    words = _ring_words(ring) if ring else "No ring of different kinds is strong enough."
    parts.append(Part("ring", "The gains close into a ring", closed, sentence(words)))
    told = (
        "Weakest link {ring}, with chance partners {ring.expected} on average; p {ring.p}."
        if ring
        else "There is no ring to test."
    )
    parts.append(Part("chance", "The ring is more than chance", chance, sentence(told, numbers)))
    return parts


def _gave(given: pl.DataFrame, giver: str, receiver: str) -> str:
    kinds = [
        f"{evidence.kind_title(kind)} ({{{_key(giver, receiver, kind)}}})" for kind in _kinds(given, giver, receiver)
    ]
    return f"{state_name(giver)} to {state_name(receiver)}, acts by kind: {listed(kinds) or 'none on record'}."


def _sides(found: Exchange, given: pl.DataFrame, ring: Ring | None, chance: Verdict) -> tuple[list[str], list[str]]:
    forward = [
        _gave(given, one, two) for one in found.states for two in found.states if one != two and _kinds(given, one, two)
    ]
    against = [
        f"Nothing is on record that {state_name(one)} gave {state_name(two)} by itself."
        for one in found.states for two in found.states if one != two and not _kinds(given, one, two)
    ]  # fmt: skip
    if ring is not None:
        words = "The ring's weakest link is {ring}; with chance partners it is {ring.expected} on average (p {ring.p})."
        (forward if chance == "supported" else against).append(words)
    if found.interlock.triads:
        against.append(
            f"Among all states {found.interlock.as_strong:,} of {found.interlock.triads:,} rings of three are as strong."
        )
    if found.acts.filter(pl.col("dataset").str.starts_with(HAND_KEPT)).height:
        against.append(
            "A ledger written about these states finds what it looks for: it cannot show that others do less."
        )
    return forward, against


def _checks(found: Exchange, given: pl.DataFrame, chance: Verdict, view: View) -> list[Check]:
    if not given.height:
        return []
    thin = int(min(sum(_kinds(given, one, two).values()) for one in found.states for two in found.states if one != two))
    known = found.between().filter((pl.col("acts") > 0) & (pl.col("unit") != NEWS))
    told = known.filter(pl.col("open") == 0).height
    return [
        *evidence.ledger_checks(found.acts, evidence.claims_coverage(view)),
        Check("More than chance", chance == "supported", sentence(
            "The ring is stronger than chance partners make it." if chance == "supported"
            else "That the ring is more than chance could not be shown.")),
        Check("More than a thread", thin >= MANY, sentence(
            f"The thinnest direction rests on {plural(thin, 'act')}; {MANY} are asked for.")),
        Check("Amounts told", told >= 0.9 * known.height, sentence(
            f"{told:,} of {plural(known.height, 'flow')} have amounts without an open end.")),
    ]  # fmt: skip


def _not_covered(found: Exchange, pairs: dict[str, Verdict]) -> list[str]:
    unknown = [pair_name(key) for key, verdict in pairs.items() if verdict == "not testable"]
    said = [f"Nothing is known of what one of the two gave in {listed(unknown)}."] if unknown else []
    return [*said, *found.notes]


def _tables(found: Exchange) -> tuple[Table, ...]:
    columns = ("giver", "receiver", "kind", "dataset", "unit", "low", "value", "high", "acts", "first", "last")
    flows = found.between().filter(pl.col("acts") > 0)
    shown = [tuple(row.values()) for row in bands(found)]
    acts = (
        "giver",
        "receiver",
        "kind",
        "start",
        "end",
        "low",
        "value",
        "high",
        "unit",
        "dataset",
        "file",
        "row",
        "note",
        "citation",
        "checked",
    )
    return (
        Table("gains", "Gains between the states", columns, evidence.cells(flows, columns)),
        Table("bands", "Shares of what each gets, by giver and kind", ("giver", "receiver", "kind", "share", "acts", "unit", "dataset"), tuple(shown)),
        Table("acts", "Acts behind the gains", acts, evidence.cells(found.acts, acts)),
    )  # fmt: skip
