"""Searching an opened library."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import search
from kb.errors import LibraryMissing
from search.errors import ArticleMissing, QueryError


def test_every_hit_is_another_article(engine: search.Engine) -> None:
    results = engine.search("customer loyalty", collapse=False)
    sources = [hit.article.source for hit in results]
    assert len(sources) == len(set(sources)) == 5


def test_facets_count_exactly_the_hits_that_passed_the_cut_off(engine: search.Engine) -> None:
    results = engine.search("lojalność klientów", limit=100)
    counted: dict[str, int] = {}
    for hit in results:
        counted[hit.article.language] = counted.get(hit.article.language, 0) + 1
    assert dict(results.languages) == counted
    assert results.total == len(results.hits) == sum(results.languages.values())


def test_facets_are_of_all_hits_and_not_of_the_page(engine: search.Engine) -> None:
    everything = engine.search("customer service")
    page = engine.search("customer service", limit=1, offset=1)
    assert page.languages == everything.languages
    assert page.hits == everything.hits[1:2]


@pytest.mark.parametrize("language", ["pl", "tl", "nb", "ru", "lv"])
def test_a_filter_keeps_exactly_the_hits_of_its_language(engine: search.Engine, language: str) -> None:
    everything = [
        h for h in engine.search("customer loyalty", collapse=False) if h.article.language == language
    ]
    filtered = engine.search("customer loyalty", languages=[language])
    assert [hit.article for hit in filtered] == [hit.article for hit in everything]
    assert set(filtered.languages) <= {language}


def test_a_language_may_be_asked_for_in_the_query(engine: search.Engine) -> None:
    assert {hit.article.language for hit in engine.search("loyalty lang:ru")} == {"ru"}


def test_norwegian_and_filipino_go_by_their_other_codes(engine: search.Engine) -> None:
    assert {hit.article.language for hit in engine.search("loyalty", languages=["no", "fil"])} == {"nb", "tl"}


def test_an_unknown_language_is_refused_with_those_there_are(engine: search.Engine) -> None:
    with pytest.raises(QueryError, match="pl"):
        engine.search("loyalty", languages=["sw"])


@pytest.mark.parametrize("query", ["", "   ", "\x00\x01", "\u200b"])
def test_an_empty_query_is_refused(engine: search.Engine, query: str) -> None:
    with pytest.raises(QueryError):
        engine.search(query)


def test_a_name_is_found_exactly(engine: search.Engine) -> None:
    first = engine.search("Reichheld Teal").hits[0]
    assert first.article.language == "lv"
    assert {term.term for term in first.why.terms} == {"reichheld", "teal"}


def test_a_name_is_found_in_another_script(engine: search.Engine) -> None:
    assert engine.search("Adam Smith Wealth of Nations").hits[0].article.language == "ru"


def test_a_quoted_phrase_must_be_there_word_for_word(engine: search.Engine) -> None:
    assert [h.article.language for h in engine.search('"Janet Robinson"')] == ["nb"]
    assert engine.search('"Robinson Janet"').total == 0


def test_an_excluded_word_keeps_articles_out(engine: search.Engine) -> None:
    with_it = engine.search("lojalność klientów", collapse=False)
    without = engine.search("lojalność klientów -customer", collapse=False)
    assert "tl" in {hit.article.language for hit in with_it}
    assert "tl" not in {hit.article.language for hit in without}


def test_passages_and_sentences_have_their_offsets(engine: search.Engine) -> None:
    for hit in engine.search("satisfied customers"):
        text = engine.article(hit.article.id).article.text
        assert text[hit.passage.start : hit.passage.end] == hit.passage.text
        assert text[hit.sentence.start : hit.sentence.end] == hit.sentence.text
        assert hit.passage.start <= hit.sentence.start < hit.sentence.end <= hit.passage.end
        for mark in hit.highlights:
            assert hit.passage.start <= mark.start < mark.end <= hit.passage.end


def test_why_explains_in_words_and_numbers(engine: search.Engine) -> None:
    why = engine.search("lojalność klientów", languages=["pl"]).hits[0].why
    assert why.summary
    assert why.sentence > 0
    assert why.lexical > 0
    assert why.dense_rank is not None


def test_an_article_goes_by_its_id_and_by_its_source(engine: search.Engine) -> None:
    stored = engine.article("ru-teoriya-obsluzhivaniya.txt")
    assert engine.article(stored.id) == stored
    with pytest.raises(ArticleMissing):
        engine.article("no-such.txt")


def test_a_folder_without_a_library_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(LibraryMissing, match="kb build"):
        search.open(tmp_path)


def test_one_engine_serves_many_threads(engine: search.Engine) -> None:
    questions = ["loyalty", "service", "quality", "fairness of prices"] * 8
    alone = [engine.search(question).to_dict() for question in questions]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda question: engine.search(question).to_dict(), questions))
    assert together == alone


def test_the_status_counts_what_the_library_holds(engine: search.Engine) -> None:
    status = engine.status()
    assert dict(status.articles) == {"pl": 1, "tl": 1, "nb": 1, "ru": 1, "lv": 1}
    assert sum(status.sentences.values()) >= sum(status.passages.values()) > 5
    assert status.model == "multilingual-e5-small"


def test_the_public_names_are_there() -> None:
    assert all(hasattr(search, name) for name in search.__all__)


def test_who_only_asks_loads_nothing_of_what_builds() -> None:
    script = (
        "import sys, search\n"
        "built = ('kb.build', 'kb.readers', 'kb.cleaning', 'kb.text.identify', 'search.building.parts')\n"
        "loaded = [name for name in sys.modules if name.startswith((*built, 'torch', 'langcodes'))]\n"
        "print(loaded, callable(search.build), callable(search.verify), 'build' in dir(search))\n"
        "from search import restore_backup\n"
        "print('kb.build' in sys.modules, hasattr(search, 'nothing_of_this_name'))\n"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == ["[] True True True", "True False"]
