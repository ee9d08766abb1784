"""Which words of a text carry the match: whole words, valid offsets into the article's text.

First the query's own words, in this or another inflection or script; then their counterparts in the text's
language (:mod:`search.dictionary.expansion`). Where a sentence has neither, the words by which late
interaction scored it: those whose tokens were nearest to the query's (:mod:`search.passages.late`). Function
words never.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import regex

from kb.models import Sentence
from search.arrays.vectors import Vectors
from search.dictionary.expansion import Expansion
from search.dictionary.settings import DICTIONARY
from search.dictionary.vocabulary import Vocabulary
from search.encoding.protocol import Encoder
from search.language import analysis
from search.language.analysis import Word
from search.language.background import is_function_word
from search.language.occurrences import Spellings
from search.language.terms import units
from search.models import Highlight
from search.passages.late import cosines
from search.passages.word_prints import Sought
from search.ranking.index import Index
from search.ranking.scores import Scores

__all__ = ["Marker", "marker_of", "meaning_marks"]

# Two inflections of a word share most of their grams; unrelated words, even of one length, few.
_SAME_WORD = 0.6
_LONG_ENOUGH = 4
# They begin with as many same letters, prefixes apart: one letter is a prefix only where words are written by
# their consonants (*Rance* is no form of *France*, «والكتاب» is one of «الكتاب»).
_BEGINNING, _PREFIX = 3, 2
_CONSONANTS = regex.compile(r"[\p{Arabic}\p{Hebrew}]")
# A part of a compound has as many letters, and carries the meaning as much less surely.
_PART, _OF_PART = 6, 0.8
# Letters that may bind two words: *Versicherung-s-vertrag*.
_BINDING = 2
# A word carries the meaning when its token is this near to one of the query's, and nearly as near as the
# nearest of all; so many words at most.
_NEAR, _NEARLY, _MOST = 0.3, 0.85, 3
# What is written in one: no word goes beyond it.
_WRITTEN = regex.compile(r"\S+")


class _Counterparts(NamedTuple):
    """Spellings of a query's counterparts in one language, and those that may be parts of compounds."""

    spellings: Spellings[float]
    parts: Mapping[str, float]


class _Inflections:
    """Tells other inflections of a query's words from other words."""

    def __init__(self, words: Iterable[str], vocabulary: Vocabulary) -> None:
        """``words`` are normal forms; the ``vocabulary`` tells words that it has apart."""
        self._vocabulary = vocabulary
        spelled = {analysis.transliterated(word): (word, frozenset(analysis.grams(word))) for word in words}
        self._words = {latin: (word, grams) for latin, (word, grams) in spelled.items() if grams}
        beginnings = "|".join(re.escape(word[:_BEGINNING]) for word in self._words)
        whole = "|".join(map(re.escape, self._words))
        self._begins_or_has = re.compile(f"^(?:{beginnings})|{whole}") if self._words else None
        self._all = "\n".join(self._words)

    @property
    def words(self) -> list[str]:
        """The query's words, as they are told by."""
        return [word for word, _ in self._words.values()]

    def likeness(self, form: str, language: str) -> float:
        """The largest share of grams that a word of a text in a language has in common with a query word
        (Dice's coefficient), of those that begin alike or are a part of it, or it of them: *henger* is no
        form of *lenger*. 0 where the share is too small, or where those that begin alike are both words of
        their own: *planet* and *plane*. A compound of a query word is like it."""
        if len(form) < _LONG_ENOUGH or self._begins_or_has is None:
            return 0.0
        spelled = analysis.transliterated(form)
        # Most words of a text are like none, which is soon told.
        if not self._begins_or_has.search(spelled) and spelled not in self._all:
            return 0.0
        own = frozenset(analysis.grams(form))
        prefix = 1 if _CONSONANTS.match(form) else _PREFIX
        best = 0.0
        for other, (word, grams) in self._words.items():
            share = 2 * len(own & grams) / (len(own) + len(grams))
            if _is_compound(form, word, language):
                best = max(best, share, _OF_PART)
            if share < max(best, _SAME_WORD):
                continue
            if spelled[:_BEGINNING] == other[:_BEGINNING]:
                apart = _are_two_words(form, word, language)
            else:
                apart = max(spelled.find(other), other.find(spelled)) < prefix or self._apart(form, word)
            best = best if apart else share
        return best

    def _apart(self, form: str, other: str) -> bool:
        """Whether some language has both, as two words: *spalten* is no form of *alten*."""
        terms, others = self._vocabulary.find(form), self._vocabulary.find(other)
        both = {*map(self._vocabulary.code, terms)} & {*map(self._vocabulary.code, others)}
        return bool(both) and not {*terms} & {*others}


def _are_two_words(form: str, other: str, language: str) -> bool:
    """Whether the dictionary of a language has both as words of their own, not as forms of others."""
    return form != other and all(analysis.dictionary_form(one, language) == one for one in (form, other))


def _is_compound(form: str, part: str, language: str) -> bool:
    """Whether a word is another with a word in front or behind, or with something there that the language's
    dictionary does not know: *Haftpflichtversicherung* of *Versicherung*, and not *important* of *import*."""
    at_end = form.endswith(part)
    if len(part) < _PART or not (at_end or form.startswith(part)):
        return False
    rest = form.removesuffix(part) if at_end else form.removeprefix(part)
    bound = [rest[: len(rest) - letters] if at_end else rest[letters:] for letters in range(_BINDING + 1)]
    if any(len(one) >= _LONG_ENOUGH and analysis.in_dictionary(one, language) for one in bound):
        return True
    unknown = len(rest) >= _LONG_ENOUGH and analysis.in_dictionary(form, language) is False
    return unknown and bool(analysis.in_dictionary(part, language))


class Marker:
    """Marks texts for one query; what follows from the query alone is worked out once."""

    def __init__(self, query: str, expansions: Sequence[Expansion], vocabulary: Vocabulary) -> None:
        self._expansions, self._vocabulary = expansions, vocabulary
        self._forms, longer = _asked(query, expansions, vocabulary)
        self._inflections = _Inflections(longer, vocabulary)
        self._counterparts: dict[str, _Counterparts] = {}
        # Words come again and again in the texts that a query finds.
        self._weights: dict[tuple[str, str], float] = {}

    def sought(self, languages: Iterable[str]) -> Sought:
        """The words that may be marked in texts in some languages."""
        every = [self._of(language) for language in languages]
        spelled = (form for one in every for form in one.spellings.words)
        own = self._inflections.words
        parts = (
            *(part for one in every for part in one.parts),
            *(word for word in own if len(word) >= _PART),
        )
        return Sought.of((*self._forms, *spelled), own, parts, _SAME_WORD)

    def marks(
        self, text: str, language: str, offset: int, words: Sequence[Word] | None = None
    ) -> tuple[Highlight, ...]:
        """The words of ``text`` (which begins at ``offset`` of its article) that the query has, or whose
        counterparts it has. ``words`` are the text's that are :meth:`sought` at least; None: all of them."""
        words = analysis.words_of(text) if words is None else words
        found = self._exact(words, language)
        taken = [(mark.start, mark.end) for mark in found]
        counterparts = self._of(language)
        for start, end, weight in counterparts.spellings.occurrences(text, taken, words):
            found.append(Highlight(start, end, "translation", round(weight, 3)))
        found += _compounds(words, counterparts.parts, [(mark.start, mark.end) for mark in found])
        found.sort(key=lambda mark: mark.start)
        return tuple(Highlight(offset + m.start, offset + m.end, m.kind, m.weight) for m in _joined(found))

    def _of(self, language: str) -> _Counterparts:
        if language not in self._counterparts:
            spelled = _counterparts(self._expansions, self._vocabulary, language)
            self._counterparts[language] = _Counterparts(Spellings(spelled), _parts(spelled))
        return self._counterparts[language]

    def _exact(self, words: Iterable[Word], language: str) -> list[Highlight]:
        """Marks without offset of the query's own words."""
        found = []
        for word in words:
            weight = self._weights.get((word.form, language))
            if weight is None:
                weight = self._weights[word.form, language] = self._weight(word.form, language)
            if weight >= _SAME_WORD:
                found.append(Highlight(word.start, word.end, "exact", round(weight, 3)))
        return found

    def _weight(self, form: str, language: str) -> float:
        """How surely a word of a text in a language is one of the query's own."""
        if form in self._forms or analysis.fold(form) in self._forms:
            return 1.0
        return self._inflections.likeness(form, language)


def marker_of(index: Index, scores: Scores) -> Marker:
    """What marks a query's own words, and their counterparts, in texts."""
    return Marker(scores.query.text, scores.expansions, index.vocabulary)


def meaning_marks(
    index: Index, scores: Scores, sentences: Mapping[int, Sentence]
) -> dict[int, tuple[Highlight, ...]]:
    """What to mark in sentences, given by their numbers, that have no word of the query nor a counterpart:
    nothing for a query that says nothing."""
    if not _says_something(index, scores):
        return dict.fromkeys(sentences, ())
    numbers = np.array(sorted(sentences), np.int64)
    kept = index.backend.tokens(numbers)
    nearness = cosines(scores.tokens, kept.tokens).max(axis=1, initial=-1.0)
    return {
        number: _nearest_words(
            index.encoder,
            index.vocabulary,
            nearness[start:end],
            sentences[number].text,
            sentences[number].start,
        )
        for number, (start, end) in zip(numbers.tolist(), pairwise(kept.offsets.tolist()), strict=True)
    }


def _says_something(index: Index, scores: Scores) -> bool:
    """Whether anything is known of a query: a content word that the library has, or one of which it surely
    has a counterpart. To gibberish, too, something is nearest, by accident."""
    words = [form for expansion in scores.expansions for form in analysis.forms(expansion.word)]
    sure = any(
        one.probability >= DICTIONARY.shown
        for expansion in scores.expansions
        for candidates in expansion.terms.values()
        for one in candidates
    )
    return sure or bool(index.terms.known(words).any())


def _nearest_words(
    encoder: Encoder,
    vocabulary: Vocabulary,
    nearness: Vectors,
    text: str,
    offset: int,
) -> tuple[Highlight, ...]:
    """The words of a sentence whose tokens are nearest to a query's: ``nearness`` is each token's. Only what
    is around the nearest ones is taken apart."""
    pieces = encoder.pieces([text])[0][: len(nearness)]
    around = _Around(text, pieces)
    least, chosen = _NEAR, dict[tuple[int, int], float]()
    for at in np.argsort(-nearness[: len(pieces)], kind="stable").tolist():
        score = float(nearness[at])
        if score < least:
            break
        for start, end in around.words(*pieces[at]):
            if (start, end) in chosen or not vocabulary.is_likely_content(text[start:end].lower()):
                continue
            chosen[start, end] = score
            least = max(least, _NEARLY * score)
        if len(chosen) >= _MOST:
            break
    marks = [
        Highlight(offset + start, offset + end, "meaning", round(min(1.0, score), 3))
        for (start, end), score in list(chosen.items())[:_MOST]
    ]
    return tuple(sorted(marks, key=lambda mark: mark.start))


class _Around:
    """The words of a text that some of its ``pieces``, the encoder's tokens, are in."""

    def __init__(self, text: str, pieces: Sequence[tuple[int, int]]) -> None:
        self._text, self._pieces = text, pieces
        self._cut: dict[int, list[tuple[int, int]]] = {}

    def words(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Where those are that have a letter, and a character of what is between two places of the text."""
        for match in _WRITTEN.finditer(self._text, max(0, self._text.rfind(" ", 0, start + 1))):
            if match.start() >= end:
                return
            yield from ((a, b) for a, b in self._of(match) if a < end and start < b)

    def _of(self, written: regex.Match[str]) -> list[tuple[int, int]]:
        at, end = written.span()
        if at not in self._cut:
            pieces = [(a - at, b - at) for a, b in self._pieces if a < end and at < b]
            found = units(written.group(), pieces)
            self._cut[at] = [(at + u.start, at + u.end) for u in found if any(map(str.isalpha, u.form))]
        return self._cut[at]


def _asked(query: str, expansions: Sequence[Expansion], vocabulary: Vocabulary) -> tuple[set[str], list[str]]:
    """The forms of the query's own words, and those long enough for a likeness to tell."""
    content = {analysis.normal(one.word) for one in expansions}
    asked = dict.fromkeys(analysis.forms(query))
    wanted = [form for form in asked if form in content or _is_content_pair(form)]
    forms = {form for one in wanted for form in (one, analysis.fold(one))}
    for form in content:
        forms |= {
            analysis.normal(other) for term in vocabulary.find(form) for other, _ in vocabulary.forms(term)
        }
    return forms, [form for form in wanted if len(form) >= _LONG_ENOUGH]


def _is_content_pair(form: str) -> bool:
    """Whether this is a pair of characters of a script without spaces, and no usual one."""
    return analysis.is_unspaced(form) and not is_function_word(form)


def _counterparts(expansions: Sequence[Expansion], vocabulary: Vocabulary, language: str) -> dict[str, float]:
    """The spellings of the query's counterparts in a language, with their probabilities."""
    found: dict[str, float] = {}
    for expansion in expansions:
        for one in expansion.terms.get(language, ()):
            for form, count in vocabulary.forms(one.term) if one.probability >= DICTIONARY.shown else ():
                if count:
                    found[form] = max(found.get(form, 0.0), one.probability)
    return found


def _parts(counterparts: Mapping[str, float]) -> dict[str, float]:
    """The counterparts that may be a part of a compound."""
    forms = {analysis.normal(form): weight for form, weight in counterparts.items() if " " not in form}
    return {form: weight for form, weight in forms.items() if len(form) >= _PART}


def _compounds(
    words: Iterable[Word], parts: Mapping[str, float], taken: Sequence[tuple[int, int]]
) -> list[Highlight]:
    """Marks of words that begin or end with one of the ``parts``, outside of what is ``taken``:
    *Kundelojalitet* has *lojalitet*."""
    ends = tuple(parts)
    found = []
    for word in words if parts else ():
        if not word.form.startswith(ends) and not word.form.endswith(ends):
            continue
        free = not any(word.start < end and start < word.end for start, end in taken)
        inside = [
            weight for form, weight in parts.items() if word.form.startswith(form) or word.form.endswith(form)
        ]
        if free and not analysis.is_unspaced(word.form):
            found.append(Highlight(word.start, word.end, "translation", round(_OF_PART * max(inside), 3)))
    return found


def _joined(found: Sequence[Highlight]) -> list[Highlight]:
    """Overlapping marks (pairs of characters in unspaced scripts) become one."""
    joined: list[Highlight] = []
    for one in found:
        if joined and one.start < joined[-1].end:
            last = joined[-1]
            weight = max(last.weight, one.weight)
            joined[-1] = Highlight(last.start, max(last.end, one.end), last.kind, weight)
        else:
            joined.append(one)
    return joined
