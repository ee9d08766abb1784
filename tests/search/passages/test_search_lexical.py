"""The index of exact phrases, whole and carried over from one generation to the next."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from search.arrays.kept import KeptRows
from search.passages.lexical import ExactIndex, ExactIndexBuilder

TEXTS = ("Bread rises slowly.", "Yeast makes bread rise.", "Tides follow the moon.", "Bees make honey.")


def built(
    directory: Path, texts: Sequence[str], before: Path | None = None, kept: KeptRows | None = None
) -> int:
    """How many texts there are in all; those that were added before are taken from ``texts``, too."""
    directory.mkdir()
    builder = ExactIndexBuilder(directory)
    again = builder.carry(before, kept) if before and kept else np.arange(len(texts))[:0]
    first = len(kept.rows) if kept else 0
    for text in [*(texts[row] for row in again), *texts[first:]]:
        builder.add(text, "en")
    builder.finish()
    return len(texts)


def having(directory: Path, size: int, phrase: str) -> list[int]:
    index = ExactIndex(directory, size)
    rows = index.holding([(word,) for word in phrase.split()])
    index.close()
    return rows.tolist()


def test_phrases_are_found_word_by_word(tmp_path: Path) -> None:
    size = built(tmp_path / "one", TEXTS)
    assert having(tmp_path / "one", size, "bread") == [0, 1]
    assert having(tmp_path / "one", size, "bread rises") == [0]


def test_what_is_gone_is_not_found_and_what_was_added_is_however_often(tmp_path: Path) -> None:
    built(tmp_path / "one", TEXTS)
    texts = [TEXTS[0], TEXTS[2], TEXTS[3], "Rye bread rises in the night.", "The moon is bread."]
    size = built(tmp_path / "two", texts, tmp_path / "one", KeptRows(np.array([0, 2, 3]), 4, 2))
    assert having(tmp_path / "two", size, "bread") == [0, 3, 4]
    assert having(tmp_path / "two", size, "bread rises") == [0, 3]
    assert having(tmp_path / "two", size, "the moon") == [1, 4]
    texts = [*texts[1:3], texts[4], "Honey on bread."]
    size = built(tmp_path / "three", texts, tmp_path / "two", KeptRows(np.array([1, 2, 4]), 5, 1))
    assert having(tmp_path / "three", size, "bread") == [2, 3]
    assert having(tmp_path / "three", size, "the moon") == [0, 2]
    size = built(tmp_path / "four", texts[:2], tmp_path / "three", KeptRows(np.array([0, 1]), 4, 0))
    assert having(tmp_path / "four", size, "the moon") == [0]
    assert having(tmp_path / "four", size, "bread") == []


def test_an_index_of_nothing_finds_nothing(tmp_path: Path) -> None:
    assert having(tmp_path / "none", built(tmp_path / "none", ()), "bread") == []
