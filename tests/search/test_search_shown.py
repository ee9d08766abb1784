"""How results look by themselves: printed, in a notebook, as a data frame; what is refused, and how."""

from __future__ import annotations

import asyncio
import importlib
import subprocess
import sys
from pathlib import Path
from types import MappingProxyType

import pytest
from awaiting import awaited

import search
from search.arguments import count_of, language_of, languages_of, text_of
from search.errors import ExtraMissing, QueryError
from search.models import Answer, ArticleRef, Evidence, Highlight, Hit, Results, Snippet, Why

WHY = Why(0.5, 0.5, 0.5, 1, None, (), "")
BAD = '<script>alert("x")</script>'
REFERENCE = ArticleRef("0" * 12, f"ar/{BAD}.txt", f"عنوان {BAD}", "ar", "2024-05-01", "javascript:alert(1)")
QUOTE = f"الخبز {BAD} طازج"
EVIDENCE = Evidence(
    "ar", QUOTE, REFERENCE, 10, 10 + len(QUOTE), 1.0, (Highlight(10, 15, "exact", 1.0),), WHY, 0.8
)
HIT = Hit(
    ArticleRef("1" * 12, "pl/chleb.txt", "Chleb żytni", "pl", None, "https://chleb.example/1"),
    2.0,
    Snippet("Chleb piecze się rano.", 0, 22, "pl"),
    Snippet("Chleb piecze się rano.", 0, 22, "pl"),
    (Highlight(0, 5, "translation", 1.0),),
    WHY,
)
ANSWER = Answer("bread?", True, 0.8, "other", (EVIDENCE,), (), MappingProxyType({"ar": (EVIDENCE,)}))
RESULTS = Results("bread", (HIT,), 7, 0, MappingProxyType({"pl": 4, "ar": 3}))


def test_what_is_printed_is_one_short_line():
    assert repr(RESULTS) == "<Results 'bread': 1 of 7 (pl 4, ar 3)>"
    assert repr(ANSWER) == "<Answer 'bread?': found, 0.80 (ar 1)>"
    assert repr(HIT) == "<Hit pl pl/chleb.txt: 'Chleb żytni'>"
    assert repr(EVIDENCE).startswith("<Evidence ar 0.80 'الخبز ")
    assert repr(Answer("x" * 500, False, 0.0, "other", ())) == f"<Answer '{'x' * 59}…': not found>"


def test_a_notebook_shows_cards_in_their_own_language_with_the_words_marked():
    html = RESULTS._repr_html_()
    assert '<blockquote lang="pl" dir="ltr"><mark class="translation">Chleb</mark> piecze się rano.' in html
    assert '<a href="https://chleb.example/1" rel="noopener noreferrer">Chleb żytni</a>' in html
    assert '<blockquote lang="ar" dir="rtl"><mark class="exact">الخبز</mark>' in ANSWER._repr_html_()


def test_nothing_of_an_article_gets_into_a_notebook_as_code():
    html = ANSWER._repr_html_()
    assert "<script" not in html
    assert "javascript:" not in html
    assert html.count("&lt;script&gt;") == 3


def test_results_and_answers_are_data_frames(monkeypatch):
    pandas = pytest.importorskip("pandas")
    frame = RESULTS.to_frame()
    assert isinstance(frame, pandas.DataFrame)
    assert frame.loc[0, ["language", "source", "sentence"]].tolist() == [
        "pl",
        "pl/chleb.txt",
        HIT.sentence.text,
    ]
    assert ANSWER.to_frame().loc[0, "quote"] == QUOTE
    nothing = Results("x", (), 0, 0, MappingProxyType({})).to_frame()
    assert list(nothing.columns) == list(frame.columns)
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ExtraMissing, match="pip install pandas"):
        RESULTS.to_frame()


def test_dir_lists_what_is_public():
    assert dir(search) == sorted(search.__all__)


@pytest.mark.parametrize(
    ("refused", "said"),
    [
        (lambda: text_of(None, "the query"), "the query has to be a text, not None"),
        (lambda: text_of(7, "the term"), "the term has to be a text, not int 7"),
        (lambda: languages_of("pl", ["pl"]), r"languages=\['pl'\]"),
        (lambda: languages_of([None], ["pl"]), "a language has to be a text, not None"),
        (lambda: languages_of(["fr"], ["pl", "ru"]), "it has pl, ru"),
        (lambda: language_of("klingon?"), "not a language code"),
        (lambda: count_of(-1, "limit"), "limit has to be a whole number from 0 on, not int -1"),
        (lambda: count_of(0, "per_language", 1), "from 1 on"),
        (lambda: count_of("10", "limit"), "not str '10'"),
        (lambda: count_of(True, "limit"), "not bool True"),
        (lambda: count_of(None, "offset"), "not None"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words_that_say_what_would(refused, said):
    with pytest.raises(QueryError, match=said):
        refused()


def test_an_engine_refuses_it_through_every_door(engine):
    for refused in (
        lambda: engine.search(None),
        lambda: engine.search("loyalty", languages="pl"),
        lambda: engine.search("loyalty", limit=-1),
        lambda: engine.search("loyalty", offset=-1),
        lambda: engine.ask(None),
        lambda: engine.ask("loyalty", languages="pl"),
        lambda: engine.ask("loyalty", per_language=0),
        lambda: engine.lookup(None),
        lambda: engine.article(None),
        lambda: engine.suggest(None),
        lambda: engine.suggest("loy", -1),
    ):
        with pytest.raises(QueryError):
            refused()
    assert repr(engine).endswith("generation 1, 5 articles in lv, nb, pl, ru, tl>")


def test_a_question_can_be_awaited(engine):
    async def both():
        asked = engine.aask("how does service relate to loyalty", per_language=1)
        return await asyncio.gather(asked, engine.asearch("loyalty", limit=2))

    answer, results = awaited(both())
    assert answer == engine.ask("how does service relate to loyalty", per_language=1)
    assert results == engine.search("loyalty", limit=2)


ROOT = Path(search.__file__).parent.parent


def python(folder, script, *places):
    command = [sys.executable, "-c", f"import sys; sys.path[:0] = {['', *map(str, places)]!r}\n{script}"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)


@pytest.fixture
def hers(tmp_path):
    """A folder of somebody who has a search.py, and the package as an installed Rosetta has it."""
    (tmp_path / "search.py").write_text("raise RuntimeError('this is hers')", encoding="utf-8")
    site = tmp_path / "site"
    site.mkdir()
    (site / "rosetta").symlink_to(ROOT / "search" / "rosetta")
    return tmp_path


@pytest.mark.slow
def test_rosetta_is_search_even_where_a_search_py_stands_in_the_way(hers):
    script = (
        "import rosetta, rosetta.errors\n"
        "from rosetta.models import Results\n"
        "import search, search.errors, search.models\n"
        "assert rosetta is search and rosetta.open is search.open\n"
        "assert rosetta.errors is search.errors and Results is search.models.Results\n"
        "assert search.errors.__spec__.name == 'search.errors'\n"
        "print(dir(rosetta) == sorted(search.__all__))"
    )
    done = python(hers, script, hers / "site", ROOT)
    assert (done.stdout, done.stderr) == ("True\n", "")
    assert "this is hers" in python(hers, "import search", hers / "site", ROOT).stderr


@pytest.mark.slow
def test_rosetta_says_so_where_another_search_is_loaded_already(hers):
    (hers / "search.py").write_text("", encoding="utf-8")
    done = python(hers, "import search, rosetta", hers / "site", ROOT)
    assert "import rosetta first" in done.stderr


def test_in_a_clone_it_is_the_same_package():
    assert importlib.import_module("search.rosetta").sys.modules["rosetta"] is search
