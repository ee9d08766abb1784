"""Did you mean …? Each word of a query that nobody knows, and no other, as it is spelled in the query's own
language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache, partial

import regex

from search.answers.layouts import as_meant, plain_words
from search.answers.settings import ANSWERING
from search.arrays.memory import Remembered
from search.dictionary.expansion import Expansion
from search.dictionary.settings import DICTIONARY
from search.dictionary.vocabulary import Vocabulary
from search.language import analysis
from search.language.background import word_counts
from search.language.spelling import APOSTROPHES, FormTable, nearest_spelling
from search.ranking.index import Index
from search.ranking.scores import Scores
from search.ranking.settings import RANKING

__all__ = ["Corrections"]

_WORD = regex.compile(rf"[\p{{L}}\p{{M}}\p{{N}}]+(?:[{APOSTROPHES}][\p{{L}}\p{{M}}\p{{N}}]+)*")


class Corrections:
    """What queries were meant to say; remembered, for a page of results asks several times for one query: its
    articles, its answer, how many there are."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self.as_meant = lru_cache(maxsize=RANKING.scores_remembered)(partial(as_meant, index))
        self._asked_back = Remembered[tuple[str, str | None], str](RANKING.scores_remembered)

    def did_you_mean(self, scores: Scores, language: str | None) -> str | None:
        """See :func:`did_you_mean`."""
        asked = scores.query.raw, language
        found = self._asked_back.get(asked)
        if found is None:
            found = did_you_mean(self._index, scores, language) or ""
            self._asked_back.remember({asked: found})
        return found or None


def did_you_mean(index: Index, scores: Scores, language: str | None = None) -> str | None:
    """The query with its unknown words as they were probably meant; None where there is nothing to ask.
    ``language`` is the query's, where it is known."""
    raw = scores.query.raw
    found = [
        (match.group(), token.start() + match.start())
        for token in plain_words(raw)
        for match in _WORD.finditer(token[0])
    ]
    known = _languages_of(index, [word for word, _ in found])
    unknown = [(word, at) for word, at in found if not known[word] and _can_be_misspelled(word)]
    if not unknown:
        return None
    own = _own_languages(index, scores, known, language)
    expansions = {expansion.word: expansion for expansion in scores.expansions}
    meant, shift = raw, 0
    for word, at in unknown[: ANSWERING.corrected]:
        better, code = _meant(index.vocabulary, word, own)
        spoken = [code, *sorted(own, key=lambda spoken_code: -own[spoken_code])[: ANSWERING.spoken]]
        if better and _is_a_slip(index, expansions.get(word.lower()), word, better, spoken):
            meant = meant[: at + shift] + better + meant[at + shift + len(word) :]
            shift += len(better) - len(word)
    return meant if meant != raw else None


def _languages_of(index: Index, words: Sequence[str]) -> dict[str, frozenset[str]]:
    """The languages in which each word, or each part of it beside an apostrophe, is known: to the library or
    to the background."""
    forms = {word: analysis.forms(word) for word in words}
    every = list(dict.fromkeys(form for parts in forms.values() for form in parts))
    there = index.terms.known(every)
    languages = index.backend.languages
    having = {
        form: frozenset(
            (
                *(languages[code] for code in there[:, at].nonzero()[0].tolist()),
                *(code for code, counts in word_counts().items() if form in counts),
            )
        )
        for at, form in enumerate(every)
    }
    return {
        word: frozenset.intersection(*(having[part] for part in parts)) if parts else frozenset()
        for word, parts in forms.items()
    }


def _can_be_misspelled(word: str) -> bool:
    """Not a number or a code, nor anything in a script that is written without spaces."""
    return not any(letter.isdigit() for letter in word) and not analysis.is_unspaced(word)


def _own_languages(
    index: Index, scores: Scores, known: Mapping[str, frozenset[str]], language: str | None
) -> dict[str, float]:
    """The languages that the query may be in, those in which most of its words are known, with how like its
    own each is, 0–1."""
    near = dict(zip(index.backend.languages, scores.near.tolist(), strict=True))
    if language is not None:
        return {language: 1.0}
    counts = {
        code: sum(code in languages for languages in known.values())
        for code in {*near, *(code for languages in known.values() for code in languages)}
    }
    most = max(counts.values(), default=0)
    return {code: near.get(code, 0.0) for code, count in counts.items() if count == most}


def _meant(vocabulary: Vocabulary, word: str, languages: Mapping[str, float]) -> tuple[str, str]:
    """What is spelled nearly as a word in one of some languages, and which; "" where it is right, or nothing
    near."""
    found = [
        (near, code)
        for code in languages
        for table in (vocabulary.spellings.get(code), _of_background(code))
        if table is not None and (near := nearest_spelling(word, table)) is not None
    ]
    if not found or any(not near.slips for near, _ in found):
        return "", ""
    best, code = min(
        found,
        key=lambda guess: (
            guess[0].slips - ANSWERING.favour * languages[guess[1]],
            -guess[0].seen,
            guess[0].form,
        ),
    )
    if word.isupper():
        return best.form.upper(), code
    return (best.form[0].upper() + best.form[1:] if word[0].isupper() else best.form), code


def _is_a_slip(
    index: Index, expansion: Expansion | None, word: str, near: str, languages: Iterable[str]
) -> bool:
    """Whether a word that the library has not is another one misspelled, and no word itself.

    A word is what the dictionary of one of its ``languages`` has, where there is none what is in no more
    pieces than the other; what is a piece of its own; the other with a letter or two before it or behind
    (*wa-*, *-ng*; a letter twice is a slip) or with another beginning; and what is plainly a word of another
    language.
    """
    form, other = analysis.normal(word), analysis.normal(near)
    begins_otherwise = analysis.fold(form[0]) != analysis.fold(other[0]) and set(form[:2]) != set(other[:2])
    if begins_otherwise or _is_longer(form, other):
        return False
    pieces, of_other = (len(cut) for cut in index.encoder.pieces([word, near]))
    if pieces == 1:
        return False
    if expansion is not None and _is_another(index.vocabulary, expansion, near):
        return False
    known = [analysis.in_dictionary(form, code) for code in dict.fromkeys(languages)]
    return not any(known) and (None not in known or pieces > of_other)


def _is_longer(form: str, other: str) -> bool:
    """Whether a word is another with something before it or behind that is none of its letters again."""
    more = len(form) - len(other)
    return more > 0 and (
        (form.endswith(other) and form[:more] != other[0] * more)
        or (form.startswith(other) and form[-more:] != other[-1] * more)
    )


def _is_another(vocabulary: Vocabulary, expansion: Expansion, near: str) -> bool:
    """Whether a word is plainly one of another language: one whose counterparts in the library are others
    than those of what it is spelled like."""
    plain = {
        candidate.term
        for candidates in expansion.terms.values()
        for candidate in candidates
        if candidate.probability >= DICTIONARY.shown
    }
    if not plain:
        return False
    likely = (candidate for candidates in vocabulary.likely(near).values() for candidate in candidates)
    own = {
        *vocabulary.find(near),
        *(candidate.term for candidate in likely if candidate.probability >= DICTIONARY.shown),
    }
    return not plain & own


@lru_cache(maxsize=64)
def _of_background(language: str) -> FormTable:
    """The words that the background has in a language, which no library need have."""
    counts = word_counts().get(language, {})
    return FormTable(tuple(counts), tuple(counts.values()))
