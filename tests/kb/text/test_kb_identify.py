from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from kb.text.identify import identify, identify_passage

LONG = {
    "nb": "Bibliotekaren viste meg hvor de gamle kartene lå, og sa at jeg kunne bli så lenge jeg ville.",
    "de": "Der Bäcker steht jeden Morgen um drei Uhr auf, damit das Brot rechtzeitig fertig ist.",
    "pl": "Każdego ranka piekarz wstaje o trzeciej, żeby chleb był gotowy na czas.",
    "lv": "Katru rītu maiznieks ceļas trijos, lai maize būtu gatava laikā.",
    "tl": "Tuwing umaga gumigising ang panadero nang alas tres upang maihanda ang tinapay sa oras.",
    "ru": "Каждое утро пекарь встаёт в три часа, чтобы хлеб был готов вовремя.",
    "uk": "Щоранку пекар встає о третій годині, щоб хліб був готовий вчасно.",
    "fr": "Chaque matin, le boulanger se lève à trois heures pour que le pain soit prêt à temps.",
}


@pytest.mark.parametrize(("code", "text"), LONG.items())
def test_a_sentence_is_identified(code: str, text: str) -> None:
    guess = identify(text)
    assert guess.language == code
    assert guess.probability > 0.8


@pytest.mark.parametrize(
    "text", ["", "   ", "12345 67890", "hello", "OK", "http://example.com/a/long/path", "?!…"]
)
def test_too_little_text_is_undetermined(text: str) -> None:
    assert identify(text).language == "und"


@pytest.mark.parametrize(
    ("text", "code"),
    [("ไทยครับ", "th"), ("ქართული", "ka"), ("ここにあります", "ja"), ("Γειά σου", "el"), ("한국어", "ko")],
)
def test_a_script_of_its_own_tells_even_when_short(text: str, code: str) -> None:
    assert identify(text).language == code


def test_a_short_foreign_passage_stays_with_its_article() -> None:
    assert identify_passage("Customer Satisfaction:", "nb") == "nb"
    assert identify_passage("See you later, alligator", "tl") == "tl"


def test_a_long_foreign_passage_is_labelled() -> None:
    assert identify_passage(LONG["de"] + " " + LONG["de"], "tl") == "de"


def test_a_close_language_does_not_flip_a_passage() -> None:
    danish = "Bageren står op hver morgen klokken tre, så brødet kan være klar til tiden."
    assert identify_passage(danish, "nb") == "nb"


def test_residue_in_another_language_does_not_flip_a_passage() -> None:
    mixed = "Ang customer service ay mahalaga para sa negosyo dahil ang customer loyalty ay nakasalalay dito."
    assert identify_passage(mixed, "tl") == "tl"


def test_in_an_undetermined_article_a_passage_speaks_for_itself() -> None:
    assert identify_passage(LONG["pl"], "und") == "pl"


SAMPLES = [
    tuple(line.split("\t"))
    for line in (Path(__file__).parents[3] / "tests" / "eval" / "languages.tsv")
    .read_text("utf-8")
    .splitlines()
    if not line.startswith("#")
]


def test_sentences_of_a_hundred_languages_are_told() -> None:
    wrong = [
        (code, identify(text).language, text) for code, text in SAMPLES if identify(text).language != code
    ]
    assert len({code for code, _ in SAMPLES}) >= 100
    assert len(wrong) <= 0.02 * len(SAMPLES), wrong
    assert max(Counter(code for code, _, _ in wrong).values(), default=0) <= 1, wrong


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("ar", "ﺍﻟﻤﻜﺘﺒﺔ ﻣﻔﺘﻮﺣﺔ ﺍﻟﻴﻮﻡ ﻟﻠﺰﻭﺍﺭ"),
        ("ar", "الـــمكتبة مفتوحة الـــيوم للـــزوار"),
        ("en", "Ｔｈｅ ｌｉｂｒａｒｙ ｉｓ ｏｐｅｎ ｔｏｄａｙ"),
        ("en", "Ⓣⓗⓔ ⓛⓘⓑⓡⓐⓡⓨ ⓘⓢ ⓞⓟⓔⓝ ⓣⓞⓓⓐⓨ"),
        ("en", "𝑇ℎ𝑒 𝑙𝑖𝑏𝑟𝑎𝑟𝑦 𝑖𝑠 𝑜𝑝𝑒𝑛 𝑡𝑜𝑑𝑎𝑦"),
        ("ja", "ﾄｼｮｶﾝﾊ ｷｮｳ ｱｲﾃｲﾏｽ"),
    ],
)
def test_compatibility_forms_are_the_letters_they_stand_for(code: str, text: str) -> None:
    assert identify(text).language == code


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("zh", "圖書館星期一休館，其他日子從九點開到晚上八點。借書證需要一張照片。"),
        ("zh", "電腦當機時請先儲存檔案，再按電源鍵。"),
        ("zh", "香港的渡輪每十五分鐘一班，票價便宜。"),
        ("yue", "圖書館禮拜一唔開，其他日子由九點開到夜晚八點。佢哋話要影張相先得。"),
        ("ko", "漢江은 서울을 貫通하는 江이다."),
    ],
)
def test_east_asian_languages_are_told_by_their_own_characters(code: str, text: str) -> None:
    assert identify(text).language == code


def test_serbian_is_one_language_in_both_of_its_scripts() -> None:
    latin = "Pekar svakog jutra ustaje u tri, da bi hleb bio gotov na vreme. Posle toga ide da spava."
    cyrillic = "Пекар сваког јутра устаје у три, да би хлеб био готов на време. После тога иде да спава."
    assert identify(latin).language == identify(cyrillic).language == "sr"


def test_bosnian_croatian_and_serbian_do_not_stand_beside_each_other_in_one_article() -> None:
    croatian = "Tko zna što je u sanduku iza kuće? Nitko ne pije kavu u siječnju, a vlak uvijek kasni. " * 8
    assert identify(croatian).language == "hr"
    assert identify_passage(croatian, "sr") == "sr"
    assert identify_passage(croatian, "bs") == "bs"
    assert identify_passage(croatian, "de") == "hr"


def test_a_heading_in_chinese_characters_alone_stays_japanese() -> None:
    assert identify_passage("東京都営業時間変更", "ja") == "ja"
    assert identify_passage("東京都交通局発行資料一覧", "ja") == "ja"


def test_names_and_code_in_latin_letters_do_not_make_a_text_english() -> None:
    assert identify("Το PostgreSQL και το Redis Server τρέχουν στο Docker Compose.").language == "el"
    assert identify("ใช้ Visual Studio Code กับ GitHub Copilot และ Docker Desktop").language == "th"
    assert identify("The word спасибо means thank you, as every traveller knows.").language == "en"


@pytest.mark.parametrize("text", ["中", "ー", "١٢٣ ٤٥", "\u200d\u200d", "ﷺ", "🙂🙂🙂", "\ud800", "\u0301"])
def test_odd_texts_are_told_or_undetermined_but_never_an_error(text: str) -> None:
    assert identify(text).language in ("und", "ar", "ja")
