"""Finding articles that are the same text in another language, or nearly the same in one.

    articles → nearest by their mean sentence → aligned, sentence by sentence → accepted or not → Translations

An article's sentences are centred on the background only, so that what two articles score depends on nothing
but them: a build takes over the scores of pairs that it knows, and of the generation before who is nearest to
whom.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.errors import KBError
from kb.progress import Progress, silent
from kb.text.cached_arrays import read_arrays
from search.arrays.kept import KeptRows
from search.arrays.nearest import Nearest, nearest
from search.arrays.vectors import Ints, Vectors, unit_rows
from search.errors import ArticlesFailed
from search.translations.alignment import Text
from search.translations.likeness import Likeness, Matter, copy_likeness, hopeless, translation_likeness
from search.translations.pair_cache import PairCache
from search.translations.settings import TRANSLATIONS
from search.translations.translations import Translations

__all__ = ["METHOD", "Articles", "Compared", "PreviousComparison", "find_translations"]

Codes = tuple[int, int]

METHOD = 1
"""Raised when the same two articles would score otherwise: known scores are then worked out anew."""


_FILE = "compared.npz"


@dataclass(frozen=True, slots=True)
class Articles:
    """A library's articles as they are compared: their database ``keys`` (A,), ``digests`` of their content
    (for a cache of pairs only), ``languages`` as numbers (A,), their mean sentences ``means`` (A, d), unit
    rows; ``text`` gives the sentences of one, ``matter`` its tokens, too."""

    keys: Ints
    digests: Sequence[bytes]
    languages: Ints
    means: NDArray[np.float16]
    text: Callable[[int], Text]
    matter: Callable[[int], Matter]


@dataclass(frozen=True, slots=True)
class Compared:
    """What the next build takes over: ``means`` (A, d) of the articles, and their common ``centre`` (d,); who
    is nearest to whom in the ``other`` languages and in its ``own``, and which of those are ``close`` enough
    to be compared; and the ``scores`` (n,) of ``pairs`` (n, 2), the lower number first, in order."""

    means: NDArray[np.float16]
    centre: Vectors
    others: Nearest
    own: Nearest
    close_others: NDArray[np.bool_]
    close_own: NDArray[np.bool_]
    pairs: NDArray[np.int32]
    scores: NDArray[np.float32]

    def write(self, directory: Path) -> None:
        names = ("means", "centre", "close_others", "close_own", "pairs", "scores")
        arrays: dict[str, Any] = {name: getattr(self, name) for name in names}
        arrays |= self.others.packed("others") | self.own.packed("own")
        np.savez(directory / _FILE, **arrays)

    @classmethod
    def read(cls, directory: Path) -> Compared:
        names = ("close_others", "close_own", "pairs", "scores")
        with read_arrays(directory / _FILE) as held:
            others = Nearest.unpacked(held, "others", own=False)
            own = Nearest.unpacked(held, "own", own=True)
            return cls(held["means"], held["centre"], others, own, *(held[name] for name in names))


@dataclass(frozen=True, slots=True)
class PreviousComparison:
    """What the generation before found, and which of its articles are still there."""

    translations: Translations
    compared: Compared
    kept: KeptRows


def find_translations(
    articles: Articles,
    known: PairCache | None,
    progress: Progress = silent,
    before: PreviousComparison | None = None,
) -> tuple[Translations, Compared]:
    """Compares every article with those nearest to it, unless ``known`` or the generation ``before`` have
    their score already."""
    near = _near(articles, before)
    compared = _Comparison(articles, known, before)
    likely = compared.score_all(_pairs(near), progress)
    accepted = _vouched(compared, _accepted(compared, likely))
    found = _packed(compared, sorted(accepted), before)
    pairs, scores = compared.scores()
    nearest_ones = (near.centre, near.others, near.own, near.close_others, near.close_own)
    return found, Compared(articles.means, *nearest_ones, pairs.astype(np.int32), scores)


@dataclass(frozen=True, slots=True)
class _Near:
    centre: Vectors
    others: Nearest
    own: Nearest
    close_others: NDArray[np.bool_]
    close_own: NDArray[np.bool_]


def _near(articles: Articles, before: PreviousComparison | None) -> _Near:
    """Who is nearest to whom, and near enough to be compared."""
    means = articles.means.astype(np.float32)
    if before is not None:
        centre = before.compared.centre
    else:
        # What all articles share is the library's subject; the rest tells them apart.
        centre = (
            means.mean(axis=0)
            if len(means) > 2 * TRANSLATIONS.nearest_others
            else np.zeros(means.shape[1], np.float32)
        )
    apart, languages = unit_rows(means - centre), int(articles.languages.max(initial=-1)) + 1
    was, kept = (before.compared, before.kept) if before else (None, None)
    others = nearest(
        apart,
        articles.languages,
        languages,
        TRANSLATIONS.nearest_others,
        before=was.others if was else None,
        kept=kept,
    )
    own = nearest(
        apart,
        articles.languages,
        languages,
        TRANSLATIONS.nearest_own,
        own=True,
        before=was.own if was else None,
        kept=kept,
    )
    del apart
    close_others = _close(others, means, TRANSLATIONS.near, was.close_others if was else None, kept)
    close_own = _close(own, means, TRANSLATIONS.very_near, was.close_own if was else None, kept)
    return _Near(centre, others, own, close_others, close_own)


def _close(
    found: Nearest, means: Vectors, least: float, was: NDArray[np.bool_] | None, kept: KeptRows | None
) -> NDArray[np.bool_]:
    """Which of the nearest have means that are ``least`` near; ``was`` says so of what is as before."""
    close = np.zeros(found.rows.shape, np.bool_)
    if was is not None and kept is not None:
        close[: len(kept.rows), : was.shape[1]] = was[kept.rows]
    close[found.fresh] = False
    asking, column, place = np.nonzero(found.fresh[:, :, None] & (found.rows >= 0))
    for start in range(0, len(asking), TRANSLATIONS.pairs_at_a_time):
        part = slice(start, start + TRANSLATIONS.pairs_at_a_time)
        left = asking[part]
        right = found.rows[left, column[part], place[part]]
        close[left, column[part], place[part]] = np.einsum(
            "ij,ij->i", means[left], means[right]
        ) >= np.float32(least)
    return close


def _pairs(near: _Near) -> Ints:
    """Pairs of article numbers worth comparing (n, 2), the lower first, each once, in order."""
    found = []
    for nearest_rows, close in ((near.others.rows, near.close_others), (near.own.rows, near.close_own)):
        left = np.nonzero(close)[0]
        right = nearest_rows[close].astype(np.int64)
        found.append(np.stack([np.minimum(left, right), np.maximum(left, right)], axis=1))
    both = np.concatenate(found)
    size = len(near.others.rows)
    numbers = np.unique(both[:, 0] * size + both[:, 1])
    return np.stack(np.divmod(numbers, max(1, size)), axis=1)


class _Comparison:
    """Scores of pairs of articles, given by their numbers, the lower first; each worked out once."""

    def __init__(
        self, articles: Articles, known: PairCache | None, before: PreviousComparison | None
    ) -> None:
        self.articles = articles
        self._size = len(articles.keys)
        self._known = known
        # A pair's number is that of its first article × articles + that of its second.
        self._told, self._told_scores = np.zeros(0, np.int64), np.zeros(0, np.float32)
        if before is not None:
            places = before.kept.places()[before.compared.pairs]
            still = (places >= 0).all(axis=1)
            # Rows that stay keep their order, and so do pairs of them.
            self._told = places[still, 0] * self._size + places[still, 1]
            self._told_scores = before.compared.scores[still]
        self._fresh: dict[int, float] = {}
        self._matter: dict[int, Matter] = {}
        self._likely: dict[int, Likeness] = {}

    def score_all(self, pairs: Ints, progress: Progress) -> dict[Codes, float]:
        """Scores many pairs, given in order; those that are likely."""
        numbers = pairs[:, 0] * self._size + pairs[:, 1]
        unknown = ~np.isin(numbers, self._told)
        done = len(pairs) - int(unknown.sum())
        for left, group in groupby(pairs[unknown].tolist(), key=lambda pair: pair[0]):
            rights = [right for _, right in group]
            self._score(left, rights)
            done += len(rights)
            progress("comparing articles", done, len(pairs))
        known, at = np.isin(self._told, numbers), self._told_scores >= 0
        likely = zip(self._told[known & at].tolist(), self._told_scores[known & at].tolist(), strict=True)
        found = {divmod(number, self._size): score for number, score in likely}
        found |= {divmod(number, self._size): score for number, score in self._fresh.items() if score >= 0}
        return found

    def score(self, left: int, right: int) -> float:
        left, right = min(left, right), max(left, right)
        number = left * self._size + right
        at = bisect_left(self._told.data, number)  # a tenth of what numpy takes for a single number
        if at < len(self._told) and self._told.data[at] == number:
            return float(self._told_scores[at])
        if number not in self._fresh:
            self._score(left, [right])
        return self._fresh[number]

    def scores(self) -> tuple[Ints, NDArray[np.float32]]:
        """All pairs (n, 2) that there is a score of, in order, and the scores."""
        numbers = np.concatenate([self._told, np.array(list(self._fresh), np.int64)])
        scores = np.concatenate([self._told_scores, np.array(list(self._fresh.values()), np.float32)])
        order = np.argsort(numbers)
        pairs = np.stack(np.divmod(numbers[order], max(1, self._size)), axis=1)
        return pairs, scores[order]

    def likeness(self, left: int, right: int) -> Likeness:
        found = self._likely.get(left * self._size + right)
        if found is None:
            found = (
                copy_likeness(self.articles.text(left), self.articles.text(right))
                if self.copy(left, right)
                else translation_likeness(self._of(left), self._of(right))
            )
        return found

    def copy(self, left: int, right: int) -> bool:
        return bool(self.articles.languages[left] == self.articles.languages[right])

    def _score(self, left: int, rights: Sequence[int]) -> None:
        try:
            self._scored(left, rights)
        except (KBError, OSError):
            raise
        except Exception as error:
            own = [article for article in (left, *rights) if self._fails_alone(article)]
            if not own:
                raise
            keys = self.articles.keys[own].tolist()
            raise ArticlesFailed("comparing it", type(error).__name__, keys) from error

    def _fails_alone(self, article: int) -> bool:
        """Whether an article cannot even be compared with itself."""
        try:
            text, matter = self.articles.text(article), self.articles.matter(article)
            hopeless(text, [text], copy=True)
            hopeless(text, [text], copy=False)
            copy_likeness(text, text)
            translation_likeness(matter, matter)
        except Exception:
            return True
        return False

    def _scored(self, left: int, rights: Sequence[int]) -> None:
        unknown = []
        for right in rights:
            score = None
            if self._known is not None:
                score = self._known.get(self.articles.digests[left], self.articles.digests[right])
            if score is None:
                unknown.append(right)
            else:
                self._fresh[left * self._size + right] = score
        for copy in (False, True):
            some = [right for right in unknown if self.copy(left, right) == copy]
            if some:
                texts = [self.articles.text(right) for right in some]
                none = hopeless(self.articles.text(left), texts, copy=copy)
                for right, rejected in zip(some, none.tolist(), strict=True):
                    self._note(left, right, rejected=rejected)

    def _note(self, left: int, right: int, *, rejected: bool) -> None:
        number, score = left * self._size + right, TRANSLATIONS.rejected
        if not rejected:
            likeness = self.likeness(left, right)
            score = round(likeness.score, 3)
            if score >= TRANSLATIONS.vouched:  # its beads may be wanted
                self._likely[number] = likeness
        if self._known is not None:
            self._known.put(self.articles.digests[left], self.articles.digests[right], score)
        self._fresh[number] = score

    def _of(self, article: int) -> Matter:
        matter = self._matter.get(article)
        if matter is None:
            if (
                len(self._matter) > TRANSLATIONS.articles_held
            ):  # pairs come in the order of their first article
                self._matter.clear()
            matter = self._matter[article] = self.articles.matter(article)
        return matter


def _accepted(compared: _Comparison, likely: Mapping[Codes, float]) -> set[Codes]:
    """Of likely pairs those that are hardly less so than either's best in the other's language."""
    languages = compared.articles.languages.tolist()
    best: dict[Codes, float] = defaultdict(lambda: TRANSLATIONS.rejected)
    for (left, right), score in likely.items():
        for article, other in ((left, right), (right, left)):
            at = article, languages[other]
            best[at] = max(best[at], score)
    return {
        (left, right)
        for (left, right), score in likely.items()
        if languages[left] == languages[right]
        or score >= max(best[left, languages[right]], best[right, languages[left]]) - TRANSLATIONS.margin
    }


def _vouched(compared: _Comparison, accepted: set[Codes]) -> set[Codes]:
    """With the pairs that a third article vouches for, which is surely the same text as both."""
    sure: dict[int, set[int]] = defaultdict(set)
    for left, right in accepted:
        if compared.score(left, right) >= TRANSLATIONS.sure:
            sure[left].add(right)
            sure[right].add(left)
    vouched = set()
    for article in sorted(sure):
        family = sorted(sure[article])[: TRANSLATIONS.largest_family]
        for at, left in enumerate(family):
            for right in family[at + 1 :]:
                if (left, right) not in accepted and compared.score(left, right) >= TRANSLATIONS.vouched:
                    vouched.add((left, right))
    return accepted | vouched


def _packed(compared: _Comparison, rows: Sequence[Codes], before: PreviousComparison | None) -> Translations:
    """The pairs with their beads; those that were pairs before have theirs."""
    keys = compared.articles.keys
    pairs = np.array([(keys[left], keys[right]) for left, right in rows], np.int64).reshape(-1, 2)
    known = before.translations.rows_of(pairs) if before is not None else np.full(len(rows), -1)
    fresh = [row for row, at in zip(rows, known.tolist(), strict=True) if at < 0]
    likenesses = [compared.likeness(left, right) for left, right in fresh]
    copies = np.array([compared.copy(*row) for row in fresh], np.bool_)
    made = Translations.of_likenesses(pairs[known < 0], copies, likenesses)
    if before is None:
        return made
    order = np.argsort(np.concatenate([np.flatnonzero(known >= 0), np.flatnonzero(known < 0)]))
    return before.translations.joined(known[known >= 0], made, order)
