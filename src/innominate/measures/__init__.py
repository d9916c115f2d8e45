"""Direct measures that the field already uses: similarity of votes and of alliance portfolios.

>>> from innominate import measures
>>> measures.votes_similarity(library, (1990, 2024), measure="kappa")    # doctest: +SKIP
>>> measures.portfolio_similarity(library, (1990, 2018), measure="s")    # doctest: +SKIP
"""

from __future__ import annotations

from innominate.measures.ballots import votes_similarity
from innominate.measures.indices import Distance, Measure, Similarity, similarity
from innominate.measures.portfolios import portfolio_similarity

__all__ = ["Distance", "Measure", "Similarity", "portfolio_similarity", "similarity", "votes_similarity"]
