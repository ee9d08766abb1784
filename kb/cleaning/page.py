"""A page as the rules on furniture see it: its lines, which of them are running text, what it is about."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kb.cleaning.phrases import phrase_key
from kb.cleaning.settings import CLEANING
from kb.text.line_shapes import content_words, is_body
from kb.text.lines import Line

__all__ = ["Encode", "Finding", "Page"]

Encode = Callable[[Sequence[str]], NDArray[np.floating]]
"""Texts to unit vectors, a row each; the nearer in meaning, the larger their product."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Lines ``first`` to ``last`` (inclusive) are furniture; ``parts`` are their spans, if not one whole."""

    first: int
    last: int
    reason: str
    score: float
    parts: tuple[tuple[int, int], ...] = ()


class Page:
    """The lines of one page, and what the rules ask about them.

    ``gone`` are the lines taken so far; what is asked of the page is asked of those left.
    """

    def __init__(
        self, lines: Sequence[Line], repeated: Container[str] = (), encode: Encode | None = None
    ) -> None:
        self.lines = lines
        self.repeated = repeated
        self.encode = encode
        self.gone: set[int] = set()
        self._body: list[int] | None = None
        self._vocabulary: frozenset[str] | None = None
        self._words: dict[int, frozenset[str]] = {}
        self._titles: list[int] = []
        self._looked = 0

    def take(self, finding: Finding) -> None:
        self.gone.update(range(finding.first, finding.last + 1))
        if self._body is not None and not self.gone.isdisjoint(self._body):
            self._body = self._vocabulary = None

    @cached_property
    def _long(self) -> list[int]:
        return [i for i, line in enumerate(self.lines) if line.kind == "code" or is_body(line.text)]

    @property
    def body(self) -> list[int]:
        """The lines long enough to be an author's running text, and code."""
        if self._body is None:
            self._body = [i for i in self._long if i not in self.gone]
        return self._body

    @cached_property
    def keys(self) -> list[str]:
        return [
            phrase_key(line.text) if len(line.text) <= CLEANING.keyed and line.kind != "code" else ""
            for line in self.lines
        ]

    @cached_property
    def last_seen(self) -> dict[str, int]:
        """The last line with each key."""
        return {key: i for i, key in enumerate(self.keys) if key}

    @property
    def vocabulary(self) -> frozenset[str]:
        """The content words of the running text."""
        if self._vocabulary is None:
            self._vocabulary = frozenset(word for i in self.body for word in self.words(i))
        return self._vocabulary

    def words(self, i: int) -> frozenset[str]:
        if i not in self._words:
            self._words[i] = content_words(self.lines[i].text)
        return self._words[i]

    def in_head(self, i: int) -> bool:
        """Before the running text; on a page without any, among the first three lines."""
        return i < self.body[0] if self.body else i < 3

    def in_tail(self, i: int) -> bool:
        """After the running text; on a page without any, among the last three lines."""
        return i > self.body[-1] if self.body else i >= len(self.lines) - 3

    def at_edge(self, i: int) -> bool:
        return self.in_head(i) or self.in_tail(i)

    def left(self, start: int = 0, stop: int | None = None) -> list[int]:
        """The lines of a range that no rule took yet."""
        end = len(self.lines) if stop is None else min(stop, len(self.lines))
        return [i for i in range(max(0, start), end) if i not in self.gone]

    def head(self) -> list[int]:
        """What is left of the lines above the running text."""
        return self.left(0, self.body[0]) if self.body else []

    def tail(self) -> list[int]:
        """What is left of the lines below the running text."""
        return self.left(self.body[-1] + 1) if self.body else []

    def on_topic(self, i: int) -> bool:
        """Does a line share a content word with the running text?"""
        return not self.vocabulary.isdisjoint(self.words(i))

    def is_only_title(self, i: int) -> bool:
        """Would taking this line leave the page without anything above its running text?"""
        if not self.in_head(i):
            return False
        stop = self.body[0] if self.body else len(self.lines)
        others = (j for j in self._first_titles() if j != i and j < stop)
        return next(others, None) is None and self.on_topic(i)

    def has_title_above(self, i: int) -> bool:
        return any(j < i for j in self._first_titles())

    def _first_titles(self) -> list[int]:
        """The first two lines left that may be titles, looked for from where the last search ended."""
        self._titles = [i for i in self._titles if i not in self.gone]
        while len(self._titles) < 2 and self._looked < len(self.lines):
            if self._looked not in self.gone and self.lines[self._looked].kind not in ("item", "code"):
                self._titles.append(self._looked)
            self._looked += 1
        return self._titles

    def has_body(self, i: int) -> bool:
        """Is this line one of the running text?"""
        at = bisect_left(self.body, i)
        return at < len(self.body) and self.body[at] == i

    @cached_property
    def letters(self) -> int:
        """Characters of all lines."""
        return sum(len(line.text) for line in self.lines)
