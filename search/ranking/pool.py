"""A query's pool: the passages that are looked at, each language's best by vector and by words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from search.arrays.vectors import Vectors
from search.budget import checkpoint
from search.language.index_terms import asked, asked_loosely, segmentations
from search.passages.backend import Backend, Gathering, Matched, Rows, Scored, WordQuery, joined
from search.ranking.query import Query
from search.ranking.settings import RANKING

__all__ = ["PoolMaker"]


@dataclass(frozen=True, slots=True)
class PoolMaker:
    """Makes the pools of queries to one backend."""

    backend: Backend

    def codes(self, languages: frozenset[str]) -> frozenset[int] | None:
        """Languages as the backend counts them; None for all."""
        known = self.backend.languages
        asked_for = frozenset(known.index(language) for language in languages if language in known)
        return asked_for if languages else None

    @property
    def _each(self) -> int:
        """Passages of each language in a pool, by their vectors."""
        languages = max(1, len(self.backend.languages))
        small = int(self.backend.counts.max(initial=0)) <= RANKING.depth
        some = max(RANKING.pool_each, min(RANKING.depth, RANKING.pool // languages))
        return RANKING.depth if small else some

    @property
    def are_partial(self) -> bool:
        """Whether a pool may lack passages: then those of the languages that are asked for are looked for."""
        return bool((self.backend.counts > self._each).any())

    def phrases(self, parsed: Query) -> tuple[Rows | None, Rows | None]:
        """The rows that may be found at all, and those that have the quoted phrases; None where the query has
        nothing to say on that."""
        quoting = _common(self._holding(phrase) for phrase in dict.fromkeys(parsed.phrases))
        only = quoting if parsed.only_phrases else None
        for phrase in dict.fromkeys(parsed.excluded):
            unwanted = self._holding(phrase)
            if unwanted is not None:
                there = np.arange(int(self.backend.counts.sum())) if only is None else only
                only = np.setdiff1d(there, unwanted, assume_unique=True)
        return only, quoting

    def holds(self, text: str) -> bool:
        """Whether any passage has a text of several words, word for word."""
        words = (len(forms) for forms in segmentations(text))
        rows = self._holding(text) if max(words, default=0) > 1 else None
        return rows is not None and len(rows) > 0

    def _holding(self, phrase: str) -> Rows | None:
        """The rows that have a phrase; if none has it as it is typed, those that have it but for its marks.
        None where it has no word."""
        ways = [forms for forms in segmentations(phrase) if forms]
        found: Rows | None = None
        for terms_of in (asked, asked_loosely):
            for forms in ways:
                checkpoint("phrases")
                rows = self.backend.holding([terms_of(form, self.backend.languages) for form in forms])
                found = rows if found is None else np.union1d(found, rows)
            if found is not None and len(found):
                break
        return found

    def nearest(self, vector: Vectors, only: Rows | None, wanted: frozenset[int] | None) -> Scored:
        """Each language's best passages by vector, of all articles and again of those that are wanted."""
        scopes = [None] if wanted is None else [None, wanted]
        return joined(self.backend.rank_by_vector(vector, self._each, scope, only) for scope in scopes)

    def gather(
        self,
        vector: Vectors,
        nearest: Callable[[], Scored],
        terms: Mapping[int, WordQuery],
        only: Rows | None,
        wanted: frozenset[int] | None,
    ) -> tuple[Scored, Matched]:
        """The passages ``nearest`` to a query's vector, which are asked for when they are needed, and each
        language's best by words, of all articles and again of those that are wanted, with what both legs say
        of all of them."""
        by_words = int(self._each * RANKING.pool_by_words)
        if isinstance(self.backend, Gathering):
            return self.backend.gather(vector, terms, self._each, by_words, wanted, only)
        matched = self.backend.rank_by_words(terms, by_words, lambda: nearest().rows, None, only)
        if wanted is not None:
            found = matched.rows
            matched = self.backend.rank_by_words(terms, by_words, lambda: found, wanted, only)
        checkpoint("words")
        pool = nearest()
        missing = np.setdiff1d(matched.rows, pool.rows, assume_unique=True)
        if len(missing):
            pool = joined([pool, self.backend.fetch(missing, vector)])
        checkpoint("vectors")
        return pool, matched


def _common(found: Iterable[Rows | None]) -> Rows | None:
    """The rows that are in all of some; None where there are none to look at."""
    common: Rows | None = None
    for rows in found:
        if rows is not None:
            common = rows if common is None else np.intersect1d(common, rows, assume_unique=True)
    return common
