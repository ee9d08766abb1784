"""Where in a text words or terms are written, in any of their spellings: on whole words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TypeVar

from search import analysis

__all__ = ["occurrences"]

_Value = TypeVar("_Value")


def occurrences(
    text: str, spellings: Mapping[str, _Value], taken: Sequence[tuple[int, int]] = ()
) -> list[tuple[int, int, _Value]]:
    """Start, end and value of every spelling in a text, in order, outside of what is ``taken``; of
    overlapping ones the longer.

    Case and the width of characters do not count. Spellings in scripts without spaces are found wherever
    they stand.
    """
    found = [*_written_in_words(text, spellings), *_written_without_spaces(text, spellings)]
    found.sort(key=lambda one: (one[0] - one[1], one[0]))
    kept: list[tuple[int, int, _Value]] = []
    spans = list(taken)
    for one in found:
        if not any(one[0] < end and start < one[1] for start, end in spans):
            kept.append(one)
            spans.append(one[:2])
    return sorted(kept, key=lambda one: one[0])


def _written_in_words(text: str, spellings: Mapping[str, _Value]) -> list[tuple[int, int, _Value]]:
    wanted: dict[str, list[tuple[tuple[str, ...], _Value]]] = defaultdict(list)
    for spelling, value in spellings.items():
        forms = tuple(word.form for word in analysis.words_of(spelling))
        if forms and not analysis.is_unspaced(spelling):
            wanted[forms[0]].append((forms, value))
    words = list(analysis.words_of(text))
    found = []
    for at, word in enumerate(words):
        for forms, value in wanted.get(word.form, ()):
            here = words[at : at + len(forms)]
            if tuple(one.form for one in here) == forms and _one_after_the_other(text, here):
                found.append((word.start, here[-1].end, value))
    return found


def _one_after_the_other(text: str, words: list[analysis.Word]) -> bool:
    return all(text[a.end : b.start].isspace() for a, b in pairwise(words))


def _written_without_spaces(text: str, spellings: Mapping[str, _Value]) -> list[tuple[int, int, _Value]]:
    found = []
    for spelling, value in spellings.items():
        if analysis.is_unspaced(spelling):
            start = text.find(spelling)
            while start >= 0:
                found.append((start, start + len(spelling), value))
                start = text.find(spelling, start + len(spelling))
    return found
