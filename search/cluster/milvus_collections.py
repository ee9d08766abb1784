"""What a generation of a library is in Milvus: four collections, found by an alias for the first of them.

``<name>__<generation>_passages``, ``…_sentences``, ``…_terms`` (in how many passages each term is) and
``…_files`` (all else a server needs, in pieces). The alias ``<name>`` stands for the passages of the live
generation; moving it, which Milvus does at once, moves all four.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.text.hashes import hash64

__all__ = [
    "NO_TERMS",
    "PARTS",
    "PIECE",
    "Collections",
    "adjacent",
    "adjacent_to",
    "dimensions",
    "index_for",
    "packed",
    "partitions_of",
    "schema_of",
    "search_options",
    "unpacked",
]

PARTS = ("passages", "sentences", "terms", "files")
PIECE = 65_532
"""Characters of base64 in one string: what a VARCHAR holds, 65,535, down to a multiple of four."""
_PIECES = 64  # of a field that is longer than one; 3 MB in all
_WORDS = 4096  # the most that an ARRAY holds
_LONE = 2  # letters of a term that may be a lone character, folded or not
_LANGUAGE = 64  # the longest name of a language, in bytes
_PARTITIONS = 16  # languages share them by hash; more would each cost the server a segment of their own

# Of sparse dimensions, 32 bits less the greatest, one is kept for passages without any term: a sparse vector
# may not be empty.
_DIMENSIONS = 2**32 - 2
NO_TERMS = _DIMENSIONS

_FLAT_UP_TO = 200_000
"""Vectors up to which all are compared: 300 MB of 384 numbers, some milliseconds a question, and exact."""
# HNSW: links of a vector, and how widely they are looked for. Milvus's own advice for recall over 0.95 on
# some hundred dimensions; each vector costs 4 x 2 x 32 bytes more than its numbers.
_LINKS, _BUILD_WIDTH = 32, 256
# How many candidates HNSW holds while it looks for the best k: as many again, and at least so many.
_WIDTH_OVER, _LEAST_WIDTH, _MOST_WIDTH = 2, 128, 32_768


@dataclass(frozen=True, slots=True)
class Collections:
    """The names of one generation's collections."""

    base: str

    @classmethod
    def of(cls, name: str, generation: str) -> Collections:
        return cls(f"{name}__{generation}")

    @classmethod
    def standing_for(cls, passages: str) -> Collections:
        """Those that the collection which an alias stands for is one of."""
        return cls(passages.removesuffix("_passages"))

    @property
    def passages(self) -> str:
        return f"{self.base}_passages"

    @property
    def sentences(self) -> str:
        return f"{self.base}_sentences"

    @property
    def terms(self) -> str:
        return f"{self.base}_terms"

    @property
    def files(self) -> str:
        return f"{self.base}_files"

    def all(self) -> tuple[str, ...]:
        return tuple(f"{self.base}_{part}" for part in PARTS)


def schema_of(part: str, dimension: int) -> Any:
    """The fields of one of PARTS; ``dimension`` is that of the vectors."""
    from pymilvus import DataType, MilvusClient

    schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)

    def number(name: str, **options: Any) -> None:
        schema.add_field(name, DataType.INT64, **options)

    def text(name: str, length: int, **options: Any) -> None:
        schema.add_field(name, DataType.VARCHAR, max_length=length, **options)

    def blob(name: str) -> None:
        # Mapped from disk: only the candidates' are read, and together they are ten times the vectors.
        schema.add_field(
            name,
            DataType.ARRAY,
            element_type=DataType.VARCHAR,
            max_capacity=_PIECES,
            max_length=PIECE,
            mmap_enabled=True,
        )

    if part == "passages":
        number("row", is_primary=True)
        number("key")
        number("article")
        number("first")
        text("kinds", 65_535)
        text("article_language", _LANGUAGE)
        text("language", _LANGUAGE, is_partition_key=True)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dimension)
        schema.add_field("sparse", DataType.SPARSE_FLOAT_VECTOR)
        schema.add_field("adjacent", DataType.ARRAY, element_type=DataType.INT64, max_capacity=_WORDS)
        blob("terms")
        blob("words")
    elif part == "sentences":
        number("sentence", is_primary=True)
        number("passage")
        text("article_language", _LANGUAGE)
        text("language", _LANGUAGE, is_partition_key=True)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dimension)
        blob("tokens")
    elif part == "terms":
        number("term", is_primary=True)
        number("passages")
        schema.add_field("nothing", DataType.FLOAT_VECTOR, dim=2)  # there is no collection without a vector
    else:
        text("id", 1024, is_primary=True)
        text("path", 1000)
        number("piece")
        text("data", 65_535)
        schema.add_field("nothing", DataType.FLOAT_VECTOR, dim=2)
    return schema


def partitions_of(part: str) -> dict[str, int]:
    """Options of a collection whose languages are partitions."""
    return {"num_partitions": _PARTITIONS} if part in ("passages", "sentences") else {}


def index_for(part: str, vectors: int, *, lite: bool) -> Any:
    """How a collection of so many vectors is searched. milvus-lite always compares all: it is for small
    libraries, and so it is exact there."""
    from pymilvus import MilvusClient

    params = MilvusClient.prepare_index_params()
    if part in ("passages", "sentences"):
        if lite or vectors <= _FLAT_UP_TO:
            params.add_index("vector", index_type="FLAT", metric_type="IP")
        else:
            params.add_index(
                "vector",
                index_type="HNSW",
                metric_type="IP",
                params={"M": _LINKS, "efConstruction": _BUILD_WIDTH},
            )
        params.add_index("article_language", index_type="INVERTED")
    else:
        params.add_index("nothing", index_type="FLAT", metric_type="IP")
    if part == "passages":
        params.add_index("sparse", index_type="SPARSE_INVERTED_INDEX", metric_type="IP")
        if not lite:  # it has no index over arrays, and reads them all
            params.add_index("adjacent", index_type="INVERTED")
    elif part == "sentences":
        params.add_index("passage", index_type="INVERTED")
    return params


def search_options(index_type: str, limit: int) -> dict[str, Any]:
    """How widely an index looks for the best so many."""
    if index_type != "HNSW":
        return {}
    return {"params": {"ef": min(max(_WIDTH_OVER * limit, _LEAST_WIDTH), _MOST_WIDTH)}}


def dimensions(terms: NDArray[np.uint64]) -> NDArray[np.int64]:
    """The sparse dimension of each term's hash. Two terms may share one; what is found is checked."""
    return (terms % np.uint64(_DIMENSIONS)).astype(np.int64)


def adjacent(words: Sequence[Sequence[str]]) -> list[int]:
    """Hashes, 63 bits, of each term of each word, and of each two terms that stand next to one another, once
    each; lone characters are next to none, for there are as many of them as of words."""
    keys: list[tuple[str, ...]] = [(term,) for terms in words for term in terms]
    keys += [pair for two in pairwise(words) for pair in product(*map(_long, two))]
    return list(dict.fromkeys(map(_hash, keys)))


def adjacent_to(words: Sequence[Sequence[str]]) -> list[list[int]]:
    """For the words of a phrase, hashes of which a passage that has it must have some of each list."""
    if len(words) == 1 or not all(map(_are_long, words)):
        return [[_hash((term,)) for term in terms] for terms in words]
    return [list(map(_hash, product(*two))) for two in pairwise(words)]


def _long(terms: Sequence[str]) -> list[str]:
    return [term for term in terms if len(term) > _LONE]


def _are_long(terms: Sequence[str]) -> bool:
    return len(_long(terms)) == len(terms)


def _hash(terms: tuple[str, ...]) -> int:
    return hash64(*terms) >> 1


def packed(data: bytes) -> list[str]:
    """Bytes as strings that a VARCHAR holds."""
    text = base64.b64encode(data).decode("ascii")
    return [text[at : at + PIECE] for at in range(0, len(text), PIECE)]


def unpacked(pieces: Sequence[str]) -> bytes:
    """The inverse of :func:`packed`."""
    return base64.b64decode("".join(pieces))
