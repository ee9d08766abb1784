"""What a passage has of a query: the share of its rare words, however often and in whichever form it has
them.

That is another thing than how strongly they rank there, which BM25 tells language by language: a word that
occurs once is there, and one that is rare in one language and common in another tells nothing across them.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from search.arrays.vectors import Vectors
from search.passages.backend import Backend, Scored, WordQuery
from search.ranking.settings import RANKING

__all__ = ["covered", "naming"]


def covered(
    backend: Backend, queries: Mapping[int, WordQuery], rarity: NDArray[np.float64], pool: Scored
) -> Vectors:
    """The share of a query's rare words that each passage of a pool has, 0-1, (n,); 0 where all are common.

    ``queries`` are its terms by language; words count by their ``rarity`` (words,), the same in all of them.
    """
    shares = np.zeros(len(pool.rows), np.float32)
    rare = np.flatnonzero(rarity)
    weights = rarity[rare] / (rarity.sum() or 1.0)
    for code, query in queries.items():
        worths = query.words.worths[rare]
        words, variants = np.nonzero(worths)
        places = np.flatnonzero(pool.language == code)
        if len(words) and len(places):
            # Another form of a word is that word; it stands only just behind the word itself.
            found = np.zeros((len(places), *worths.shape))
            hashes = query.words.hashes[rare][words, variants]
            found[:, words, variants] = backend.having(pool.rows[places], hashes)
            shares[places] = (found * (1 + worths) / 2).max(axis=2) @ weights
    return shares


def naming(rarity: NDArray[np.float64], asks: float) -> float:
    """How much a query's words name what is looked for, 0-1, given how much it is a question: keywords do
    unless all are common; the words of a question do if they are rare enough together."""
    whole = float(rarity.sum())
    return whole / max(whole, RANKING.naming * max(asks, RANKING.keywords_naming))
