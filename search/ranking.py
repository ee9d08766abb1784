"""One generation of a library's indexes, opened, and the way of a query through them.

    query → vector, terms → dense scores per passage · matched share per passage → fusion → ranked rows

A row is a passage's place in the indexes; passages of one article are neighbours.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kb.errors import LibraryDamaged
from search import fusion, layout, query
from search.build import read_calibration
from search.encoder import Encoder, ModelIdentity, Vectors, load
from search.errors import ModelMismatch
from search.lexical import ExactIndex
from search.links import Links
from search.postings import Match, Postings
from search.vectors import Matrices, best_per_passage

__all__ = ["Index", "Ranking"]

# A passage this many standard deviations above unrelated texts is a hit; so is one that has this share
# of the query's words.
_RELEVANT = 2.5
_RELEVANT_WORDS = 0.5


@dataclass(frozen=True, slots=True)
class Ranking:
    """A query's passages, best first.

    ``rows``, ``scores`` (fused) and ``relevance`` (the dense score taken, in standard deviations above
    unrelated texts) are parallel. The rest is by row over all P passages or S sentences: ``passage`` and
    ``sentence`` cosines, the ``match`` of the lexical leg. ``mean`` and ``deviation`` are the query's
    cosines to unrelated texts.
    """

    query: query.Query
    vector: Vectors
    rows: NDArray[np.int64]
    scores: Vectors
    relevance: Vectors
    passage: Vectors
    sentence: Vectors
    dense: Vectors
    match: Match
    mean: float
    deviation: float


class Index:
    """The live generation's indexes and the model that made them. Read-only, thread-safe."""

    def __init__(
        self,
        library: Path,
        generation: int,
        article_languages: Mapping[int, str],
        *,
        model: str | None,
        cache: Path | None,
    ) -> None:
        problems = layout.check_generation(library, generation, thorough=False)
        if problems:
            raise LibraryDamaged(f"{problems[0]}; rebuild the library with `kb build`")
        directory = layout.generation_directory(library, generation)
        self._encoder = _matching_encoder(directory, library, model, cache)
        self._calibration = read_calibration(directory)
        self.postings = Postings(directory / "postings")
        self._exact = ExactIndex(directory / "exact", self.postings.size)
        self._links = Links.read(directory / "vectors")
        self.matrices = Matrices.read(directory / "vectors")
        self.passage_keys: NDArray[np.int64] = np.load(directory / "passage_keys.npy", allow_pickle=False)
        self.article_keys: NDArray[np.int64] = np.load(directory / "article_keys.npy", allow_pickle=False)
        self.row_language = self.postings.row_language
        self._article_language = np.array([article_languages[int(key)] for key in self.article_keys], dtype="U16")

    @property
    def identity(self) -> ModelIdentity:
        return self._encoder.identity

    def rank(self, text: str, languages: frozenset[str]) -> Ranking:
        """Every passage that matches, best first; only of articles in ``languages`` (empty: all).

        Raises QueryError.
        """
        parsed = query.parse(text)
        wanted = languages | frozenset(parsed.languages)
        vector = self._calibration.queries(self._encoder.queries([parsed.text]))[0]
        passage = np.asarray(self.matrices.passages @ vector)
        sentence = np.asarray(self.matrices.sentences @ vector)
        dense = fusion.blend(passage, best_per_passage(sentence, self.matrices.bounds))
        dense = self._links.spread(dense)
        match = self.postings.match(parsed.text)
        allowed = np.ones(self.postings.size, dtype=np.bool_)
        if wanted:
            allowed &= np.isin(self._article_language, sorted(wanted))
        exact = self._exact.allowed(parsed.phrases, parsed.excluded)
        if exact is not None:
            allowed &= exact
        rows, scores, taken = fusion.merge_languages(dense, match, self.row_language, allowed)
        mean, deviation = self._calibration.unrelated(vector)
        relevance = (taken - np.float32(mean)) / np.float32(max(deviation, 1e-6))
        # A quoted phrase that is there is a hit whatever the vectors think of it.
        hits = (relevance >= _RELEVANT) | (match.words[rows] >= _RELEVANT_WORDS)
        if parsed.phrases:
            hits[:] = True
        return Ranking(
            parsed,
            vector,
            rows[hits],
            scores[hits],
            relevance[hits],
            passage,
            sentence,
            dense,
            match,
            mean,
            deviation,
        )

    def passage_key(self, ranking: Ranking, place: int) -> int:
        """The stored key of the passage at a place of the ranking."""
        return int(self.passage_keys[ranking.rows[place]])

    def best_sentence(self, ranking: Ranking, row: int) -> int:
        """Which of a passage's sentences is nearest to the query, from 0."""
        start, end = self.matrices.bounds[row], self.matrices.bounds[row + 1]
        return int(np.argmax(ranking.sentence[start:end])) if end > start else 0

    def close(self) -> None:
        self._exact.close()


def _matching_encoder(directory: Path, library: Path, model: str | None, cache: Path | None) -> Encoder:
    """The model that made the generation. Raises ModelMismatch where it, or the one asked for, is another."""
    try:
        made_with = json.loads((directory / "model.json").read_text("utf-8"))
        name = str(made_with["name"])
    except (OSError, ValueError, KeyError) as error:
        raise LibraryDamaged(f"{directory}: does not name its model; rebuild the library with `kb build`") from error
    encoder = load(model or name, cache=cache)
    if asdict(encoder.identity) != made_with:
        raise ModelMismatch(
            f"{library}: was made with the model {name} ({made_with.get('revision')}), not "
            f"{encoder.identity.name} ({encoder.identity.revision}); open it with that model, or rebuild it"
        )
    return encoder
