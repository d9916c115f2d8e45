"""Ledgers of acts kept by hand: a CSV with one row per act; the format is described in ``docs/acts-csv.md``.

Whoever keeps such a ledger vouches for its rows. It is evidence of what was done, never of what was not: no coverage is
claimed unless a line above the header claims it.

Beside who, whom, when and how much, a row may say what the target gains (``kind``), between which bounds the value lies
(``value_low``, ``value_high``, also ``low``, ``high``), where it was read (``publisher``, ``title``, ``date_published``,
also ``published``, ``url``), when it was compared with that source (``checked``, a day; anything else there means that it
was not) and how it stands (``status``, where that is other than ``checked``).
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import polars as pl

from innominate.errors import BadFile, InputError
from innominate.ledger import CHANNELS, Imported, gain_named
from innominate.ledger.gains import nearest_gain
from innominate.sources.contents import decode, read_bytes
from innominate.sources.reading import TEXT, Column, parse_csv
from innominate.sources.shaping import coverage, make_acts
from innominate.sources.spec import Form, Peek, Source

DATASET = "acts-csv"
DIRECTED = (
    "arms",
    "aid",
    "sanctions",
    "troops-stationed",
    "troop-support",
    "refugees",
    "trade",
    "vetoes",
    "verbal-cooperation",
    "verbal-conflict",
    "material-cooperation",
    "material-conflict",
)

_OPTIONAL = Column("text", required=False, null=True)
_NUMBER = Column("float", required=False, null=True)
_COLUMNS = {
    "source": TEXT,
    "target": TEXT,
    "channel": TEXT,
    **dict.fromkeys(("date", "start", "end", "unit", "directed", "code", "note", "url", "dataset"), _OPTIONAL),
    **dict.fromkeys(
        ("act_id", "kind", "publisher", "title", "date_published", "published", "checked", "status"), _OPTIONAL
    ),
    **dict.fromkeys(("value", "value_low", "value_high", "low", "high"), _NUMBER),
}
_YES, _NO = ("yes", "true", "1"), ("no", "false", "0")
_CLAIM = re.compile(r"#\s*coverage\s*:(?P<claim>.*)")
_FIELD = re.compile(r"(\w+)\s*=\s*(.*?)(?=\s+\w+\s*=|$)")
_SCOPE = re.compile(r"(among|with|from|to):")


def read_ledger(path: Path, ledger: str | None = None) -> Imported:
    """The acts of a ledger, and the coverage that it claims, if any. Every row must be right; ``kept`` is all of them.

    ``ledger`` is its name, by default the file's without its ending.
    """
    name, own_name = path.name, ledger or path.stem
    text = decode(read_bytes(path), name)
    above, header = _above(text, name)
    frame = parse_csv(text.encode(), name, _COLUMNS, skip_lines=len(above))
    values = pl.col("value") if {"value", "value_low", "low"} & set(header) else pl.lit(1.0).alias("value")
    frame = frame.with_columns(values).pipe(_blank).pipe(_dated, name).pipe(_ranged, name).pipe(_kinds, name)
    twice = frame.filter(~pl.struct(pl.exclude("row")).is_first_distinct())
    if twice.height:
        raise BadFile(name, "the row stands twice", int(twice["row"][0]))
    named = frame.rename({"act_id": "own_id"})
    again = named.filter(pl.col("own_id").is_not_null() & ~pl.col("own_id").is_first_distinct())
    if again.height:
        raise BadFile(name, f"the act_id {again['own_id'][0]!r} stands twice", int(again["row"][0]))
    frame = named
    _check_channels(frame, name)
    _check_signs(frame, name)
    frame = _directed(_resolved(frame, name), name)
    own = pl.concat_str(pl.lit(f"{DATASET}/"), pl.col("dataset").fill_null(own_name))
    acts = [
        make_acts(
            frame.filter(pl.col("flow") == flow).with_columns(own.alias("ledger"), pl.col("unit").alias("measure")),
            dataset=DATASET,
            file=name,
            unit="",
            directed=flow,
            key=(),
        )
        for flow in (False, True)
    ]
    prefix = f"{DATASET}/{own_name}" + ("" if own_name.rpartition("/")[2] == path.stem else f"/{path.stem}")
    stored = (
        pl.concat(acts)
        .sort("row")
        .with_columns(
            pl.concat_str(pl.lit(f"{prefix}:"), pl.coalesce("own_id", pl.col("row").cast(pl.String))).alias("act_id"),
            pl.col("ledger").alias("dataset"),
            pl.col("measure").alias("unit"),
            pl.concat_str("note", "url", separator=" ", ignore_nulls=True).replace("", None).alias("note"),
            _citation(),
            _day(pl.col("checked"), False).alias("checked"),
        )
    )
    claims = [_claimed(line, number, name, own_name) for number, line in enumerate(above, 1) if _CLAIM.match(line)]
    tables = {"acts": stored, **({"coverage": pl.concat(claims)} if claims else {})}
    return Imported(DATASET, tables, frame.height, frame.height, own_name)  # type: ignore[arg-type]


def ledger_at(path: Path, ledger: str | None = None) -> Imported:
    """The ledger in a file that need not become part of a library; an :class:`InputError` where there is none."""
    from innominate.sources.peeking import peek, unreadable

    if not path.is_file():
        raise InputError(f"{path}: no such file")
    look = peek(path)
    if not _is_ledger(look):
        why = unreadable(look) or _lacks(look)
        raise BadFile(path.name, "this is no ledger of acts (docs/acts-csv.md)" + (f": {why}" if why else ""))
    return read_ledger(path, ledger)


def _above(text: str, name: str) -> tuple[list[str], list[str]]:
    """The lines of comment above the header, and the header's columns."""
    above: list[str] = []
    for line in text.split("\n"):
        if line.startswith("#") or not line.strip():
            above.append(line.rstrip("\r"))
            continue
        return above, [field.strip(' "') for field in line.split(",")]
    raise BadFile(name, "the file has no header", len(above) or None)


def _blank(frame: pl.DataFrame) -> pl.DataFrame:
    """Text without the blanks around it; nothing but blanks is nothing."""
    stripped = pl.col(pl.String).str.strip_chars()
    return frame.with_columns(stripped).with_columns(pl.when(pl.col(pl.String) != "").then(pl.col(pl.String)))


def _dated(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """start and end as days: of `date`, or of `start` and `end`; a month or a year stands for all its days."""
    both = frame.filter(pl.col("date").is_not_null() & pl.col("start").is_not_null())
    if both.height:
        raise BadFile(name, "has both a date and a start: give one of them", int(both["row"][0]))
    frame = frame.with_columns(pl.coalesce("start", "date").alias("start"))
    undated = frame.filter(pl.col("start").is_null())
    if undated.height:
        raise BadFile(name, "has neither a date nor a start", int(undated["row"][0]))
    frame = frame.with_columns(pl.coalesce("end", "start").alias("end"))
    for column, last in (("start", False), ("end", True)):
        days = frame.select(_day(pl.col(column), last).alias("day"))["day"]
        wrong = frame.filter(days.is_null() | ~days.dt.year().is_between(1816, 2100))
        if wrong.height:
            reason = f"column {column}: {wrong[column][0]!r} is no date (2024-05-16, 2024-05 or 2024)"
            raise BadFile(name, reason, int(wrong["row"][0]))
        frame = frame.with_columns(days.alias(column))
    backwards = frame.filter(pl.col("end") < pl.col("start"))
    if backwards.height:
        raise BadFile(name, "the act ends before it starts", int(backwards["row"][0]))
    return frame


def _day(text: pl.Expr, last: bool) -> pl.Expr:
    """The first (or last) day of a day, month or year in ISO notation; null where it is none of them."""
    year = pl.when(text.str.contains(r"^\d{4}$")).then(text + ("-12-31" if last else "-01-01"))
    month = pl.when(text.str.contains(r"^\d{4}-\d{2}$")).then(text + "-01").str.to_date("%Y-%m-%d", strict=False)
    day = pl.when(text.str.contains(r"^\d{4}-\d{2}-\d{2}$")).then(text)
    whole = pl.coalesce(year, day).str.to_date("%Y-%m-%d", strict=False)
    return pl.coalesce(whole, month.dt.month_end() if last else month)


def _ranged(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """low and high, as the row gives them: an empty side of a range is open."""
    frame = frame.with_columns(
        pl.coalesce("value_low", "low").alias("low"), pl.coalesce("value_high", "high").alias("high")
    ).drop("value_low", "value_high")
    wrong = frame.filter((pl.col("high") < pl.col("low")).fill_null(False))
    if wrong.height:
        raise BadFile(name, f"the range runs from {wrong['low'][0]:g} to {wrong['high'][0]:g}", int(wrong["row"][0]))
    wrong = frame.filter(((pl.col("value") < pl.col("low")) | (pl.col("value") > pl.col("high"))).fill_null(False))
    if wrong.height:
        low, value_, high = wrong.select("low", "value", "high").row(0)
        bounds = " to ".join("open" if bound is None else f"{bound:g}" for bound in (low, high))
        reason = f"the value {value_:g} lies outside its range, {bounds}"
        raise BadFile(name, reason, int(wrong["row"][0]))
    return frame


def _kinds(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """What the target gains, by the names of :mod:`innominate.ledger.gains`; other words stay as they stand."""
    words = {word: gain_named(word) for word in frame["kind"].unique().drop_nulls().sort()}
    for word, known in words.items():
        near = nearest_gain(word) if known is None else None
        if near is not None:
            row = int(frame.filter(pl.col("kind") == word)["row"][0])
            raise BadFile(name, f"column kind: {word!r} is no kind of gain; did you mean {near}?", row)
    found = {word: known for word, known in words.items() if known}
    return frame.with_columns(pl.col("kind").replace(found)) if found else frame


def _citation() -> pl.Expr:
    """Publisher, title and date of the source in one line, and what is said of the check where it is no day."""
    title = pl.concat_str(pl.lit("“"), pl.col("title"), pl.lit("”"))
    said = pl.when(_day(pl.col("checked"), False).is_null()).then(pl.concat_str(pl.lit("check: "), pl.col("checked")))
    status = pl.when(pl.col("status").str.to_lowercase() != "checked").then(pl.col("status"))
    published = pl.coalesce("date_published", "published")
    parts = [pl.col("publisher"), title, published, pl.col("url"), said, status]
    line = pl.concat_str(parts, separator=", ", ignore_nulls=True)
    known = pl.any_horizontal(pl.col("publisher", "title", "date_published", "published", "checked").is_not_null())
    return pl.when(known & (line != "")).then(line).alias("citation")


def _check_channels(frame: pl.DataFrame, name: str) -> None:
    wrong = frame.filter(~pl.col("channel").is_in(list(CHANNELS)))
    if wrong.height:
        raise BadFile(name, _no_channel(wrong["channel"][0]), int(wrong["row"][0]))


def _check_signs(frame: pl.DataFrame, name: str) -> None:
    """Refuse what is below zero where the channel's values are counts, amounts or levels."""
    signed = [each.name for each in CHANNELS.values() if each.signed]
    for column in ("value", "low", "high"):
        wrong = frame.filter((pl.col(column) < 0) & ~pl.col("channel").is_in(signed))
        if wrong.height:
            channel, value = wrong.select("channel", column).row(0)
            said = "column value" if column == "value" else f"the range's {column}"
            raise BadFile(name, f"{said}: {value:g} is below zero, which {channel} cannot be", int(wrong["row"][0]))


def _no_channel(value: str) -> str:
    from rapidfuzz import process

    near = process.extractOne(value, list(CHANNELS), score_cutoff=75)
    hint = f"; did you mean {near[0]}?" if near else f"; the channels are {', '.join(CHANNELS)}"
    return f"there is no channel {value!r}{hint}"


def _resolved(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """source and target as codes, from names or ISO codes, at the act's first day."""
    from innominate import states

    for column in ("source", "target"):
        by_code = states.resolve_many(frame[column], frame["start"], system="iso3")
        by_name = states.resolve_many(frame[column], frame["start"], system="name")
        codes = by_code.fill_null(by_name)
        wrong = frame.filter(codes.is_null())
        if wrong.height:
            raise BadFile(
                name, f"column {column}: {_no_state(wrong[column][0], wrong['start'][0])}", int(wrong["row"][0])
            )
        frame = frame.with_columns(codes.alias(column))
    itself = frame.filter(pl.col("source") == pl.col("target"))
    if itself.height:
        raise BadFile(name, f"source and target are both {itself['source'][0]}", int(itself["row"][0]))
    return frame


def _no_state(value: str, when: date) -> str:
    from innominate import states

    try:
        states.resolve(value, when, system="iso3" if re.fullmatch("[A-Z]{3}", value) else "name")
    except InputError as error:
        return str(error).replace("\n", " ")
    return f"{value!r} is no name or ISO alpha-3 code of a state"


def _directed(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """Add ``flow``: whether source and target are kept apart, and the channel's unit where none is given."""
    said = pl.col("directed").str.to_lowercase()
    wrong = frame.filter(~said.is_in([*_YES, *_NO]).fill_null(True))
    if wrong.height:
        raise BadFile(name, f"column directed: {wrong['directed'][0]!r} is neither yes nor no", int(wrong["row"][0]))
    units = {each.name: each.unit for each in CHANNELS.values()}
    return frame.with_columns(
        pl.coalesce(said.is_in(_YES), pl.col("channel").is_in(DIRECTED)).alias("flow"),
        pl.coalesce("unit", pl.col("channel").replace_strict(units, default="acts")).alias("unit"),
    ).drop("directed")


def _claimed(line: str, number: int, name: str, ledger: str) -> pl.DataFrame:
    """The coverage that a line such as ``# coverage: channel=visits scope=with:CHN first=2014 last=2024`` claims."""
    found = _CLAIM.match(line)
    fields = dict(_FIELD.findall(found.group("claim").strip())) if found else {}
    absent = [field for field in ("channel", "scope", "first", "last") if not fields.get(field)]
    unknown = fields.keys() - {"channel", "scope", "first", "last", "dataset"}
    if absent or unknown:
        what = f"lacks {', '.join(absent)}" if absent else f"has {', '.join(sorted(unknown))}, which is not known"
        raise BadFile(name, f"the claim of coverage {what} (channel=… scope=… first=… last=…)", number)
    if fields["channel"] not in CHANNELS:
        raise BadFile(name, _no_channel(fields["channel"]), number)
    first, last = (pl.select(_day(pl.lit(fields[end]), end == "last")).item() for end in ("first", "last"))
    if first is None or last is None or last < first:
        raise BadFile(name, f"the claim of coverage runs from {fields['first']!r} to {fields['last']!r}", number)
    dataset = f"{DATASET}/{fields.get('dataset') or ledger}"
    return coverage(dataset, fields["channel"], first, last, _scope(fields["scope"].strip(), name, number))


def _scope(scope: str, name: str, number: int) -> str:
    from innominate import states

    if scope == "all":
        return scope
    parts = _SCOPE.split(scope)
    kinds, lists = parts[1::2], [part.split() for part in parts[2::2]]
    if parts[0] or kinds not in (["among"], ["with"], ["from"], ["to"], ["from", "to"]) or not all(lists):
        allowed = "all, among:AAA BBB, with:AAA, from:AAA, to:AAA or from:AAA to:BBB"
        raise BadFile(name, f"{scope!r} is no scope ({allowed})", number)
    for code in (code for codes in lists for code in codes):
        try:
            states.get(code)
        except InputError as error:
            raise BadFile(name, f"scope: {error}", number) from None
    return " ".join(f"{kind}:{' '.join(codes)}" for kind, codes in zip(kinds, lists, strict=True))


def _is_ledger(look: Peek) -> bool:
    return look.kind in ("text", "gzip") and not _lacks(look)


def _lacks(look: Peek) -> str:
    """The columns that the header of a text lacks to be a ledger's, in words; "" where it lacks none."""
    if look.kind not in ("text", "gzip"):
        return ""
    lines = (line for line in look.head.splitlines() if line.strip() and not line.startswith("#"))
    fields = {field.strip(' "') for field in next(lines, "").split(",")}
    absent = [column for column in ("source", "target", "channel") if column not in fields]
    absent += [] if fields & {"date", "start"} else ["date (or start)"]
    if absent and ";" in "".join(fields):
        return "its columns are not separated by commas"
    return f"it lacks the column{'s' if len(absent) > 1 else ''} {', '.join(absent)}" if absent else ""


SOURCE = Source(
    name=DATASET,
    title="Ledgers of acts kept by hand",
    producer="whoever keeps the ledger",
    home="docs/acts-csv.md",
    licence="the keeper's",
    citation="as the ledger says",
    adapter_version=3,
    redistribution="ask",
    channels=tuple(CHANNELS),
    quirks=(
        "A ledger is evidence of acts, not of their absence: no coverage unless a line above the header claims it.",
        "A month or a year stands for all its days.",
        "Without a column value each act counts 1; an empty value in that column is unknown.",
        "An empty side of a range is open: a low without a high is 'more than'.",
    ),
    forms=(
        Form(
            "ledger-csv",
            "acts by hand (CSV: source, target, channel, date or start and end, value, unit, kind, range, source; docs/acts-csv.md)",
            _is_ledger,
            read_ledger,
            preference=50,
            accumulates=True,
            read_as=read_ledger,
            lacks=_lacks,
        ),
    ),
)
