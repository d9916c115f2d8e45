"""Python's search for cyclic garbage, put off while many small objects are made that stay."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def unswept() -> Iterator[None]:
    """Inside, no search for cyclic garbage: it would go over all that is there again and again, and find nothing.

    Whatever has no reference left is freed as ever. Where the search was off before, it stays off.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
