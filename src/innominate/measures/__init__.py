"""Direct measures that the field already uses: similarity of votes and of alliance portfolios, and ideal points.

>>> from innominate import measures
>>> measures.votes_similarity(library, (1990, 2024), measure="kappa")    # doctest: +SKIP
>>> measures.portfolio_similarity(library, (1990, 2018), measure="s")    # doctest: +SKIP
>>> measures.ideal_points(library)                                       # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from innominate.measures.assembly import ideal_points
    from innominate.measures.ballots import votes_similarity
    from innominate.measures.indices import Distance, Measure, Similarity, similarity
    from innominate.measures.irt import IdealPoints, Settings, fit_ideal_points
    from innominate.measures.portfolios import portfolio_similarity

_HOMES = {
    "ideal_points": "innominate.measures.assembly",
    "IdealPoints": "innominate.measures.irt",
    "Settings": "innominate.measures.irt",
    "fit_ideal_points": "innominate.measures.irt",
    "portfolio_similarity": "innominate.measures.portfolios",
    "Distance": "innominate.measures.indices",
    "Measure": "innominate.measures.indices",
    "Similarity": "innominate.measures.indices",
    "similarity": "innominate.measures.indices",
    "votes_similarity": "innominate.measures.ballots",
}

__all__ = [
    "Distance",
    "IdealPoints",
    "Measure",
    "Settings",
    "Similarity",
    "fit_ideal_points",
    "ideal_points",
    "portfolio_similarity",
    "similarity",
    "votes_similarity",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'innominate.measures' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
