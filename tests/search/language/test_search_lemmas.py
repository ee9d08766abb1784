"""Lemmas are simplemma's, from dictionaries that are kept in blocks and read where they lie."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
import simplemma
from simplemma.strategies.dictionaries.stream_dictionary_factory import StreamMap

from search.language import analysis, lemmas
from search.language.lemmas import Lemmatizer, _Dictionaries

LANGUAGES = {"lv": "lv-*", "ru": "ru-*", "en": None}
ENGLISH = "The customers were buying loyalties; children ran, better services went unseen O'Neill's 1990s x2"


def words(corpus: Path, pattern: str | None) -> list[str]:
    text = ENGLISH if pattern is None else next(corpus.glob(pattern)).read_text("utf-8")
    return [word.form for word in analysis.words(text)]


@pytest.mark.parametrize("language", ["lv", pytest.param("ru", marks=pytest.mark.slow), "en"])
def test_lemmas_are_simplemmas_when_the_dictionary_is_cut_and_when_it_is_read(
    language: str, corpus: Path, tmp_path: Path
) -> None:
    forms = words(corpus, LANGUAGES[language])
    expected = [simplemma.lemmatize(form, lang=language) for form in forms]
    for _ in range(2):
        lemmatizer = Lemmatizer(tmp_path)
        assert [lemmatizer.lemma(form, language) for form in forms] == expected
    assert [path.name for path in tmp_path.iterdir()] == [f"{language}-{simplemma.__version__}.words"]


def test_every_word_of_a_dictionary_is_found_and_no_other(tmp_path: Path) -> None:
    there, whole = _Dictionaries(tmp_path).get_dictionary("ms"), StreamMap("ms")
    words = list(there)
    assert words == list(whole)
    assert len(there) == len(words) > 1_000
    for word in [*words[:70], *words[::99], *words[-70:]]:
        for one in (word, word + "x", word[:-1], "\u0430" + word, word + "\0"):
            assert there.get(one) == whole.get(one)
    assert there.get("") is None


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("count", [1, 2, 32, 33, 64, 65, 100])
def test_dictionaries_of_any_size_are_read_forwards_and_backwards(
    count: int, backwards: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = -1 if backwards else 1
    known = {f"w{number}ż"[: 2 + number % 4] + str(number): f"lemma {number}" for number in range(count)}
    records = sorted((word.encode()[::step], lemma.encode()[::step]) for word, lemma in known.items())
    # A record: how many bytes it shares with the one before, its own, and its lemma in full.
    body = b"".join(bytes([0, len(a)]) + a + bytes([255, len(b)]) + b for a, b in records)
    monkeypatch.setattr(lemmas, "_read_decompressed", lambda _: b"SMFC1" + bytes([backwards, count]) + body)
    for _ in range(2):  # as it is made, and as it is kept
        there = _Dictionaries(tmp_path).get_dictionary("en")
        assert dict(there) == known
        assert all(there.get(word + other) is None for word in known for other in ("!", "~"))


def test_a_kept_dictionary_is_never_opened_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Lemmatizer(tmp_path).lemma("services", "en") == "service"

    def refuse(language: str) -> bytes:
        raise AssertionError("opened again")

    monkeypatch.setattr(lemmas, "_read_decompressed", refuse)
    again = Lemmatizer(tmp_path)
    assert again.lemma("services", "en") == "service"
    assert (again.held("services", "en"), again.held("servise", "en")) == ("service", None)


def test_what_an_earlier_version_kept_makes_room_for_the_dictionaries(tmp_path: Path) -> None:
    for name in ("en-1.1.2.npz", "grc-2.0.0.npz", "my-notes.npz", "en-1.1.2.words"):
        (tmp_path / name).write_bytes(b"kept before")
    assert Lemmatizer(tmp_path).lemma("services", "en") == "service"
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == ["en-1.1.2.words", f"en-{simplemma.__version__}.words", "my-notes.npz"]


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "another dictionary's"])
def test_a_damaged_dictionary_is_made_again(tmp_path: Path, damage: str) -> None:
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
