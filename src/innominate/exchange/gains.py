"""Acts as gains: who gave what to whom, when, how much at least and at most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from innominate.exchange.kinds import COUNTED, HAND_KEPT, REPORTS, kind_sql, level_sql, name_sql, unit_sql
from innominate.exchange.units import in_common_units
from innominate.ledger import SCHEMAS, Imported, Library

MEASURE = ("kind", "dataset", "unit")  # amounts are comparable inside a measure, never between two
COLUMNS = (
    "act_id", "giver", "receiver", *MEASURE, "level", "channel", "start", "end", "low", "value", "high", "file", "row",
    "checked", "mutual",
)  # fmt: skip

_SQL = f"""
WITH inside AS (
    SELECT *, {kind_sql()} AS gain, {unit_sql()} AS measured FROM {{table}}
    WHERE "end" >= $1 AND start <= $2 AND coalesce(value, 0) >= 0 AND coalesce(low, 0) >= 0
), given AS (SELECT *, {level_sql()} AS level FROM inside WHERE gain IS NOT NULL)
SELECT act_id, source AS giver, target AS receiver, gain AS kind,
       {name_sql()} AS dataset,
       measured AS unit, level, channel, start, "end",
       CASE WHEN low IS NOT NULL THEN low WHEN high IS NOT NULL THEN 0 ELSE value END AS low,
       coalesce(value, (low + high) / 2) AS value,
       CASE WHEN high IS NOT NULL THEN high WHEN low IS NULL THEN value END AS high, file, row, checked, directed
FROM given ORDER BY act_id
"""


@dataclass(frozen=True, slots=True)
class Gains:
    """Everything that anybody gave to anybody in a span of years, and who could have been seen.

    Attributes
    ----------
    acts : one row an act and direction, columns :data:`COLUMNS`; low, value, high null where unknown, low ≤ value ≤ high; an
        empty side of a range is open (high null, low zero), and where only a range is given, the value is its middle;
        ``mutual`` where two states did it together, so that it stands in both directions
    coverage : dataset (parts of one dataset under one name, unless they tell of the same flows), channel, scope, first, last
    first, last : first and last day, inclusive
    """

    acts: pl.DataFrame
    coverage: pl.DataFrame
    first: date
    last: date

    @property
    def years(self) -> range:
        """The years of the span."""
        return range(self.first.year, self.last.year + 1)


def read_gains(library: Library, first: int, last: int, ledgers: Sequence[Imported] = ()) -> Gains:
    """The gains in a library, and in ledgers that are not part of it.

    Parameters
    ----------
    library : any library
    first, last : years, inclusive
    ledgers : what :func:`innominate.sources.acts_csv.read_ledger` read; where the library holds a ledger of that name,
        the library's counts
    """
    span = date(first, 1, 1), date(last, 12, 31)
    found = [library.query(_SQL.format(table="acts"), span)]
    covered = [library.query("SELECT dataset, channel, scope, first, last FROM coverage ORDER BY ALL")]
    for ledger in ledgers:
        if library.held(ledger.dataset, ledger.part) is None:
            found.append(_of_ledger(ledger, span))
            if "coverage" in ledger.tables:
                covered.append(ledger.tables["coverage"].select("dataset", "channel", "scope", "first", "last"))
    acts = pl.concat([frame for frame in found if frame.height] or found[:1], how="vertical_relaxed")
    coverage = pl.concat([frame for frame in covered if frame.height] or covered[:1], how="vertical_relaxed")
    return Gains(_counted(in_common_units(_both_ways(acts))), _one_name(coverage), *span)


def _of_ledger(ledger: Imported, span: tuple[date, date]) -> pl.DataFrame:
    """The gains of a ledger that no library holds."""
    import duckdb

    from innominate.ledger import conform

    acts = conform("acts", ledger.tables["acts"], ledger.part).select(list(SCHEMAS["acts"].columns))
    with duckdb.connect(":memory:") as connection:
        connection.register("acts", acts.to_arrow())
        found = pl.from_arrow(connection.sql(_SQL.format(table="acts"), params=list(span)).to_arrow_table())
    assert isinstance(found, pl.DataFrame)
    return found


def _both_ways(acts: pl.DataFrame) -> pl.DataFrame:
    """What two states do together, each gives to the other."""
    acts = acts.with_columns((~pl.col("directed")).alias("mutual"))
    back = acts.filter("mutual").rename({"giver": "receiver", "receiver": "giver"})
    return pl.concat([acts, back.select(acts.columns)]).select(COLUMNS)


def _counted(acts: pl.DataFrame) -> pl.DataFrame:
    """Every act of a ledger kept by hand also counts one, whatever its unit: units differ from row to row there."""
    one = pl.lit(1.0)
    kept = pl.col("dataset").str.starts_with(HAND_KEPT) & (pl.col("unit") != COUNTED)
    counted = acts.filter(kept).with_columns(
        pl.lit(COUNTED).alias("unit"), pl.lit(False).alias("level"), one.alias("low"), one.alias("value"), one.alias("high")
    )  # fmt: skip
    return pl.concat([acts, counted]).sort("act_id", "giver", "unit")


def _one_name(coverage: pl.DataFrame) -> pl.DataFrame:
    kept = pl.any_horizontal(pl.col("dataset").str.starts_with(prefix) for prefix in (HAND_KEPT, *REPORTS))
    base = pl.col("dataset").str.split("/").list.first()
    return coverage.with_columns(pl.when(kept).then(pl.col("dataset")).otherwise(base).alias("dataset"))
