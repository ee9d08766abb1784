"""What a question is, as the parameters of statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.arrays.int8 import Int8Query
from search.arrays.vectors import Vectors
from search.passages.backend import Rows, WeightedTerms, WordQuery
from search.postgres.schema import IMPACT

__all__ = ["as_asked", "as_halfvec", "as_kept", "keeps_nothing", "weighed"]


def as_asked(query: Vectors, axes: Vectors) -> dict[str, Any]:
    """A query's vector (d,), along ``axes``."""
    turned = Int8Query.of(query, axes)
    return {"query": as_halfvec(turned.code[0].tolist()), "step": float(turned.step)}


def as_halfvec(code: Sequence[int]) -> str:
    """A query's numbers as pgvector reads them."""
    return f"[{','.join(map(str, code))}]"


def as_kept(article_languages: frozenset[int] | None) -> dict[str, Any]:
    """Which passages may be found at all."""
    return {"languages": None if article_languages is None else np.array(sorted(article_languages), np.int16)}


def keeps_nothing(article_languages: frozenset[int] | None, only: Rows | None) -> bool:
    """Whether no passage may be found."""
    return (article_languages is not None and not article_languages) or (only is not None and not len(only))


def weighed(queries: Mapping[int, WordQuery]) -> dict[str, NDArray[Any]]:
    """All variants of all terms that are worth something: hashes, whose variants they are (grams by negative
    numbers), their languages, and values."""
    hashes: list[NDArray[Any]] = [np.zeros(0, np.uint64)]
    owners: list[NDArray[Any]] = [np.zeros(0, np.int64)]
    codes, values = list(owners), list(owners)
    counts = [0, 0]
    for code, query in queries.items():
        for is_gram, terms in enumerate((query.words, query.grams)):
            worth = _values(terms)
            rows, columns = np.nonzero(worth)
            number = rows + counts[is_gram]
            owners.append(-1 - number if is_gram else number)
            hashes.append(terms.hashes[rows, columns])
            values.append(worth[rows, columns])
            codes.append(np.full(len(rows), code))
            counts[is_gram] += len(worth)
    return {
        "terms": np.concatenate(hashes).view(np.int64),
        "owners": np.concatenate(owners).astype(np.int32),
        "codes": np.concatenate(codes).astype(np.int16),
        "values": (np.concatenate(values) / IMPACT).astype(np.float32),
    }


def _values(terms: WeightedTerms) -> NDArray[np.float64]:
    return terms.values() if len(terms.weights) else np.zeros(terms.worths.shape)
