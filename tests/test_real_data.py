"""The whole way on real data: counts known from the providers' files, facts known from history."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from innominate.ledger import Library
from innominate.panel import build
from innominate.study import Study

# data rows of the providers' files, counted with other tools
ROWS = {
    ("unga-votes", "all"): 855_890,
    ("sipri-arms", "all"): 29_916,
    ("dcad", "all"): 1_871,
    ("mme", "all"): 13_818,
    ("icews-interstate", "all"): 598_873,
    ("icews-quads", "all"): 298_376,
    ("cow-trade", "all"): 1_347_308,
    ("cow-igo", "all"): 917_695,
    ("ucdp-conflict", "all"): 2_686,
    ("gml-mid", "all"): 9_284,
    ("us-troops", "all"): 13_135,
}


@pytest.fixture(scope="module")
def study(full_library: Library) -> Study:
    return Study(full_library, (1990, 2024))


@pytest.mark.parametrize(("dataset", "part"), ROWS)
def test_every_row_of_the_file_is_kept_or_refused_for_a_reason(full_library: Library, dataset: str, part: str) -> None:
    entries = [entry for entry in full_library.manifest.journal if entry.dataset == dataset]
    assert [entry.rows for entry in entries if entry.rows == ROWS[dataset, part]], [entry.rows for entry in entries]
    for entry in entries:
        assert entry.rows == entry.kept + sum(odd["rows"] for odd in entry.oddities if odd["refused"])


def test_the_same_folder_again_changes_nothing(full_library: Library, data_dir) -> None:  # type: ignore[no-untyped-def]
    from innominate.sources import import_folder

    before = full_library.fingerprint
    outcomes = import_folder(full_library, data_dir)
    assert {outcome.verdict for outcome in outcomes} <= {"unchanged", "left out", "unrecognised"}
    assert Library.open(full_library.folder).fingerprint == before


def test_every_act_and_vote_names_an_imported_file(full_library: Library) -> None:
    for table in ("acts", "votes", "commitments"):
        missing = full_library.query(
            f"SELECT count(*) AS n FROM {table} t WHERE NOT EXISTS (SELECT 1 FROM journal j WHERE starts_with(t.file, j.file))"
        )
        assert missing["n"][0] == 0


def test_what_was_not_covered_is_unknown_and_what_was_is_zero(study: Study) -> None:
    panel = study.panel()
    names = [series.name for series in panel.series]
    year = {int(y): t for t, y in enumerate(panel.years)}

    def known(series: str, a: str, b: str, when: int) -> bool:
        return bool(np.isfinite(panel.z[panel.pair(a, b), year[when], names.index(series)]))

    assert known("exercises@mme", "PRK", "FJI", 2005)  # no exercise together, and the survey would have seen one
    assert not known("exercises@mme", "CHN", "RUS", 2015)  # ends in 2010, though both exercised every year
    assert not known("igo@cow-igo", "CHN", "RUS", 2020)
    assert not known("verbal-cooperation@icews-quads", "USA", "TWN", 2010)  # Taiwan is not in that file
    assert known("verbal-cooperation@icews-quads", "USA", "JPN", 2010)
    assert not known("verbal-cooperation@icews-interstate", "USA", "JPN", 2020)  # the gap of 2019-04 to 2020-12
    assert not any(series.dataset == "us-troops" for series in panel.series)  # one state's partners only


def test_margins_leave_nothing_that_a_state_alone_explains(study: Study) -> None:
    panel = study.panel()
    votes = [series.channel for series in panel.series].index("votes")
    z = panel.z[:, list(panel.years).index(2010), votes].astype(float)
    usa = panel.states.index("USA")
    own = z[(panel.a == usa) | (panel.b == usa)]
    assert abs(np.nanmean(own)) < 0.05


def test_months_and_quarters_where_the_data_allow(full_library: Library) -> None:
    monthly = build(full_library, (2022, 2023), resolution="month")
    present = {series.dataset for series in monthly.series}
    assert "icews-interstate" in present
    assert not present & {"sipri-arms", "ucdp-conflict"}  # known by year: unknown by month, not zero
    assert len(monthly.periods) == 24
    quarterly = build(full_library, (2010, 2010), resolution="quarter")
    assert quarterly.labels == ["2010-Q1", "2010-Q2", "2010-Q3", "2010-Q4"]
    assert "unga-votes" in {series.dataset for series in quarterly.series}


def test_allies_rank_above_enemies(study: Study) -> None:
    fit = study.alignment()
    table = fit.year(2010)

    def place(a: str, b: str) -> int:
        return int(table.filter((pl.col("a") == a) & (pl.col("b") == b))["rank"][0])

    of = table.height
    for friends in (("GBR", "USA"), ("KOR", "USA"), ("DEU", "FRA"), ("AUS", "NZL"), ("BLR", "RUS"), ("CHN", "PAK")):
        assert place(*friends) < 0.02 * of
    for enemies in (("PRK", "USA"), ("IRN", "ISR"), ("IRN", "USA"), ("KOR", "PRK"), ("CUB", "USA")):
        assert place(*sorted(enemies)) > 0.5 * of


def test_treaties_move_no_alignment_by_a_bit(full_library: Library, study: Study, tmp_path) -> None:  # type: ignore[no-untyped-def]
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(full_library.folder, copy)
    other = Library.open(copy)
    other.manifest.parts = {key: part for key, part in other.manifest.parts.items() if "commitments" not in part.files}
    bare = Study(other, (1990, 2024)).alignment()
    assert bare.mean.tobytes() == study.alignment().mean.tobytes()
    assert bare.table()["alignment"].equals(study.alignment().table()["alignment"])


def test_why_is_exact_for_the_seed_pairs(study: Study) -> None:
    fit = study.alignment()
    for a, b in (("CHN", "RUS"), ("PRK", "RUS"), ("CHN", "PRK")):
        answer = fit.why(a, b, 2023)
        told = fit.pair(a, b).filter(pl.col("year") == 2023)
        assert answer.contributions["contribution"].sum() == pytest.approx(told["alignment"][0], abs=1e-9)
        assert answer.low == pytest.approx(told["low"][0], abs=1e-9)
