"""How much a query is a question, and what follows from it; titles; versions of a text."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

import search
from kb import tables
from search.models import KEYWORDS
from search.ranking.asking import asks, fit_asking
from search.ranking.settings import RANKING

LIBRARY = Path(__file__).parents[2] / "eval" / "library"
TOPICS = ("lending-joining", "bread-why-dough-rises", "tides-why-sea-rises", "bicycle-chain", "bees-swarming")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, warm: Callable[[Path], Path]) -> Iterator[search.Engine]:
    folder = tmp_path_factory.mktemp("asking")
    for path in sorted(LIBRARY.rglob("*.md")):
        if path.name.startswith(TOPICS):
            to = folder / "articles" / path.relative_to(LIBRARY)
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, to)
    search.build([folder / "articles"], warm(folder / "kb"))
    with search.open(folder / "kb") as engine:
        yield engine


@pytest.mark.parametrize(
    "question",
    [
        "how often should a chain be oiled",
        "dlaczego ciasto rośnie",
        "wie bekomme ich einen Leseausweis",
        "почему бывают приливы",
        "como se hace el pan sin levadura",
        "perché le api lasciano l'alveare",
        "なぜ潮は満ち引きするのですか",
        "怎样办借书证",
        "كيف أصبح عضوا في المكتبة",
        "रोटी का आटा किस वजह से फूलता है",
        "bakit lumolobo ang masa kapag nilagyan ng lebadura",
        "hvordan smører man en sykkelkjede",
        "kiedy pszczoły się roją",
        "kur var nodot grāmatu",
        "når skal deigen heve",
        "图书馆的书可以借几天",
        "nyuki huhama lini",
        "combien de temps laisser lever la pâte",
    ],
)
def test_a_question_is_one_without_its_mark(told: search.Engine, question: str) -> None:
    assert told.ask(question).shape != KEYWORDS


def test_questions_are_told_from_keywords_in_many_languages_without_a_mark(told: search.Engine) -> None:
    index = told._index
    rows = (Path(__file__).parent / "typed.tsv").read_text("utf-8").splitlines()[1:]
    typed = [row.split("\t") for row in rows]
    wrong = []
    for kind, text in typed:
        asking = asks(index._asking, index._encoded(text).vector, text)
        if (asking >= RANKING.asks) == (kind == "keywords"):
            wrong.append((kind, text, asking))
    assert wrong == []
    assert len({kind for kind, _ in typed}) > 20
    assert sum(kind == "keywords" for kind, _ in typed) >= 40
    assert sum(kind != "keywords" for kind, _ in typed) >= 60


def test_the_words_that_ask_are_written_in_small_letters() -> None:
    rows = tables.rows("asking", 3, optional=1)
    written = [word for _, *words in rows for cell in words for word in cell.split()]
    assert len(written) > 300
    assert [word for word in written if word != word.lower()] == []


@pytest.mark.parametrize(
    "keywords",
    [
        "bread",
        "chain oil",
        "bee swarm prevention",
        "цепь велосипеда смазка",
        "chain?",
        '"how the sea rises"',
        "biblioteka karta",
        "Bücherei Ausweis",
        "рой пчёл",
        "潮汐",
        "مد وجزر",
        "pan levadura",
        "Why the sea rises and falls",
        "Jak zapisać się do biblioteki miejskiej",
    ],
)
def test_keywords_and_titles_have_articles_and_no_verdict(told: search.Engine, keywords: str) -> None:
    answer = told.ask(keywords)
    assert (answer.found, answer.shape, answer.evidence) == (False, KEYWORDS, ())


def test_a_title_with_a_mark_put_to_it_is_a_question(told: search.Engine) -> None:
    assert told.ask("Why the sea rises and falls?").shape != KEYWORDS


def test_keywords_list_less_that_is_on_another_subject_than_a_question_does(told: search.Engine) -> None:
    listed = [hit.article.source for hit in told.search("bicycle chain", limit=50)]
    assert listed[0] == "en/bicycle-chain-care.md"
    assert not [source for source in listed if "lending" in source or "tides" in source]


@pytest.mark.parametrize(
    "article", ["en/tides-why-sea-rises.md", "de/lending-joining.md", "ru/bees-swarming.md"]
)
def test_a_title_finds_its_article_first_in_its_own_language(told: search.Engine, article: str) -> None:
    title = told.article(article).article.title
    assert told.search(title)[0].article.source == article


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("how do I become a member of the city library", None),
        ("wie werde ich Mitglied der Stadtbibliothek", "de"),
        ("jak zapisać się do biblioteki", "pl"),
        ("पुस्तकालय का सदस्य कैसे बनें", "hi"),
    ],
)
def test_the_version_in_the_querys_language_stands_for_the_others(
    told: search.Engine, question: str, language: str | None
) -> None:
    found = told.search(question)
    versions = {hit.article.source: hit for hit in found if "lending-joining" in hit.article.source}
    assert len(versions) == 1
    (shown,) = versions.values()
    if language is not None:
        assert shown.article.language == language
    assert len({shown.article.language, *(one.language for one in shown.also_in)}) >= 3


def test_what_is_there_word_for_word_and_a_word_alone_are_less_of_a_question() -> None:
    rng = np.random.default_rng(7)
    way = np.eye(16, dtype=np.float32)[0]
    noise = rng.normal(size=(80, 16)).astype(np.float32) * 0.1
    weights = fit_asking(noise[:40] + way, noise[40:] - way)
    assert asks(weights, way, "zzz of qqq") > 0.9
    assert asks(weights, -way, "zzz of qqq") < 0.1
    # What is there word for word is rather looked for, and a word alone rather than a question.
    half = way * np.float32(0.6)
    assert asks(weights, half, "zzz of qqq") > RANKING.asks > asks(weights, half, "zzz of qqq", quoted=True)
    assert asks(weights, half, "zzz of qqq") > asks(weights, half, "zzz")


def test_a_word_that_asks_makes_a_question_and_nouns_alone_make_none() -> None:
    rng = np.random.default_rng(7)
    way = np.eye(16, dtype=np.float32)[0]
    noise = rng.normal(size=(80, 16)).astype(np.float32) * 0.1
    weights = fit_asking(noise[:40] + way, noise[40:] - way)
    middling = way * np.float32(-0.1)
    plain = asks(weights, middling, "zzz of qqq")
    for question in (
        "kiedy zzz qqq",
        "kur zzz qqq",
        "hamur neden qqq",
        "nar zzz qqq",
        "aber wann zzz",
        "面团多久",
    ):
        assert asks(weights, middling, question) > max(plain, RANKING.asks), question
        assert asks(weights, middling, question, quoted=True) < RANKING.asks, question
    assert asks(weights, middling, "zzz qqq") < plain
    assert asks(weights, middling, "zzz qqq?") > asks(weights, middling, "zzz qqq")
    assert asks(weights, middling, "zzz qqq wann") < RANKING.asks  # where nothing asks
