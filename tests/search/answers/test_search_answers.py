"""What a question asks for, and the evidence that follows from it."""

from __future__ import annotations

from pathlib import Path

import pytest

import search
from search.answers.concepts import bearing, concepts
from search.ranking.shapes import SHAPES, binds

ASKED = {
    "how does training affect sales": "relation",
    "jaka jest różnica między reklamą a promocją?": "relation",
    "what is goodwill?": "definition",
    "Что такое удовлетворённость клиента?": "definition",
    "which elements does good service have?": "list",
    "Hvilke deler består en symaskin av?": "list",
    "why do shops lose their regulars?": "reason",
    "Kāpēc klienti aiziet?": "reason",
    "Bakit umaalis ang mga suki?": "reason",
    "paano magreklamo sa tindahan?": "way",
    "How do I write a letter of complaint?": "way",
    "Wer hat das Geschäft gegründet?": "other",
}


@pytest.mark.parametrize("question", ASKED)
def test_a_question_has_a_shape_in_any_language(engine: search.Engine, question: str) -> None:
    assert engine.ask(question).shape == ASKED[question]


def test_shapes_are_those_of_the_background() -> None:
    from search.language import background

    assert {row.shape for row in background.rows("question")} == set(SHAPES)


@pytest.mark.parametrize("word", ["relates", "różnica", "nauugnay", "sammenheng", "связано", "saistīta"])
def test_words_that_relate_are_known_in_many_languages(word: str) -> None:
    assert binds(word)
    assert not binds("service")


@pytest.mark.parametrize(
    ("question", "about"),
    [
        ("how does service relate to loyalty", ["service", "loyalty"]),
        ("jak obsługa klienta wiąże się z lojalnością", ["obsługa klienta", "lojalnością"]),
        ("как обслуживание связано с лояльностью", ["обслуживание", "лояльностью"]),
    ],
)
def test_what_is_related_is_told_from_the_words_that_relate(
    engine: search.Engine, question: str, about: list[str]
) -> None:
    index = engine._index
    found = concepts(index, index.rank(question, frozenset()).scores)
    assert [question[one.start : one.end] for one in found] == about


def test_a_sentence_on_one_thing_bears_less_on_the_other(engine: search.Engine) -> None:
    index = engine._index
    scores = index.rank("how does service relate to loyalty", frozenset()).scores
    texts = [one.sentence.text for passage in engine._snapshot.passages() for one in passage.sentences()]
    both = next(row for row, text in enumerate(texts) if text.startswith("Удовлетворенность клиентов и их"))
    loyalty = next(row for row, text in enumerate(texts) if text.startswith("Главное в этом случае"))
    import numpy as np

    bears = bearing(index, scores, concepts(index, scores), np.array([both, loyalty]))
    assert bears[0].min() > bears[1].min()
    assert bears[1].argmax() == 1


def test_a_list_is_quoted_whole(engine: search.Engine) -> None:
    answer = engine.ask("What are the five features of customer service?")
    assert answer.shape == "list"
    quotes = [item.quote for item in answer.evidence if item.language == "ru"]
    whole = [quote for quote in quotes if "Надежность в услугах" in quote]
    assert len(whole) == 1
    assert whole[0].startswith("В конечном счете, есть пять функций")
    assert all(name in whole[0] for name in ("Гибкость:", "Доверять:", "Сочувствие:", "Эстетика:"))


def test_a_sentence_that_names_them_all_answers_a_list_question(engine: search.Engine) -> None:
    answer = engine.ask("What are the three components of customer care?")
    assert any(item.quote.startswith("De tre komponentene") for item in answer.evidence)


def test_every_quote_is_verbatim_with_its_neighbours(engine: search.Engine) -> None:
    for question in ASKED:
        for item in engine.ask(question).evidence:
            text = engine.article(item.article.id).article.text
            assert text[item.start : item.end] == item.quote
            # Between two sentences there is white space, and an item's number or a heading's sign.
            assert text[: item.start].rstrip("\n -*0123456789.#").endswith(item.before.rstrip("."))
            assert text[item.end :].lstrip("\n -*0123456789.#").startswith(item.after)


def test_no_two_quotes_overlap(engine: search.Engine) -> None:
    for question in ASKED:
        spans = [(item.article.id, item.start, item.end) for item in engine.ask(question).evidence]
        for one, start, end in spans:
            assert sum(a == one and s < end and start < e for a, s, e in spans) == 1


def test_what_is_said_in_translation_too_says_where(engine: search.Engine) -> None:
    answer = engine.ask("how does service relate to loyalty")
    (polish, *_), (tagalog, *_) = answer.by_language["pl"], answer.by_language["tl"]
    assert [ref.language for ref in polish.also_in] == ["tl"]
    assert [ref.language for ref in tagalog.also_in] == ["pl"]
    assert answer.by_language["ru"][0].also_in == ()


@pytest.mark.parametrize("question", ["how does service relate to loyalty", "Kāpēc klienti aiziet?"])
def test_every_languages_best_candidates_come_before_the_many_of_one(library: Path, question: str) -> None:
    # What is read comes first, whatever the reader makes of it: here nobody reads.
    with search.open(library, reader="none") as engine:
        found = engine.candidates(question)
        spoken = {one.source: one.language for one in engine.articles()}
    by_language: dict[str, list[float]] = {}
    for one in found:
        by_language.setdefault(spoken[one.source], []).append(one.score)
    assert len(by_language) > 2
    assert all(scores == sorted(scores, reverse=True) for scores in by_language.values())
    # Whose best is the best of all is not changed by what is taken off, nor who comes next.
    best = [scores[0] for scores in by_language.values()]
    assert best == sorted(best, reverse=True)
    # But five of one language no longer stand before another's best that is nearly as good.
    first = [spoken[one.source] for one in found[: 3 * len(by_language)]]
    by_score = sorted(found, key=lambda one: -one.score)[: 3 * len(by_language)]
    assert len(set(first)) >= max(3, len({spoken[one.source] for one in by_score}))


def test_what_is_quoted_first_is_the_first_candidate(engine: search.Engine) -> None:
    question = "Wer hat das Geschäft gegründet?"
    first, quoted = engine.candidates(question)[0], engine.ask(question).evidence[0]
    assert (quoted.article.source, quoted.score) == (first.source, first.score)
    assert quoted.start <= first.start < first.end <= quoted.end
