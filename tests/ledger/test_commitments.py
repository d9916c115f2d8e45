"""Who is committed to whom: history that can be looked up, and the rules by which datasets are joined."""

from __future__ import annotations

from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from innominate.errors import InputError
from innominate.ledger import Imported, Library
from innominate.ledger.commitments import KINDS, commitments_in_force, families, survey
from innominate.sources import import_file
from innominate.sources.atop import SOURCE as ATOP
from innominate.sources.treaties import SOURCE as TREATIES

TABLE = Path(str(resources.files("innominate"))) / str(TREATIES.packaged)
ATOP_FILES = {"members": "atop5_1m.csv", "pair-years": "atop_dyad_year_1815_2018.parquet"}


@pytest.fixture(scope="module", params=list(ATOP_FILES))
def library(request: pytest.FixtureRequest, data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Library:
    library = Library.create(tmp_path_factory.mktemp("library"))
    import_file(library, TABLE, TREATIES)
    import_file(library, data_dir / "formal" / ATOP_FILES[request.param], ATOP)
    return library


@pytest.fixture(scope="module")
def defence(library: Library) -> dict[tuple[str, str], set[int]]:
    frame = commitments_in_force(library).filter("defence").group_by("a", "b").agg("year")
    return {(a, b): set(years) for a, b, years in frame.iter_rows()}


def test_survey(library: Library) -> None:
    assert survey(library) == (1815, 2026)


@pytest.mark.parametrize(
    ("a", "b", "years", "since"),
    [
        ("CHN", "PRK", set(range(1961, 2027)), 1945),
        ("PRK", "RUS", set(range(1961, 1997)) | set(range(2024, 2027)), 1945),
        ("CHN", "RUS", set(range(1945, 1981)), 1945),
        ("FIN", "USA", {2023, 2024, 2025, 2026}, 1945),
        ("SWE", "USA", {2024, 2025, 2026}, 1945),
        ("TWN", "USA", set(range(1954, 1981)), 1950),
        ("PAK", "SAU", {2025, 2026}, 1945),
        ("BFA", "NGA", set(range(1981, 2026)), 1945),
        ("AUT", "GBR", set(range(2007, 2021)), 1945),
        ("USA", "VEN", set(range(1945, 2020)), 1945),
        ("NIC", "USA", set(range(1945, 2024)), 1945),
        ("CUB", "USA", set(range(1945, 1963)), 1945),
        ("RUS", "UKR", set(), 1992),
        ("IRN", "RUS", set(), 1980),
        ("UKR", "USA", set(), 1992),
        ("AUS", "PNG", {2025, 2026}, 1945),
    ],
)
def test_defence(defence: dict[tuple[str, str], set[int]], a: str, b: str, years: set[int], since: int) -> None:
    """Both forms of ATOP date from signature; treaties that ours alone has, from the day our table gives."""
    assert {year for year in defence.get((a, b), set()) if year >= since} == years


def test_nato_in_the_families(library: Library) -> None:
    pairs = families(library).filter(pl.col("family") == "nato")
    count = dict(pairs.group_by("year").len().iter_rows())
    assert (count[1950], count[2018], count[2026]) == (12 * 11 // 2, 29 * 28 // 2, 32 * 31 // 2)
    assert set(families(library)["family"]) >= {"nato", "warsaw", "rio", "csto", "eu", "arab-league", "us-bilateral"}
    assert "atop" not in set(families(library)["family"])


def test_in_2018_ours_and_atop_agree_on_defence(library: Library) -> None:
    """Whatever our table has in force in ATOP's last year, ATOP has too, but for the Compacts of Free Association."""
    frame = commitments_in_force(library).filter(pl.col("defence") & (pl.col("year") == 2018))
    ours = frame.filter(pl.col("sources") == "treaties").select("a", "b").rows()
    assert sorted(ours) == [("FSM", "USA"), ("MHL", "USA"), ("PLW", "USA")]


def test_a_family_left_out_is_left_out_everywhere(library: Library, data_dir: Path) -> None:
    with pytest.raises(InputError, match="nato"):
        commitments_in_force(library, without=["natto"])
    without = commitments_in_force(library, without=["oas", "rio"]).filter("defence")
    ours = without.filter((pl.col("a") == "BRA") & (pl.col("b") == "PER") & (pl.col("sources") != "atop"))
    assert ours.is_empty()


def test_without_any_dataset(tmp_path: Path) -> None:
    library = Library.create(tmp_path)
    assert survey(library) is None
    assert commitments_in_force(library).height == families(library).height == 0
    assert commitments_in_force(library).schema["year"] == pl.Int32


def _store(library: Library, dataset: str, rows: list[tuple[Any, ...]], first: date, last: date) -> None:
    frame = pl.DataFrame(
        rows,
        schema={"treaty_id": pl.String, "a": pl.String, "b": pl.String, "start": pl.Date, "end": pl.Date},
        orient="row",
    ).with_columns(
        *(pl.lit(kind == "defence").alias(kind) for kind in KINDS),
        pl.lit(dataset).alias("dataset"),
        pl.lit("f").alias("file"),
        pl.int_range(pl.len()).alias("row"),
    )
    seen = pl.DataFrame(
        {"dataset": [dataset], "channel": ["commitments"], "scope": ["all"], "first": [first], "last": [last]}
    )
    imported = Imported(dataset, {"commitments": frame, "coverage": seen}, len(rows), len(rows))
    library.store(imported, file="f", sha256=dataset, size=0, form="x", adapter_version=1)


def test_how_two_datasets_are_joined(tmp_path: Path) -> None:
    library = Library.create(tmp_path)
    begin = date(2000, 1, 1)
    _store(
        library,
        "atop",
        [
            ("atop:1", "AUT", "CHE", begin, None),  # runs on: nobody says otherwise
            ("atop:2", "AUT", "FRA", begin, None),  # ends in 2012, as the later dataset records
            ("atop:3", "AUT", "ITA", begin, None),  # another treaty of the pair ends, this one runs on
            ("atop:4", "CHE", "FRA", begin, date(2005, 6, 1)),
            ("atop:CHE-ITA-2000", "CHE", "ITA", begin, None),  # a spell without a treaty: the pair's last tie decides
        ],
        begin,
        date(2010, 12, 31),
    )
    _store(
        library,
        "later",
        [
            ("lake:x=atop:2", "AUT", "FRA", begin, date(2012, 3, 1)),
            ("lake:y=atop:9", "AUT", "ITA", begin, date(2012, 3, 1)),
            ("lake:z=atop:7", "CHE", "ITA", begin, date(2013, 3, 1)),
        ],
        date(2008, 1, 1),
        date(2015, 12, 31),
    )
    frame = commitments_in_force(library)
    spans = frame.group_by("a", "b").agg(pl.col("year").min(), pl.col("year").max().alias("to")).sort("a", "b").rows()
    assert spans == [
        ("AUT", "CHE", 2000, 2015),
        ("AUT", "FRA", 2000, 2012),
        ("AUT", "ITA", 2000, 2015),
        ("CHE", "FRA", 2000, 2005),
        ("CHE", "ITA", 2000, 2013),
    ]
    assert frame.filter((pl.col("b") == "FRA") & (pl.col("a") == "AUT"))["sources"].unique().to_list() == ["atop later"]
    assert survey(library) == (2000, 2015)
    left = commitments_in_force(library, without=["lake"])
    assert left.filter((pl.col("a") == "AUT") & (pl.col("b") == "FRA")).is_empty()


def test_commitments_without_coverage_are_an_error(tmp_path: Path) -> None:
    library = Library.create(tmp_path)
    _store(library, "atop", [("atop:1", "AUT", "CHE", date(2000, 1, 1), None)], date(2000, 1, 1), date(2001, 1, 1))
    held = library.held("atop")
    assert held is not None
    (library.folder / held.files["coverage"]).unlink()
    frame = pl.DataFrame(schema=_coverage_schema())
    frame.write_parquet(library.folder / held.files["coverage"])
    with pytest.raises(InputError, match="which years"):
        commitments_in_force(Library.open(library.folder))


def _coverage_schema() -> dict[str, Any]:
    from innominate.ledger.schemas import SCHEMAS

    return dict(SCHEMAS["coverage"].columns)
