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
from dataclasses import dataclass
from functools import cache
from importlib import resources

__all__ = ["BackgroundRow", "digest", "is_function_word", "rows"]


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


# A word in this many of a language's 120 background texts, whose topics are all different, is a function word.
_FUNCTION_WORD = 4


@cache
def _function_words() -> frozenset[str]:
    from search import analysis

    found: set[str] = set()
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in (*rows("question"), *rows("statement")):
        counts[row.language].update({word.form for word in analysis.words(row.text)})
    for counter in counts.values():
        found |= {form for form, count in counter.items() if count >= _FUNCTION_WORD}
    return frozenset(found)


def is_function_word(form: str) -> bool:
    """Whether a casefolded word is a function word ("how", "jest", "и") of any background language."""
    return form in _function_words()


@cache
def digest() -> str:
    """A fingerprint of the whole set, for caches of its vectors."""
    joined = "\n".join(f"{row.id}\t{row.language}\t{row.text}" for row in _all())
    return hashlib.sha256(joined.encode()).hexdigest()[:16]
