"""Sentences that the encoder takes for near a question, though they are of another article: what an engine
would show wrongly. A reader that meets only sentences of the answering article learns what an answer looks
like, and not what it must be about."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from search.arrays.vectors import Vectors, unit_rows
from search.encoding.protocol import Encoder

__all__ = ["Found", "HardNegatives", "Pooled"]

# The very nearest is left out: it may answer, too. Of the next ones some are drawn.
_FIRST, _LAST = 1, 40
_CHUNK = 256


@dataclass(frozen=True, slots=True)
class Pooled:
    """A sentence, its article's title, and what tells its article from others."""

    text: str
    title: str
    owner: str
    language: str


Found = Callable[[str, str, int, random.Random], Sequence[Pooled]]


class HardNegatives:
    """For each question, the nearest sentences of the pool, as told by vectors less their language's mean."""

    def __init__(
        self, pool: Sequence[Pooled], questions: Sequence[tuple[str, str]], encoder: Encoder
    ) -> None:
        """``questions``: each with its language."""
        self._pool = pool
        sentences = _centred(encoder.passages([one.text for one in pool]), [one.language for one in pool])
        asked = list(dict.fromkeys(questions))
        vectors = _centred(encoder.queries([text for text, _ in asked]), [language for _, language in asked])
        self._nearest: dict[str, list[int]] = {}
        for at in range(0, len(asked), _CHUNK):
            scores = vectors[at : at + _CHUNK] @ sentences.T
            top = np.argpartition(-scores, _LAST, axis=1)[:, :_LAST]
            order = np.argsort(-np.take_along_axis(scores, top, axis=1), axis=1)
            rows = np.take_along_axis(top, order, axis=1)
            for (text, _), row in zip(asked[at : at + _CHUNK], rows.tolist(), strict=True):
                self._nearest[text] = row

    def __call__(self, question: str, owner: str, most: int, chance: random.Random) -> Sequence[Pooled]:
        """Some of other articles than ``owner``; none for a question that was not named at the start."""
        near = [self._pool[at] for at in self._nearest.get(question, ())]
        others = [one for one in near if one.owner != owner][_FIRST:]
        return chance.sample(others, min(most, len(others)))


def _centred(vectors: Vectors, languages: Sequence[str]) -> Vectors:
    kinds, of = np.unique(np.array(languages), return_inverse=True)
    centred = vectors.copy()
    for kind in range(len(kinds)):
        centred[of == kind] -= vectors[of == kind].mean(axis=0)
    return unit_rows(centred)
