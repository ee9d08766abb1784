"""One generation of a library's indexes, opened, and the way of a query through them.

    query → vector, terms → pool: each language's best passages by vector, and by words
          → late interaction → fusion → ranked places

A *place* is a passage's place in the pool of a query, the passages that were looked at; a row is its place in
the library (see :mod:`search.passages.backend`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from search.arrays.batches import cores
from search.arrays.vectors import Vectors
from search.budget import checkpoint
from search.dictionary.expansion import Expansion, expand, expand_known, translated_share
from search.dictionary.in_context import Heard, directions
from search.dictionary.vocabulary import Vocabulary
from search.disk import layout
from search.encoding.encoder import load
from search.encoding.no_encoder import NoEncoder
from search.encoding.protocol import Encoder, ModelIdentity
from search.errors import ModelMismatch, QueryError
from search.passages.backend import Backend, Gathering, Rows, Scored, WordQuery
from search.passages.embedded import EmbeddedBackend
from search.passages.late import best_matches, summary
from search.passages.matrices import best_per_passage, blend
from search.passages.tokens import TokenSpace
from search.passages.word_prints import WordPrints
from search.ranking import fusion, query
from search.ranking.asking import asks, read_asking
from search.ranking.calibration import Calibration
from search.ranking.coverage import covered, naming
from search.ranking.pool import PoolMaker
from search.ranking.query_terms import Lemmas, QueryTerms
from search.ranking.scores import Ranking, Scores
from search.ranking.settings import RANKING
from search.ranking.shapes import read_shapes, shape_of
from search.translations.links import Links
from search.translations.translations import Translations

__all__ = ["Index"]


@dataclass(frozen=True, slots=True)
class _Meant:
    """What the model makes of a query: its vector, ``raw``, centred, and as it looks for answers, and its
    tokens' in their space."""

    raw: Vectors
    vector: Vectors
    asking: Vectors
    tokens: Vectors


class Index:
    """The live generation's indexes and the model that made them. Read-only, thread-safe."""

    def __init__(
        self,
        library: Path,
        generation: int,
        *,
        model: str | None,
        cache: Path | None,
        words_only: bool = False,
        backend: Backend | None = None,
    ) -> None:
        """``backend`` keeps the passages; without one, the generation's own files do."""
        directory = layout.generation_directory(library, generation)
        self._words_only = words_only
        made_with = ModelIdentity.read(directory / "model")
        self._encoder = (
            NoEncoder(made_with) if words_only else _matching_encoder(made_with, library, model, cache)
        )
        self._calibration = Calibration.read(directory / "calibration")
        self._token_space = TokenSpace.read(directory / "token_space")
        self.backend: Backend = backend if backend is not None else EmbeddedBackend(directory)
        self._pool_maker = PoolMaker(self.backend)
        self.terms = QueryTerms(self.backend, Lemmas(directory / "lemmas"))
        self.prints = WordPrints.read(directory / "prints")
        self._links = Links.read(directory / "links")
        self.translations = Translations.read(directory / "translations")
        self.vocabulary = Vocabulary(directory / "vocabulary", self._encoder)
        self._shapes = read_shapes(directory / "calibration")
        self._asking = read_asking(directory / "calibration")
        # What is near to a query is looked for while its words are looked up: both mostly leave the
        # interpreter. Who waits for another's result there was begun after it, so that none waits for ever.
        self._beside = ThreadPoolExecutor(max(2, cores()), "meaning")
        self._scores = lru_cache(maxsize=RANKING.scores_remembered)(self._score)

    @property
    def encoder(self) -> Encoder:
        """The model that made the library."""
        return self._encoder

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
        parsed = query.parse(text)
        wanted = self._pool_maker.codes(languages | frozenset(parsed.languages))
        scores = self._scores(parsed, query_language, wanted if self._pool_maker.are_partial else None)
        pool = scores.pool
        allowed = np.ones(len(pool.rows), dtype=np.bool_)
        if wanted is not None:
            allowed &= np.isin(pool.article_language, sorted(wanted))
        # A passage that has the quoted phrases has all that was asked for by name.
        named = scores.covered
        if scores.quoting is not None:
            named = np.where(scores.quoting, np.float32(1), named)
        if leg == "lexical" or self._words_only:
            places, fused, relevance = fusion.by_words(scores.lexical, scores.dense, allowed)
        else:
            words = scores.lexical if leg == "both" else np.zeros_like(scores.lexical)
            shares = named if leg == "both" else None
            places, fused, relevance = fusion.merge_languages(
                scores.dense, words, pool.language, allowed, scores.near, shares
            )
        checkpoint("fusion")
        # A model of sentences finds much to be near to a word or two.
        share = RANKING.keywords_relevant * (1 - scores.asks)
        least = max(RANKING.relevant, share * float(relevance.max(initial=0)))
        hits = (relevance >= least) | (named[places] >= RANKING.words_relevant)
        return Ranking(scores, places, fused, relevance, hits)

    def _score(self, parsed: query.Query, language: str | None, wanted: frozenset[int] | None) -> Scores:
        """Scores a query's pool; cached as ``_scores``, for paging, filters and asking cost it once."""
        only, quoting = self._pool_maker.phrases(parsed)
        checkpoint("phrases")
        if not self._words_only:
            meaning = self._beside.submit(self._encoded, parsed.text)
            nearest = self._looking(meaning, only, wanted)
        terms = self.terms.queries(parsed.text)
        known = expand_known(self.vocabulary, parsed.text)
        checkpoint("words")
        if self._words_only:
            expansions = expand(self.vocabulary, parsed.text, known, {})
            return self._scored_by_words(parsed, terms, expansions, only, quoting, wanted)

        expanding = self._beside.submit(self._expanded, parsed.text, known, meaning)
        meant = meaning.result()
        checkpoint("encoding")
        vector, tokens = meant.vector, meant.tokens
        mean, deviation = self._calibration.unrelated(vector)
        near = self._calibration.closeness(meant.raw, self.backend.languages, language)
        checkpoint("tokens")
        pool, matched = self._pool_maker.gather(vector, nearest, terms, only, wanted)
        passage, sentence = (pool.passage - mean) / deviation, (pool.sentence - mean) / deviation
        dense = blend(passage, best_per_passage(sentence, pool.bounds))
        translations = translated_share(self.vocabulary, known, pool, self.backend, RANKING.sure_counterpart)
        lexical = fusion.lexical_score(matched, translations)
        checkpoint("words")
        chosen = self._to_rerank(dense, lexical, pool)
        late, whole = self._late(tokens, self._token_space.unrelated(tokens), pool, chosen)
        checkpoint("tokens")
        dense = self._links.spread(fusion.reranked(dense, chosen, whole), pool.rows, chosen)
        shares, asking = self._named(parsed, vector, terms, pool)
        return Scores(
            query=parsed,
            vector=vector,
            asking=meant.asking,
            tokens=tokens,
            terms=terms,
            expansions=expanding.result(),
            pool=pool,
            passage=passage,
            sentence=sentence,
            late=late,
            dense=dense,
            lexical=lexical,
            words=matched.words,
            covered=shares,
            asks=asking,
            near=near,
            quoting=None if quoting is None else np.isin(pool.rows, quoting, assume_unique=True),
        )

    def _looking(
        self, meaning: Future[_Meant], only: Rows | None, wanted: frozenset[int] | None
    ) -> Callable[[], Scored]:
        """Begins to look for the passages nearest to what a query means, where its backend does not look for
        passages of all kinds at once; what waits for them."""
        looking: Future[Scored] | None = None
        if not isinstance(self.backend, Gathering):
            looking = self._beside.submit(
                lambda: self._pool_maker.nearest(meaning.result().vector, only, wanted)
            )

        def nearest() -> Scored:
            assert looking is not None
            checkpoint("words")
            found = looking.result()
            checkpoint("vectors")
            return found

        return nearest

    def _scored_by_words(
        self,
        parsed: query.Query,
        terms: Mapping[int, WordQuery],
        expansions: tuple[Expansion, ...],
        only: Rows | None,
        quoting: Rows | None,
        wanted: frozenset[int] | None,
    ) -> Scores:
        """Without a model: what is not known of meaning is as far from a hit as can be."""
        vector = np.zeros(self._calibration.query_mean.shape, np.float32)
        matched = self.backend.rank_by_words(
            terms, RANKING.depth, lambda: np.zeros(0, np.int64), wanted, only
        )
        pool = self.backend.fetch(matched.rows, vector)
        unknown = np.full(len(pool.rows), RANKING.unknown, np.float32)
        translations = translated_share(
            self.vocabulary, expansions, pool, self.backend, RANKING.sure_counterpart
        )
        return Scores(
            query=parsed,
            vector=vector,
            asking=vector,
            tokens=np.zeros((0, self._token_space.basis.shape[1]), np.float32),
            terms=terms,
            expansions=expansions,
            pool=pool,
            passage=unknown,
            sentence=np.full(len(pool.sentence), RANKING.unknown, np.float32),
            late={},
            dense=unknown,
            lexical=fusion.lexical_score(matched, translations),
            words=matched.words,
            covered=covered(self.backend, terms, self.terms.rarity(parsed.text, terms), pool),
            asks=0.0,
            near=np.zeros(len(self.backend.languages), np.float32),
            quoting=None if quoting is None else np.isin(pool.rows, quoting, assume_unique=True),
        )

    def _named(
        self, parsed: query.Query, vector: Vectors, terms: Mapping[int, WordQuery], pool: Scored
    ) -> tuple[Vectors, float]:
        """How much of what a query names each passage of its pool has (n,), and how much the query asks."""
        rarity = self.terms.rarity(parsed.text, terms)
        shares = covered(self.backend, terms, rarity, pool)
        asking = 0.0 if parsed.only_phrases else asks(self._asking, vector, parsed.text)
        whole = asking >= RANKING.asks and shares.max(initial=0) >= RANKING.whole
        if whole and self._pool_maker.holds(parsed.text):
            asking = asks(self._asking, vector, parsed.text, quoted=True)
        checkpoint("words")
        return shares * np.float32(naming(rarity, asking)), asking

    def _to_rerank(self, dense: Vectors, lexical: Vectors, pool: Scored) -> Rows:
        """The places that are reranked: what a passage's counterparts in other languages score is
        evidence for it, whatever is asked for."""
        chosen, first = fusion.to_rerank(dense, lexical, pool.language)
        linked = np.intersect1d(self._links.of(pool.rows[first]), pool.rows, assume_unique=True)
        return np.union1d(chosen, np.searchsorted(pool.rows, linked))

    def _encoded(self, text: str) -> _Meant:
        for _, raw, tokens in self._encoder.with_tokens([text], query=True):
            vector = self._calibration.queries(raw[None])[0]
            asking = self._calibration.asking(raw[None])[0]
            tokens = self._token_space.query(tokens[: RANKING.query_tokens])
            return _Meant(raw, vector, asking, tokens)
        raise QueryError("the query has no letters or digits that the model can read; ask with words")

    def _late(
        self, tokens: Vectors, unrelated: tuple[Vectors, Vectors], pool: Scored, places: Rows
    ) -> tuple[dict[int, Vectors], Vectors]:
        """Late interaction's score of each sentence of the passages at some places, and of each passage, in
        standard deviations above unrelated sentences."""
        mean, deviation = unrelated
        chosen = pool.take(places)
        ends = chosen.bounds
        best = self.token_matches(tokens, chosen.numbers)
        sentences = (summary(best) - mean) / deviation
        together = (best_per_passage(best, ends).mean(axis=1) - mean[0]) / deviation[0]
        # A passage is as good as its best sentence, and as all of its sentences together.
        whole = (best_per_passage(sentences[:, 0], ends) + together) / np.float32(2)
        return {int(at): sentences[a:b] for at, (a, b) in zip(places, pairwise(ends), strict=True)}, whole

    def best_sentence(self, scores: Scores, place: int) -> int:
        """Which of a passage's sentences is nearest to the query, from 0; a heading or a question, which say
        nothing, only where there is no other."""
        bounds = slice(scores.pool.bounds[place], scores.pool.bounds[place + 1])
        found = _with_covering(scores.sentence[bounds], scores.late.get(place), RANKING.covering)
        says = scores.pool.answers[bounds]
        return int(np.argmax(np.where(says, found, -np.inf) if says.any() else found)) if len(found) else 0

    def answering(self, scores: Scores, places: NDArray[np.int64]) -> Vectors:
        """How well the sentences of some passages (by their places, ascending) answer, over all S sentences
        of the pool, in standard deviations above unrelated ones: how near they are to what is asked, and how
        well they cover all of it. One that other languages have, too, has their say as well. What is not
        looked at, or what no model reads, is as far as can be."""
        found = np.full(len(scores.pool.sentence), RANKING.unknown, np.float32)
        if self._words_only or not len(places):
            return found
        pool = scores.pool.take(places)
        mean, deviation = self._calibration.unrelated(scores.asking)
        near = (self.backend.fetch(pool.rows, scores.asking).sentence - mean) / deviation
        for at, place in enumerate(places.tolist()):
            span = slice(pool.bounds[at], pool.bounds[at + 1])
            near[span] = _with_covering(near[span], scores.late.get(place), RANKING.answer_covering)
        near = self.translations.spread(near, pool.numbers, pool.articles)
        found[np.isin(scores.pool.numbers, pool.numbers, assume_unique=True)] = near
        return found

    def shape(self, scores: Scores) -> str:
        """What the question asks for (see :mod:`search.ranking.shapes`)."""
        return shape_of(self._shapes, scores.vector, scores.query.text)

    def _expanded(
        self, text: str, known: Sequence[Expansion], meaning: Future[_Meant]
    ) -> tuple[Expansion, ...]:
        return expand(self.vocabulary, text, known, self._heard(text, meaning.result().tokens))

    def heard(self, scores: Scores) -> Heard:
        """What a query's words mean where they stand."""
        return self._heard(scores.query.text, scores.tokens)

    def _heard(self, text: str, tokens: Vectors) -> Heard:
        return directions(text, tokens, self.query_pieces(text))

    def query_pieces(self, text: str) -> list[tuple[int, int]]:
        """Where a query's tokens are in its text."""
        return self._encoder.pieces([text])[0]

    def token_matches(self, tokens: Vectors, sentences: Rows) -> Vectors:
        """The best matches (n, m) of m query tokens in n sentences, given in ascending order (see
        :func:`search.passages.late.best_matches`)."""

        def matches(some: Rows) -> Vectors:
            kept = self.backend.tokens(some)
            return best_matches(tokens, kept.tokens, kept.offsets)

        if len(sentences) < RANKING.sentences_for_two_threads:
            return matches(sentences)
        half = len(sentences) // 2
        others = self._beside.submit(matches, sentences[:half])
        rest = matches(sentences[half:])
        return np.concatenate([others.result(), rest])

    def unrelated_tokens(self, tokens: Vectors) -> tuple[float, float]:
        """Mean and standard deviation of MaxSim of some query tokens over unrelated sentences."""
        means, deviations = self._token_space.unrelated(tokens)
        return float(means[0]), float(deviations[0])

    def linked(self, rows: Rows) -> Rows:
        """The rows of the passages that are translations of some, ascending."""
        return self._links.of(rows)

    def keys_of(self, rows: Rows) -> list[int]:
        """The stored keys of some passages, given in ascending order."""
        nowhere = np.zeros(self._calibration.query_mean.shape, np.float32)
        keys: list[int] = self.backend.fetch(rows, nowhere).keys.tolist()
        return keys

    def passages_of(self, sentences: Rows) -> list[tuple[int, int]]:
        """The stored key of the passage that each of some sentences is in, and which of its sentences it is,
        from 0."""
        rows = self.backend.passages_of(sentences)
        there, places = np.unique(rows, return_inverse=True)
        found = self.backend.fetch(there, np.zeros(self._calibration.query_mean.shape, np.float32))
        return [
            (int(found.keys[at]), int(number - found.first[at]))
            for number, at in zip(sentences, places, strict=True)
        ]

    def around(self, scores: Scores, place: int, reach: int) -> Scored:
        """The passages around one, so many before and after, of the same article."""
        row = int(scores.pool.rows[place])
        rows = np.arange(max(0, row - reach), min(int(self.backend.counts.sum()), row + reach + 1))
        near = self.backend.fetch(rows, scores.vector)
        return near.take(np.flatnonzero(near.articles == scores.pool.articles[place]))

    def close(self) -> None:
        self._beside.shutdown()
        self.backend.close()


def _with_covering(near: Vectors, late: Vectors | None, covering: float) -> Vectors:
    """Sentences' scores by their vectors, and, where their passage was reranked, by how well they cover
    all that is asked about."""
    if late is None:
        return near
    share = np.float32(covering)
    both: Vectors = (1 - share) * near + share * late[:, 1]
    return both


def _matching_encoder(
    made_with: ModelIdentity, library: Path, model: str | None, cache: Path | None
) -> Encoder:
    """The model that made the generation. Raises ModelMismatch where the one asked for is another."""
    encoder = load(model or made_with.name, cache=cache)
    if encoder.identity != made_with:
        raise ModelMismatch(
            f"{library}: was made with the model {made_with.name} ({made_with.revision}), not "
            f"{encoder.identity.name} ({encoder.identity.revision}); open it with that model, or rebuild it"
        )
    return encoder
