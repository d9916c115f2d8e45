"""Mirror gaps and detours: planted ones are found, none where there is none."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from innominate.errors import InputError
from innominate.ledger import Library
from innominate.sources import import_file
from innominate.sources.comtrade import SOURCE
from innominate.worlds import World
from innominate.worlds.detouring import detours, episodes, placebo, rises, trade_flows
from innominate.worlds.looked import known_flows, trade_coverage
from innominate.worlds.mirror import mirror_gaps, mirror_table, one_sided, ranged
from tests.sources.examples.comtrade import EXAMPLES


@pytest.fixture(scope="module")
def flows(world: World) -> pl.DataFrame:
    return trade_flows(world.library(), "world-trade")


def planted(flows: pl.DataFrame, seller: str, buyer: str, hub: str, year: int, share: float = 0.8) -> pl.DataFrame:
    """The same trade with a share of seller → buyer sent through a hub from `year` on."""
    here = (pl.col("source") == seller) & (pl.col("target") == buyer) & (pl.col("year") >= year)
    cut = flows.with_columns(
        pl.when(here).then(pl.col("value") * (1 - share)).otherwise(pl.col("value")).alias("value")
    )
    moved = flows.filter(here).with_columns(pl.col("value") * share)
    legs = [moved.with_columns(pl.lit(hub).alias("target")), moved.with_columns(pl.lit(hub).alias("source"))]
    return pl.concat([cut, *legs]).group_by("source", "target", "year").agg(pl.col("value").sum()).sort(pl.all())


def heavy(flows: pl.DataFrame, year: int, most: int) -> list[tuple[str, str, str]]:
    """Heavy flows around a year, each with a third state whose trade with both is small beside it."""
    near = flows.filter(pl.col("year").is_between(year - 3, year + 2))
    total = {(a, b): v for a, b, v in near.group_by("source", "target").agg(pl.col("value").sum()).rows()}
    found = []
    for (a, b), value in sorted(total.items(), key=lambda item: -item[1]):
        legs = {h: max(total.get((a, h), 0), total.get((h, b), 0)) for h in {x for x, _ in total} - {a, b}}
        hubs = sorted(h for h, leg in legs.items() if 1.0 < leg < 0.05 * value and (a, h) in total and (h, b) in total)
        if hubs:
            found.append((a, b, hubs[len(hubs) // 2]))
    return found[:most]


def test_planted_detours_are_found(flows: pl.DataFrame) -> None:
    year, hits, first = 2012, 0, 0
    chosen = heavy(flows, year, 12)
    assert len(chosen) == 12
    for seller, buyer, hub in chosen:
        found = detours(planted(flows, seller, buyer, hub, year), seller, buyer, year)
        hits += bool(found.filter((pl.col("hub") == hub) & (pl.col("p") < 0.05)).height)
        first += found["hub"][0] == hub
    assert hits >= 10
    assert first >= 9


def test_without_a_detour_p_values_are_as_chance_gives_them(flows: pl.DataFrame) -> None:
    cuts = [(a, b, year) for year in (2008, 2014, 2018) for a, b, _ in heavy(flows, year, 10)]
    found = episodes(flows, cuts)
    assert found.rows.height == 30
    assert found.share == pytest.approx(0.05, abs=0.03)


def test_a_lone_hub_stands_among_many(flows: pl.DataFrame) -> None:
    """Of 139 third states one has an overwhelming rise to both sides: it stands, and none beside it."""
    rng, codes = np.random.default_rng(4), [f"A{k:03d}" for k in range(141)]
    pairs = pl.DataFrame({"source": codes}).join(pl.DataFrame({"target": codes}), how="cross")
    pairs = pairs.filter(pl.col("source") != pl.col("target")).join(
        pl.DataFrame({"year": range(2000, 2006)}), how="cross"
    )
    trade = pairs.with_columns(pl.Series("value", rng.lognormal(3.0, 0.3, pairs.height)))
    leg = ((pl.col("source") == "A000") & (pl.col("target") == "A007")) | (
        (pl.col("source") == "A007") & (pl.col("target") == "A001")
    )
    trade = trade.with_columns(pl.when(leg & (pl.col("year") >= 2003)).then(pl.col("value") * 200).otherwise("value"))
    found = detours(trade, "A000", "A001", 2003)
    assert found.height == 139
    assert found.filter("held")["hub"].to_list() == ["A007"]
    with pytest.raises(InputError, match="none of 139 hubs can stand with fewer than 2,780"):
        detours(trade, "A000", "A001", 2003, draws=2000)


def test_rises_take_out_what_exporters_and_importers_did_anyway(flows: pl.DataFrame) -> None:
    """Doubling all exports of one state from a year on changes no rise, as long as flows are large beside the floor."""
    large = flows.with_columns(pl.col("value") * 1e6)
    some = large["source"][0]
    grown = large.with_columns(
        pl.when((pl.col("source") == some) & (pl.col("year") >= 2012))
        .then(pl.col("value") * 2)
        .otherwise(pl.col("value"))
    )
    one, two = rises(large, 2012), rises(grown, 2012)
    same = np.isfinite(one.rise) & np.isfinite(two.rise)
    always = large.filter(pl.col("year").is_between(2009, 2014)).group_by("source", "target").agg(pl.len().alias("n"))
    steady = np.zeros(one.rise.shape, dtype=bool)
    for a, b, n in always.rows():
        steady[one.place(a), one.place(b)] = n == 6
    assert np.corrcoef(one.rise[same & steady], two.rise[same & steady])[0, 1] > 0.98
    assert len(placebo(one, 0, 1, 500, np.random.default_rng(0))) == 500


def test_the_function_is_not_hidden_by_a_module() -> None:
    """Asked twice, since the first answer imports the module."""
    import innominate.worlds as worlds

    assert all(callable(getattr(worlds, name)) for name in [*worlds.__all__, *worlds.__all__])


def test_questions_about_detours_that_cannot_be_asked(flows: pl.DataFrame) -> None:
    seller, buyer, _ = heavy(flows, 2012, 1)[0]
    for asked, reason in (
        ((seller, seller, 2012, {}), "two different states"),
        ((seller, buyer, 2012, {"window": 0}), "a window of 0 years"),
        ((seller, buyer, 2012, {"window": 2.5}), "a window of 2.5 years: a whole number"),
        ((seller, buyer, 2012, {"draws": 0}), "0 draws: a whole number"),
        ((seller, buyer, 2012, {"seed": -1}), "seed -1"),
        ((seller, buyer, 2012.5, {}), "year 2012.5"),
        ((seller, buyer, 2012, {"draws": 2.5}), "2.5 draws"),
    ):
        *flow, options = asked
        with pytest.raises(InputError, match=reason):
            detours(flows, *flow, **options)
    two = flows.filter(pl.col("source").is_in([seller, buyer]) & pl.col("target").is_in([seller, buyer]))
    years = pl.DataFrame({"year": range(2009, 2015), "value": [5.0] * 6})
    steady = flows.select("source", "target").unique().join(years, how="cross")
    for trade, reason in (
        (flows.filter(pl.col("year") >= 2012), "both before and after 2012"),
        (two, "no flow changed otherwise"),
        (steady, "no flow changed otherwise"),
        (flows.drop("value"), "flows without value"),
        (flows.with_columns(value=-pl.col("value")), "no value of trade"),
        (flows.with_columns(value=pl.lit(float("nan"))), "no value of trade"),
    ):
        with pytest.raises(InputError, match=reason):
            detours(trade, seller, buyer, 2012)


def test_unknown_trade_is_an_error(flows: pl.DataFrame) -> None:
    with pytest.raises(InputError, match="no trade is known around 1900"):
        detours(flows, "USA", "CHN", 1900)
    with pytest.raises(InputError, match="no trade of XXX"):
        detours(flows, "XXX", flows["target"][0], 2012)


def test_gaps_and_their_usual_range() -> None:
    """Honest reports differ by freight and noise; a flow reported at a third of what arrives stands out."""
    random = np.random.default_rng(1)
    names = [f"A{chr(65 + k // 26)}{chr(65 + k % 26)}" for k in range(40)]
    pairs = [(a, b) for a in names for b in names if a != b]
    exports = np.exp(random.normal(4, 2, len(pairs)))
    imports = exports * np.exp(0.06 + random.normal(0, 0.1, len(pairs)))
    imports[0] = 3 * exports[0]
    exports[0], imports[0] = 50.0, 150.0
    frame = pl.DataFrame(
        {
            "source": [a for a, _ in pairs],
            "target": [b for _, b in pairs],
            "year": 2020,
            "exports": exports,
            "imports": imports,
        }
    )
    found = ranged(frame)
    own = found.filter((pl.col("source") == "AAA") & (pl.col("target") == "AAB")).row(0, named=True)
    assert own["outside"]
    assert own["gap"] == pytest.approx(np.log(3))
    assert own["middle"] == pytest.approx(0.06, abs=0.03)
    assert found["outside"].mean() == pytest.approx(0.1, abs=0.02)
    naive = np.quantile(found.filter(pl.col("flows") == own["flows"])["gap"], 0.95)
    assert own["high"] == pytest.approx(naive, abs=0.1)


def test_gaps_from_comtrade_files_and_reports_on_one_side(tmp_path: Path) -> None:
    library = Library.create(tmp_path / "library")
    rows = [
        ("C", "A", "2021", "PER", "X", "CHL", "0", "TOTAL", "C00", "0", "12500000"),
        ("C", "A", "2021", "CHL", "M", "PER", "0", "TOTAL", "C00", "0", "13100000"),
        ("C", "A", "2021", "CHL", "X", "PER", "0", "TOTAL", "C00", "0", "9000000"),
        ("C", "A", "2021", "PER", "M", "KEN", "0", "TOTAL", "C00", "0", "2000000"),
        ("C", "A", "2021", "PER", "M", "W00", "0", "TOTAL", "C00", "0", "2000000"),
    ]
    import_file(library, replace(EXAMPLES["csv"], rows=tuple(rows)).write(tmp_path), SOURCE)
    (gap,) = mirror_gaps(library, ["CHL-PER"])
    assert (gap.exporter, gap.importer, gap.year) == ("PER", "CHL", 2021)
    assert gap.value == pytest.approx(np.log(13.1 / 12.5), abs=1e-5)
    assert mirror_table(library).height == 1
    silent = one_sided(library)
    assert silent.select("source", "target", "exports", "imports").rows() == [("CHL", "PER", 9.0, None)]


def _trade(folder: Path, *rows: tuple[str, str, str, str, str]) -> Library:
    """A library with rows of period, reporter, flow, partner and value."""
    library = Library.create(folder / "library")
    whole = [("C", "M" if len(one[0]) == 6 else "A", *one[:4], "0", "TOTAL", "C00", "0", one[4]) for one in rows]
    import_file(library, replace(EXAMPLES["csv"], rows=tuple(whole)).write(folder), SOURCE)
    return library


def test_a_side_that_was_not_looked_at_is_unknown_and_not_silent(tmp_path: Path) -> None:
    """Peru's imports from Kenya are held and nothing else: that says nothing of its imports from Chile."""
    library = _trade(
        tmp_path, ("2021", "CHL", "X", "PER", "9000000"), ("2021", "PER", "M", "KEN", "2000000"),
        ("2020", "CHL", "X", "PER", "9000000"),
    )  # fmt: skip
    assert one_sided(library).is_empty()


def test_a_flow_that_is_known_to_be_unknown_is_not_silent(tmp_path: Path) -> None:
    """Nobody's reports tell Taiwan apart, whatever it is said to have sold."""
    library = _trade(
        tmp_path, ("2021", "PER", "M", "CHL", "2000000"), ("2021", "PER", "M", "W00", "2000000"),
        ("2021", "TWN", "X", "PER", "9000000"), ("2021", "KEN", "X", "PER", "9000000"),
    )  # fmt: skip
    assert one_sided(library).select("source", "target").rows() == [("KEN", "PER")]


def test_what_one_side_reports_as_nothing_is_no_gap_and_is_told(tmp_path: Path) -> None:
    """The year's nought counts against the year's figure, whatever the months say; the other side was asked for nothing else."""
    rows = [("2021", "PER", "X", "CHL", "9000000"), ("2021", "CHL", "M", "PER", "0")]
    rows += [
        (f"2021{month:02d}", *one)
        for month in (1, 2)
        for one in (("PER", "X", "CHL", "5000000"), ("CHL", "M", "PER", "4000000"))
    ]
    rows += [("2021", "PER", "M", "KEN", "7000000"), ("2021", "KEN", "X", "PER", "0"), ("2021", "KEN", "M", "PER", "0")]
    rows += [("2021", "BOL", "X", "CHL", "6000000"), ("2021", "CHL", "M", "BOL", "")]
    library = _trade(tmp_path, *rows)
    assert mirror_table(library).is_empty()
    assert mirror_gaps(library, ["CHL-PER"]) == []
    told = one_sided(library).select("source", "target", "exports", "imports", "end").rows()
    assert told == [("KEN", "PER", 0.0, 7.0, date(2021, 12, 31)), ("PER", "CHL", 9.0, 0.0, date(2021, 12, 31))]


def test_a_month_of_nothing_is_a_month_that_both_give(tmp_path: Path) -> None:
    rows = [(f"2021{month:02d}", "PER", "X", "CHL", "1000000") for month in (1, 2, 3)]
    rows += [(f"2021{month:02d}", "CHL", "M", "PER", value) for month, value in ((1, "1100000"), (2, "0"))]
    table = mirror_table(_trade(tmp_path, *rows))
    assert table.select("exports", "imports", "months").rows() == [(2.0, pytest.approx(1.1), 2)]


@pytest.mark.parametrize(
    ("months", "figure", "told"),
    [
        (12, "KEN", [None]),  # Peru's reports of all months are there, and hold nothing of Chile
        (11, "KEN", []),  # of December's nothing is known
        (12, "CHL", []),  # Peru does report it, month by month
    ],
)
def test_months_of_coverage_make_a_year(tmp_path: Path, months: int, figure: str, told: list[None]) -> None:
    rows = [("2021", "CHL", "X", "PER", "9000000")]
    for month in range(1, months + 1):
        rows += [(f"2021{month:02d}", "PER", "M", partner, "700000") for partner in (figure, "W00")]
    assert one_sided(_trade(tmp_path, *rows))["imports"].to_list() == told


def test_gaps_set_months_against_the_same_months_and_years_against_years(tmp_path: Path) -> None:
    """Imports of three months beside exports of twelve are no gap; where both give the year, months do not count."""
    exports = [(f"2021{month:02d}", "PER", "X", "CHL", "1000000") for month in range(1, 13)]
    imports = [(f"2021{month:02d}", "CHL", "M", "PER", "1100000") for month in range(1, 4)]
    both = [("2020", "PER", "X", "CHL", "5000000"), ("2020", "CHL", "M", "PER", "6000000")]
    months = [("202001", "PER", "X", "CHL", "4000000"), ("202001", "CHL", "M", "PER", "400000")]
    table = mirror_table(_trade(tmp_path, *exports, *imports, *both, *months))
    assert table.select("year", "exports", "months").rows() == [(2020, 5.0, 12), (2021, pytest.approx(3.0), 3)]
    assert table["gap"].to_list() == pytest.approx([np.log(1.2), np.log(1.1)])
    (latest,) = mirror_gaps(Library.open(tmp_path / "library"), ["CHL-PER"])
    (earlier,) = mirror_gaps(Library.open(tmp_path / "library"), ["CHL-PER"], until=2020)
    assert (latest.year, earlier.year) == (2021, 2020)


@pytest.mark.parametrize(("flows", "known"), [(1, False), (2, False), (29, False), (30, True)])
def test_few_flows_do_not_tell_what_gaps_are_usual(flows: int, known: bool) -> None:
    random = np.random.default_rng(0)
    names = [f"A{chr(65 + k // 26)}{chr(65 + k % 26)}" for k in range(flows)]
    exports = np.exp(random.normal(4, 1, flows))
    frame = pl.DataFrame({"source": names, "target": "ZZZ", "year": 2020, "exports": exports, "imports": exports * 1.1})
    found = ranged(frame)
    assert found["flows"].to_list() == [flows] * flows
    assert found["outside"].null_count() == (0 if known else flows)
    assert found["low"].is_null().all() is not known


def test_a_state_that_does_not_report_has_no_rise(tmp_path: Path) -> None:
    """A hub whose exports are reported from the year of the cut on only: what it sold before is unknown, not nothing."""
    names, years = ("ARG", "BOL", "BRA", "CHL", "COL", "ECU", "PER", "URY"), range(2015, 2021)
    random = np.random.default_rng(2)
    rows = []
    for year in years:
        for a in names:
            if a == "BOL" and year < 2018:
                continue
            told = [(b, round(float(np.exp(random.normal(17, 0.3))))) for b in names if b != a]
            rows += [(str(year), a, "X", b, str(value)) for b, value in told]
            rows.append((str(year), a, "X", "W00", str(sum(value for _, value in told))))
    library = _trade(tmp_path, *rows)
    flows = trade_flows(library, "comtrade/as-exports")
    for covered in (None, trade_coverage(library, "comtrade/as-exports")):
        assert "BOL" not in detours(flows, "CHL", "PER", 2018, covered=covered)["hub"].to_list()
        assert "ARG" in detours(flows, "CHL", "PER", 2018, covered=covered)["hub"].to_list()


def test_unknown_flows_are_not_nothing(flows: pl.DataFrame) -> None:
    """With every figure before the cut unknown there is nothing to compare; with one unknown the others tell."""
    (seller, buyer, _), year = heavy(flows, 2012, 1)[0], 2012
    here = (pl.col("source") == seller) & (pl.col("target") == buyer)
    whole = rises(flows, year)
    for lost, finite in (((2009, 2011), False), ((2011, 2011), True)):
        gone = here & pl.col("year").is_between(*lost)
        found = rises(flows.with_columns(pl.when(~gone).then("value").alias("value")), year)
        rise = found.rise[found.place(seller), found.place(buyer)]
        assert np.isfinite(rise) == finite
        if finite:
            assert rise == pytest.approx(whole.rise[whole.place(seller), whole.place(buyer)], abs=0.5)


def test_a_year_is_covered_when_all_its_months_are() -> None:
    spans = [("all", date(2020, 1, 1), date(2020, 6, 30)), ("all", date(2020, 7, 1), date(2021, 3, 31))]
    covered = pl.DataFrame(spans, schema=["scope", "first", "last"], orient="row")
    found = known_flows(covered, ["AAA", "BBB"], [2019, 2020, 2021])
    assert found[:, 0, 1].tolist() == [False, True, False]


def test_no_gaps_where_one_side_is_not_held(world: World) -> None:
    assert mirror_gaps(world.library(), ["CHN-RUS"]) == []
