"""The numbers of this room: sizes at which arrays are cut into batches and scans into blocks."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ARRAYS"]


@dataclass(frozen=True, slots=True)
class ArraySettings:
    # Batches of texts. Small enough to stay in the cores' caches, large enough for a call to cost little:
    # measured, per token.
    batch_tokens: int = 512
    batch_rows: int = 16
    # Of a batch of similar lengths: fewer, so that a few sentences keep all cores busy to the end; and its
    # shortest has so much of its longest's length at least, since padding is computed, too.
    similar_tokens: int = 256
    similar_length: float = 0.8

    # Quantised rows. Coordinates of a prefix: of XQuAD's best 20 passages of 720 in six languages, 99.8 % are
    # among the best 80 by their prefixes; by 64 coordinates 98.3 %.
    prefix: int = 128
    quantised_at_a_time: int = 8192  # rows
    gathered_at_a_time: int = 4096  # rows
    axes_sample: int = 20_000  # rows that tell where a library's axes are
    two_threads_from: int = 40_000  # rows from which on a scan is worth a second thread

    # Products and neighbours.
    blas_from: int = 64  # rows from which on BLAS is worth its threads
    nearest_block: int = 512  # rows

    # Neighbours drawn on a map. Rows that count as near to one, about (the perplexity); steps in all, and
    # first ones in which what is near is drawn together so many times as hard; halvings in the search for a
    # row's width.
    map_near: float = 8.0
    map_steps: int = 400
    map_early: int = 120
    map_hard: float = 4.0
    map_halvings: int = 40

    # Memory.
    empty_array_bytes: int = 128  # what an array without values takes
    keys_remembered: int = 8_000  # whose numbers are
    longest_remembered: int = 80  # characters of a word about which something is
    long_remembered: int = 4  # longer ones, those of one query, about which something is
    # New objects between two looks for cycles. Python's own 700 are for programs that make few of them.
    objects_between_collections: int = 50_000


ARRAYS = ArraySettings()
