"""What is signed between states, read off the commitments of a library; what no dataset covers is unknown, not absent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import polars as pl

from innominate.cases.findings import Rows, Table, Verdict
from innominate.cases.view import Survey, View, all_pairs
from innominate.cases.wording import listed, pair_name, state_in_sentence
from innominate.ledger import Library
from innominate.panel.coverage import scope_mask

Obligation = Literal["defence", "offence", "neutrality", "nonaggression", "consultation"]
OBLIGATIONS: tuple[Obligation, ...] = ("defence", "offence", "neutrality", "nonaggression", "consultation")
Standing = Literal["signed", "not signed", "disputed", "unknown"]


def commitment_rows(library: Library, keys: Sequence[str]) -> pl.DataFrame:
    """Every commitment between the two states of some pairs, with the pair's ``key``, oldest first."""
    rows = library.query("SELECT * FROM commitments ORDER BY start, treaty_id, a, b, dataset, row")
    same = pl.col("treaty_id").str.split("=")
    return rows.with_columns(
        (pl.col("a") + "-" + pl.col("b")).alias("key"), same.list.get(1, null_on_oob=True).alias("same")
    ).filter(pl.col("key").is_in(list(keys)))


def named_once(rows: pl.DataFrame) -> pl.DataFrame:
    """The same treaty of the same pair once, under its title where one dataset gives it; ``origin``: dataset and row of all."""
    origin = pl.format("{}, row {}", "dataset", "row")
    return (
        rows.with_columns(pl.coalesce("same", "treaty_id").alias("treaty"), origin.alias("origin"))
        .sort(pl.col("title").is_null(), "start", "treaty_id", "dataset", "row")
        .group_by("key", "treaty", maintain_order=True)
        .agg(pl.all().exclude("origin").first(), pl.col("origin").unique(maintain_order=True).str.join("; "))
        .sort("key", "start", "treaty")
    )


def surveyed(library: Library) -> dict[str, int]:
    """The last year that each dataset of commitments surveys."""
    return dict(
        library.query(
            "SELECT dataset, max(year(last)) FROM coverage WHERE channel = 'commitments' GROUP BY dataset ORDER BY dataset"
        ).iter_rows()
    )


def covering(library: Library, key: str, year: int) -> list[str]:
    """The datasets of commitments that cover a pair throughout a year."""
    a, b = key.split("-")
    spans = library.query(
        "SELECT dataset, scope FROM coverage WHERE channel = 'commitments' AND first <= ? AND last >= ? ORDER BY ALL",
        [date(year, 1, 1), date(year, 12, 31)],
    )
    found = {str(dataset) for dataset, scope in spans.iter_rows() if bool(scope_mask(scope, {a: 0, b: 1})[0, 1])}
    return sorted(found)


def in_force(rows: pl.DataFrame, year: int) -> pl.DataFrame:
    """The commitments in force on any day of a year.

    A dataset's open commitment runs on after the dataset ends, unless another dataset's row for the same treaty
    (``oas:charter-1948=atop:3150``) has ended by then.
    """
    begins, ends = date(year, 1, 1), date(year, 12, 31)
    over = rows.filter(pl.col("end") < begins).select("key", treaty_id="same")
    current = rows.filter((pl.col("start") <= ends) & (pl.col("end").is_null() | (pl.col("end") >= begins)))
    closed = current.filter(pl.col("end").is_null()).join(over.drop_nulls(), on=["key", "treaty_id"], how="semi")
    return current.join(closed, on=["key", "treaty_id", "start", "row"], how="anti", maintain_order="left")


def standing(library: Library, key: str, year: int, obligation: Obligation) -> Standing:
    """Whether a pair is bound by an obligation in a year.

    Disputed where datasets that both cover the year differ, unknown where none covers it.
    """
    datasets = covering(library, key, year)
    if not datasets:
        return "unknown"
    current = in_force(commitment_rows(library, [key]), year).filter(pl.col(obligation))
    if len({bool((current["dataset"] == dataset).any()) for dataset in datasets}) > 1:
        return "disputed"
    return "signed" if current.height else "not signed"


def last_year(view: View, keys: Sequence[str]) -> int | None:
    """The last year of the study in which every pair's commitments are covered."""
    first, last = view.study.years
    for year in range(last, first - 1, -1):
        if all(covering(view.study.library, key, year) for key in keys):
            return year
    return None


@dataclass(frozen=True, slots=True)
class Joint:
    """Whether one treaty with a defence clause binds all of some states.

    Attributes
    ----------
    states : their codes
    year : the year asked about; None where commitments between them are unknown throughout
    titles : such treaties in force in that year
    lesser : treaties without a defence clause that bind all of them in that year, with what they oblige to
    """

    states: tuple[str, ...]
    year: int | None
    titles: tuple[str, ...]
    lesser: tuple[str, ...] = ()

    @property
    def absent(self) -> Verdict:
        """The verdict on "there is none"."""
        if self.year is None:
            return "not testable"
        return "contradicted" if self.titles else "supported"

    @property
    def sentence(self) -> str:
        """What was found, in a sentence."""
        names = listed([state_in_sentence(code) for code in self.states])
        if self.year is None:
            return f"Whether one treaty binds {names} is unknown: no dataset in the library covers it."
        if self.titles:
            return f"One treaty with a defence clause bound {names} in {self.year}: {listed(self.titles)}."
        return f"No single treaty with a defence clause bound {names} in {self.year}."

    @property
    def lesser_sentence(self) -> str:
        """The lesser treaties that bind all, in a sentence."""
        names = listed([state_in_sentence(code) for code in self.states])
        return f"Something does bind {names} together, though not to defence: {listed(self.lesser)}."


def joint_treaty(view: View, states: Sequence[str]) -> Joint:
    """Look for one defence treaty that binds all of `states` in the last year covered."""
    keys = all_pairs(sorted(states))
    year = last_year(view, keys)
    if year is None:
        return Joint(tuple(states), None, ())
    current = in_force(commitment_rows(view.study.library, keys), year)
    found: dict[bool, list[str]] = {True: [], False: []}
    for _, part in current.group_by("treaty_id", maintain_order=True):
        if part["key"].n_unique() == len(keys):
            row = part.row(0, named=True)
            kinds = [name for name in OBLIGATIONS if part[name].all()]
            found["defence" in kinds].append(f"{row['title'] or row['citation'] or row['treaty_id']} ({listed(kinds)})")
    return Joint(tuple(states), year, tuple(found[True]), tuple(found[False]))


def treaty_table(view: Survey, keys: Sequence[str]) -> Table:
    """The commitments of some pairs as a table of the findings; ``known_until``: the last year that they count for.

    A defence treaty counts as long as some dataset knows the pair bound; of any other nothing is known after its own dataset's survey.
    """
    library = view.study.library
    until = surveyed(library)
    rows = [
        (
            row["key"],
            pair_name(row["key"]),
            row["treaty_id"],
            row["title"],
            row["start"].isoformat(),
            row["end"].isoformat() if row["end"] else None,
            None if row["end"] else view.bound_until.get(row["key"]) if row["defence"] else until.get(row["dataset"]),
            *(row[name] for name in OBLIGATIONS),
            row["citation"],
            row["dataset"],
            row["file"],
            row["row"],
        )
        for row in commitment_rows(library, keys).iter_rows(named=True)
    ]
    named = ("key", "pair", "treaty_id", "title", "start", "end", "known_until")
    columns = (*named, *OBLIGATIONS, "citation", "dataset", "file", "row")
    return Table("treaties", "Commitments between the states of each pair", columns, tuple(rows))


def treaty_rows_behind(library: Library, keys: Sequence[str]) -> tuple[Rows, ...]:
    """The rows of files that the commitments of some pairs come from."""
    rows = commitment_rows(library, keys)
    found = []
    for (key, dataset, file), part in rows.group_by("key", "dataset", "file", maintain_order=True):
        years = [start.year for start in part["start"]]
        refs = tuple(sorted({int(row) for row in part["row"]}))
        found.append(Rows(str(key), str(dataset), "commitments", str(file), part.height, min(years), max(years), refs))
    return tuple(sorted(found, key=lambda one: (keys.index(one.about), one.dataset, one.file)))


def known_commitments(view: View, years: Sequence[int]) -> pl.DataFrame:
    """The pairs whose commitments are covered throughout a year: a, b, year."""
    states = view.fit.panel.states
    position = {code: place for place, code in enumerate(states)}
    spans = view.study.library.query(
        "SELECT DISTINCT scope, first, last FROM coverage WHERE channel = 'commitments' ORDER BY ALL"
    )
    codes = np.array(states)
    frames = []
    for year in years:
        known = np.zeros((len(states), len(states)), dtype=bool)
        for scope, first, last in spans.iter_rows():
            if first <= date(year, 1, 1) and last >= date(year, 12, 31):
                known |= scope_mask(scope, position)
        rows, cols = np.nonzero(np.triu(known, 1))
        frames.append(
            pl.DataFrame({"a": codes[rows], "b": codes[cols], "year": np.full(len(rows), year, dtype=np.int32)})
        )
    empty = pl.DataFrame(schema={"a": pl.String, "b": pl.String, "year": pl.Int32})
    return pl.concat([empty, *frames])
