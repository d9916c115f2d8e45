"""Common units for ledgers kept by hand, so that tonnes and barrels of the same thing can be compared."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from innominate.exchange.kinds import HAND_KEPT, RUNNING


@dataclass(frozen=True, slots=True)
class Conversion:
    """Amounts whose unit matches, of some kinds, in another unit; the factor is known between two bounds.

    Attributes
    ----------
    pattern : regular expression that the whole unit matches
    unit : the common unit
    low, factor, high : what one of the old is in the new
    kinds : of gain; empty: all
    """

    pattern: str
    unit: str
    low: float
    factor: float
    high: float
    kinds: tuple[str, ...] = ()


# a tonne holds 7.2 to 7.5 barrels of crude, up to 8.5 of petrol (BP Statistical Review, approximate conversion factors)
CONVERSIONS = (
    Conversion(r"tonnes( of (wheat|rice|flour|corn|grain|food|oil|crude|coal))?", "tonnes", 1, 1, 1),
    Conversion(r"thousand tonnes", "tonnes", 1e3, 1e3, 1e3),
    Conversion(r"million tonnes", "tonnes", 1e6, 1e6, 1e6),
    Conversion(r"barrels", "tonnes", 1 / 8.5, 1 / 7.6, 1 / 7.2, ("energy",)),
    Conversion(r"thousand barrels", "tonnes", 1e3 / 8.5, 1e3 / 7.6, 1e3 / 7.2, ("energy",)),
    Conversion(r"million barrels", "tonnes", 1e6 / 8.5, 1e6 / 7.6, 1e6 / 7.2, ("energy",)),
    Conversion(r"billion USD", "million USD", 1e3, 1e3, 1e3),
)


def in_common_units(acts: pl.DataFrame) -> pl.DataFrame:
    """Amounts of ledgers kept by hand in common units; a suffix such as ``, not additive`` stays where it is."""
    kept = pl.col("dataset").str.starts_with(HAND_KEPT)
    bare = pl.col("unit").str.strip_suffix(RUNNING).str.to_lowercase()
    end = pl.when(pl.col("unit").str.ends_with(RUNNING)).then(pl.lit(RUNNING)).otherwise(pl.lit(""))
    unit, factors = pl.col("unit"), {name: pl.lit(1.0) for name in ("low", "value", "high")}
    for one in CONVERSIONS:
        fits = kept & bare.str.contains(f"^(?i:{one.pattern})$")
        if one.kinds:
            fits = fits & pl.col("kind").is_in(list(one.kinds))
        unit = pl.when(fits).then(pl.concat_str(pl.lit(one.unit), end)).otherwise(unit)
        for name, factor in (("low", one.low), ("value", one.factor), ("high", one.high)):
            factors[name] = pl.when(fits).then(pl.lit(factor)).otherwise(factors[name])
    return acts.with_columns(
        unit.alias("unit"), *((pl.col(name) * factor).alias(name) for name, factor in factors.items())
    )
