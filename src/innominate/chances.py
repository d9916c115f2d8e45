"""Chances of a few plain distributions, from their special functions: scipy.stats, which has them too, takes seconds to import."""

from __future__ import annotations

from typing import Any

from scipy.special import betaincc, betaincinv, gammaincc, gammaincinv, ndtr


def normal_above(bar: Any, mean: Any, deviation: Any) -> Any:
    """Probability that a normal quantity lies above `bar`; arguments broadcast, deviations are above nought."""
    return ndtr((mean - bar) / deviation)


def beta_above(bar: Any, a: Any, b: Any) -> Any:
    """Probability that a Beta(a, b) quantity lies above `bar`."""
    return betaincc(a, b, bar)


def beta_quantile(share: Any, a: Any, b: Any) -> Any:
    """What a Beta(a, b) quantity lies below with probability `share`."""
    return betaincinv(a, b, share)


def gamma_above(bar: Any, shape: Any, rate: Any) -> Any:
    """Probability that a Gamma quantity of that shape and rate lies above `bar`."""
    return gammaincc(shape, bar * rate)


def gamma_quantile(share: Any, shape: Any, rate: Any) -> Any:
    """What a Gamma quantity lies below with probability `share`."""
    return gammaincinv(shape, share) / rate
