"""Where words are, and what they look like: prints pass over words, but never over one that is sought."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from search.arrays.kept import KeptRows
from search.language import analysis
from search.language.index_terms import indexed
from search.passages.word_prints import Sought, WordPrints, WordPrintsBuilder

TEXTS = (
    "Pszczoły tańczą, by wskazać drogę do kwiatów.",
    "",
    "図書館は駅の前にあります。",
    "Die Bienenstöcke stehen im Obstgarten der Müllers.",
    "المكتبة مفتوحة من التاسعة، والكتب كثيرة.",
    f"{'a' * 300} ends a line that nobody reads aloud",
)
TITLE = "The hive\n"
ANYTHING = Sought.of((), (), ("a",), 1.0)
"""A lone letter may be a part of any word."""


def prints(*texts: str) -> WordPrints:
    builder = WordPrintsBuilder()
    for text in texts:
        words = tuple(analysis.words(TITLE + text))
        builder.add(words, indexed(words, "mul"), len(TITLE))
    return builder.prints()


def found(held: WordPrints, texts: tuple[str, ...], sought: Sought) -> list[list[str]]:
    spans = held.spans(np.arange(len(texts)), sought)
    return [[text[start:end] for start, end in some] for text, some in zip(texts, spans, strict=True)]


def test_every_word_is_where_the_text_has_it_whatever_its_script() -> None:
    held = list(prints(*TEXTS).spans(np.arange(len(TEXTS)), ANYTHING))
    assert held == [[(word.start, word.end) for word in analysis.words(text)] for text in TEXTS]


def test_passages_are_given_in_the_order_that_they_are_asked_for() -> None:
    held = list(prints(*TEXTS).spans(np.array([3, 0]), ANYTHING))
    assert [len(some) for some in held] == [len(list(analysis.words(TEXTS[at]))) for at in (3, 0)]


@pytest.mark.parametrize(
    ("sought", "words"),
    [
        (Sought.of(["kwiatów"], (), (), 0.6), ["kwiatów"]),
        (Sought.of(["kwiatow"], (), (), 0.6), ["kwiatów"]),  # typed without its marks
        (Sought.of(["図書"], (), (), 0.6), ["図書"]),
        (Sought.of((), ["pszczołom"], (), 0.6), ["Pszczoły"]),
        (Sought.of((), (), ["garten"], 0.6), ["Obstgarten"]),
        (Sought.of((), ["التاسعه"], (), 0.6), ["التاسعة"]),
        (Sought.of(["ul"], ["trąbka"], ["miodek"], 0.6), []),
        (Sought.of((), (), (), 0.6), []),
    ],
)
def test_words_are_found_by_form_by_likeness_and_by_what_is_in_them(sought: Sought, words: list[str]) -> None:
    assert [word for some in found(prints(*TEXTS), TEXTS, sought) for word in some] == words


def test_what_is_kept_moves_up_and_what_is_new_comes_after_it() -> None:
    new = ("Nowe pszczoły.", "Bees, too.")
    kept = KeptRows(np.array([0, 2, 5]), len(TEXTS), len(new))
    both = prints(*TEXTS).joined(kept, prints(*new))
    texts = (TEXTS[0], TEXTS[2], TEXTS[5], *new)
    assert found(both, texts, ANYTHING) == found(prints(*texts), texts, ANYTHING)
    assert found(both, texts, Sought.of(["pszczoły"], (), (), 1.0)) == [
        ["Pszczoły"],
        [],
        [],
        ["pszczoły"],
        [],
    ]


def test_they_are_read_as_they_were_written(tmp_path: Path) -> None:
    prints(*TEXTS).write(tmp_path)
    assert found(WordPrints.read(tmp_path), TEXTS, ANYTHING) == found(prints(*TEXTS), TEXTS, ANYTHING)


def test_a_library_without_a_word_has_none(tmp_path: Path) -> None:
    prints().write(tmp_path)
    held = WordPrints.read(tmp_path)
    assert list(held.spans(np.zeros(0, np.int64), ANYTHING)) == []
    grown = held.joined(KeptRows(np.zeros(0, np.int64), 0, len(TEXTS)), prints(*TEXTS))
    assert found(grown, TEXTS, ANYTHING) == found(prints(*TEXTS), TEXTS, ANYTHING)
