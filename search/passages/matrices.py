"""A generation's vectors: its passages' and sentences', what stands for both of them, and how they score."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from search.arrays.int8 import Int8Rows, principal_axes, quantised
from search.arrays.kept import KeptRows, joined_runs
from search.arrays.strings import mapped
from search.arrays.vectors import Ints, VectorRows, Vectors
from search.passages.settings import PASSAGES

__all__ = ["StoredVectors", "best_per_passage", "blend"]

_ROWS = ("passages", "sentences", "gists")


@dataclass(frozen=True, slots=True)
class StoredVectors:
    """A generation's centred vectors in row order of passages, a byte a coordinate.

    ``passages`` (P, d) and ``sentences`` (S, d) are unit rows along ``axes``; the sentences of passage i are
    rows ``bounds[i]:bounds[i+1]``; ``kinds`` (S,) says what each sentence is (see
    :mod:`search.passages.backend`); ``gists`` (P, w) stand for passages with their sentences.
    """

    passages: Int8Rows
    sentences: Int8Rows
    gists: Int8Rows
    axes: Vectors
    bounds: Ints
    kinds: NDArray[np.uint8]

    @classmethod
    def made(
        cls, passages: Int8Rows, sentences: Int8Rows, axes: Vectors, bounds: Ints, kinds: NDArray[np.uint8]
    ) -> StoredVectors:
        return cls(passages, sentences, _gists(passages, sentences, bounds), axes, bounds, kinds)

    @classmethod
    def of(
        cls, passages: VectorRows, sentences: VectorRows, bounds: Ints, kinds: NDArray[np.uint8]
    ) -> StoredVectors:
        """From centred unit rows, float32."""
        axes = principal_axes(sentences)
        return cls.made(Int8Rows.of(passages, axes), Int8Rows.of(sentences, axes), axes, bounds, kinds)

    def joined(self, passages: KeptRows, sentences: KeptRows, new: StoredVectors) -> StoredVectors:
        """Those of these that are kept, and then the ``new`` ones, along the same axes."""
        return StoredVectors(
            self.passages.joined(passages, new.passages),
            self.sentences.joined(sentences, new.sentences),
            self.gists.joined(passages, new.gists),
            self.axes,
            joined_runs(passages, self.bounds, np.diff(new.bounds)),
            sentences.joined(self.kinds, new.kinds),
        )

    def of_passages(self, rows: Ints | slice) -> Vectors:
        """Passages' vectors as float32, by row."""
        return self.passages.floats(rows, self.axes)

    def of_sentences(self, rows: Ints | slice) -> Vectors:
        """Sentences' vectors as float32, by row."""
        return self.sentences.floats(rows, self.axes)

    def write(self, directory: Path) -> None:
        for name in _ROWS:
            getattr(self, name).write(directory, name)
        np.save(directory / "axes.npy", self.axes.astype(np.float16))
        np.save(directory / "bounds.npy", self.bounds)
        np.save(directory / "kinds.npy", self.kinds)

    @classmethod
    def read(cls, directory: Path) -> StoredVectors:
        """The arrays are memory-mapped."""
        passages, sentences, gists = (Int8Rows.read(directory, name) for name in _ROWS)
        axes, bounds, kinds = (mapped(directory / f"{name}.npy") for name in ("axes", "bounds", "kinds"))
        return cls(passages, sentences, gists, axes.astype(np.float32), bounds, kinds)


def _gists(passages: Int8Rows, sentences: Int8Rows, bounds: Ints) -> Int8Rows:
    """What stands for each passage and its sentences together where a scan cannot look at all of them: the
    prefixes of its own vector and, at half the weight, of its sentences' mean direction."""
    width = passages.prefix.shape[1]
    codes = np.zeros((len(passages), width), np.int8)
    steps = np.zeros(len(passages), np.float32)
    for start in range(0, len(passages), PASSAGES.gists_at_a_time):
        rows = slice(start, start + PASSAGES.gists_at_a_time)
        ends = bounds[start : start + PASSAGES.gists_at_a_time + 1]
        inside = slice(int(ends[0]), int(ends[-1]))
        said = sentences.prefix[inside] * sentences.steps[inside][:, None]
        filled = ends[1:] > ends[:-1]
        mean = np.zeros((len(filled), width), np.float32)
        mean[filled] = np.add.reduceat(said, (ends - ends[0])[:-1][filled], axis=0)
        mean /= np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-6)
        own = passages.prefix[rows] * passages.steps[rows][:, None]
        codes[rows], steps[rows] = quantised(own + np.float32(PASSAGES.gist_sentences) * mean)
    return Int8Rows(codes, np.zeros((len(codes), 0), np.int8), steps)


def best_per_passage(scores: Vectors, bounds: Ints) -> Vectors:
    """The highest of each passage's sentence scores (S, …); −1 where it has no sentence."""
    best = np.full((len(bounds) - 1, *scores.shape[1:]), -1.0, np.float32)
    filled = bounds[1:] > bounds[:-1]
    if filled.any():
        best[filled] = np.maximum.reduceat(scores, bounds[:-1][filled], axis=0)
    return best


def blend(passages: Vectors, best_sentences: Vectors) -> Vectors:
    """The first dense score of each passage: half its own cosine, half its best sentence's."""
    score: Vectors = (1 - PASSAGES.sentence_share) * passages + PASSAGES.sentence_share * best_sentences
    return score
