"""Hostile queries: each is refused or answered as the table says, with bounded work, and nothing breaks."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import pytest
from hostile import QUERIES, Row
from numpy.typing import NDArray

import search
from search import budget
from search.errors import QueryError, SearchTooSlow
from search.passages.postings import Postings
from search.ranking import query
from search.ranking.settings import RANKING

ANSWERED = [row for row in QUERIES if row.expected == "answered"]


@pytest.mark.parametrize("row", QUERIES, ids=lambda row: row.name)
def test_a_hostile_query_is_answered_or_refused(engine: search.Engine, row: Row) -> None:
    for ask in (engine.search, engine.ask):
        if row.expected == "refused":
            with pytest.raises(QueryError):
                ask(row.query)
        else:
            assert ask(row.query).to_dict()


@pytest.mark.parametrize("row", ANSWERED, ids=lambda row: row.name)
def test_work_is_bounded_whatever_is_asked(
    engine: search.Engine, row: Row, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up = [0]
    real = Postings._places

    def counted(self: Postings, terms: NDArray[np.uint64]) -> object:
        looked_up[0] += len(terms)
        return real(self, terms)

    monkeypatch.setattr(Postings, "_places", counted)
    engine._index._score(query.parse(row.query), None, None)
    # Once for what they are worth, once for who has them.
    assert looked_up[0] <= 2 * len(engine.languages) * (
        3 * RANKING.words_searched + 2 * RANKING.characters_searched
    )


def test_a_long_text_is_searched_by_its_beginning() -> None:
    text = query.parse("loyalty " + "w1 " * 3_000).text
    assert text.startswith("loyalty w1")
    assert len(text.split()) == RANKING.words_searched
    assert len(query.parse("顾客" * 5_000).text) == RANKING.characters_searched
    assert query.parse("long" * 300 + " word").text == ("long" * 300)[: RANKING.characters_searched]


@pytest.mark.parametrize("ask", ["search", "ask"])
def test_a_search_stops_when_its_time_is_spent(engine: search.Engine, ask: str) -> None:
    stages: list[str] = []
    with pytest.raises(SearchTooSlow, match="fewer words"), search.time_limit(-1) as watch:
        try:
            getattr(engine, ask)("a question that nobody asked before: " + ask)
        finally:
            stages += watch.stages
    assert stages == ["spelling"], "it stops at the first look at the clock"


def test_a_search_stops_in_the_middle(engine: search.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(budget.time, "monotonic", lambda: now[0])
    real = engine._index._encoded

    def slowly(text: str) -> object:
        now[0] += 3
        return real(text)

    monkeypatch.setattr(engine._index, "_encoded", slowly)
    with pytest.raises(SearchTooSlow), search.time_limit(2) as watch:
        engine.search("another question that nobody asked before")
    assert sum(watch.stages.values()) == 3.0
    assert "vectors" not in watch.stages


def test_a_search_tells_where_its_time_went(engine: search.Engine) -> None:
    with search.time_limit() as watch:
        found = engine.search("how is loyalty won, and by what")
    assert {"encoding", "vectors", "words", "tokens", "fusion", "marking"} <= set(watch.stages)
    assert watch.counts["hits"] == found.total


def test_a_phrase_waits_for_its_turn_no_longer_than_it_may(engine: search.Engine) -> None:
    exact = engine._index.backend._exact  # type: ignore[attr-defined]
    with exact._lock, pytest.raises(SearchTooSlow), search.time_limit(0.05):
        engine.search('"obsługa klienta"')


def test_a_long_phrase_is_found_word_by_word(engine: search.Engine) -> None:
    asked = "how does service relate to loyalty"
    hit = max(engine.search(asked).hits, key=lambda hit: len(hit.sentence.text))
    words = hit.sentence.text.strip().rstrip(".")
    assert len(words.split()) > 8
    found = engine.search(f'"{words}"')
    assert hit.article.source in {one.article.source for one in found}
    turned = " ".join(reversed(words.split()))
    assert engine.search(f'"{turned}"').total == 0
    without = engine.search(f'{asked} -"{words}"', limit=100)
    assert all(words not in one.passage.text for one in without)


def test_limits_are_each_threads_own(engine: search.Engine) -> None:
    failures: list[BaseException] = []

    def asking() -> None:
        try:
            engine.search("loyalty")
        except SearchTooSlow as error:
            failures.append(error)

    with search.time_limit(-1):
        thread = threading.Thread(target=asking)
        thread.start()
        thread.join()
    assert not failures


def test_nothing_is_counted_outside_of_a_watch() -> None:
    calls: list[Callable[[], None]] = [lambda: budget.checkpoint("x"), lambda: budget.note("hits", 1)]
    for call in calls:
        call()
    assert budget.remaining() > 1000
