"""From a build's sentences to the translations among its articles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kb.progress import Progress
from search.arrays.vectors import Ints, Vectors, in_two_bytes, unit_rows
from search.passages.late import unpack
from search.passages.tokens import TokenMatrix
from search.translations.alignment import Text
from search.translations.likeness import Matter
from search.translations.pair_cache import PairCache
from search.translations.same_text import Articles, Compared, PreviousComparison, find_translations
from search.translations.translations import Translations

__all__ = ["ArticleTable", "compare"]


@dataclass(frozen=True, slots=True)
class ArticleTable:
    """A library's articles in the order of their ``keys`` (A,), their ``languages`` as numbers (A,), and the
    ``bounds`` (A + 1,) of their sentences. ``vectors`` gives those of an article, centred on the background
    alone, so that they are the same in every library; ``digests`` are of their content, for a cache of
    pairs only."""

    keys: Ints
    languages: Ints
    bounds: Ints
    digests: list[bytes]
    vectors: Callable[[int], Vectors]


def compare(
    table: ArticleTable,
    tokens: TokenMatrix,
    axes: Vectors,
    pairs: PairCache | None,
    progress: Progress,
    before: PreviousComparison | None = None,
) -> tuple[Translations, Compared]:
    """The articles that are the same text, and what they were told by; the sentences' ``tokens`` are compared
    along ``axes`` of their space. With ``before``, only what has changed is compared."""
    weights = np.maximum(np.diff(np.asarray(tokens.offsets)), 1).astype(np.float32)

    def text(article: int) -> Text:
        vectors = in_two_bytes(table.vectors(article))
        return Text(vectors, weights[int(table.bounds[article]) : int(table.bounds[article + 1])])

    def matter(article: int) -> Matter:
        first, last = int(table.bounds[article]), int(table.bounds[article + 1])
        offsets = np.asarray(tokens.offsets[first : last + 1])
        kept = unpack(tokens.tokens[int(offsets[0]) : int(offsets[-1])]) @ axes
        return Matter(text(article), unit_rows(kept), offsets - offsets[0])

    means = _means(table, text, before)
    articles = Articles(table.keys, table.digests, table.languages, means, text, matter)
    found = find_translations(articles, pairs, progress, before)
    if pairs is not None:
        pairs.write()
    tokens.release()
    return found


def _means(
    table: ArticleTable, text: Callable[[int], Text], before: PreviousComparison | None
) -> NDArray[np.float16]:
    """Each article's mean sentence, weighted by tokens, unit rows (A, d)."""
    known = before.compared.means[before.kept.rows] if before else None
    first = 0 if known is None else len(known)
    made = [article.weights @ article.vectors for article in map(text, range(first, len(table.keys)))]
    fresh = unit_rows(np.stack(made)).astype(np.float16) if made else np.zeros((0, 0), np.float16)
    if known is None:
        return fresh
    return np.concatenate([known, fresh]) if made else known
