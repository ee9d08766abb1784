from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.models import Block
from kb.text.sentences import sentences, split
from kb.text.settings import TEXT


def texts(language: str, text: str) -> list[str]:
    return [text[start:end] for start, end in split(text, 0, len(text), language)]


@pytest.mark.parametrize(
    ("language", "parts"),
    [
        ("de", ["Am 3. Mai kam er zurück.", "Der 2. Weltkrieg war vorbei.", "Im 19. Jahrhundert nicht."]),
        ("de", ["Im Jahr 1996. Danach nichts."[:13], "Danach nichts."]),
        ("lv", ["Tas notika 5. maijā Rīgā.", "Skat. 5. lpp. un tālāk.", "A. Bērziņš teica nē."]),
        ("nb", ["Det var den 3. mai i fjor.", "Hr. Olsen kom kl. 7 om kvelden.", "Ja!"]),
        (
            "pl",
            ["W 1791 r. w maju uchwalono konstytucję.", "Prof. Kowalski i dr Nowak przyszli.", "Np. ten."],
        ),
        ("ru", ["Это т. е. почти всё.", "В 1999 г. он уехал.", "Смотри на него.", "Да."]),
        ("cs", ["Dne 5. května pršelo.", "Tj. málo."]),
        ("fi", ["Se alkoi 5. toukokuuta.", "Hän tuli."]),
        ("tl", ["Si G. Cruz ay narito.", "Oo.", "Bakit?"]),
        (
            "en",
            ["He met Mr. Smith at 5 p.m. in the U.S. capital.", "See Fig. 3 for more.", "Version 2.0 came."],
        ),
        ("en", ['"Why?" she asked.', "(He did not know.)", "She left."]),
        ("ru", ["Он сказал: «Да.»", "Потом ушёл."]),
        ("ar", ["هل انت هنا؟", "نعم.", "لا!"]),
        ("ur", ["یہ کتاب ہے۔", "وہ قلم تھا۔"]),
        ("hi", ["यह किताब है।", "वह कलम थी॥", "क्या?"]),
        ("hy", ["Բարեւ։", "Ինչպես ես։"]),
        ("my", ["မင်္ဂလာပါ။", "နေကောင်းလား။"]),
        ("en", ["The iPhone came out.", "iPads followed."]),
    ],
)
def test_sentences_are_told_apart(language: str, parts: list[str]) -> None:
    assert texts(language, " ".join(parts)) == parts


@pytest.mark.parametrize(
    ("language", "parts"),
    [
        ("zh", ["你好。", "我是小明。", "“是吗？”", "好！"]),
        ("ja", ["毎朝三時に起きます。", "「はい。」", "と言った。", "次です。"]),
        ("th", ["สวัสดีครับ วันนี้อากาศดี ผมชื่อสมชาย"]),
    ],
)
def test_scripts_without_spaces(language: str, parts: list[str]) -> None:
    assert texts(language, "".join(parts)) == parts


def test_a_piece_that_begins_small_or_with_a_digit_goes_on() -> None:
    assert texts("en", "It cost approx. 5 euros. and then he left.") == [
        "It cost approx. 5 euros. and then he left."
    ]


@pytest.mark.parametrize("language", ["und", "xx", "ceb", "en"])
def test_an_unknown_language_is_split_all_the_same(language: str) -> None:
    assert texts(language, "Ang una. Ang ikalawa.") == ["Ang una.", "Ang ikalawa."]


def test_a_very_long_sentence_is_cut_at_a_clauses_end() -> None:
    clause = "and so it went on and on for many a day, "
    parts = texts("en", clause * 60)
    assert all(len(part) <= TEXT.sentence for part in parts)
    assert all(part.endswith(",") for part in parts)


@pytest.mark.parametrize("unit", ["字", "ก็", "x", "e\u0301", "x "])
def test_a_text_without_any_end_is_cut_between_characters(unit: str) -> None:
    text = unit * 3000
    parts = texts("th", text)
    assert "".join(parts) == text.replace(" ", "") or "".join("".join(parts).split()) == "".join(text.split())
    assert all(0 < len(part) <= TEXT.sentence + 50 for part in parts)
    assert all(part[0] not in "\u0301\u0e47" for part in parts)


def test_a_heading_is_one_sentence() -> None:
    text = "Why? Because. Yes"
    assert [s.text for s in sentences(text, (Block("heading", 0, len(text), 2),), "en")] == [text]


def test_a_large_text_takes_little_time() -> None:
    text = "This is a sentence of some length, repeated. " * 20_000
    assert len(texts("en", text)) == 20_000


@settings(max_examples=400, deadline=None)
@given(
    st.text(alphabet=st.sampled_from("aB é.?!:;,…\n\"'“”«»()123 。？।؟żяก็字😀"), max_size=1500),
    st.sampled_from(["en", "lv", "pl", "de", "th", "zh", "ar", "hi", "und"]),
)
def test_sentences_cover_all_but_white_space(text: str, language: str) -> None:
    spans = list(split(text, 0, len(text), language))
    done = 0
    for start, end in spans:
        assert done <= start < end <= len(text)
        assert not text[done:start].strip()
        assert text[start:end] == text[start:end].strip() != ""
        assert end - start <= TEXT.sentence + 50
        done = end
    assert not text[done:].strip()


def test_where_only_spaces_end_sentences_clauses_are_put_together_to_one() -> None:
    clause = "ทีมรับของแพนเธอร์สทำคะแนนได้ดีมากในปีนี้และนำเป็นอันดับที่หกของลีก"
    parts = texts("th", " ".join([clause] * 8))
    assert len(parts) == 4
    assert set(parts) == {f"{clause} {clause}"}
    assert texts("th", f"{clause}  {clause}") == [clause, clause]
    numbers = f"{clause} 24 ครั้ง"
    assert texts("th", numbers) == [numbers]
