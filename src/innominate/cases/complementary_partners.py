"""The test ``complementary-partners``: does a state get security from one partner and economy from the other?"""

from __future__ import annotations

import polars as pl
from pydantic import model_validator

from innominate.cases import gains_evidence as evidence
from innominate.cases.findings import Check, Finding, Number, Part, Table, Verdict
from innominate.cases.registry import register
from innominate.cases.spec import ClaimSpec, StateCode, Strict, Year
from innominate.cases.verdicts import all_of, opposite
from innominate.cases.view import View
from innominate.cases.wording import listed, plural, sentence, state_name
from innominate.exchange import splits, telling
from innominate.exchange.kinds import HAND_KEPT, NEWS
from innominate.ledger import GAINS, Theme

RULE = (
    "For every measure of a gain, the giver's part is its share of what the two givers together gave the state from {since} on. "
    "Both halves are judged alike, kind by kind: security by arms, troops and technology, the economy by money, energy, food, "
    "labour and goods. A kind comes from the one where that one's part is above one half in every measure of it, whatever the "
    "range. Amounts are judged before counts of acts, but a kind of which counts say the opposite of amounts is undecided. Amounts "
    "of which one giver's are unknown and totals of both ways, which are nobody's gift, are not judged. A half is decided only "
    "where every kind of it on record is judged and all point the same way. The claim is both halves."
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

    A half is no surer than its table: where its kinds point different ways, or one of them cannot be judged, it is undecided.

    Parameters
    ----------
    claim : its wording
    parameters : the three states and the first year
    view : the study
    """
    asked = parameters
    found = view.exchange((asked.state, asked.security, asked.economy), asked.since, view.study.years[1])
    split = splits(found.flows, asked.state, asked.security, asked.economy).filter(
        (pl.col("unit") != NEWS) & ((pl.col("theme") != "diplomacy") | pl.col("counted"))
    )
    judged = telling(split)
    acts = found.acts.filter(pl.col("receiver") == asked.state)
    halves: tuple[tuple[Theme, str], ...] = (("security", asked.security), ("economy", asked.economy))
    kinds = {theme: _kinds(split, judged, acts, asked, theme) for theme, _ in halves}
    verdicts = {theme: _half(kinds[theme], giver == asked.security) for theme, giver in halves}
    numbers = _numbers(split, asked)
    forward, against = _sides(split, judged, asked)
    return evidence.assemble(
        claim,
        RULE.format(since=asked.since),
        all_of(list(verdicts.values())),
        _headline(kinds, verdicts, asked),
        _detail(split, acts, found.years),
        numbers=numbers,
        forward=forward,
        against=against,
        checks=_checks(judged, acts, view),
        parts=[
            Part(theme, f"{theme.capitalize()} comes from {state_name(giver)}", verdicts[theme],
                 sentence(_said(judged.filter(pl.col("theme") == theme), split), numbers))
            for theme, giver in halves
        ],
        not_covered=_not_covered(split, found.notes),
        rows=evidence.rows_of(acts.filter(pl.col("giver").is_in([asked.security, asked.economy]))),
        tables=(_table(split),),
    )  # fmt: skip


def _kinds(
    split: pl.DataFrame, judged: pl.DataFrame, acts: pl.DataFrame, asked: Parameters, theme: Theme
) -> dict[str, Verdict]:
    """Kind of gain of a half → whether it comes from the first giver; not testable where on record but not judged."""
    ours = acts.filter(pl.col("giver").is_in([asked.security, asked.economy]))["kind"]
    recorded = {kind for kind in ours if GAINS[kind].theme == theme}
    of_theme = pl.col("theme") == theme
    own, counts = judged.filter(of_theme), split.filter(of_theme & pl.col("counted"))
    found: dict[str, Verdict] = {}
    for kind in sorted(recorded | set(own["kind"])):
        verdict = evidence.most_of(_pointing(own.filter(pl.col("kind") == kind)))
        contrary = opposite(verdict) in _pointing(counts.filter(pl.col("kind") == kind))
        found[kind] = "undecided" if contrary else verdict
    return found


def _half(kinds: dict[str, Verdict], first: bool) -> Verdict:
    """The verdict on a half; first: it is claimed of the first giver, else of the second."""
    every = list(kinds.values())
    verdict = "undecided" if "not testable" in every and set(every) != {"not testable"} else evidence.most_of(every)
    return verdict if first else opposite(verdict)


def _pointing(measures: pl.DataFrame) -> list[Verdict]:
    """Whether the first giver's part is above one half, by measure."""
    return [
        "supported" if low > 0.5 else "contradicted" if high < 0.5 else "undecided"
        for low, high in measures.select("part_low", "part_high").iter_rows()
    ]


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


def _headline(kinds: dict[Theme, dict[str, Verdict]], verdicts: dict[Theme, Verdict], asked: Parameters) -> str:
    words: dict[Verdict, str] = {
        "supported": "comes from {}", "contradicted": "does not come from {}",
        "undecided": "cannot be laid at one door", "not testable": "is not known to come from {} or from elsewhere",
    }  # fmt: skip
    said = []
    for theme, verdict in verdicts.items():
        giver = asked.security if theme == "security" else asked.economy
        doors = f" ({_doors(kinds[theme], asked)})" if verdict == "undecided" else ""
        said.append(f"{theme} {words[verdict].format(state_name(giver))}{doors}")
    return f"What {state_name(asked.state)} gets: {listed(said)}."


def _doors(kinds: dict[str, Verdict], asked: Parameters) -> str:
    """Which kinds of a half come from whom."""
    words = {"supported": f"from {state_name(asked.security)}", "contradicted": f"from {state_name(asked.economy)}",
             "undecided": "from neither clearly", "not testable": "from whom more is unknown"}  # fmt: skip
    by = {verdict: [evidence.kind_title(kind) for kind in kinds if kinds[kind] == verdict] for verdict in words}
    return "; ".join(f"{listed(by[verdict])} {told}" for verdict, told in words.items() if by[verdict])


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
        weight = "" if key in decisive else f"; not judged, since {_why_not(row['counted'])}"
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


def _why_not(counted: bool) -> str:
    return "counts are weaker than amounts" if counted else "a total of both ways is nobody's gift"


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
