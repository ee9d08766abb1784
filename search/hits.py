"""A ranking's passages as hits: one for each article, its best sentence marked and explained."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from types import MappingProxyType

import numpy as np

from kb.snapshot import Snapshot, StoredPassage
from search.budget import checkpoint
from search.explanation import explain
from search.highlights import Marker
from search.models import Hit, Snippet
from search.ranking import Index, Ranking
from search.references import References

__all__ = ["best_of_articles", "by_language", "hits"]


def best_of_articles(index: Index, ranking: Ranking, collapse: bool) -> list[int]:
    """Ranks, from 0, of each article's best passage that passed the cut-off, in order; with ``collapse``
    only the first of articles that are the same text."""
    seen: set[int] = set()
    best = []
    keys = ranking.scores.pool.articles[ranking.places].tolist()
    for rank in np.flatnonzero(ranking.hits).tolist():
        key = keys[rank]
        if key not in seen:
            seen.add(key)
            best.append(rank)
            if collapse:
                seen |= index.translations.keys_of(key)
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
    keys = ranking.scores.pool.keys[ranking.places[ranks]].tolist()
    passages = snapshot.passages_by_key(keys)
    checkpoint("reading")
    marker = index.marker(ranking.scores)
    made = tuple(
        _hit(index, references, ranking, rank, passages[key], marker)
        for rank, key in zip(ranks, keys, strict=True)
    )
    checkpoint("marking")
    return made


def _hit(
    index: Index,
    references: References,
    ranking: Ranking,
    rank: int,
    stored: StoredPassage,
    marker: Marker,
) -> Hit:
    checkpoint("marking")
    place = int(ranking.places[rank])
    at = index.best_sentence(ranking.scores, place)
    passage = stored.passage
    sentence = passage.sentences[at]
    marks = marker.marks(passage.text, passage.language, passage.start)
    if not any(sentence.start <= mark.start < sentence.end for mark in marks):
        number = int(ranking.scores.pool.first[place]) + at
        marks += index.meaning_marks(ranking.scores, number, sentence.text, sentence.start)
    return Hit(
        article=references.of(stored.article_key),
        score=float(ranking.fused[rank]),
        passage=Snippet(passage.text, passage.start, passage.end, passage.language),
        sentence=Snippet(sentence.text, sentence.start, sentence.end, passage.language),
        highlights=tuple(sorted(marks, key=lambda mark: mark.start)),
        why=explain(index, ranking, place, at),
        also_in=references.same_as(stored.article_key),
    )
