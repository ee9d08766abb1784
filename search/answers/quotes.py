"""What was found for a question, as quotes of its articles, word for word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import takewhile

from kb.store.snapshot import Snapshot, StoredArticle, StoredSentence
from search.answers.evidence import Found
from search.answers.explanation import explain
from search.answers.highlights import Marker, marker_of, meaning_marks
from search.answers.references import References
from search.models import Candidate, Evidence
from search.ranking.index import Index
from search.ranking.scores import Ranking

__all__ = ["candidates", "quotes"]


def quotes(
    index: Index, snapshot: Snapshot, references: References, ranking: Ranking, found: Sequence[Found]
) -> tuple[Evidence, ...]:
    """``found`` as evidence, in its order."""
    pool = ranking.scores.pool
    keys = [int(pool.articles[one.place]) for one in found]
    articles = snapshot.articles_by_key(set(keys))
    sentences: dict[int, dict[int, StoredSentence]] = {}
    for one, key in zip(found, keys, strict=True):
        if key not in sentences:
            passage, first = int(pool.keys[one.place]), int(pool.first[one.place])
            sentences[key] = _numbered(snapshot, key, passage, first)
    marker = marker_of(index, ranking.scores)
    return tuple(
        _quote(index, references, ranking, one, articles[key], sentences[key], marker)
        for one, key in zip(found, keys, strict=True)
    )


def candidates(
    snapshot: Snapshot, references: References, ranking: Ranking, found: Sequence[Found]
) -> tuple[Candidate, ...]:
    """``found`` by the best sentence of each, in its order."""
    pool = ranking.scores.pool
    passages = snapshot.passages_by_key({int(pool.keys[one.place]) for one in found})
    made = []
    for one in found:
        held = passages[int(pool.keys[one.place])]
        sentence = held.passage.sentences[one.best - int(pool.first[one.place])]
        source = references.of(held.article_key).source
        made.append(Candidate(source, sentence.start, sentence.end, one.score))
    return tuple(made)


def _numbered(snapshot: Snapshot, article: int, passage: int, first: int) -> dict[int, StoredSentence]:
    """An article's sentences by their places among the library's; that of the first one of a passage is
    known."""
    passages = snapshot.passages_of(article)
    before = takewhile(lambda held: held.key != passage, passages)
    start = first - sum(len(held.sentence_keys) for held in before)
    return dict(enumerate((one for held in passages for one in held.sentences()), start))


def _quote(
    index: Index,
    references: References,
    ranking: Ranking,
    found: Found,
    stored: StoredArticle,
    sentences: Mapping[int, StoredSentence],
    marker: Marker,
) -> Evidence:
    best = sentences[found.best]
    start, end = sentences[found.first].sentence.start, sentences[found.last].sentence.end
    text = stored.article.text[start:end]
    marks = marker.marks(text, best.language, start)
    if not marks:
        sentence = best.sentence
        marks = meaning_marks(index, ranking.scores, {found.best: sentence})[found.best]
    before, after = sentences.get(found.first - 1), sentences.get(found.last + 1)
    at = found.best - int(ranking.scores.pool.first[found.place])
    return Evidence(
        language=best.language,
        quote=text,
        article=references.of(stored.key),
        start=start,
        end=end,
        score=found.score,
        highlights=marks,
        why=explain(index, ranking, found.place, at),
        before=before.sentence.text if before else "",
        after=after.sentence.text if after else "",
        also_in=references.same_as(stored.key),
    )
