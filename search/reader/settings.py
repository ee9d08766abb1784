"""The numbers of this room: how much the reader reads, and how many sentences at a time."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["READER"]


@dataclass(frozen=True, slots=True)
class ReaderSettings:
    # What is longer is cut: the reader has learnt from texts of up to so many tokens.
    question_tokens: int = 48
    sentence_tokens: int = 96
    # Sentences that are cut into batches at a time: however many there are, few are in memory.
    sentences_at_a_time: int = 256
    pairs_at_a_time: int = 16  # that a cross-encoder by name takes
    # One in so many background texts measures the activations' ranges.
    measured_every: int = 24


READER = ReaderSettings()
