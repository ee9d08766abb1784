"""Two articles that are the same text, laid out sentence by sentence."""

from __future__ import annotations

from collections.abc import Sequence

from kb.store.snapshot import StoredPassage
from search.models import Aligned, Snippet
from search.translations.alignment import Bead

__all__ = ["aligned_rows", "aligned_with", "sentences_of"]


def sentences_of(passages: Sequence[StoredPassage]) -> tuple[Snippet, ...]:
    """All sentences of an article's passages, in order."""
    return tuple(
        Snippet(sentence.text, sentence.start, sentence.end, stored.passage.language)
        for stored in passages
        for sentence in stored.passage.sentences
    )


def aligned_rows(
    left: Sequence[Snippet], right: Sequence[Snippet], beads: Sequence[Bead]
) -> tuple[Aligned, ...]:
    """A row for each bead, and between beads one for what only the left text has and one for what only the
    right one has."""
    rows: list[Aligned] = []
    at_left = at_right = 0
    end = Bead(len(left), len(left), len(right), len(right), 0.0)
    for bead in (*beads, end):
        if at_left < bead.left_start:
            rows.append(Aligned(tuple(left[at_left : bead.left_start]), (), 0.0))
        if at_right < bead.right_start:
            rows.append(Aligned((), tuple(right[at_right : bead.right_start]), 0.0))
        if bead is not end:
            ours = tuple(left[bead.left_start : bead.left_end])
            theirs = tuple(right[bead.right_start : bead.right_end])
            rows.append(Aligned(ours, theirs, bead.similarity))
        at_left, at_right = bead.left_end, bead.right_end
    return tuple(rows)


def aligned_with(
    left: Sequence[Snippet], right: Sequence[Snippet], beads: Sequence[Bead], start: int, end: int
) -> tuple[Snippet, ...]:
    """The right text's sentences that are aligned with what the left one has from ``start`` to ``end``."""
    return tuple(
        sentence
        for bead in beads
        if left[bead.left_start].start < end and start < left[bead.left_end - 1].end
        for sentence in right[bead.right_start : bead.right_end]
    )
