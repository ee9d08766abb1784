"""The main job, with the real encoder: one question, its evidence in five languages, word for word."""

from __future__ import annotations

import pytest
from flagship import FLAGSHIP

import search

LANGUAGES = {"pl", "tl", "nb", "ru", "lv"}
NONSENSE = (
    "how long does it take to fly to the moon",
    "jak pokroić ananasa",
    "Кто открыл пенициллин?",
    "Ano ang kabisera ng Mongolia?",
)


@pytest.mark.parametrize("asked_in", FLAGSHIP)
def test_the_flagship_question_finds_evidence_in_every_language(engine: search.Engine, asked_in: str) -> None:
    answer = engine.ask(FLAGSHIP[asked_in])
    assert answer.found
    # Of a question in Tagalog, which the encoder knows least, Latvian may come out as not sure enough.
    assert len(answer.by_language) >= (4 if asked_in == "tl" else 5)
    assert set(answer.by_language) | set(answer.silent) == LANGUAGES
    assert {item.language for item in answer.nearest} == set(answer.silent)


def test_every_piece_of_evidence_says_how_likely_it_answers(engine: search.Engine) -> None:
    answer = engine.ask(FLAGSHIP["en"])
    likely = [item.confidence for item in answer.evidence]
    assert likely == sorted(likely, reverse=True), "the surest first"
    assert answer.confidence == likely[0]
    assert all(0 < one < 1 for one in likely)


@pytest.mark.parametrize("asked_in", FLAGSHIP)
def test_every_quote_stands_word_for_word_at_its_offsets(engine: search.Engine, asked_in: str) -> None:
    for item in engine.ask(FLAGSHIP[asked_in]).evidence:
        text = engine.article(item.article.source).article.text
        assert text[item.start : item.end] == item.quote
        for mark in item.highlights:
            assert item.start <= mark.start < mark.end <= item.end


@pytest.mark.parametrize("question", NONSENSE)
def test_a_question_that_the_library_does_not_answer_is_refused(engine: search.Engine, question: str) -> None:
    answer = engine.ask(question)
    assert not answer.found
    assert answer.confidence < 0.5
    assert not answer.by_language
    assert set(answer.silent) == LANGUAGES
    assert answer.evidence, "what came nearest is still shown"


@pytest.mark.parametrize("letters", ["qwzx vbnm plok", "zxqv wprt mnbl?"])
def test_letters_without_sense_have_no_answer(engine: search.Engine, letters: str) -> None:
    answer = engine.ask(letters)
    assert not answer.found
    assert not answer.by_language


def test_at_most_three_quotes_a_language_unless_asked(engine: search.Engine) -> None:
    question = FLAGSHIP["en"]
    assert all(len(items) <= 3 for items in engine.ask(question).by_language.values())
    assert all(len(items) == 1 for items in engine.ask(question, per_language=1).by_language.values())


def test_headings_and_questions_are_no_evidence(engine: search.Engine) -> None:
    quotes = [item.quote for item in engine.ask("why is the quality of customer service important").evidence]
    assert quotes
    assert not any(quote.endswith("?") for quote in quotes)


def test_asking_in_one_language_keeps_to_it(engine: search.Engine) -> None:
    answer = engine.ask(FLAGSHIP["en"], languages=["lv"])
    assert set(answer.by_language) == {"lv"}


def test_an_answer_is_plain_json(engine: search.Engine) -> None:
    document = engine.ask(FLAGSHIP["en"]).to_dict()
    assert document["found"] is True
    assert document["by_language"]["lv"][0]["quote"] == engine.ask(FLAGSHIP["en"]).by_language["lv"][0].quote
