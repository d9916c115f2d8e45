"""A world in the ledger's own tables: acts, votes, commitments and coverage."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from innominate.ledger import CHANNELS
from innominate.worlds.concealing import Concealed
from innominate.worlds.latent import Latent
from innominate.worlds.laws import ChannelLaw
from innominate.worlds.pacts import Pacts
from innominate.worlds.settings import Settings, stream

Array = NDArray[np.float64]
Places = NDArray[np.intp]

DIRECTED = (
    "trade", "arms", "sanctions", "verbal-cooperation", "material-cooperation", "verbal-conflict", "material-conflict",
)  # fmt: skip
LATE_OR_EARLY = 0.5  # probability that a dataset begins late; and again that it ends early
DECIMALS = 6  # of amounts
SLACK = 0.2  # share of the years that may be missing at either end
OVERLOOKED = 0.12  # share of states, the smallest, that some datasets leave out
PARTIAL = ("world-events", "world-trade", "world-exercises")


def window(settings: Settings, dataset: str) -> tuple[int, int]:
    """First and last period in which a dataset looked, inclusive."""
    if settings.coverage == "full":
        return 0, settings.periods - 1
    random = stream(settings.seed, "coverage", dataset)
    late, early, *cut = random.random(4)
    slack = SLACK * settings.periods
    first = int(slack * cut[0]) if late < LATE_OR_EARLY else 0
    return first, settings.periods - 1 - (int(slack * cut[1]) if early < LATE_OR_EARLY else 0)


def watched(settings: Settings, latent: Latent, dataset: str) -> NDArray[np.bool_]:
    """(N,) the states that a dataset looks at."""
    seen = np.ones(len(latent.codes), dtype=bool)
    if settings.coverage == "staggered" and dataset in PARTIAL:
        seen[np.argsort(latent.size, kind="stable")[: int(OVERLOOKED * len(seen))]] = False
    return seen


def coverage(settings: Settings, latent: Latent, dataset: str, channel: str) -> pl.DataFrame:
    """The row of coverage of one dataset and channel."""
    first, last = window(settings, dataset)
    seen = watched(settings, latent, dataset)
    scope = "among:" + " ".join(code for code, yes in zip(latent.codes, seen, strict=True) if yes)
    start, end = date(settings.first + first, 1, 1), date(settings.first + last, 12, 31)
    return pl.DataFrame({"dataset": [dataset], "channel": [channel], "scope": [scope], "first": [start], "last": [end]})


def acts(settings: Settings, latent: Latent, law: ChannelLaw, level: Array, hidden: Concealed | None) -> pl.DataFrame:
    """Acts of one channel as its dataset shows them: what is in place, what shows late, what took a detour."""
    t, p = np.nonzero(level)
    share = forward(latent, law.channel, settings.seed)[p]
    parts = [(t, latent.a[p], latent.b[p], level[t, p], share)]
    if hidden is not None:
        parts += _late_and_away(latent, law, settings.seed, hidden)
    flows = [flow for part in parts for flow in _flows(law.channel, *part)]
    year, source, target, amount = (np.concatenate([flow[k] for flow in flows]) for k in range(4))
    if CHANNELS[law.channel].kind == "amount":
        amount = np.round(amount, DECIMALS)  # what is left of nothing is no act
    first, last = window(settings, law.dataset)
    seen = watched(settings, latent, law.dataset)
    keep = (amount > 0) & (year >= first) & (year <= last) & seen[source] & seen[target]
    return _frame(settings, latent, law, year[keep], source[keep], target[keep], amount[keep])


def forward(latent: Latent, channel: str, seed: int) -> Array:
    """(P,) share of what passes between two states that goes from the first to the second."""
    random = stream(seed, "direction", channel)
    if channel == "arms":  # the larger sells
        return (latent.size[latent.a] > latent.size[latent.b]).astype(np.float64)
    if channel == "sanctions":
        return (random.random(len(latent.a)) < 0.5).astype(np.float64)
    return random.uniform(0.25, 0.75, len(latent.a))


def _late_and_away(
    latent: Latent, law: ChannelLaw, seed: int, hidden: Concealed
) -> list[tuple[Places, Places, Places, Array, Array]]:
    share = forward(latent, law.channel, seed)
    t, p, amount = hidden.late
    found = [(t, latent.a[p], latent.b[p], amount, share[p])]
    t, p, hub, amount = hidden.detour
    there, back = latent.a[p], latent.b[p]
    found += [(t, there, hub, amount, share[p]), (t, hub, back, amount, share[p])]
    return found


def _flows(
    channel: str, year: Places, source: Places, target: Places, amount: Array, share: Array
) -> list[tuple[Places, Places, Places, Array]]:
    """What passes between two states as directed flows; counts stay whole."""
    if channel not in DIRECTED:
        return [(year, np.minimum(source, target), np.maximum(source, target), amount)]
    there = amount * share
    if CHANNELS[channel].kind == "count":
        there = np.floor(there + 0.5)
    return [(year, source, target, there), (year, target, source, amount - there)]


def _frame(
    settings: Settings, latent: Latent, law: ChannelLaw, year: Places, source: Places, target: Places, amount: Array
) -> pl.DataFrame:
    codes = pl.Series(latent.codes)
    channel = CHANNELS[law.channel]
    frame = pl.DataFrame(
        {
            "source": codes.gather(source),
            "target": codes.gather(target),
            "year": (year + settings.first).astype(np.int32),
            "value": amount,
        }
    ).with_row_index("row", offset=1)
    dated = channel.kind == "count" and law.dataset != "world-events"
    start = pl.date(pl.col("year"), 7, 1) if dated else pl.date(pl.col("year"), 1, 1)
    end = pl.date(pl.col("year"), 7, 9) if dated else pl.date(pl.col("year"), 12, 31)
    return frame.select(
        (pl.lit(f"{law.channel}:") + pl.col("row").cast(pl.String)).alias("act_id"),
        "source", "target", start.alias("start"), end.alias("end"), pl.lit(law.channel).alias("channel"),
        pl.lit(law.channel in DIRECTED).alias("directed"), "value", pl.lit(channel.unit).alias("unit"),
        pl.lit(None, pl.String).alias("code"), pl.lit(law.dataset).alias("dataset"), pl.lit("world").alias("file"),
        pl.col("row").cast(pl.Int64), pl.lit(None, pl.String).alias("note"),
    )  # fmt: skip


def votes(settings: Settings, latent: Latent, drawn: list[tuple[int, NDArray[np.int8]]]) -> pl.DataFrame:
    """Votes cast, inside the dataset's window."""
    first, last = window(settings, "world-votes")
    codes = pl.Series(latent.codes)
    frames = []
    for t, cast in drawn:
        if not first <= t <= last:
            continue
        state, resolution = np.nonzero(cast != 9)
        year = settings.first + t
        frames.append(
            pl.DataFrame(
                {
                    "vote_id": pl.Series([f"{year}-{r + 1}" for r in range(cast.shape[1])]).gather(resolution),
                    "state": codes.gather(state),
                    "choice": cast[state, resolution],
                }
            ).with_columns(pl.lit(date(year, 12, 1)).alias("date"))
        )
    return (
        pl.concat(frames)
        .with_row_index("row", offset=1)
        .select(
            pl.lit("UNGA").alias("body"), "vote_id", "date", "state", "choice", pl.lit("world-votes").alias("dataset"),
            pl.lit("world").alias("file"), pl.col("row").cast(pl.Int64),
        )
    )  # fmt: skip


def commitments(settings: Settings, latent: Latent, pacts: Pacts) -> pl.DataFrame:
    """Treaties as their dataset shows them, NATO's pairs under its family: in force in its window, no end known beyond it."""
    codes = pl.Series(latent.codes)
    begun, closed = window(settings, "world-treaties")
    seen = (pacts.start <= closed) & (pacts.end >= begun)
    table = pl.DataFrame(
        {
            "a": codes.gather(latent.a[pacts.pair[seen]]),
            "b": codes.gather(latent.b[pacts.pair[seen]]),
            "first": (pacts.start[seen] + settings.first).astype(np.int32),
            "final": (pacts.end[seen] + settings.first).astype(np.int32),
            "open": pacts.end[seen] > closed,  # those that run on for good end after the last period
            "nato": pacts.nato[seen],
        }
    ).with_row_index("row", offset=1)
    flags = {"defence": True, "offence": False, "neutrality": False, "nonaggression": False, "consultation": True}
    number = pl.col("row").cast(pl.String)
    return table.select(
        pl.when("nato").then(pl.lit("nato:treaty")).otherwise(pl.lit("world-treaties:") + number).alias("treaty_id"),
        pl.when("nato").then(pl.lit("North Atlantic Treaty")).otherwise(pl.lit("Treaty ") + number).alias("title"),
        "a", "b", pl.date(pl.col("first"), 1, 1).alias("start"),
        pl.when(~pl.col("open")).then(pl.date(pl.col("final"), 12, 31)).alias("end"),
        *(pl.lit(value).alias(name) for name, value in flags.items()),
        pl.lit(None, pl.String).alias("citation"), pl.lit("world-treaties").alias("dataset"),
        pl.lit("world").alias("file"), pl.col("row").cast(pl.Int64),
    )  # fmt: skip
