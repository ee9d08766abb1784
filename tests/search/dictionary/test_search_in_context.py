"""A query's words, told by where they stand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

import search
from search.arrays.vectors import Vectors
from search.building.artifacts import background_vectors, context_map, word_space
from search.dictionary.in_context import ContextMap, directions, fit_context_map
from search.dictionary.word_space import WordSpace, said
from search.encoding.protocol import Encoder
from search.passages.tokens import TokenSpace


def test_each_word_points_somewhere_and_a_lone_one_nowhere() -> None:
    tokens = np.eye(3, dtype=np.float32)
    found = directions("Warm Honey, warm", tokens, [(0, 4), (4, 10), (10, 16)])
    assert list(found) == ["warm", "honey"]
    assert all(np.linalg.norm(one) == pytest.approx(1) for one in found.values())
    # A word that comes twice points between its places, the other one away from them.
    assert found["warm"] @ tokens[0] == pytest.approx(found["warm"] @ tokens[2])
    assert found["honey"] @ tokens[1] > found["honey"] @ tokens[0]
    assert directions("Honey", tokens[:1], [(0, 5)]) == {}


def test_what_was_cut_off_points_nowhere() -> None:
    tokens = np.eye(2, dtype=np.float32)
    assert list(directions("one two three", tokens, [(0, 3), (3, 7), (7, 13)])) == ["one", "two"]
    assert directions("one two", tokens[:0], [(0, 3), (3, 7)]) == {}


@pytest.fixture(scope="module")
def spaces(encoder: Encoder) -> tuple[TokenSpace, WordSpace, ContextMap]:
    tokens, words = background_vectors(encoder, None).tokens, word_space(encoder, None)
    return tokens, words, context_map(encoder, None, tokens, words)


QUESTIONS = (
    ("how can a shop win loyalty", "loyalty", "can"),
    ("dlaczego sklep traci klientów", "sklep", "dlaczego"),
    ("почему клиент покупает снова", "клиент", "почему"),
)


def test_the_map_gives_about_a_words_own_vector(
    encoder: Encoder, spaces: tuple[TokenSpace, WordSpace, ContextMap]
) -> None:
    tokens, words, in_context = spaces
    content = [word for _, word, _ in QUESTIONS]
    own = words.place(encoder.passages([said(word) for word in content]))
    for (question, word, function), vector in zip(QUESTIONS, own, strict=True):
        found = _heard(encoder, tokens, question)
        placed = in_context.placed(found[word])
        assert np.linalg.norm(placed) == pytest.approx(1, abs=1e-4)
        assert placed @ vector > 0.4
        others = [in_context.placed(at) @ vector for other, at in found.items() if other != word]
        assert placed @ vector > max(others)
        assert in_context.function_word(found[function]) > in_context.function_word(found[word])


def _heard(encoder: Encoder, tokens: TokenSpace, question: str) -> dict[str, Vectors]:
    ((_, _, raw),) = encoder.with_tokens([question], query=True)
    return directions(question, tokens.query(raw), encoder.pieces([question])[0])


def test_the_map_is_written_and_read(
    spaces: tuple[TokenSpace, WordSpace, ContextMap], tmp_path: Path
) -> None:
    in_context = spaces[2]
    in_context.write(tmp_path / "map.npz")
    read = ContextMap.read(tmp_path / "map.npz")
    assert np.array_equal(read.matrix, in_context.matrix)
    assert read.offset == pytest.approx(in_context.offset)


def test_the_map_is_fitted_alike_whenever_it_is(
    encoder: Encoder, spaces: tuple[TokenSpace, WordSpace, ContextMap]
) -> None:
    tokens, words, in_context = spaces
    again = fit_context_map(encoder, tokens, words)
    assert np.allclose(again.matrix, in_context.matrix, atol=1e-3)


def test_words_that_the_library_lacks_are_marked_and_the_query_is_encoded_once(
    engine: search.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def encoded(texts: Sequence[str], progress: object = None) -> Vectors:
        raise AssertionError(f"{list(texts)} are encoded beside the query")

    # Czech, which no article is in, and in a case that no lemma tells.
    monkeypatch.setattr(engine._index.vocabulary._encoder, "passages", encoded)
    hits = engine.search("jak si získat loajalitu zákazníků").hits
    marked = {
        hit.passage.text[mark.start - hit.passage.start : mark.end - hit.passage.start].lower()
        for hit in hits
        for mark in hit.highlights
        if mark.kind == "translation"
    }
    assert any(word.startswith("klient") for word in marked)
    assert any(word.startswith(("lojal", "лояльн")) for word in marked)
    assert engine.ask("jak si získat loajalitu zákazníků").shape


def test_a_lone_word_is_encoded_by_itself(engine: search.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    vocabulary = engine._index.vocabulary
    passages = vocabulary._encoder.passages

    def encoded(texts: Sequence[str], progress: object = None) -> Vectors:
        asked.extend(texts)
        return passages(texts)

    monkeypatch.setattr(vocabulary._encoder, "passages", encoded)
    (expansion,) = engine._index.rank("zákaznice", frozenset()).scores.expansions
    assert asked == [said("zákaznice")]
    assert vocabulary.name(expansion.terms["pl"][0].term) == "klient"


def test_a_word_means_what_it_means_in_its_query(engine: search.Engine) -> None:
    """*Service* is what a shop gives its customers there, not an office or the army."""
    asked = engine._index.rank("how does service relate to loyalty", frozenset()).scores.expansions
    terms = {one.word: one.terms for one in asked}
    assert engine._index.vocabulary.name(terms["service"]["ru"][0].term) == "обслуживание"


def test_an_inflection_that_no_text_has_is_its_words(engine: search.Engine) -> None:
    vocabulary = engine._index.vocabulary
    assert not vocabulary.find("lojalnościach")
    asked = engine._index.rank("o jakich lojalnościach mówią firmy", frozenset()).scores.expansions
    (found,) = [one.terms["pl"] for one in asked if one.word == "lojalnościach"]
    assert vocabulary.name(found[0].term) == "lojalność"
    assert found[0].probability == pytest.approx(0.95)


def test_a_library_whose_last_article_is_removed_is_empty(tmp_path: Path) -> None:
    source = tmp_path / "honey.md"
    source.write_text("# Honey\n\nBees make honey from nectar. Honey keeps for many years.\n", "utf-8")
    search.build([source], tmp_path / "kb")
    search.remove(["honey.md"], tmp_path / "kb")
    with search.open(tmp_path / "kb") as engine:
        assert not engine.status().articles
        assert not engine.search("how is honey made").hits
        assert not engine.ask("how is honey made").found
