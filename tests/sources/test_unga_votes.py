"""Votes in the General Assembly: known numbers of the files, known votes of history, and arbitrary small files."""

from __future__ import annotations

import contextlib
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from innominate.errors import BadFile
from innominate.ledger import Imported, Library
from innominate.ledger.schemas import conform
from innominate.sources import import_file
from innominate.sources.unga_votes import SOURCE
from tests.sources.examples.unga_votes import EXAMPLES

READ = {form.name: form.read for form in SOURCE.forms}


@pytest.fixture(scope="module")
def long(data_dir: Path) -> Imported:
    return READ["long-parquet"](data_dir / "votes" / "unga_votes_1946_2024-06.parquet")


@pytest.fixture(scope="module")
def wide(data_dir: Path) -> Imported:
    return READ["wide-csv"](data_dir / "votes" / "unga_votes_wide_iso3_1946_2024-06.csv")


@pytest.fixture(scope="module")
def titles(data_dir: Path) -> pl.DataFrame:
    read = READ["roll-calls-parquet"](data_dir / "votes" / "unga_roll_calls_1946_2019.parquet")
    assert (read.rows, read.kept) == (6203, 6203)
    return read.tables["resolutions"]


def _choices(imported: Imported, vote_id: str) -> dict[str, int]:
    cast = imported.tables["votes"].filter(pl.col("vote_id") == vote_id)
    return dict(zip(cast["state"], cast["choice"], strict=True))


def _named(titles: pl.DataFrame, text: str) -> str:
    found = titles.filter(pl.col("title").str.contains(text))
    assert found.height == 1, found
    return str(found["vote_id"][0])


def test_rows_and_quirks_of_the_long_file(long: Imported) -> None:
    assert (long.rows, long.kept, long.tables["votes"].height) == (855890, 855887, 855887)
    assert [(odd.rows, odd.refused) for odd in long.oddities] == [(39, False), (3, True)]
    per_vote = long.tables["votes"].group_by("vote_id").agg(pl.col("date").n_unique())
    assert (per_vote.height, per_vote["date"].max()) == (6132, 1)


def test_rows_and_quirks_of_the_wide_file(wide: Imported) -> None:
    assert (wide.rows, wide.kept) == (6551, 6551)
    assert [(odd.rows, odd.refused) for odd in wide.oddities] == [(4, False)]


def test_the_two_files_agree_vote_by_vote(long: Imported, wide: Imported) -> None:
    key = ["vote_id", "state"]
    only_long = long.tables["votes"].join(wide.tables["votes"], on=key, how="anti")
    assert set(only_long["state"]) == {"CSK", "DDR", "YEM", "YMD", "ZAN", "ZMB", "ZWE"}
    both = long.tables["votes"].join(wide.tables["votes"], on=key, suffix="_wide")
    assert both.height > 830_000
    assert both.filter(pl.col("choice") != pl.col("choice_wide")).height == 0
    assert both.filter(pl.col("date") != pl.col("date_wide")).height == 0


def test_zionism_is_racism_1975(long: Imported, titles: pl.DataFrame) -> None:
    cast = _choices(long, _named(titles, r"^R/30/3379:"))
    split = {choice: list(cast.values()).count(choice) for choice in (1, -1, 0)}
    assert split == {1: 72 - 2, -1: 35, 0: 32}  # 72 to 35, 32 abstaining; Ukraine and Belarus are left out of the file
    expected = {"USA": -1, "ISR": -1, "RUS": 1, "EGY": 1, "DDR": 1, "YMD": 1, "JPN": 0}
    assert {state: cast[state] for state in expected} == expected


def test_embargo_against_cuba_2023(long: Imported) -> None:
    """2 November 2023: 187 for (the file lacks one), the United States and Israel against, Ukraine abstaining."""
    day = long.tables["votes"].filter(pl.col("date") == date(2023, 11, 2))
    against = day.filter(pl.col("choice") == -1).group_by("vote_id").agg(pl.col("state").sort())
    assert ["ISR", "USA"] in against["state"].to_list()
    vote = against.filter(pl.col("state") == ["ISR", "USA"])["vote_id"][0]
    cast = _choices(long, vote)
    assert (sum(choice == 1 for choice in cast.values()), cast["UKR"]) == (187 - 1, 0)
    assert vote == "9427"  # one of the four whose number has lost its leading 9 in the wide file


def test_states_that_changed_name(long: Imported, wide: Imported) -> None:
    for imported in (long, wide):
        seats = imported.tables["votes"].group_by("state").agg(pl.col("date").min(), pl.col("date").max().alias("to"))
        spans = {state: (first.year, to.year) for state, first, to in seats.iter_rows()}
        assert spans["YUG"] == (1946, 1991 if imported is wide else spans["YUG"][1])
        assert spans["YUG"][1] < 1993
        assert spans["TWN"] == (1950, 1971)
        assert spans["CHN"][0] == 1946
        assert spans["RUS"][0] == 1946
    assert {"DDR", "CSK", "YMD"} <= set(long.tables["votes"]["state"])


def test_coverage_ends_with_the_file_and_names_only_voters(long: Imported) -> None:
    seen = long.tables["coverage"].sort("first")
    assert seen["last"].max() == date(2024, 6, 4)
    scope = seen.filter(pl.col("first").dt.year() == 1971)["scope"][0]
    assert "TWN" in scope
    assert "CHN" in scope
    assert "DEU" not in scope  # joined in 1973
    years = {
        year for first, last in seen.select("first", "last").iter_rows() for year in range(first.year, last.year + 1)
    }
    assert set(range(1946, 2025)) - years == {1964}  # the session of 1964 has one vote, cast in 1965


def test_titles_and_issues_agree_with_the_votes_in_any_order(data_dir: Path, tmp_path: Path) -> None:
    names = ["unga_votes_1946_2024-06.parquet", "unga_roll_call_issues.parquet", "unga_roll_calls_1946_2019.parquet"]
    counts = []
    for k, order in enumerate((names, names[::-1])):
        library = Library.create(tmp_path / str(k))
        for name in order:
            assert import_file(library, data_dir / "votes" / name, SOURCE).verdict == "stored"
        counts.append(
            library.query(
                """
                WITH known AS (SELECT body, vote_id, max(title) AS title, max(issue) AS issue, max(date) AS date
                               FROM resolutions GROUP BY ALL),
                     cast_ AS (SELECT body, vote_id, max(date) AS date FROM votes WHERE year(date) < 2019 GROUP BY ALL)
                SELECT count(*) AS n, count(title) AS titled, count(issue) AS on_issue,
                       count(*) FILTER (WHERE known.date <> cast_.date) AS dated_otherwise
                FROM cast_ LEFT JOIN known USING (body, vote_id)
                """
            ).row(0)
        )
    assert counts[0] == counts[1]
    n, titled, on_issue, dated_otherwise = counts[0]
    assert titled == n > 5_600
    assert on_issue > 0.5 * n
    assert dated_otherwise == 0


def test_the_original_file_gives_votes_titles_and_issues(tmp_path: Path) -> None:
    read = READ["original-csv"](EXAMPLES["original-csv"].write(tmp_path))
    assert (read.rows, read.kept) == (5, 5)
    assert read.tables["votes"].select("vote_id", "state", "choice").rows() == [
        ("4238", "USA", 1),
        ("4239", "USA", 0),
        ("4239", "GBR", -1),
    ]
    assert read.tables["resolutions"].select("vote_id", "title", "issue").rows() == [
        ("4238", "R/55/6: Sea of glass", "Nuclear weapons and nuclear material"),
        ("4239", "R/55/7: GLASS, SEA OF", "Palestinian conflict"),
    ]
    scopes = read.tables["coverage"]["scope"].to_list()
    assert scopes == ["among:CAN GBR USA"]  # Canada was absent and could have voted; 265 was no member


def test_a_known_duplicate_is_kept_once_and_any_other_refused(tmp_path: Path) -> None:
    def write(*rows: tuple[int, int, str, int]) -> Path:
        path = tmp_path / "votes.parquet"
        pl.DataFrame(rows, schema=["resid", "ccode", "date", "vote"], orient="row").write_parquet(path)
        return path

    main = [(78015, code, "2023-10-27", 1) for code in (2, 20, 200)]
    read = READ["long-parquet"](write((78015, 20, "2023-11-28", 1), *main, (78015, 70, "2023-11-28", 3)))
    assert (read.rows, read.kept) == (5, 4)
    assert read.tables["votes"]["date"].unique().to_list() == [date(2023, 10, 27)]
    with pytest.raises(BadFile, match="votes twice"):
        READ["long-parquet"](write((78015, 20, "2023-11-28", 3), *main))
    with pytest.raises(BadFile, match="stands under"):
        READ["long-parquet"](write(*[(77015, c, "2022-12-07", 1) for c in (2, 20, 200)], (77015, 70, "2022-12-08", 1)))


def test_a_roll_call_later_than_our_table_keeps_its_number(tmp_path: Path) -> None:
    path = tmp_path / "votes.parquet"
    pl.DataFrame(
        [(80001, 2, "2025-10-05", 1), (80001, 20, "2025-10-05", 3)],
        schema=["resid", "ccode", "date", "vote"],
        orient="row",
    ).write_parquet(path)
    read = READ["long-parquet"](path)
    assert read.tables["votes"]["vote_id"].to_list() == ["resid-80001"] * 2
    assert [(odd.rows, odd.refused) for odd in read.oddities] == [(2, False)]


_STATES = {2: "USA", 20: "CAN", 200: "GBR", 220: "FRA", 365: "RUS", 710: "CHN"}
_BALLOTS = st.dictionaries(
    st.tuples(st.integers(55001, 55067), st.sampled_from(sorted(_STATES))), st.sampled_from([1, 2, 3]), min_size=1
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ballots=_BALLOTS, seed=st.randoms(use_true_random=False))
def test_votes_round_trip_in_any_order_of_rows(ballots: dict[tuple[int, int], int], seed, tmp_path: Path) -> None:
    rows = [(resid, code, date(2000, 10, 5), vote) for (resid, code), vote in ballots.items()]
    seed.shuffle(rows)
    path = tmp_path / "votes.parquet"
    pl.DataFrame(rows, schema=["resid", "ccode", "date", "vote"], orient="row").write_parquet(path)
    read = READ["long-parquet"](path)
    votes = conform("votes", read.tables["votes"], path.name)
    found = {(vote, state): choice for vote, state, choice in votes.select("vote_id", "state", "choice").iter_rows()}
    meant = {(str(resid - 55001 + 4238), _STATES[code]): {1: 1, 2: 0, 3: -1}[v] for (resid, code), v in ballots.items()}
    assert found == meant


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    form=st.sampled_from(["original-csv", "wide-csv", "long-parquet"]),
    place=st.integers(0, 2000),
    byte=st.integers(0, 255),
)
def test_a_mutilated_file_raises_bad_file_or_nothing(form: str, place: int, byte: int, tmp_path: Path) -> None:
    path = EXAMPLES[form].write(tmp_path)
    content = bytearray(path.read_bytes())
    content[place % len(content)] = byte
    path.write_bytes(bytes(content))
    with contextlib.suppress(BadFile):
        conform("votes", READ[form](path).tables["votes"], path.name)
