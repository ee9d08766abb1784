"""What was found for a question, as quotes of its articles, word for word."""

from __future__ import annotations

from collections.abc import Sequence

from search.answers.evidence import Judged
from search.answers.explanation import explain
from search.answers.highlights import Marker, marker_of, meaning_marks
from search.answers.references import References
from search.models import Evidence
from search.ranking.index import Index
from search.ranking.scores import Ranking

__all__ = ["quotes"]


def quotes(
    index: Index, references: References, ranking: Ranking, judged: Sequence[Judged]
) -> tuple[Evidence, ...]:
    """``judged`` as evidence, in its order."""
    marker = marker_of(index, ranking.scores)
    return tuple(_quote(index, references, ranking, one, marker) for one in judged)


def _quote(
    index: Index, references: References, ranking: Ranking, judged: Judged, marker: Marker
) -> Evidence:
    found, text = judged.found, judged.text
    marks = marker.marks(text.quote, text.best.language, text.start)
    if not marks:
        marks = meaning_marks(index, ranking.scores, {found.best: text.best.sentence})[found.best]
    at = found.best - int(ranking.scores.pool.first[found.place])
    return Evidence(
        language=text.best.language,
        quote=text.quote,
        article=references.of(text.article.key),
        start=text.start,
        end=text.end,
        score=found.score,
        highlights=marks,
        why=explain(index, ranking, found.place, at),
        confidence=judged.probability,
        before=text.before,
        after=text.after,
        also_in=references.same_as(text.article.key),
    )
