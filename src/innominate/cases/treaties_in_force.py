"""The test ``treaties-in-force``: which pairs of a group are bound by a treaty, and does one treaty bind all?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import polars as pl

from innominate.cases import treaties
from innominate.cases.findings import Check, Finding, Number, Part, Sentence, Verdict
from innominate.cases.pairs_spec import PairsSpec
from innominate.cases.registry import register
from innominate.cases.spec import ClaimSpec, Year
from innominate.cases.treaties import Joint, Obligation, Standing
from innominate.cases.verdicts import confidence
from innominate.cases.view import View
from innominate.cases.wording import listed, pair_name, plural, sentence
from innominate.ledger import Library

RULE = (
    "A pair is signed for where a commitment with {article} {obligation} clause was in force on any day of the year asked "
    "about, not signed for where every dataset that covers the pair throughout that year has none, disputed where such "
    "datasets differ, unknown where none covers it. The claim that {signed} of the pairs are signed for is supported or "
    "contradicted where the signed and unsigned pairs settle it, undecided where only disputed pairs leave it open, and "
    "not testable where unknown pairs do. These are facts of record, so that no probability enters."
)
SINCE = 1945  # treaties that ended earlier are not recalled
_PARTS: dict[Standing, str] = {
    "signed": "bound by a treaty with {article} {obligation} clause",
    "not signed": "no treaty with {article} {obligation} clause",
    "disputed": "the datasets differ",
    "unknown": "no dataset in the library covers this pair in this year",
}


class Parameters(PairsSpec):
    """What stands under ``with``.

    ``states`` (every pair of them) or ``pairs``; default: the case's states. ``signed``: the claim is that all, some (at
    least one, but not all) or none of the pairs are signed for. ``obligation``: defence, offence, neutrality,
    nonaggression or consultation. ``year``: the year asked about; default: the last that is covered.
    """

    signed: Literal["all", "some", "none"]
    obligation: Obligation = "defence"
    year: Year | None = None


@register("treaties-in-force", Parameters, RULE)
def treaties_in_force(claim: ClaimSpec, parameters: Parameters, view: View) -> Finding:
    """Judge the claim that all, some or none of some pairs are bound by a treaty.

    Parameters
    ----------
    claim : its wording
    parameters : pairs, obligation, year (see :class:`Parameters`)
    view : the study
    """
    library = view.study.library
    keys = parameters.keys(view.case.states)
    year = parameters.year or treaties.last_year(view, keys) or view.study.years[1]
    stands = {key: treaties.standing(library, key, year, parameters.obligation) for key in keys}
    rows = treaties.commitment_rows(library, keys)
    bound = treaties.named_once(treaties.in_force(rows, year).filter(parameters.obligation))
    joint = treaties.joint_treaty(view, sorted({code for key in keys for code in key.split("-")}))
    numbers = _numbers(stands, bound, year)
    checks = _checks(library, stands, bound, year)
    words = {"article": "an" if parameters.obligation == "offence" else "a", "obligation": parameters.obligation}
    return Finding(
        **claim.named(),
        verdict=pattern_verdict(list(stands.values()), parameters.signed),
        confidence=confidence(checks),
        headline=_headline(stands, numbers, words),
        detail=_detail(stands, joint),
        confidence_reason=_reason(checks),
        rule=RULE.format(**words, signed=parameters.signed),
        parts=tuple(_part(key, stand, bound, words) for key, stand in stands.items()),
        numbers=tuple(numbers),
        evidence_for=_evidence(parameters.signed, stands, rows, year, parameters.obligation, joint, True),
        evidence_against=_evidence(parameters.signed, stands, rows, year, parameters.obligation, joint, False),
        not_covered=_not_covered(library, keys, view, year),
        checks=tuple(checks),
        rows=treaties.treaty_rows_behind(library, keys),
        tables=(treaties.treaty_table(view, keys),),
    )


def pattern_verdict(stands: Sequence[Standing], claimed: str) -> Verdict:
    """The verdict on "all, some or none are signed for".

    >>> pattern_verdict(["signed", "not signed"], "some"), pattern_verdict(["signed", "unknown"], "all")
    ('supported', 'not testable')
    """
    signed, unsigned = "signed" in stands, "not signed" in stands
    open_to = "not testable" if "unknown" in stands else "undecided"
    complete = "unknown" not in stands and "disputed" not in stands
    holds: dict[str, tuple[bool, bool]] = {  # claimed → (certainly true, certainly false)
        "all": (complete and not unsigned, unsigned),
        "none": (complete and not signed, signed),
        "some": (signed and unsigned, complete and not (signed and unsigned)),
    }
    true, false = holds[claimed]
    return "supported" if true else "contradicted" if false else open_to  # type: ignore[return-value]


def _described(row: Mapping[str, object], kinds: str = "") -> str:
    title = row["title"] or row["citation"] or row["treaty_id"]
    return f"{title} ({kinds}in force from {row['start']:%-d %B %Y}{_until(row)}; {row['origin']})"


def _until(row: Mapping[str, object]) -> str:
    return f" to {row['end']:%-d %B %Y}" if row["end"] is not None else ""


def _part(key: str, stand: Standing, bound: pl.DataFrame, words: dict[str, str]) -> Part:
    verdicts: dict[Standing, Verdict] = {
        "signed": "supported", "not signed": "contradicted", "disputed": "undecided", "unknown": "not testable",
    }  # fmt: skip
    text = _PARTS[stand].format(**words)
    own = [_described(row) for row in bound.filter(pl.col("key") == key).iter_rows(named=True)]
    full = f"{text[0].upper()}{text[1:]}" + (f": {'; '.join(own)}." if own else ".")
    return Part(key, f"{pair_name(key)} is bound by treaty", verdicts[stand], sentence(_literal(full)))


def _literal(text: str) -> str:
    """Text from data, in which braces must not be taken for places of numbers."""
    return text.replace("{", "(").replace("}", ")")


def _numbers(stands: Mapping[str, Standing], bound: pl.DataFrame, year: int) -> list[Number]:
    source = ", ".join(sorted(set(bound["dataset"]))) or "commitments"
    found = [
        Number("year", "year asked about", year, "year", source="parameters and coverage"),
        Number("pairs", "pairs asked about", len(stands), "count", source="the case"),
    ]
    for stand in ("signed", "not signed", "disputed", "unknown"):
        count = sum(one == stand for one in stands.values())
        label = f"pairs: {stand if stand in ('disputed', 'unknown') else stand + ' for'}"
        found.append(Number(stand.replace(" ", "-"), label, count, "count", of=len(stands), source=source))
    for key, part in bound.group_by("key", maintain_order=True):
        start = part["start"].min()
        found.append(
            Number(f"{key[0]}.since", f"{pair_name(str(key[0]))}: in force since", start.year, "year", source=source)  # type: ignore[union-attr]
        )
    return found


def _headline(stands: Mapping[str, Standing], numbers: list[Number], words: dict[str, str]) -> Sentence:
    said = f"In {{year}}, {{signed}} of {{pairs}} pairs had a treaty with {words['article']} {words['obligation']} clause in force"
    if signed := [key for key, stand in stands.items() if stand == "signed"]:
        said += f": {listed([f'{pair_name(key)} (since {{{key}.since}})' for key in signed])}"
    return sentence(f"{said}.", numbers)


def _detail(stands: Mapping[str, Standing], joint: Joint) -> Sentence:
    unsigned = [pair_name(key) for key, stand in stands.items() if stand == "not signed"]
    signed = "signed" in stands.values()
    said = [f"{listed(unsigned)} had none."] if unsigned else []
    unclear = [f"{pair_name(key)} ({stand})" for key, stand in stands.items() if stand in ("disputed", "unknown")]
    if unclear:
        said.append(f"Not settled: {listed(unclear)}.")
    if len(joint.states) > 2:
        said.append(joint.sentence)
        if joint.absent == "supported" and unsigned and signed:
            said.append(f"What has no name is {listed(unsigned)}, and the group as a whole.")
    return sentence(" ".join(said))


def _evidence(
    claimed: str,
    stands: Mapping[str, Standing],
    rows: pl.DataFrame,
    year: int,
    obligation: str,
    joint: Joint,
    wanted: bool,
) -> tuple[Sentence, ...]:
    """Evidence on one side: a signed pair speaks for "all", against "none"; for "some" both kinds are needed."""
    found: list[str] = []
    signed = [key for key, stand in stands.items() if stand == "signed"]
    unsigned = [key for key, stand in stands.items() if stand == "not signed"]
    current = treaties.in_force(rows, year)
    if (claimed != "none") == wanted:
        found += [f"{pair_name(key)}: {'; '.join(_titles(current, key, obligation))}." for key in signed]
    if (claimed != "all") == wanted:
        found += [f"{pair_name(key)}: none in force in {year}." for key in unsigned]
    if not wanted:
        found += _weaker(current, rows, [*signed, *unsigned], year, obligation)
        found += [joint.sentence] if joint.titles else []
        found += [joint.lesser_sentence] if joint.lesser else []
    if not found:
        found = ["Every commitment between these states that the library holds was asked; none points this way."]
    return tuple(sentence(_literal(text)) for text in found)


def _titles(rows: pl.DataFrame, key: str, obligation: str) -> list[str]:
    own = treaties.named_once(rows.filter((pl.col("key") == key) & pl.col(obligation)))
    return [_described(row) for row in own.iter_rows(named=True)]


def _weaker(current: pl.DataFrame, rows: pl.DataFrame, keys: Sequence[str], year: int, obligation: str) -> list[str]:
    """What a reader would hold against the count: lesser treaties in force, and treaties of the kind that lapsed."""
    found = []
    for key in keys:
        lesser = treaties.named_once(current.filter((pl.col("key") == key) & ~pl.col(obligation)))
        each = [
            _described(
                row, f"{listed([name for name in treaties.OBLIGATIONS if row[name]]) or 'no obligation coded'}, "
            )
            for row in lesser.iter_rows(named=True)
        ]
        if each:
            found.append(f"{pair_name(key)} has lesser commitments in force: {'; '.join(each)}.")
        own = treaties.named_once(rows.filter((pl.col("key") == key) & pl.col(obligation)))
        ended = own.filter(pl.col("end").dt.year().is_between(SINCE, year - 1)).iter_rows(named=True)
        if gone := [_described(row) for row in ended]:
            found.append(f"{pair_name(key)} had such a treaty that ended: {'; '.join(gone)}.")
    return found


def _checks(library: Library, stands: Mapping[str, Standing], bound: pl.DataFrame, year: int) -> list[Check]:
    by_pair = {key: treaties.covering(library, key, year) for key in stands}
    seen = sorted({name for names in by_pair.values() for name in names})
    unclear = [pair_name(key) for key, stand in stands.items() if stand in ("unknown", "disputed")]
    twice = min((len(names) for names in by_pair.values()), default=0) > 1
    cited = bool(bound["citation"].is_not_null().all()) and bool(bound["title"].is_not_null().all())
    return [
        Check("All pairs settled", not unclear, sentence(
            f"Not settled: {listed(unclear)}." if unclear else "Every pair is covered and the datasets agree.")),
        Check("Two datasets", twice, sentence(
            f"{plural(len(seen), 'dataset covers', 'datasets cover')} {year} ({listed(seen) or 'none'}); two are asked for.")),
        Check("Named and cited", cited, sentence(
            "Every treaty counted has a title and a citation." if cited else "A treaty counted lacks its title or citation.")),
    ]  # fmt: skip


def _reason(checks: Sequence[Check]) -> Sentence:
    failed = [check.detail.text for check in checks if not check.passed]
    return sentence(_literal(" ".join(failed or [check.detail.text for check in checks])))


def _not_covered(library: Library, keys: Sequence[str], view: View, year: int) -> tuple[Sentence, ...]:
    found = ["Secret clauses and unpublished understandings are in no dataset."]
    later = list(range(year + 1, view.study.years[1] + 1))
    if later:
        found.append(f"Commitments after {year} are not covered for all these pairs.")
    ends = library.query(
        "SELECT dataset, max(last) AS last FROM coverage WHERE channel = 'commitments' GROUP BY dataset ORDER BY dataset"
    )
    found += [f"The dataset {dataset} ends on {last:%-d %B %Y}." for dataset, last in ends.iter_rows()]
    return tuple(sentence(_literal(text)) for text in found)
