"""A query's words, told by where they stand: what they mean there, without encoding them one by one.

The pass that encodes a query gives its tokens' vectors, too. Those of a word, less half of what all of the
query's have in common, are its *direction*: near to the contextual vectors
(:mod:`search.dictionary.term_vectors`) of the terms that mean the same, in any language. And a linear map,
fitted on background questions, tells from it about where the word's own vector would be
(:mod:`search.dictionary.word_space`), and how much it looks like a function word.

On XQuAD, in six languages, for 3,978 pairs of a question's word and another language that has a sure
counterpart of it, the nearest term by directions and map together was one for 0.72, by the word's own vector,
encoded alone, for 0.69. In every range of probabilities above 0.3 as many were right, or more.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kb.text.cached_arrays import read_arrays, write_arrays
from search.arrays.int8 import PARTS, Int8Query, Int8Rows, quantised
from search.arrays.matmul import matmul
from search.arrays.vectors import Vectors, in_two_bytes, unit_rows
from search.dictionary.own_vectors import OwnVectors, as_they_are
from search.dictionary.settings import DICTIONARY
from search.dictionary.word_space import WordSpace, said
from search.encoding.protocol import Encoder
from search.language import analysis, background
from search.language.terms import Spans, units
from search.passages.tokens import TokenSpace

__all__ = ["ContextMap", "Heard", "TermContexts", "directions", "fit_context_map"]

Heard = Mapping[str, Vectors]
"""The words of a query, in lower case, and where each points."""


def directions(text: str, tokens: Vectors, pieces: Spans) -> dict[str, Vectors]:
    """Where each word of a query points, in lower case: unit vectors (reduced,). ``tokens`` are the query's,
    (n, reduced), and ``pieces`` where they are in its text. Of a lone word, without a context, nothing is
    told."""
    pieces = pieces[: len(tokens)]
    found: dict[str, list[Vectors]] = defaultdict(list)
    for unit in units(text, pieces if analysis.is_unspaced(text) else ()):
        inside = [at for at, (a, b) in enumerate(pieces) if a < unit.end and unit.start < b]
        if inside:
            found[text[unit.start : unit.end].lower()].append(tokens[inside].mean(axis=0))
    if len(found) < 2:
        return {}
    common = np.float32(DICTIONARY.common) * tokens.mean(axis=0)
    return {word: unit_rows((np.mean(places, axis=0) - common)[None])[0] for word, places in found.items()}


@dataclass(frozen=True, slots=True)
class ContextMap:
    """From directions to placed vectors of words; made from the background set only. The last column of
    ``matrix`` (reduced, dimension + 1) gives, with ``offset``, the likeness to function words."""

    matrix: Vectors
    offset: float

    def placed(self, direction: Vectors) -> Vectors:
        """About where a word's own vector is: a unit vector (dimension,)."""
        placed: Vectors = unit_rows(matmul(direction, self.matrix[:, :-1])[None])[0]
        return placed

    def function_word(self, direction: Vectors) -> float:
        """How much a word looks like a function word; about what :meth:`WordSpace.function_words` gives."""
        return float(direction @ self.matrix[:, -1]) + self.offset

    def write(self, path: Path) -> None:
        write_arrays(path, matrix=self.matrix.astype(np.float16), offset=np.float32(self.offset))

    @classmethod
    def read(cls, path: Path) -> ContextMap:
        with read_arrays(path) as held:
            return cls(held["matrix"].astype(np.float32), float(held["offset"]))


def fit_context_map(encoder: Encoder, tokens: TokenSpace, space: WordSpace) -> ContextMap:
    """The map of a model: ridge regression over the words of background questions, of which all occurrences
    together count as the root of their number."""
    asked = [row.text for row in background.rows("question")[:: DICTIONARY.map_every]]
    pointing: list[dict[str, Vectors]] = [{}] * len(asked)
    for place, _, raw in encoder.with_tokens(asked, query=True):
        pointing[place] = directions(asked[place], tokens.query(raw), encoder.pieces([asked[place]])[0])
    words = [word for of_words in pointing for word in of_words]
    rows = np.stack([direction for of_words in pointing for direction in of_words.values()])
    counts = Counter(words)
    own = space.place(encoder.passages([said(word) for word in counts]))
    likeness = np.clip(space.function_words(own), -DICTIONARY.map_clear, DICTIONARY.map_clear)
    number = {word: at for at, word in enumerate(counts)}
    places = [number[word] for word in words]
    weights = np.array([counts[word] for word in words], np.float32) ** np.float32(-0.5)
    offset = float(np.average(likeness[places], weights=weights))
    told = np.concatenate([own, likeness[:, None] - np.float32(offset)], axis=1)[places]
    weighted = rows * weights[:, None]
    round_part = DICTIONARY.map_ridge * weights.sum() * np.eye(rows.shape[1], dtype=np.float32)
    matrix = np.linalg.solve(rows.T @ weighted + round_part, weighted.T @ told)
    # As it is kept.
    return ContextMap(in_two_bytes(matrix), offset)


class TermContexts:
    """The contextual vectors of a vocabulary's terms, memory-mapped, and the map of its model."""

    def __init__(self, directory: Path, words: OwnVectors) -> None:
        """``words`` are the terms' own vectors."""
        self.map = ContextMap.read(directory / "context_map.npz")
        self._rows, self._words = Int8Rows.read(directory, "contexts"), words

    @staticmethod
    def write(directory: Path, contexts: Sequence[Int8Rows], context_map: ContextMap) -> None:
        """Saves the contexts of all languages' terms, one after the other."""
        # A library whose last article is removed has no language.
        every = [as_they_are(np.zeros((0, len(context_map.matrix)), np.float32)), *contexts]
        joined = Int8Rows(*(np.concatenate([getattr(rows, part) for rows in every]) for part in PARTS))
        joined.write(directory, "contexts")
        context_map.write(directory / "context_map.npz")

    def likely(self, direction: Vectors, least: float) -> dict[int, float]:
        """The probabilities of the terms that may mean what points there, of at least so much."""
        code, steps = quantised(direction[None])
        cosines = self._rows.cosines(Int8Query(code, steps[0]))
        rows = np.flatnonzero(cosines >= DICTIONARY.heard_near)
        most = DICTIONARY.heard_most
        if len(rows) > most:
            rows = np.sort(rows[np.argpartition(-cosines[rows], most)[:most]])
        both = cosines[rows] + self._words.cosines(self.map.placed(direction), rows)
        values = 1 / (1 + np.exp(-(DICTIONARY.heard_bias + DICTIONARY.heard_cosines * both)))
        held = values >= least
        return dict(zip(rows[held].tolist(), values[held].tolist(), strict=True))
