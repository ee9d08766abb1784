"""Text to index terms: words, lemmas, character grams; what a word is folded to is in
:mod:`search.language.folding`.

Words are runs of letters, marks and digits after NFKC and casefolding, so that vocalised Arabic,
Devanagari and decomposed accents stay whole; scripts without spaces give overlapping pairs of
characters, and lone characters as parts of them. What is written in several words and is one, such as
``1,204,500``, is said with each of its words (:mod:`search.language.wholes`). Every word also has a lemma
(simplemma, where it has the language). Grams are four characters of the transliterated word: they meet
across inflections, and across scripts for names.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import regex
from anyascii import anyascii

from kb import languages
from search.arrays.memory import remembered
from search.language.folding import fold, readings
from search.language.settings import LANGUAGE
from search.language.wholes import normal, wholes

if TYPE_CHECKING:
    from search.language.lemmas import Lemmatizer

__all__ = [
    "GRAM",
    "QUESTION_MARKS",
    "Word",
    "dictionary_form",
    "fold",
    "grams",
    "in_dictionary",
    "is_unspaced",
    "keep_dictionaries",
    "lemma",
    "normal",
    "readings",
    "transliterated",
    "words",
    "words_of",
]

GRAM = 4
QUESTION_MARKS = "?？؟;՞፧"
"""What a question ends with, in any script; in Greek it is a semicolon."""

# Of other signs, a word has: an apostrophe where it is a letter (in Cyrillic, in Hebrew and its acronyms, in
# Uzbek's oʻ and gʻ), and what joins letters or keeps them apart in Indic scripts, and is not seen.
_INNER = (
    r"(?=['’‘`´\"“”׳״\u200C\u200D])(?:(?<=\p{Cyrillic})['’‘`´](?=\p{Cyrillic})"
    r"|(?<=\p{Hebrew})[\"'“”’׳״](?=\p{Hebrew})|(?<=[oOgG])['’‘`´](?=\p{Ll}|\p{Lu}{2})(?!s\b)"
    r"|(?<!\p{Arabic})[\u200C\u200D])"
)
# A code such as C++, F# or A/B keeps its sign; currency, section, percent and number signs are words.
_LETTERS = r"[\p{L}\p{M}\p{N}]"
_WORD = regex.compile(
    rf"{_LETTERS}++(?:{_INNER}{_LETTERS}++)*+(?:[+#]{{1,2}}(?![\p{{L}}\p{{N}}]))?|[\p{{Sc}}§%№&@]"
)
# The marks of half-width katakana, and the bar of long vowels, are of no script.
_SCRIPTS = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_UNSPACED = regex.compile(rf"[[{_SCRIPTS}]--\p{{Nd}}][[{_SCRIPTS}\p{{M}}ーｰﾞﾟ]--\p{{Nd}}]*", regex.V1)
_LETTER_OR_DIGIT = regex.compile(r"[a-z0-9]+")
_POINTS = regex.compile(r"[\u0591-\u05C7\u0640\u064B-\u065F\u0670]+")


class Word(NamedTuple):
    """A word of a text: ``text[start:end]`` normalised is ``form``. ``whole`` is the form of what it is part
    of, if anything; ``parts`` are the lone characters of a pair that no later pair has."""

    form: str
    start: int
    end: int
    whole: str = ""
    parts: tuple[str, ...] = ()


def words(text: str) -> Iterator[Word]:
    """The words of a text, with offsets into it. Unspaced scripts give pairs of characters."""
    larger = wholes(text)
    one = next(larger, None)
    for word in _words(text):
        while one is not None and one.end <= word.start:
            one = next(larger, None)
        yield word if one is None or word.end <= one.start else word._replace(whole=one.form)


def _words(text: str) -> Iterator[Word]:
    for match in _WORD.finditer(text):
        raw, start = match.group(), match.start()
        if raw.isascii():
            yield Word(raw.lower(), start, start + len(raw))
            continue
        at = 0
        for run in _UNSPACED.finditer(raw):
            if run.start() > at:
                yield _word(raw[at : run.start()], start + at)
            yield from _pairs(run.group(), start + run.start())
            at = run.end()
        if at < len(raw):
            yield _word(raw[at:], start + at)


@lru_cache(maxsize=512)
def words_of(text: str) -> tuple[Word, ...]:
    """The words of a text that is asked about more than once, as one that is shown is."""
    return tuple(words(text))


def forms(text: str) -> list[str]:
    """The forms of a text's :func:`words`, where nothing else is wanted."""
    if is_unspaced(text):
        return [word.form for word in _words(text)]
    return [normal(raw) for raw in _WORD.findall(text)]


def is_unspaced(text: str) -> bool:
    """Whether a text has a letter of a script that is written without spaces between words."""
    return bool(_UNSPACED.search(text))


def _word(raw: str, start: int) -> Word:
    return Word(normal(raw), start, start + len(raw))


def _pairs(run: str, start: int) -> Iterator[Word]:
    """Overlapping pairs of whole characters (a letter with its marks); a lone character is itself."""
    clusters = [match.span() for match in regex.finditer(r"\X", run)]
    if len(clusters) == 1:
        yield _word(run, start)
    characters = [normal(run[first:last]) for first, last in clusters]
    for at, ((first, _), (_, last)) in enumerate(pairwise(clusters)):
        parts = characters[at:] if at == len(clusters) - 2 else characters[at : at + 1]
        yield Word(normal(run[first:last]), start + first, start + last, parts=tuple(parts))


@lru_cache(maxsize=200_000)
def lemma(form: str, language: str) -> str:
    """The dictionary form, or the form itself where there is no lemmatiser or it does not know the word.

    Only building calls this: a library keeps the lemmas of its own forms.
    """
    code = languages.get(language).lemmatizer
    if code is None or len(form) < 3 or form.isdigit():
        return form
    return normal(_lemmatizer().lemma(_spelled(form), code))


def keep_dictionaries(folder: Path) -> None:
    """From now on, the lemmatiser's dictionaries are kept in a folder, for later processes."""
    global _lemma_folder
    if folder != _lemma_folder:
        _lemma_folder = folder
        _lemmatizer.cache_clear()


_lemma_folder: Path | None = None


@remembered(LANGUAGE.words_remembered)
def dictionary_form(form: str, language: str) -> str | None:
    """What the dictionary of the language's lemmatiser has a form under; None where it does not have it, or
    there is none."""
    code = languages.get(language).lemmatizer
    found = None if code is None else _lemmatizer().held(_spelled(form), code)
    return None if found is None else normal(found)


def in_dictionary(form: str, language: str) -> bool | None:
    """Whether the language's lemmatiser knows a form; None where it has no lemmatiser."""
    known = dictionary_form(form, language) is not None
    return None if languages.get(language).lemmatizer is None else known


def _spelled(form: str) -> str:
    """A casefolded word as dictionaries spell it: casefolding made the sigma that ends it an inner one, and
    dictionaries leave out the points of Arabic and Hebrew, and what stretches a word."""
    bare = _POINTS.sub("", form) or form
    return bare[:-1] + "ς" if bare.endswith("σ") else bare


@cache
def _lemmatizer() -> Lemmatizer:
    from search.language.lemmas import Lemmatizer  # simplemma, which most who search need not import

    return Lemmatizer(_lemma_folder)


@remembered(LANGUAGE.words_remembered)
def transliterated(form: str) -> str:
    """A word in the letters of ASCII, in lower case."""
    return form.lower() if form.isascii() else anyascii(form).lower()


@remembered(LANGUAGE.words_remembered)
def grams(form: str) -> tuple[str, ...]:
    """The transliterated word in runs of GRAM characters, its ends marked; shorter words whole."""
    found: list[str] = []
    for piece in _LETTER_OR_DIGIT.findall(transliterated(form)):
        marked = f"_{piece}_"
        found += [marked[at : at + GRAM] for at in range(max(1, len(marked) - GRAM + 1))]
    return tuple(found)
