"""The votes of the General Assembly, from the provider's file to measures, beside loops and the published estimates."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from innominate import measures, states
from innominate.errors import InputError
from innominate.ledger import Library
from innominate.measures.assembly import session_of
from innominate.measures.ballots import read_ballots, vote_matrix
from innominate.sources import import_file
from innominate.sources.unga_votes import SOURCE
from tests.measures.naive import naive


@pytest.fixture(scope="module")
def library(data_dir, tmp_path_factory):
    library = Library.create(tmp_path_factory.mktemp("votes"))
    import_file(library, data_dir / "votes" / "unga_votes_1946_2024-06.parquet", SOURCE)
    return library


@pytest.fixture(scope="module")
def points(library):
    return measures.ideal_points(library)


@pytest.mark.parametrize("measure", ["s", "kappa", "pi", "affinity"])
def test_similarity_is_that_of_the_loops(library, measure):
    frame = measures.votes_similarity(library, (1988, 1990), measure).filter(pl.col("year") == 1990)
    codes, choices = vote_matrix(read_ballots(library, "UNGA").filter(pl.col("date").dt.year() == 1990))
    assert frame.height == len(codes) * (len(codes) - 1) // 2
    some = ["CHN", "DEU", "FRA", "IND", "RUS", "USA"]
    usual = "squared" if measure in ("kappa", "pi") else "absolute"
    rows = frame.filter(pl.col("a").is_in(some) & pl.col("b").is_in(some))
    assert rows.height == 15
    for a, b, value, common in rows.select("a", "b", "value", "common").iter_rows():
        expected, both = naive(choices, codes.index(a), codes.index(b), measure, distance=usual)
        assert common == both
        assert value == pytest.approx(expected, abs=1e-12)


def _published(path, column, session):
    if path.suffix == ".csv":
        frame = pl.read_csv(path, encoding="utf8-lossy", infer_schema_length=None)
    else:
        pandas = pytest.importorskip("pandas")
        frame = pl.DataFrame({k: v.to_numpy() for k, v in pandas.read_stata(path).items()}, strict=False)
    frame = frame.select(
        "ccode", session.cast(pl.Int32).alias("session"), pl.col(column).cast(pl.Float64).alias("theirs")
    ).filter(pl.col("theirs").is_finite())
    codes = states.resolve_many(frame["ccode"].cast(pl.Int64), frame["session"] + 1945, system="cow")
    return frame.with_columns(pl.Series("state", codes, dtype=pl.String)).drop_nulls()


@pytest.mark.parametrize(
    ("file", "column", "session", "sessions", "median", "lowest"),
    [
        ("voeten_ideal_points_2020-04.csv", "IdealPoint", pl.col("session"), 73, 0.985, 0.95),
        ("voeten_ideal_points_2025-07.dta", "idealpointlegacy", pl.col("year") - 1945, 77, 0.985, 0.95),
        ("voeten_ideal_points_2025-07.dta", "idealpointfp", pl.col("year") - 1945, 77, 0.98, 0.9),
    ],
    ids=["2020", "2025", "2025, final votes only"],
)
def test_agrees_with_the_published_points(points, data_dir, file, column, session, sessions, median, lowest):
    both = points.join(_published(data_dir / "peers" / file, column, session), on=["state", "session"])
    each = both.group_by("session").agg(pl.corr("ideal_point", "theirs").alias("r"))
    assert each.height == sessions
    assert each["r"].median() >= median
    assert each["r"].min() >= lowest
    assert both.select(pl.corr("ideal_point", "theirs")).item() > 0.94


def test_ideal_points_are_in_order(library, points):
    assert points.columns == ["state", "session", "ideal_point", "low", "high"]
    assert points.equals(points.sort("session", "state"))
    assert points["session"].min() == 1
    assert points["session"].max() == 78
    assert points.filter(
        ~(pl.col("low") < pl.col("ideal_point")) | ~(pl.col("ideal_point") < pl.col("high"))
    ).is_empty()
    assert (points.filter(pl.col("state") == "USA")["ideal_point"] > 0).all()
    width = points.with_columns((pl.col("high") - pl.col("low")).alias("width"))
    lone = width.filter(pl.col("session") == 19)["width"].median()  # one vote
    assert lone > width.filter(pl.col("session") == 20)["width"].median()
    with pytest.raises(InputError, match="XKX fixes the sign but casts no vote"):
        measures.ideal_points(library, anchor="XKX")


def test_repeats_are_taken_in(library):
    ballots = read_ballots(library, "UNGA").filter(pl.col("date").dt.year() >= 2019)
    votes = ballots["vote_id"].unique().sort()
    from innominate.measures.assembly import _questions

    named = pl.DataFrame({"vote_id": [votes[5], votes[9], "none"], "same_as": [votes[2], votes[5], votes[0]]})
    question = _questions(votes.to_list(), named)
    assert question[2] == question[5] == question[9]
    assert len(np.unique(question)) == len(votes) - 2
    with pytest.raises(InputError, match="same_as"):
        _questions(votes.to_list(), named.select("vote_id"))


@pytest.mark.parametrize(
    ("day", "session"),
    [
        (date(1946, 1, 10), 1),
        (date(1946, 12, 7), 1),
        (date(1949, 5, 7), 3),
        (date(1961, 4, 6), 15),
        (date(1961, 8, 1), 16),
        (date(1965, 2, 18), 19),
        (date(1967, 7, 2), 22),
        (date(1968, 6, 3), 22),
        (date(1992, 9, 3), 47),
        (date(2007, 9, 13), 61),
        (date(2011, 9, 16), 66),
        (date(2015, 9, 14), 69),
        (date(2015, 9, 15), 70),
        (date(2022, 9, 12), 76),
        (date(2023, 9, 4), 77),
        (date(2023, 9, 5), 78),
        (date(2024, 9, 10), 79),
        (date(2025, 9, 8), 79),
        (date(2025, 9, 9), 80),
        (date(2024, 6, 4), 78),
    ],
)
def test_sessions(day, session):
    assert session_of(day) == session
