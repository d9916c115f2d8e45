"""Panels from small libraries made by hand: zero inside coverage, unknown outside, parts never mixed."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from innominate.alignment.tracing import pair_rows
from innominate.errors import InputError
from innominate.ledger import Imported, Library
from innominate.panel import Panel, build
from innominate.panel.coverage import exposures, flow_exposures, flow_mask, scope_mask
from innominate.panel.periods import Resolution, index_of, span_of
from innominate.states import alive

CODES = alive(1995)[:12]


def _acts(rows: list[tuple[str, str, int, str, float | None]], dataset: str) -> pl.DataFrame:
    frame = pl.DataFrame(rows, schema=["source", "target", "year", "channel", "value"], orient="row")
    return frame.with_row_index("row", offset=1).select(
        pl.format("{}:{}", pl.lit(dataset), "row").alias("act_id"),
        pl.min_horizontal("source", "target").alias("source"),
        pl.max_horizontal("source", "target").alias("target"),
        pl.date("year", 1, 1).alias("start"),
        pl.date("year", 12, 31).alias("end"),
        "channel",
        pl.lit(False).alias("directed"),
        pl.col("value").cast(pl.Float64),
        pl.lit("units").alias("unit"),
        pl.lit(dataset).alias("dataset"),
        pl.lit("made.csv").alias("file"),
        "row",
    )


def _store(library: Library, dataset: str, acts: pl.DataFrame, covered: list[tuple[str, str, int, int]]) -> None:
    coverage = pl.DataFrame(
        [(dataset, channel, scope, date(a, 1, 1), date(b, 12, 31)) for channel, scope, a, b in covered],
        schema=["dataset", "channel", "scope", "first", "last"],
        orient="row",
    )
    made = Imported(dataset.replace("/", "-"), {"acts": acts, "coverage": coverage}, acts.height, acts.height)
    library.store(made, file="made.csv", sha256=dataset, size=1, form="made", adapter_version=1)


def _trade(dataset: str = "made", years: range = range(1995, 1999), seed: int = 0) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    rows = [
        (a, b, year, "trade", float(rng.gamma(2.0, 50.0)))
        for year in years
        for i, a in enumerate(CODES)
        for b in CODES[i + 1 :]
        if rng.random() < 0.7
    ]
    return _acts(rows, dataset)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library.create(tmp_path / "library")


def _cell(panel: Panel, a: str, b: str, year: int) -> float:
    return float(panel.z[panel.pair(a, b), list(panel.years).index(year), 0])


def test_absent_inside_coverage_is_zero_and_outside_it_unknown(library: Library) -> None:
    acts = _trade()
    among = "among:" + " ".join(CODES[:10])
    _store(library, "made", acts, [("trade", among, 1995, 1997)])
    panel = build(library, (1994, 1999))
    known = np.isfinite(panel.z[:, :, 0])
    inside = [
        panel.states[a] in CODES[:10] and panel.states[b] in CODES[:10] for a, b in zip(panel.a, panel.b, strict=True)
    ]
    for t, year in enumerate(panel.years):
        expected = np.array(inside) & (1995 <= year <= 1997)
        np.testing.assert_array_equal(known[:, t], expected)


def test_a_value_that_the_provider_does_not_know_is_unknown(library: Library) -> None:
    a, b = CODES[0], CODES[1]
    acts = _trade().filter(~((pl.col("source") == a) & (pl.col("target") == b)))
    lost = _acts([(a, b, 1996, "trade", None)], "made").with_columns(pl.lit("made:lost").alias("act_id"))
    _store(library, "made", pl.concat([acts, lost]), [("trade", "all", 1995, 1998)])
    panel = build(library, (1995, 1998))
    assert np.isnan(_cell(panel, a, b, 1996))
    assert np.isfinite(_cell(panel, a, b, 1997))


def test_a_new_dataset_without_coverage_changes_nothing(library: Library) -> None:
    _store(library, "made", _trade(), [("trade", "all", 1995, 1998)])
    before = build(library, (1995, 1998))
    bare = Imported("bare", {"acts": _trade("bare", seed=4)}, 1, 1)
    library.store(bare, file="made.csv", sha256="bare", size=1, form="made", adapter_version=1)
    after = build(library, (1995, 1998))
    assert after.series == before.series
    np.testing.assert_array_equal(after.z, before.z)


def test_parts_of_a_dataset_are_never_added_up(library: Library) -> None:
    _store(library, "made/A", _trade("made/A"), [("trade", "all", 1995, 1998)])
    alone = build(library, (1995, 1998))
    few = "among:" + " ".join(CODES[:6])
    _store(library, "made/B", _trade("made/B", seed=9), [("trade", few, 1995, 1998)])
    both = build(library, (1995, 1998))
    assert [series.dataset for series in both.series] == ["made"]
    np.testing.assert_array_equal(both.z, alone.z)


def test_more_of_what_rivals_do_is_less_alignment(library: Library) -> None:
    rng = np.random.default_rng(2)
    rows = [(a, b, 1995, "sanctions", 1.0) for i, a in enumerate(CODES) for b in CODES[i + 1 :] if rng.random() < 0.3]
    _store(library, "made", _acts(rows, "made"), [("sanctions", "all", 1995, 1995)])
    panel = build(library, (1995, 1995))
    a, b = rows[0][:2]
    assert _cell(panel, a, b, 1995) < 0


def _few(channel: str, busy: int, value: float = 5.0) -> list[tuple[str, str, int, str, float | None]]:
    """The first state deals with `busy` others, and so do two more pairs; all others show nothing."""
    ties = [(CODES[0], other) for other in CODES[1 : busy + 1]] + [(CODES[9], CODES[10]), (CODES[10], CODES[11])]
    return [(a, b, 1995, channel, value) for a, b in ties]


def _excess_by_hand(rows: list[tuple[str, str, int, str, float | None]]) -> dict[tuple[str, str], float]:
    """log(1 + y) less its two-way margins by least squares, in root mean squares over pairs."""
    seen = {tuple(sorted(row[:2])): float(row[4] or 0.0) for row in rows}
    pairs = [tuple(sorted((a, b))) for i, a in enumerate(CODES) for b in CODES[i + 1 :]]
    y = np.log1p([seen.get(pair, 0.0) for pair in pairs])
    design = np.array([[float(code in pair) for code in CODES] + [1.0] for pair in pairs])
    left = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    return dict(zip(pairs, left / np.sqrt((left**2).mean()), strict=True))


def test_showing_nothing_where_few_show_anything_counts_by_their_share(library: Library) -> None:
    for channel, sign in (("arms", 1), ("sanctions", -1)):
        rows, among = _few(channel, 5), "among:" + " ".join(CODES)
        _store(library, channel, _acts(rows, channel), [(channel, among, 1995, 1995)])
        panel = build(library, (1995, 1995), drop=["sanctions"] if channel == "arms" else ["arms"])
        share = len(rows) / 66
        for (a, b), plain in _excess_by_hand(rows).items():
            expected = sign * plain * (share if sign > 0 and plain < 0 else 1.0)
            assert _cell(panel, a, b, 1995) == pytest.approx(expected, abs=5e-3)


def test_one_deal_more_never_looks_like_less(library: Library) -> None:
    before = None
    for k, value in enumerate((0.01, 0.5, 3.0, 40.0)):
        rows = [*_few("arms", 6), (CODES[0], CODES[11], 1995, "arms", value)]
        own = Library.create(library.folder.parent / f"own-{k}")
        _store(own, "made", _acts(rows, "made"), [("arms", "among:" + " ".join(CODES), 1995, 1995)])
        now = _cell(build(own, (1995, 1995)), CODES[0], CODES[11], 1995)
        assert before is None or now > before
        before = now


@pytest.mark.parametrize("scope", ["everybody", "between:AAA", "among"])
def test_a_scope_that_nobody_understands_is_refused(scope: str) -> None:
    with pytest.raises(InputError, match="scope"):
        scope_mask(scope, {"AAA": 0, "BBB": 1})


def test_scopes_and_shares_of_a_year() -> None:
    place = {"AAA": 0, "BBB": 1, "CCC": 2}
    assert scope_mask("with:AAA", place).tolist() == [[False, True, True], [True, False, False], [True, False, False]]
    assert np.argwhere(flow_mask("from:AAA to:CCC", place)).tolist() == [[0, 2]]
    assert scope_mask("from:AAA to:CCC", place).sum() == 0, "what CCC does to AAA was not looked at"
    rows = pl.DataFrame({"scope": ["all"], "first": [date(2000, 1, 1)], "last": [date(2001, 3, 31)]})
    share = exposures(rows, place, 2000, 2002, "year")
    assert share[:, 0, 1].tolist() == [1.0, pytest.approx(90 / 365), 0.0]


@pytest.mark.parametrize("years", [(1700, 1990), (2010, 2000)])
def test_years_that_are_no_span_are_refused(library: Library, years: tuple[int, int]) -> None:
    with pytest.raises(InputError, match="years"):
        build(library, years)


def test_an_empty_library_says_so(library: Library) -> None:
    with pytest.raises(InputError, match="nothing observed"):
        build(library, (1990, 1995))


def test_ledgers_of_users_stand_side_by_side(tmp_path: Path) -> None:
    library = Library.create(tmp_path)
    west, east = CODES[:6], CODES[6:]
    for name, group, more in (("acts-csv/west", west, 1), ("acts-csv/east", east, 3)):
        rows = [
            (a, b, 1995, "exercises", 1.0) for i, a in enumerate(group) for b in group[i + 1 :] for _ in range(more)
        ]
        _store(library, name, _acts(rows, name), [("exercises", f"among:{' '.join(group)}", 1995, 1995)])
    panel = build(library, (1995, 1995))
    assert [series.dataset for series in panel.series] == ["acts-csv/east", "acts-csv/west"]
    known = np.isfinite(panel.z[:, 0])
    assert known[panel.pair(east[0], east[1])].tolist() == [True, False]
    assert known[panel.pair(west[0], west[1])].tolist() == [False, True]
    assert not known[panel.pair(west[0], east[0])].any()


def test_the_panel_tells_which_part_of_a_dataset_stands_and_its_rows_alone_are_cited(tmp_path: Path) -> None:
    library = Library.create(tmp_path)
    for name, group, value in (("made/small", CODES[:7], 5.0), ("made/large", CODES, 2.0)):
        rows = [(a, b, 1995, "trade", value) for i, a in enumerate(group) for b in group[i + 1 :]]
        _store(library, name, _acts(rows, name), [("trade", f"among:{' '.join(group)}", 1995, 1995)])
    panel = build(library, (1995, 1995))
    assert panel.parts == {("trade", "made", 1995): "made/large"}
    assert panel.select({"trade"}).parts == panel.parts
    a, b = sorted(CODES[:2])
    behind = pair_rows(library, a, b, panel).behind("trade", "made", 1995)
    assert [(row["dataset"], row["value"]) for row in behind] == [("made/large", 2.0)]


@pytest.mark.parametrize("resolution", ["year", "quarter", "month"])
def test_days_that_several_rows_cover_count_once(resolution: Resolution) -> None:
    random = np.random.default_rng(3)
    scopes = ["all", "among:AAA BBB", "with:AAA", "from:BBB", "to:CCC", "from:AAA to:CCC"]
    spans = [sorted(random.integers(0, 900, 2).tolist()) for _ in range(40)]
    claims = [
        (scopes[k % 6], *(date(2000, 1, 1) + timedelta(days=day) for day in span)) for k, span in enumerate(spans)
    ]
    position = {"AAA": 0, "BBB": 1, "CCC": 2}
    begin, end = (index_of(date(2000, 1, 1), resolution), index_of(date(2001, 12, 31), resolution))
    for several in (2, 5, 40):
        chosen = claims[:several]
        rows = pl.DataFrame(chosen, schema=["scope", "first", "last"], orient="row")
        found = exposures(rows, position, begin, end, resolution)
        one_way = flow_exposures(rows, position, begin, end, resolution)
        for period in range(begin, end + 1):
            first, last = span_of(period, resolution)
            days = [first + timedelta(days=day) for day in range((last - first).days + 1)]
            flows = [
                np.any([flow_mask(scope, position) & (low <= day <= high) for scope, low, high in chosen], axis=0)
                for day in days
            ]
            pairs = sum((one & one.T).astype(int) for one in flows)
            assert found[period - begin] == pytest.approx(pairs / len(days), abs=1e-6)
            assert one_way[period - begin] == pytest.approx(np.mean(flows, axis=0), abs=1e-6)
