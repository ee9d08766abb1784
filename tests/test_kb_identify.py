from __future__ import annotations

import pytest

from kb.identify import identify, identify_passage

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
