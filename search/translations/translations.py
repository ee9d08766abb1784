"""Articles that are the same text in another language, or nearly the same in one, as a generation keeps them.

:mod:`search.translations.same_text` finds them. The pairs keep their beads, for reading them side by side.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.text.cached_arrays import read_array
from search.arrays.runs import offsets_of, places_of, runs_of
from search.arrays.vectors import Ints, Vectors
from search.translations.alignment import Bead
from search.translations.likeness import Likeness
from search.translations.settings import TRANSLATIONS
from search.translations.sharing import shared

__all__ = ["Pair", "Translations"]


@dataclass(frozen=True, slots=True)
class Pair:
    """One article's counterpart: its database key, log odds, the share of each that is aligned, and the
    beads, in which "left" is the article that was asked about."""

    other: int
    score: float
    coverage: float
    other_coverage: float
    copy: bool
    beads: tuple[Bead, ...]

    @property
    def confidence(self) -> float:
        """The estimated probability that the two are the same text."""
        return 1 / (1 + math.exp(-max(-50.0, min(50.0, self.score))))


class Translations:
    """What was found, in arrays; read-only and thread-safe.

    Row i of ``pairs`` (n, 2) holds two article keys; ``copies`` says which are of one language, ``scores``
    and ``coverages`` (n, 2) are theirs, their beads are rows ``offsets[i]:offsets[i+1]`` of ``beads`` (m, 4),
    with ``similarities``. ``starts`` (n, 2) are the numbers, among the library's sentences, of the articles'
    first ones; they change with every generation (:meth:`placed`).
    """

    _ARRAYS = (
        "pairs",
        "starts",
        "copies",
        "scores",
        "coverages",
        "offsets",
        "beads",
        "similarities",
    )

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        self._arrays = {name: arrays[name] for name in self._ARRAYS}
        self._rows: dict[int, list[int]] = defaultdict(list)
        for row, (left, right) in enumerate(arrays["pairs"].tolist()):
            self._rows[left].append(row)
            self._rows[right].append(row)

    def __len__(self) -> int:
        return len(self._arrays["pairs"])

    def of(self, article_key: int) -> tuple[Pair, ...]:
        """An article's counterparts, the likeliest first."""
        found = (self._pair(row, article_key) for row in self._rows.get(article_key, ()))
        return tuple(sorted(found, key=lambda pair: (-pair.score, pair.other)))

    def keys_of(self, article_key: int) -> frozenset[int]:
        """The keys of an article's counterparts; quick, for every hit asks."""
        pairs = self._arrays["pairs"]
        return frozenset(int(pairs[row].sum()) - article_key for row in self._rows.get(article_key, ()))

    def between(self, article_key: int, other_key: int) -> Pair | None:
        """Two articles' alignment; None where they are not the same text."""
        return next((pair for pair in self.of(article_key) if pair.other == other_key), None)

    @classmethod
    def of_likenesses(
        cls, pairs: NDArray[np.int64], copies: NDArray[np.bool_], likenesses: Sequence[Likeness]
    ) -> Translations:
        """Of ``pairs`` of article keys (n, 2), which of them are of one language, and their alignments."""
        beads = [bead for likeness in likenesses for bead in likeness.beads]
        places = [(bead.left_start, bead.left_end, bead.right_start, bead.right_end) for bead in beads]
        coverages = [(likeness.left_coverage, likeness.right_coverage) for likeness in likenesses]
        return cls(
            {
                "pairs": pairs,
                "starts": np.zeros_like(pairs),
                "copies": copies,
                "scores": np.array([likeness.score for likeness in likenesses], np.float32),
                "coverages": np.array(coverages, np.float32).reshape(-1, 2),
                "offsets": np.cumsum([0, *(len(likeness.beads) for likeness in likenesses)], dtype=np.int64),
                "beads": np.array(places, np.int32).reshape(-1, 4),
                "similarities": np.array([bead.similarity for bead in beads], np.float32),
            }
        )

    def rows_of(self, pairs: NDArray[np.int64]) -> NDArray[np.int64]:
        """Where pairs of article keys are among these, the lower key first; −1: nowhere."""
        rows = {(left, right): row for row, (left, right) in enumerate(self._arrays["pairs"].tolist())}
        return np.array([rows.get((left, right), -1) for left, right in pairs.tolist()], dtype=np.int64)

    def joined(self, rows: NDArray[np.int64], more: Translations, order: NDArray[np.int64]) -> Translations:
        """Some of these pairs and ``more``, put into ``order``."""
        mine, other = self._arrays, more._arrays
        joined = {
            name: np.concatenate([mine[name][rows], other[name]])[order]
            for name in ("pairs", "starts", "copies", "scores", "coverages")
        }
        lengths = np.concatenate([np.diff(mine["offsets"])[rows], np.diff(other["offsets"])])
        starts = offsets_of(lengths)
        beads = runs_of(starts, order)
        for name in ("beads", "similarities"):
            taken = mine[name][runs_of(mine["offsets"], rows)]
            joined[name] = np.concatenate([taken, other[name]])[beads]
        joined["offsets"] = offsets_of(lengths[order])
        return Translations(joined)

    def placed(self, articles: Ints, bounds: Ints) -> Translations:
        """The same in a generation whose ``articles`` (A,), keys in ascending order, have the sentences
        ``bounds[i]:bounds[i+1]``."""
        starts = bounds[np.searchsorted(articles, self._arrays["pairs"])]
        return Translations({**self._arrays, "starts": starts})

    def spread(self, scores: Vectors, numbers: Ints, articles: Ints) -> Vectors:
        """Scores of sentences (S,), given by their ascending ``numbers``, of some ``articles`` (keys), in
        which each one that these have in other words, too, has half its own and half the mean of those; and
        so once more, for what those are known to say in others still."""
        left, right = self._counterparts(articles)
        if not len(left):
            return scores
        at, other = (np.minimum(np.searchsorted(numbers, side), len(numbers) - 1) for side in (left, right))
        there = (numbers[at] == left) & (numbers[other] == right)
        at, other = np.concatenate([at[there], other[there]]), np.concatenate([other[there], at[there]])
        spread = scores.astype(np.float32)
        for _ in range(TRANSLATIONS.shared_rounds):
            spread = shared(spread, at, other, TRANSLATIONS.shared_own)
        return spread

    def _counterparts(self, articles: Ints) -> tuple[Ints, Ints]:
        """The numbers of aligned sentences of two articles that are both among some: (m,) and (m,)."""
        held = self._arrays
        some = set(articles.tolist())
        rows = sorted({row for key in some for row in self._rows.get(key, ())})
        rows = [row for row in rows if some.issuperset(held["pairs"][row].tolist())]
        pairs = np.array(rows, np.int64)
        beads = held["beads"][runs_of(held["offsets"], pairs)].astype(np.int64)
        starts = np.repeat(held["starts"][pairs], np.diff(held["offsets"])[pairs], axis=0)
        lengths, others = beads[:, 1] - beads[:, 0], beads[:, 3] - beads[:, 2]
        # Every sentence on the left, as often as there are on the right; and those, again for each of these.
        left = np.repeat(places_of(starts[:, 0] + beads[:, 0], lengths), np.repeat(others, lengths))
        right = places_of(np.repeat(starts[:, 1] + beads[:, 2], lengths), np.repeat(others, lengths))
        return left, right

    def write(self, directory: Path) -> None:
        """Saves the arrays into a new folder."""
        for name, array in self._arrays.items():
            np.save(directory / f"{name}.npy", array)

    @classmethod
    def read(cls, directory: Path) -> Translations:
        return cls({name: read_array(directory / f"{name}.npy") for name in cls._ARRAYS})

    def _pair(self, row: int, article_key: int) -> Pair:
        held = self._arrays
        left, right = held["pairs"][row].tolist()
        coverages = held["coverages"][row].tolist()
        rows = slice(*held["offsets"][row : row + 2].tolist())
        beads = [
            Bead(a, b, c, d, similarity)
            for (a, b, c, d), similarity in zip(
                held["beads"][rows].tolist(), held["similarities"][rows].tolist(), strict=True
            )
        ]
        score, copy = float(held["scores"][row]), bool(held["copies"][row])
        if article_key == left:
            return Pair(right, score, coverages[0], coverages[1], copy, tuple(beads))
        return Pair(left, score, coverages[1], coverages[0], copy, tuple(map(_turned, beads)))


def _turned(bead: Bead) -> Bead:
    return Bead(bead.right_start, bead.right_end, bead.left_start, bead.left_end, bead.similarity)
