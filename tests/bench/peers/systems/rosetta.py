"""Rosetta itself, by the doors that everyone uses: ``search.build``, ``search.open``, ``engine.search``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import search
from peers.encoders import looked_up
from search.encoding.encoder import OnnxEncoder

__all__ = ["Rosetta", "load", "look_up"]


def load(model: Path, *, real: bool) -> Rosetta:
    return Rosetta(model, real=real)


class Rosetta:
    def __init__(self, model: Path, *, real: bool) -> None:
        self.versions = {"rosetta-kb": "this one"}
        # What a machine makes once, from the background, is made with the same encoder.
        self._cache = model.parent
        self._engine: search.Engine | None = None
        self._encoder: OnnxEncoder | None = None
        self._model = model
        if not real:
            look_up(lambda: self._engine is not None)

    def build(self, texts: Path, library: Path) -> None:
        search.build([texts], library, cache=self._cache)

    def open(self, library: Path) -> None:
        self._engine = search.open(library, cache=self._cache)

    def search(self, question: str, limit: int) -> list[str]:
        assert self._engine is not None
        # Versions of one text are separate passages here, as they are to the others.
        return [hit.article.source for hit in self._engine.search(question, limit=limit, collapse=False)]

    def encode(self, question: str) -> object:
        if self._encoder is None:
            self._encoder = OnnxEncoder(self._model)
        return self._encoder.queries([question])


def look_up(serving: Callable[[], bool] = lambda: False) -> None:
    """From now on vectors come from the table. While questions are answered (``serving``), the graph is run
    all the same and takes its time: for the question, and for the words whose vectors are wanted."""
    run = OnnxEncoder._run

    def looked(self: OnnxEncoder, rows: list[list[int]]) -> NDArray[np.float32]:
        if serving():
            run(self, rows)
        return looked_up(rows)[1]

    OnnxEncoder._run = looked  # type: ignore[method-assign]
