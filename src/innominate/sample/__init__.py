"""The embedded sample: pair-by-year figures from sources that allow redistribution, and the command that computes it."""

from innominate.sample.building import Built, build_sample

__all__ = ["Built", "build_sample"]
