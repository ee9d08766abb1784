"""Old encodings in many languages: read as they were written, or not at all."""

from __future__ import annotations

import random

import pytest
from old_encodings import PARAGRAPHS, samples

from kb.readers.decoding import decode

RU = PARAGRAPHS["ru"]


def kinds(length: int) -> dict[str, list[tuple[str, str]]]:
    """(language, encoding) by what became of it."""
    found: dict[str, list[tuple[str, str]]] = {"right": [], "refused": [], "garbage": []}
    for language, encoding, text, data in samples(length):
        read = decode(data)
        found["refused" if read is None else "right" if read[0] == text else "garbage"].append(
            (language, encoding)
        )
    return found


@pytest.mark.parametrize(("length", "refused"), [(80, 6), (300, 0), (2_000, 0)])
def test_every_language_is_read_in_its_old_encodings(length: int, refused: int) -> None:
    found = kinds(length)
    assert len(found["right"]) >= 200
    assert not found["garbage"]
    assert len(found["refused"]) <= refused


def test_capitals_do_not_mislead() -> None:
    for encoding in ("cp1251", "koi8_r", "cp866", "iso8859_5"):
        assert decode(RU[:120].upper().encode(encoding)) == (RU[:120].upper(), encoding)


def test_few_letters_in_much_english_are_read() -> None:
    text = (
        "The mill opens at seven and closes when the sun is down.\n" * 40 + "It’s a café – “so” they say…\n"
    )
    assert decode(text.encode("cp1252")) == (text, "cp1252")


def test_a_word_that_several_encodings_spell_alike_is_read_and_one_that_they_do_not_is_refused() -> None:
    assert decode("Café au lait".encode("cp1252")) == ("Café au lait", "cp1252")
    assert decode("Příbram".encode("cp1250")) is None
    assert decode("Паром".encode("cp866")) is None


def test_markup_in_ascii_does_not_hide_the_language_of_a_line() -> None:
    head = f"<html><head><title>{RU[:20]}</title><meta name='author'></head>"
    line = f"{head}<body><div class='lead text'><p>{RU[20:90]}</p></div></body></html>"
    assert decode(line.encode("cp1251")) == (line, "cp1251")
    assert decode(line.encode("koi8_r")) == (line, "koi8_r")


def test_a_pasted_line_in_an_old_encoding_and_a_lost_byte_do_not_spoil_utf8() -> None:
    french = "Le café est fermé à midi, près du déversoir.\n"
    mixed = RU.encode() + b"\n" + french.encode("cp1252") + RU.encode()
    assert decode(mixed) == (f"{RU}\n{french}{RU}", "utf-8")
    cut = decode(RU[:-1].encode()[:-1])  # in the middle of its last letter
    assert cut == (RU[:-2] + "\ufffd", "utf-8")


def test_hebrew_that_was_stored_backwards_and_utf7_are_refused() -> None:
    assert decode(PARAGRAPHS["he"][::-1].encode("iso8859_8")) is None
    assert decode("Die Fähre legt über die Öde ab, für Schüler, grün.".encode("utf-7")) is None


def test_bytes_that_are_no_text_are_refused() -> None:
    for seed in range(200):
        source = random.Random(seed)
        data = source.randbytes(source.choice((30, 100, 2_000))).replace(b"\x00", b"\xfe")
        assert decode(data) is None, seed


def test_plain_text_with_plus_signs_and_tildes_stays_what_it_is() -> None:
    text = "Press ctrl+alt-delete, then +add-on- and ~{x}~ twice."
    assert decode(text.encode()) == (text, "utf-8")
