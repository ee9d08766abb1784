"""What words are folded to: as those type them who leave marks out, or write letters in another usual way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb import tables
from kb.languages import LANGUAGES
from search.language.analysis import normal
from search.language.folding import READINGS, fold, readings


def read(written: str, language: str) -> set[str]:
    return set(readings(normal(written), language))


@pytest.mark.parametrize(
    ("language", "written", "typed"),
    [
        ("pl", "Żółć", "zolc"),
        ("cs", "příště", "priste"),
        ("hu", "gyűrű", "gyuru"),
        ("lt", "ąžuolų", "azuolu"),
        ("vi", "Đường", "duong"),
        ("ro", "știință", "stiinta"),
        ("ro", "ştiinţă", "știință"),
        ("de", "Zürich", "zuerich"),
        ("de", "Zürich", "Zurich"),
        ("de", "Gießkanne", "GIESSKANNE"),
        ("en", "Gödel", "Goedel"),
        ("en", "encyclopædia", "encyclopedia"),
        ("da", "Ærøskøbing", "Aeroeskoebing"),
        ("nb", "Håkon", "Haakon"),
        ("sv", "Malmö", "Malmoe"),
        ("is", "Þórður", "Thordur"),
        ("fr", "bœuf", "boeuf"),
        ("hr", "Đakovo", "Djakovo"),
        ("sr", "Ђаковица", "Djakovica"),
        ("sr", "Њујорк", "Njujork"),
        ("eo", "ĉevalo", "cxevalo"),
        ("tr", "IĞDIR", "iğdır"),
        ("tr", "İZMİR", "izmir"),
        ("az", "Gəncə", "gence"),
        ("ru", "Ёлка", "елка"),
        ("uk", "ґанок", "ганок"),
        ("uk", "подвір’я", "подвірʼя"),
        ("kk", "қыз", "кыз"),
        ("uz", "choʻl", "cho‘l"),
        ("el", "Ἀθῆναι", "αθηναι"),
        ("ar", "إبراهيم", "ابراهيم"),
        ("ar", "مكتبة", "مكتبه"),
        ("ar", "مُسْتَشْفَى", "مستشفي"),
        ("ar", "جـــميل", "جميل"),
        ("ar", "ﻣﻜﺘﺐ", "مكتب"),
        ("fa", "یک", "يك"),
        ("fa", "امضاء", "امضا"),
        ("he", "שָׁלוֹם", "שלום"),
        ("he", 'מנכ"ל', "מנכ״ל"),
        ("hi", "ज़मीन", "जमीन"),
        ("hi", "गङ्गा", "गंगा"),
        ("hi", "पञ्चायत", "पंचायत"),
        ("hi", "हँसी", "हंसी"),
        ("ja", "カメラ", "かめら"),
        ("ja", "ｶﾞﾗｽ", "ガラス"),
        ("ja", "櫻", "桜"),
        ("ja", "渡邊", "渡辺"),
        ("zh", "電腦", "电脑"),
        ("yue", "電腦", "电脑"),
        ("ko", "바다에서", "바다"),
        ("ko", "집을", "집은"),
    ],
)
def test_a_word_and_what_is_typed_for_it_have_a_reading_in_common(
    language: str, written: str, typed: str
) -> None:
    assert read(written, language) & read(typed, language)


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("de", "stur", "steuer"),
        ("ja", "ハス", "バス"),  # a lotus, a bus: a voiced syllable is no syllable with a mark
        ("ja", "机", "機"),
        ("th", "ใกล", "ใกล้"),
        ("ta", "கல்", "கல"),
        ("tr", "gül", "guel"),
        ("ko", "나이", "나"),
        ("ur", "پھل", "پہل"),
    ],
)
def test_words_that_differ_in_letters_stay_apart(language: str, one: str, other: str) -> None:
    assert not read(one, language) & read(other, language)


def test_nothing_is_folded_to_nothing() -> None:
    assert readings("ʼ", "uz") == ("ʼ",)
    assert fold("ـ") == "ـ"


@given(st.text(min_size=1, max_size=20), st.sampled_from(sorted(LANGUAGES)))
def test_every_word_has_some_readings_and_no_more(text: str, language: str) -> None:
    found = readings(normal(text), language)
    assert 1 <= len(found) <= READINGS
    assert len(set(found)) == len(found)


def test_the_rows_are_written_as_words_are_compared() -> None:
    written = [row for row in tables.rows("folding", 4, key=3, optional=1) if len(row[2]) == 1]
    assert len(written) > 100
    assert [row for row in written if row[2] != row[2].casefold() or row[3] != row[3].casefold()] == []
    assert {row[1] for row in written} == {"1", "2"}


def test_no_character_is_folded_to_two() -> None:
    rows = tables.rows("characters", 3, key=2)
    for language in {row[0] for row in rows}:
        ours = [row for row in rows if row[0] == language]
        others = [other for row in ours for other in row[2]]
        assert len(others) == len(set(others)) > 300
        assert set(others).isdisjoint(row[1] for row in ours)
