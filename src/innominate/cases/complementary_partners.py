"""The test ``complementary-partners``: does a state get security from one partner and economy from the other?"""

from __future__ import annotations

import polars as pl
from pydantic import model_validator

from innominate.cases import gains_evidence as evidence
from innominate.cases.findings import Check, Finding, Number, Part, Table, Verdict
from innominate.cases.registry import register
from innominate.cases.spec import ClaimSpec, StateCode, Strict, Year
from innominate.cases.verdicts import all_of
from innominate.cases.view import View
from innominate.cases.wording import listed, plural, sentence, state_name
from innominate.exchange import splits, telling
from innominate.exchange.kinds import HAND_KEPT
from innominate.ledger import Theme

RULE = (
    "For every measure of a gain, the giver's part is its share of what the two givers together gave the state from {since} on. "
    "Security (arms, troops, technology) comes from the one where its part is above one half in every measure, whatever the "
    "range of the amounts; the same for the economy (money, energy, food, labour, goods) and the other. Amounts are judged "
    "before counts of acts; amounts of which one giver's are unknown are not judged. The claim is both statements."
)


class Parameters(Strict):
    """What stands under ``with``: ``state`` gets security from ``security`` and economy from ``economy``, ``since`` a year."""

    state: StateCode
    security: StateCode
    economy: StateCode
    since: Year

    @model_validator(mode="after")
    def _sensible(self) -> Parameters:
        if len({self.state, self.security, self.economy}) < 3:
            raise ValueError("state, security and economy are three different states")
        return self


@register("complementary-partners", Parameters, RULE)
def complementary_partners(claim: ClaimSpec, parameters: Parameters, view: View) -> Finding:
    """Judge the claim that a state gets security from one partner and economy from another.

    Parameters
    ----------
    claim : its wording
    parameters : the three states and the first year
    view : the study
    """
    asked = parameters
    found = view.exchange((asked.state, asked.security, asked.economy), asked.since, view.study.years[1])
    split = splits(found.flows, asked.state, asked.security, asked.economy).filter(
        (pl.col("unit") != "events") & ((pl.col("theme") != "diplomacy") | pl.col("counted"))
    )
    judged = telling(split)
    themes: tuple[tuple[Theme, str, int], ...] = (("security", asked.security, 1), ("economy", asked.economy, -1))
    verdicts = {theme: _theme(judged, theme, sign) for theme, _, sign in themes}
    numbers = _numbers(split, asked)
    acts = found.acts.filter(pl.col("receiver") == asked.state)
    forward, against = _sides(split, judged, asked)
    return evidence.assemble(
        claim,
        RULE.format(since=asked.since),
        all_of(list(verdicts.values())),
        _headline(verdicts, asked),
        _detail(split, acts, found.years),
        numbers=numbers,
        forward=forward,
        against=against,
        checks=_checks(judged, acts, view),
        parts=[
            Part(theme, f"{theme.capitalize()} comes from {state_name(giver)}", verdicts[theme],
                 sentence(_said(judged.filter(pl.col("theme") == theme), split), numbers))
            for theme, giver, _ in themes
        ],
        not_covered=_not_covered(split, found.notes),
        rows=evidence.rows_of(acts.filter(pl.col("giver").is_in([asked.security, asked.economy]))),
        tables=(_table(split),),
    )  # fmt: skip


def _theme(judged: pl.DataFrame, theme: str, sign: int) -> Verdict:
    """Every measure must point one way; sign -1: the claim is that the second giver's part is above one half."""
    verdicts: list[Verdict] = []
    for low, high in judged.filter(pl.col("theme") == theme).select("part_low", "part_high").iter_rows():
        above, below = low > 0.5, high < 0.5
        if sign < 0:
            above, below = below, above
        verdicts.append("supported" if above else "contradicted" if below else "undecided")
    return evidence.most_of(verdicts)


def _keys(split: pl.DataFrame) -> dict[tuple[str, str, str], str]:
    return {key: f"part.{place}" for place, key in enumerate(split.select("kind", "dataset", "unit").iter_rows())}


def _numbers(split: pl.DataFrame, asked: Parameters) -> list[Number]:
    keys, found = _keys(split), []
    for row in split.iter_rows(named=True):
        measure = (row["kind"], row["dataset"], row["unit"])
        words = f"{state_name(asked.security)}'s part of {evidence.measure_words(*measure)} given to {state_name(asked.state)}"
        found.append(
            Number(keys[measure], words, row["part"], "share", row["part_low"], row["part_high"], source=row["dataset"])
        )
    return found


def _headline(verdicts: dict[Theme, Verdict], asked: Parameters) -> str:
    words: dict[Verdict, str] = {
        "supported": "comes from {}", "contradicted": "does not come from {}",
        "undecided": "cannot be laid at one door, {}'s or the other's", "not testable": "is not known to come from {} or from elsewhere",
    }  # fmt: skip
    said = [
        f"security {words[verdicts['security']].format(state_name(asked.security))}",
        f"economy {words[verdicts['economy']].format(state_name(asked.economy))}",
    ]
    return f"What {state_name(asked.state)} gets: {listed(said)}."


def _said(judged: pl.DataFrame, split: pl.DataFrame) -> str:
    keys = _keys(split)
    each = [
        f"{evidence.measure_words(*key)}: {{{keys[key]}|full}}"
        for key in judged.select("kind", "dataset", "unit").iter_rows()
    ]
    if not each:
        return "No measure knows what both gave."
    return f"Part of {state_name(judged['first'][0])} in what the two gave: {'; '.join(each)}."


def _detail(split: pl.DataFrame, acts: pl.DataFrame, years: tuple[int, int]) -> str:
    kept = acts.filter(pl.col("dataset").str.starts_with(HAND_KEPT))["act_id"].n_unique()
    said = f"{plural(split.height, 'measure')} in {years[0]}–{years[1]} can be split between the two, from {plural(acts['act_id'].n_unique(), 'act')}"
    return f"{said}, {kept:,} of them from the case's ledger."


def _sides(split: pl.DataFrame, judged: pl.DataFrame, asked: Parameters) -> tuple[list[str], list[str]]:
    keys = _keys(split)
    forward: list[str] = []
    against: list[str] = []
    decisive = set(judged.select("kind", "dataset", "unit").iter_rows())
    for row in split.filter(pl.col("theme") != "diplomacy").iter_rows(named=True):
        key = (row["kind"], row["dataset"], row["unit"])
        points = row["part"] > 0.5 if row["theme"] == "security" else row["part"] < 0.5
        giver = asked.security if row["part"] > 0.5 else asked.economy
        weight = "" if key in decisive else "; not judged, since counts are weaker than amounts"
        text = f"{evidence.measure_words(*key)} comes more from {state_name(giver)} ({state_name(asked.security)}'s part {{{keys[key]}|full}}{weight})."
        (forward if points else against).append(text[0].upper() + text[1:])
    one_sided = judged.filter(
        pl.col("counted") & (pl.col("basis") == "recorded") & ((pl.col("part") == 0) | (pl.col("part") == 1))
    )
    if one_sided.height:
        against.append(
            "Where only one giver's acts are recorded, the other's may be hidden or unrecorded: unknown is not zero."
        )
    return forward, against


def _checks(judged: pl.DataFrame, acts: pl.DataFrame, view: View) -> list[Check]:
    if not judged.height:
        return []
    both = judged.filter(pl.col("theme") != "diplomacy")
    amounts = int((~both["counted"]).sum())
    several = both.group_by("theme").len()["len"].min()
    return [
        *evidence.ledger_checks(acts, evidence.claims_coverage(view)),
        Check("Amounts, not counts", amounts == both.height, sentence(
            f"{amounts} of {plural(both.height, 'measure')} judged are amounts; the others count recorded acts.")),
        Check("More than one measure", isinstance(several, int) and several > 1 and both["theme"].n_unique() == 2, sentence(
            "Both themes rest on more than one measure." if isinstance(several, int) and several > 1
            else "One of the themes rests on a single measure.")),
    ]  # fmt: skip


def _not_covered(split: pl.DataFrame, notes: tuple[str, ...]) -> list[str]:
    one = sorted(set(split.filter(pl.col("counted") & (pl.col("basis") == "recorded"))["kind"]))
    said = [f"Amounts of {listed([evidence.kind_title(kind) for kind in one])} by both givers."] if one else []
    return [*said, *notes]


def _table(split: pl.DataFrame) -> Table:
    columns = ("receiver", "first", "second", "theme", "kind", "dataset", "unit", "part", "part_low", "part_high",
               "first_value", "second_value", "basis")  # fmt: skip
    title = "Parts of the first giver in what the two give"
    return Table("splits", title, columns, evidence.cells(split, columns))
