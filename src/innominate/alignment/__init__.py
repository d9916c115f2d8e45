"""The measurement model: how aligned every pair is, with intervals, on a scale people can read, and why."""

from innominate.alignment.fit import AlignmentFit, fit_alignment, fit_panel
from innominate.alignment.scale import Scale
from innominate.alignment.why import Why

__all__ = ["AlignmentFit", "Scale", "Why", "fit_alignment", "fit_panel"]
