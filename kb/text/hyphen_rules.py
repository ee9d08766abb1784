"""What languages do with a hyphen at a line's end, of ``data/hyphens.tsv``, for :mod:`kb.text.joining`."""

from __future__ import annotations

from kb.tables import rows

__all__ = ["CLITICS", "CONJUNCTIONS", "DICTIONARIES", "KEPT_FIRST_PARTS"]


def _of_kind(kind: str) -> dict[str, frozenset[str]]:
    return {code: frozenset(words.split()) for code, its, words in rows("hyphens", 3, key=2) if its == kind}


CONJUNCTIONS = _of_kind("between")
"""What stands between two words that share a part: "Haupt- und Nebenkanal", "zout- en zoetwater"."""

CLITICS = _of_kind("after")
"""What is written after a hyphen: "disse-me", "a-t-il", "кто-то"."""

KEPT_FIRST_PARTS = _of_kind("before")
"""What is written before one: "self-made", "из-за", "по-русски", "într-un"."""

# Languages in which both "springtime" and "long-term" are usual, and simplemma's code for their dictionary.
# In the others a word that goes on in small letters after a line's end was broken there.
DICTIONARIES = {code: code for code in ("ca", "en", "es", "fr", "gl", "id", "it", "ms", "pt", "ro")}
