"""The words of a library, read before its vocabulary is put together."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor

import numpy as np
import pytest

from search.dictionary.spoken_words import SpokenWords
from search.dictionary.term_vectors import piece_ends, piece_keys

pytestmark = pytest.mark.unit

TEXTS = ["the tide", "вода", "the moon", "прилив и отлив", "jūra"]
LANGUAGES = ["en", "ru", "en", "ru", "lv"]


class Whole:
    """Gives every text as one piece; waits until it is let."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.asked: list[str] = []

    def pieces(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        self.gate.wait(10)
        self.asked += texts
        return [[(0, len(text))] for text in texts]


@pytest.fixture
def spoken() -> Iterator[SpokenWords]:
    encoder = Whole()
    encoder.gate.set()
    with (
        ThreadPoolExecutor(1) as aside,
        SpokenWords(TEXTS, LANGUAGES, encoder, aside) as words,  # type: ignore[arg-type]
    ):
        yield words


def test_each_language_has_its_rows_words_and_pieces(spoken: SpokenWords) -> None:
    assert len(spoken) == 5
    assert spoken.languages == ["en", "ru", "lv"], "the largest first"
    # Not in their order: two are put together side by side, and either may be first.
    read = {language: spoken.take(language) for language in ("ru", "en", "lv")}
    assert {language: one.rows.tolist() for language, one in read.items()} == {
        "en": [0, 2],
        "lv": [4],
        "ru": [1, 3],
    }
    assert sorted(read["en"].tokens.spellings) == ["moon", "the", "tide"]
    assert read["ru"].ends.tolist() == [3, 13]
    assert read["ru"].offsets.tolist() == [0, 1, 2]


def test_who_leaves_early_does_not_wait_for_what_has_not_begun() -> None:
    encoder = Whole()
    with ThreadPoolExecutor(1) as aside:
        spoken = SpokenWords(TEXTS, LANGUAGES, encoder, aside)  # type: ignore[arg-type]
        with pytest.raises(KeyboardInterrupt), spoken:
            raise KeyboardInterrupt
        encoder.gate.set()
        for language in ("lv", "ru"):
            with pytest.raises(CancelledError):
                spoken.take(language)
    assert encoder.asked in ([], ["the tide", "the moon"])


def test_words_are_taken_once(spoken: SpokenWords) -> None:
    spoken.take("lv")
    with pytest.raises(CancelledError, match="'lv' were taken"):
        spoken.take("lv")


def test_a_kept_token_is_at_its_pieces_last_character() -> None:
    pieces = [[(0, 2), (2, 5)], [], [(0, 1), (1, 3), (4, 4)]]
    ends = [piece_ends(one) for one in pieces]
    offsets = np.array([0, 2, 2, 5])
    # Of the first sentence fewer tokens were kept than told, of the second and the third more.
    keys = piece_keys(np.concatenate(ends), offsets, np.array([1, 1, 4]), np.array([7, 8, 9]))
    line = 1 << 24
    past = line - 1
    assert keys.tolist() == [7 * line + 1, 8 * line + past, *(9 * line + at for at in (0, 2, 3, past))]
