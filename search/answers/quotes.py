"""What was found for a question, as quotes of its articles, word for word."""

from __future__ import annotations

from collections.abc import Sequence

from kb.store.snapshot import Snapshot
from search.answers.candidates import Found
from search.answers.evidence import Judged
from search.answers.highlights import Marker, marker_of, meaning_marks
from search.answers.hits import explain
from search.answers.references import References
from search.models import Candidate, Evidence, Why
from search.ranking.index import Index
from search.ranking.scores import Ranking, Scores

__all__ = ["candidates", "quotes"]


def quotes(
    index: Index, references: References, ranking: Ranking, judged: Sequence[Judged]
) -> tuple[Evidence, ...]:
    """``judged`` as evidence, in its order."""
    marker, first = marker_of(index, ranking.scores), ranking.scores.pool.first
    found = [one.found for one in judged]
    whys = explain(index, ranking, [(one.place, one.best - int(first[one.place])) for one in found])
    return tuple(
        _quote(index, references, ranking.scores, one, marker, why)
        for one, why in zip(judged, whys, strict=True)
    )


def candidates(
    snapshot: Snapshot, references: References, ranking: Ranking, found: Sequence[Found]
) -> tuple[Candidate, ...]:
    """``found`` by the best sentence of each, in its order."""
    pool = ranking.scores.pool
    passages = snapshot.passages_by_key({int(pool.keys[candidate.place]) for candidate in found})
    made = []
    for candidate in found:
        held = passages[int(pool.keys[candidate.place])]
        sentence = held.passage.sentences[candidate.best - int(pool.first[candidate.place])]
        source = references.of(held.article_key).source
        made.append(Candidate(source, sentence.start, sentence.end, candidate.score))
    return tuple(made)


def _quote(
    index: Index, references: References, scores: Scores, judged: Judged, marker: Marker, why: Why
) -> Evidence:
    found, text = judged.found, judged.text
    marks = marker.marks(text.quote, text.best.language, text.start)
    if not marks:
        marks = meaning_marks(index, scores, {found.best: text.best.sentence})[found.best]
    return Evidence(
        language=text.best.language,
        quote=text.quote,
        article=references.of(text.article.key),
        start=text.start,
        end=text.end,
        score=found.score,
        highlights=marks,
        why=why,
        confidence=judged.probability,
        before=text.before,
        after=text.after,
        also_in=references.same_as(text.article.key),
    )
