"""Letters and boxes of them."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from format_files import articles, letter, one, read, reasons, texts

from kb.models import SkippedSource, SourceFile


def test_a_letters_quotes_and_signature_are_dropped_and_its_text_kept() -> None:
    text = """Sveiki!

Dzirnavu rats ir salauzts, un mums vajag jaunu koku, lai to salabotu līdz
pavasarim, kad ūdens upē atkal būs pietiekami augsts, lai tas grieztos.

Svētd., 2024. g. 5. maijs, plkst. 10:00 — lietotājs Anna <a@example.lv>
rakstīja:
> Kad būs gatavs?
>> Nezinu.

Es domāju, ka 3. maijā:
tad būs silts.

-- \nJānis
"""
    made = one("a.eml", letter(text, Subject="Dzirnavu remonts").as_bytes())
    assert (made.title, made.language, made.date) == ("Dzirnavu remonts", "lv", "2024-05-06T07:08:09+03:00")
    assert made.author == "Jānis Bērziņš <j@example.lv>"
    assert texts(made) == [
        "Sveiki!",
        "Dzirnavu rats ir salauzts, un mums vajag jaunu koku, lai to salabotu līdz pavasarim, kad ūdens upē "
        "atkal būs pietiekami augsts, lai tas grieztos.",
        "Es domāju, ka 3. maijā:\ntad būs silts.",
    ]
    assert {reason for _, reason in reasons(made)} == {"a quoted letter", "a signature"}
    assert "".join(text for text, _ in reasons(made)).count(">") == 4


@pytest.mark.parametrize(
    "quoted",
    [
        "-----Original Message-----\nFrom: Anna\nSent: Monday\nSubject: Mill\n\nold words",
        "Von: Anna\nGesendet: Montag\nAn: Jan\nBetreff: Mühle\n\nold words",
        "________________________________\nОт: Анна\nДата: 5 мая\nТема: Мельница\n\nold words",
        "差出人: 田中\n送信日時: 2024年5月6日\n件名: 水車\n\nold words",
    ],
)
def test_a_letter_below_the_letter_is_dropped_in_many_languages(quoted: str) -> None:
    made = one("a.eml", letter(f"The wheel is broken.\n\n{quoted}\n", Subject="S").as_bytes())
    assert texts(made) == ["The wheel is broken."]
    assert any("old words" in text for text, _ in reasons(made))


def test_flowed_lines_are_whole_again_and_old_encodings_are_read() -> None:
    head = b"Subject: =?utf-8?b?0J/RgNC40LLQtdGC?=\nFrom: x@y.example\nContent-Type: text/plain; "
    head += b"charset=koi8-r; format=flowed\n\n"
    made = one("a.eml", head + "Это длинное \nписьмо о реке.\n\n> старое \n> слово\n".encode("koi8-r"))
    assert (made.title, texts(made)) == ("Привет", ["Это длинное письмо о реке."])


def test_a_page_in_a_letter_is_read_without_what_programs_mark_as_quoted() -> None:
    made = EmailMessage()
    made["Subject"], made["From"] = "Mill", "x@y.example"
    made.set_content(
        "<p>The wheel is broken.</p><div class='gmail_attr'>On Monday wrote:</div><blockquote type='cite'>"
        "<p>old words</p></blockquote><blockquote>A proverb.</blockquote><p>Yours</p>",
        subtype="html",
    )
    article = one("a.eml", made.as_bytes())
    assert texts(article) == ["The wheel is broken.", "A proverb.", "Yours"]
    assert reasons(article) == [("On Monday wrote:", "a quoted letter"), ("old words", "a quoted letter")]


def test_what_a_list_of_letters_adds_below_the_page_is_read_apart_from_it() -> None:
    made = EmailMessage()
    made["Subject"], made["From"] = "Mill", "x@y.example"
    page = "<html><body><p>The wheel is broken.</p></body></html>"
    below = "<html><body><div>The list of millers</div>and its archive</body></html>"
    made.set_content(page + below, subtype="html")
    assert texts(one("a.eml", made.as_bytes())) == [
        "The wheel is broken.",
        "The list of millers",
        "and its archive",
    ]


def test_attachments_are_articles_of_their_own() -> None:
    made = letter("See what is attached to this letter.", Subject="Mill")
    made.add_attachment(b"Rats ir no ozola koka.", maintype="text", subtype="plain", filename="ozols.txt")
    made.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="mill.png")
    made.add_attachment(b"\xd0\xcf", maintype="application", subtype="msword", filename="old.doc")
    made.add_attachment(letter("The inner letter.", Subject="Inner"))
    items = read("a.eml", made.as_bytes())
    assert [(type(one), one.source) for one in items] == [
        (SourceFile, "a.eml"),
        (SourceFile, "a.eml#ozols.txt"),
        (SkippedSource, "a.eml#old.doc"),
        (SourceFile, "a.eml#4.eml"),
    ]


def test_a_box_is_an_article_for_each_letter() -> None:
    letters = [
        letter(f"Letter {n} about the mill.\n\nFrom the river it came.\n", Subject=f"S{n}").as_bytes()
        for n in (1, 2)
    ]
    stuffed = [one.replace(b"\nFrom the", b"\n>From the") for one in letters]
    box = b"".join(b"From x@y Mon May  6 07:08:09 2024\n" + one + b"\n" for one in stuffed)
    made = articles("a.mbox", box)
    assert [(one.source, one.title) for one in made] == [("a.mbox#1", "S1"), ("a.mbox#2", "S2")]
    assert texts(made[1]) == ["Letter 2 about the mill.", "From the river it came."]


def test_a_letter_whose_own_text_cannot_be_read_keeps_its_attachments() -> None:
    message = EmailMessage()
    message["Subject"] = "The weir"
    message.set_content("<div>" * 2_000 + "The weir is broken.", subtype="html")
    message.add_attachment("The miller raised the weir every spring.", filename="a.txt")
    message.add_attachment(b"\x00" * 50, maintype="text", subtype="plain", filename="b.txt")
    message.add_attachment("Oak lasts longer under water.", filename="c.txt")
    items = {one.source: one for one in read("a.eml", message.as_bytes())}
    assert [name for name, one in items.items() if isinstance(one, SourceFile)] == [
        "a.eml#a.txt",
        "a.eml#c.txt",
    ]
    refused = {name: one.reason for name, one in items.items() if isinstance(one, SkippedSource)}
    assert set(refused) == {"a.eml", "a.eml#b.txt"}
    assert all("; " in reason for reason in refused.values())
