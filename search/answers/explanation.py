"""Why a passage or a sentence stands where it does: what each leg gave, in numbers and in words."""

from __future__ import annotations

from search.language.background import is_function_word
from search.models import TermMatch, Why
from search.ranking.index import Index
from search.ranking.scores import Ranking

__all__ = ["CLOSE", "MANY_WORDS", "VERY_CLOSE", "explain"]

CLOSE, VERY_CLOSE = 3.0, 5.0
"""Standard deviations above unrelated texts from which on "close", "very close in meaning" is said."""
MANY_WORDS = 0.4
"""The matched share of the query's IDF mass from which on "most of the words" is said."""


def explain(index: Index, ranking: Ranking, place: int, sentence: int | None = None) -> Why:
    """Explains a passage of the pool, by its best sentence or the one given (from 0). Ranks are among the
    passages that were looked at."""
    scores = ranking.scores
    at = index.best_sentence(scores, place) if sentence is None else sentence
    here = scores.sentence[scores.pool.bounds[place] : scores.pool.bounds[place + 1]]
    nearness = float(here[at]) if len(here) else 0.0
    lexical = float(scores.words[place])
    asked = scores.terms[int(scores.pool.language[place])]
    shares = index.terms.shares(scores.query.text, asked, int(scores.pool.rows[place])) if lexical else []
    terms = tuple(TermMatch(term, share) for term, share in shares if not is_function_word(term))
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
    if distance >= VERY_CLOSE:
        meaning = "very close in meaning"
    elif distance >= CLOSE:
        meaning = "close in meaning"
    else:
        meaning = "on a related subject"
    named = ", ".join(term.term for term in sorted(terms, key=lambda term: -term.share)[:4])
    if not named:
        return f"{meaning}; has none of the question's own words"
    if lexical >= MANY_WORDS:
        return f"{meaning}; has most of the question's words: {named}"
    return f"{meaning}; shares the words: {named}"
