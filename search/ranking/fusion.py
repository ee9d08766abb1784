"""One ranking from two legs, fair to every language.

The dense leg scores every passage, in standard deviations above unrelated texts: half its own cosine and
half its best sentence's (``blend`` in :mod:`search.passages.matrices`); then the best of each language are
reranked by late interaction, too. Inside a language both legs order the passages: the dense score and the
matched share of the query's words and grams are added. Across languages only dense scores compare (a word
of the query's language matches nothing elsewhere), so the k-th passage of a language's combined order takes
the language's k-th dense score. So words decide where they can, and neither leg gates the other. Last, part
of each language's best score is taken off, so that a language with a stronger register does not drown the
others; and so is what a passage gains by being in the question's own language, however much centring took
from that.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from search.arrays.vectors import Vectors
from search.passages.backend import Matched, Rows
from search.ranking.settings import RANKING

__all__ = [
    "by_words",
    "lexical_score",
    "merge_languages",
    "reranked",
    "to_rerank",
]


def lexical_score(matched: Matched, translations: Vectors) -> Vectors:
    """The lexical leg's score of each passage, in standard deviations of the dense leg's; ``translations`` is
    the share of the query's words that it has counterparts of."""
    score: Vectors = (
        RANKING.words * matched.words + RANKING.grams * matched.grams + RANKING.translations * translations
    )
    return score


def to_rerank(dense: Vectors, lexical: Vectors, language: NDArray[np.int16]) -> tuple[Rows, Rows]:
    """Places that are worth reranking, each language's best by both legs; and the first ``reranked_each`` of
    each."""
    languages = np.unique(language)
    each = max(RANKING.reranked_each, RANKING.reranked // max(1, len(languages)))
    combined = dense + lexical
    chosen, first = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for code in languages:
        places = np.flatnonzero(language == code)
        best = places[_top(combined[places], each)]
        chosen.append(best)
        first.append(best[: RANKING.reranked_each])
    return np.sort(np.concatenate(chosen)), np.sort(np.concatenate(first))


def reranked(dense: Vectors, places: Rows, late: Vectors) -> Vectors:
    """Dense scores in which those of some ``places`` are mostly late interaction's, ``late``; the others
    keep their order, below them."""
    if not len(places):
        return dense
    improved = (1 - RANKING.late_share) * dense[places] + RANKING.late_share * late
    others = np.ones(len(dense), dtype=np.bool_)
    others[places] = False
    result = dense.copy()
    if others.any():
        gap = max(0.0, float(dense[others].max() - improved.min()) + 1e-3)
        result[others] -= np.float32(gap)
    result[places] = improved
    return result


def merge_languages(
    dense: Vectors,
    lexical: Vectors,
    language_of: NDArray[np.int16],
    allowed: NDArray[np.bool_],
    near: Vectors,
    covered: Vectors | None = None,
) -> tuple[NDArray[np.int64], Vectors, Vectors]:
    """Allowed passages, best first: their places, their fused scores, and the dense score each took.

    ``near`` says of each language how like the query's own it is, 0–1; ``covered`` is the share of the
    query's rare words that each passage has. At most ``RANKING.depth`` passages of each language.
    """
    combined = dense + lexical
    chosen: list[NDArray[np.int64]] = []
    scores: list[Vectors] = []
    taken: list[Vectors] = []
    for language in np.unique(language_of[allowed]):
        places = np.flatnonzero(allowed & (language_of == language))
        order = _top(combined[places], RANKING.depth)
        # The k-th of both legs together takes the k-th dense score, which alone compares across languages.
        values = np.sort(dense[places])[::-1][: len(order)]
        chosen.append(places[order])
        taken.append(values)
        beyond = 0.0 if covered is None else np.clip(covered[places[order]] - RANKING.named_from, 0, None)
        taken_off = RANKING.language_best * values[0] + RANKING.own_language * near[language]
        crowding = RANKING.crowding * np.log(np.arange(1, len(values) + 1))
        scores.append((values - crowding - taken_off + RANKING.named * beyond).astype(np.float32))
    if not chosen:
        return np.zeros(0, np.int64), np.zeros(0, np.float32), np.zeros(0, np.float32)
    all_places, all_scores, all_taken = np.concatenate(chosen), np.concatenate(scores), np.concatenate(taken)
    order = np.argsort(-all_scores, kind="stable")
    return all_places[order], all_scores[order], all_taken[order]


def by_words(
    lexical: Vectors, dense: Vectors, allowed: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], Vectors, Vectors]:
    """The lexical leg alone: passages with a word or gram of the query, as merge_languages returns them."""
    rows = np.flatnonzero(allowed & (lexical > 0))
    order = rows[_top(lexical[rows], RANKING.depth)]
    return order, lexical[order], dense[order]


def _top(scores: Vectors, count: int) -> NDArray[np.int64]:
    """Indices of the highest scores, best first, ties by index."""
    if len(scores) > count:
        chosen = np.sort(np.argpartition(-scores, count)[:count])
    else:
        chosen = np.arange(len(scores))
    return chosen[np.argsort(-scores[chosen], kind="stable")]
