"""Where in a text words or terms are written, in any of their spellings: on whole words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Generic, TypeVar

from search.language import analysis

__all__ = ["Spellings"]

_Value = TypeVar("_Value")


class Spellings(Generic[_Value]):
    """Spellings, each with a value, to be looked for in many texts.

    Case and the width of characters do not count. Spellings in scripts without spaces are found wherever
    they stand.
    """

    def __init__(self, spellings: Mapping[str, _Value]) -> None:
        self._in_words: dict[str, list[tuple[tuple[str, ...], _Value]]] = defaultdict(list)
        self._unspaced = {
            spelling: value for spelling, value in spellings.items() if analysis.is_unspaced(spelling)
        }
        for spelling, value in spellings.items():
            forms = tuple(analysis.forms(spelling))
            if forms and spelling not in self._unspaced:
                self._in_words[forms[0]].append((forms, value))

    @property
    def words(self) -> frozenset[str]:
        """The forms of all words of spellings that are looked for by their words."""
        return frozenset(
            form for spelled in self._in_words.values() for forms, _ in spelled for form in forms
        )

    def occurrences(
        self,
        text: str,
        taken: Sequence[tuple[int, int]] = (),
        words: Sequence[analysis.Word] | None = None,
    ) -> list[tuple[int, int, _Value]]:
        """Start, end and value of every spelling in a text, in order, outside of what is ``taken``; of
        overlapping ones the longer. ``words`` are the text's that are among :attr:`words` at least; None:
        all of them."""
        words = analysis.words_of(text) if words is None else words
        found = [*self._written_in_words(text, words), *self._written_without_spaces(text)]
        found.sort(key=lambda occurrence: (occurrence[0] - occurrence[1], occurrence[0]))
        kept: list[tuple[int, int, _Value]] = []
        spans = list(taken)
        for occurrence in found:
            if not any(occurrence[0] < end and start < occurrence[1] for start, end in spans):
                kept.append(occurrence)
                spans.append(occurrence[:2])
        return sorted(kept, key=lambda occurrence: occurrence[0])

    def _written_in_words(self, text: str, words: Sequence[analysis.Word]) -> list[tuple[int, int, _Value]]:
        found = []
        for at, word in enumerate(words) if self._in_words else ():
            for forms, value in self._in_words.get(word.form, ()):
                here = words[at : at + len(forms)]
                if tuple(word.form for word in here) == forms and _one_after_the_other(text, here):
                    found.append((word.start, here[-1].end, value))
        return found

    def _written_without_spaces(self, text: str) -> list[tuple[int, int, _Value]]:
        found = []
        for spelling, value in self._unspaced.items():
            start = text.find(spelling)
            while start >= 0:
                found.append((start, start + len(spelling), value))
                start = text.find(spelling, start + len(spelling))
        return found


def _one_after_the_other(text: str, words: Sequence[analysis.Word]) -> bool:
    return all(text[a.end : b.start].isspace() for a, b in pairwise(words))
