"""A language with many articles does not push the others out, whatever the question's language."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest

import search

CORPUS = Path(__file__).parents[3] / "corpus"
QUESTION = "how does service relate to loyalty"
# 200 articles in the question's language, on its very topic, none of which is a copy of another.
SHOPS = ("bakery", "bookshop", "pharmacy", "garage", "florist", "barber", "hotel", "bank", "grocer", "tailor")
DEEDS = (
    "answers the telephone within a minute",
    "remembers the names of its regulars",
    "mends what it sold without a bill",
    "greets people at the door",
    "delivers on the day it promised",
)
GAINS = (
    "and its customers have stayed loyal for years",
    "so loyalty there is earned by service",
    "and good service has made its customers faithful",
    "yet loyalty also depends on price",
)


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory, warm: Callable[[Path], Path]) -> search.Engine:
    folder = tmp_path_factory.mktemp("crowd")
    lines = [
        {
            "title": f"The {shop} number {number}",
            "language": "en",
            "text": f"The {shop} in our street {deed}, {gain}. Service is what people talk about "
            f"when they speak of the {shop}, and they come back because of it.",
        }
        for number, (shop, deed, gain) in enumerate(product(SHOPS, DEEDS, GAINS))
    ]
    assert len(lines) == 200
    source = folder / "shops.jsonl"
    source.write_text("\n".join(json.dumps(line) for line in lines), "utf-8")
    search.build([CORPUS, source], warm(folder / "kb"))
    return search.open(folder / "kb")


def test_two_hundred_articles_in_the_questions_language_leave_room_for_the_others(
    crowded: search.Engine,
) -> None:
    first = crowded.search(QUESTION, limit=10, collapse=False)
    assert first.languages["en"] >= 100
    assert {"pl", "ru", "lv", "tl", "nb"} <= {hit.article.language for hit in first}


def test_their_evidence_stays_too(crowded: search.Engine) -> None:
    answer = crowded.ask(QUESTION)
    assert {"en", "pl", "ru", "lv", "tl", "nb"} <= set(answer.by_language)
    assert {len(found) for found in answer.by_language.values()} <= {1, 2, 3}


def test_facets_count_what_passed_the_cut_off(crowded: search.Engine) -> None:
    every = crowded.search(QUESTION, limit=1000)
    assert sum(every.languages.values()) == every.total == len(every.hits)
    for language, count in every.languages.items():
        assert count == sum(hit.article.language == language for hit in every)
