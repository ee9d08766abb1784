"""The numbers of this room: how texts are cut for the model, how many at a time, and what is remembered."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ENCODING"]


@dataclass(frozen=True, slots=True)
class EncodingSettings:
    # Texts tokenised at a time: the token ids of a large library need not be in memory at once.
    tokenised_at_a_time: int = 1024
    hub_rows: int = 16  # texts that a model by name takes at a time

    # The cache of vectors. What is encoded between two syncs of it, in bytes of UTF-8: a few seconds' work at
    # most, which is what a kill loses; and in texts. A text costs something beyond its length, about as much
    # as so many bytes.
    slice_bytes: int = 1 << 16
    slice_texts: int = 512
    text_cost: int = 32

    # Words to pieces. What an unknown character is less likely than the unlikeliest piece (log-probability).
    unknown_penalty: float = 10.0
    # Words that are remembered, and their characters: longer ones are hardly ever seen twice.
    words_remembered: int = 1 << 14
    longest_remembered: int = 24

    # How much of the activations' range is moved into the weights; with 0.6 and 0.9 the vectors are farther
    # from the exact ones, with 0.5 smoothing does nothing.
    smoothing: float = 0.8
    # One in so many background texts and words measures the activations' ranges (three times as many measure
    # no better), and how much room beyond them is left for other texts.
    measured_every: int = 12
    room: float = 1.1
    most_layers: int = 1000  # of a file that claims more, nothing is believed


ENCODING = EncodingSettings()
