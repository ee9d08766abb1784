"""A library as a retriever of other frameworks, tried with the frameworks themselves where they are."""

from __future__ import annotations

import importlib
import sys

import pytest
from webapp_doubles import FakeEngine, stored

from search.errors import ExtraMissing

ARTICLES = (
    stored("en/rye.txt", "Rye bread\n\nThe dough rises all night."),
    stored("pl/chleb.txt", "Chleb\n\nDough to po polsku ciasto.", "pl"),
)
NAMES = {"langchain": "langchain_core", "llama_index": "llama_index", "haystack": "haystack"}


@pytest.fixture
def engine():
    return FakeEngine(*ARTICLES)


def checked(engine, texts, facts):
    """Whether passages and what is said of them are those of the engine."""
    hits = engine.search("dough", languages=["pl"]).hits
    assert texts == [hit.passage.text for hit in hits]
    for hit, said in zip(hits, facts, strict=True):
        article = engine.article(said["id"]).article
        assert article.text[said["start"] : said["end"]] == hit.passage.text
        assert (said["source"], said["language"]) == ("pl/chleb.txt", "pl")
        assert said["sentence"] == hit.sentence.text


def test_langchain_retrieves_passages(engine):
    pytest.importorskip("langchain_core")
    from search.integrations.langchain import RosettaRetriever

    found = RosettaRetriever(engine=engine, languages=["pl"]).invoke("dough")
    checked(engine, [one.page_content for one in found], [one.metadata for one in found])
    assert len(RosettaRetriever(engine=engine, limit=1).invoke("dough")) == 1


def test_haystack_retrieves_passages_in_a_pipeline(engine):
    haystack = pytest.importorskip("haystack")
    from search.integrations.haystack import RosettaRetriever

    pipeline = haystack.Pipeline()
    pipeline.add_component("retriever", RosettaRetriever(engine, languages=["pl"]))
    found = pipeline.run({"retriever": {"query": "dough"}})["retriever"]["documents"]
    checked(engine, [one.content for one in found], [one.meta for one in found])
    assert len(RosettaRetriever(engine).run("dough", top_k=1)["documents"]) == 1


def test_llama_index_retrieves_passages(engine):
    pytest.importorskip("llama_index.core")
    from search.integrations.llama_index import RosettaRetriever

    found = RosettaRetriever(engine, languages=["pl"]).retrieve("dough")
    checked(engine, [one.node.text for one in found], [one.node.metadata for one in found])
    assert len(RosettaRetriever(engine, limit=1).retrieve("dough")) == 1


@pytest.mark.parametrize("module", NAMES)
def test_without_the_framework_the_extra_is_named(module, monkeypatch):
    for name in [one for one in sys.modules if one.partition(".")[0] == NAMES[module]]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, NAMES[module], None)
    monkeypatch.delitem(sys.modules, f"search.integrations.{module}", raising=False)
    with pytest.raises(ExtraMissing, match=f"rosetta-kb.{module.replace('_', '-')}"):
        importlib.import_module(f"search.integrations.{module}")
