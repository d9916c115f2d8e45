"""Running a case: every claim to its test, and what a reader must know about years and data."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from innominate.cases.bloc_tables import bloc_tables
from innominate.cases.findings import Finding, Findings
from innominate.cases.gains_evidence import ledgers_used
from innominate.cases.provenance import library_used, sources_used
from innominate.cases.registry import claim_test
from innominate.cases.skeleton import filled
from innominate.cases.spec import CaseSpec
from innominate.cases.tables import case_tables
from innominate.cases.verdicts import RULES
from innominate.cases.view import CARRIED, WELL_COVERED, View
from innominate.cases.wording import listed, pair_name, scale_words, span, state_name
from innominate.study import Study


def run(spec: CaseSpec, study: Study) -> Findings:
    """Put every claim of a case to its test.

    Parameters
    ----------
    spec : the checked case
    study : the study; its years decide, whatever the case file says
    """
    from innominate import __version__

    view = View(study, spec)
    claims = []
    for claim in spec.claims:
        study.progress(f"testing: {claim.title}")
        test = claim_test(claim.test)
        claims.append(test.run(claim, test.parameters.model_validate(claim.parameters), view))
    codes = sorted({code for key in (*view.pairs, *view.comparisons) for code in key.split("-")})
    return Findings(
        case=spec.name,
        title=spec.title,
        question=spec.question,
        background=filled(spec.background),
        states={code: state_name(code) for code in codes},
        pairs=view.pairs,
        comparisons=view.comparisons,
        years=study.years,
        scale=scale_words(view.fit.scale.label),
        quartile=view.fit.scale.quartile,
        library=library_used(study.library, {series.channel for series in view.fit.panel.series}),
        sources=(*sources_used(study.library, _used(view, claims)), *ledgers_used(view)),
        claims=tuple(claims),
        tables=(*case_tables(view), *bloc_tables(view)),
        notes=tuple(_notes(view)),
        rules=RULES,
        version=__version__,
    )


def _used(view: View, claims: Sequence[Finding]) -> set[str]:
    """Datasets that the alignment is taken from, that the claims' rows stand in, and that say who is committed to whom."""
    treaties = view.study.library.query("SELECT DISTINCT dataset FROM commitments")["dataset"]
    behind = (row.dataset for claim in claims for row in claim.rows)
    return {name.split("/")[0] for name in (*(one.dataset for one in view.fit.panel.series), *behind, *treaties)}


def _notes(view: View) -> list[str]:
    """Years that rest on little, pairs with the same gap together, and what was left out."""
    thin: dict[str, list[str]] = {}
    for key in view.pairs:
        thin.setdefault(_thin(view, key), []).append(pair_name(key))
    found = [f"{listed(names)}{words}" for words, names in thin.items() if words]
    if view.study.drop:
        found.append(f"Left out on request: {listed(list(view.study.drop))}.")
    return found


def _thin(view: View, key: str) -> str:
    """What to say about a pair's years that rest on little; nothing where there are none."""
    if not view.exists(key):
        return ": not in this study."
    path = view.pair(key)
    last = view.last_covered(key)
    if last is None:
        return f": no year was seen by {WELL_COVERED} channels or more."
    after = path.filter((pl.col("channels") < WELL_COVERED) & (pl.col("year") > last))
    if not after.height:
        return ""
    few = sorted(set(after["channels"]))
    seen = f"{listed([str(one) for one in few], 'or')} channel{'s' if few != [1] else ''}"
    return (
        f", {span(list(after['year']))}: seen by {seen} only, so {CARRIED}; these years "
        "are dashed and do not count in verdicts."
    )
