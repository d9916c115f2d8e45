"""What the tests about gains share: rows behind, checks on ledgers kept by hand, and the words for flows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from innominate.cases.findings import Cell, Check, Finding, Number, Part, Rows, Sentence, Table, UsedSource, Verdict
from innominate.cases.spec import ClaimSpec
from innominate.cases.verdicts import confidence
from innominate.cases.view import View
from innominate.cases.wording import listed, plural, sentence, state_name
from innominate.chances import beta_above, beta_quantile, gamma_above, gamma_quantile
from innominate.exchange import share_interval
from innominate.exchange.kinds import HAND_KEPT
from innominate.ledger import GAINS

ASKED = "Every gain between these states that the library and the case's ledgers hold was asked; none points this way."
SEEN_ENOUGH = 0.9  # part of the hand-kept rows that must have been compared with their source
REFERENCES = 12


def ledgers_used(view: View) -> tuple[UsedSource, ...]:
    """The case's own ledgers as a source."""
    if not view.ledgers:
        return ()
    files = tuple(Path(path).name for path in view.case.ledgers)
    rows = sum(ledger.kept for ledger in view.ledgers)
    return (
        UsedSource(
            f"{HAND_KEPT}{view.case.name}", "Ledger of dated acts, part of the case", "the authors of the case",
            "facts, each with its public source", "see the rows", "docs/acts-csv.md", files, rows,
        ),
    )  # fmt: skip


def assemble(
    claim: ClaimSpec,
    rule: str,
    verdict: Verdict,
    headline: str,
    detail: str,
    *,
    numbers: Sequence[Number] = (),
    forward: Sequence[str] = (),
    against: Sequence[str] = (),
    checks: Sequence[Check] = (),
    parts: Sequence[Part] = (),
    not_covered: Sequence[str] = (),
    rows: Sequence[Rows] = (),
    tables: Sequence[Table] = (),
) -> Finding:
    """A finding from patterns and numbers; confidence and its reason come from the checks."""
    known = {number.key: number for number in numbers}
    failed = [check.detail.text for check in checks if not check.passed]
    reason = " ".join(failed or [check.detail.text for check in checks]) or "Nothing could be checked."
    return Finding(
        **claim.named(),
        verdict=verdict,
        confidence=confidence(checks),
        headline=sentence(headline, known),
        detail=sentence(detail, known),
        confidence_reason=sentence(reason),
        rule=rule,
        parts=tuple(parts),
        numbers=tuple(numbers),
        evidence_for=_told(forward, known),
        evidence_against=_told(against, known),
        not_covered=tuple(sentence(text) for text in not_covered),
        checks=tuple(checks),
        rows=tuple(rows),
        tables=tuple(tables),
    )


def _told(patterns: Sequence[str], known: dict[str, Number]) -> tuple[Sentence, ...]:
    return tuple(sentence(text, known) for text in patterns or [ASKED])


def rows_of(acts: pl.DataFrame) -> tuple[Rows, ...]:
    """Rows behind some acts (columns giver, receiver, dataset, channel, file, row, start, end)."""
    found = []
    by = acts.with_columns(pl.concat_str("giver", "receiver", separator="-").alias("about")).group_by(
        "about", "dataset", "channel", "file", maintain_order=True
    )
    for (about, dataset, channel, file), own in by:
        first, last = own["start"].dt.year().min(), own["end"].dt.year().max()
        refs = tuple(int(row) for row in own["row"].unique().sort()[:REFERENCES])
        found.append(Rows(str(about), str(dataset), str(channel), str(file), own.height, int(first), int(last), refs))  # type: ignore[arg-type]
    return tuple(sorted(found, key=lambda row: (row.about, row.dataset, row.channel, row.file)))


def ledger_checks(acts: pl.DataFrame, coverage_claimed: bool) -> list[Check]:
    """Were the hand-kept rows compared with their sources; did their keepers say where they looked?"""
    kept = acts.filter(pl.col("dataset").str.starts_with(HAND_KEPT)).unique("act_id")
    if not kept.height:
        return []
    seen = int(kept["checked"].is_not_null().sum())
    words = "The ledger's keepers say for which states and years they looked for everything."
    return [
        Check("Rows compared with their sources", seen >= SEEN_ENOUGH * kept.height, sentence(
            f"{seen:,} of {plural(kept.height, 'row')} of the ledger were compared with their source.")),
        Check("Absence is told", coverage_claimed, sentence(
            words if coverage_claimed else "The ledger tells of acts and not of their absence: what it lacks is unknown.")),
    ]  # fmt: skip


def claims_coverage(view: View) -> bool:
    """Whether every ledger of the case claims coverage of something."""
    return bool(view.ledgers) and all("coverage" in ledger.tables for ledger in view.ledgers)


def kind_title(kind: str) -> str:
    """The kind of gain as it stands inside a sentence."""
    return GAINS[kind].title.lower()


def measure_words(kind: str, dataset: str, unit: str) -> str:
    """A measure in words: ``arms (sipri-arms, million TIV)``."""
    where = "the case's ledger" if dataset.startswith(HAND_KEPT) else dataset
    return f"{kind_title(kind)} ({where}, {unit})".replace("{", "(").replace("}", ")")


def names(codes: Sequence[str]) -> str:
    """States as a person lists them."""
    return listed([state_name(code) for code in codes])


def width(low: float | None, high: float | None) -> tuple[float | None, float | None]:
    """A range as it is printed: none where it is open or has no width."""
    return (None, None) if low is None or high is None or low == high else (low, high)


def rate_rose(before: float, years_before: float, after: float, years_after: float) -> float:
    """Probability that a yearly rate of counts rose: Gamma posteriors under the Jeffreys prior, by quadrature."""
    grid = gamma_quantile((np.arange(2000) + 0.5) / 2000, before + 0.5, years_before)
    return float(gamma_above(grid, after + 0.5, years_after).mean())


def interval(own: float, whole: float) -> tuple[float | None, float | None]:
    """Central 90 % interval of a share of counts; None where nothing was counted."""
    if whole <= 0:
        return None, None
    low, high = share_interval(np.array([own]), np.array([whole]))
    return float(low[0]), float(high[0])


def share_rose(before: float, of_before: float, after: float, of_after: float) -> float:
    """Probability that a share of counts rose: Beta posteriors under the Jeffreys prior, by quadrature."""
    grid = beta_quantile((np.arange(2000) + 0.5) / 2000, before + 0.5, max(of_before - before, 0.0) + 0.5)
    return float(beta_above(grid, after + 0.5, max(of_after - after, 0.0) + 0.5).mean())


def most_of(verdicts: Sequence[Verdict]) -> Verdict:
    """Several measures of one thing: what all the known ones say, undecided where they differ."""
    known = [verdict for verdict in verdicts if verdict != "not testable"]
    if not known:
        return "not testable"
    return known[0] if len(set(known)) == 1 else "undecided"


def cells(frame: pl.DataFrame, columns: Sequence[str]) -> tuple[tuple[Cell, ...], ...]:
    """Rows of a frame as they stand in a table, days as text."""
    days = [name for name in columns if frame.schema[name] == pl.Date()]
    return tuple(frame.with_columns(pl.col(name).cast(pl.String) for name in days).select(columns).iter_rows())
