"""Articles that are the same text in another language, or nearly the same in one, found by a build.

    articles → nearest by their mean sentence → aligned, sentence by sentence → accepted or not → Translations

An article's sentences are centred on the background only, so that what two articles score depends on nothing
but them: a build takes over the scores of pairs that it knows. The pairs that are accepted keep their beads,
for reading them side by side.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.build import Progress, silent
from search.alignment import Bead, Text
from search.encoder import Vectors
from search.likeness import Likeness, Matter, copy_likeness, hopeless, translation_likeness
from search.pair_cache import PairCache
from search.tokens import TokenMatrix, unpack

__all__ = ["METHOD", "Articles", "Pair", "Translations", "find_translations"]

Ints = NDArray[np.int64]

METHOD = 1
"""Raised when the same two articles would score otherwise: known scores are then worked out anew."""

# Of each article, so many of the nearest in every other language are compared; in its own language, so many
# of those that are very near.
_NEAREST, _COPIES = 4, 16
_NEAR, _VERY_NEAR = 0.4, 0.9
_BLOCK = 512
# An article has one translation in a language, or several that are copies of one another: another article
# that is so much less likely (log odds) is on the same subject only.
_MARGIN = 4.0
# What both are translations of, both surely, vouches for two articles that are a little less alike.
_SURE, _VOUCHED = 2.0, -3.0
_LARGEST_FAMILY = 16
_REJECTED = -99.0


@dataclass(frozen=True, slots=True)
class Articles:
    """A library's articles as they are compared.

    Their database ``keys`` (A,), ``digests`` of their content, ``languages`` as numbers (A,); the sentences
    of article i are rows ``bounds[i]:bounds[i+1]`` of ``vectors`` (S, d) and of ``tokens``, which
    are compared along the ``axes`` of their space.
    """

    keys: Ints
    digests: Sequence[bytes]
    languages: Ints
    bounds: Ints
    vectors: NDArray[np.float16]
    tokens: TokenMatrix
    axes: Vectors

    def matter(self, article: int) -> Matter:
        first, last = int(self.bounds[article]), int(self.bounds[article + 1])
        offsets = np.asarray(self.tokens.offsets[first : last + 1])
        vectors = self.vectors[first:last].astype(np.float32)
        kept = self.tokens.tokens[int(offsets[0]) : int(offsets[-1])]
        weights = np.maximum(np.diff(offsets), 1).astype(np.float32)
        return Matter(Text(vectors, weights), _unit(unpack(kept) @ self.axes), offsets - offsets[0])

    def means(self) -> Vectors:
        """Each article's mean sentence, weighted by tokens, unit rows (A, d)."""
        weights = np.maximum(np.diff(np.asarray(self.tokens.offsets)), 1).astype(np.float32)
        means = np.zeros((len(self.keys), self.vectors.shape[1]), np.float32)
        for article in range(len(self.keys)):
            rows = slice(int(self.bounds[article]), int(self.bounds[article + 1]))
            means[article] = weights[rows] @ self.vectors[rows].astype(np.float32)
        return _unit(means)


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

    def counterpart(self, sentence: int) -> tuple[int, int] | None:
        """The other article's sentences, from and to, that say what the sentence at this place of the asked
        one says; None where it has none."""
        for bead in self.beads:
            if bead.left_start <= sentence < bead.left_end:
                return bead.right_start, bead.right_end
        return None


class Translations:
    """What was found, in arrays; read-only and thread-safe.

    Row i of ``pairs`` (n, 2) holds two article keys; ``copies`` says which are of one language, ``scores``
    and ``coverages`` (n, 2) are theirs, their beads are rows ``offsets[i]:offsets[i+1]`` of ``beads`` (m, 4),
    with ``similarities``.
    """

    _ARRAYS = (
        "pairs",
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

    def write(self, directory: Path) -> None:
        """Saves the arrays into a new folder."""
        directory.mkdir()
        for name, array in self._arrays.items():
            np.save(directory / f"{name}.npy", array)

    @classmethod
    def read(cls, directory: Path) -> Translations:
        return cls({name: np.load(directory / f"{name}.npy", allow_pickle=False) for name in cls._ARRAYS})

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


def find_translations(articles: Articles, known: PairCache, progress: Progress = silent) -> Translations:
    """Compares every article with those nearest to it, unless ``known`` has their score already."""
    compared = _Comparison(articles, known)
    chosen = list(_candidates(articles))
    for done, (left, right) in enumerate(chosen, 1):
        compared.score(left, right)
        progress("comparing articles", done, len(chosen))
    accepted = _vouched(compared, _accepted(compared))
    return _packed(compared, accepted)


class _Comparison:
    """Scores of pairs of articles, given by their numbers, the lower first; each worked out once."""

    def __init__(self, articles: Articles, known: PairCache) -> None:
        self.articles = articles
        self.scores: dict[tuple[int, int], float] = {}
        self._known = known
        self._matter: dict[int, Matter] = {}

    def score(self, left: int, right: int) -> float:
        left, right = min(left, right), max(left, right)
        if (left, right) not in self.scores:
            digests = self.articles.digests[left], self.articles.digests[right]
            score = self._known.get(*digests)
            if score is None:
                score = self._likely(left, right)
                self._known.put(*digests, score)
            self.scores[left, right] = score
        return self.scores[left, right]

    def likeness(self, left: int, right: int) -> Likeness:
        compare = copy_likeness if self.copy(left, right) else translation_likeness
        return compare(self._of(left), self._of(right))

    def copy(self, left: int, right: int) -> bool:
        return bool(self.articles.languages[left] == self.articles.languages[right])

    def _likely(self, left: int, right: int) -> float:
        if hopeless(self._of(left).text, self._of(right).text, copy=self.copy(left, right)):
            return _REJECTED
        return round(self.likeness(left, right).score, 3)

    def _of(self, article: int) -> Matter:
        matter = self._matter.get(article)
        if matter is None:
            if len(self._matter) > _BLOCK:  # pairs come in the order of their first article
                self._matter.clear()
            matter = self._matter[article] = self.articles.matter(article)
        return matter


def _candidates(articles: Articles) -> Iterable[tuple[int, int]]:
    """Pairs of article numbers worth comparing, the lower first, in order."""
    means = articles.means()
    # What all articles share is the library's subject; the rest tells them apart.
    apart = _unit(means - means.mean(axis=0)) if len(means) > 2 * _NEAREST else means
    found: set[tuple[int, int]] = set()
    for language in np.unique(articles.languages):
        there = np.flatnonzero(articles.languages == language)
        for start in range(0, len(means), _BLOCK):
            block = np.arange(start, min(start + _BLOCK, len(means)))
            near = apart[block] @ apart[there].T
            own = articles.languages[block] == language
            near[block[:, None] == there[None, :]] = -2.0
            found |= _nearest(near[~own], block[~own], there, means, _NEAREST, _NEAR)
            found |= _nearest(near[own], block[own], there, means, _COPIES, _VERY_NEAR)
    return sorted(found)


def _nearest(
    near: Vectors, rows: Ints, there: Ints, means: Vectors, count: int, least: float
) -> set[tuple[int, int]]:
    """For each row the ``count`` nearest articles of ``there``, those whose means are ``least`` near."""
    if not len(rows) or not len(there):
        return set()
    count = min(count, len(there))
    top = np.argpartition(-near, count - 1, axis=1)[:, :count] if count < len(there) else None
    columns = np.tile(np.arange(len(there)), (len(rows), 1)) if top is None else top
    lefts, rights = np.repeat(rows, columns.shape[1]), there[columns.ravel()]
    apart = lefts != rights
    lefts, rights = lefts[apart], rights[apart]
    close = np.einsum("ij,ij->i", means[lefts], means[rights]) >= least
    lefts, rights = lefts[close], rights[close]
    pairs = np.stack([np.minimum(lefts, rights), np.maximum(lefts, rights)], axis=1)
    return set(map(tuple, pairs.tolist()))


def _accepted(compared: _Comparison) -> set[tuple[int, int]]:
    """Pairs that are likely, and hardly less likely than either's best in the other's language."""
    languages = compared.articles.languages
    best: dict[tuple[int, int], float] = defaultdict(lambda: _REJECTED)
    for (left, right), score in compared.scores.items():
        for one, other in ((left, right), (right, left)):
            at = one, int(languages[other])
            best[at] = max(best[at], score)
    return {
        (left, right)
        for (left, right), score in compared.scores.items()
        if score >= 0
        and (
            compared.copy(left, right)
            or score >= max(best[left, int(languages[right])], best[right, int(languages[left])]) - _MARGIN
        )
    }


def _vouched(compared: _Comparison, accepted: set[tuple[int, int]]) -> set[tuple[int, int]]:
    """With the pairs that a third article vouches for, which is surely the same text as both."""
    sure: dict[int, set[int]] = defaultdict(set)
    for left, right in accepted:
        if compared.score(left, right) >= _SURE:
            sure[left].add(right)
            sure[right].add(left)
    vouched = set()
    for article in sorted(sure):
        family = sorted(sure[article])[:_LARGEST_FAMILY]
        for at, left in enumerate(family):
            for right in family[at + 1 :]:
                if (left, right) not in accepted and compared.score(left, right) >= _VOUCHED:
                    vouched.add((left, right))
    return accepted | vouched


def _packed(compared: _Comparison, accepted: set[tuple[int, int]]) -> Translations:
    keys = compared.articles.keys
    rows = sorted(accepted)
    likenesses = [compared.likeness(left, right) for left, right in rows]
    beads = [bead for likeness in likenesses for bead in likeness.beads]
    return Translations(
        {
            "pairs": np.array([(keys[left], keys[right]) for left, right in rows], np.int64).reshape(-1, 2),
            "copies": np.array([compared.copy(*row) for row in rows], np.bool_),
            "scores": np.array([likeness.score for likeness in likenesses], np.float32),
            "coverages": np.array(
                [(likeness.left_coverage, likeness.right_coverage) for likeness in likenesses], np.float32
            ).reshape(-1, 2),
            "offsets": np.cumsum([0, *(len(likeness.beads) for likeness in likenesses)], dtype=np.int64),
            "beads": np.array(
                [(b.left_start, b.left_end, b.right_start, b.right_end) for b in beads], np.int32
            ).reshape(-1, 4),
            "similarities": np.array([bead.similarity for bead in beads], np.float32),
        }
    )


def _turned(bead: Bead) -> Bead:
    return Bead(bead.right_start, bead.right_end, bead.left_start, bead.left_end, bead.similarity)


def _unit(vectors: Vectors) -> Vectors:
    unit: Vectors = (vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)).astype(
        np.float32
    )
    return unit
