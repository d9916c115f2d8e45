"""ICEWS: events between states coded from the news, as the producer publishes them and in three published extracts.

An act is one event (or one count of events) of a state towards another, in the channel of its CAMEO quad class. The
forms are different things and become different datasets, whose volumes must never be compared with one another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import polars as pl

from innominate.errors import BadFile
from innominate.ledger import Imported, Oddity
from innominate.sources.cameo import EVENT_CHANNELS, check_codes, quad_channel
from innominate.sources.contents import read_bytes, read_zip
from innominate.sources.icews_counts import read_conflict, read_quads
from innominate.sources.misfiled import belonging
from innominate.sources.peeking import member_head
from innominate.sources.reading import DATE, INT, TEXT, TEXT_OR_NULL, Column, parse_csv, read_csv, refuse_duplicates
from innominate.sources.shaping import coverage, make_acts, resolve_states, states_only
from innominate.sources.spec import Form, Peek, Remote, Source

# the producer's yearly files; the stamp is the day and time at which the events were written out
_STAMPS = (
    "1995.20150313082510 1996.20150313082528 1997.20150313082554 1998.20150313082622 1999.20150313082705 "
    "2000.20150313082808 2001.20150313082922 2002.20150313083053 2003.20150313083228 2004.20150313083407 "
    "2005.20150313083555 2006.20150313083752 2007.20150313083959 2008.20150313084156 2009.20150313084349 "
    "2010.20150313084533 2011.20150313084656 2012.20150313084811 2013.20150313084929"
)
_YEARLY = tuple(f"events.{stamp}.tab.zip" for stamp in _STAMPS.split())

_INTENSITY = Column("float", null=True, low=-10, high=10)
_APART = "not between two states"
_NOTHING = ("Aeolian Islands", "Bavaria")  # places that ICEWS lists among its countries

_RAW = {
    "Event ID": INT,
    "Event Date": DATE,
    "Source Name": TEXT_OR_NULL,
    "Source Country": TEXT_OR_NULL,
    "CAMEO Code": TEXT,
    "Intensity": _INTENSITY,
    "Target Name": TEXT_OR_NULL,
    "Target Country": TEXT_OR_NULL,
    "Story ID": INT,
}
_EXTRACT = {
    "date": DATE,
    "source": TEXT_OR_NULL,
    "source_country": TEXT_OR_NULL,
    "event": TEXT,
    "target": TEXT_OR_NULL,
    "target_country": TEXT_OR_NULL,
    "dataset": TEXT,
    "cameo": TEXT_OR_NULL,
    "intensity": _INTENSITY,
}
# The extract leaves the code of these events empty; their names are CAMEO's, and with them the root is known.
_CODELESS = {
    "Appeal for military cooperation": "02",
    "Appeal for military protection or peacekeeping": "02",
    "Express intent to allow international involvement (non-mediation)": "03",
    "Demand military protection or peacekeeping": "10",
    "Reject request for military protection or peacekeeping": "12",
    "Threaten non force": "13",
    "Threaten to halt mediation": "13",
    "Conduct strike or boycott for policy change": "14",
    "Halt mediation": "16",
    "Conduct suicide, car, or other non military bombing": "18",
    "Engage in ethnic cleansing": "20",
    "Use weapons of mass destruction": "20",
}


def _between_states(frame: pl.DataFrame, countries: Sequence[str], name: str) -> tuple[pl.DataFrame, list[Oddity]]:
    """Add the codes of source and target; rows that are not between two different states are refused and counted."""
    first, second = countries
    both = frame.filter(pl.col(first).is_not_null() & pl.col(second).is_not_null() & (pl.col(first) != pl.col(second)))
    refused = frame.height - both.height
    named = {"source": first, "target": second}
    both, lost = resolve_states(both, named, years="year", system="name", file=name, foreign=_NOTHING)
    both, dependent = states_only(both, ("source", "target"))
    refused += sum(odd.rows for odd in [*lost, *dependent])
    both = both.filter(pl.col("source") != pl.col("target"))
    return both, [Oddity(_APART, refused, True)] if refused else []


def _note(source: str, target: str, intensity: str) -> pl.Expr:
    names = [pl.col(column).fill_null("?").str.slice(0, 48) for column in (source, target)]
    tail = pl.format("; intensity {}", pl.col(intensity)).fill_null("")
    return pl.concat_str(names[0], pl.lit(" → "), names[1], tail)


def _days_covered(days: pl.Series) -> list[tuple[date, date]]:
    """Runs of days that a file tells in full: those with a quarter or more of a typical event's day's events.

    A daily file also holds a few late reports on earlier days and a few events dated to the next one.
    """
    counts = days.alias("day").to_frame().group_by("day").len("events")
    typical = days.to_frame("day").join(counts, on="day")["events"].median()
    full = counts.filter(pl.col("events") * 4 >= typical)["day"].sort()
    runs = full.to_frame("day").with_columns(
        (pl.col("day").diff() != pl.duration(days=1)).fill_null(True).cum_sum().alias("run")
    )
    spans = runs.group_by("run", maintain_order=True).agg(
        pl.col("day").min().alias("a"), pl.col("day").max().alias("b")
    )
    return [(first, last) for _, first, last in spans.iter_rows()]


def _members(path: Path) -> Iterator[tuple[str, bytes]]:
    with path.open("rb") as stream:
        packed = stream.read(4) == b"PK\x03\x04"
    if packed:
        for member, content in read_zip(path, ".tab"):
            yield f"{path.name}/{member}", content
    else:
        yield path.name, read_bytes(path)


def read_raw(path: Path) -> Imported:
    """The producer's daily or yearly tab-separated files, plain, gzipped or in a zip archive.

    ``kept`` counts the rows that became an act; the others are not between two states, or repeat a sentence's event of
    a story already counted.
    """
    frames, betweens = [], []
    told: dict[str, Oddity] = {}
    for name, content in _members(path):
        part = parse_csv(content, name, _RAW, delimiter="\t", missing=("",), quoted=False)
        check_codes(part, "CAMEO Code", name)
        part = part.with_columns(pl.lit(name).alias("member"), pl.col("Event Date").dt.year().alias("year"))
        frames.append(part.select("Event ID", "Event Date", "row", "member"))
        named = {"Source Name": "Source Country", "Target Name": "Target Country"}
        part, misfiled = belonging(part, named, "Event Date")
        both, refused = _between_states(part, ("Source Country", "Target Country"), name)
        betweens.append(both)
        for odd in (*misfiled, *refused):
            told[odd.reason] = Oddity(
                odd.reason, odd.rows + (told[odd.reason].rows if odd.reason in told else 0), odd.refused
            )
    frame, between = pl.concat(frames), pl.concat(betweens)
    twice = frame.filter(~pl.struct("Event ID", "Event Date").is_first_distinct())
    if twice.height:
        reason = f"event {twice['Event ID'][0]} stands twice on {twice['Event Date'][0]}"
        raise BadFile(twice["member"][0], reason, int(twice["row"][0]))
    oddities = list(told.values())
    covered = _days_covered(frame["Event Date"])
    once = between.sort("Event ID", "Event Date").unique(
        ["Event Date", "source", "target", "CAMEO Code", "Story ID"], keep="first", maintain_order=True
    )
    if once.height < between.height:
        again = between.height - once.height
        oddities.append(Oddity("another sentence of a story tells the same event", again, True))
    acts = make_acts(
        once.with_columns(
            pl.col("Event Date").alias("start"),
            pl.col("Event Date").alias("end"),
            pl.lit(1.0).alias("value"),
            pl.col("CAMEO Code").alias("code"),
            quad_channel(pl.col("CAMEO Code")).alias("channel"),
            _note("Source Name", "Target Name", "Intensity").alias("note"),
        ),
        dataset="icews-raw",
        file=path.name,
        unit="events",
        directed=True,
    ).with_columns(  # the provider's own key: the same event keeps its name whichever file it comes in
        pl.format("icews-raw:{}:{}", "Event Date", "Event ID").alias("act_id"), pl.col("member").alias("file")
    )
    seen = [coverage("icews-raw", channel, *span) for channel in EVENT_CHANNELS for span in covered]
    first, last = covered[0][0], covered[-1][1]
    return Imported(
        dataset="icews-raw",
        part=str(first) if first == last else f"{first}..{last}",
        tables={"acts": acts, "coverage": pl.concat(seen)},
        rows=frame.height,
        kept=acts.height,
        oddities=tuple(oddities),
    )


def read_interstate(path: Path) -> Imported:
    """Dated events between states, in parts of unequal reach; each part is a dataset of its own for comparisons.

    ``kept`` counts the rows that became an act.
    """
    frame = read_csv(path, _EXTRACT, missing=("",)).with_columns(pl.col("date").dt.year().alias("year"))
    name = path.name
    known = pl.col("event").replace_strict(_CODELESS, default=None, return_dtype=pl.String)
    coded = frame.with_columns(pl.coalesce("cameo", known).alias("code"))
    nameless = coded.filter(pl.col("code").is_null())
    if nameless.height:
        raise BadFile(name, f"no CAMEO code for the event {nameless['event'][0][:60]!r}", int(nameless["row"][0]))
    check_codes(coded, "code", name)
    refuse_duplicates(coded, ["date", "source", "source_country", "event", "target", "target_country", "dataset"], name)
    coded = coded.with_columns(_note("source", "target", "intensity").alias("note"))
    coded, misfiled = belonging(coded, {"source": "source_country", "target": "target_country"}, "date")
    between, oddities = _between_states(coded, ("source_country", "target_country"), name)
    oddities = [*misfiled, *oddities]
    by_name = between.filter(pl.col("cameo").is_null()).height
    if by_name:
        oddities.append(Oddity("no CAMEO code; only the root, known by the event's name, is given", by_name, False))
    acts = make_acts(
        between.with_columns(
            pl.col("dataset").alias("piece"),
            pl.col("date").alias("start"),
            pl.col("date").alias("end"),
            pl.lit(1.0).alias("value"),
            quad_channel(pl.col("code")).alias("channel"),
        ),
        dataset="icews-interstate",
        file=name,
        unit="events",
        directed=True,
    ).with_columns(pl.format("icews-interstate/{}", "piece").alias("dataset"))
    return Imported(
        dataset="icews-interstate",
        tables={"acts": acts, "coverage": _extract_coverage(between)},
        rows=frame.height,
        kept=acts.height,
        oddities=tuple(oddities),
    )


def _extract_coverage(between: pl.DataFrame) -> pl.DataFrame:
    seen = []
    for (piece,), rows in between.group_by("dataset", maintain_order=True):
        scope = "all"
        if "top" in str(piece):  # only the most frequent actors were kept: other states could not be seen
            scope = "among:" + " ".join(pl.concat([rows["source"], rows["target"]]).unique().sort())
        days = rows["date"].unique()
        for first, last in _days_covered(days):
            seen += [coverage(f"icews-interstate/{piece}", channel, first, last, scope) for channel in EVENT_CHANNELS]
    return pl.concat(seen)


def _is_raw(look: Peek) -> bool:
    if look.kind in ("text", "gzip"):
        return look.has("Event ID", "Event Date", "CAMEO Code", "Source Country")
    tabs = sorted(name for name in look.members if name.endswith(".tab"))
    if look.kind != "zip" or not tabs:
        return False
    return member_head(look.path, tabs[0]).startswith(b"Event ID\tEvent Date\t")


SOURCE = Source(
    name="icews",
    title="Integrated Crisis Early Warning System: coded event data",
    producer="Lockheed Martin (Boschee, Lautenschlager, O'Brien, Shellman, Starz and Ward)",
    home="https://doi.org/10.7910/DVN/28075",
    licence="copyright of the producer: research and education only (terms at Harvard Dataverse); ask before passing figures on",
    citation=(
        "Boschee, Elizabeth, Jennifer Lautenschlager, Sean O'Brien, Steve Shellman, James Starz and Michael Ward (2015): "
        "ICEWS Coded Event Data. Harvard Dataverse, doi:10.7910/DVN/28075"
    ),
    adapter_version=2,
    redistribution="ask",
    remotes=tuple(Remote(f"doi:10.7910/DVN/28075/{name}", name, "raw-tab") for name in _YEARLY),
    channels=EVENT_CHANNELS,
    quirks=(
        "Event IDs repeat on different dates; an event is known by ID and date together.",
        "One story yields the same event from several sentences: it counts once per day, pair, CAMEO code and story.",
        "Actors without a country, events inside one country and dependencies are not between two states: refused.",
        "A daily file holds late reports on earlier days: only the days that it tells in full are covered.",
        "The interstate extract is in parts of unequal reach with months missing between them; each part is a dataset.",
        "Its part of the 999 most frequent actors covers only the states that occur in it.",
        "Twelve kinds of event have no CAMEO code in the extract; their root is known by name, and only it is given.",
        "The conflict counts before 1995 rest on far fewer sources and are kept apart as a dataset.",
        "A president of France is filed under Andorra, heads of international organisations under their home countries: the "
        "first are moved, the second left out (`misfiled_actors.csv`); the yearly and monthly counts cannot be mended.",
        "Taiwan is not among the 152 states of the yearly quad-class counts: unknown there, not zero.",
    ),
    forms=(
        Form(
            "raw-tab",
            "the producer's tab-separated events, daily or yearly, plain, gzipped or zipped",
            _is_raw,
            read_raw,
            supplies="icews-raw",
            accumulates=True,
        ),
        Form(
            "interstate-csv",
            "dated interstate events in parts (CSV: date, source, source_country, event, …, cameo, intensity)",
            lambda look: look.has("source_country", "target_country", "cameo", "intensity", "dataset"),
            read_interstate,
            supplies="icews-interstate",
        ),
        Form(
            "quad-year-parquet",
            "yearly counts by quad class (Parquet: i_iso3c, j_iso3c, year, verbCoop, …)",
            lambda look: look.kind == "parquet" and look.has("i_iso3c", "j_iso3c", "verbCoop", "matlConf"),
            read_quads,
            supplies="icews-quads",
        ),
        Form(
            "conflict-month-csv",
            "monthly counts of conflict by CAMEO root (CSV: source, target, year, month, root10 … root20)",
            lambda look: look.has("source", "target", "year", "month", "root10", "root20"),
            read_conflict,
            supplies="icews-conflict",
        ),
    ),
)
