"""Evidence for a question: the sentences that answer it, of every language, each with how sure that is.

The engine's best candidates are read together with the question where there is a reader
(:mod:`search.reader`); both together order them and give each its probability
(:mod:`search.answers.verdict`). What is too unlikely to answer is not shown as an answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from kb.store.snapshot import Snapshot
from search.answers.candidates import Found, fair, find_candidates
from search.answers.settings import ANSWERING
from search.answers.texts import Text, read_texts
from search.answers.verdict import likely, with_reader
from search.passages.backend import Scored
from search.ranking.index import Index
from search.ranking.scores import Ranking
from search.reader.protocol import Reader, titled

__all__ = ["Finding", "Judged", "find_evidence", "in_order", "most_promising"]


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found, its text, and how likely it answers, 0-1."""

    found: Found
    text: Text
    probability: float


@dataclass(frozen=True, slots=True)
class Finding:
    """``answers`` are what answers, the surest first; ``nearest`` what came nearest in each language that has
    no answer, the nearest first."""

    shape: str
    answers: tuple[Judged, ...]
    nearest: tuple[Judged, ...]

    @property
    def confidence(self) -> float:
        """How likely the best of all answers, 0-1."""
        return max((judged.probability for judged in (*self.answers, *self.nearest)), default=0.0)


def find_evidence(
    index: Index, snapshot: Snapshot, ranking: Ranking, per_language: int, reader: Reader | None
) -> Finding:
    """At most ``per_language`` answers of each language that has some."""
    pool = ranking.scores.pool
    shape, candidates = find_candidates(index, ranking)
    read, texts = _read(index, snapshot, ranking, candidates, reader)
    scores = np.array([candidate.score for candidate in read], np.float32)
    chances = likely(scores, relation=shape == "relation", read=reader is not None)
    judged = [
        Judged(candidate, text, p) for candidate, text, p in zip(read, texts, chances.tolist(), strict=True)
    ]
    judged.sort(key=lambda sentence: -sentence.probability)
    answered = bool(judged) and judged[0].probability >= ANSWERING.answered
    sure = (sentence for sentence in judged if answered and sentence.probability >= ANSWERING.shown)
    answers = _apart(index, pool, sure, per_language)
    answering = {_language(pool, answer) for answer in answers}
    nearest: dict[int, Judged] = {}
    for sentence in judged:
        if _language(pool, sentence) not in answering:
            nearest.setdefault(_language(pool, sentence), sentence)
    return Finding(shape, tuple(answers), tuple(nearest.values()))


def in_order(index: Index, snapshot: Snapshot, ranking: Ranking, reader: Reader | None) -> list[Found]:
    """Everything that may answer, fair to every language: first what is read, by what the reader makes of
    it."""
    candidates = find_candidates(index, ranking)[1]
    read, _ = _read(index, snapshot, ranking, candidates, reader)
    there = {(candidate.first, candidate.last) for candidate in read}
    others = (candidate for candidate in candidates if (candidate.first, candidate.last) not in there)
    return [*fair(read, ranking.scores.pool.language), *others]


def most_promising(pool: Scored, candidates: Sequence[Found]) -> list[Found]:
    """Of candidates, in the order of being read, those that are read: the first two of each language, however
    many these are, and the first of the others."""
    counts: Counter[int] = Counter()
    chosen: list[int] = []
    others: list[int] = []
    for at, candidate in enumerate(candidates):
        language = int(pool.language[candidate.place])
        counts[language] += 1
        (chosen if counts[language] <= ANSWERING.read_of_each else others).append(at)
    places = sorted([*chosen, *others[: max(0, ANSWERING.read - len(chosen))]])
    return [candidates[at] for at in places]


def _read(
    index: Index, snapshot: Snapshot, ranking: Ranking, candidates: Sequence[Found], reader: Reader | None
) -> tuple[list[Found], list[Text]]:
    """The most promising candidates with their texts, in the order of being read; where there is a reader,
    what it makes of each, and of its versions in other languages, is in its score."""
    pool = ranking.scores.pool
    chosen = most_promising(pool, candidates)
    texts = read_texts(snapshot, pool, chosen)
    if reader is not None:
        logits = reader.score(ranking.scores.query.text, [titled(text.title, text.quote) for text in texts])
        order = np.argsort([candidate.best for candidate in chosen])
        numbers = np.array([candidate.best for candidate in chosen], np.int64)[order]
        articles = pool.articles[[candidate.place for candidate in chosen]]
        logits[order] = index.translations.spread(logits[order], numbers, articles)
        scores = with_reader(np.array([candidate.score for candidate in chosen], np.float32), logits).tolist()
        chosen = [replace(candidate, score=score) for candidate, score in zip(chosen, scores, strict=True)]
    return chosen, texts


def _language(pool: Scored, judged: Judged) -> int:
    return int(pool.language[judged.found.place])


def _apart(index: Index, pool: Scored, judged: Iterable[Judged], per_language: int) -> list[Judged]:
    """The best of each language, none of which says again what another does."""
    counts: Counter[int] = Counter()
    picked: list[Judged] = []
    for sentence in judged:
        language = _language(pool, sentence)
        if counts[language] < per_language and not _said(index, pool, sentence.found, picked):
            counts[language] += 1
            picked.append(sentence)
    return picked


def _said(index: Index, pool: Scored, found: Found, others: Sequence[Judged]) -> bool:
    """Whether evidence overlaps another, or is in a copy, in its own language, of the article of another."""
    copies = index.translations.keys_of(int(pool.articles[found.place]))
    return any(
        (found.first <= other.found.last and other.found.first <= found.last)
        or (
            pool.language[found.place] == pool.language[other.found.place]
            and int(pool.articles[other.found.place]) in copies
        )
        for other in others
    )
