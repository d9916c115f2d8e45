"""Mirror gaps: what one side reports as exports against what the other reports as imports of the same goods.

The logarithm of imports over exports is a few per cent above nought for freight and insurance, and wide for small flows.
A gap means something only against flows of like size in the same year: its usual range is between the 5th and 95th
percentile of those. Persistent gaps have been used to find evaded tariffs and smuggling (Fisman and Wei 2004, Journal of
Political Economy 112: 471-496); a report that is missing on one side altogether is no gap but a silence, and is listed
apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from innominate.ledger import Library

EXPORTS, IMPORTS = "comtrade/as-exports", "comtrade/as-imports"
SMALLEST = 1.0  # million USD on the larger side, below which a gap is rounding
CLASSES = 5  # of size within a year
FEWEST = 30  # flows in a class below which all flows of the year give the range
LOW, HIGH = 0.05, 0.95


@dataclass(frozen=True, slots=True)
class Gap:
    """One flow of a pair in the last year in which both sides report it.

    Attributes
    ----------
    key : ``AAA-BBB``; exporter, importer, year : the flow
    exports, imports : million USD, as the exporter and the importer report them
    value : logarithm of imports over exports
    low, middle, high : 5th, 50th and 95th percentile of the gaps of flows of like size in that year
    flows : how many those are
    """

    key: str
    exporter: str
    importer: str
    year: int
    exports: float
    imports: float
    value: float
    low: float
    middle: float
    high: float
    flows: int


def mirror_table(library: Library, exports: str = EXPORTS, imports: str = IMPORTS) -> pl.DataFrame:
    """Every flow that both sides report, year by year, with its gap and the usual range.

    Parameters
    ----------
    exports, imports : datasets that hold what exporters and what importers report

    Returns
    -------
    source, target, year, exports, imports, gap, low, middle, high, flows, outside; empty where the library does not
    hold both sides
    """
    rows = library.query(
        """
        SELECT source, target, year("start")::INT AS year, sum(value) FILTER (dataset = ?) AS exports,
               sum(value) FILTER (dataset = ?) AS imports FROM acts WHERE channel = 'trade' AND dataset IN (?, ?)
        GROUP BY ALL ORDER BY ALL
        """,
        [exports, imports, exports, imports],
    )
    return ranged(rows)


def ranged(flows: pl.DataFrame) -> pl.DataFrame:
    """Flows (source, target, year, exports, imports) that both sides report, with gaps and usual ranges."""
    both = flows.filter((pl.col("exports") > 0) & (pl.col("imports") > 0))
    both = both.filter(pl.max_horizontal("exports", "imports") >= SMALLEST).with_columns(
        (pl.col("imports") / pl.col("exports")).log().alias("gap"),
        (pl.col("imports") * pl.col("exports")).sqrt().alias("size"),
    )
    place = (pl.col("size").rank("ordinal") - 1) * CLASSES // pl.len()
    both = both.with_columns(place.over("year").alias("class"))
    enough = pl.len().over("year", "class") >= FEWEST
    return (
        both.with_columns(pl.when(enough).then(pl.col("class")).otherwise(-1).alias("class"))
        .with_columns(
            pl.col("gap").quantile(LOW, "linear").over("year", "class").alias("low"),
            pl.col("gap").median().over("year", "class").alias("middle"),
            pl.col("gap").quantile(HIGH, "linear").over("year", "class").alias("high"),
            pl.len().over("year", "class").cast(pl.Int64).alias("flows"),
        )
        .with_columns((~pl.col("gap").is_between(pl.col("low"), pl.col("high"))).alias("outside"))
        .select(
            "source", "target", "year", "exports", "imports", "gap", "low", "middle", "high", "flows", "outside",
        )
        .sort("source", "target", "year")
    )  # fmt: skip


def one_sided(library: Library, exports: str = EXPORTS, imports: str = IMPORTS) -> pl.DataFrame:
    """Flows of at least a million dollars that one side reports and the other, which reports that year, does not.

    Returns
    -------
    source, target, year, exports, imports (null on the silent side)
    """
    return library.query(
        """
        WITH told AS (
            SELECT source, target, year("start")::INT AS year, sum(value) FILTER (dataset = $1) AS exports,
                   sum(value) FILTER (dataset = $2) AS imports FROM acts WHERE channel = 'trade' AND dataset IN ($1, $2)
            GROUP BY ALL
        ), exporters AS (SELECT DISTINCT source, year FROM told WHERE exports > 0),
        importers AS (SELECT DISTINCT target, year FROM told WHERE imports > 0)
        SELECT source, target, year, exports, imports FROM told
        WHERE (imports >= 1 AND exports IS NULL AND (source, year) IN (SELECT (source, year) FROM exporters))
           OR (exports >= 1 AND imports IS NULL AND (target, year) IN (SELECT (target, year) FROM importers))
        ORDER BY ALL
        """,
        [exports, imports],
    )


def mirror_gaps(library: Library, keys: Sequence[str]) -> list[Gap]:
    """The latest gap of each flow between the states of some pairs (``AAA-BBB``); none where one side is not held."""
    if not {EXPORTS, IMPORTS} <= set(
        library.query("SELECT DISTINCT dataset FROM acts WHERE channel = 'trade'")["dataset"]
    ):
        return []
    table = mirror_table(library)
    found = []
    for key in keys:
        pair = key.split("-")
        own = table.filter(pl.col("source").is_in(pair) & pl.col("target").is_in(pair))
        for row in (
            own.sort("year").unique(["source", "target"], keep="last", maintain_order=True).iter_rows(named=True)
        ):
            found.append(
                Gap(
                    key, row["source"], row["target"], row["year"], float(row["exports"]), float(row["imports"]),
                    float(row["gap"]), float(row["low"]), float(row["middle"]), float(row["high"]), row["flows"],
                )
            )  # fmt: skip
    return found
