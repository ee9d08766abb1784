"""The numbers of this room: how deep is measured, and what known items are taken."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["EVALUATION"]


@dataclass(frozen=True, slots=True)
class EvaluationSettings:
    hits: int = 10  # that measures @10 look at
    long_hits: int = 50  # that mAP@50 looks at
    # Of the shorter of two quotes: more is the same sentence, cut or cleaned in another way.
    shared: float = 0.6
    seed: int = 0  # wherever it is drawn, a data set's scattered pool is the same

    # Known items.
    shortest_word: int = 4  # letters, in scripts with spaces
    shortest_sentence: int = 30  # characters
    known_hits: int = 3  # that are looked at
    # Words of a phrase; pairs of characters in scripts without spaces.
    phrase: int = 3
    phrase_unspaced: int = 5


EVALUATION = EvaluationSettings()
