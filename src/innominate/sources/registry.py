"""The sources there are: ours and any that an installed package registers under ``innominate.sources``."""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points

from innominate.errors import InputError
from innominate.sources.spec import Source

GROUP = "innominate.sources"
_NEAR = 70  # how like a name must be to be suggested, of 100


@cache
def sources() -> dict[str, Source]:
    """Every registered source by name, in alphabetical order."""
    found: dict[str, Source] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        loaded = point.load()
        if not isinstance(loaded, Source):
            raise InputError(f"entry point {point.name!r} of group {GROUP} is no Source but {type(loaded).__name__}")
        found[loaded.name] = loaded
    return found


def source(name: str) -> Source:
    """The source called `name`; an :class:`InputError` suggests the nearest."""
    known = sources()
    if name in known:
        return known[name]
    from rapidfuzz import process

    near = [match[0] for match in process.extract(name, list(known), limit=3, score_cutoff=_NEAR)]
    hint = f"; did you mean {', '.join(near)}?" if near else f"; the sources are {', '.join(known)}"
    raise InputError(f"there is no source {name!r}{hint}")
