"""Completions of what is being typed, and spellings that were probably meant."""

from __future__ import annotations

import pytest

import search
from search.answers import correction, layouts
from search.answers.suggestions import Spelling, Suggestions
from search.language.spelling import FormTable, Near, nearest_spelling

SPELLINGS = (
    Spelling("obsługa klienta", "pl", "term", 3.0),
    Spelling("obsługa", "pl", "term", 2.0),
    Spelling("лояльность", "ru", "term", 2.0),
    Spelling("Ёлка и лес", "ru", "title", 1.0),
    Spelling("apkalpošana", "lv", "term", 2.0),
    Spelling("customer service", "en", "term", 2.5),
    Spelling("客户服务", "zh", "term", 1.0),
    Spelling("ความภักดี", "th", "term", 1.0),
    Spelling("خدمة العملاء", "ar", "term", 1.0),
    Spelling("cat", "en", "term", 1.0),
)


@pytest.fixture(scope="module")
def suggestions() -> Suggestions:
    return Suggestions(SPELLINGS)


def texts(suggestions: Suggestions, typed: str) -> list[str]:
    return [one.text for one in suggestions.complete(typed, 8)]


def test_what_begins_as_typed_comes_first_and_the_more_welcome_before_the_less(
    suggestions: Suggestions,
) -> None:
    assert texts(suggestions, "obs")[:2] == ["obsługa klienta", "obsługa"]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("obslug", "obsługa klienta"),
        ("OBSŁU", "obsługa klienta"),
        ("klien", "obsługa klienta"),
        ("елка", "Ёлка и лес"),
        ("лоял", "лояльность"),
        ("loyal", "лояльность"),
        ("客户", "客户服务"),
        ("服务", "客户服务"),
        ("ภักดี", "ความภักดี"),
        ("العم", "خدمة العملاء"),
    ],
)
def test_every_script_is_completed_with_or_without_its_diacritics(
    suggestions: Suggestions, typed: str, first: str
) -> None:
    assert texts(suggestions, typed)[0] == first


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("apkaplosana", "apkalpošana"),
        ("costumer", "customer service"),
        ("custmer ser", "customer service"),
        ("лойальность", "лояльность"),
    ],
)
def test_typos_are_forgiven(suggestions: Suggestions, typed: str, meant: str) -> None:
    assert texts(suggestions, typed)[0] == meant


def test_short_words_are_not_guessed_at(suggestions: Suggestions) -> None:
    assert texts(suggestions, "xat") == []


@pytest.mark.parametrize("typed", ["", "   ", "́", "zzzzzzzz"])
def test_nothing_is_suggested_for_nothing(suggestions: Suggestions, typed: str) -> None:
    assert texts(suggestions, typed) == []


def test_a_text_is_suggested_once() -> None:
    twice = Suggestions([Spelling("Service", "nb", "title", 1.0), Spelling("service", "en", "term", 2.0)])
    assert [(one.text, one.language) for one in twice.complete("serv", 8)] == [("service", "en")]


def test_the_script_that_is_typed_comes_first_and_of_it_the_readers_language() -> None:
    spellings = Suggestions(
        [
            Spelling("ホテル", "ja", "term", 9.0),
            Spelling("hovedsakelig", "nb", "term", 8.0),
            Spelling("how bread rises", "en", "title", 1.0),
            Spelling("why, and how", "en", "title", 1.5),
            Spelling("hovno", "cs", "term", 4.0),
        ]
    )
    found = [one.text for one in spellings.complete("ho", 8, "en")]
    assert found == ["how bread rises", "why, and how", "hovedsakelig", "hovno", "ホテル"]
    assert [one.text for one in spellings.complete("how", 8)] == ["how bread rises", "why, and how"]
    assert [one.text for one in spellings.complete("ホテ", 8, "en")] == ["ホテル"]


def test_a_text_of_two_languages_is_the_readers() -> None:
    both = Suggestions([Spelling("service", "fr", "term", 3.0), Spelling("Service", "de", "term", 2.0)])
    assert [(one.text, one.language) for one in both.complete("serv", 8, "de")] == [("Service", "de")]


def test_one_apostrophe_is_as_good_as_another() -> None:
    uzbek = Suggestions([Spelling("oʻzbek tili", "uz", "title", 1.0)])
    assert [texts(uzbek, typed) for typed in ("o'z", "o’z", "oʼz")] == [["oʻzbek tili"]] * 3


def test_the_limit_is_kept(suggestions: Suggestions) -> None:
    assert len(suggestions.complete("c", 1)) == 1


def test_the_nearest_spelling_is_the_most_frequent_of_the_nearest() -> None:
    forms = ("serviss", "serbisyo", "servizo")
    known = FormTable(forms, (3, 5, 9))
    assert nearest_spelling("serviso", known) == Near(1, "servizo", 9)
    assert nearest_spelling("serbisio", known) == Near(1, "serbisyo", 5)


@pytest.mark.parametrize("word", ["ser", "pineapple"])
def test_a_short_or_a_strange_word_has_no_nearest_spelling(word: str) -> None:
    assert nearest_spelling(word, FormTable(("serviss", "serbisyo"), (3, 5))) is None


@pytest.mark.parametrize(
    ("word", "known"),
    [
        ("serviss", "serviss"),
        ("sęrviss", "serviss"),
        ("o'zbek", "oʻzbek"),
        ("Oʼzbek", "oʻzbek"),
        ("ozbek", "oʻzbek"),
    ],
)
def test_a_known_word_has_no_slip_whatever_its_diacritics_and_apostrophes(word: str, known: str) -> None:
    found = nearest_spelling(word, FormTable(("serviss", "oʻzbek"), (3, 5)))
    assert found is not None
    assert (found.slips, found.form) == (0, known)


def test_the_library_suggests_its_terms_and_titles(engine: search.Engine) -> None:
    found = engine.suggest("kāp")
    assert [(one.kind, one.language) for one in found] == [("title", "lv")]
    assert engine.suggest("lojaln")[0].text == "lojalność"
    assert engine.suggest("клие")[0].text == "клиент"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("serbisio", "serbisyo"),
        ("lojalnsoc", "lojalność"),
        ("обслуживаине клеинтов", "обслуживание клиентов"),
        ("kundetilfredhset", "kundetilfredshet"),
        ("klientu serviss un lojalitte", "klientu serviss un lojalitāte"),
        ("почему обслуживние клеинтов важно", "почему обслуживание клиентов важно"),
        ("Lojalnsoc klientów", "Lojalność klientów"),
        ('"lojalnsoc" -cena lang:pl', '"lojalność" -cena lang:pl'),
    ],
)
def test_unknown_words_are_asked_back(engine: search.Engine, typed: str, meant: str) -> None:
    assert engine.search(typed).did_you_mean == meant


@pytest.mark.parametrize(
    "query",
    [
        *("loyalty", "lojalność", "lojalnosc", "klientu serviss", "qwzx", "客户"),
        "Почему приливы бывают дважды в сутки?",
        "Jak usunąć kamień z czajnika?",
        "RFC9110 lang:pl",
        "-lojalnsoc klient",
    ],
)
def test_a_word_that_is_one_is_not_asked_back(engine: search.Engine, query: str) -> None:
    assert engine.search(query).did_you_mean is None


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("kjzkmyjcnm rkbtynjd", "лояльность клиентов"),
        ("jnrelf ,thtncz kjzkmyjcnm?", "откуда берется лояльность?"),
        ("лдшуте", "klient"),
    ],
)
def test_what_was_typed_in_the_wrong_layout_is_searched_for_as_it_was_meant(
    engine: search.Engine, typed: str, meant: str
) -> None:
    found = engine.search(typed)
    assert found.did_you_mean == meant
    assert [one.article for one in found] == [one.article for one in engine.search(meant)]
    assert found.query == typed
    assert engine.ask(typed).evidence == engine.ask(meant).evidence


def test_a_part_in_the_wrong_layout_is_asked_back(engine: search.Engine) -> None:
    assert engine.search("lojalność i kjzkmyjcnm").did_you_mean == "lojalność i лояльность"


@pytest.mark.parametrize(
    "query", ["hydrargyrum", "vex", "toi duoc di hoc", "kubectl", "Koga otvarya muzeyat?"]
)
def test_what_no_layout_makes_a_word_of_stays(engine: search.Engine, query: str) -> None:
    assert engine.search(query).did_you_mean is None


def test_what_a_query_was_meant_to_say_is_worked_out_once_for_a_page(
    engine: search.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = engine.search("lojalnosc kleintów")
    assert first.did_you_mean == "lojalnosc klientów"

    def refuse(*_: object) -> None:
        raise AssertionError("worked out again")

    monkeypatch.setattr(correction, "did_you_mean", refuse)
    monkeypatch.setattr(layouts, "plain_words", refuse)
    assert engine.search("lojalnosc kleintów", limit=0, collapse=False).did_you_mean == first.did_you_mean
    engine.ask("lojalnosc kleintów")
