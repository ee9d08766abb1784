"""txtai as its documentation sets up hybrid search: dense vectors, BM25, contents in SQLite, all defaults."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from txtai import Embeddings
from txtai.vectors import Vectors

from peers import texts as held
from peers.encoders import PASSAGE, QUERY, Encoder


def load(model: Path, *, real: bool) -> Txtai:
    return Txtai(model, real=real)


class LookedUp(Vectors):  # type: ignore[misc]
    """txtai's way to bring vectors of one's own, by the name of their class."""

    def loadmodel(self, path: str) -> Encoder:
        return Encoder(Path(path), real=False)

    def encode(self, data: list[str], category: str | None = None) -> NDArray[np.float32]:
        if category == "query":
            return np.stack([self.model.query(one) for one in data])
        made: NDArray[np.float32] = self.model.passages(data)
        return made


class Txtai:
    def __init__(self, model: Path, *, real: bool) -> None:
        self.versions = {name: version(name) for name in ("txtai", "faiss-cpu", "transformers", "torch")}
        self._settings: dict[str, Any] = {"hybrid": True, "content": True, "path": str(model)}
        if real:
            self._settings["instructions"] = {"query": QUERY, "data": PASSAGE}
        else:
            self._settings["method"] = f"{__name__}.LookedUp"
        self._embeddings: Any = None

    def build(self, texts: Path, library: Path) -> None:
        embeddings = Embeddings(self._settings)
        embeddings.index((name, one.text, None) for name, one in held.read(texts))
        embeddings.save(str(library))

    def open(self, library: Path) -> None:
        self._embeddings = Embeddings()
        self._embeddings.load(str(library))

    def search(self, question: str, limit: int) -> list[str]:
        return [found["id"] for found in self._embeddings.search(question, limit)]

    def encode(self, question: str) -> object:
        return self._embeddings.batchtransform([question], "query")
