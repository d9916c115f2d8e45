"""Colours that stand for different things are told apart by readers with any common kind of sight."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pytest

from innominate.brief import blocs, exchange_charts
from innominate.exchange import pictures

# Machado, Oliveira and Fernandes (2009), severity 1; linear RGB to XYZ under D65
SIGHT = {
    "usual": np.eye(3),
    "deuteranopia": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]),
    "protanopia": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
}  # fmt: skip
XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
WHITE = np.array([0.95047, 1.0, 1.08883])


def lab(colour: str, sight: str) -> np.ndarray:
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    ratio = XYZ @ np.clip(SIGHT[sight] @ linear, 0, 1) / WHITE
    x, y, z = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def nearest(colours: Sequence[str], sight: str) -> float:
    """The smallest difference (CIE 1976) between two of them."""
    return min(float(np.linalg.norm(lab(one, sight) - lab(two, sight))) for one, two in combinations(colours, 2))


def test_the_measure_knows_what_is_confused() -> None:
    assert nearest(["#b0b7be", "#d28bb5"], "deuteranopia") < 10 < 30 < nearest(["#b0b7be", "#d28bb5"], "usual")


@pytest.mark.parametrize("sight", list(SIGHT))
@pytest.mark.parametrize(
    "colours",
    [blocs.COLOURS, exchange_charts.LINES, tuple(pictures.COLOURS.values())],
    ids=["blocs", "measures", "kinds"],
)
def test_colours_are_told_apart(colours: Sequence[str], sight: str) -> None:
    assert nearest(colours, sight) > 15
