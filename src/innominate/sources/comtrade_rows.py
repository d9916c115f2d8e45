"""The rows of a file of UN Comtrade under the names of its present API, whichever of its formats the file comes in.

Three formats: the present API's records as CSV or JSON, with or without descriptions (without them, and in bulk files, which
are separated by tabs, areas have numbers only), and the CSV of the website that was closed in 2023. The present website writes CSV in Latin-1 and ends
every row, but not the header, with a comma.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from innominate.errors import BadFile
from innominate.sources.comtrade_joint import joint
from innominate.sources.contents import decode, read_bytes
from innominate.sources.reading import TEXT, Column, parse_csv, require_columns, typed
from innominate.sources.records import fields_of

_OPTIONAL = Column("text", required=False, null=True)
_NUMBER = Column("int", required=False, null=True, low=0)
_FLOW = Column("float", null=True, low=0)
_VALUED = Column("float", required=False, null=True)
_PERIOD = Column("int", low=1962, high=210012)
COLUMNS: Mapping[str, Column] = {
    "typeCode": Column("text", choices=frozenset({"C"})),
    "freqCode": Column("text", choices=frozenset({"A", "M"})),
    "period": _PERIOD,
    "reporterISO": _OPTIONAL,
    "reporterCode": _NUMBER,
    "flowCode": TEXT,
    "partnerISO": _OPTIONAL,
    "partnerCode": _NUMBER,
    "classificationCode": _OPTIONAL,
    "cmdCode": TEXT,
    "primaryValue": _FLOW,
    "partner2Code": _OPTIONAL,
    "customsCode": _OPTIONAL,
    "motCode": _OPTIONAL,
    "cifvalue": _VALUED,
    "fobvalue": _VALUED,
}
CLOSED: Mapping[str, tuple[str, Column]] = {  # columns of the website closed in 2023 → of the present API
    "Period": ("period", _PERIOD),
    "Trade Flow": ("flowCode", TEXT),
    "Reporter ISO": ("reporterISO", _OPTIONAL),
    "Reporter Code": ("reporterCode", _NUMBER),
    "Partner ISO": ("partnerISO", _OPTIONAL),
    "Partner Code": ("partnerCode", _NUMBER),
    "Classification": ("classificationCode", _OPTIONAL),
    "Commodity Code": ("cmdCode", TEXT),
    "Trade Value (US$)": ("primaryValue", _FLOW),
    "2nd Partner Code": ("partner2Code", _OPTIONAL),
    "Customs Proc. Code": ("customsCode", _OPTIONAL),
    "Mode of Transport Code": ("motCode", _OPTIONAL),
    "CIF Trade Value (US$)": ("cifvalue", _VALUED),
    "FOB Trade Value (US$)": ("fobvalue", _VALUED),
}
_FLOWS = {"import": "M", "imports": "M", "export": "X", "exports": "X", "re-import": "RM", "re-export": "RX"}
WORLD = "W00"
FREE_ON_BOARD, WITH_FREIGHT = "import free on board", "import with freight and insurance"  # notes of acts
# numbers of areas that are UN Comtrade's own, not M49's, and those that M49 gave up
_OWN = {
    58: "BLX", 200: "CSK", 251: "FRA", 278: "DDR", 280: "DEU", 381: "ITA", 579: "NOR", 588: "PAK", 699: "IND", 736: "SDN",
    757: "CHE", 842: "USA", 866: "VNM", 868: "VDR", 890: "YUG", 891: "SCG",
}  # fmt: skip
_NO_STATES = (
    97, 129, 221, 290, 471, 472, 473, 492, 527, 536, 568, 577, 636, 637, 697, 711, 837, 838, 839, 849, 879, 899, 975,
)  # fmt: skip


def recognises(columns: frozenset[str]) -> bool:
    """Whether a header is of one of the formats in CSV."""
    present = {"flowCode", "cmdCode", "primaryValue", "period"} <= columns and (
        {"reporterISO", "partnerISO"} <= columns or {"reporterCode", "partnerCode"} <= columns
    )
    return present or {"Trade Flow", "Reporter Code", "Partner Code", "Trade Value (US$)"} <= columns


def csv_rows(path: Path) -> pl.DataFrame:
    """The columns :data:`COLUMNS` of a CSV and ``row``, the 1-based line; areas by ISO code."""
    content = _utf8(read_bytes(path))
    header = content.partition(b"\n")[0]
    if b"Trade Value (US$)" in header:
        named = {name: rule for name, (_, rule) in CLOSED.items()}
        table = parse_csv(content, path.name, named, delimiter=_delimiter(header)).rename(
            {name: new for name, (new, _) in CLOSED.items()}
        )
        return _areas(_opened(table, path.name), path.name)
    return _areas(parse_csv(_closed_rows(content), path.name, COLUMNS, delimiter=_delimiter(header)), path.name)


def json_rows(path: Path) -> pl.DataFrame:
    """The same of the API's own answer: an object whose ``data`` is a list of records; ``row`` counts these from 1."""
    try:
        raw: Any = json.loads(decode(read_bytes(path), path.name))
    except json.JSONDecodeError as error:
        raise BadFile(path.name, f"not JSON ({error.msg})", error.lineno) from None
    except RecursionError:
        raise BadFile(path.name, "not an answer of UN Comtrade: lists within lists without end") from None
    if not isinstance(raw, dict) or not isinstance(raw.get("data"), list):
        raise BadFile(path.name, "not an answer of UN Comtrade: it has no list called data")
    records = raw["data"]
    if not records or not all(isinstance(record, dict) for record in records):
        raise BadFile(path.name, "the list called data holds no records")
    require_columns(frozenset(records[0]), COLUMNS, path.name)
    columns = {name: _texts(records, name) for name in COLUMNS}
    table = pl.DataFrame(columns).with_row_index("row", offset=1).with_columns(pl.col("row").cast(pl.Int64))
    return _areas(typed(table, COLUMNS, path.name), path.name)


def _delimiter(header: bytes) -> str:
    """What stands between the columns: a tab in bulk files, else a comma."""
    return max((b",", b"\t"), key=header.count).decode()


def _texts(records: Sequence[Mapping[str, Any]], name: str) -> pl.Series:
    values = (record.get(name) for record in records)
    return pl.Series([None if value is None or value == "" else str(value) for value in values], dtype=pl.String)


def _utf8(content: bytes) -> bytes:
    """Latin-1 as UTF-8: only names of areas and goods, which are not read, hold more than ASCII."""
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1").encode("utf-8")
    return content


def _closed_rows(content: bytes) -> bytes:
    """The same text with a comma after the header where the first row, and so every row, ends with one too many."""
    header, newline, rest = content.partition(b"\n")
    first = rest.partition(b"\n")[0].rstrip(b"\r")
    if not first.endswith(b",") or header.rstrip(b"\r").endswith(b","):
        return content
    wide, narrow = (len(fields_of(line.decode("utf-8-sig", "replace"))) for line in (first, header))
    return header.rstrip(b"\r") + b"," + newline + rest if wide == narrow + 1 else content


def _opened(table: pl.DataFrame, name: str) -> pl.DataFrame:
    """Flows and kinds of the closed website's rows as the present API calls them."""
    flow = pl.col("flowCode").str.to_lowercase().str.strip_chars()
    wrong = table.filter(~flow.is_in(list(_FLOWS)))
    if wrong.height:
        told = wrong["flowCode"][0]
        raise BadFile(
            name, f"column Trade Flow: {told!r} is none of Import, Export, Re-Import, Re-Export", wrong["row"][0]
        )
    monthly = pl.col("period") > 9999
    return table.with_columns(
        flow.replace_strict(_FLOWS, return_dtype=pl.String).alias("flowCode"),
        pl.lit("C").alias("typeCode"),
        pl.when(monthly).then(pl.lit("M")).otherwise(pl.lit("A")).alias("freqCode"),
    )


def valuation() -> pl.Expr:
    """How an import is valued, where the file says so: which of its two values, c.i.f. or f.o.b., is the primary one."""

    def primary(value: str) -> pl.Expr:
        close = (pl.col(value) - pl.col("primaryValue")).abs() <= 0.5 + 1e-6 * pl.col("primaryValue")
        return (close & (pl.col(value) > 0)).fill_null(False)

    free, freight = primary("fobvalue"), primary("cifvalue")
    told = pl.when(free & ~freight).then(pl.lit(FREE_ON_BOARD)).when(freight & ~free).then(pl.lit(WITH_FREIGHT))
    return pl.when(pl.col("flowCode") == "M").then(told.otherwise(pl.lit(None, pl.String)))


def _areas(table: pl.DataFrame, name: str) -> pl.DataFrame:
    """ISO codes where only numbers are given, and ``joint``, partners that are several states; an area with neither, or with a number nobody knows, refuses the file."""
    for side in ("reporter", "partner"):
        iso, number = f"{side}ISO", f"{side}Code"
        lost = table.filter(pl.col(iso).is_null() & pl.col(number).is_null())
        if lost.height:
            raise BadFile(name, f"column {iso} is empty, and {number} too", int(lost["row"][0]))
        numbers = table.filter(pl.col(iso).is_null())[number].unique().sort()
        codes = dict(zip(numbers.to_list(), _codes(numbers), strict=True))
        unknown = [one for one, code in codes.items() if code is None]
        if unknown:
            first = table.filter(pl.col(iso).is_null() & pl.col(number).is_in(unknown))
            raise BadFile(name, f"column {number}: unknown area {first[number][0]}", int(first["row"][0]))
        if codes:
            told = pl.col(number).replace_strict(codes, default=None, return_dtype=pl.String)
            table = table.with_columns(pl.coalesce(iso, told).alias(iso))
    table = table.with_columns(joint().alias("joint"))
    return table.with_columns(pl.col("reporterISO", "partnerISO").replace({"BLX": "BEL", "WLD": WORLD}))


def _codes(numbers: pl.Series) -> list[str | None]:
    from innominate import states

    own: dict[int, str] = {0: WORLD, 490: "S19", **{number: f"_{number}" for number in _NO_STATES}, **_OWN}
    known = states.resolve_many(numbers, None, system="m49").to_list()
    return [own.get(int(number), code) for number, code in zip(numbers, known, strict=True)]
