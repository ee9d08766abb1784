"""What is marked: the query's words, their counterparts in other languages, or what carries the meaning."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from flagship import FLAGSHIP

import search
from search.answers.highlights import Marker, marker_of
from search.dictionary.expansion import Expansion
from search.language.background import is_function_word
from search.language.occurrences import Spellings
from search.models import Evidence, Highlight, Hit

# Beginnings of the words that carry "service" and "loyalty", "customer", which one question names, and the
# verbs that relate them.
CARRIERS = {
    "pl": ("obsług", "usług", "lojal", "klien", "powiąz"),
    "tl": ("serbisyo", "katapatan", "customer", "nauugnay"),
    "nb": ("kunde", "service", "tjeneste", "lojal", "relasjon", "henger", "sammen"),
    "ru": ("обслужив", "служб", "услуг", "лояльн", "клиент"),
    "lv": ("apkalpo", "servis", "pakalpojum", "lojalitāt", "klient"),
}


def marked(item: Evidence | Hit, text: str) -> list[str]:
    return [text[mark.start : mark.end] for mark in item.highlights]


def full_text(engine: search.Engine, item: Evidence | Hit) -> str:
    return engine.article(item.article.source).article.text


@pytest.mark.parametrize("asked_in", FLAGSHIP)
def test_the_words_that_carry_the_meaning_are_marked_in_every_language(
    engine: search.Engine, asked_in: str
) -> None:
    for item in engine.ask(FLAGSHIP[asked_in]).evidence:
        words = [word.casefold() for word in marked(item, full_text(engine, item))]
        assert words, item.quote
        wrong = [word for word in words if not word.startswith(CARRIERS[item.language])]
        # Satisfaction is near to loyalty; that much is forgiven.
        assert all(word.startswith(("удовлетвор", "kundetilfreds")) for word in wrong), wrong


@pytest.mark.parametrize("asked_in", FLAGSHIP)
def test_marks_are_whole_words_in_order_inside_of_the_quote(engine: search.Engine, asked_in: str) -> None:
    answer = engine.ask(FLAGSHIP[asked_in])
    for item in answer.evidence:
        check(full_text(engine, item), item.highlights, item.start, item.end)
    for hit in engine.search(FLAGSHIP[asked_in]):
        check(full_text(engine, hit), hit.highlights, hit.passage.start, hit.passage.end)


def check(text: str, marks: Iterable[Highlight], start: int, end: int) -> None:
    reached = start
    for mark in marks:
        assert reached <= mark.start < mark.end <= end
        assert not (text[mark.start - 1 : mark.start].isalnum() and text[mark.start].isalnum())
        assert not (text[mark.end - 1].isalnum() and text[mark.end : mark.end + 1].isalnum())
        assert mark.kind in {"exact", "translation", "meaning"}
        assert 0 < mark.weight <= 1
        assert not is_function_word(text[mark.start : mark.end].casefold())
        reached = mark.end


def test_own_words_are_exact_and_foreign_ones_translations(engine: search.Engine) -> None:
    for item in engine.ask("лояльность клиентов", per_language=1).evidence:
        text = full_text(engine, item)
        kinds = {text[mark.start : mark.end].casefold()[:5]: mark.kind for mark in item.highlights}
        if item.language == "ru":
            assert set(kinds.values()) == {"exact"}
        if "lojal" in kinds:
            assert kinds["lojal"] == "translation"


def test_a_hit_marks_something_in_the_sentence_that_it_shows(engine: search.Engine) -> None:
    for hit in engine.search("what makes buyers come back"):
        inside = [m for m in hit.highlights if hit.sentence.start <= m.start < hit.sentence.end]
        assert inside or not any(c.isalpha() for c in hit.sentence.text)


def test_compounds_of_a_counterpart_are_marked_and_words_that_only_sound_alike_are_not(
    engine: search.Engine,
) -> None:
    asked = engine.search("lojalność", languages=["nb"])
    text = full_text(engine, asked.hits[0])
    words = {word.casefold() for word in marked(asked.hits[0], text)}
    assert "kundelojalitet" in words
    for item in engine.ask(FLAGSHIP["nb"], languages=["nb"]).evidence:
        assert "lenger" not in marked(item, full_text(engine, item))


def test_the_longer_of_two_overlapping_terms_is_found() -> None:
    text = "Dobra obsługa klienta."
    assert Spellings({"obsługa": 1, "obsługa klienta": 2}).occurrences(text) == [(6, 21, 2)]


def test_what_is_taken_leaves_room_for_shorter_terms() -> None:
    text = "Dobra obsługa klienta."
    spellings = {"obsługa": 1, "obsługa klienta": 2}
    assert Spellings(spellings).occurrences(text, [(14, 21)]) == [(6, 13, 1)]


def test_terms_are_found_on_whole_words_whatever_their_case() -> None:
    assert Spellings({"service": 0}).occurrences("Service, servicewoman, SERVICE") == [(0, 7, 0), (23, 30, 0)]


def test_terms_in_scripts_without_spaces_are_found_where_they_stand() -> None:
    assert Spellings({"客户服务": 0}).occurrences("提高客户服务的质量") == [(2, 6, 0)]


def test_a_term_does_not_reach_over_a_comma() -> None:
    assert Spellings({"obsługa klienta": 0}).occurrences("obsługa, klienta") == []


@pytest.mark.parametrize("query", ["qwzx plonk zorgblatt", "asdfgh", "жзщцй фрпл"])
def test_gibberish_has_no_marks(engine: search.Engine, query: str) -> None:
    assert [mark for hit in engine.search(query) for mark in hit.highlights] == []
    assert [mark for one in engine.ask(query).evidence for mark in one.highlights] == []


@pytest.mark.parametrize(
    ("word", "language", "text", "marks"),
    [
        ("France", "en", "The Rance is a river of France.", ["France"]),
        ("France", "fr", "La Rance coule; les Franceses la voient.", ["Franceses"]),
        ("Ukraina", "pl", "Kraina jest daleko od Ukrainy.", ["Ukrainy"]),
        ("مكتبة", "ar", "المكتبة هنا، ومكتبة هناك.", ["المكتبة", "ومكتبة"]),
        ("tubig", "tl", "Ang lupa ay matubig.", ["matubig"]),
        # What a dictionary has as two words is two, however alike; what it has as a form, or not at all, may
        # be one.
        ("plane", "en", "A planet is no plane, whatever planes do.", ["plane", "planes"]),
        ("bread", "en", "The breadth of a bread; breads.", ["bread", "breads"]),
        ("leave", "en", "They leave the leaves.", ["leave", "leaves"]),
        ("Jūrmala", "lv", "Vilciens iet uz Jūrmalu.", ["Jūrmalu"]),
        # A word is in its compounds, and not in what only begins or ends like it.
        (
            "Brücke",
            "de",
            "Die Eisenbahnbrücke und das Brückengeländer.",
            ["Eisenbahnbrücke", "Brückengeländer"],
        ),
        ("silmälasit", "fi", "Aurinkosilmälasit jäivät hyllylle.", ["Aurinkosilmälasit"]),
        ("import", "en", "Of all imports, the most important.", ["imports"]),
        ("nation", "en", "A nation is no destination of hallucinations.", ["nation"]),
    ],
)
def test_a_word_is_marked_for_its_forms_and_not_for_what_is_only_alike(
    engine: search.Engine, word: str, language: str, text: str, marks: list[str]
) -> None:
    marker = Marker(word, (Expansion(word.casefold(), {}),), engine._index.vocabulary)
    found = marker.marks(text, language, 0)
    assert [text[one.start : one.end] for one in found] == marks


@pytest.mark.parametrize("query", [*FLAGSHIP.values(), "lojalność", "kundens", "klientami"])
def test_a_hit_has_the_marks_that_reading_every_word_of_it_gives(engine: search.Engine, query: str) -> None:
    marker = marker_of(engine._index, engine._index.rank(query, frozenset()).scores)
    hits = engine.search(query).hits
    assert any(hit.highlights for hit in hits)
    for hit in hits:
        passage = hit.passage
        found = marker.marks(passage.text, passage.language, passage.start)
        assert found == tuple(mark for mark in hit.highlights if mark.kind != "meaning")
