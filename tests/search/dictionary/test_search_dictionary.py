"""The whole dictionary of the source articles."""

from __future__ import annotations

import search


def test_every_concept_has_two_languages_at_least_and_none_comes_twice(engine: search.Engine) -> None:
    concepts = list(engine.dictionary())
    assert len(concepts) > 100
    seen = [frozenset((entry.language, entry.term) for entry in concept) for concept in concepts]
    assert all(len(one) > 1 for one in seen)
    assert len(set(seen)) == len(seen)
    assert all(entry.term and entry.score >= 0.65 for concept in concepts for entry in concept)


def test_the_most_frequent_things_come_first_with_a_sentence_each(engine: search.Engine) -> None:
    first = next(iter(engine.dictionary()))
    terms = {entry.language: entry.term for entry in first}
    assert terms == {"pl": "klient", "tl": "customer", "nb": "kunde", "ru": "клиент", "lv": "klients"}
    assert all(len(entry.examples) == 1 for entry in first)


def test_a_concept_says_what_looking_up_its_term_says(engine: search.Engine) -> None:
    for concept in list(engine.dictionary())[:20]:
        sure = [entry for entry in concept if entry.score == 1.0]
        assert any(
            {
                (one.language, one.term)
                for one in engine.lookup(entry.term, language=entry.language)
                if one.term
            }
            == {(one.language, one.term) for one in concept}
            for entry in sure
            if entry.term
        )
