"""The background set: the same everyday questions, statements and words in some forty languages.

Written for the project. It says what a language looks like to a model when the topic is nothing in
particular, so that a language's and a model's habits can be told from a library's topic: for centring,
calibration and the shapes of questions. One file per language, ``id<TAB>text``; an id is
``question.<shape>.<nn>``, ``statement.<nn>`` or ``word.<nn>``, and the same id is the same meaning
in every language.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from sys import intern

from search.language.settings import LANGUAGE

__all__ = ["BackgroundRow", "digest", "is_function_word", "keywords", "rows", "word_counts", "words"]


@dataclass(frozen=True, slots=True)
class BackgroundRow:
    """One text: ``kind`` is question, statement or word; ``shape`` is a question's, else empty."""

    id: str
    language: str
    kind: str
    shape: str
    text: str


@cache
def _all() -> tuple[BackgroundRow, ...]:
    found = []
    folder = resources.files("search") / "data" / "background"
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        for line in file.read_text("utf-8").splitlines():
            identifier, text = line.split("\t")
            parts = identifier.split(".")
            shape = parts[1] if parts[0] == "question" else ""
            found.append(BackgroundRow(identifier, file.name.removesuffix(".tsv"), parts[0], shape, text))
    return tuple(found)


@cache
def rows(kind: str) -> tuple[BackgroundRow, ...]:
    """Every row of one kind, by language and then by id, so that each language has the same count."""
    return tuple(row for row in _all() if row.kind == kind)


def keywords() -> tuple[str, ...]:
    """Texts that somebody may look for and that ask nothing: of every language statements, words and pairs of
    words, as many as it has questions."""
    texts: list[str] = []
    for language in dict.fromkeys(row.language for row in rows("word")):
        lone = [row.text for row in rows("word") if row.language == language]
        said = [row.text for row in rows("statement") if row.language == language]
        single, paired = LANGUAGE.single_words, LANGUAGE.word_pairs
        pairs = [
            f"{first} {second}" for first, second in zip(lone[single:], lone[single + paired :], strict=False)
        ]
        texts += [*said[::2][: LANGUAGE.statements], *lone[:single], *pairs[:paired]]
    return tuple(texts)


@cache
def words(kind: str) -> tuple[tuple[str, ...], ...]:
    """The casefolded words of each row of one kind, in the order of :func:`rows`: cut once for all that count
    them."""
    from search.language import analysis

    return tuple(tuple(map(intern, analysis.forms(row.text))) for row in rows(kind))


@cache
def word_counts(*kinds: str) -> Mapping[str, Mapping[str, int]]:
    """Per language, in how many of its rows of some kinds (questions and statements) each casefolded word
    occurs."""
    held: dict[str, list[str]] = defaultdict(list)
    for kind in kinds or ("question", "statement"):
        for row, forms in zip(rows(kind), words(kind), strict=True):
            # In the texts' order: a set's is another in each process.
            held[row.language] += dict.fromkeys(forms)
    return {language: Counter(forms) for language, forms in held.items()}


@cache
def _function_words() -> Mapping[str, frozenset[str]]:
    content = {row.text.casefold() for row in rows("word")}  # "water" runs through the texts, too
    found = {
        language: frozenset(
            form for form, n in counts.items() if n >= LANGUAGE.function_word_texts and form not in content
        )
        for language, counts in word_counts().items()
    }
    found[""] = frozenset().union(*found.values())
    return found


def is_function_word(form: str, language: str = "") -> bool:
    """Whether a casefolded word is a function word ("how", "jest", "и") of a language, or of any background
    language where none or an unknown one is given."""
    known = _function_words()
    return form in known.get(language, known[""])


@cache
def digest() -> str:
    """A fingerprint of the whole set, for caches of its vectors."""
    joined = "\n".join(f"{row.id}\t{row.language}\t{row.text}" for row in _all())
    return hashlib.sha256(joined.encode()).hexdigest()[:16]
