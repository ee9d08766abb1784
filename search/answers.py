"""Evidence for a question: the sentences that answer it, of every language, and whether any does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from search.ranking import Index, Ranking

__all__ = ["Finding", "Found", "find_evidence"]

# A sentence's own cosine, and its passage's dense score, which tells what it is about.
_SENTENCE, _PASSAGE = 0.6, 0.4
# Standard deviations above unrelated texts at which half of the questions are answered, and the steepness;
# fitted on the half of the evaluation set that is not reported.
_HALF, _STEEPNESS = 3.6, 1.6
# Evidence further below the best than this (in the same units) is not shown.
_REACH = 2.5


@dataclass(frozen=True, slots=True)
class Found:
    """A sentence, as rows of the index, with its score."""

    sentence_row: int
    passage_row: int
    score: float


@dataclass(frozen=True, slots=True)
class Finding:
    """``found`` is best first. Where ``answered`` is False it is what came nearest."""

    answered: bool
    confidence: float
    shape: str
    found: tuple[Found, ...]


def find_evidence(index: Index, ranking: Ranking, per_language: int) -> Finding:
    """At most ``per_language`` sentences of each language that has some."""
    bounds = index.matrices.bounds
    picked: list[Found] = []
    best_by_language: dict[int, float] = {}
    counts: dict[int, int] = {}
    candidates: list[Found] = []
    for row in ranking.rows[: _rows_to_read(index)]:
        start = int(bounds[row])
        for at, score in enumerate(index.sentence_scores(ranking.scores, int(row)), start):
            if index.matrices.answers[at]:
                whole = _SENTENCE * float(score) + _PASSAGE * float(ranking.scores.dense[row])
                candidates.append(Found(at, int(row), whole))
    candidates.sort(key=lambda one: -one.score)
    if not candidates:
        return Finding(False, 0.0, "other", ())
    best = candidates[0].score
    confidence = float(1 / (1 + np.exp(-_STEEPNESS * (best - _HALF))))
    for one in candidates:
        language = int(index.row_language[one.passage_row])
        best_by_language.setdefault(language, one.score)
        close = one.score >= best - _REACH
        if close and counts.get(language, 0) < per_language:
            counts[language] = counts.get(language, 0) + 1
            picked.append(one)
    return Finding(confidence >= 0.5, confidence, "other", tuple(picked))


def _rows_to_read(index: Index) -> int:
    """Passages whose sentences are looked at: enough for every language to have its say."""
    return 60 * max(1, len(index.postings.languages))
