"""The project's own questions: well formed, spread over languages and shapes, and quoted word for word."""

from collections import Counter
from pathlib import Path

import pytest

from kb.building.sources import sources
from search.evaluation import datasets

HERE = Path(__file__).parent
COLLECTIONS = datasets.read(HERE).collections
QUESTIONS = [question for collection in COLLECTIONS for question in collection.questions]
SHAPES = {"relation", "definition", "list", "reason", "way", "other"}


def flat(text):
    return " ".join(text.split())


@pytest.mark.parametrize("collection", COLLECTIONS, ids=lambda one: one.sources.name)
def test_every_label_names_an_article_and_quotes_it_word_for_word(collection):
    texts = {one.source: flat(one.text) for one in sources([collection.sources])}
    assert [
        (question.id, label.source, quote)
        for question in collection.questions
        for label in question.judgements
        for quote in (label.quotes or ("",))
        if flat(quote) not in texts[label.source]
    ] == []


def test_grades_and_shapes_are_those_of_the_documentation():
    assert {label.grade for question in QUESTIONS for label in question.judgements} == {1, 2}
    assert {question.shape for question in QUESTIONS} == SHAPES
    for question in QUESTIONS:
        named = [label.source for label in question.judgements]
        assert len(named) == len(set(named)), question.id


def test_there_is_enough_of_everything():
    articles = [one.source for one in sources([HERE / "library"])]
    written_in = Counter(source.split("/")[0] for source in articles)
    asked_in = Counter(question.language for question in QUESTIONS)
    unanswerable = [question for question in QUESTIONS if not question.answering]
    assert len(articles) >= 60
    assert len({Path(source).stem.split("-")[0] for source in articles}) >= 6
    assert len(written_in) >= 10
    assert min(written_in.values()) >= 5
    assert len(QUESTIONS) >= 150
    assert len(asked_in) >= 10
    assert min(asked_in.values()) >= 15
    assert len(unanswerable) >= len(QUESTIONS) / 4


def test_most_answers_lie_in_other_languages():
    written_in = {question: {label.source[:2] for label in question.answering} for question in QUESTIONS}
    answerable = [question for question, languages in written_in.items() if languages]
    elsewhere = [question for question in answerable if question.language not in written_in[question]]
    assert len(elsewhere) >= len(answerable) / 3
