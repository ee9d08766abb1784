"""Why a passage or a sentence stands where it does: what each leg gave, in numbers and in words."""

from __future__ import annotations

from search.background import is_function_word
from search.models import TermMatch, Why
from search.ranking import Index, Ranking

__all__ = ["CLOSE", "MANY_WORDS", "VERY_CLOSE", "explain"]

CLOSE, VERY_CLOSE = 3.0, 5.0
"""Standard deviations above unrelated texts from which on "close", "very close in meaning" is said."""
MANY_WORDS = 0.4
"""The matched share of the query's IDF mass from which on "most of the words" is said."""


def explain(index: Index, ranking: Ranking, row: int, language: str, sentence_row: int | None = None) -> Why:
    """Explains a passage, by its best sentence or the one given (a row over all sentences)."""
    start = int(index.matrices.bounds[row])
    chosen = start + index.best_sentence(ranking.scores, row) if sentence_row is None else sentence_row
    sentence = float(ranking.scores.sentence[chosen]) if len(ranking.scores.sentence) else 0.0
    lexical = float(ranking.scores.match.words[row])
    shares = index.postings.shares(ranking.scores.query.text, language, row)
    terms = tuple(TermMatch(term, share) for term, share in shares if not is_function_word(term))
    return Why(
        passage=float(ranking.scores.passage[row]),
        sentence=sentence,
        lexical=lexical,
        dense_rank=int((ranking.scores.dense > ranking.scores.dense[row]).sum()) + 1,
        lexical_rank=int((ranking.scores.match.words > ranking.scores.match.words[row]).sum()) + 1
        if lexical > 0
        else None,
        terms=terms,
        summary=_summary(sentence, lexical, terms),
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
        return f"{meaning}; no words in common"
    if lexical >= MANY_WORDS:
        return f"{meaning}; has most of the question's words: {named}"
    return f"{meaning}; shares the words: {named}"
