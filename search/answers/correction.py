"""Did you mean …? Asked only where the library has no word of a query and has one spelled nearly so."""

from __future__ import annotations

from search.dictionary.expansion import Expansion
from search.dictionary.vocabulary import SHOWN, Vocabulary
from search.language import analysis
from search.language.spelling import nearest_spelling
from search.ranking.index import Index
from search.ranking.scores import Scores

__all__ = ["did_you_mean"]


def did_you_mean(index: Index, scores: Scores) -> str | None:
    """The query with its unknown words as they were probably meant; None where there is nothing to ask."""
    words = {one.word: one for one in scores.expansions if " " not in one.word}
    if not words or index.terms.knows_any(words):
        return None
    text, shift = scores.query.text, 0
    meant = text
    for word in analysis.words(text):
        expansion = words.get(text[word.start : word.end].lower())
        better = _meant(index.vocabulary, expansion) if expansion is not None else None
        if better is not None:
            meant = meant[: word.start + shift] + better + meant[word.end + shift :]
            shift += len(better) - (word.end - word.start)
    return meant if meant != text else None


def _meant(vocabulary: Vocabulary, expansion: Expansion) -> str | None:
    """The spelling that a word is near to, unless it is plainly a word of another language: one whose
    counterpart in the library is something else."""
    near = nearest_spelling(expansion.word, vocabulary.spellings)
    if near is None:
        return None
    terms = set(vocabulary.find(near))
    likely = [one for candidates in expansion.terms.values() for one in candidates]
    plain = any(one.probability >= SHOWN for one in likely)
    return near if not plain or any(one.term in terms for one in likely) else None
