"""Properties that hold for any text, any year and any state."""

from __future__ import annotations

import contextlib

import polars as pl
from hypothesis import example, given, settings
from hypothesis import strategies as st

from innominate import states
from innominate.errors import UnknownState
from innominate.states.registry import registry
from innominate.states.resolution import SYSTEMS
from innominate.states.spelling import fold

CODES = st.sampled_from(sorted(registry().states))
YEARS = st.none() | st.integers(min_value=-10_000, max_value=20_000)
TEXTS = st.text(max_size=300) | st.sampled_from(sorted(map(str, registry().claims["name"]))) | st.integers().map(str)


@settings(max_examples=150, deadline=None)
@given(value=TEXTS | st.integers(), year=YEARS, system=st.sampled_from(SYSTEMS), grace=st.integers(-5, 3000))
def test_only_unknown_state_is_ever_raised(value: str | int, year: int | None, system: str, grace: int) -> None:
    with contextlib.suppress(UnknownState):
        assert states.resolve(value, year, system=system, grace_years=grace) in registry().states  # type: ignore[arg-type]


@given(code=CODES)
def test_every_name_and_code_leads_back(code: str) -> None:
    state = states.get(code)
    assert states.resolve(state.name, system="name") == code
    assert states.resolve(state.name.upper() + " ") == code
    assert states.resolve(code) == code
    assert state.iso2 is None or states.resolve(state.iso2, system="iso2") == code
    assert state.m49 is None or states.resolve(state.m49, system="m49") == code


@given(code=CODES, year=st.integers(1800, 2030))
def test_a_code_resolves_in_exactly_the_years_of_its_existence(code: str, year: int) -> None:
    try:
        assert states.resolve(code, year, system="iso3") == code
        assert states.exists(code, year)
    except UnknownState:
        assert not states.exists(code, year)


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.tuples(st.none() | TEXTS, YEARS), max_size=12), system=st.sampled_from(SYSTEMS))
def test_a_column_resolves_as_its_cells_do(rows: list[tuple[str | None, int | None]], system: str) -> None:
    values = pl.Series([value for value, _ in rows], dtype=pl.Utf8)
    years = pl.Series([year for _, year in rows], dtype=pl.Int64)
    one_by_one: list[str | None] = []
    for value, year in rows:
        try:
            one_by_one.append(None if value is None else states.resolve(value, year, system=system))  # type: ignore[arg-type]
        except UnknownState:
            one_by_one.append(None)
    assert states.resolve_many(values, years, system=system).to_list() == one_by_one  # type: ignore[arg-type]


@given(text=st.text(max_size=100))
@example(text="ı")
@example(text="𝚤")
def test_folding_twice_changes_nothing_that_accents_and_case_could_undo(text: str) -> None:
    once = fold(text)
    assert fold(once.upper()) == fold(once)
    assert "  " not in once
    assert once == once.strip()
