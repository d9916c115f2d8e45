"""The task `ideal-points`: ours against the published ones, session by session, and the time they take."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import polars as pl

from innominate import measures, states
from innominate.errors import InputError
from innominate.ledger import Library
from innominate.scoreboard.blocks import plain
from innominate.scoreboard.ranking import rank_correlation
from innominate.scoreboard.rows import Row, averaged

TASK = "ideal-points"
FEWEST = 20  # states in a session below which it is not compared
BEFORE_FIRST = 1945  # session n of the General Assembly opens in the year 1945 + n


def published_points(folder: Path) -> dict[str, pl.DataFrame]:
    """File name → frame state, session, published; from the ideal-point files (.csv, .dta) of a folder.

    Bailey, Strezhnev and Voeten 2017, Journal of Conflict Resolution 61: 430-456. Files of other shapes are passed over.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: not a folder")
    found = {}
    for path in sorted(folder.iterdir()):
        frame = _read(path)
        if frame is not None:
            found[path.name] = frame
    if not found:
        raise InputError(f"{folder}: no published ideal points (.csv, or .dta where pandas is installed)")
    return found


def _read(path: Path) -> pl.DataFrame | None:
    if path.suffix == ".csv":
        frame = pl.read_csv(path, infer_schema_length=None, ignore_errors=True, encoding="utf8-lossy")
    elif path.suffix == ".dta":
        try:
            import pandas  # type: ignore[import-untyped]
        except ImportError:
            return None
        frame = pl.DataFrame(
            {name: column.to_numpy() for name, column in pandas.read_stata(path).items()}, strict=False
        )
    else:
        return None
    frame = frame.rename({name: name.lower() for name in frame.columns})
    value = next((name for name in ("idealpointall", "idealpoint", "idealpointfp") if name in frame.columns), None)
    if value is None or "ccode" not in frame.columns or not {"session", "year"} & set(frame.columns):
        return None
    session = pl.col("session") if "session" in frame.columns else pl.col("year") - BEFORE_FIRST
    frame = frame.select(
        pl.col("ccode").cast(pl.Int64), session.cast(pl.Int64).alias("session"), pl.col(value).alias("published")
    ).filter(pl.col("published").is_finite())
    years = frame["session"] + BEFORE_FIRST
    codes = states.resolve_many(frame["ccode"], years, system="cow")
    return frame.select(pl.Series("state", codes, dtype=pl.String), "session", "published").drop_nulls()


def ideal_points(library: Library, peers: Path, seed: int = 0) -> list[Row]:
    """Absolute correlation with each published file by session (mean and median), and seconds to estimate."""
    files = published_points(peers)
    start = time.perf_counter()
    ours = measures.ideal_points(library)
    seconds = time.perf_counter() - start
    ours = ours.select("state", pl.col("session").cast(pl.Int64), "ideal_point")
    if ours["session"].max() is not None and int(str(ours["session"].max())) > BEFORE_FIRST:
        ours = ours.with_columns(pl.col("session") - BEFORE_FIRST)
    rows = [row for name, theirs in files.items() for row in _compared(name, ours, theirs, seed)]
    return [*rows, Row(TASK, "seconds", seconds, {}, n=ours.height)]


def _compared(name: str, ours: pl.DataFrame, theirs: pl.DataFrame, seed: int) -> list[Row]:
    joined = ours.join(theirs, on=["state", "session"], how="inner").drop_nulls().sort("session", "state")
    sessions, straight, ranked = [], [], []
    earlier = theirs.with_columns(pl.col("session") + 1).rename({"published": "before"})
    last = []
    for (session,), part in joined.group_by("session", maintain_order=True):
        if part.height < FEWEST:
            continue
        x, y = part["ideal_point"].to_numpy(), part["published"].to_numpy()
        sessions.append(int(session))
        straight.append(abs(float(np.corrcoef(x, y)[0, 1])))
        ranked.append(abs(rank_correlation(x, y)))
        both = part.join(earlier, on=["state", "session"], how="inner")
        known = both.height >= FEWEST
        last.append(abs(float(np.corrcoef(both["before"], both["published"])[0, 1])) if known else float("nan"))
    if not sessions:
        return []
    figures, weights = np.array(straight), np.ones(len(sessions))
    more = {
        "sessions": [sessions[0], sessions[-1]],
        "median": plain(float(np.median(figures))),
        "median_rank": plain(float(np.median(ranked))),
        "lowest": plain(float(figures.min())),
    }
    beside = {"persistence (published, last session)": np.array(last)}
    return [averaged(TASK, f"correlation/{name}", figures, beside, weights, joined.height, seed=seed, more=more)]
