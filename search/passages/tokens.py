"""The token vectors of sentences, by which late interaction scores them (:mod:`search.passages.late`).

They come out of the pass that encodes the sentence anyway. They are centred by their language's mean over the
background set and freed of what tells the language. What remains is rotated at random, so that no direction
has more to say than another, and kept in two bits a coordinate.
"""

from __future__ import annotations

import mmap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.text.cached_arrays import read_arrays
from search.arrays.matmul import matmul
from search.arrays.runs import offsets_of
from search.arrays.strings import mapped
from search.arrays.vectors import Vectors, in_two_bytes, unit_rows
from search.language import background
from search.passages.backend import SentenceTokens
from search.passages.late import PACKED, Packed, best_matches, pack, summary
from search.passages.settings import PASSAGES

__all__ = ["TOKENS_FILE", "TokenMatrix", "TokenSpace", "fit_token_space", "keys_of"]

TOKENS_FILE = "tokens.npy"
_FILE = "token_space.npz"


@dataclass(frozen=True, slots=True)
class TokenSpace:
    """How one model's token vectors are centred, rotated and kept; made from the background set only.

    ``means`` (dimension,) per language, ``mean`` over all, ``query_mean`` of questions' tokens, ``basis``
    (dimension, reduced), orthonormal. ``axes`` (reduced, 96) are the background tokens' principal axes in
    that basis. ``null_tokens`` (n, reduced / 4), as kept, and ``null_offsets`` are unrelated sentences.
    """

    means: Mapping[str, Vectors]
    mean: Vectors
    query_mean: Vectors
    basis: Vectors
    axes: Vectors
    null_tokens: Packed
    null_offsets: NDArray[np.int64]

    @property
    def width(self) -> int:
        """Bytes that a kept token takes."""
        return int(self.basis.shape[1]) // PACKED

    def write(self, directory: Path) -> None:
        """Saves it as a generation's; :meth:`read` is its inverse."""
        np.savez(directory / _FILE, **self.arrays())

    @classmethod
    def read(cls, directory: Path) -> TokenSpace:
        """A generation's."""
        with read_arrays(directory / _FILE) as held:
            return cls.of(held)

    def arrays(self) -> dict[str, Any]:
        """What it is made of, by name; :meth:`of` is the inverse."""
        names = sorted(self.means)
        return {
            "token_languages": np.array(names),
            "token_means": np.stack([self.means[name] for name in names]),
            "token_mean": self.mean,
            "token_query_mean": self.query_mean,
            "token_basis": self.basis.astype(np.float16),
            "token_axes": self.axes.astype(np.float16),
            "null_tokens": self.null_tokens,
            "null_offsets": self.null_offsets,
        }

    @classmethod
    def of(cls, held: Mapping[str, Any]) -> TokenSpace:
        names = (str(name) for name in held["token_languages"])
        return cls(
            dict(zip(names, held["token_means"], strict=True)),
            held["token_mean"],
            held["token_query_mean"],
            held["token_basis"].astype(np.float32),
            held["token_axes"].astype(np.float32),
            held["null_tokens"],
            held["null_offsets"],
        )

    def text(self, tokens: Vectors, language: str) -> Packed:
        """A sentence's raw token vectors as kept, uint8 (n, width)."""
        return pack(unit_rows((tokens - self.means.get(language, self.mean)) @ self.basis))

    def texts(self, sentences: Sequence[tuple[str, Vectors]]) -> list[Packed]:
        """Sentences' raw token vectors, each with its language, as kept: all in one product."""
        made: list[Packed] = []
        for start in range(0, len(sentences), PASSAGES.sentences_at_a_time):
            part = sentences[start : start + PASSAGES.sentences_at_a_time]
            centred = [tokens - self.means.get(language, self.mean) for language, tokens in part]
            kept = pack(unit_rows(np.concatenate(centred) @ self.basis))
            made += np.split(kept, np.cumsum([len(tokens) for _, tokens in part[:-1]]))
        return made

    def query(self, tokens: Vectors) -> Vectors:
        """A query's raw token vectors, centred and rotated, unit rows."""
        return unit_rows(matmul(tokens - self.query_mean, self.basis))

    def unrelated(self, query: Vectors) -> tuple[Vectors, Vectors]:
        """Means and standard deviations, (2,) each, of a query's scores over unrelated sentences."""
        scores = summary(best_matches(query, self.null_tokens, self.null_offsets))
        return scores.mean(axis=0), np.maximum(scores.std(axis=0), 1e-6)


def fit_token_space(texts: Sequence[Vectors], asked: Sequence[Vectors]) -> TokenSpace:
    """The token space of a model, from its raw token vectors of the background statements, ``texts``, and of
    questions, ``asked``."""
    statements = background.rows("statement")
    labels = np.array([row.language for row in statements])
    everything = np.concatenate(texts)
    owner = np.repeat(labels, [len(tokens) for tokens in texts])
    means = {str(language): everything[owner == language].mean(axis=0) for language in dict.fromkeys(labels)}
    mean = np.mean(list(means.values()), axis=0)
    basis = _neutral_basis(np.stack(list(means.values())) - mean)
    rotated = unit_rows((everything - np.stack([means[str(language)] for language in owner])) @ basis)
    axes = in_two_bytes(np.linalg.eigh(rotated.T @ rotated)[1][:, ::-1][:, : PASSAGES.axes])
    query_mean = np.concatenate(asked).mean(axis=0)
    nothing = np.zeros((0, basis.shape[1] // PACKED), np.uint8)
    plain = TokenSpace(means, mean, query_mean, basis, axes, nothing, np.zeros(1, np.int64))
    chosen = range(0, len(statements), PASSAGES.null_step)
    null = [plain.text(texts[at], statements[at].language) for at in chosen]
    offsets = offsets_of([len(tokens) for tokens in null])
    return replace(plain, null_tokens=np.concatenate(null), null_offsets=offsets)


def _neutral_basis(language_means: Vectors) -> Vectors:
    """A random orthonormal basis (dimension, reduced) of what is left without the languages' own directions;
    the same for the same means."""
    dimension = language_means.shape[1]
    language_axes = np.linalg.svd(language_means, full_matrices=False)[2][: PASSAGES.language_axes]
    reduced = (dimension - len(language_axes)) // PACKED * PACKED
    random = np.random.default_rng(0).standard_normal((dimension, reduced))
    random -= language_axes.T @ (language_axes @ random)
    return in_two_bytes(np.linalg.qr(random)[0])


def keys_of(keys: Sequence[bytes]) -> NDArray[np.uint64]:
    """Keys of 16 bytes as a generation has them, (n, 2)."""
    return np.frombuffer(b"".join(keys), "<u8").reshape(-1, 2)


class TokenMatrix:
    """A generation's kept tokens: those of sentence i are rows ``offsets[i]:offsets[i+1]``; ``keys`` (S, 2)
    are of the sentences' contents, for the next build. Memory-mapped."""

    def __init__(self, directory: Path) -> None:
        self.tokens: Packed = mapped(directory / TOKENS_FILE)
        self.offsets: NDArray[np.int64] = mapped(directory / "offsets.npy")
        self._directory = directory

    @cached_property
    def keys(self) -> NDArray[np.uint64]:
        return mapped(self._directory / "keys.npy")

    @cached_property
    def _in_order(self) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
        """The sentences by the first half of their keys, and those halves, ascending."""
        order = np.argsort(self.keys[:, 0], kind="stable")
        return order, self.keys[order, 0]

    def places(self, keys: Sequence[bytes]) -> NDArray[np.int64]:
        """Where the tokens of sentences with these keys begin, and how many they are: rows (n, 2); −1 for
        those that are not there."""
        asked, (order, halves) = keys_of(keys), self._in_order
        found = np.full((len(asked), 2), -1, np.int64)
        if len(order):
            rows = order[np.minimum(np.searchsorted(halves, asked[:, 0]), len(order) - 1)]
            there = (self.keys[rows] == asked).all(axis=1)
            rows = rows[there]
            found[there, 0], found[there, 1] = self.offsets[rows], self.offsets[rows + 1] - self.offsets[rows]
        return found

    def release(self) -> None:
        """Gives the memory of what was read back to the system; it is read again when it is needed."""
        pages = getattr(self.tokens.base, "_mmap", None)
        if pages is not None and hasattr(mmap, "MADV_DONTNEED"):
            pages.madvise(mmap.MADV_DONTNEED)

    def of(self, sentences: NDArray[np.int64]) -> SentenceTokens:
        """The kept tokens of some sentences, given in ascending order."""
        starts, ends = self.offsets[sentences], self.offsets[sentences + 1]
        # Neighbours are read together.
        breaks = np.flatnonzero(np.diff(sentences) != 1) + 1
        first, last = np.append(0, breaks), np.append(breaks, len(sentences)) - 1
        runs = zip(starts[first], ends[last], strict=True) if len(sentences) else ()
        pieces = [self.tokens[a:b] for a, b in runs]
        offsets = offsets_of(ends - starts)
        return SentenceTokens(np.concatenate([self.tokens[:0], *pieces]), offsets)
