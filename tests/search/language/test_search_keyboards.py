"""What was typed in the wrong keyboard layout: the rows of the table, both ways."""

from __future__ import annotations

import pytest

from kb.languages import LANGUAGES
from search.language import background
from search.language.keyboards import keyboards, retyped

# What an American keyboard writes for a word, by the keys that its writer presses at home.
TYPED = [
    ("ar", "lvpfh", "مرحبا"),
    ("ar", "hg;jhf", "الكتاب"),
    ("be", "djor", "воўк"),
    ("bg", "ucyd", "къща"),
    ("bg", "hlqb", "хляб"),
    ("el", "kalhm;era", "καλημέρα"),
    ("el", "u;alassa", "θάλασσα"),
    ("el", "l;ogow", "λόγος"),
    ("fa", "sghl", "سلام"),
    ("fa", "Hfd", "آبی"),
    ("he", "akuo", "שלום"),
    ("he", "xpr", "ספר"),
    ("hi", "hevr", "पानी"),
    ("ka", "SroSa", "შროშა"),
    ("ko", "gksrmf", "한글"),
    ("ko", "Rkcl", "까치"),
    ("ko", "rkqtdl", "값이"),
    ("ko", "dhksfy", "완료"),
    ("ru", "ghbdtn", "привет"),
    ("ru", "J,]zdktybt", "Объявление"),
    ("sr", "qubav", "љубав"),
    ("th", "l;ylfu", "สวัสดี"),
    ("th", "ouh", "นี้"),
    ("uk", "];fr", "їжак"),
]


@pytest.mark.parametrize(("language", "keys", "word"), TYPED)
def test_a_word_is_read_from_its_keys_and_its_keys_from_the_word(language: str, keys: str, word: str) -> None:
    boards = [one for one in keyboards() if one.language == language]
    assert word in {one.read(keys) for one in boards}
    assert keys in {one.typed(word) for one in boards}
    assert (word, language) in set(retyped(keys))
    assert (keys, "") in set(retyped(word))


def test_words_of_every_keyboards_language_go_to_its_keys_and_back() -> None:
    words = {
        (row.language, word)
        for row in background.rows("question")
        for word in row.text.rstrip("?؟;").split()
        if row.language not in {"en", "hi"}
    }
    tried = {board.language for board in keyboards() for language, _ in words if language == board.language}
    assert tried >= {"ar", "bg", "el", "fa", "he", "ka", "ko", "ru", "th", "uk"}
    lost = [
        (board.language, word, keys)
        for board in keyboards()
        for language, word in sorted(words)
        if language == board.language and ((keys := board.typed(word)) is None or board.read(keys) != word)
    ]
    assert lost == []


def test_every_row_is_of_a_known_language_and_in_another_script_than_latin() -> None:
    assert all(LANGUAGES[one.language].script != "Latn" for one in keyboards())
    assert {one.language for one in keyboards()} >= {"ru", "uk", "el", "he", "ar", "th", "ko"}


def test_capitals_are_kept_and_what_is_on_no_key_stays() -> None:
    russian = next(one for one in keyboards() if one.language == "ru")
    assert russian.read("Vbh é 7") == "Мир é 7"
    hebrew = next(one for one in keyboards() if one.language == "he")
    assert hebrew.read("AKUO") == "שלום"


def test_a_letter_of_no_key_was_typed_on_another_keyboard() -> None:
    russian = next(one for one in keyboards() if one.language == "ru")
    assert russian.typed("łódź") is None
    assert set(retyped("łódź")) == set()
    assert set(retyped("中国")) == set()


def test_neighbours_typed_in_each_others_layout_are_read() -> None:
    assert ("міст", "uk") in set(retyped("мыст"))


def test_keys_that_make_no_syllable_or_one_that_nobody_writes_are_not_read_in_korean() -> None:
    assert [into for _, into in retyped("gksrmf") if into == "ko"] == ["ko"]
    assert [into for keys in ("asdfgh", "surapxcmzxb") for _, into in retyped(keys) if into == "ko"] == []
