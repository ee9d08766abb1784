"""Negatives of other articles."""

from __future__ import annotations

import random

import numpy as np

from tests.training.negatives import HardNegatives, Pooled

# What a text is about, and its language's own direction, which must not count.
ABOUT = {"bees": (1.0, 0.0), "hives": (0.9, 0.1), "bread": (0.0, 1.0)}
SPOKEN = {"en": (1.0, 0.0), "pl": (0.0, 1.0)}


class Encoder:
    """Tells what a text is about by its first word, and its language by the second."""

    def passages(self, texts):
        rows = [(*ABOUT[text.split()[0]], *(4 * x for x in SPOKEN[text.split()[1]])) for text in texts]
        return np.array(rows, np.float32)

    queries = passages


def pooled(count):
    for language in SPOKEN:
        for about in ABOUT:
            for number in range(count):
                yield Pooled(f"{about} {language} {number}", "", f"{about} {number}", language)


def test_they_are_near_of_other_articles_and_of_any_language():
    asked = [("bees en ?", "en"), ("bread en ?", "en"), ("bread pl ?", "pl"), ("bees pl ?", "pl")]
    hard = HardNegatives(list(pooled(30)), asked, Encoder())
    found = hard("bees en ?", "bees 3", 30, random.Random(1))
    assert {one.text.split()[0] for one in found} <= {"bees", "hives"}
    assert {one.language for one in found} == {"en", "pl"}
    assert "bees 3" not in {one.owner for one in found}
    assert len(hard("bees en ?", "bees 3", 2, random.Random(1))) == 2


def test_a_question_that_nobody_named_has_none():
    hard = HardNegatives(list(pooled(30)), [("bees en ?", "en")], Encoder())
    assert hard("bread en ?", "bread 1", 2, random.Random(1)) == []
