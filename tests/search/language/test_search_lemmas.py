"""Lemmas are simplemma's, from dictionaries whose indexes are kept."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path

import pytest
import simplemma
from simplemma.strategies.dictionaries.stream_dictionary_factory import StreamMap

from search.language import analysis
from search.language.lemmas import Lemmatizer, _Dictionaries, _size

LANGUAGES = {"lv": "lv-*", "ru": "ru-*", "en": None}
ENGLISH = "The customers were buying loyalties; children ran, better services went unseen O'Neill's 1990s x2"


def words(corpus: Path, pattern: str | None) -> list[str]:
    text = ENGLISH if pattern is None else next(corpus.glob(pattern)).read_text("utf-8")
    return [word.form for word in analysis.words(text)]


@pytest.mark.parametrize("language", ["lv", pytest.param("ru", marks=pytest.mark.slow), "en"])
def test_lemmas_are_simplemmas_when_the_index_is_made_and_when_it_is_read(
    language: str, corpus: Path, tmp_path: Path
) -> None:
    forms = words(corpus, LANGUAGES[language])
    expected = [simplemma.lemmatize(form, lang=language) for form in forms]
    for _ in range(2):
        lemmatizer = Lemmatizer(tmp_path)
        assert [lemmatizer.lemma(form, language) for form in forms] == expected
    assert [path.name for path in tmp_path.iterdir()] == [f"{language}-{simplemma.__version__}.npz"]


def test_a_kept_index_is_not_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Lemmatizer(tmp_path).lemma("services", "en") == "service"

    def refuse(self: StreamMap, language: str) -> None:
        raise AssertionError("made again")

    monkeypatch.setattr(StreamMap, "__init__", refuse)
    assert Lemmatizer(tmp_path).lemma("services", "en") == "service"


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "another dictionary's"])
def test_a_damaged_index_is_made_again(tmp_path: Path, damage: str) -> None:
    assert Lemmatizer(tmp_path).lemma("services", "en") == "service"
    (path,) = tmp_path.iterdir()
    content = bytearray(path.read_bytes())
    if damage == "cut":
        del content[len(content) // 2 :]
    elif damage == "flipped":
        content[len(content) // 2] ^= 1
    elif damage == "empty":
        content.clear()
    else:
        Lemmatizer(tmp_path).lemma("klienti", "lv")
        content = bytearray(next(tmp_path.glob("lv-*")).read_bytes())
    path.write_bytes(content)
    assert Lemmatizer(tmp_path).lemma("services", "en") == "service"
    assert Lemmatizer(tmp_path).lemma("customers", "en") == "customer"


def test_a_folder_that_cannot_be_written_costs_time_only(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with caplog.at_level(logging.WARNING):
        assert Lemmatizer(blocked / "lemmas").lemma("services", "en") == "service"
    assert "cannot be written" in caplog.text


def test_no_folder_keeps_nothing() -> None:
    assert Lemmatizer(None).lemma("services", "en") == "service"


def test_dictionaries_are_held_within_so_many_bytes_those_asked_last_and_one_at_least(tmp_path: Path) -> None:
    opened: list[str] = []

    class Watched(_Dictionaries):
        def _dictionary(self, language: str) -> Mapping[str, str]:
            opened.append(language)
            return super()._dictionary(language)

    both = _Dictionaries(tmp_path, None)
    sizes = [_size(both.get_dictionary(language)) for language in ("en", "lv")]
    roomy, tight = Watched(tmp_path, sum(sizes)), Watched(tmp_path, sum(sizes) - 1)
    for _ in range(2):
        for language in ("en", "lv"):
            assert roomy.get_dictionary(language)["services" if language == "en" else "klienti"]
    assert opened == ["en", "lv"]
    opened.clear()
    for language in ("en", "en", "lv", "lv", "en"):
        tight.get_dictionary(language)
    assert opened == ["en", "lv", "en"]
