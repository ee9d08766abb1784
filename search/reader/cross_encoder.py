"""Any sentence-transformers CrossEncoder as a reader, by name or folder. torch is imported when one is
made."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from search.arrays.vectors import Vectors
from search.encoding.protocol import cleaned
from search.encoding.sentence_transformer import from_hub
from search.encoding.turns import Turns
from search.reader.settings import READER

__all__ = ["CrossEncoderReader"]


class CrossEncoderReader:
    """A model that gives one number for a pair of texts."""

    def __init__(self, name: str) -> None:
        """Raises ModelMissing, with the reason in one line, where it cannot be loaded."""
        self._model = _cross_encoder(name)
        self._name = str(Path(name).resolve()) if Path(name).is_dir() else name
        # torch spreads one batch over the cores by itself.
        self._turns = Turns(1)

    @property
    def name(self) -> str:
        return self._name

    def score(self, question: str, sentences: Sequence[str]) -> Vectors:
        """See :class:`search.reader.protocol.Reader`."""
        from torch import nn

        if not sentences:
            return np.zeros(0, np.float32)
        pairs = [(cleaned(question), cleaned(sentence)) for sentence in sentences]
        with self._turns.turn():
            found = self._model.predict(
                pairs, batch_size=READER.pairs_at_a_time, activation_fn=nn.Identity(), show_progress_bar=False
            )
        return np.asarray(found, np.float32)


def _cross_encoder(name: str) -> Any:
    return from_hub(_scorer, name, "reader", "sentence-transformers cross-encoder")


def _scorer(name: str, **options: Any) -> Any:
    from sentence_transformers import CrossEncoder

    model = CrossEncoder(name, **options)
    if model.config.num_labels != 1:
        raise ValueError(f"it gives {model.config.num_labels} numbers for a pair, a reader gives one")
    return model
