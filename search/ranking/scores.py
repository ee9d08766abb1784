"""What a query scores, and its passages in order.

A *place* is a passage's place in the pool of a query, the passages that were looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search.arrays.vectors import Vectors
from search.dictionary.expansion import Expansion
from search.passages.backend import Scored, WordQuery
from search.ranking import query

__all__ = ["Ranking", "Scores"]


@dataclass(frozen=True, slots=True)
class Scores:
    """What a query scores, before languages are chosen and merged.

    By place over the n passages of the ``pool``, or its S sentences, in standard deviations above unrelated
    texts: ``passage`` and ``sentence`` cosines, ``late`` interaction of the sentences of each passage that
    was reranked (k, 2, as :func:`search.passages.late.summary` gives it), the ``dense`` score made of
    them, and the ``lexical`` leg's, made of the share of the query's ``words`` that each passage has (0–1),
    of its grams and their counterparts. ``covered`` is the share that each has of the rare words that name
    what is looked for; ``asks`` says how much the query is a question, 0–1. ``near`` (languages,) says
    how like the query's own each language is, 0–1. ``quoting`` (n,) are the passages that have the quoted
    phrases; None where there are none. ``vector`` is the query's, centred, ``asking`` as it looks for
    sentences that answer it (see :mod:`search.ranking.calibration`), ``tokens`` are its tokens' in the token
    space, ``terms`` its words in each language, ``expansions`` its words with their counterparts.
    """

    query: query.Query
    vector: Vectors
    asking: Vectors
    tokens: Vectors
    terms: Mapping[int, WordQuery]
    expansions: tuple[Expansion, ...]
    pool: Scored
    passage: Vectors
    sentence: Vectors
    late: Mapping[int, Vectors]
    dense: Vectors
    lexical: Vectors
    words: Vectors
    covered: Vectors
    asks: float
    near: Vectors
    quoting: NDArray[np.bool_] | None


@dataclass(frozen=True, slots=True)
class Ranking:
    """A query's passages, best first.

    ``places`` in the pool, ``fused`` (scores of both legs, fair to every language), ``relevance`` (the dense
    score taken) and ``hits`` (did it pass the cut-off?) are parallel.
    """

    scores: Scores
    places: NDArray[np.int64]
    fused: Vectors
    relevance: Vectors
    hits: NDArray[np.bool_]
