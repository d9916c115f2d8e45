"""What a file of UN Comtrade adds to the files of it that a library holds, so that no flow is stored twice.

Downloads overlap: all partners and some of them, one year and five. A file that holds everything of an earlier one replaces
it. Of any other, the flows that another file holds with the same value are left out; one with another value refuses the file,
because one of the two is out of date and nothing tells which.
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from innominate.errors import BadFile
from innominate.ledger import Imported, Library, Oddity

KEY = ("dataset", "source", "target", "start", "end", "code")
SAME = 1e-6  # million USD: half a dollar more than rounding


def beside(library: Library, imported: Imported, digest: str) -> Imported:
    """`imported` without the flows that other files of the library hold, and with the names of parts that it replaces.

    Parameters
    ----------
    digest : sha256 of the file; what an older adapter read of the very same bytes is replaced anyway

    Raises
    ------
    BadFile : for a flow that is held with another value
    """
    acts = imported.tables["acts"]
    replaced = []
    for part in library.manifest.parts.values():
        name = part.files.get("acts")
        if part.dataset != imported.dataset or part.part == imported.part or part.sha256 == digest or name is None:
            continue
        held = pl.read_parquet(library.folder / name, columns=[*KEY, "value", "file"])
        if held.join(acts, on=KEY, how="anti", nulls_equal=True).is_empty():
            replaced.append(part.part)
            continue
        both = acts.join(held, on=KEY, how="inner", nulls_equal=True, suffix="_held", maintain_order="left")
        _agree(both)
        acts = acts.join(held, on=KEY, how="anti", nulls_equal=True, maintain_order="left")
    lost = imported.tables["acts"].join(acts, on="act_id", how="anti", maintain_order="left")
    told = lost.filter(pl.col("value").is_not_null())
    oddities = imported.oddities
    if told.height:
        first = tuple(int(row) for row in told["row"].head(5))
        oddities = (*oddities, Oddity("held already, with the same value, from another file", told.height, True, first))
    return replace(
        imported,
        tables={**imported.tables, "acts": acts},
        kept=imported.kept - told.height,
        oddities=oddities,
        replaces=tuple(replaced),
    )


def _agree(both: pl.DataFrame) -> None:
    far = (pl.col("value") - pl.col("value_held")).abs() > SAME + 1e-9 * pl.col("value_held").abs()
    differ = both.filter(far | (pl.col("value").is_null() != pl.col("value_held").is_null()))
    if differ.is_empty():
        return
    one = differ.row(0, named=True)
    here, there = ("unknown" if value is None else f"{value:,.6f}" for value in (one["value"], one["value_held"]))
    raise BadFile(
        one["file"],
        f"{one['dataset']}: {one['source']} → {one['target']}, {one['start']} to {one['end']}, {one['code']}: {here} million USD "
        f"here and {there} in {one['file_held']}, which the library holds; a file with all that is in that one replaces it",
        int(one["row"]),
    )
