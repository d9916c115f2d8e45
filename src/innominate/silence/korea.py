"""The tenth claim of the first case: did Beijing stop saying "denuclearisation of the Korean peninsula"?

The texts (items of the nightly news, which abridges readouts) stay where they are. The package ships only what was read off
them: for every item on a meeting, its date, series, kind, and whether it carries the formula in any of its variants.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files
from typing import Any

import numpy as np
import polars as pl

from innominate.silence import recurrence, rules
from innominate.silence.cleaning import clean
from innominate.silence.exposure import clock

VARIANTS = re.compile(r"无核化|无核武|弃核|去核化|实现半岛无核|核武器?.{0,6}半岛")
NEGATED = re.compile(r"(?:不|未|没有)(?:提|谈)(?:及|到)?.{0,6}无核化")
_KIM = re.compile(r"金正恩|朝鲜劳动党(?:委员长|总书记)|朝鲜最高领导人|朝鲜.{0,12}国务委员(?:会)?(?:委员)?长")
_SOUTH = re.compile(r"韩国总统|朴槿惠|文在寅|尹锡悦|李在明")
_XI = re.compile(r"习近平|习主席|两国元首")
_OTHERS = re.compile(
    r"^(?:李克强|张德江|俞正声|刘云山|王岐山|张高丽|栗战书|汪洋|王沪宁|赵乐际|韩正|李强|蔡奇|丁薛祥|李希|王毅|杨洁篪)"
)
_ENVOY = re.compile(r"会见.{0,14}特使")
_AGAIN = re.compile(r"再次会见")
_COURTESY_DAYS = 2  # a meeting so soon after talks with the same person is a courtesy
_AROUND = re.compile(
    r"贺电|致电|慰问|互致|复信|特使|欢迎仪式|举行仪式|将访|将对|应.{0,8}邀请|离京|抵达|结束|回到|观看|演出|宴会|欢送|署名文章|成果|评价|专题片|代表团|大熊猫|祝贺|外相|参观团|口信|指示|游客|吹风会"
)
OWING = ("talks", "meeting", "phone call", "envoy received")  # formats with room for positions
COLUMNS = ("date", "series", "kind", "present", "source_id", "link")
PRESS_NOTICED = date(2025, 9, 5)  # reports on the readout of the summit of 4 September 2025
_TABLE = "denuclearisation_presence.csv"


@dataclass(frozen=True, slots=True)
class SeriesFinding:
    """What one series shows.

    Attributes
    ----------
    series : whose meetings
    documents, carrying : items on meetings, and those that carry the formula
    last_used, first_missed : of the last run without it (null: never used, or not missed yet)
    probability : posterior that it was dropped and not left out by chance
    run : items in a row without it since
    by_kind : kind → (items, items that carry it)
    """

    series: str
    documents: int
    carrying: int
    last_used: date | None
    first_missed: date | None
    probability: float
    run: int
    by_kind: dict[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Denuclearisation:
    """The findings, the table behind them, and what such a source can and cannot show."""

    series: tuple[SeriesFinding, ...]
    table: pl.DataFrame
    statements: tuple[str, ...]
    limits: tuple[str, ...]


def presence_table(texts: pl.DataFrame) -> pl.DataFrame:
    """Derive the presence table from items of the nightly news.

    Parameters
    ----------
    texts : columns ``date, id, title, text, url``

    Returns
    -------
    One row for every item on talks, a meeting, a call or a telegram between Xi Jinping and Kim Jong Un or a president of
    South Korea; columns ``date, series, kind, present, source_id, link``. No texts.
    """
    told = rules.load()
    rows: list[tuple[Any, ...]] = []
    for row in texts.sort("date", "id").iter_rows(named=True):
        title = row["title"]
        kim, south = bool(_KIM.search(title)), bool(_SOUTH.search(title))
        if kim == south or not _XI.search(title) or _OTHERS.search(title):
            continue
        body = clean(row["text"])
        present = bool(VARIANTS.search(NEGATED.sub("", body)))
        series = "Xi-Kim" if kim else "Xi-South Korean presidents"
        rows.append((row["date"], series, _kind(title, told), present, row["id"], row["url"]))
    schema = {"date": pl.String, "series": pl.String, "kind": pl.String, "present": pl.Boolean, "source_id": pl.String,
              "link": pl.String}  # fmt: skip
    return _with_courtesies(pl.DataFrame(rows, schema=schema, orient="row").with_columns(pl.col("date").str.to_date()))


def _with_courtesies(table: pl.DataFrame) -> pl.DataFrame:
    """Meetings within two days after talks of the same series are courtesies: a kind of their own."""
    talks = {(row["series"], row["date"]) for row in table.filter(pl.col("kind") == "talks").iter_rows(named=True)}
    kinds = [
        "courtesy meeting"
        if row["kind"] == "meeting"
        and any((row["series"], row["date"] - timedelta(days=days)) in talks for days in range(_COURTESY_DAYS + 1))
        else row["kind"]
        for row in table.iter_rows(named=True)
    ]
    return table.with_columns(kind=pl.Series(kinds, dtype=pl.String))


def _kind(title: str, told: rules.Rules) -> str:
    if _ENVOY.search(title):
        return "envoy received"
    if _AGAIN.search(title):
        return "courtesy meeting"
    kind = told.kind_of(title, "")
    if kind in ("talks", "meeting"):
        return "around the meeting" if _AROUND.search(title) else kind
    return kind if kind in ("telegram", "phone call") else "around the meeting"


def shipped() -> pl.DataFrame:
    """The presence table that comes with the package."""
    text = files("innominate.silence").joinpath("data", _TABLE).read_text(encoding="utf-8")
    return pl.read_csv(text.encode(), try_parse_dates=True)


def denuclearisation(table: pl.DataFrame | None = None) -> Denuclearisation:
    """Which kinds of items ever carried the formula, and when each series dropped it.

    Parameters
    ----------
    table : as :func:`presence_table` returns it; None: the one shipped
    """
    table = shipped() if table is None else table
    owing = table.filter(pl.col("kind").is_in(OWING))
    found = tuple(_series(name, table, owing) for name in ("Xi-Kim", "Xi-South Korean presidents"))
    return Denuclearisation(found, table, _statements(found, table), _limits(table))


def _series(name: str, table: pl.DataFrame, owing: pl.DataFrame) -> SeriesFinding:
    every = table.filter(pl.col("series") == name)
    kinds = {
        kind: (int(rows.height), int(rows["present"].sum()))
        for (kind,), rows in sorted(every.group_by("kind"), key=str)
    }
    rows = owing.filter(pl.col("series") == name).sort("date", "source_id")
    hits = np.flatnonzero(rows["present"].to_numpy()).astype(np.int32)
    dates = rows["date"].to_list()
    if not len(hits):
        return SeriesFinding(name, every.height, 0, None, None, 0.0, 0, kinds)
    last = int(hits[-1])
    missed = dates[last + 1] if last + 1 < len(dates) else None
    return SeriesFinding(
        name,
        every.height,
        int(every["present"].sum()),
        dates[last],
        missed,
        _probability(hits, dates),
        len(dates) - last - 1,
        kinds,
    )


def _probability(hits: Any, dates: list[date]) -> float:
    """Posterior of a drop after the last use, under the hazard believed of any series: there are too few to estimate one."""
    prior = recurrence.prior_hazard()
    exposure = np.arange(len(dates) + 1, dtype=np.float64)
    result = recurrence.judge(hits, exposure, clock(dates), prior.share, prior.rate, prior.redraw, prior.start)
    return round(float(result[0][-1]), 3)


def _statements(found: tuple[SeriesFinding, ...], table: pl.DataFrame) -> tuple[str, ...]:
    out = []
    for one in found:
        kinds = "; ".join(f"{kind}: {with_it} of {size}" for kind, (size, with_it) in one.by_kind.items())
        out.append(f"{one.series}: {one.carrying} of {one.documents} items carry it ({kinds}).")
        if one.first_missed is not None:
            out.append(
                f"{one.series}: in talks, meetings, calls and envoys' visits, last on {one.last_used}; missing since "
                f"{one.first_missed} from {one.run} items in a row (probability that it was dropped: {one.probability:.2f})."
            )
    for one in found:
        if one.last_used and one.first_missed:
            years = (PRESS_NOTICED - one.first_missed).days / 365.25
            pause = (one.first_missed - one.last_used).days / 365.25
            if years > 1:
                out.append(f"{one.series}: missing {years:.1f} years before the press noticed ({PRESS_NOTICED}).")
            elif pause > 2:
                out.append(
                    f"{one.series}: no item that would have owed it lies between the last use and {one.first_missed}, "
                    f"{pause:.1f} years: when in that time it was given up, this series cannot show."
                )
    shares = table.group_by("kind").agg(pl.col("present").any()).sort("kind")
    never: list[str] = shares.filter(~pl.col("present"))["kind"].to_list()
    if never:
        names = ", ".join(never)
        out.append(f"Never carried it, so its absence there says nothing: {names}.")
    return tuple(out)


def _limits(table: pl.DataFrame) -> tuple[str, ...]:
    end: date = table.select(pl.col("date").max()).item()
    return (
        "The nightly news abridges: it can show that a formula was said, not that the full readout lacked it.",
        "Few meetings a series: a run of two or three items without the formula is weak evidence by itself.",
        "Courtesy texts and telegrams owe no formula; comparing a telegram with talks would invent a silence.",
        f"The table ends on {end}; what came later is not judged.",
    )
