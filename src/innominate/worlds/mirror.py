"""Mirror gaps: what one side reports as exports against what the other reports as imports of the same goods.

The logarithm of imports over exports is a few per cent above nought for freight and insurance, and wide for small flows.
A gap means something only against flows of like size in the same year whose imports are valued alike (some states report
them free on board, as exports are): its usual range is between the 5th and 95th percentile of those, and where they are few
it is not known. Persistent gaps have been used to find evaded tariffs and smuggling (Fisman and Wei 2004, Journal of
Political Economy 112: 471-496). Where one side says that nothing passed, outright or by leaving the flow out of reports that
are all there, the logarithm is infinite: that is no gap among others but the largest there can be, and is listed apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from innominate.ledger import Library
from innominate.sources.comtrade_rows import FREE_ON_BOARD, WITH_FREIGHT
from innominate.worlds.looked import Mask, known_throughout, trade_coverage

EXPORTS, IMPORTS = "comtrade/as-exports", "comtrade/as-imports"
SMALLEST = 1.0  # million USD on the larger side, below which a gap is rounding
CLASSES = 5  # of size within a year
FEWEST = 30  # flows in a class below which all flows of the year give the range, and in a year below which nothing does
LOW, HIGH = 0.05, 0.95


@dataclass(frozen=True, slots=True)
class Gap:
    """One flow of a pair in the last year in which both sides report some of it.

    Attributes
    ----------
    key : ``AAA-BBB``; exporter, importer, year : the flow
    exports, imports : million USD, as the exporter and the importer report them
    value : logarithm of imports over exports
    low, middle, high : 5th, 50th and 95th percentile of the gaps of flows of like size and valuation in that year; None
        where fewer than :data:`FEWEST` such flows are reported by both sides, so that nothing tells what is usual
    flows : how many those are
    valuation : of the imports: ``cif`` (with freight and insurance), ``fob`` (free on board, as exports are), ``mixed`` (months
        of either), None where the file does not say
    """

    key: str
    exporter: str
    importer: str
    year: int
    exports: float
    imports: float
    value: float
    low: float | None
    middle: float | None
    high: float | None
    flows: int
    valuation: str | None = None

    @property
    def outside(self) -> bool | None:
        """Whether the gap is outside its usual range; None where that is not known."""
        if self.low is None or self.high is None:
            return None
        return not self.low <= self.value <= self.high


def mirror_table(library: Library, exports: str = EXPORTS, imports: str = IMPORTS) -> pl.DataFrame:
    """Every flow of which both sides report something, year by year, with its gap and the usual range.

    Like is set against like: figures of the year where both sides give them, otherwise the months that both sides give
    (datasets ``…-monthly``). A year or month that one side does not report is left out; it is not nothing. One that a side
    reports as nothing is a figure like others: months of it count, and a flow that is nothing on one side over all of what is
    compared has no finite gap and stands in :func:`one_sided`.

    Parameters
    ----------
    exports, imports : datasets that hold what exporters and what importers report

    Returns
    -------
    source, target, year, exports, imports (million USD, of the periods that both report), gap (logarithm of imports over
    exports), low, middle, high, flows, outside, valuation (as in :class:`Gap`; null where not known), months (12, or how many
    both report); empty where the library does not hold both sides
    """
    rows = library.query(
        f"""
        WITH told AS ({_TOLD}), both_ AS (
            SELECT *, year("start")::INT AS year, "end" - "start" > 35 AS whole FROM told
            WHERE exports IS NOT NULL AND imports IS NOT NULL
        )
        SELECT source, target, year, sum(exports) AS exports, sum(imports) AS imports,
               CASE WHEN count(DISTINCT coalesce(valuation, '')) FILTER (imports > 0) > 1 THEN 'mixed'
                    ELSE any_value(valuation) END AS valuation,
               CASE WHEN whole THEN 12 ELSE count(*) END::INT AS months
        FROM both_ GROUP BY source, target, year, whole
        QUALIFY whole OR NOT bool_or(whole) OVER (PARTITION BY source, target, year)
        ORDER BY ALL
        """,
        [exports, imports],
    )
    return ranged(rows)


# every flow and period with what either side reports; null where it does not, or its value is not known
_TOLD = f"""
    SELECT source, target, "start", "end",
           sum(value) FILTER (dataset IN ($1, $1 || '-monthly')) AS exports,
           sum(value) FILTER (dataset IN ($2, $2 || '-monthly')) AS imports,
           CASE any_value(note) FILTER (dataset IN ($2, $2 || '-monthly'))
               WHEN '{FREE_ON_BOARD}' THEN 'fob' WHEN '{WITH_FREIGHT}' THEN 'cif' END AS valuation
    FROM acts WHERE channel = 'trade' AND dataset IN ($1, $2, $1 || '-monthly', $2 || '-monthly')
    GROUP BY source, target, "start", "end"
"""


def ranged(flows: pl.DataFrame) -> pl.DataFrame:
    """Flows (source, target, year, exports, imports) that both sides report, with gaps and usual ranges.

    Imports of one ``valuation``, where the flows have that column, are judged among themselves. A flow that is nought on
    either side has no gap.
    """
    alike = ("year", "valuation")
    if "valuation" not in flows.columns:
        flows = flows.with_columns(pl.lit(None, pl.String).alias("valuation"))
    both = flows.filter((pl.col("exports") > 0) & (pl.col("imports") > 0))
    both = both.filter(pl.max_horizontal("exports", "imports") >= SMALLEST).with_columns(
        (pl.col("imports") / pl.col("exports")).log().alias("gap"),
        (pl.col("imports") * pl.col("exports")).sqrt().alias("size"),
    )
    place = (pl.col("size").rank("ordinal") - 1) * CLASSES // pl.len()
    both = both.with_columns(place.over(alike).alias("class"))
    enough = pl.len().over(*alike, "class") >= FEWEST
    every = pl.len().over(alike)
    both = both.with_columns(pl.when(enough).then(pl.col("class")).otherwise(-1).alias("class"))
    likes = pl.when(pl.col("class") >= 0).then(pl.len().over(*alike, "class")).otherwise(every)

    def usual(of: pl.Expr) -> pl.Expr:
        own = pl.when(pl.col("class") >= 0).then(of.over(*alike, "class")).otherwise(of.over(alike))
        return pl.when(likes >= FEWEST).then(own)

    return (
        both.with_columns(
            usual(pl.col("gap").quantile(LOW, "linear")).alias("low"),
            usual(pl.col("gap").median()).alias("middle"),
            usual(pl.col("gap").quantile(HIGH, "linear")).alias("high"),
            likes.cast(pl.Int64).alias("flows"),
        )
        .with_columns((~pl.col("gap").is_between(pl.col("low"), pl.col("high"))).alias("outside"))
        .select(
            "source", "target", "year", "exports", "imports", "gap", "low", "middle", "high", "flows", "outside", "valuation",
            *(name for name in ("months",) if name in flows.columns),
        )
        .sort("source", "target", "year")
    )  # fmt: skip


def one_sided(library: Library, exports: str = EXPORTS, imports: str = IMPORTS) -> pl.DataFrame:
    """Flows of at least a million dollars that one side reports, and of which the other says that nothing passed.

    It says so outright, by a figure of nought, or by silence: it reports nothing of the flow, though its reports of that
    period, or of all its months, are all there (by its coverage). A side that was not asked for, or did not report, or whose
    figure is not known, is unknown, and no row.

    Returns
    -------
    source, target, year, exports, imports (million USD; on the other side 0 where it says so outright, null where it is
    silent), start, end
    """
    told = library.query(_UNMATCHED, [exports, imports])
    codes = sorted({*told["source"], *told["target"]})
    place = {code: k for k, code in enumerate(codes)}
    covered = {
        side: pl.concat([trade_coverage(library, name) for name in (dataset, f"{dataset}-monthly")])
        for side, dataset in (("exports", exports), ("imports", imports))
    }
    looked: dict[tuple[str, date, date], Mask] = {}
    kept = []
    for source, target, other, first, last, outright in told.select(
        "source", "target", "other", "start", "end", "outright"
    ).iter_rows():
        asked = other, first, last
        if asked not in looked:
            looked[asked] = known_throughout(covered[other], codes, first, last)
        kept.append(outright or bool(looked[asked][place[source], place[target]]))
    nothing = pl.when("outright").then(0.0)
    return told.filter(pl.Series(kept, dtype=pl.Boolean)).select(
        "source", "target", "year",
        pl.when(pl.col("other") == "exports").then(nothing).otherwise("value").alias("exports"),
        pl.when(pl.col("other") == "imports").then(nothing).otherwise("value").alias("imports"),
        "start", "end",
    )  # fmt: skip


# flows of a period of which one side reports something, and the other nothing or nought: by its figure of that period or, where it
# has none, by those of any that overlaps it. A figure that is not known is not nothing
_UNMATCHED = f"""
    WITH sided AS (
        SELECT source, target, "start", "end", value,
               CASE WHEN dataset IN ($1, $1 || '-monthly') THEN 'exports' ELSE 'imports' END AS side
        FROM acts WHERE channel = 'trade' AND dataset IN ($1, $2, $1 || '-monthly', $2 || '-monthly')
    ), mine AS (
        SELECT source, target, "start", "end", side, sum(value) AS value FROM sided GROUP BY ALL HAVING sum(value) >= {SMALLEST}
    ), met AS (
        SELECT mine.*, CASE mine.side WHEN 'exports' THEN 'imports' ELSE 'exports' END AS other,
               theirs.side IS NULL OR coalesce(theirs.value = 0, false) AS nothing,
               theirs."end" - theirs."start" + 1 AS days,
               coalesce(theirs."start" = mine."start" AND theirs."end" = mine."end", false) AS same
        FROM mine LEFT JOIN sided AS theirs
          ON mine.source = theirs.source AND mine.target = theirs.target AND mine.side <> theirs.side
         AND mine."start" <= theirs."end" AND mine."end" >= theirs."start"
        QUALIFY same OR NOT bool_or(same) OVER (PARTITION BY mine.source, mine.target, mine."start", mine."end", mine.side)
    )
    SELECT source, target, year("start")::INT AS year, "start", "end", other, any_value(value) AS value,
           coalesce(sum(days) > any_value("end" - "start"), false) AS outright
    FROM met GROUP BY source, target, "start", "end", other HAVING bool_and(nothing)
    ORDER BY ALL
"""


def mirror_gaps(library: Library, keys: Sequence[str], until: int | None = None) -> list[Gap]:
    """The latest gap of each flow between the states of some pairs (``AAA-BBB``); none where one side is not held or has nought.

    Parameters
    ----------
    until : last year that counts; None for any
    """
    table = mirror_table(library)
    if until is not None:
        table = table.filter(pl.col("year") <= until)
    found = []
    for key in keys:
        pair = key.split("-")
        own = table.filter(pl.col("source").is_in(pair) & pl.col("target").is_in(pair))
        latest = own.sort("year").unique(["source", "target"], keep="last", maintain_order=True)
        for row in latest.iter_rows(named=True):
            figures = (
                row[name] for name in ("exports", "imports", "gap", "low", "middle", "high", "flows", "valuation")
            )
            found.append(Gap(key, row["source"], row["target"], row["year"], *figures))
    return found
