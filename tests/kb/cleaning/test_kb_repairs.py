from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.cleaning.repairs import mend_entities, mend_forms, mend_glued_sentences, mend_mojibake, settle_layout
from kb.text.tracked import Edit, Tracked


def mended(source: str) -> Tracked:
    tracked = Tracked(source)
    for step in (settle_layout, mend_mojibake, mend_forms, mend_entities, mend_glued_sentences):
        step(tracked)
    return tracked


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        ("das Haus &'; s Dach", "das Haus’s Dach"),  # an apostrophe closes up with its ending
        ("the kids &'; toys", "the kids’ toys"),
        ("l &'; homme est venu", "l’homme est venu"),
        ("dell &'; arte", "dell’arte"),
        ('“ grå katt &"; som sov', "“grå katt” som sov"),  # what was opened is closed in kind
        ('« chat gris &"; qui dort', "«chat gris» qui dort"),
        ('„ kocie &"; drogi', "„kocie“ drogi"),
        ('sa &"; god dag &"; til meg', 'sa "god dag" til meg'),
        ('sa &"; god dag &";, og gikk', 'sa "god dag", og gikk'),
        ("er sagte & quot ; ja & quot ; und ging", 'er sagte "ja" und ging'),
        ("Fisch &amp; Brot", "Fisch & Brot"),
        ("caf&eacute; &#8212; th&#xe9;", "café — thé"),
        ("&amp;quot;twice&amp;quot;", '"twice"'),
        ("a&nbsp;b", "a b"),
        ("5 &lt; 6", "5 < 6"),
    ],
)
def test_entities_become_what_they_were(broken: str, whole: str) -> None:
    assert mended(broken).text == whole
    assert mended(broken).repairs


@pytest.mark.parametrize(
    "sound",
    ["R&D; and more", "AT&T", "a & b; c", "?a=1&copy=2", "&nosuchthing;", "Tom & 'Jerry'", "rock ’n’ roll"],
)
def test_a_plain_ampersand_stays(sound: str) -> None:
    assert mended(sound).text == sound
    assert not mended(sound).repairs


@pytest.mark.parametrize(
    ("glued", "split"),
    [
        ("Det regnet hele natten.Neste dag sken solen.", "Det regnet hele natten. Neste dag sken solen."),
        ("Пришла весна.Снег растаял.", "Пришла весна. Снег растаял."),
        ("Elle dort.Pourquoi?Parce que.", "Elle dort. Pourquoi? Parce que."),
        ("Skończył w 1999.Potem odszedł.", "Skończył w 1999. Potem odszedł."),
        ("Visszajött (este).Aztán aludt.", "Visszajött (este). Aztán aludt."),
        ("“Go home.”Then it rained.", "“Go home.” Then it rained."),
        ("She left…And came back.", "She left… And came back."),
        ("He met Anna.They talked, they did.", "He met Anna. They talked, they did."),
        ("وصل القطار.نزل الركاب.", "وصل القطار. نزل الركاب."),
        ("it was so.“Yes,” he said", "it was so. “Yes,” he said"),
    ],
)
def test_glued_sentences_are_split(glued: str, split: str) -> None:
    assert mended(glued).text == split


@pytest.mark.parametrize(
    "whole",
    [
        "See https://example.com/a.Page?x=y.Z and www.site.org/About.Us now.",
        "Write to Anna.Smith@example.com today.",
        "Visit example.com or Example.Com or example.org.",
        "The U.S.A. and the U.K.and Ph.D. holders.",
        "Version 2.Beta costs 3.50 or 1.000,50.",
        "Open report.Docx, src/main.Rs and C:\\Temp\\file.Txt.",
        "Call System.Console.WriteLine(x) or foo.Bar() then.",
        "i.e.The thing, e.g.That one",
        "Node.js, ASP.NET and Yahoo!",
    ],
)
def test_what_only_looks_glued_is_left(whole: str) -> None:
    assert mended(whole).text == whole


def test_mojibake_is_mended_where_it_stands() -> None:
    tracked = mended("Le cafÃ© est là.\nRien ici.")
    assert tracked.text == "Le café est là.\nRien ici."
    (repair,) = tracked.repairs
    assert (repair.before, repair.after) == ("Ã©", "é")
    assert tracked.source[repair.start : repair.end] == repair.before


def test_each_mended_word_is_a_repair() -> None:
    tracked = mended("Um cafÃ© e um pÃ£o, por favor.")
    assert [(r.before, r.after) for r in tracked.repairs] == [("Ã©", "é"), ("Ã£", "ã")]


def test_sound_letters_are_not_taken_for_mojibake() -> None:
    for text in ("ё и ł и ß", "«Ça va ?»", "Đà Nẵng", "ŞĞİ", "naïve façade", "Ångström"):
        assert mended(text).text == text


def test_layout_is_settled_without_a_record() -> None:
    tracked = mended("e\u0301te\u0301\r\na\u00a0b\u200bc\u00add\x07\u202e e\u2028f\ufeff")
    assert tracked.text == "été\na bcd e\nf"
    assert not tracked.repairs


def test_joiners_that_spell_words_stay() -> None:
    assert mended("می\u200cخواهم क\u094d\u200dष").text == "می\u200cخواهم क\u094d\u200dष"


def test_a_second_repair_of_a_place_is_one_story() -> None:
    tracked = Tracked("x abc y")
    tracked.apply([Edit(2, 5, "de", "first")])
    tracked.apply([Edit(3, 4, "", "second")])
    assert tracked.text == "x d y"
    assert [(r.before, r.after, r.reason) for r in tracked.repairs] == [("abc", "d", "first; second")]


@given(st.text(alphabet="ab é\u0301.&;'\"“AB\n\r\u00a0\u200b>*_1", max_size=60))
def test_repairs_replay_to_the_mended_text(source: str) -> None:
    tracked = mended(source)
    pieces: list[str] = []
    done = 0
    for repair in tracked.repairs:
        assert repair.start >= done
        assert source[repair.start : repair.end] == repair.before
        pieces += (source[done : repair.start], repair.after)
        done = repair.end
    replayed = "".join([*pieces, source[done:]])
    settled = Tracked(replayed)
    settle_layout(settled)
    one, other = ("".join(text.split()) for text in (settled.text, tracked.text))
    assert unicodedata.normalize("NFC", one) == unicodedata.normalize("NFC", other)


@given(st.text(max_size=80))
def test_every_character_knows_its_place_in_the_source(source: str) -> None:
    tracked = mended(source)
    places = [tracked.span(i, i + 1) for i in range(len(tracked.text))]
    assert places == sorted(places)
    assert all(0 <= start <= end <= len(source) for start, end in places)


@pytest.mark.parametrize(
    ("printed", "letters"),
    [
        ("The oﬃce sent ﬁve ﬂags, oﬀ we go, a waﬄe", "The office sent five flags, off we go, a waffle"),
        ("Moﬅ pious, ﬆill", "Most pious, still"),
        ("ﺍﻟﻤﻨﺎﺭﺓ ﺍﻟﻘﺪﻳﻤﺔ", "المنارة القديمة"),
        ("ﻷﺻﺤﺎﺏ ﷲ", "لأصحاب الله"),
        ("ﺑﹷ", "بَ"),
        ("ﬓﬔ", "մնմե"),
    ],
)
def test_printed_forms_become_letters_and_are_recorded(printed: str, letters: str) -> None:
    made = Tracked(printed)
    mend_forms(made)
    assert made.text == letters
    assert {repair.reason for repair in made.repairs} == {"a letter's printed form"}


@pytest.mark.parametrize("text", ["10⁶ m², ½ l, ① ㎏, ﷺ", "﴿آية﴾", "カタカナ ｶﾀｶﾅ", "Ｆｕｌｌ"])
def test_what_a_writer_chose_is_no_printed_form(text: str) -> None:
    made = Tracked(text)
    mend_forms(made)
    assert made.text == text
    assert not made.repairs
