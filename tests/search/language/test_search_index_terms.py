"""What a word is indexed by, and asked for by: the same for ranking, phrases and exclusions."""

from __future__ import annotations

import pytest

from search.language import analysis
from search.language.index_terms import asked, asked_loosely, exact_terms, indexed_words, segmentations


def wholes(text: str) -> list[str]:
    return list(dict.fromkeys(word.whole for word in analysis.words(text) if word.whole))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7,350,128 sheep", ["7350128"]),
        ("7.350.128 Schafe", ["7350128"]),
        ("7 350 128 moutons", ["7350128"]),
        ("7\u202f350\u202f128 moutons", ["7350128"]),
        ("7'350'128 Schafe", ["7350128"]),
        ("73,50,128 भेड़ें", ["7350128"]),
        ("٧٬٣٥٠٬١٢٨ خروفا", ["7350128"]),
        ("７，３５０，１２８頭", ["7350128"]),
        ("7,350.25 m", ["7350"]),
        ("in 1974 350 came", []),
        ("version 4.18.2", []),
        ("12.50 or 12,5", []),
        ("the 3.141.59 release", []),
    ],
)
def test_groups_of_digits_are_one_number(text: str, expected: list[str]) -> None:
    assert wholes(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rock'n'roll isn’t over", ["rocknroll", "isnt"]),
        ("la intel·ligència", ["intelligència"]),
        ("خانه‌های بزرگ", ["خانههای"]),
        ("plain words", []),
    ],
)
def test_words_with_a_sign_in_them_are_one_as_well(text: str, expected: list[str]) -> None:
    assert wholes(text) == expected


def test_digits_of_all_scripts_are_the_same_number() -> None:
    for text in ("1868", "١٨٦٨", "۱۸۶۸", "१८६८", "১৮৬৮", "๑๘๖๘", "１８６８"):
        assert [word.form for word in analysis.words(text)] == ["1868"]


def test_apostrophes_of_all_kinds_are_one_where_they_are_letters() -> None:
    for sign in "'’ʼ`":
        assert [word.form for word in analysis.words(f"в{sign}язень")] == ["в'язень"]
    assert [word.form for word in analysis.words("l'eau")] == ["l", "eau"]


def test_what_is_not_seen_is_in_no_word() -> None:
    assert [word.form for word in analysis.words("क्\u200dया")] == ["क्या"]


def test_half_width_katakana_give_the_same_pairs() -> None:
    assert [word.form for word in analysis.words("ﾍﾞｯﾄﾞ")] == [word.form for word in analysis.words("ベッド")]


def test_lone_characters_are_indexed_with_their_pairs_but_not_asked_for() -> None:
    indexed = [word.forms for word in indexed_words("海岸線", "ja")]
    assert indexed == [("海岸", "海"), ("岸線", "岸", "線")]
    assert segmentations("海岸線") == [["海岸", "岸線"]]


def test_a_number_in_a_phrase_is_asked_for_in_both_ways() -> None:
    assert segmentations("about 7,350,128 sheep") == [
        ["about", "7", "350", "128", "sheep"],
        ["about", "7350128", "sheep"],
    ]


def found(asked_for: tuple[str, ...], text: str, language: str) -> bool:
    (word,) = indexed_words(text, language)
    return not set(asked_for).isdisjoint(exact_terms(word))


@pytest.mark.parametrize(
    ("typed", "written", "language", "strictly"),
    [
        ("zolty", "żółty", "pl", True),
        ("żółty", "zolty", "pl", True),
        ("żólty", "żółty", "pl", False),
        ("ısparta", "ISPARTA", "tr", True),
        ("bò", "bỏ", "vi", False),
        ("bo", "bỏ", "vi", True),
        ("Mueller", "Müller", "de", True),
        ("Müller", "Mueller", "de", True),
        ("圖", "图", "zh", True),
        ("إحمد", "أحمد", "ar", False),
    ],
)
def test_marks_that_are_typed_are_meant_and_none_are_any(
    typed: str, written: str, language: str, strictly: bool
) -> None:
    form = analysis.normal(typed)
    assert found(asked(form, ["en", language]), written, language) is strictly
    assert found(asked_loosely(form, ["en", language]), written, language)


def test_another_word_is_found_by_neither() -> None:
    assert not found(asked("zloty", ["pl"]), "żółty", "pl")
    assert not found(asked_loosely("zloty", ["pl"]), "żółty", "pl")


@pytest.mark.parametrize(
    "text",
    [
        "on 9 November 1868",
        "November 9th, 1868",
        "Nov 9, 1868",
        "9 de noviembre de 1868",
        "am 9. November 1868",
        "le 9 novembre 1868",
        "1868. november 9.",
        "1868. gads, 9. novembris 1868",
        "9 ноября 1868",
        "٩ نوفمبر ١٨٦٨",
        "९ नवंबर १८६८",
        "9.11.1868",
        "09/11/1868",
        "1868-11-09",
        "1868年11月9日に",
        "1868년 11월 9일",
    ],
)
def test_dates_in_usual_writings_are_one(text: str) -> None:
    assert wholes(text) == ["1868-11-09"]


@pytest.mark.parametrize(
    "text", ["9 listopad 1868", "99.11.1868", "1868-13-09", "9 sheep 1868", "192.168.1.9"]
)
def test_what_is_no_date_for_sure_is_none(text: str) -> None:
    assert not [one for one in wholes(text) if "-" in one]


def test_a_day_after_the_twelfth_tells_the_american_way() -> None:
    assert wholes("11/23/1868") == wholes("23/11/1868") == ["1868-11-23"]
