"""Books: a chapter is an article."""

from __future__ import annotations

import io
import zipfile

from format_files import articles, epub, ncx, one, page, read, refused, texts

from kb.models import SkippedSource, SourceFile

BOOK = {
    "cover.xhtml": page('<img src="cover.jpg"/>'),
    "first%20one.xhtml": page(
        "<h1>Upe</h1><p>Dzirnavas stāv pie upes.</p><p>Tās mala graudus&nbsp;naktī"
        '<a epub:type="noteref" href="#n1"><sup>1</sup></a>.</p>'
        '<aside epub:type="footnote" id="n1"><p>Tikai ziemā.</p></aside>'
    ),
    "split_001.xhtml": page("<p>Un vēl rudenī, kad ir raža.</p>"),
    "second.xhtml": page("<h1>水車</h1><p>水車は川のそばにあります。</p><p>冬には氷が張る。</p>", "ja"),
}


def test_a_book_is_an_article_for_each_chapter_that_its_contents_name() -> None:
    pages = {name.replace("%20", " "): text for name, text in BOOK.items()}
    contents = ncx(
        [("1. Upe", "first%20one.xhtml#top"), ("1.1", "first%20one.xhtml#x"), ("2. 水車", "second.xhtml")]
    )
    first, second = articles("b.epub", epub(pages, contents))
    assert [first.source, second.source] == ["b.epub#OPS/first one.xhtml", "b.epub#OPS/second.xhtml"]
    assert [first.title, second.title] == ["1. Upe — Dzirnavu grāmata", "2. 水車 — Dzirnavu grāmata"]
    assert [first.language, second.language] == ["lv", "ja"]
    assert (first.author, first.date) == ("Anna Kalniņa, Jānis Ozols", "2019-03-01")
    assert texts(first)[:2] == ["Upe", "Dzirnavas stāv pie upes."]
    assert texts(first)[2].startswith("Tās mala graudus\u00a0naktī") or texts(first)[2].startswith(
        "Tās mala graudus naktī"
    )
    assert texts(first)[3:] == ["Tikai ziemā.", "Un vēl rudenī, kad ir raža."]
    assert texts(second) == ["水車", "水車は川のそばにあります。", "冬には氷が張る。"]


def test_a_books_page_of_contents_is_no_text_but_its_names_of_chapters() -> None:
    nav = page('<nav epub:type="toc"><ol><li><a href="a.xhtml">Pirmā</a></li></ol></nav>')
    made = one(
        "b.epub",
        epub({"nav.xhtml": nav, "a.xhtml": page("<p>Dzirnavas stāv pie upes.</p>")}, "", nav="nav.xhtml"),
    )
    assert (made.title, texts(made)) == ("Pirmā — Dzirnavu grāmata", ["Dzirnavas stāv pie upes."])


def test_a_book_without_contents_is_an_article_for_each_file() -> None:
    made = articles(
        "b.epub", epub({"a.xhtml": page("<p>Viens vārds.</p>"), "b.xhtml": page("<p>Divi vārdi.</p>")}, "")
    )
    assert [texts(one) for one in made] == [["Viens vārds."], ["Divi vārdi."]]


def test_a_locked_book_is_refused_and_one_with_locked_fonts_read() -> None:
    def locked(method: str, file: str) -> dict[str, str]:
        return {
            "META-INF/encryption.xml": f'<encryption xmlns:e="http://www.w3.org/2001/04/xmlenc#"><e:EncryptedData>'
            f'<e:EncryptionMethod Algorithm="{method}"/><e:CipherData>'
            f'<e:CipherReference URI="{file}"/></e:CipherData>'
            f"</e:EncryptedData></encryption>"
        }

    pages = {"a.xhtml": page("<p>Dzirnavas stāv pie upes.</p>")}
    drm = locked("http://www.w3.org/2001/04/xmlenc#aes128-cbc", "OPS/a.xhtml")
    fonts = locked("http://www.idpf.org/2008/embedding", "OPS/font.otf")
    assert "locked" in refused("b.epub", epub(pages, "", more=drm))
    assert texts(one("b.epub", epub(pages, "", more=fonts))) == ["Dzirnavas stāv pie upes."]


def test_a_chapter_that_is_missing_or_unsound_costs_no_other() -> None:
    pages = {"a.xhtml": page("<p>Viens <b>vārds.</p>"), "b.xhtml": page("<p>Divi vārdi.</p>")}
    whole = epub(pages, "")
    assert [texts(one) for one in articles("b.epub", whole)] == [["Viens vārds."], ["Divi vārdi."]]
    to = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(to, "w") as new:
        for name in old.namelist():
            if not name.endswith("a.xhtml"):
                new.writestr(name, old.read(name))
    gone, kept = read("b.epub", to.getvalue())
    assert isinstance(gone, SkippedSource)
    assert gone.source == "b.epub#OPS/a.xhtml"
    assert isinstance(kept, SourceFile)
