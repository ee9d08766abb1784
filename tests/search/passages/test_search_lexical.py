"""The index of exact phrases, whole and carried over from one generation to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from search.arrays.kept import KeptRows
from search.language import analysis
from search.language.index_terms import asked, asked_loosely, indexed, segmentations
from search.passages import lexical
from search.passages.lexical import ExactIndex, ExactIndexBuilder
from search.passages.word_prints import WordPrints, WordPrintsBuilder

TEXTS = ("Bread rises slowly.", "Yeast makes bread rise.", "Tides follow the moon.", "Bees make honey.")


def built(
    directory: Path,
    texts: Sequence[str],
    before: Path | None = None,
    kept: KeptRows | None = None,
    language: str = "en",
) -> Path:
    """An index of all texts; those that were added before are taken from ``texts``, too."""
    directory.mkdir()
    builder = ExactIndexBuilder(directory)
    again = builder.carry(before, kept) if before and kept else np.arange(len(texts))[:0]
    first = len(kept.rows) if kept else 0
    for text in [*(texts[row] for row in again), *texts[first:]]:
        builder.add(text, language)
    builder.finish()
    prints = WordPrintsBuilder()
    for text in texts:
        words = tuple(analysis.words(text))
        prints.add(words, indexed(words, language), 0)
    prints.prints().write(directory)
    return directory


def holding(directory: Path, words: Sequence[tuple[str, ...]]) -> list[int]:
    index = ExactIndex(directory, WordPrints.read(directory))
    rows = index.holding(words)
    index.close()
    return rows.tolist()


def having(directory: Path, phrase: str) -> list[int]:
    return holding(directory, [(word,) for word in phrase.split()])


def test_phrases_are_found_word_by_word(tmp_path: Path) -> None:
    one = built(tmp_path / "one", TEXTS)
    assert having(one, "bread") == [0, 1]
    assert having(one, "bread rises") == [0]
    assert having(one, "rises bread") == []
    assert having(one, "slowly yeast") == [], "a phrase ends where a passage ends"
    assert having(one, "trombone") == []


def test_a_passage_that_only_may_have_a_phrase_is_not_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lexical, "_number", lambda term: "0")  # as if all words had one number
    one = built(tmp_path / "one", TEXTS)
    assert having(one, "bread") == [0, 1]
    assert having(one, "bread rises") == [0]
    assert having(one, "bread honey") == []


@pytest.mark.parametrize(
    ("language", "text", "phrase", "found"),
    [
        ("pl", "Wąż śpi w żółtym domu.", "zoltym domu", True),
        ("pl", "Waz spi w zoltym domu.", "żółtym domu", True),
        ("pl", "Wąż śpi w żółtym domu.", "żółtym lesie", False),
        ("ja", "図書館は駅の前にあります。", "駅の前", True),
        ("ar", "المكتبة مفتوحة من التاسعة", "المكتبه مفتوحه", True),
        ("en", "The the the end.", "the the", True),
        ("en", "The end of the line.", "the the", False),
    ],
)
def test_a_phrase_is_found_with_its_marks_and_without(
    tmp_path: Path, language: str, text: str, phrase: str, found: bool
) -> None:
    one = built(tmp_path / "one", (text,), language=language)
    ways = [
        [terms(form, ("en", "pl", "ja", "ar")) for form in forms]
        for terms in (asked, asked_loosely)
        for forms in segmentations(phrase)
    ]
    assert any(holding(one, words) == [0] for words in ways) is found


def test_many_passages_are_looked_at_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexical, "PASSAGES", replace(lexical.PASSAGES, checked=16))
    texts = [f"Sample {number} has rye bread." for number in range(50)]
    texts[16] = "Bread of rye has a sample."
    one = built(tmp_path / "many", texts)
    assert having(one, "rye bread") == [row for row in range(50) if row != 16]
    assert having(one, "sample 17") == [17]


def test_what_is_gone_is_not_found_and_what_was_added_is_however_often(tmp_path: Path) -> None:
    built(tmp_path / "one", TEXTS)
    texts = [TEXTS[0], TEXTS[2], TEXTS[3], "Rye bread rises in the night.", "The moon is bread."]
    built(tmp_path / "two", texts, tmp_path / "one", KeptRows(np.array([0, 2, 3]), 4, 2))
    assert having(tmp_path / "two", "bread") == [0, 3, 4]
    assert having(tmp_path / "two", "bread rises") == [0, 3]
    assert having(tmp_path / "two", "the moon") == [1, 4]
    texts = [*texts[1:3], texts[4], "Honey on bread."]
    built(tmp_path / "three", texts, tmp_path / "two", KeptRows(np.array([1, 2, 4]), 5, 1))
    assert having(tmp_path / "three", "bread") == [2, 3]
    assert having(tmp_path / "three", "the moon") == [0, 2]
    built(tmp_path / "four", texts[:2], tmp_path / "three", KeptRows(np.array([0, 1]), 4, 0))
    assert having(tmp_path / "four", "the moon") == [0]
    assert having(tmp_path / "four", "bread") == []


def test_an_index_of_nothing_finds_nothing(tmp_path: Path) -> None:
    assert having(built(tmp_path / "none", ()), "bread") == []
