"""Stands where an encoder should be while the model is missing: it reads nothing, and says so by zeros."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from search.arrays.vectors import Vectors
from search.encoding.protocol import ModelIdentity, Progress

__all__ = ["NoEncoder"]


class NoEncoder:
    """Every text has the zero vector, similar to nothing; its identity is the missing model's."""

    def __init__(self, identity: ModelIdentity) -> None:
        self._identity = identity

    @property
    def identity(self) -> ModelIdentity:
        return self._identity

    def later(self, rank: int) -> NoEncoder:
        return self

    def queries(self, texts: Sequence[str]) -> Vectors:
        return np.zeros((len(texts), self._identity.dimension), np.float32)

    def passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        return self.queries(texts)

    def with_tokens(
        self, texts: Sequence[str], *, query: bool = False
    ) -> Iterator[tuple[int, Vectors, Vectors]]:
        for place, vector in enumerate(self.queries(texts)):
            yield place, vector, np.zeros((0, self._identity.dimension), np.float32)

    def pieces(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        return [[] for _ in texts]
