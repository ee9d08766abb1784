"""A ranking's passages as hits: one for each article, its best sentence marked, and explained in numbers
and in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from kb.models import Sentence
from kb.store.snapshot import Snapshot, StoredPassage
from search.answers.highlights import Marker, marker_of, meaning_marks
from search.answers.references import References
from search.answers.settings import ANSWERING
from search.budget import checkpoint
from search.language.analysis import Word, normal
from search.language.background import is_function_word
from search.models import Highlight, Hit, Snippet, TermMatch, Why
from search.ranking.index import Index
from search.ranking.scores import Ranking, Scores

__all__ = ["best_of_articles", "by_language", "explain", "hits"]


def best_of_articles(index: Index, ranking: Ranking, collapse: bool) -> list[int]:
    """Ranks, from 0, of each article's best passage that passed the cut-off, in order. With ``collapse``
    one of articles that are the same text, in the place of the first: the one in the query's language, or
    that has its words."""
    keys = ranking.scores.pool.articles[ranking.places].tolist()
    first: dict[int, int] = {}
    for rank in np.flatnonzero(ranking.hits).tolist():
        first.setdefault(keys[rank], rank)
    if not collapse:
        return list(first.values())
    pool = ranking.scores.pool
    own = ranking.scores.near[pool.article_language] + ranking.scores.covered
    seen: set[int] = set()
    best = []
    for key in first:
        if key not in seen:
            versions = {key, *index.translations.keys_of(key)} - seen
            ranks = sorted(first[version] for version in versions if version in first)
            best.append(max(ranks, key=lambda rank: own[ranking.places[rank]]))
            seen |= versions
    return best


def by_language(index: Index, ranking: Ranking, ranks: Sequence[int]) -> MappingProxyType[str, int]:
    """How many articles of each language are at these ranks, most first."""
    codes = ranking.scores.pool.article_language[ranking.places[ranks]].tolist()
    counts = Counter(index.backend.languages[code] for code in codes)
    return MappingProxyType(dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))))


def hits(
    index: Index, snapshot: Snapshot, references: References, ranking: Ranking, ranks: Sequence[int]
) -> tuple[Hit, ...]:
    """The passages at these ranks, as hits."""
    if not ranks:  # as where only the count is asked for
        return ()
    keys = ranking.scores.pool.keys[ranking.places[ranks]].tolist()
    passages = snapshot.passages_by_key(keys)
    checkpoint("reading")
    marker = marker_of(index, ranking.scores)
    stored = [passages[key] for key in keys]
    sought = marker.sought({one.passage.language for one in stored})
    spans = index.prints.spans(ranking.scores.pool.rows[ranking.places[ranks]], sought)
    found = [
        _marked(index, ranking, rank, one, marker, of_words)
        for rank, one, of_words in zip(ranks, stored, spans, strict=True)
    ]
    plain = {marked.number: marked.sentence for marked in found if not marked.sentence_is_marked}
    meant = meaning_marks(index, ranking.scores, plain)
    whys = explain(index, ranking, [(int(ranking.places[marked.rank]), marked.at) for marked in found])
    made = tuple(
        _hit(references, ranking, marked, meant.get(marked.number, ()), why)
        for marked, why in zip(found, whys, strict=True)
    )
    checkpoint("marking")
    return made


class _Marked(NamedTuple):
    """A passage at a ``rank``, the place of its best sentence in it and that sentence's number in the
    library, and the words marked in it."""

    rank: int
    stored: StoredPassage
    at: int
    number: int
    marks: tuple[Highlight, ...]

    @property
    def sentence(self) -> Sentence:
        return self.stored.passage.sentences[self.at]

    @property
    def sentence_is_marked(self) -> bool:
        return any(self.sentence.start <= mark.start < self.sentence.end for mark in self.marks)


def _marked(
    index: Index,
    ranking: Ranking,
    rank: int,
    stored: StoredPassage,
    marker: Marker,
    spans: Sequence[tuple[int, int]],
) -> _Marked:
    """``spans`` are those of the passage's words that may be marked."""
    checkpoint("marking")
    place, passage = int(ranking.places[rank]), stored.passage
    at = index.best_sentence(ranking.scores, place)
    words = [Word(normal(passage.text[start:end]), start, end) for start, end in spans]
    marks = marker.marks(passage.text, passage.language, passage.start, words)
    return _Marked(rank, stored, at, int(ranking.scores.pool.first[place]) + at, marks)


def _hit(
    references: References, ranking: Ranking, found: _Marked, meant: tuple[Highlight, ...], why: Why
) -> Hit:
    passage, sentence = found.stored.passage, found.sentence
    return Hit(
        article=references.of(found.stored.article_key),
        score=float(ranking.fused[found.rank]),
        passage=Snippet(passage.text, passage.start, passage.end, passage.language),
        sentence=Snippet(sentence.text, sentence.start, sentence.end, passage.language),
        highlights=tuple(sorted((*found.marks, *meant), key=lambda mark: mark.start)),
        why=why,
        also_in=references.same_as(found.stored.article_key),
    )


def explain(index: Index, ranking: Ranking, found: Sequence[tuple[int, int]]) -> list[Why]:
    """Explains some passages of the pool, given by their places, each by one of its sentences (from 0). Ranks
    are among the passages that were looked at."""
    terms = _terms(index, ranking.scores, [place for place, _ in found])
    return [_explained(ranking.scores, *one, of_one) for one, of_one in zip(found, terms, strict=True)]


def _terms(index: Index, scores: Scores, places: Sequence[int]) -> list[tuple[TermMatch, ...]]:
    """The query's words that each of some passages has: what is asked of a language's passages is asked at
    once."""
    terms: list[tuple[TermMatch, ...]] = [()] * len(places)
    chosen = np.array(places, np.int64)
    spoken = np.where(scores.words[chosen] > 0, scores.pool.language[chosen], -1)
    for code in np.unique(spoken[spoken >= 0]).tolist():
        here = np.flatnonzero(spoken == code)
        rows = scores.pool.rows[chosen[here]]
        for at, shares in zip(
            here.tolist(), index.terms.shares(scores.query.text, scores.terms[code], rows), strict=True
        ):
            terms[at] = tuple(TermMatch(term, share) for term, share in shares if not is_function_word(term))
    return terms


def _explained(scores: Scores, place: int, at: int, terms: tuple[TermMatch, ...]) -> Why:
    here = scores.sentence[scores.pool.bounds[place] : scores.pool.bounds[place + 1]]
    nearness = float(here[at]) if len(here) else 0.0
    lexical = float(scores.words[place])
    return Why(
        passage=float(scores.passage[place]),
        sentence=nearness,
        lexical=lexical,
        dense_rank=int((scores.dense > scores.dense[place]).sum()) + 1,
        lexical_rank=int((scores.words > scores.words[place]).sum()) + 1 if lexical > 0 else None,
        terms=terms,
        summary=_summary(nearness, lexical, terms),
    )


def _summary(distance: float, lexical: float, terms: tuple[TermMatch, ...]) -> str:
    if distance >= ANSWERING.very_close:
        meaning = "very close in meaning"
    elif distance >= ANSWERING.close:
        meaning = "close in meaning"
    else:
        meaning = "on a related subject"
    named = ", ".join(term.term for term in sorted(terms, key=lambda term: -term.share)[:4])
    if not named:
        return f"{meaning}; has none of the question's own words"
    if lexical >= ANSWERING.many_words:
        return f"{meaning}; has most of the question's words: {named}"
    return f"{meaning}; shares the words: {named}"
