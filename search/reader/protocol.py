"""What a reader does, whichever it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from search.arrays.vectors import Vectors

__all__ = ["IDS", "LENGTHS", "LOGITS", "QUESTION", "SENTENCES", "STATES", "Reader", "titled"]

# The bundled reader's tensors: what its lower graph takes, and gives; what its upper one takes, and gives.
IDS, LENGTHS, STATES = "input_ids", "lengths", "states"
QUESTION, SENTENCES, LOGITS = "question", "sentences", "logits"


class Reader(Protocol):
    """Reads a question and a sentence together. Safe to be used by many threads."""

    @property
    def name(self) -> str:
        """Which reader it is, with its revision."""
        ...

    def score(self, question: str, sentences: Sequence[str]) -> Vectors:
        """A logit for each sentence, float32 (sentences,): above 0 it rather answers, below it rather does
        not. Sentences come with their titles (:func:`titled`)."""
        ...


def titled(title: str, sentence: str) -> str:
    """A sentence as readers are given it, and as the bundled one was trained: what it is about comes
    first."""
    return f"{title}. {sentence}" if title else sentence
