"""From a provider's typed rows to the ledger's tables: states by code and date, acts, spans of years, coverage."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from innominate.errors import BadFile
from innominate.ledger import Oddity

if TYPE_CHECKING:
    from innominate.states import System


def resolve_states(
    frame: pl.DataFrame,
    columns: Mapping[str, str],
    *,
    years: str | None,
    system: System,
    file: str,
    foreign: Collection[str | int] = (),
    within: str = "the state did not exist in that year",
) -> tuple[pl.DataFrame, list[Oddity]]:
    """Add columns of state codes, dropping (and counting) rows whose party is no state on that date.

    Parameters
    ----------
    frame : has ``row`` and the columns named
    columns : new column → the provider's column, e.g. ``{"source": "ccode1", "target": "ccode2"}``
    years : column with the year (whole number) at which the code is read, or None where time does not matter
    system : how the provider names states, see :func:`innominate.states.resolve`
    file : for the error message
    foreign : the provider's values that are known to be no states (rebel groups, organisations, dependencies);
        their rows are refused and counted. Any other unknown value refuses the file.
    within : the reason reported for rows outside a state's lifetime

    Returns
    -------
    The rows that are left, and what was refused.
    """
    from innominate import states

    oddities: list[Oddity] = []
    for new, column in columns.items():
        when = None if years is None else frame[years]
        frame = frame.with_columns(states.resolve_many(frame[column], when, system=system).alias(new))
        lost = frame.filter(pl.col(new).is_null())
        if lost.height == 0:
            continue
        no_state = pl.col(column).is_in(list(foreign)) | pl.col(column).is_null() if foreign else pl.lit(False)
        known, rest = lost.filter(no_state), lost.filter(~no_state)
        if known.height:
            oddities.append(Oddity("the party is no state", known.height, True, _first(known)))
        ever = states.resolve_many(rest[column], None, system=system)
        never = rest.filter(ever.is_null())
        if never.height:
            value = never[column][0]
            near = ", ".join(states.suggest(str(value))) if isinstance(value, str) else ""
            hint = f" (did you mean {near}?)" if near else ""
            raise BadFile(file, f"column {column}: unknown state {value!r}{hint}", int(never["row"][0]))
        if rest.height:
            oddities.append(Oddity(within, rest.height, True, _first(rest)))
        frame = frame.filter(pl.col(new).is_not_null())
    return frame, oddities


def states_only(
    frame: pl.DataFrame, columns: Sequence[str] = ("source", "target")
) -> tuple[pl.DataFrame, list[Oddity]]:
    """Drop (and count) the rows whose resolved party is a dependency or disputed territory rather than a state.

    The observers of the United Nations, Palestine and the Holy See, count as states here.
    """
    from innominate import states

    codes = pl.concat([frame[column] for column in columns]).unique().drop_nulls()
    dependent = [code for code in codes if states.get(code).kind == "territory"]
    lost = pl.any_horizontal(pl.col(column).is_in(dependent) for column in columns)
    refused = frame.filter(lost)
    if refused.height == 0:
        return frame, []
    return frame.filter(~lost), [Oddity("the party is a territory, no state", refused.height, True, _first(refused))]


def one_code(frame: pl.DataFrame, key: Sequence[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The row with the highest ``value`` for each `key`, and the other rows: a state may have two codes in one year."""
    ordered = frame.sort("value", "row", descending=[True, False], nulls_last=True)
    first = pl.struct(key).is_first_distinct()
    chosen, others = ordered.filter(first), ordered.filter(~first)
    return chosen.sort("row", maintain_order=True), others.sort("row", maintain_order=True)


def _first(frame: pl.DataFrame) -> tuple[int, ...]:
    return tuple(int(row) for row in frame["row"].head(5))


def year_span(frame: pl.DataFrame, year: str = "year") -> pl.DataFrame:
    """Add ``start`` and ``end``: the first and last day of the year in column `year`."""
    return frame.with_columns(pl.date(pl.col(year), 1, 1).alias("start"), pl.date(pl.col(year), 12, 31).alias("end"))


def make_acts(
    frame: pl.DataFrame,
    *,
    dataset: str,
    file: str,
    unit: str,
    directed: bool,
    channel: str | None = None,
    key: Sequence[str] = (),
) -> pl.DataFrame:
    """Rows with source, target, start, end, value and row as acts.

    Parameters
    ----------
    frame : also takes ``channel`` (when the argument is None), ``code`` and ``note``
    directed : when False, the pair is put in alphabetical order
    key : columns that, with the row, make the act's id unique when one row becomes several acts
    """
    if not directed:
        first, second = pl.min_horizontal("source", "target"), pl.max_horizontal("source", "target")
        frame = frame.with_columns(first.alias("source"), second.alias("target"))
    parts = [pl.lit(dataset), pl.col("row").cast(pl.String), *(pl.col(name).cast(pl.String) for name in key)]
    frame = frame.with_columns(
        pl.concat_str(parts, separator=":").alias("act_id"),
        pl.lit(directed).alias("directed"),
        pl.lit(unit).alias("unit"),
        pl.lit(dataset).alias("dataset"),
        pl.lit(file).alias("file"),
    )
    return frame if channel is None else frame.with_columns(pl.lit(channel).alias("channel"))


def coverage(dataset: str, channel: str, first: date, last: date, scope: str = "all") -> pl.DataFrame:
    """One coverage row: `dataset` could have seen `scope` in `channel` from `first` to `last`, both inclusive."""
    return pl.DataFrame(
        {"dataset": [dataset], "channel": [channel], "scope": [scope], "first": [first], "last": [last]}
    )


def coverage_by_year(
    frame: pl.DataFrame,
    dataset: str,
    channel: str,
    states: Sequence[str] = ("source", "target"),
    year: str = "year",
    scope: str = "among:",
) -> pl.DataFrame:
    """Coverage row by row of years: in each year, among the states that the file mentions in that year.

    For datasets whose rows name every pair they looked at. Runs of years with the same states become one row.
    `scope` is what the list of states is put after, e.g. ``from:USA to:`` where the file names the receivers.
    """
    long = pl.concat([frame.select(pl.col(year).alias("year"), pl.col(name).alias("state")) for name in states])
    yearly = long.unique().group_by("year").agg(pl.col("state").sort().str.join(" ")).sort("year")
    run = ((pl.col("state") != pl.col("state").shift(1)) | (pl.col("year") != pl.col("year").shift(1) + 1)).fill_null(
        True
    )
    return (
        yearly.with_columns(run.cum_sum().alias("run"))
        .group_by("run", maintain_order=True)
        .agg(pl.col("year").min().alias("from"), pl.col("year").max().alias("to"), pl.col("state").first())
        .select(
            pl.lit(dataset).alias("dataset"),
            pl.lit(channel).alias("channel"),
            (pl.lit(scope) + pl.col("state")).alias("scope"),
            pl.date(pl.col("from"), 1, 1).alias("first"),
            pl.date(pl.col("to"), 12, 31).alias("last"),
        )
    )
