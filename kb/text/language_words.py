"""Each language's most usual small words, of ``data/small_words.tsv``: they tell near languages apart."""

from __future__ import annotations

from kb.tables import rows

__all__ = ["WORDS"]

WORDS: dict[str, frozenset[str]] = {code: frozenset(words.split()) for code, words in rows("small_words", 2)}
"""Lower-case words of a language; single characters of those that are written without spaces."""
