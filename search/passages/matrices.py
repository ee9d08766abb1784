"""A generation's vectors: its passages' and sentences', what stands for both of them, and how they score."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from search.arrays.int8 import Int8Rows, principal_axes, quantised
from search.arrays.vectors import Vectors

__all__ = ["GISTS", "Matrices", "best_per_passage", "blend", "gists"]

GISTS = "passages_gist"
"""What gists are saved as (see :func:`gists`)."""
_SAID, _GISTS_AT_A_TIME = 0.5, 4096
_SENTENCE_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Matrices:
    """A generation's centred vectors in row order of passages, while it is made.

    ``passages`` (P, d) and ``sentences`` (S, d) are float32 unit rows; the sentences of passage i are rows
    ``bounds[i]:bounds[i+1]``; ``kinds`` (S,) says what each sentence is (see :mod:`search.passages.backend`).
    """

    passages: Vectors
    sentences: Vectors
    bounds: NDArray[np.int64]
    kinds: NDArray[np.uint8]

    def write(self, directory: Path) -> None:
        """Saves the matrices into a folder, a byte a coordinate."""
        axes = principal_axes(self.sentences)
        passages, sentences = Int8Rows.of(self.passages, axes), Int8Rows.of(self.sentences, axes)
        passages.write(directory, "passages")
        sentences.write(directory, "sentences")
        gists(passages, sentences, self.bounds).write(directory, GISTS)
        np.save(directory / "axes.npy", axes)
        np.save(directory / "bounds.npy", self.bounds)
        np.save(directory / "kinds.npy", self.kinds)


def gists(passages: Int8Rows, sentences: Int8Rows, bounds: NDArray[np.int64]) -> Int8Rows:
    """What stands for each passage and its sentences together where a scan cannot look at all of them: the
    heads of its own vector and, at half the weight, of its sentences' mean direction."""
    width = passages.heads.shape[1]
    codes = np.zeros((len(passages), width), np.int8)
    steps = np.zeros(len(passages), np.float32)
    for start in range(0, len(passages), _GISTS_AT_A_TIME):
        rows = slice(start, start + _GISTS_AT_A_TIME)
        ends = bounds[start : start + _GISTS_AT_A_TIME + 1]
        inside = slice(int(ends[0]), int(ends[-1]))
        said = sentences.heads[inside] * sentences.steps[inside][:, None]
        filled = ends[1:] > ends[:-1]
        mean = np.zeros((len(filled), width), np.float32)
        mean[filled] = np.add.reduceat(said, (ends - ends[0])[:-1][filled], axis=0)
        mean /= np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-6)
        own = passages.heads[rows] * passages.steps[rows][:, None]
        codes[rows], steps[rows] = quantised(own + np.float32(_SAID) * mean)
    return Int8Rows(codes, np.zeros((len(codes), 0), np.int8), steps)


def best_per_passage(scores: Vectors, bounds: NDArray[np.int64]) -> Vectors:
    """The highest of each passage's sentence scores (S, …); −1 where it has no sentence."""
    best = np.full((len(bounds) - 1, *scores.shape[1:]), -1.0, np.float32)
    filled = bounds[1:] > bounds[:-1]
    if filled.any():
        best[filled] = np.maximum.reduceat(scores, bounds[:-1][filled], axis=0)
    return best


def blend(passages: Vectors, best_sentences: Vectors) -> Vectors:
    """The first dense score of each passage: half its own cosine, half its best sentence's."""
    score: Vectors = (1 - _SENTENCE_SHARE) * passages + _SENTENCE_SHARE * best_sentences
    return score
