"""Areas of UN Comtrade that hold several states, and states that no area of it is: their trade is not told apart, and unknown."""

from __future__ import annotations

import polars as pl

# areas with several states, by the area's own number; a state among them that has a row of its own is told apart
_SOVIET = ("RUS", "UKR", "BLR", "EST", "LVA", "LTU", "MDA", "GEO", "ARM", "AZE", "KAZ", "KGZ", "TJK", "TKM", "UZB")
JOINT: dict[int, tuple[str, ...]] = {
    58: ("BEL", "LUX"),  # reported together until 1998
    200: ("CZE", "SVK"),
    230: ("ETH", "ERI"),
    588: ("PAK", "BGD"),
    711: ("ZAF", "BWA", "LSO", "NAM", "SWZ"),  # the Southern African Customs Union, until 1999
    717: ("ZMB", "ZWE", "MWI"),
    736: ("SDN", "SSD"),
    810: _SOVIET,
    890: ("SRB", "MNE", "HRV", "SVN", "BIH", "MKD"),
    891: ("SRB", "MNE"),
}
_BY_ISO = {"BLX": 58, "CSK": 200, "ZA1": 711, "_711": 711, "_717": 717, "SUN": 810, "YUG": 890, "SCG": 891}
TAIWAN = "TWN"  # is in S19, "other Asia, not elsewhere specified", or in no row at all
NEVER = {
    TAIWAN: "among areas not specified",
    "LIE": "together with Switzerland",
    "MCO": "together with France",
}
TOGETHER = "together with other states in one area"


def joint() -> pl.Expr:
    """The number of the partner's area where that holds several states; null elsewhere. Before areas are made states."""
    named = pl.col("partnerISO").replace_strict(_BY_ISO, default=None, return_dtype=pl.Int64)
    area = pl.coalesce("partnerCode", named)
    return pl.when(area.is_in(list(JOINT))).then(area)


def outlived(rows: pl.DataFrame) -> pl.DataFrame:
    """partnerISO and year of the rows whose partner no longer, or not yet, existed: what became of their trade is not told."""
    from innominate import states

    areas = rows.select("partnerISO", "year").unique()
    then = states.resolve_many(areas["partnerISO"], areas["year"], system="iso3")
    ever = states.resolve_many(areas["partnerISO"], None, system="iso3")
    return areas.filter(then.is_null() & ever.is_not_null())


def not_told_apart(rows: pl.DataFrame, named: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Flows of the reports in `known` that are inside those with another area: partner and note; unknown, and not nothing.

    rows : every total, with the partner's area in ``joint``; named : those with partners as states
    """
    from innominate import states

    report = ["reporter", "flowCode", "freqCode", "period"]
    years = known["year"].unique()
    alive = pl.DataFrame(
        [(year, code) for year in years for code in sorted(states.alive(year))],
        schema={"year": known.schema["year"], "partner": pl.String},
        orient="row",
    )
    never = known.join(pl.DataFrame({"partner": list(NEVER), "note": list(NEVER.values())}), how="cross")
    members = pl.DataFrame(
        [(area, code, TOGETHER) for area, codes in JOINT.items() for code in codes],
        schema={"joint": pl.Int64, "partner": pl.String, "note": pl.String},
        orient="row",
    )
    inside = rows.filter(pl.col("joint").is_not_null() & (pl.col("primaryValue").fill_null(1.0) > 0))
    held = inside.select("reporterISO", "flowCode", "freqCode", "period", "joint").unique(maintain_order=True)
    in_areas = known.join(held, on=["reporterISO", "flowCode", "freqCode", "period"], maintain_order="left").join(
        members, on="joint", maintain_order="left"
    )
    return (
        pl.concat([never, in_areas.select(never.columns)])
        .filter(pl.col("reporter") != pl.col("partner"))
        .join(alive, on=["year", "partner"], how="semi", maintain_order="left")
        .join(named, on=[*report, "partner"], how="anti", maintain_order="left")
        .unique([*report, "partner"], keep="first", maintain_order=True)
    )
