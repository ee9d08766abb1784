"""What may answer a question: sentences of every language, by the engine's own score.

A sentence's score is its own, its passage's, and the share of what is asked about that it names by the
library's dictionary. What the question asks for then counts: for a relation, a sentence, or two neighbours,
must bear on all that is related, by the weakest; for a list, the list that a sentence leads up to, or is
in, is quoted whole. A sentence that ends in a colon says nothing by itself: it is quoted with its list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from search.answers.concepts import bearing, concepts
from search.answers.settings import ANSWERING
from search.arrays.vectors import Vectors
from search.dictionary.expansion import translated_share
from search.passages.backend import ANSWERS, LEADS, Scored
from search.ranking.index import Index
from search.ranking.scores import Ranking, Scores

__all__ = ["Found", "fair", "find_candidates"]


@dataclass(frozen=True, slots=True)
class Found:
    """Sentences of one article that follow one another, ``first`` to ``last`` (their places among the
    library's), with their score; ``best`` is the one that was found, in the passage at ``place`` of the
    query's pool."""

    first: int
    last: int
    best: int
    place: int
    score: float


def find_candidates(index: Index, ranking: Ranking) -> tuple[str, list[Found]]:
    """What a question asks for, and what may answer it of every language, in the order of being read."""
    shape = index.shape(ranking.scores)
    candidates = _candidates(index, ranking)
    if shape == "relation":
        candidates = _related(index, ranking, candidates)
    candidates = _listed(index, ranking.scores, candidates, every=shape == "list")
    return shape, fair(candidates, ranking.scores.pool.language)


def fair(candidates: Sequence[Found], language: NDArray[np.int16]) -> list[Found]:
    """Candidates in order, less most of what the best of each one's language has: a language whose sentences
    all score high does not fill the first places with others of its own. Each language's best stay in the
    order of their scores."""
    best: dict[int, float] = {}
    for candidate in candidates:
        spoken = int(language[candidate.place])
        best[spoken] = max(candidate.score, best.get(spoken, candidate.score))
    return sorted(
        candidates, key=lambda found: ANSWERING.language_best * best[int(language[found.place])] - found.score
    )


def _candidates(index: Index, ranking: Ranking) -> list[Found]:
    """The best sentences of each language."""
    scores = ranking.scores
    read = ranking.places[: _passages_to_read(index)]
    ascending = np.sort(read)
    named, answering = _named(index, scores, ascending), index.answering(scores, ascending)
    by_language: dict[int, list[Found]] = {}
    for place in read.tolist():
        start, language = int(scores.pool.bounds[place]), int(scores.pool.language[place])
        about = ANSWERING.passage * float(scores.dense[place])
        about -= ANSWERING.own_language * float(scores.near[language])
        first, end = int(scores.pool.first[place]), int(scores.pool.bounds[place + 1])
        for at, own in enumerate(answering[start:end].tolist()):
            if scores.pool.kinds[start + at] & (ANSWERS | LEADS):
                whole = ANSWERING.sentence * own + about + ANSWERING.named * float(named[start + at])
                candidate = Found(first + at, first + at, first + at, place, whole)
                by_language.setdefault(language, []).append(candidate)
    return [
        candidate
        for found in by_language.values()
        for candidate in sorted(found, key=lambda candidate: -candidate.score)[: ANSWERING.candidates_each]
    ]


def _named(index: Index, scores: Scores, places: NDArray[np.int64]) -> Vectors:
    """The share of what is asked about that each sentence of the pool names, by the library's dictionary,
    0–1; 0 outside of these passages."""
    some = scores.pool.take(places)
    shares = translated_share(index.vocabulary, scores.expansions, some, index.backend, by_sentence=True)
    named = np.zeros(len(scores.sentence), np.float32)
    named[np.isin(scores.pool.numbers, some.numbers, assume_unique=True)] = shares
    return named


def _passages_to_read(index: Index) -> int:
    """Passages whose sentences are looked at: enough for every language to have its say."""
    return 60 * max(1, len(index.backend.languages))


def _related(index: Index, ranking: Ranking, candidates: list[Found]) -> list[Found]:
    """Candidates by the weakest of the things that the question relates; a sentence and its neighbour
    together where one of them lacks what the other has."""
    about = concepts(index, ranking.scores)
    if len(about) < 2 or not candidates:
        return candidates
    numbers = np.unique(
        [at for candidate in candidates for at in _with_neighbours(ranking.scores.pool, candidate)]
    )
    bears = bearing(index, ranking.scores, about, numbers)
    place = {int(number): at for at, number in enumerate(numbers)}
    weighed = [_by_weakest(ranking.scores.pool, candidate, bears, place) for candidate in candidates]
    # The weakest concept orders; whether the question is answered at all is told as for any other.
    shift = max(candidate.score for candidate in candidates) - max(candidate.score for candidate in weighed)
    return [replace(candidate, score=candidate.score + shift) for candidate in weighed]


def _with_neighbours(pool: Scored, candidate: Found) -> list[int]:
    """A sentence, first, and those before and after it in its passage that can be evidence."""
    start, end = (int(at) for at in pool.bounds[candidate.place : candidate.place + 2])
    shift = int(pool.first[candidate.place]) - start
    near = (candidate.best - shift - 1, candidate.best - shift + 1)
    return [candidate.best, *(at + shift for at in near if start <= at < end and pool.kinds[at] & ANSWERS)]


def _by_weakest(pool: Scored, candidate: Found, bears: Vectors, place: dict[int, int]) -> Found:
    def lack(weakest: float) -> float:
        return ANSWERING.lack * max(0.0, ANSWERING.bears - weakest)

    own, *neighbours = _with_neighbours(pool, candidate)
    best = replace(candidate, score=candidate.score - lack(float(bears[place[own]].min())))
    for other in neighbours:
        together = np.maximum(bears[place[own]], bears[place[other]])
        score = candidate.score - lack(float(together.min())) - ANSWERING.second
        if score > best.score:
            best = replace(candidate, first=min(own, other), last=max(own, other), score=score)
    return best


def _listed(index: Index, scores: Scores, candidates: list[Found], every: bool) -> list[Found]:
    """Candidates, of which those that lead up to a list have become the list, each list once; with
    ``every``, those that are in a list, too. What leads up to no list is left out."""
    found: dict[tuple[int, int], Found] = {}
    near: dict[int, Scored] = {}
    for candidate in candidates:
        leads = _leads(scores.pool, candidate)
        if every or leads:
            if candidate.place not in near:
                near[candidate.place] = index.around(scores, candidate.place, ANSWERING.list_around)
            span = _list_around(near[candidate.place], candidate.best)
            if span is not None:
                more = ANSWERING.listed if every else 0.0
                candidate = replace(candidate, first=span[0], last=span[1], score=candidate.score + more)
            elif leads:
                continue
        known = found.get((candidate.first, candidate.last))
        if known is None or candidate.score > known.score:
            found[candidate.first, candidate.last] = candidate
    return list(found.values())


def _leads(pool: Scored, candidate: Found) -> bool:
    at = candidate.best - int(pool.first[candidate.place]) + int(pool.bounds[candidate.place])
    return bool(pool.kinds[at] & LEADS)


def _list_around(near: Scored, number: int) -> tuple[int, int] | None:
    """The sentences of the list that one is in or leads up to, from the one that leads up to it to the last;
    None where there is none. ``near`` are the passages around it, of its article."""
    items, shift = near.items, int(near.first[0])
    own = number - shift
    first = own if items[own] else own + 1
    if first >= len(items) or not items[first]:
        return None
    last = first
    while first > 0 and items[first - 1]:
        first -= 1
    while last + 1 < len(items) and items[last + 1]:
        last += 1
    leads = first > 0 and bool(near.kinds[first - 1] & (ANSWERS | LEADS))
    return first - int(leads) + shift, last + shift
