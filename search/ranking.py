"""One generation of a library's indexes, opened, and the way of a query through them.

    query → vector, terms → dense scores per passage · matched share per passage → fusion → ranked rows

A row is a passage's place in the indexes; passages of one article are neighbours.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kb.errors import LibraryDamaged
from search import fusion, layout, query
from search.artifacts import read_calibration, read_token_space
from search.budget import checkpoint
from search.encoder import Encoder, ModelIdentity, Vectors, load
from search.errors import ModelMismatch, QueryError
from search.expansion import Expansion, expand, translated_share
from search.highlights import Marker, highlight_meaning
from search.lexical import ExactIndex
from search.links import Links
from search.models import Highlight
from search.no_encoder import NoEncoder
from search.postings import Match, Postings
from search.shapes import shape_of
from search.tokens import TokenMatrix, cosines, summary
from search.translations import Translations
from search.vectors import Matrices, best_per_passage
from search.vocabulary import Vocabulary

__all__ = ["Index", "Ranking", "Scores"]

# A passage this many standard deviations above unrelated texts is a hit; so is one that has this share
# of the query's words.
_RELEVANT = 2.0
_RELEVANT_WORDS = 0.5
# Counterparts of the query's words rank passages from this probability on: where nothing is translated, those
# less sure put wrong passages first.
_SURE = 0.8
# Of a sentence's score, how well it covers all that is asked about.
_COVERING = np.float32(0.3)
# The score of what no model has read.
_UNKNOWN = -9.0
# Queries whose scores are remembered: some dozens of bytes for each passage and sentence.
_REMEMBERED = 32


@dataclass(frozen=True, slots=True)
class Scores:
    """What a query scores everywhere, before languages are chosen and merged.

    By row over all P passages or S sentences, in standard deviations above unrelated texts: ``passage``
    and ``sentence`` cosines, ``late`` interaction of the sentences of each passage that had a closer look
    (n, 2, as :func:`search.tokens.summary` gives it), the ``dense`` score made of them, and the
    ``lexical`` leg's, made of ``match``. ``near`` (languages,) says how like the query's own each language
    is, 0–1. ``exact`` (P,) are the passages that may be found at all, ``quoting`` (P,) those that have the
    quoted phrases; None where the query has nothing to say on that. ``vector`` is the query's,
    centred, ``tokens`` are its tokens' in the token space, ``expansions`` its words with their counterparts.
    """

    query: query.Query
    vector: Vectors
    tokens: Vectors
    expansions: tuple[Expansion, ...]
    passage: Vectors
    sentence: Vectors
    late: Mapping[int, Vectors]
    dense: Vectors
    lexical: Vectors
    match: Match
    near: Vectors
    exact: NDArray[np.bool_] | None
    quoting: NDArray[np.bool_] | None


@dataclass(frozen=True, slots=True)
class Ranking:
    """A query's passages, best first.

    ``rows``, ``fused`` (scores of both legs, fair to every language), ``relevance`` (the dense score taken)
    and ``hits`` (did it pass the cut-off?) are parallel.
    """

    scores: Scores
    rows: NDArray[np.int64]
    fused: Vectors
    relevance: Vectors
    hits: NDArray[np.bool_]


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
        words_only: bool = False,
    ) -> None:
        directory = layout.generation_directory(library, generation)
        self._words_only = words_only
        self._encoder = (
            NoEncoder.of(directory) if words_only else _matching_encoder(directory, library, model, cache)
        )
        self._calibration = read_calibration(directory)
        self._token_space = read_token_space(directory)
        self._tokens = TokenMatrix(directory / "vectors")
        self.postings = Postings(directory / "postings")
        self._exact = ExactIndex(directory / "exact", self.postings.size)
        self._links = Links.read(directory / "vectors")
        self.translations = Translations.read(directory / "translations")
        self.matrices = Matrices.read(directory / "vectors")
        self.vocabulary = Vocabulary(directory / "vocabulary", self._encoder)
        self.passage_keys: NDArray[np.int64] = np.load(directory / "passage_keys.npy", allow_pickle=False)
        self.article_keys: NDArray[np.int64] = np.load(directory / "article_keys.npy", allow_pickle=False)
        self.row_language = self.postings.row_language
        self.items: NDArray[np.bool_] = np.load(directory / "items.npy", allow_pickle=False)
        self.sentence_article = np.repeat(self.article_keys, np.diff(self.matrices.bounds))
        self._shapes: Vectors = np.load(directory / "shapes.npy", allow_pickle=False)
        self._article_language = np.array(
            [article_languages[int(key)] for key in self.article_keys], dtype="U16"
        )

        self._scores = lru_cache(maxsize=_REMEMBERED)(self._score)

    @property
    def identity(self) -> ModelIdentity:
        return self._encoder.identity

    def rank(
        self, text: str, languages: frozenset[str], leg: str = "both", query_language: str | None = None
    ) -> Ranking:
        """Passages, best first, of articles in ``languages`` (empty: all), marked whether they pass the
        cut-off.

        ``leg`` is "both", or "dense" or "lexical" to see what one leg does alone; ``query_language`` is the
        query's, where it is known. Raises QueryError.
        """
        scores = self._scores(text, query_language)
        wanted = languages | frozenset(scores.query.languages)
        allowed = np.ones(self.postings.size, dtype=np.bool_)
        if wanted:
            allowed &= np.isin(self._article_language, sorted(wanted))
        if scores.exact is not None:
            allowed &= scores.exact
        # A passage that has the quoted phrases has all that was asked for by name.
        named = scores.match.words
        if scores.quoting is not None:
            named = np.where(scores.quoting, np.float32(1), named)
        if leg == "lexical" or self._words_only:
            rows, fused, relevance = fusion.by_words(scores.lexical, scores.dense, allowed)
        else:
            words = scores.lexical if leg == "both" else np.zeros_like(scores.lexical)
            shares = named if leg == "both" else None
            rows, fused, relevance = fusion.merge_languages(
                scores.dense, words, self.row_language, allowed, scores.near, shares
            )
        checkpoint("fusion")
        hits = (relevance >= _RELEVANT) | (named[rows] >= _RELEVANT_WORDS)
        return Ranking(scores, rows, fused, relevance, hits)

    def _score(self, text: str, language: str | None) -> Scores:
        """Scores every passage; cached as ``_scores``, for paging, filters and asking cost it once."""
        parsed = query.parse(text)
        exact, quoting = self._exact.allowed((), parsed.excluded), self._exact.allowed(parsed.phrases, ())
        if parsed.only_phrases and quoting is not None:
            exact = quoting if exact is None else exact & quoting
        if self._words_only:
            return self._scored_by_words(parsed, exact, quoting)
        checkpoint("phrases")
        raw, tokens = self._encoded(parsed.text)
        checkpoint("encoding")
        vector = self._calibration.queries(raw[None])[0]
        mean, deviation = map(np.float32, self._calibration.unrelated(vector))
        passage = (np.asarray(self.matrices.passages @ vector) - mean) / deviation
        sentence = (np.asarray(self.matrices.sentences @ vector) - mean) / deviation
        dense = fusion.blend(passage, best_per_passage(sentence, self.matrices.bounds))
        checkpoint("vectors")
        expansions = expand(self.vocabulary, parsed.text)
        shares = translated_share(self.vocabulary, expansions, self.matrices.bounds, _SURE)
        match = self.postings.match(parsed.text, shares)
        lexical = fusion.lexical_score(match)
        checkpoint("words")
        chosen, first = fusion.candidates(dense, lexical, self.row_language, exact)
        # What a passage's counterparts in other languages score is evidence for it, whatever is asked for.
        chosen = np.union1d(chosen, self._links.of(first))
        late, whole = self._late(tokens, chosen)
        checkpoint("tokens")
        dense = self._links.spread(fusion.rescored(dense, chosen, whole), chosen)
        near = self._calibration.closeness(raw, self.postings.languages, language)
        return Scores(
            query=parsed,
            vector=vector,
            tokens=tokens,
            expansions=expansions,
            passage=passage,
            sentence=sentence,
            late=late,
            dense=dense,
            lexical=lexical,
            match=match,
            near=near,
            exact=exact,
            quoting=quoting,
        )

    def _scored_by_words(
        self, parsed: query.Query, exact: NDArray[np.bool_] | None, quoting: NDArray[np.bool_] | None
    ) -> Scores:
        """Without a model: what is not known of meaning is as far from a hit as can be."""
        expansions = expand(self.vocabulary, parsed.text)
        shares = translated_share(self.vocabulary, expansions, self.matrices.bounds, _SURE)
        match = self.postings.match(parsed.text, shares)
        passage = np.full(self.postings.size, _UNKNOWN, np.float32)
        sentence = np.full(len(self.matrices.sentences), _UNKNOWN, np.float32)
        lexical = fusion.lexical_score(match)
        none = np.zeros((0, self._token_space.basis.shape[1]), np.float32)
        return Scores(
            query=parsed,
            vector=np.zeros(self._calibration.query_mean.shape, np.float32),
            tokens=none,
            expansions=expansions,
            passage=passage,
            sentence=sentence,
            late={},
            dense=passage,
            lexical=lexical,
            match=match,
            near=np.zeros(len(self.postings.languages), np.float32),
            exact=exact,
            quoting=quoting,
        )

    def _encoded(self, text: str) -> tuple[Vectors, Vectors]:
        """A query's raw vector, and its tokens in the token space."""
        for _, vector, tokens in self._encoder.with_tokens([text], query=True):
            return vector, self._token_space.query(tokens)
        raise QueryError("the query has no letters or digits that the model can read; ask with words")

    def _late(self, tokens: Vectors, rows: fusion.Candidates) -> tuple[dict[int, Vectors], Vectors]:
        """Late interaction's score of each sentence of the candidates, by passage row, and of each passage,
        in standard deviations above unrelated sentences."""
        mean, deviation = self._token_space.unrelated(tokens)
        spans = np.stack([self.matrices.bounds[rows], self.matrices.bounds[rows + 1]], axis=1)
        best = self._tokens.best_matches(tokens, spans)
        sentences = (summary(best) - mean) / deviation
        ends = np.concatenate([[0], np.cumsum(spans[:, 1] - spans[:, 0])]).astype(np.int64)
        together = (best_per_passage(best, ends).mean(axis=1) - mean[0]) / deviation[0]
        # A passage is as good as its best sentence, and as all of its sentences together.
        whole = (best_per_passage(sentences[:, 0], ends) + together) / np.float32(2)
        return {int(row): sentences[a:b] for row, (a, b) in zip(rows, pairwise(ends), strict=True)}, whole

    def passage_key(self, ranking: Ranking, place: int) -> int:
        """The stored key of the passage at a place of the ranking."""
        return int(self.passage_keys[ranking.rows[place]])

    def best_sentence(self, scores: Scores, row: int) -> int:
        """Which of a passage's sentences is nearest to the query, from 0; a heading or a question, which say
        nothing, only where there is no other."""
        found = self.sentence_scores(scores, row)
        start, end = self.matrices.bounds[row], self.matrices.bounds[row + 1]
        says = self.matrices.answers[start:end]
        return int(np.argmax(np.where(says, found, -np.inf) if says.any() else found)) if len(found) else 0

    def sentence_scores(self, scores: Scores, row: int) -> Vectors:
        """A passage's sentences, in standard deviations: mostly their cosine, and how well they cover all
        that is asked about, where the passage had a closer look."""
        start, end = self.matrices.bounds[row], self.matrices.bounds[row + 1]
        cosines = scores.sentence[start:end]
        late = scores.late.get(row)
        if late is None:
            return cosines
        both: Vectors = (1 - _COVERING) * cosines + _COVERING * late[:, 1]
        return both

    def named_share(self, scores: Scores) -> Vectors:
        """The share of what is asked about that each sentence names, by the library's dictionary, 0–1."""
        every = np.arange(len(self.matrices.sentences) + 1)
        return translated_share(self.vocabulary, scores.expansions, every)

    def shape(self, scores: Scores) -> str:
        """What the question asks for (see :mod:`search.shapes`)."""
        return shape_of(self._shapes, scores.vector, scores.query.text)

    def query_pieces(self, text: str) -> list[tuple[int, int]]:
        """Where a query's tokens are in its text."""
        return self._encoder.pieces([text])[0]

    def token_matches(self, tokens: Vectors, spans: NDArray[np.int64]) -> Vectors:
        """The best matches of some query tokens in runs of sentences (:meth:`TokenMatrix.best_matches`)."""
        return self._tokens.best_matches(tokens, spans)

    def unrelated_tokens(self, tokens: Vectors) -> tuple[float, float]:
        """Mean and standard deviation of MaxSim of some query tokens over unrelated sentences."""
        means, deviations = self._token_space.unrelated(tokens)
        return float(means[0]), float(deviations[0])

    def first_sentence(self, article_key: int) -> int:
        """The row of an article's first sentence: passages are in the order of their keys, and so are their
        articles."""
        return int(np.searchsorted(self.sentence_article, article_key))

    def marker(self, scores: Scores) -> Marker:
        """What marks a query's own words, and their counterparts, in texts."""
        return Marker(scores.query.text, scores.expansions, self.vocabulary)

    def meaning_marks(self, scores: Scores, row: int, text: str, offset: int) -> tuple[Highlight, ...]:
        """What to mark in the sentence of a row where it has no word of the query nor a counterpart."""
        nearness = cosines(scores.tokens, self._tokens.of_sentence(row)).max(axis=1, initial=-1.0)
        return highlight_meaning(self._encoder, self.vocabulary, nearness, text, offset)

    def close(self) -> None:
        self._exact.close()


def _matching_encoder(directory: Path, library: Path, model: str | None, cache: Path | None) -> Encoder:
    """The model that made the generation. Raises ModelMismatch where it, or the one asked for, is another."""
    try:
        made_with = json.loads((directory / "model.json").read_text("utf-8"))
        name = str(made_with["name"])
    except (OSError, ValueError, KeyError) as error:
        raise LibraryDamaged(
            f"{directory}: does not name its model; `kb verify --repair` mends it"
        ) from error
    encoder = load(model or name, cache=cache)
    if asdict(encoder.identity) != made_with:
        raise ModelMismatch(
            f"{library}: was made with the model {name} ({made_with.get('revision')}), not "
            f"{encoder.identity.name} ({encoder.identity.revision}); open it with that model, or rebuild it"
        )
    return encoder
