"""Who is committed to whom in which year, from every dataset of treaties that a library holds.

A dataset's open commitments are known to hold on its last day. Where another dataset reaches further, they are carried
forward to its end, unless it records that the same treaty ended: its ``treaty_id`` then closes in ``=`` and the other's
(``oas:charter-1948=atop:3150``). Beyond the datasets' coverage a pair without commitment is *none known*.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import polars as pl

from innominate.errors import InputError
from innominate.ledger.library import Library

KINDS = ("defence", "offence", "neutrality", "nonaggression", "consultation")
_EMPTY = pl.Schema(
    {"a": pl.String, "b": pl.String, "year": pl.Int32, **dict.fromkeys(KINDS, pl.Boolean), "sources": pl.String}
)


def survey(library: Library) -> tuple[int, int] | None:
    """First and last year for which some dataset claims to know every commitment; None where none does."""
    years = library.query(
        "SELECT min(year(first)) AS first, max(year(last)) AS last FROM coverage WHERE channel = 'commitments'"
    )
    first, last = years.row(0)
    return None if first is None else (int(first), int(last))


def commitments_in_force(library: Library, *, without: Collection[str] = ()) -> pl.DataFrame:
    """Committed pairs year by year; a commitment in force on any day of a year counts for the year.

    Parameters
    ----------
    library : with one or more datasets of commitments
    without : families to leave out (the part of a ``treaty_id`` before the colon), e.g. ``("eu", "oas")``; where another
        dataset holds the same treaty of the same pair, it is left out there too

    Returns
    -------
    Frame with a, b, year, one flag a kind of obligation, and the names of the datasets, sorted.
    """
    spells = _spells(library)
    if spells.is_empty():
        return pl.DataFrame(schema=_EMPTY)
    if without:
        spells = _leave_out(spells, without)
    return (
        spells.with_columns(pl.int_ranges(pl.col("start").dt.year(), pl.col("until") + 1, dtype=pl.Int32).alias("year"))
        .explode("year")
        .drop_nulls("year")
        .group_by("a", "b", "year")
        .agg(pl.col(KINDS).any(), pl.col("dataset").unique().sort().str.join(" ").alias("sources"))
        .select(list(_EMPTY))
        .sort("a", "b", "year")
    )


def families(library: Library) -> pl.DataFrame:
    """Pairs of members of the families of treaties (nato, rio, csto...) year by year: family, a, b, year, sorted."""
    spells = _spells(library).filter(pl.col("family") != pl.col("dataset"))
    if spells.is_empty():
        return pl.DataFrame(schema={"family": pl.String, "a": pl.String, "b": pl.String, "year": pl.Int32})
    return (
        spells.with_columns(pl.int_ranges(pl.col("start").dt.year(), pl.col("until") + 1, dtype=pl.Int32).alias("year"))
        .explode("year")
        .select("family", "a", "b", "year")
        .drop_nulls()
        .unique()
        .sort("family", "a", "b", "year")
    )


def _spells(library: Library) -> pl.DataFrame:
    """Commitments with family, the treaty they are the same as (``same``), and the last year they count for (``until``)."""
    found = library.query(
        """
        SELECT dataset, split_part(treaty_id, '=', 1) AS treaty, split_part(treaty_id, ':', 1) AS family,
               nullif(split_part(treaty_id, '=', 2), '') AS same, a, b, start, "end",
               defence, offence, neutrality, nonaggression, consultation
        FROM commitments ORDER BY ALL
        """
    )
    if found.is_empty():
        return found.with_columns(pl.lit(None, pl.Int32).alias("until"))
    reach = library.query(
        "SELECT dataset, max(last) AS reach FROM coverage WHERE channel = 'commitments' GROUP BY dataset ORDER BY dataset"
    )
    bare = sorted(set(found["dataset"]) - set(reach["dataset"]))
    if bare:
        raise InputError(f"the dataset {bare[0]} holds commitments but does not say which years it covers")
    found = found.join(reach, on="dataset", how="left", maintain_order="left")
    return _carried(found, max(reach["reach"].to_list()))


def _carried(found: pl.DataFrame, last: date) -> pl.DataFrame:
    """Add ``until``; open commitments of a dataset that ends earlier run on unless a later one ends the same treaty."""
    still_open = pl.col("end").is_null() & (pl.col("reach") < last)
    later = found.filter(pl.col("same").is_not_null())
    named = later.group_by("a", "b", pl.col("same").alias("treaty")).agg(_close(last).alias("told"))
    of_pair = later.group_by("a", "b").agg(_close(last).alias("pair_told"))
    found = found.join(named, on=["a", "b", "treaty"], how="left", maintain_order="left")
    found = found.join(of_pair, on=["a", "b"], how="left", maintain_order="left")
    # a dataset by pair and year names no treaties (atop:CUB-USA-1945): there the pair's last tie decides
    unnamed = ~pl.col("treaty").str.contains(r":\d+$")
    ended = pl.coalesce("told", pl.when(unnamed).then("pair_told"))
    ended = pl.when(ended.gt(pl.col("reach"))).then(ended)
    until = pl.when(still_open).then(ended.fill_null(last)).otherwise(pl.col("end").fill_null(pl.col("reach")))
    return found.with_columns(until.dt.year().alias("until")).drop("told", "pair_told")


def _close(last: date) -> pl.Expr:
    """The last day of several commitments, `last` where one is open."""
    return pl.col("end").fill_null(pl.lit(last, dtype=pl.Date)).max()


def _leave_out(spells: pl.DataFrame, families_out: Collection[str]) -> pl.DataFrame:
    known = set(spells["family"])
    absent = sorted(set(families_out) - known)
    if absent:
        raise InputError(f"there is no family {absent[0]!r}; the families are {', '.join(sorted(known))}")
    out = spells.filter(pl.col("family").is_in(list(families_out)))
    twins = out.select("a", "b", pl.col("same").alias("treaty")).drop_nulls().unique()
    return spells.filter(~pl.col("family").is_in(list(families_out))).join(
        twins, on=["a", "b", "treaty"], how="anti", maintain_order="left"
    )
