"""Mirror gaps and detours: planted ones are found, none where there is none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from innominate.errors import InputError
from innominate.ledger import Library
from innominate.sources import import_file
from innominate.sources.comtrade import SOURCE
from innominate.worlds import World
from innominate.worlds.detours import detours, episodes, placebo, rises, trade_flows
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
    ]
    import_file(library, replace(EXAMPLES["csv"], rows=tuple(rows)).write(tmp_path), SOURCE)
    (gap,) = mirror_gaps(library, ["CHL-PER"])
    assert (gap.exporter, gap.importer, gap.year) == ("PER", "CHL", 2021)
    assert gap.value == pytest.approx(np.log(13.1 / 12.5), abs=1e-5)
    assert mirror_table(library).height == 1
    silent = one_sided(library)
    assert silent.select("source", "target", "exports", "imports").rows() == [("CHL", "PER", 9.0, None)]


def test_no_gaps_where_one_side_is_not_held(world: World) -> None:
    assert mirror_gaps(world.library(), ["CHN-RUS"]) == []
