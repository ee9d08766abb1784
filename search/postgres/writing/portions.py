"""What one shard gets of a batch of passages."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from search.arrays.runs import offsets_of, runs_of
from search.arrays.vectors import Vectors
from search.language.index_terms import exact_terms, indexed_words
from search.passages.backend import PassageBatch, Rows

__all__ = ["Portion", "digest"]


@dataclass(frozen=True, slots=True)
class Portion:
    """Some passages of a batch, n with S sentences: as in :class:`search.passages.backend.PassageBatch`, but
    each with its row, ``rows`` (n,), its first sentence, ``first`` (n,), and each sentence's place,
    ``spoken`` (S,); languages are codes; ``words`` are those of each passage, as terms."""

    rows: Rows
    first: Rows
    spoken: Rows
    keys: Rows
    articles: Rows
    languages: NDArray[np.int64]
    article_languages: NDArray[np.int64]
    words: list[list[tuple[str, ...]]]
    vectors: Vectors
    sentences: Vectors
    bounds: Rows
    kinds: NDArray[np.uint8]
    tokens: NDArray[np.uint8]
    token_offsets: Rows
    terms: NDArray[np.uint64]
    impacts: NDArray[np.float32]
    term_offsets: Rows

    @classmethod
    def of(cls, batch: PassageBatch, places: Rows, codes: Mapping[str, int]) -> Portion:
        """The passages at some places of a batch; ``codes`` are those of its languages."""
        said, posted = runs_of(batch.bounds, places), runs_of(batch.term_offsets, places)
        languages = [batch.languages[at] for at in places.tolist()]
        return cls(
            rows=batch.first_row + places,
            first=batch.first_sentence + batch.bounds[places],
            spoken=batch.first_sentence + said,
            keys=batch.keys[places],
            articles=batch.articles[places],
            languages=_coded(languages, codes),
            article_languages=_coded([batch.article_languages[at] for at in places.tolist()], codes),
            words=[
                [exact_terms(word) for word in indexed_words(batch.texts[at], language)]
                for at, language in zip(places.tolist(), languages, strict=True)
            ],
            vectors=batch.vectors[places],
            sentences=batch.sentences[said],
            bounds=offsets_of(np.diff(batch.bounds)[places]),
            kinds=batch.kinds[said],
            tokens=batch.tokens[runs_of(batch.token_offsets, said)],
            token_offsets=offsets_of(np.diff(batch.token_offsets)[said]),
            terms=batch.terms[posted],
            impacts=batch.impacts[posted],
            term_offsets=offsets_of(np.diff(batch.term_offsets)[places]),
        )


def digest(batch: PassageBatch) -> str:
    """Of all that a batch holds."""
    found = hashlib.blake2b(digest_size=16)
    for field in fields(batch):
        value = getattr(batch, field.name)
        found.update(
            np.ascontiguousarray(value).tobytes()
            if isinstance(value, np.ndarray)
            else json.dumps(value).encode()
        )
    return found.hexdigest()


def _coded(names: list[str], codes: Mapping[str, int]) -> NDArray[np.int64]:
    return np.array([codes[name] for name in names], np.int64)
