"""A Unigram model where it lies: the pieces in a trie that is memory-mapped, cut as SentencePiece cuts.

The ``tokenizers`` library takes 0.7 s and 280 MB to read these 250,000 pieces, more than the whole rest of
the model. Here nothing is read but the branches that occur. Words are cut one by one (no piece goes across a
space), and most words of a text have been cut before, so that Python is fast enough: it takes less of the
processor than the library does, and a hundredth of what encoding takes.
"""

from __future__ import annotations

from bisect import bisect_left
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from search.arrays.memory import Remembered
from search.arrays.runs import offsets_of
from search.arrays.strings import mapped
from search.encoding.bundled import Tokenization
from search.encoding.settings import ENCODING

__all__ = ["Cut", "Unigram", "write_trie"]

_SPACE = "▁"
"""How a piece is written that begins a word."""

Cut = tuple[list[int], list[int]]
"""The ids of a word's pieces, and where each ends in it; the space before it counts as its character 0."""

# A node of the trie: where its children begin (they end where the next one's begin), the character that
# leads to it, and the piece that ends there (−1: none) with its log-probability. Nodes come by depth, and
# siblings side by side in the order of their characters.
_NODE = np.dtype([("children", "<u4"), ("character", "<u4"), ("piece", "<i4"), ("score", "<f4")])
_NO_PIECE = -1


def write_trie(tokenization: Tokenization, path: Path) -> None:
    """Saves the pieces; :class:`Unigram` reads them."""
    levels: dict[int, set[str]] = {}
    for piece in tokenization.pieces:
        for length in range(1, len(piece) + 1):
            levels.setdefault(length, set()).add(piece[:length])
    prefixes = [prefix for _, level in sorted(levels.items()) for prefix in sorted(level)]
    numbers = {prefix: number for number, prefix in enumerate(prefixes)}
    nodes = np.zeros(len(prefixes) + 1, _NODE)
    parents = [numbers[prefix[:-1]] for prefix in prefixes if len(prefix) > 1]
    children = np.bincount(np.array(parents, np.int64), minlength=len(prefixes))
    roots = len(levels[1])
    nodes["children"] = roots + offsets_of(children)
    nodes["character"][:-1] = [ord(prefix[-1]) for prefix in prefixes]
    nodes["piece"] = _NO_PIECE
    ends = [numbers[piece] for piece in tokenization.pieces]
    nodes["piece"][ends] = np.arange(len(ends))
    nodes["score"][ends] = tokenization.scores
    np.save(path, nodes)


class Unigram:
    """Cuts words into the most probable pieces. Safe to be used by many threads."""

    def __init__(self, path: Path, unknown: int) -> None:
        """``unknown`` is the id of what has no piece. Raises OSError or ValueError where the file is none."""
        nodes: NDArray[np.void] = mapped(path)
        if nodes.dtype != _NODE or len(nodes) < 2:
            raise ValueError(f"{path.name}: not a trie")
        # Single items of a memoryview are twice as fast as numpy's, and plain numbers of Python.
        self._children, self._characters, self._ids, self._scores = (
            nodes[name].data for name in _NODE.fields or ()
        )
        roots = int(nodes["children"][0])
        self._roots = {chr(code): node for node, code in enumerate(nodes["character"][:roots].tolist())}
        self._unknown = unknown
        self._unknown_score = float(nodes["score"].min()) - ENCODING.unknown_penalty
        self._known = Remembered[str, Cut](ENCODING.words_remembered)

    def cut(self, word: str) -> Cut:
        """The pieces of a word, which is given without the space before it, but has its mark in them. What is
        returned is shared: it must not be changed."""
        found = self._known.get(word)
        if found is None:
            found = self._back(*self._best(_SPACE + word))
            if len(word) <= ENCODING.longest_remembered:
                self._known.remember({word: found})
        return found

    def _best(self, text: str) -> tuple[list[int], list[int]]:
        """For each end, where the last piece of the most probable way to it begins, and its id."""
        children, characters, ids, scores = self._children, self._characters, self._ids, self._scores
        roots, size, codes = self._roots, len(text), [ord(character) for character in text]
        none = float("-inf")
        best = [0.0] + [none] * size
        starts, pieces = [0] * (size + 1), [0] * (size + 1)
        for start in range(size):
            so_far = best[start]
            node, end, alone = roots.get(text[start], _NO_PIECE), start + 1, False
            while node >= 0:
                piece = ids[node]
                if piece >= 0:
                    score = so_far + scores[node]
                    if score > best[end]:
                        best[end], starts[end], pieces[end] = score, start, piece
                    alone = alone or end == start + 1
                if end == size:
                    break
                first, last, code = children[node], children[node + 1], codes[end]
                node = bisect_left(characters, code, first, last)
                if node == last or characters[node] != code:
                    break
                end += 1
            if not alone and so_far + self._unknown_score > best[start + 1]:
                best[start + 1] = so_far + self._unknown_score
                starts[start + 1], pieces[start + 1] = start, self._unknown
        return starts, pieces

    def _back(self, starts: list[int], pieces: list[int]) -> Cut:
        """The way from the end to the beginning; unknown characters side by side are one token."""
        ids: list[int] = []
        ends: list[int] = []
        end = len(starts) - 1
        while end:
            if not (ids and ids[-1] == pieces[end] == self._unknown):
                ids.append(pieces[end])
                ends.append(end)
            end = starts[end]
        return ids[::-1], ends[::-1]
