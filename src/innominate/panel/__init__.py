"""The panel: pair × period × channel observations, each with its sampling variance, beyond the two states' margins."""

from innominate.panel.build import build
from innominate.panel.panel import Panel, Series
from innominate.panel.periods import Resolution

__all__ = ["Panel", "Resolution", "Series", "build"]
