"""The test ``channel-substitution``: when one channel between two states is cut, does another rise?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import polars as pl
from pydantic import Field

from innominate.cases.findings import Check, Finding, Number, Part, Sentence, Table, Verdict
from innominate.cases.provenance import rows_behind
from innominate.cases.registry import register
from innominate.cases.spec import ClaimSpec, StateCodes, Strict
from innominate.cases.verdicts import confidence, reason
from innominate.cases.view import View
from innominate.cases.wording import listed, mid_sentence, pair_name, sentence
from innominate.ledger import CHANNELS
from innominate.signals import Response, find_cuts, responses

SURE = 0.10  # adjusted p-value at which a rise is told
SLIGHT = 0.10  # spreads: a rise smaller than this is none to speak of
MANY = 5  # channels that should have been seen before one is confident
SHOWN = 6  # cuts of the case's own states that are listed

RULE = (
    "A cut is the first {cut} between two states after five years without. In every other cooperative channel the change of "
    "the pair's excess, from the three years before to the three years after, is compared with that of the five pairs without "
    "a cut that stood and moved most alike before, in the same year. The claim is that another channel rises: supported where "
    "in at least one the p-value of a rise, resampled by whole targets and adjusted for the number of channels (Holm), is at "
    f"most {SURE}; contradicted where in every channel the 90% interval lies below {SLIGHT} spreads; undecided in between."
)
WORDS = {"sanctions": "sanction", "disputes": "militarised dispute"}


class Parameters(Strict):
    """What stands under ``with``.

    ``cut``: sanctions, or disputes. ``states``: whose own cuts are listed (default: the case's). ``seed``: of bootstrap and
    placebo dates.
    """

    cut: Literal["sanctions", "disputes"] = "sanctions"
    states: StateCodes | None = None
    seed: Annotated[int, Field(ge=0)] = 1


@register("channel-substitution", Parameters, RULE)
def channel_substitution(claim: ClaimSpec, parameters: Parameters, view: View) -> Finding:
    """Judge the claim that cooperation moves to another channel of the same pair when one is cut.

    Parameters
    ----------
    claim : its wording
    parameters : what counts as a cut (see :class:`Parameters`)
    view : the study
    """
    library = view.study.library
    states = set(parameters.states or view.case.states)
    panel = view.fit.panel
    found = responses(panel, library, parameters.cut, seed=parameters.seed)
    cuts = find_cuts(library, parameters.cut)
    first, last = int(panel.years[0]), int(panel.years[-1])
    own = cuts.filter(
        pl.col("year").is_between(first, last) & (pl.col("a").is_in(sorted(states)) | pl.col("b").is_in(sorted(states)))
    )
    numbers = _numbers(found, own)
    checks = _checks(found)
    forward, against = _both_sides(found, numbers)
    keys = [f"{a}-{b}" for a, b in own.select("a", "b").unique(maintain_order=True).head(SHOWN).iter_rows()]
    return Finding(
        **claim.named(),
        verdict=verdict_of(found),
        confidence=confidence(checks),
        headline=_headline(found, parameters, numbers),
        detail=_detail(found, own, parameters, numbers),
        confidence_reason=reason(checks),
        rule=RULE.format(cut=WORDS[parameters.cut]),
        parts=tuple(_parts(found, numbers)),
        numbers=tuple(numbers),
        evidence_for=forward,
        evidence_against=against,
        not_covered=_not_covered(found, parameters),
        checks=tuple(checks),
        rows=rows_behind(library, keys, first, last, view.channels_behind | {parameters.cut}) if keys else (),
        tables=_tables(found, own),
    )


def verdict_of(found: Sequence[Response]) -> Verdict:
    """At least one rise beyond chance, none worth the name, or neither shown."""
    if not found:
        return "not testable"
    if min(one.adjusted for one in found) <= SURE:
        return "supported"
    return "contradicted" if max(one.high for one in found) < SLIGHT else "undecided"


def _numbers(found: Sequence[Response], own: pl.DataFrame) -> list[Number]:
    given = [Number("own-cuts", "new cuts of the states of the case", own.height, "count", source="acts")]
    for one in found:
        title, source = CHANNELS[one.channel].title, one.channel
        given += [
            Number(f"{one.channel}.change", f"{title}: change after a cut beyond matched pairs, in spreads", one.change, "change", one.low, one.high, source=source),
            Number(f"{one.channel}.placebo", f"{title}: the same at other dates of the same pairs, middle of the band",
                   (one.placebo_low + one.placebo_high) / 2, "change", one.placebo_low, one.placebo_high, source=source),
            Number(f"{one.channel}.p", f"{title}: adjusted p-value of a rise", one.adjusted, "probability", source=source),
            Number(f"{one.channel}.cuts", f"{title}: cuts followed", one.cuts, "count", source=source),
            Number(f"{one.channel}.targets", f"{title}: targets of these", one.targets, "count", source=source),
        ]  # fmt: skip
    return given


def _named(found: Sequence[Response]) -> str:
    return listed([f"{mid_sentence(CHANNELS[one.channel].title)} ({{{one.channel}.change|full}})" for one in found])


def _rose(found: Sequence[Response]) -> list[Response]:
    return [one for one in found if one.adjusted <= SURE]


def _fell(found: Sequence[Response]) -> list[Response]:
    return [one for one in found if one.high < 0]


def _headline(found: Sequence[Response], parameters: Parameters, numbers: list[Number]) -> Sentence:
    if not found:
        return sentence(f"The library holds too few new {parameters.cut} with other channels around them to say.")
    rose, fell = _rose(found), _fell(found)
    words = f"After a new {WORDS[parameters.cut]}, "
    words += f"{_named(rose)} rose" if rose else "no other channel of the same pair rose beyond chance"
    words += f"; {_named(fell)} fell." if fell else "."
    return sentence(words, numbers)


def _detail(found: Sequence[Response], own: pl.DataFrame, parameters: Parameters, numbers: list[Number]) -> Sentence:
    if not found:
        return sentence("Unknown is not zero: nothing is claimed.")
    best = found[0]
    words = (
        f"The largest candidate is {mid_sentence(CHANNELS[best.channel].title)}: {{{best.channel}.change|full}} spreads over pairs, from "
        f"{{{best.channel}.cuts}} cuts against {{{best.channel}.targets}} targets, adjusted p-value {{{best.channel}.p}}. "
        "States of the case were party to {own-cuts} of the cuts; what holds of all need not hold of each."
    )
    return sentence(words, numbers)


def _parts(found: Sequence[Response], numbers: list[Number]) -> list[Part]:
    parts = []
    for one in found:
        words = f"{{{one.channel}.change|full}} spreads; at other dates {{{one.channel}.placebo|interval}}; adjusted p-value {{{one.channel}.p}}."
        parts.append(
            Part(
                one.channel,
                f"A rise in {mid_sentence(CHANNELS[one.channel].title)}",
                verdict_of([one]),
                sentence(words, numbers),
            )
        )
    return parts


def _checks(found: Sequence[Response]) -> list[Check]:
    if not found:
        return []
    rose = _rose(found)
    placebo = all(one.placebo_p <= SURE for one in rose) if rose else True
    events = [one for one in found if "cooperation" not in one.channel]
    same = verdict_of(events) == verdict_of(found)
    return [
        Check("Placebo dates", placebo, sentence(
            ("What rose did so beyond what other dates of the same pairs give." if rose else "Nothing rose that placebo dates would have to be held against.")
            if placebo else "Other dates of the same pairs give as much of a rise.")),
        Check("Without events", same, sentence(
            "Without channels coded from news the verdict is the same." if same else "The verdict rests on events coded from news, in which a quarrel itself makes news.")),
        Check("Enough channels", len(found) >= MANY, sentence(f"{len(found)} other channels were seen; {MANY} are asked for.")),
    ]  # fmt: skip


def _both_sides(found: Sequence[Response], numbers: list[Number]) -> tuple[tuple[Sentence, ...], tuple[Sentence, ...]]:
    forward: list[Sentence] = []
    against: list[Sentence] = []
    for one in found:
        alone = one.low > 0 and one.adjusted > SURE  # a rise, but one that chance makes in some of so many channels
        words = sentence(
            f"{CHANNELS[one.channel].title}: {{{one.channel}.change|full}} spreads after {{{one.channel}.cuts}} cuts"
            + (
                f"; among so many channels no more than chance makes (adjusted p-value {{{one.channel}.p}})."
                if alone
                else "."
            ),
            numbers,
        )
        (forward if one.adjusted <= SURE or alone else against).append(words)
    return tuple(forward), tuple(against)


def _not_covered(found: Sequence[Response], parameters: Parameters) -> tuple[Sentence, ...]:
    seen = {one.channel for one in found}
    missing = [
        about.title for name, about in CHANNELS.items() if about.measured and about.valence > 0 and name not in seen
    ]
    said = []
    if missing:
        said.append(f"Not seen around enough cuts: {listed([mid_sentence(title) for title in missing])}.")
    said.append(
        "A turn to a third state, or to channels that nobody records, is not seen here: only other channels of the same pair are."
    )
    return tuple(sentence(text) for text in said)


def _tables(found: Sequence[Response], own: pl.DataFrame) -> tuple[Table, ...]:
    columns = tuple(Response.__slots__)
    rows = tuple(tuple(getattr(one, name) for name in columns) for one in found)
    listed_ = own.with_columns((pl.col("a") + "-" + pl.col("b")).alias("key")).sort("year", "key")
    named = tuple(
        (key, pair_name(key), year, target) for key, year, target in listed_.select("key", "year", "target").iter_rows()
    )
    if not found:
        return ()
    return (
        Table("responses", "Other channels after a cut", columns, rows),
        Table("own_cuts", "New cuts of the states of the case", ("key", "pair", "year", "against"), named),
    )
