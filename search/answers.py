"""Evidence for a question: the sentences that answer it, of every language, and whether any does.

A sentence's score is its own, its passage's, and the share of what is asked about that it names by the
library's dictionary. What the question asks for then counts: for a relation, a sentence, or two neighbours,
must bear on all that is related, by the weakest; for a list, the list that a sentence leads up to, or is
in, is quoted whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from search.concepts import bearing, concepts
from search.encoder import Vectors
from search.ranking import Index, Ranking

__all__ = ["Finding", "Found", "find_evidence"]

# A sentence's own score, and its passage's dense score, which tells what it is about; what naming all that
# is asked about is worth, and being in the question's own language.
_SENTENCE, _PASSAGE, _NAMED, _OWN_LANGUAGE = 0.6, 0.4, 0.5, 0.8
# Standard deviations above unrelated texts at which half of the questions are answered, and the steepness;
# fitted on the half of the evaluation set that is not reported.
_HALF, _STEEPNESS = 4.2, 1.0
# Evidence further below the best than this (in the same units) is not shown.
_REACH = 4.0
# Sentences of each language that are looked at more closely.
_CLOSER = 40
# From here on a sentence surely bears on a concept (in a library on one subject all of them do a little);
# what each deviation less costs; what a second sentence does.
_BEARS, _LACK, _SECOND = 6.0, 0.2, 0.3
# What leading up to a list, or being in one, is worth to a question that asks for one.
_LISTED = 0.3


@dataclass(frozen=True, slots=True)
class Found:
    """Sentences that follow one another, ``first_row`` to ``last_row`` of the index, of one article, with
    their score; ``passage_row`` is the first one's, and ``best_row`` the sentence that was found."""

    first_row: int
    last_row: int
    passage_row: int
    best_row: int
    score: float


@dataclass(frozen=True, slots=True)
class Finding:
    """``found`` is best first. Where ``answered`` is False it is what came nearest."""

    answered: bool
    confidence: float
    shape: str
    found: tuple[Found, ...]


def find_evidence(index: Index, ranking: Ranking, per_language: int) -> Finding:
    """At most ``per_language`` pieces of evidence of each language that has some."""
    shape = index.shape(ranking.scores)
    candidates = _candidates(index, ranking)
    if shape == "relation":
        candidates = _related(index, ranking, candidates)
    elif shape == "list":
        candidates = _listed(index, candidates)
    candidates.sort(key=lambda one: -one.score)
    if not candidates:
        return Finding(False, 0.0, shape, ())
    best = candidates[0].score
    confidence = float(1 / (1 + np.exp(-_STEEPNESS * (best - _HALF))))
    close = (one for one in candidates if one.score >= best - _REACH)
    return Finding(confidence >= 0.5, confidence, shape, tuple(_apart(index, close, per_language)))


def _candidates(index: Index, ranking: Ranking) -> list[Found]:
    """The best sentences of each language."""
    scores, bounds = ranking.scores, index.matrices.bounds
    named = _NAMED * index.named_share(scores) - _OWN_LANGUAGE * _nearness(index, ranking)
    by_language: dict[int, list[Found]] = {}
    for row in ranking.rows[: _rows_to_read(index)]:
        start = int(bounds[row])
        about = _PASSAGE * float(scores.dense[row])
        for at, own in enumerate(index.sentence_scores(scores, int(row)), start):
            if index.matrices.answers[at]:
                whole = _SENTENCE * float(own) + about + float(named[at])
                one = Found(at, at, int(row), at, whole)
                by_language.setdefault(int(index.row_language[row]), []).append(one)
    return [
        one for found in by_language.values() for one in sorted(found, key=lambda one: -one.score)[:_CLOSER]
    ]


def _nearness(index: Index, ranking: Ranking) -> Vectors:
    """How like the query's own language each sentence's is, 0–1."""
    return np.repeat(ranking.scores.near[index.row_language], np.diff(index.matrices.bounds))


def _rows_to_read(index: Index) -> int:
    """Passages whose sentences are looked at: enough for every language to have its say."""
    return 60 * max(1, len(index.postings.languages))


def _related(index: Index, ranking: Ranking, candidates: list[Found]) -> list[Found]:
    """Candidates by the weakest of the things that the question relates; a sentence and its neighbour
    together where one of them lacks what the other has."""
    about = concepts(index, ranking.scores)
    if len(about) < 2 or not candidates:
        return candidates
    rows = np.unique([at for one in candidates for at in _with_neighbours(index, one)])
    bears = bearing(index, ranking.scores, about, rows)
    place = {int(row): number for number, row in enumerate(rows)}
    weighed = [_by_weakest(index, one, bears, place) for one in candidates]
    # The weakest concept orders; whether the question is answered at all is told as for any other.
    shift = max(one.score for one in candidates) - max(one.score for one in weighed)
    return [replace(one, score=one.score + shift) for one in weighed]


def _with_neighbours(index: Index, one: Found) -> list[int]:
    """A sentence, and those before and after it in its passage that can be evidence."""
    start, end = index.matrices.bounds[one.passage_row : one.passage_row + 2]
    near = (one.best_row, one.best_row - 1, one.best_row + 1)
    return [at for at in near if start <= at < end and index.matrices.answers[at]]


def _by_weakest(index: Index, one: Found, bears: Vectors, place: dict[int, int]) -> Found:
    def lack(weakest: float) -> float:
        return _LACK * max(0.0, _BEARS - weakest)

    own, *neighbours = _with_neighbours(index, one)
    best = replace(one, score=one.score - lack(float(bears[place[own]].min())))
    for other in neighbours:
        together = np.maximum(bears[place[own]], bears[place[other]])
        score = one.score - lack(float(together.min())) - _SECOND
        if score > best.score:
            best = replace(one, first_row=min(own, other), last_row=max(own, other), score=score)
    return best


def _listed(index: Index, candidates: list[Found]) -> list[Found]:
    """Candidates, of which those that lead up to a list or are in it have become the list, each list once."""
    found: dict[tuple[int, int], Found] = {}
    for one in candidates:
        span = _list_around(index, one.best_row)
        if span is not None:
            first, last = span
            row = int(np.searchsorted(index.matrices.bounds, first, side="right")) - 1
            one = Found(first, last, row, one.best_row, one.score + _LISTED)
        known = found.get((one.first_row, one.last_row))
        if known is None or one.score > known.score:
            found[one.first_row, one.last_row] = one
    return list(found.values())


def _list_around(index: Index, row: int) -> tuple[int, int] | None:
    """The rows of the list that a sentence is in or leads up to, with the sentence that leads up to it; None
    where there is none."""
    items, article = index.items, index.sentence_article
    first = row if items[row] else row + 1
    if first >= len(items) or not items[first] or article[first] != article[row]:
        return None
    last = first
    while first > 0 and items[first - 1] and article[first - 1] == article[row]:
        first -= 1
    while last + 1 < len(items) and items[last + 1] and article[last + 1] == article[row]:
        last += 1
    leads = first > 0 and article[first - 1] == article[row] and index.matrices.answers[first - 1]
    return first - int(leads), last


def _apart(index: Index, found: Iterable[Found], per_language: int) -> list[Found]:
    """The best of each language, none of which says again what another does."""
    counts: dict[int, int] = {}
    picked: list[Found] = []
    for one in found:
        language = int(index.row_language[one.passage_row])
        if counts.get(language, 0) < per_language and not _said(index, one, picked):
            counts[language] = counts.get(language, 0) + 1
            picked.append(one)
    return picked


def _said(index: Index, one: Found, others: Sequence[Found]) -> bool:
    """Whether evidence overlaps another, or is in a copy, in its own language, of the article of another."""
    article, language = index.sentence_article[one.first_row], index.row_language[one.passage_row]
    copies = index.translations.keys_of(int(article))
    return any(
        (one.first_row <= other.last_row and other.first_row <= one.last_row)
        or (
            language == index.row_language[other.passage_row]
            and int(index.sentence_article[other.first_row]) in copies
        )
        for other in others
    )
