"""Measures whether the sentences that answer a question come first, in whichever language they are.

LAReQA's measure (Roy et al. 2020): all sentences of all languages are in one pool, and the versions of the
answering one in every language are relevant. Beside it, the sentence that is chosen within its paragraph.
Both by vectors alone, step by step, and as ``ask`` ranks: so it is seen what each step brings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, pairwise

import numpy as np

from kb.progress import Progress
from search.arrays.matmul import matmul
from search.arrays.vectors import Vectors
from search.disk import layout
from search.encoding.protocol import Encoder
from search.engine import Engine
from search.evaluation import measures
from search.evaluation.datasets import PoolPassage, SentencedPassage, SentenceQuestion, SentenceSet
from search.evaluation.reports import ORDERS
from search.models import Candidate, Matrix
from search.ranking.calibration import Calibration

__all__ = ["Pool", "figures", "matrices", "score_all", "text_of"]

_LANGUAGE_BEST = np.float32(0.7)
_BETWEEN = " "

Scored = Mapping[str, Sequence[Vectors]]
"""By order (see ORDERS), and then by question: the score of every sentence of the pool, minus infinity where
it was not looked at."""


def text_of(passage: SentencedPassage) -> str:
    """A paragraph, from its sentences."""
    return _BETWEEN.join(passage.sentences)


class Pool:
    """All sentences of a set, one after the other; a sentence's place is its place here."""

    def __init__(self, held: SentenceSet) -> None:
        self.texts = [text for passage in held.passages for text in passage.sentences]
        self.languages = [passage.language for passage in held.passages for _ in passage.sentences]
        starts = accumulate((len(passage.sentences) for passage in held.passages), initial=0)
        self._passages: dict[tuple[int, str], range] = {}
        self._spans: dict[str, tuple[int, list[tuple[int, int]]]] = {}
        for passage, (first, end) in zip(held.passages, pairwise(starts), strict=True):
            self._passages[passage.paragraph, passage.language] = range(first, end)
            source = PoolPassage(passage.paragraph, passage.language, "").source
            self._spans[source] = (first, list(_spans(passage.sentences)))
        self._answers: dict[str, dict[str, int]] = {}
        for asked in held.questions:
            first = self._passages[asked.paragraph, asked.language].start
            self._answers.setdefault(asked.id, {})[asked.language] = first + asked.answer

    def answers(self, asked: SentenceQuestion) -> Mapping[str, int]:
        """By language, the place of the sentence that answers."""
        return self._answers[asked.id]

    def paragraph(self, asked: SentenceQuestion, language: str) -> range:
        """The places of the sentences of the question's paragraph."""
        return self._passages[asked.paragraph, language]

    def scores(self, candidates: Sequence[Candidate]) -> Vectors:
        """How early each sentence is among candidates (best first) that are mostly the same text."""
        scores = np.full(len(self.texts), -np.inf, np.float32)
        for rank, candidate in enumerate(candidates):
            first, spans = self._spans[candidate.source]
            for place, (start, end) in enumerate(spans, first):
                shared = min(candidate.end, end) - max(candidate.start, start)
                if 2 * shared >= min(candidate.end - candidate.start, end - start):
                    scores[place] = max(scores[place], -rank)
        return scores


def _spans(sentences: Sequence[str]) -> Iterator[tuple[int, int]]:
    start = 0
    for sentence in sentences:
        yield start, start + len(sentence)
        start += len(sentence) + len(_BETWEEN)


def score_all(
    engine: Engine, encoder: Encoder, pool: Pool, asked: Sequence[SentenceQuestion], progress: Progress
) -> Scored:
    """Every order's scores for every question; ``engine`` has the set's paragraphs as articles, and
    ``encoder`` is the model that it has."""
    held = layout.generation_directory(engine.path, engine.generation) / "calibration"
    calibration = Calibration.read(held)
    sentences = encoder.passages(pool.texts)
    questions = encoder.queries([question.text for question in asked])
    raw = matmul(questions, sentences.T)
    centred = matmul(calibration.queries(questions), calibration.texts(sentences, pool.languages).T)
    fair = centred.copy()
    languages = np.array(pool.languages)
    for language in np.unique(languages):
        columns = languages == language
        fair[:, columns] -= _LANGUAGE_BEST * centred[:, columns].max(axis=1, keepdims=True)
    found = []
    for done, question in enumerate(asked, 1):
        found.append(pool.scores(engine.candidates(question.text)))
        progress("asking for sentences", done, len(asked))
    return dict(zip(ORDERS, (list(raw), list(centred), list(fair), found), strict=True))


def figures(pool: Pool, asked: Sequence[SentenceQuestion], scored: Scored) -> dict[str, dict[str, float]]:
    """Every measure by order."""
    made: dict[str, dict[str, float]] = {}
    for order, scores in scored.items():
        precisions = [
            measures.average_precision(row.tolist(), list(pool.answers(question).values()))
            for question, row in zip(asked, scores, strict=True)
        ]
        cells = _cells(pool, asked, scores)
        values = {
            "sentence_map": precisions,
            "sentence_same": [right for (a, b), held in cells.items() if a == b for right in held],
            "sentence_other": [right for (a, b), held in cells.items() if a != b for right in held],
        }
        for name, held in values.items():
            value = measures.mean(held)
            if value is not None:
                made.setdefault(name, {})[order] = value
    return made


def matrices(pool: Pool, asked: Sequence[SentenceQuestion], scored: Scored) -> tuple[Matrix, ...]:
    """How often ``ask`` chooses the right sentence of a paragraph, by the languages of question and text."""
    cells = _cells(pool, asked, scored[ORDERS[-1]])
    rows, columns = (tuple(sorted({key[side] for key in cells})) for side in (0, 1))
    values = tuple(tuple(measures.mean(cells.get((row, column), ())) for column in columns) for row in rows)
    return (Matrix("right within its paragraph", "question in", "text in", rows, columns, values),)


def _cells(
    pool: Pool, asked: Sequence[SentenceQuestion], scores: Sequence[Vectors]
) -> dict[tuple[str, str], list[float]]:
    """Whether the right sentence is the best of its paragraph, by the languages of question and text."""
    cells: dict[tuple[str, str], list[float]] = {}
    for question, row in zip(asked, scores, strict=True):
        for language, answer in pool.answers(question).items():
            places = pool.paragraph(question, language)
            best = places.start + int(np.argmax(row[places.start : places.stop]))
            right = best == answer and bool(np.isfinite(row[best]))
            cells.setdefault((question.language, language), []).append(float(right))
    return cells
