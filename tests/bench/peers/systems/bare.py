"""The least that works: vectors in one file, all multiplied with the question's. No words, no filters."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from peers import texts as held
from peers.encoders import Encoder


def load(model: Path, *, real: bool) -> Bare:
    return Bare(model, real=real)


class Bare:
    def __init__(self, model: Path, *, real: bool) -> None:
        self.versions = {"onnxruntime": onnxruntime.__version__, "numpy": np.__version__}
        self._encoder_of = lambda: Encoder(model, real=real)
        self._encoder: Encoder | None = None
        self._names: list[str] = []
        self._texts: list[str] = []
        self._vectors: NDArray[np.float32] = np.zeros((0, 0), np.float32)

    def build(self, texts: Path, library: Path) -> None:
        library.mkdir(parents=True)
        names, passages = zip(*held.read(texts), strict=True)
        np.save(library / "vectors.npy", self._encoder_of().passages([one.text for one in passages]))
        (library / "texts.json").write_text(json.dumps([names, [one.text for one in passages]]), "utf-8")

    def open(self, library: Path) -> None:
        self._encoder = self._encoder_of()
        self._vectors = np.load(library / "vectors.npy")
        self._names, self._texts = json.loads((library / "texts.json").read_text("utf-8"))

    def search(self, question: str, limit: int) -> list[str]:
        scores = self._vectors @ self.encode(question)
        best = np.argpartition(-scores, min(limit, len(scores) - 1))[:limit]
        best = best[np.argsort(-scores[best])]
        return [name for name, _ in ((self._names[row], self._texts[row]) for row in best)]

    def encode(self, question: str) -> NDArray[np.float32]:
        assert self._encoder is not None
        return self._encoder.query(question)
