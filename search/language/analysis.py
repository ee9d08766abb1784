"""Text to index terms, by the language's row in the table: words, lemmas, folded forms, character grams.

Words are runs of letters, marks and digits after NFKC and casefolding, so that vocalised Arabic,
Devanagari and decomposed accents stay whole; scripts without spaces give overlapping pairs of
characters. Every word also has a lemma (simplemma, where it has the language) and a folded form,
without diacritics, as a second chance (``lojalnosc`` finds *lojalność*, ``еще`` finds *ещё*). Grams are
four characters of the transliterated word: they meet across inflections, and across scripts for names.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import regex
from anyascii import anyascii

from kb import languages

if TYPE_CHECKING:
    from search.language.lemmas import Lemmatizer

__all__ = [
    "GRAM",
    "Word",
    "fold",
    "grams",
    "in_dictionary",
    "is_unspaced",
    "is_word",
    "keep_lemma_indexes",
    "lemma",
    "normal",
    "transliterated",
    "words",
    "words_of",
]

GRAM = 4
# A code such as C++, F# or A/B keeps its sign; currency, section, percent and number signs are words.
_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+(?:[+#]{1,2}(?![\p{L}\p{N}]))?|[\p{Sc}§%№&@]")
_UNSPACED = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{M}ー]*"
)
_LETTER_OR_DIGIT = regex.compile(r"[a-z0-9]+")
# Letters that Unicode does not decompose, though readers leave the stroke out.
_STROKES = str.maketrans("łŁøØđĐħŧßæœıþð", "lLoOdDhtsaoitd")

# Words that are remembered by a process that answers: what it takes with them is bounded to some megabytes.
_REMEMBERED = 10_000
# Dictionaries that a process that answers has open.
_DICTIONARIES = 4


class Word(NamedTuple):
    """A word of a text: ``text[start:end]`` normalised is ``form``."""

    form: str
    start: int
    end: int


def words(text: str) -> Iterator[Word]:
    """The words of a text, with offsets into it. Unspaced scripts give pairs of characters."""
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


def is_unspaced(text: str) -> bool:
    """Whether a text has a letter of a script that is written without spaces between words."""
    return bool(_UNSPACED.search(text))


def normal(raw: str) -> str:
    """A word's form: NFKC, casefolded."""
    return unicodedata.normalize("NFKC", raw).casefold()


def _word(raw: str, start: int) -> Word:
    return Word(normal(raw), start, start + len(raw))


def _pairs(run: str, start: int) -> Iterator[Word]:
    """Overlapping pairs of whole characters (a letter with its marks); a lone character is itself."""
    clusters = [match.span() for match in regex.finditer(r"\X", run)]
    if len(clusters) == 1:
        yield _word(run, start)
    for (first, _), (_, last) in pairwise(clusters):
        yield _word(run[first:last], start + first)


@lru_cache(maxsize=200_000)
def lemma(form: str, language: str) -> str:
    """The dictionary form, or the form itself where there is no lemmatiser or it does not know the word.

    Opens the language's dictionary (see search.language.lemmas), so only building calls this: a library keeps
    the lemmas of its own forms.
    """
    code = languages.get(language).lemmatizer
    if code is None or len(form) < 3 or form.isdigit():
        return form
    return unicodedata.normalize("NFKC", _lemmatizer().lemma(_spelled(form), code)).casefold()


def keep_lemma_indexes(folder: Path) -> None:
    """From now on, the dictionaries' indexes are kept in a folder, for later processes."""
    global _index_folder
    if folder != _index_folder:
        _index_folder = folder
        _lemmatizer.cache_clear()
        _speller.cache_clear()


_index_folder: Path | None = None


@lru_cache(maxsize=200_000)
def in_dictionary(form: str, language: str) -> bool | None:
    """Whether the language's lemmatiser knows a form; None where it has no lemmatiser. As :func:`lemma`, for
    building only."""
    code = languages.get(language).lemmatizer
    return None if code is None else bool(_lemmatizer().knows(_spelled(form), code))


@lru_cache(maxsize=_REMEMBERED)
def is_word(form: str, language: str) -> bool | None:
    """The same for a process that answers: a dictionary takes some 20 MB, so few of them are open at a time,
    and opening one takes 0.2 s, so it is asked only about a word that may well be a slip."""
    code = languages.get(language).lemmatizer
    return None if code is None else bool(_speller().knows(_spelled(form), code))


def _spelled(form: str) -> str:
    """A casefolded word as dictionaries spell it: casefolding made the sigma that ends it an inner one."""
    return form[:-1] + "ς" if form.endswith("σ") else form


@cache
def _lemmatizer() -> Lemmatizer:
    from search.language.lemmas import Lemmatizer  # simplemma is imported by building only

    return Lemmatizer(_index_folder)


@cache
def _speller() -> Lemmatizer:
    from search.language.lemmas import Lemmatizer  # nor by a process that was asked no such word

    return Lemmatizer(_index_folder, _DICTIONARIES)


@lru_cache(maxsize=_REMEMBERED)
def fold(form: str) -> str:
    """Without diacritics and strokes: a second chance, for typing and for ё/е and ł/l."""
    decomposed = unicodedata.normalize("NFKD", form.translate(_STROKES))
    return "".join(c for c in decomposed if not unicodedata.combining(c)) or form


@lru_cache(maxsize=_REMEMBERED)
def transliterated(form: str) -> str:
    """A word in the letters of ASCII, in lower case."""
    return form.lower() if form.isascii() else anyascii(form).lower()


@lru_cache(maxsize=_REMEMBERED)
def grams(form: str) -> tuple[str, ...]:
    """The transliterated word in runs of GRAM characters, its ends marked; shorter words whole."""
    found: list[str] = []
    for piece in _LETTER_OR_DIGIT.findall(transliterated(form)):
        marked = f"_{piece}_"
        found += [marked[at : at + GRAM] for at in range(max(1, len(marked) - GRAM + 1))]
    return tuple(found)
