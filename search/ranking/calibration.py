"""Language fairness of the vectors: centring on a background, and removing what only tells the language.

Raw multilingual vectors put the query's own language first, whatever it asks, because a large part of
each vector says "this is Polish". From texts of the same meaning in forty-one languages (the background set)
comes what a language adds; it is taken off, and with it the mean of all languages, so that cosines are
about meaning. A library's own passages refine their language's mean, less so the fewer they are: what
its languages have in common is the library's topic, and stays.

Queries lose the background questions' mean and the subspace that the language means span, which needs
no guess at the query's language.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from kb.text.cached_arrays import read_arrays
from search.arrays.matmul import matmul
from search.arrays.vectors import Ints, VectorRows, Vectors
from search.encoding.protocol import Encoder
from search.language import background
from search.passages.tokens import TokenSpace, fit_token_space
from search.ranking.settings import RANKING

__all__ = [
    "BackgroundVectors",
    "Calibration",
    "CentredRows",
    "calibrate",
    "encode_background",
    "neutral_calibration",
]

_FILE = "calibration.npz"


@dataclass(frozen=True, slots=True)
class BackgroundVectors:
    """The background set as one model encodes it, unit rows; row i belongs to ``languages[i // per]``.
    ``questions`` and ``keywords``, which ask nothing, are encoded as queries."""

    languages: tuple[str, ...]
    questions: Vectors
    keywords: Vectors
    statements: Vectors
    tokens: TokenSpace


@dataclass(frozen=True, slots=True)
class Calibration:
    """How one model's vectors are centred in one library.

    ``query_mean`` and ``text_mean`` (dimension,) are the background's; ``text_means`` is each language's;
    ``subspace`` (k, dimension) is orthonormal; ``query_offsets`` (k,), of unit length, are where in it each
    language's questions are. Centred background statements are what unrelated texts look like: of those,
    ``null_mean`` (dimension,) is the mean, and a direction times ``null_spread`` (dimension, dimension) is as
    long as their standard deviation along it.
    """

    query_mean: Vectors
    text_mean: Vectors
    text_means: Mapping[str, Vectors]
    subspace: Vectors
    query_offsets: Mapping[str, Vectors]
    null_mean: Vectors
    null_spread: Vectors

    def write(self, directory: Path) -> None:
        """Saves it as a generation's; :meth:`read` is its inverse."""
        names = sorted(self.text_means)
        np.savez(
            directory / _FILE,
            query_mean=self.query_mean,
            text_mean=self.text_mean,
            languages=np.array(names),
            text_means=np.stack([self.text_means[name] for name in names]),
            subspace=self.subspace,
            query_languages=np.array(list(self.query_offsets)),
            query_offsets=np.stack(list(self.query_offsets.values())),
            null_mean=self.null_mean,
            null_spread=self.null_spread.astype(np.float16),
        )

    @classmethod
    def read(cls, directory: Path) -> Calibration:
        """A generation's."""
        with read_arrays(directory / _FILE) as held:
            means = dict(zip((str(name) for name in held["languages"]), held["text_means"], strict=True))
            asked = dict(zip(map(str, held["query_languages"]), held["query_offsets"], strict=True))
            null = held["null_mean"], held["null_spread"].astype(np.float32)
            return cls(held["query_mean"], held["text_mean"], means, held["subspace"], asked, *null)

    def queries(self, vectors: Vectors) -> Vectors:
        """Raw query vectors, centred, of unit length; (n, dimension) both."""
        return self._neutral(vectors - self.query_mean)

    def asking(self, vectors: Vectors) -> Vectors:
        """Raw query vectors, of unit length, less what tells their language only: what questions have in
        common, that they look for an answer, stays. So sentences that answer come before those on the same
        thing, and passages on the same thing are found worse; (n, dimension) both."""
        return self._neutral(vectors)

    def texts(self, vectors: Vectors, languages: Sequence[str]) -> Vectors:
        """Raw passage or sentence vectors, centred by language, of unit length."""
        labels = np.array(languages)
        centred = np.empty(vectors.shape, np.float32)
        # In parts: the steps between would take several times the memory of the whole.
        for start in range(0, len(centred), RANKING.calibrated_at_a_time):
            part = np.array(vectors[start : start + RANKING.calibrated_at_a_time], dtype=np.float32)
            spoken = labels[start : start + RANKING.calibrated_at_a_time]
            for language in np.unique(spoken).tolist():
                part[spoken == language] -= self.text_means.get(language, self.text_mean)
            centred[start : start + RANKING.calibrated_at_a_time] = self._neutral(part)
        return centred

    def unrelated(self, vector: Vectors) -> tuple[np.float32, np.float32]:
        """Mean and standard deviation of the cosines of unrelated texts to a query's vector."""
        deviation: np.float32 = np.linalg.norm(matmul(vector, self.null_spread))
        return np.float32(vector @ self.null_mean), deviation

    def closeness(self, query: Vectors, languages: Sequence[str], known: str | None = None) -> Vectors:
        """How like a raw query's own language each of some languages is, 0–1, (len(languages),): the cosine
        of where they are in the language subspace. The query's own may be ``known``; 0 for a language that
        the background lacks.

        A question of two words has a place there, too: nothing is decided by it, and kin languages share it.
        """
        if known is not None and known in self.query_offsets:
            own = self.query_offsets[known]
        else:
            own = _unit_vector(matmul(query - self.query_mean, self.subspace.T))
        near = [
            1.0
            if language == known
            else float(self.query_offsets[language] @ own)
            if language in self.query_offsets
            else 0.0
            for language in languages
        ]
        return np.clip(np.array(near, np.float32), 0, 1)

    def _neutral(self, vectors: Vectors) -> Vectors:
        flat = vectors - matmul(matmul(vectors, self.subspace.T), self.subspace)
        lengths = np.linalg.norm(flat, axis=1, keepdims=True)
        # An empty text has the zero vector before centring and must stay similar to nothing.
        unit: Vectors = np.where(lengths > 1e-6, flat / np.maximum(lengths, 1e-6), 0).astype(np.float32)
        return unit


@dataclass(frozen=True, slots=True)
class CentredRows:
    """Raw rows of texts in some languages, centred when they are asked for."""

    calibration: Calibration
    raw: VectorRows
    languages: Sequence[str]

    def __len__(self) -> int:
        return len(self.raw)

    def __getitem__(self, rows: slice | Ints) -> Vectors:
        some = range(len(self))[rows] if isinstance(rows, slice) else rows.tolist()
        return self.calibration.texts(self.raw[rows], [self.languages[row] for row in some])


def encode_background(encoder: Encoder) -> BackgroundVectors:
    """The background set through a model: questions as queries, statements as passages."""
    languages = tuple(dict.fromkeys(row.language for row in background.rows("question")))
    questions, asked = _encoded(encoder, "question", query=True, tokens_of=RANKING.questions_heard)
    statements, texts = _encoded(encoder, "statement", query=False, tokens_of=1)
    keywords = encoder.queries(background.keywords())
    return BackgroundVectors(languages, questions, keywords, statements, fit_token_space(texts, asked))


def _encoded(encoder: Encoder, kind: str, *, query: bool, tokens_of: int) -> tuple[Vectors, list[Vectors]]:
    """The unit vectors of a kind of background texts (n, dimension), and the raw token vectors of one in so
    many, in one pass."""
    texts = [row.text for row in background.rows(kind)]
    vectors = np.zeros((len(texts), encoder.identity.dimension), np.float32)
    tokens: dict[int, Vectors] = {}
    for place, vector, raw in encoder.with_tokens(texts, query=query):
        vectors[place] = vector
        if place % tokens_of == 0:
            tokens[place] = raw
    return vectors, [tokens[place] for place in sorted(tokens)]


def calibrate(vectors: BackgroundVectors, passages: VectorRows, languages: Sequence[str]) -> Calibration:
    """The calibration for a library whose raw passage vectors, with their languages, are given."""
    neutral = neutral_calibration(vectors)
    means = _language_means(passages, languages, neutral.text_means, neutral.text_mean)
    repeated = np.repeat(vectors.languages, len(vectors.statements) // len(vectors.languages))
    # The null belongs to the background's own means: the library's would shift it off centre.
    null = neutral.texts(vectors.statements, repeated.tolist())
    mean = null.mean(axis=0)
    deviations = null - mean
    variances, directions = np.linalg.eigh(deviations.T @ deviations / np.float32(len(null)))
    return replace(
        neutral,
        text_means={**neutral.text_means, **means},
        null_mean=mean,
        null_spread=directions * np.sqrt(np.maximum(variances, 0)),
    )


def neutral_calibration(vectors: BackgroundVectors) -> Calibration:
    """The calibration on the background alone; nothing is told from it of unrelated texts."""
    count = len(vectors.languages)
    question_means = vectors.questions.reshape(count, -1, vectors.questions.shape[1]).mean(axis=1)
    statement_means = vectors.statements.reshape(count, -1, vectors.statements.shape[1]).mean(axis=1)
    query_mean, text_mean = question_means.mean(axis=0), statement_means.mean(axis=0)
    offsets = np.concatenate([question_means - query_mean, statement_means - text_mean])
    subspace = np.linalg.svd(offsets, full_matrices=False)[2][: RANKING.language_axes].astype(np.float32)
    prior = dict(zip(vectors.languages, statement_means, strict=True))
    places = (question_means - query_mean) @ subspace.T
    query_offsets = {
        language: _unit_vector(at) for language, at in zip(vectors.languages, places, strict=True)
    }
    nothing = np.zeros((len(text_mean), 0), np.float32)
    return Calibration(
        query_mean, text_mean, prior, subspace, query_offsets, np.zeros_like(text_mean), nothing
    )


def _unit_vector(vector: Vectors) -> Vectors:
    unit: Vectors = (vector / max(float(np.linalg.norm(vector)), 1e-6)).astype(np.float32)
    return unit


def _language_means(
    passages: VectorRows, languages: Sequence[str], prior: Mapping[str, Vectors], text_mean: Vectors
) -> dict[str, Vectors]:
    """Each library language's mean: the background's, moved by the library's own deviation from it.

    What the deviations have in common is topic and register, not language, and is left out; a deviation
    counts n / (n + ``half_trusted``) for n passages.
    """
    counts = Counter(languages)
    if not counts:
        return {}
    labels = np.array(languages)
    sums = {language: np.zeros(len(text_mean), np.float64) for language in counts}
    for start in range(0, len(labels), RANKING.calibrated_at_a_time):
        part = slice(start, start + RANKING.calibrated_at_a_time)
        rows, spoken = passages[part], labels[part]
        for language in np.unique(spoken).tolist():
            sums[language] += rows[spoken == language].sum(axis=0, dtype=np.float64)
    deviations = {
        language: (sums[language] / counts[language]).astype(np.float32) - prior.get(language, text_mean)
        for language in counts
    }
    shared = np.mean(list(deviations.values()), axis=0)
    return {
        language: prior.get(language, text_mean)
        + (deviations[language] - shared)
        * np.float32(counts[language] / (counts[language] + RANKING.half_trusted))
        for language in counts
    }
