"""One ranking from two legs, fair to every language.

Inside a language both legs order the passages: a dense score and the matched share of the query's words
and grams are added. Across languages only dense scores compare (a word of the query's language matches
nothing elsewhere), so the k-th passage of a language's combined order takes the language's k-th dense
score. So words decide where they can, and neither leg gates the other. Last, part of each language's best
score is taken off, so that a language with a stronger register does not drown the others.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from search.encoder import Vectors
from search.postings import Match

__all__ = ["DEPTH", "blend", "merge_languages"]

# How deep each language's passages are ordered; beyond, a passage keeps only its dense score's order.
DEPTH = 400
_SENTENCE_SHARE = 0.5
_WORDS, _GRAMS = 0.3, 0.6
_LANGUAGE_BEST = 0.5


def blend(passages: Vectors, best_sentences: Vectors) -> Vectors:
    """The dense score of each passage: half its own cosine, half its best sentence's."""
    score: Vectors = (1 - _SENTENCE_SHARE) * passages + _SENTENCE_SHARE * best_sentences
    return score


def merge_languages(
    dense: Vectors,
    match: Match,
    row_language: NDArray[np.int16],
    allowed: NDArray[np.bool_],
) -> tuple[NDArray[np.int64], Vectors, Vectors]:
    """Allowed passages, best first: their rows, their fused scores, and the dense score each took.

    At most DEPTH passages of each language.
    """
    combined = dense + _WORDS * match.words + _GRAMS * match.grams
    rows: list[NDArray[np.int64]] = []
    scores: list[Vectors] = []
    taken: list[Vectors] = []
    for language in np.unique(row_language[allowed]):
        candidates = np.flatnonzero(allowed & (row_language == language))
        order = _top(combined[candidates], DEPTH)
        values = np.sort(dense[candidates])[::-1][: len(order)]
        rows.append(candidates[order])
        taken.append(values)
        scores.append(values - np.float32(_LANGUAGE_BEST) * values[0])
    if not rows:
        return np.zeros(0, np.int64), np.zeros(0, np.float32), np.zeros(0, np.float32)
    all_rows, all_scores, all_taken = np.concatenate(rows), np.concatenate(scores), np.concatenate(taken)
    order = np.argsort(-all_scores, kind="stable")
    return all_rows[order], all_scores[order], all_taken[order]


def _top(scores: Vectors, count: int) -> NDArray[np.int64]:
    """Indices of the highest scores, best first, ties by index."""
    if len(scores) > count:
        chosen = np.sort(np.argpartition(-scores, count)[:count])
    else:
        chosen = np.arange(len(scores))
    return chosen[np.argsort(-scores[chosen], kind="stable")]
