"""Imports that are reported free on board are set against their like, and not against those with freight and insurance."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from innominate.ledger import Library
from innominate.sources import import_file
from innominate.sources.comtrade import SOURCE, read_csv_form
from innominate.worlds.mirror import mirror_gaps, mirror_table
from tests.sources.examples.comtrade import EXAMPLES, HEADER

EXAMPLE = replace(EXAMPLES["csv"], header=(*HEADER, "cifvalue", "fobvalue"))
SELLERS = ("ARG", "BOL", "BRA", "CHL", "COL", "ECU", "PER")
WITH, FREE = ("KEN", "TZA", "UGA", "RWA", "BDI", "ETH"), ("ZAF", "NAM", "BWA", "LSO", "ZMB", "MWI")


def row(
    reporter: str, flow: str, partner: str, value: float, cif: str, fob: str, period: str = "2021"
) -> tuple[str, ...]:
    kind = "M" if len(period) == 6 else "A"
    return ("C", kind, period, reporter, flow, partner, "0", "TOTAL", "C00", "0", f"{value:.0f}", cif, fob)


def trade() -> tuple[tuple[str, ...], ...]:
    """Freight adds a tenth or so; who reports imports free on board reports nearly what the sellers do."""
    random, rows = np.random.default_rng(1), []
    for seller in SELLERS:
        for buyer in (*WITH, *FREE):
            sold = float(np.exp(random.normal(17, 1)))
            bought = sold * float(np.exp((0.1 if buyer in WITH else 0.0) + random.normal(0, 0.01)))
            cif, fob = (f"{bought:.0f}", "") if buyer in WITH else ("", f"{bought:.0f}")
            rows += [row(seller, "X", buyer, sold, "", f"{sold:.0f}"), row(buyer, "M", seller, bought, cif, fob)]
    return tuple(rows)


@pytest.fixture(scope="module")
def rows() -> tuple[tuple[str, ...], ...]:
    return trade()


def test_a_gap_is_judged_by_flows_whose_imports_are_valued_alike(
    tmp_path: Path, rows: tuple[tuple[str, ...], ...]
) -> None:
    """An import free on board that stands a tenth above the export is usual for no such import, though it is for the others."""
    changed = [list(one) for one in rows]
    here = next(one for one in changed if one[3] == "ZAF" and one[5] == "PER")
    sold = next(one for one in changed if one[3] == "PER" and one[5] == "ZAF")
    here[10] = here[12] = f"{float(sold[10]) * 1.1:.0f}"
    library = Library.create(tmp_path / "library")
    import_file(library, replace(EXAMPLE, rows=tuple(map(tuple, changed))).write(tmp_path), SOURCE)
    table = mirror_table(library)
    assert dict(table.group_by("valuation").len().rows()) == {"cif": 42, "fob": 42}
    middle = dict(table.group_by("valuation").agg(pl.col("middle").mean()).rows())
    assert middle == {"cif": pytest.approx(0.1, abs=0.01), "fob": pytest.approx(0.0, abs=0.01)}
    (gap,) = mirror_gaps(library, ["PER-ZAF"])
    assert (gap.valuation, gap.outside, gap.flows) == ("fob", True, 42)
    (usual,) = mirror_gaps(library, ["BRA-KEN"])
    assert usual.valuation == "cif"
    assert usual.high is not None
    assert usual.high < 0.2


def test_a_row_whose_valuation_is_not_told_is_of_neither_kind(tmp_path: Path) -> None:
    told = [("", ""), ("5", "5"), ("0", "0"), ("7", "8"), ("5", "4"), ("5", "0"), ("4", "5"), ("", "5.4")]
    buyers = (*WITH, *FREE)[: len(told)]
    rows = [row(buyer, "M", "PER", 5, *values) for buyer, values in zip(buyers, told, strict=True)]
    rows.append(row("PER", "X", "CHL", 5, "", "5"))
    acts = read_csv_form(replace(EXAMPLE, rows=tuple(rows)).write(tmp_path)).tables["acts"]
    notes = dict(acts.select("target", "note").rows())
    free, freight = "import free on board", "import with freight and insurance"
    assert [notes[buyer] for buyer in buyers] == [None, None, None, None, freight, freight, free, free]
    assert notes["CHL"] is None, "of exports nothing is asked"


def test_months_of_either_valuation_are_mixed(tmp_path: Path) -> None:
    rows = [row("PER", "X", "CHL", 2e6, "", "2000000", f"2021{month:02d}") for month in (1, 2)]
    rows += [row("CHL", "M", "PER", 2e6, "2000000", "", "202101"), row("CHL", "M", "PER", 2e6, "", "2000000", "202102")]
    rows += [row("CHL", "X", "PER", 2e6, "", "", "202101"), row("PER", "M", "CHL", 2e6, "", "2000000", "202101")]
    library = Library.create(tmp_path / "library")
    import_file(library, replace(EXAMPLE, rows=tuple(rows)).write(tmp_path), SOURCE)
    assert mirror_table(library).select("source", "months", "valuation").rows() == [
        ("CHL", 1, "fob"),
        ("PER", 2, "mixed"),
    ]


def test_the_closed_websites_files_tell_valuations_too(tmp_path: Path) -> None:
    header = "Period,Trade Flow,Reporter Code,Reporter ISO,Partner Code,Partner ISO,Commodity Code,Trade Value (US$)"
    line = "2016,Import,604,PER,152,CHL,TOTAL,5,,5"
    path = tmp_path / "closed.csv"
    path.write_text(f"{header},CIF Trade Value (US$),FOB Trade Value (US$)\n{line}\n")
    assert read_csv_form(path).tables["acts"]["note"].to_list() == ["import free on board"]
