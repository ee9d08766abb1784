from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.article.normalize import normalize
from kb.article.passages import passages
from kb.article.settings import ARTICLE
from kb.cleaning.structure import Draft, compose
from kb.models import Article, Passage, SourceFile
from kb.text.sentences import sentences

SENTENCE = "Der Wind trieb die Blätter über den leeren Platz und niemand sah ihnen nach. "  # 77 characters


def article(*drafts: Draft, language: str = "de") -> Article:
    text, blocks = compose(drafts)
    return Article("a.txt", "Titel", language, text, "0", blocks)


def paragraph(sentence_count: int) -> Draft:
    return Draft((SENTENCE * sentence_count).strip())


def heading(text: str, level: int = 2) -> Draft:
    return Draft(text, "heading", level)


def items(*lengths: int) -> list[Draft]:
    return [Draft((SENTENCE * n).strip(), "item", number=i) for i, n in enumerate(lengths, 1)]


def lengths(made: Sequence[Passage]) -> list[int]:
    return [len(passage.text) for passage in made]


def check(made: Article) -> tuple[Passage, ...]:
    """Passages are contiguous, in order, and hold each sentence once."""
    result = passages(made)
    inside = [sentence for passage in result for sentence in passage.sentences]
    assert inside == list(sentences(made.text, made.blocks, made.language))
    done = 0
    for passage in result:
        assert passage.start >= done
        assert made.text[passage.start : passage.end] == passage.text
        assert (passage.sentences[0].start, passage.sentences[-1].end) == (passage.start, passage.end)
        assert all(made.text[s.start : s.end] == s.text for s in passage.sentences)
        done = passage.end
    return result


def test_a_short_article_is_one_passage() -> None:
    (passage,) = check(article(paragraph(1)))
    assert passage.text == SENTENCE.strip()
    assert passage.heading == ""
    assert passage.language == "de"


def test_short_paragraphs_share_a_passage() -> None:
    made = check(article(*[paragraph(3) for _ in range(8)]))
    assert all(ARTICLE.short <= length <= ARTICLE.aim for length in lengths(made))


def test_a_long_paragraph_is_cut_at_sentence_ends() -> None:
    made = check(article(paragraph(50)))
    assert all(ARTICLE.short <= length <= ARTICLE.aim for length in lengths(made))
    assert all(passage.text.endswith(".") for passage in made)


def test_headings_part_passages_and_make_the_path() -> None:
    made = check(
        article(
            paragraph(2),
            heading("Herbst"),
            paragraph(2),
            heading("Wind", 3),
            paragraph(2),
            heading("Winter"),
            paragraph(1),
        )
    )
    assert [passage.heading for passage in made] == ["", "Herbst", "Herbst › Wind", "Winter"]
    assert made[1].text.startswith("Herbst\n\nDer Wind")
    assert made[1].sentences[0].kind == "heading"


def test_a_heading_right_below_another_shares_its_passage() -> None:
    made = check(article(heading("Herbst"), heading("Wind", 3), paragraph(2)))
    assert [passage.heading for passage in made] == ["Herbst › Wind"]


def test_a_heading_at_the_end_goes_with_what_is_above() -> None:
    made = check(article(paragraph(2), heading("Ende")))
    assert [passage.heading for passage in made] == [""]


def test_an_article_of_headings_only_has_a_passage() -> None:
    assert len(check(article(heading("Eins"), heading("Zwei")))) == 1


def test_a_list_stays_with_the_paragraph_that_introduces_it() -> None:
    made = check(article(paragraph(6), paragraph(1), *items(2, 2, 2, 2)))
    assert any("niemand sah ihnen nach.\n\n1. " in passage.text for passage in made)
    assert all(length <= ARTICLE.longest for length in lengths(made))
    assert sum("\n4. " in passage.text for passage in made) == 1


def test_a_very_long_list_is_cut_between_items() -> None:
    made = check(article(paragraph(1), *items(*[3] * 40)))
    assert all(length <= ARTICLE.longest for length in lengths(made))


def test_a_passage_in_another_language_is_labelled() -> None:
    english = "The wind drove the leaves across the empty square and nobody looked after them at all. " * 5
    made = check(
        article(
            paragraph(6), heading("Auf Englisch"), Draft(english.strip()), heading("Danach"), paragraph(6)
        )
    )
    assert [passage.language for passage in made] == ["de", "en", "de"]


def test_a_passage_of_ideographs_holds_as_much_in_fewer_characters() -> None:
    made = check(article(Draft("每天早上三点面包师就起床，好让面包按时做好。" * 100), language="zh"))
    assert all(ARTICLE.aim / 5 < length < ARTICLE.aim / 2 for length in lengths(made))


def test_a_large_article_takes_little_time() -> None:
    made = article(*[Draft("Kurz.", "item", number=i) for i in range(20_000)], language="und")
    assert len(passages(made)) > 100


DRAFTS = st.lists(
    st.one_of(
        st.integers(1, 30).map(paragraph),
        st.sampled_from([heading("Eins"), heading("Zwei", 3), heading("Drei", 6)]),
        st.integers(1, 9).map(lambda n: Draft((SENTENCE * n).strip(), "item", number=n)),
        st.just(Draft("字" * 900)),
    ),
    min_size=1,
    max_size=14,
)


@settings(max_examples=150, deadline=None)
@given(DRAFTS)
def test_any_article_is_covered_by_its_passages(drafts: list[Draft]) -> None:
    made = check(article(*drafts, language="und"))
    assert all(len(passage.text) <= ARTICLE.longest + 700 for passage in made)


# --- mixture

TEXTS = {
    "tl": "Ang pagtatayo ng katapatan ng mga mamimili ay isang mahabang proseso, at maraming iba't ibang"
    " paraan kung paano ito nauugnay sa mabuting serbisyo. Bawat tindahan ay may sariling kuwento rito.",
    "nb": "Lojalitet er noe kundene gir når de opplever at noen bryr seg om dem over lang tid. En butikk som"
    " husker navnet ditt, trenger sjelden å bruke penger på reklame i avisen.",
    "pl": "Lojalność klientów buduje się latami, a traci w jedno popołudnie. Sprzedawca, który pamięta o"
    " drobnych sprawach, rzadko musi szukać nowych kupujących.",
    "lv": "Klientu uzticība rodas lēnām un pazūd ātri. Pārdevējs, kurš atceras sīkumus, reti meklē jaunus"
    " pircējus, jo vecie nāk atpakaļ un ved līdzi draugus.",
    "ru": "Доверие покупателей складывается годами, а теряется за один вечер. Продавец, который помнит"
    " мелочи, редко ищет новых клиентов, потому что старые приводят друзей.",
    "de": "Treue entsteht über Jahre und geht an einem Nachmittag verloren. Wer sich an Kleinigkeiten"
    " erinnert, muss selten neue Kundschaft suchen, denn die alte bringt ihre Freunde mit.",
}
ENGLISH = (
    "Customer loyalty grows slowly and is lost within a single afternoon. A shopkeeper who remembers small"
    " things rarely has to look for new buyers, because the old ones bring their friends along."
)
RESIDUE = [
    "Customer Satisfaction:",
    "Customer Retention",
    "Best practices",
    "Call center",
    "Click here to learn more",
]


def languages(text: str) -> tuple[str, list[str]]:
    made = normalize(SourceFile("a.txt", text, "utf-8", "0"))
    return made.language, [passage.language for passage in passages(made)]


@pytest.mark.parametrize("code", TEXTS)
def test_untranslated_headings_flip_neither_article_nor_passage(code: str) -> None:
    own = TEXTS[code]
    text = "\n\n".join(part for heading in RESIDUE for part in (heading, f"{own} {own}"))
    article_language, found = languages(text)
    assert article_language == code
    assert set(found) == {code}


@pytest.mark.parametrize("code", TEXTS)
def test_english_words_inside_sentences_flip_nothing(code: str) -> None:
    words = TEXTS[code].split()
    for i in range(4, len(words), 8):
        words[i] = "customer service"
    own = " ".join(words)
    assert languages("\n\n".join([own] * 3)) == (code, [code])


@pytest.mark.parametrize("code", TEXTS)
def test_a_passage_in_another_language_is_labelled_and_the_article_keeps_its_own(code: str) -> None:
    own = f"{TEXTS[code]} {TEXTS[code]} {TEXTS[code]} {TEXTS[code]}"
    article_language, found = languages(f"{own}\n\n{ENGLISH} {ENGLISH} {ENGLISH} {ENGLISH}\n\n{own}")
    assert article_language == code
    assert found == [code, "en", code]


def test_a_menu_in_another_language_does_not_flip_a_short_article() -> None:
    menu = "Home\nAbout us\nServices\nContact us\nPrivacy policy\nTerms of use"
    article_language, _ = languages(f"{menu}\n\nLojalność klientów\n\n{TEXTS['pl']}")
    assert article_language == "pl"
