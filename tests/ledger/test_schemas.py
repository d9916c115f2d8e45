"""The check that every frame passes before it is stored: each rule, by a frame that breaks only it."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from innominate.errors import BadFile, InputError
from innominate.ledger import SCHEMAS, TABLES, TableName, conform, empty

ORIGIN: dict[str, Any] = {"dataset": "made-up", "file": "made-up.csv", "row": 7}
ROWS: dict[str, dict[str, Any]] = {
    "acts": {
        "act_id": "made-up:7",
        "source": "BRA",
        "target": "CHL",
        "start": date(2000, 1, 1),
        "end": date(2000, 12, 31),
        "channel": "visits",
        "directed": False,
        "value": 1.0,
        "unit": "meetings",
        "code": None,
        "note": None,
        **dict.fromkeys(("kind", "low", "high", "citation", "checked")),
        **ORIGIN,
    },
    "votes": {"body": "unga", "vote_id": "1", "date": date(2000, 1, 1), "state": "BRA", "choice": 1, **ORIGIN},
    "resolutions": {"body": "unga", "vote_id": "1", "date": date(2000, 1, 1), "title": "T", "issue": None, **ORIGIN},
    "commitments": {
        "treaty_id": "1",
        "title": "T",
        "a": "BRA",
        "b": "CHL",
        "start": date(2000, 1, 1),
        "end": None,
        "defence": True,
        "offence": False,
        "neutrality": False,
        "nonaggression": False,
        "consultation": False,
        "citation": None,
        **ORIGIN,
    },
    "coverage": {
        "dataset": "made-up",
        "channel": "visits",
        "scope": "all",
        "first": date(2000, 1, 1),
        "last": date(2000, 12, 31),
    },
}


def _frame(table: TableName, *changes: dict[str, Any]) -> pl.DataFrame:
    rows = [{**ROWS[table], **change} for change in changes or ({},)]
    return pl.DataFrame({name: [row[name] for row in rows] for name in rows[0]}, strict=False)


@pytest.mark.parametrize("table", ROWS)
def test_a_right_row_passes_and_comes_back_in_stored_order(table: TableName) -> None:
    frame = _frame(table)
    turned = frame.select(reversed(frame.columns))
    stored = conform(table, turned, "f")
    assert stored.columns == list(SCHEMAS[table].columns)
    assert stored.dtypes == list(SCHEMAS[table].columns.values())
    assert stored.select(frame.columns).rows() == frame.rows()


@pytest.mark.parametrize("table", TABLES)
def test_an_empty_table_passes(table: TableName) -> None:
    assert conform(table, empty(table), "f").equals(empty(table))


@pytest.mark.parametrize("table", ROWS)
def test_nullable_columns_may_be_absent_and_others_may_not(table: TableName) -> None:
    frame = _frame(table)
    for name in SCHEMAS[table].columns:
        if name in SCHEMAS[table].nullable:
            assert conform(table, frame.drop(name), "f")[name].null_count() == 1
        else:
            with pytest.raises(BadFile, match=name):
                conform(table, frame.drop(name), "f")


@pytest.mark.parametrize("table", ROWS)
def test_required_values_may_not_be_null(table: TableName) -> None:
    for name in SCHEMAS[table].columns.keys() - SCHEMAS[table].nullable:
        frame = _frame(table).with_columns(pl.lit(None).alias(name))
        with pytest.raises(BadFile, match=f"column {name} is empty") as caught:
            conform(table, frame, "f.csv")
        assert caught.value.file == "f.csv"
        assert caught.value.row == (7 if "row" in frame.columns and name != "row" else None)


@pytest.mark.parametrize(
    ("table", "change", "reason"),
    [
        ("acts", {"source": "CHL"}, "acts on itself"),
        ("acts", {"source": "PER", "target": "BRA"}, "source < target"),
        ("acts", {"start": date(2001, 1, 1)}, "ends before it starts"),
        ("acts", {"value": float("nan")}, "finite"),
        ("acts", {"value": float("inf")}, "finite"),
        ("acts", {"value": "many"}, "value holds String"),
        ("acts", {"start": "last year"}, "start holds String"),
        ("votes", {"choice": 2}, "-1, 0, 1"),
        ("votes", {"choice": 8}, "-1, 0, 1"),
        ("votes", {"choice": 1000}, "choice holds Int64"),
        ("commitments", {"a": "PER"}, "alphabet"),
        ("commitments", {"a": "CHL"}, "alphabet"),
        ("commitments", {"end": date(1999, 1, 1)}, "ends before it starts"),
        ("coverage", {"first": date(2001, 1, 1)}, "ends before it starts"),
        ("coverage", {"scope": "among:"}, "not a scope"),
        ("coverage", {"scope": "everyone"}, "not a scope"),
        ("coverage", {"scope": "to:BRA from:CHL"}, "not a scope"),
        ("coverage", {"scope": "among:BRA, CHL"}, "not a scope"),
    ],
)
def test_each_rule(table: TableName, change: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadFile, match=reason) as caught:
        conform(table, _frame(table, change), "f.csv")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "scope",
    ["all", "among:BRA CHL", "with:USA", "from:BRA CHL", "to:UKR", "from:DEU FRA to:UKR", "from:DEU to:UKR POL"],
)
def test_scopes(scope: str) -> None:
    assert conform("coverage", _frame("coverage", {"scope": scope}), "f")["scope"].item() == scope


def test_a_directed_act_may_run_against_the_alphabet_and_an_unknown_value_is_null() -> None:
    frame = _frame("acts", {"source": "PER", "target": "BRA", "directed": True, "value": None})
    assert conform("acts", frame, "f")["value"].item() is None


@pytest.mark.parametrize(("table", "key"), [("acts", "act_id"), ("votes", "state"), ("resolutions", "vote_id")])
def test_keys_stand_once(table: TableName, key: str) -> None:
    conform(table, _frame(table, {}, {key: "ARG", "row": 8}), "f")
    with pytest.raises(BadFile, match="twice") as caught:
        conform(table, _frame(table, {}, {"row": 8}), "f")
    assert caught.value.row in (7, 8)


def test_the_same_commitment_may_stand_twice() -> None:
    assert conform("commitments", _frame("commitments", {}, {"row": 8}), "f").height == 2


def test_other_columns_are_left_out() -> None:
    assert "extra" not in conform("votes", _frame("votes").with_columns(pl.lit(1).alias("extra")), "f").columns


def test_there_is_no_other_table() -> None:
    with pytest.raises(InputError, match="acts, votes"):
        conform("tweets", pl.DataFrame(), "f")  # type: ignore[arg-type]
