"""Similarity from libraries: years, codes, coverage, weights."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from innominate import measures
from innominate.errors import InputError
from innominate.measures.portfolios import portfolio_matrix
from tests.measures.naive import made_library, naive

STATES = ["FRA", "GBR", "IND", "USA"]


def _votes():
    rng = np.random.default_rng(0)
    for year in (1990, 1991):
        for k in range(8):
            for state in STATES[: 4 if year == 1990 else 3]:
                if rng.random() < 0.9:
                    yield f"{year}-{k}", date(year, 10, 1 + k), state, int(rng.integers(-1, 2))


def test_votes_year_by_year(tmp_path):
    votes = list(_votes())
    frame = measures.votes_similarity(made_library(tmp_path, votes), (1990, 1991), "kappa")
    assert frame.columns == ["a", "b", "year", "value", "common"]
    assert frame.height == 6 + 3
    assert frame.equals(frame.sort("a", "b", "year"))
    for a, b, year, value, common in frame.iter_rows():
        ids = sorted({vote for vote, day, *_ in votes if day.year == year})
        choices = np.full((2, len(ids)), np.nan)
        for vote, _, state, choice in votes:
            if state in (a, b) and vote in ids:
                choices[[a, b].index(state), ids.index(vote)] = choice
        expected, both = naive(choices, 0, 1, "kappa", distance="squared")
        assert common == both
        assert (value is None and both < 5) or value == pytest.approx(expected)


def test_votes_refused(tmp_path):
    library = made_library(tmp_path, _votes())
    assert measures.votes_similarity(library, (1950, 1960)).height == 0
    with pytest.raises(InputError, match="no votes of UNSC; it has votes of UNGA"):
        measures.votes_similarity(library, (1990, 1991), body="UNSC")
    with pytest.raises(InputError, match="comes after"):
        measures.votes_similarity(library, (1991, 1990))
    with pytest.raises(InputError, match="no votes of UNGA from elsewhere"):
        measures.votes_similarity(library, (1990, 1991), dataset="elsewhere")


PACTS = [
    ("FRA", "GBR", 1985, None, {"defence", "consultation"}),
    ("FRA", "USA", 1985, 1992, {"defence"}),
    ("GBR", "USA", 1985, None, {"defence"}),
    ("IND", "RUS", 1985, 1995, {"consultation", "nonaggression"}),
    ("FRA", "IND", 1998, None, {"consultation"}),
]
MEMBERS = ["FRA", "GBR", "IND", "RUS", "USA"]


@pytest.mark.parametrize("self_level", [3, None])
@pytest.mark.parametrize("measure", ["s", "kappa", "pi", "agreement"])
def test_portfolios(tmp_path, measure, self_level):
    library = made_library(tmp_path, commitments=PACTS)
    capability = {code: 1.0 + k for k, code in enumerate(MEMBERS) if code != "RUS"}
    weights = pl.DataFrame(
        [(code, 1996, v) for code, v in capability.items()], ["state", "year", "value"], orient="row"
    )
    frame = measures.portfolio_similarity(
        library, (1996, 1999), measure, weights=weights, self_level=self_level, members=MEMBERS
    )
    assert sorted(frame["year"].unique()) == [1996, 1997, 1998, 1999]
    level = {("FRA", "GBR"): 3, ("GBR", "USA"): 3}  # in 1996: the rest has ended or has not begun
    rows = np.array(
        [[self_level if a == b else level.get((min(a, b), max(a, b)), 0) for b in MEMBERS] for a in MEMBERS],
        dtype=float,
    )
    weight = np.array([capability.get(code, np.nan) for code in MEMBERS])
    for a, b, value, common in frame.filter(pl.col("year") == 1996).select("a", "b", "value", "common").iter_rows():
        i, j = MEMBERS.index(a), MEMBERS.index(b)
        usual = "absolute" if measure == "s" else "squared"
        expected, both = naive(rows, i, j, measure, levels=(0, 1, 2, 3), distance=usual, weights=weight)
        assert common == both
        np.testing.assert_allclose(np.nan if value is None else value, expected, atol=1e-12)
    later = frame.filter(pl.col("year") == 1997)  # nobody's capability is known
    assert later["value"].null_count() == later.height


def test_portfolios_stop_where_surveys_stop(tmp_path):
    library = made_library(tmp_path, commitments=PACTS, last=2000)
    frame = measures.portfolio_similarity(library, (1999, 2010), members=MEMBERS)
    assert sorted(frame["year"].unique()) == [1999, 2000]
    with pytest.raises(InputError, match="known from 1990 to 2000, not in 2005-2010"):
        measures.portfolio_similarity(library, (2005, 2010))
    with pytest.raises(InputError, match="no dataset that surveys commitments"):
        measures.portfolio_similarity(made_library(tmp_path / "none", _votes()), (1999, 2000))
    with pytest.raises(InputError, match="no obligation 'pact'"):
        measures.portfolio_similarity(library, (1999, 2000), levels={"pact": 1})


def test_the_strongest_obligation_counts():
    rows = pl.DataFrame({"a": ["FRA", "FRA", "FRA"], "b": ["GBR", "GBR", "XXX"], "level": [1, 3, 2]})
    assert portfolio_matrix(["FRA", "GBR"], rows, 2).tolist() == [[2.0, 3.0], [3.0, 2.0]]
