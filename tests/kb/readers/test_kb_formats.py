"""Books, OpenDocument, slides, sheets, rich text, letters, reStructuredText, AsciiDoc and ZIM files.

The files are made here, by the libraries that write them or by hand, and every piece of text that was put in
must come out once, in order and not glued to its neighbour.
"""

from __future__ import annotations

import datetime
import io
import sys
import zipfile
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from pathlib import Path

import openpyxl
import pptx
import pytest
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from kb.article.normalize import normalize
from kb.build import update
from kb.errors import SourceRefused
from kb.models import Article, SkippedSource, SourceFile
from kb.readers import FORMATS, RawFile
from kb.store.store import Store


def read(name: str, data: str | bytes) -> list[SourceFile | SkippedSource]:
    raw = RawFile(name, "", data.encode() if isinstance(data, str) else data, "0")
    return list(FORMATS[Path(name).suffix].read(raw))


def articles(name: str, data: str | bytes) -> list[Article]:
    """The articles in a file none of whose parts is refused."""
    files = read(name, data)
    made = []
    for file in files:
        assert isinstance(file, SourceFile), file
        article = normalize(file)
        for span in (*file.dropped, *article.removed):
            assert file.text[span.start : span.end] == span.text
        made.append(article)
    return made


def one(name: str, data: str | bytes) -> Article:
    (made,) = articles(name, data)
    return made


def refused(name: str, data: str | bytes) -> str:
    with pytest.raises(SourceRefused) as error:
        read(name, data)
    return error.value.reason


def kinds(article: Article) -> list[tuple[str, int, int | None, str]]:
    return [(b.kind, b.level, b.number, article.text[b.start : b.end]) for b in article.blocks]


def texts(article: Article) -> list[str]:
    return [text for *_, text in kinds(article)]


def reasons(article: Article) -> list[tuple[str, str]]:
    return [(span.text, span.reason) for span in article.removed]


def packed(members: Mapping[str, str | bytes]) -> bytes:
    to = io.BytesIO()
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return to.getvalue()


# --- books

CONTAINER = """<?xml version="1.0"?>
<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0">
<rootfiles><rootfile full-path="OPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>"""
XHTML = "application/xhtml+xml"


def page(body: str, lang: str = "lv") -> str:
    return (
        f'<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml" '
        f'xmlns:epub="http://www.idpf.org/2007/ops" xml:lang="{lang}"><head><title/></head>'
        f"<body>{body}</body></html>"
    )


def epub(
    pages: Mapping[str, str], contents: str, *, nav: str | None = None, more: Mapping[str, str] | None = None
) -> bytes:
    """A book of ``pages``; ``contents`` is an .ncx (version 2), or, as ``nav``, a page (version 3)."""
    navigation = "properties='nav'"
    items = "".join(
        f'<item id="i{n}" href="{name}" media-type="{XHTML}" {navigation if name == nav else ""}/>'
        for n, name in enumerate(pages)
    )
    spine = "".join(f'<itemref idref="i{n}"/>' for n in range(len(pages)))
    ncx = '<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>' if contents else ""
    package = f"""<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/">
<metadata><dc:title>Dzirnavu grāmata</dc:title><dc:language>lv</dc:language>
<dc:creator>Anna Kalniņa</dc:creator>
<dc:creator>Jānis Ozols</dc:creator><dc:date>2019-03-01</dc:date></metadata>
<manifest>{items}{ncx}</manifest><spine toc="ncx">{spine}</spine></package>"""
    return packed(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": CONTAINER,
            "OPS/book.opf": package,
            **({"OPS/toc.ncx": contents} if contents else {}),
            **{f"OPS/{name}": text for name, text in pages.items()},
            **(more or {}),
        }
    )


def ncx(entries: Sequence[tuple[str, str]]) -> str:
    points = "".join(
        f'<navPoint id="n{n}"><navLabel><text>{label}</text></navLabel><content src="{to}"/></navPoint>'
        for n, (label, to) in enumerate(entries)
    )
    return f'<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap>{points}</navMap></ncx>'


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


# --- OpenDocument

_SPACES = ("office", "text", "table", "draw", "style", "meta", "presentation", "manifest")
SPACES = " ".join(f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in _SPACES)
SPACES += ' xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"'
SPACES += ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
STYLES = """<style:style style:name="P1" style:parent-style-name="Title"/>
<style:style style:name="P2" style:parent-style-name="Preformatted_20_Text"/>
<text:list-style style:name="L1"><text:list-level-style-number text:level="1"/>
<text:list-level-style-bullet text:level="2"/></text:list-style>"""
META = """<office:meta><dc:title>T</dc:title><meta:initial-creator>ليلى حداد</meta:initial-creator>
<dc:date>2024-05-06T07:08:09</dc:date><dc:language>ar</dc:language></office:meta>"""


def odf(body: str, kind: str = "text", **more: str) -> bytes:
    content = (
        f"<office:document-content {SPACES}><office:automatic-styles>{STYLES}</office:automatic-styles>"
        f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>"
    )
    meta = f"<office:document-meta {SPACES}>{META}</office:document-meta>"
    return packed({"content.xml": content, "meta.xml": meta, **more})


ODT = """<text:tracked-changes><text:changed-region><text:deletion><text:p>محذوف</text:p></text:deletion>
</text:changed-region></text:tracked-changes><text:p text:style-name="P1">تاريخ الطاحونة</text:p>
<text:h text:outline-level="1">المقدمة</text:h>
<text:p>تقع<text:s text:c="3"/>الطاحونة<text:tab/>قرب النهر<text:line-break/>منذ سنة 1876<text:note>
<text:note-citation>1
</text:note-citation><text:note-body><text:p>ملاحظة عن النهر.</text:p></text:note-body></text:note>
<office:annotation>
<text:p>تعليق</text:p></office:annotation> حتى اليوم.</text:p>
<text:list text:style-name="L1"><text:list-item><text:p>أول</text:p><text:list><text:list-item>
<text:p>داخل</text:p>
</text:list-item></text:list></text:list-item><text:list-item><text:p>ثان</text:p></text:list-item>
</text:list>
<text:p>بين القائمتين كلام.</text:p>
<text:list text:style-name="L1" text:continue-numbering="true"><text:list-item><text:p>ثالث</text:p>
</text:list-item></text:list>
<table:table><table:table-row><table:table-cell><text:p>السنة</text:p></table:table-cell><table:table-cell>
<text:p>المال</text:p></table:table-cell></table:table-row><table:table-row><table:table-cell>
<text:p>1876</text:p>
</table:table-cell><table:table-cell><text:p>120</text:p></table:table-cell></table:table-row></table:table>
<text:p>قبل <draw:frame><draw:text-box><text:p>نص في إطار.</text:p></draw:text-box>
</draw:frame>وبعد الإطار.</text:p>
<text:p text:style-name="P2">def f():</text:p><text:p text:style-name="P2">
<text:s text:c="4"/>return 1</text:p>"""


def test_an_opendocument_text_is_read_whole_without_what_was_deleted() -> None:
    made = one("a.odt", odf(ODT))
    assert (made.title, made.language, made.author) == ("تاريخ الطاحونة", "ar", "ليلى حداد")
    assert made.date == "2024-05-06T07:08:09"
    assert kinds(made) == [
        ("heading", 2, None, "المقدمة"),
        ("paragraph", 0, None, "تقع الطاحونة قرب النهر\nمنذ سنة 1876 حتى اليوم."),
        ("paragraph", 0, None, "ملاحظة عن النهر."),
        ("item", 0, 1, "أول"),
        ("item", 0, None, "داخل"),
        ("item", 0, 2, "ثان"),
        ("paragraph", 0, None, "بين القائمتين كلام."),
        ("item", 0, 3, "ثالث"),
        ("paragraph", 0, None, "السنة | المال\n1876 | 120"),
        ("paragraph", 0, None, "قبل وبعد الإطار."),
        ("paragraph", 0, None, "نص في إطار."),
        ("code", 0, None, "def f():\n    return 1"),
    ]


def test_a_flat_file_and_slides_are_read_in_the_same_way() -> None:
    flat = f"<office:document {SPACES}>{META}<office:automatic-styles>{STYLES}</office:automatic-styles>"
    flat += f"<office:body><office:text>{ODT}</office:text></office:body></office:document>"
    assert kinds(one("a.fodt", flat)) == kinds(one("a.odt", odf(ODT)))
    slide = """<draw:page><draw:frame presentation:class="title"><draw:text-box>
<text:p>Dzirnavas</text:p></draw:text-box>
</draw:frame><draw:frame><draw:text-box><text:p>Pie upes.</text:p></draw:text-box></draw:frame></draw:page>"""
    made = one("a.odp", odf(slide, "presentation"))
    assert kinds(made) == [("heading", 2, None, "Dzirnavas"), ("paragraph", 0, None, "Pie upes.")]


def test_what_a_program_listed_as_contents_is_dropped_and_said() -> None:
    index = "<text:index-body><text:p>المقدمة 1</text:p></text:index-body>"
    index = f"<text:table-of-content>{index}</text:table-of-content>"
    made = one("a.odt", odf(index + ODT))
    assert ("المقدمة 1", "a table of contents or an index") in reasons(made)


def test_a_formula_is_a_part_of_its_line_and_raised_figures_run_into_none() -> None:
    math = """<math xmlns="http://www.w3.org/1998/Math/MathML"><semantics><mrow><mi>a</mi><mo>=</mo><msup><mi>b</mi>
<mn>2</mn></msup></mrow><annotation>a = b^2</annotation></semantics></math>"""
    raised = (
        '<style:style style:name="T1"><style:text-properties style:text-position="super 58%"/></style:style>'
    )
    body = """<text:p>Ir <draw:frame><draw:object xlink:href="./Object 1" xmlns:xlink="http://www.w3.org/1999/xlink"/>
</draw:frame>, un 10<text:span text:style-name="T1">6</text:span> graudu.</text:p>"""
    styles = f"<office:document-styles {SPACES}>{raised}</office:document-styles>"
    made = one("a.odt", odf(body, **{"Object 1/content.xml": math, "styles.xml": styles}))
    assert texts(made) == ["Ir a = b², un 10⁶ graudu."]


def test_an_encrypted_document_is_refused() -> None:
    manifest = f"<manifest:manifest {SPACES}><manifest:encryption-data/></manifest:manifest>"
    assert "encrypted" in refused("a.odt", odf(ODT, **{"META-INF/manifest.xml": manifest}))


def test_a_document_sheet_has_rows_that_name_their_columns() -> None:
    def row(*cells: str) -> str:
        shown = "".join(f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" for cell in cells)
        empty = '<table:table-cell table:number-columns-repeated="16000"/>'
        return f"<table:table-row>{shown}{empty}</table:table-row>"

    rows = row("Stadt", "Einwohner") + row("Köln", "1 087 000")
    made = one("a.ods", odf(f'<table:table table:name="Städte">{rows}</table:table>', "spreadsheet"))
    assert texts(made) == ["Städte", "Stadt | Einwohner", "Stadt: Köln | Einwohner: 1 087 000"]


# --- slides


def slides() -> bytes:
    made = pptx.Presentation()
    made.core_properties.title, made.core_properties.author = "Dzirnavu vēsture", "Anna"
    first = made.slides.add_slide(made.slide_layouts[1])
    first.shapes.title.text, first.placeholders[1].text = (
        "Ievads",
        "Dzirnavas stāv pie upes.\nŪdens griež ratu.",
    )
    first.notes_slide.notes_text_frame.text = "Pastāstīt par ratu."
    second = made.slides.add_slide(made.slide_layouts[5])
    second._element.set("show", "0")
    second.shapes.title.text = "Tabula"
    for left, top, text in ((5, 4, "labais\vjauna rinda"), (1, 4, "kreisais"), (1, 1.8, "augšā")):
        box = second.shapes.add_textbox(Inches(left), Inches(top), Inches(2), Inches(0.5))
        box.text_frame.text = text
    table = second.shapes.add_table(2, 2, Inches(1), Inches(2.5), Inches(4), Inches(1)).table
    for n, text in enumerate(("Gads", "Nauda", "1876", "120")):
        table.cell(n // 2, n % 2).text = text
    data = CategoryChartData()
    data.categories = ["Rīga", "Liepāja"]
    data.add_series("Iedzīvotāji", (605802, 67964))
    at = (Inches(1), Inches(5), Inches(4), Inches(1))
    chart = second.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *at, data).chart
    chart.has_title, chart.chart_title.text_frame.text = True, "Pilsētas"
    group = second.shapes.add_group_shape()
    group.shapes.add_textbox(Inches(1), Inches(6.5), Inches(2), Inches(0.5)).text_frame.text = "grupā"
    to = io.BytesIO()
    made.save(to)
    return to.getvalue()


def test_slides_are_read_from_top_to_bottom_with_tables_charts_groups_and_notes() -> None:
    made = one("a.pptx", slides())
    assert (made.title, made.author) == ("Dzirnavu vēsture", "Anna")
    assert [(b.page, made.text[b.start : b.end]) for b in made.blocks] == [
        (1, "Ievads"),
        (1, "Dzirnavas stāv pie upes."),
        (1, "Ūdens griež ratu."),
        (1, "Pastāstīt par ratu."),
        (2, "Tabula"),
        (2, "augšā"),
        (2, "Gads | Nauda\n1876 | 120"),
        (2, "kreisais"),
        (2, "labais\njauna rinda"),
        (2, "Pilsētas"),
        (2, "Iedzīvotāji\nRīga | 605802\nLiepāja | 67964"),
        (2, "grupā"),
    ]
    assert [b.kind for b in made.blocks][:4] == ["heading", "item", "item", "paragraph"]


def test_what_a_slide_says_twice_for_older_programs_is_said_once() -> None:
    to = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(slides())) as old, zipfile.ZipFile(to, "w") as new:
        for name in old.namelist():
            data = old.read(name).decode("utf-8") if name == "ppt/slides/slide1.xml" else old.read(name)
            if isinstance(data, str):
                start, end = data.rindex("<p:sp>"), data.rindex("</p:sp>") + 7
                box = data[start:end]
                data = (
                    f'{data[:start]}<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/'
                    f'markup-compatibility/2006"><mc:Choice Requires="a14">{box}</mc:Choice><mc:Fallback>'
                    f"{box}</mc:Fallback></mc:AlternateContent>{data[end:]}"
                )
            new.writestr(name, data)
    assert texts(one("a.pptx", to.getvalue())) == texts(one("a.pptx", slides()))


# --- sheets


def workbook() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Pilsētas"
    sheet.append(["Pārskats par pilsētām"])
    sheet.append(["Pilsēta", "Iedzīvotāji", "Daļa", "Kopš", "Cena"])
    sheet.append(["Rīga", 605802, 0.3312, datetime.date(1921, 8, 1), 12.5])
    sheet["C3"].number_format, sheet["B3"].number_format = "0.0%", "#,##0"
    sheet["E3"].number_format, sheet["D3"].number_format = "[$€-407] #,##0.00", "dd.mm.yyyy"
    sheet.append(["Liepāja", 67964, 0.1 + 0.2, None, 3])
    sheet["E4"].number_format = '0.0" kg"'
    hidden = book.create_sheet("秘密")
    hidden.sheet_state = "hidden"
    hidden.append(["都市", "値"])
    hidden.append(["東京", True])
    book.create_sheet("Empty")
    book.properties.title = "Statistika"
    to = io.BytesIO()
    book.save(to)
    return to.getvalue()


def test_a_row_of_a_sheet_says_its_columns_names_and_its_figures_as_shown() -> None:
    made = one("a.xlsx", workbook())
    assert made.title == "Statistika"
    assert kinds(made) == [
        ("heading", 2, None, "Pilsētas"),
        ("paragraph", 0, None, "Pārskats par pilsētām"),
        ("paragraph", 0, None, "Pilsēta | Iedzīvotāji | Daļa | Kopš | Cena"),
        (
            "paragraph",
            0,
            None,
            "Pilsēta: Rīga | Iedzīvotāji: 605802 | Daļa: 33.1% | Kopš: 1921-08-01 | Cena: € 12.50",
        ),
        ("paragraph", 0, None, "Pilsēta: Liepāja | Iedzīvotāji: 67964 | Daļa: 0.3 | Cena: 3.0 kg"),
        ("heading", 2, None, "秘密"),
        ("paragraph", 0, None, "都市 | 値"),
        ("paragraph", 0, None, "都市: 東京 | 値: TRUE"),
    ]


def test_a_sheet_of_too_many_cells_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kb.readers.office.sheets.CELLS_LIMIT", 10)
    assert "more than 10 cells" in refused("a.xlsx", workbook())


@pytest.mark.slow
def test_short_rows_that_come_again_on_other_sheets_are_no_furniture(tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    for name in "abcdef":
        book = openpyxl.Workbook()
        for row in (["Home", "About"], ["Contact", "Share"], ["Author", "admin"], ["Next", name]):
            book.active.append(row)
        book.save(folder / f"{name}.xlsx")
    with Store.create(tmp_path / "kb.sqlite") as store:
        assert len(update(store, [folder], 1).added) == 6
        made = [store.at(1).article_by_source(f"{name}.xlsx") for name in "abcdef"]
    assert all(one is not None and not one.article.removed for one in made)


# --- rich text

RTF = rb"""{\rtf1\ansi\ansicpg1257\deff0\deflang1062
{\fonttbl{\f0\fcharset186 Arial;}{\f1\fcharset204 T;}{\f2\fcharset128 M;}}
{\colortbl;\red0\green0\blue0;}
{\stylesheet{\s0 Normal;}{\s1\outlinelevel0 heading 1;}{\s5 Title;}{\*\cs10 Default;}}
{\info{\title Old}{\author J\u257?nis}{\creatim\yr2024\mo5\dy6}}{\header Galvene}
\pard\s5 Dzirnavu v\'e7sture\par
\pard\plain\s1 Ievads\par
\pard\plain Pirm\'e2 rinda 10{\super 6}, H{\sub 2}O{\super{\chftn}}
{\footnote \pard\plain {\super\chftn} Piez\'eeme par upi.}
 turpin\'e2s{\deleted DZ\'c7STS}.\line Jauna rinda.\par
{\f1 \'cf\'f0\'e8\'e2\'e5\'f2}
 {\f2 \'93\'fa\'96{\f2 x}} \uc2\u26085\'93\'fa\uc1\u-10179?\u-8704?!\~x\_y co\-op\par
{\listtext\tab 1.\tab}\pard\ls1 viens\par
{\listtext\tab 2.\tab}divi\par
\pard\trowd\cellx1\cellx2\intbl Gads\cell Nauda\cell\row\trowd\intbl 1876\cell 120\par kronas\cell\row
\pard{\shp{\*\shpinst{\sp{\sn a}{\sv b}}
{\shptxt \pard Lodzi\u326?\'f0.\par}}{\shprslt{\pict abc}}}Aiz lodzi\'f2a.
 {\field{\*\fldinst{HYPERLINK "http://x"}}{\fldrslt saite}}
{\pict\bin4 }{}}}{\*\unknown zzz}\par
{\upr{ascii}{\*\ud{\u1044?a}}} beigas }after""".replace(rb"\'96{\f2 x}", rb"\'96\'7b")


def test_rich_text_has_headings_lists_tables_notes_and_boxes() -> None:
    made = one("a.rtf", RTF)
    assert (made.title, made.language, made.author, made.date) == (
        "Dzirnavu vēsture",
        "lv",
        "Jānis",
        "2024-05-06",
    )
    assert kinds(made) == [
        ("heading", 2, None, "Ievads"),
        ("paragraph", 0, None, "Pirmā rinda 10⁶, H₂O turpinās.\nJauna rinda."),
        ("paragraph", 0, None, "Piezīme par upi."),
        ("paragraph", 0, None, "Привет 日本 日😀! x‑y coop"),
        ("item", 0, 1, "viens"),
        ("item", 0, 2, "divi"),
        ("paragraph", 0, None, "Gads | Nauda\n1876 | 120 kronas"),
        ("paragraph", 0, None, "Aiz lodziņa. saite"),
        ("paragraph", 0, None, "Lodziņš."),
        ("paragraph", 0, None, "Дa beigas"),
    ]
    assert reasons(made) == [("Galvene", "the page's head")]


def test_rich_text_of_many_groups_or_none_is_refused() -> None:
    assert "nested" in refused("a.rtf", b"{\\rtf1 " + b"{" * 100_000)
    assert "no RTF" in refused("a.rtf", b"Dzirnavas")
    assert "no text" in refused("a.rtf", b"{\\rtf1 {\\pict 0102}}")


# --- letters


def letter(text: str, **headers: str) -> EmailMessage:
    made = EmailMessage()
    made["From"] = "Jānis Bērziņš <j@example.lv>"
    made["Date"] = "Mon, 06 May 2024 07:08:09 +0300"
    for name, value in headers.items():
        made[name] = value
    made.set_content(text)
    return made


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


# --- markup

RST = """
========
Мельница
========

:date: 2024-05-06
:author: Иван Петров
:language: ru

История
=======

Мельница стоит у реки и |version| работает, см. :ref:`раздел <hist>` и :py:func:`~os.path.join`, ``код`` и
:strange:`слово` на реке.

.. note:: Вода нужна мельнице.

   Второй абзац заметки.

.. versionadded:: 3.2
   Новое колесо из дуба.

.. strange:: Довод
   :option: 1

   Содержание странного.

.. code-block:: python
   :linenos:

   def f():

       return 1

.. py:function:: spam(eggs, ham=1)

   Делает муку.

#. первый пункт
#. второй пункт

====  ======
Год   Деньги
====  ======
1876  120
====  ======

+---+---+
| a | b
+---+---+

.. include:: /etc/passwd

.. hidden comment
"""


def test_restructured_text_keeps_what_sphinx_adds_and_what_is_broken() -> None:
    made = one("a.rst", RST)
    assert (made.title, made.language, made.date, made.author) == (
        "Мельница",
        "ru",
        "2024-05-06",
        "Иван Петров",
    )
    whole = "\n".join(texts(made))
    wanted = [
        "История",
        "Мельница стоит у реки и |version| работает, см. раздел и join, код и слово на реке.",
        "Вода нужна мельнице.",
        "Второй абзац заметки.",
        "3.2",
        "Новое колесо из дуба.",
        "Довод",
        "Содержание странного.",
        "def f():\n\n    return 1",
        "spam(eggs, ham=1)",
        "Делает муку.",
        "первый пункт",
        "второй пункт",
        "Год | Деньги\n1876 | 120",
        "| a | b",
    ]
    at = 0
    for piece in wanted:
        assert whole.count(piece) == 1, piece
        assert whole.index(piece) >= at, piece
        at = whole.index(piece) + len(piece)
    for mark in ("::", "root:", "hidden", "System Message", "option", "~", "<hist>"):
        assert mark not in whole
    assert ("item", 0, 2, "второй пункт") in kinds(made)


ADOC = """// comment
= चक्की का इतिहास
राम कुमार <ram@example.in>
v1.0, 2024-05-06
:lang: hi
:river: गंगा

चक्की {river} नदी के किनारे है footnote:[नदी की टिप्पणी।] और
दूसरी पंक्ति *मोटा* _तिरछा_ `code *x*` https://x.example[कड़ी] <<id,यहाँ>> 10^6^ H~2~O. {unknown} +
नई पंक्ति

== पहला अध्याय

[NOTE]
====
खंड टिप्पणी।

दूसरा।
====

* एक
** दो
आगे
+
जुड़ा अनुच्छेद

. पहला
. दूसरा

.कोड का शीर्षक
[source,python]
----
def f(): # <1>

    return 1
----
<1> समझाना

[cols="1,2",options="header"]
|===
|वर्ष |पैसा

|1876
|120 मुकुट
और
|===

शब्द:: परिभाषा

include::other.adoc[]

image::mill.png[पुरानी चक्की,200]

////
छिपा
////

[verse]
____
पंक्ति एक
पंक्ति दो
____

snake_case_name 2*3*4 kbd:[Ctrl+C]
"""


def test_asciidoc_is_read_as_its_reader_sees_it() -> None:
    made = one("a.adoc", ADOC)
    assert (made.title, made.language, made.date, made.author) == (
        "चक्की का इतिहास",
        "hi",
        "2024-05-06",
        "राम कुमार",
    )
    assert kinds(made) == [
        (
            "paragraph",
            0,
            None,
            "चक्की गंगा नदी के किनारे है और दूसरी पंक्ति मोटा तिरछा code *x* कड़ी यहाँ 10⁶ H₂O. {unknown}\nनई पंक्ति",
        ),
        ("paragraph", 0, None, "नदी की टिप्पणी।"),
        ("heading", 2, None, "पहला अध्याय"),
        ("paragraph", 0, None, "खंड टिप्पणी।"),
        ("paragraph", 0, None, "दूसरा।"),
        ("item", 0, None, "एक"),
        ("item", 0, None, "दो आगे"),
        ("paragraph", 0, None, "जुड़ा अनुच्छेद"),
        ("item", 0, 1, "पहला"),
        ("item", 0, 2, "दूसरा"),
        ("paragraph", 0, None, "कोड का शीर्षक"),
        ("code", 0, None, "def f():\n\n    return 1"),
        ("item", 0, 1, "समझाना"),
        ("paragraph", 0, None, "वर्ष | पैसा\n1876 | 120 मुकुट और"),
        ("paragraph", 0, None, "शब्द"),
        ("item", 0, None, "परिभाषा"),
        ("paragraph", 0, None, "पुरानी चक्की"),
        ("paragraph", 0, None, "पंक्ति एक\nपंक्ति दो"),
        ("paragraph", 0, None, "snake_case_name 2*3*4 Ctrl+C"),
    ]
    assert reasons(made) == [("include::other.adoc[]", "names another file, which is read by itself")]


# --- ZIM


def test_without_its_library_a_zim_file_is_refused_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "libzim.reader", None)
    assert "rosetta-kb[zim]" in refused("a.zim", b"ZIM\x04" + b"\x00" * 100)


def test_a_zim_files_pages_are_articles_and_its_redirects_none(tmp_path: Path) -> None:
    writer = pytest.importorskip("libzim.writer")

    class Page(writer.Item):  # type: ignore[misc, name-defined]
        def __init__(self, path: str, title: str, text: str) -> None:
            super().__init__()
            self._said = (path, title, text)

        def get_path(self) -> str:
            return self._said[0]

        def get_title(self) -> str:
            return self._said[1]

        def get_mimetype(self) -> str:
            return "text/html"

        def get_contentprovider(self) -> object:
            return writer.StringProvider(self._said[2])

        def get_hints(self) -> dict[object, bool]:
            return {writer.Hint.FRONT_ARTICLE: True}

    path = tmp_path / "a.zim"
    body = "<p>Dzirnavas stāv pie upes un mala graudus. Ziemā upe aizsalst, un rats stāv.</p>"
    with writer.Creator(path) as creator:
        creator.set_mainpath("A/Dzirnavas")
        creator.add_item(
            Page("A/Dzirnavas", "Dzirnavas", f"<html><body><h1>Dzirnavas</h1>{body}</body></html>")
        )
        creator.add_item(Page("A/Upe", "Upe", f"<html><body><h1>Upe</h1>{body}</body></html>"))
        creator.add_redirection("A/Vecais", "Vecais nosaukums", "A/Upe", {})
        creator.add_metadata("Language", "lav")
        creator.add_metadata("Date", "2024-05-06")
    made = articles("a.zim", path.read_bytes())
    assert [(one.source, one.title, one.language, one.date) for one in made] == [
        ("a.zim#A/Dzirnavas", "Dzirnavas", "lv", "2024-05-06"),
        ("a.zim#A/Upe", "Upe", "lv", "2024-05-06"),
    ]
    assert "Ziemā upe aizsalst" in made[0].text


# --- all of them together


@pytest.mark.slow
def test_a_build_reads_them_in_processes_of_their_own(tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    files = {
        "a.adoc": ADOC.encode(),
        "b.epub": epub({"a.xhtml": page("<p>Dzirnavas stāv pie upes.</p>")}, ""),
        "c.eml": letter("The wheel is broken.", Subject="Mill").as_bytes(),
        "d.odt": odf(ODT),
        "e.pptx": slides(),
        "f.rst": RST.encode(),
        "g.rtf": RTF,
        "h.xlsx": workbook(),
        "i.odt": b"PK\x03\x04 no archive",
        "j.pptx": packed({"a": "b"}),
        "k.xlsx": b"\xd0\xcf\x11\xe0",
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    with Store.create(tmp_path / "kb.sqlite") as store:
        report = update(store, [folder], 1)
        assert sorted(report.added) == [
            "a.adoc",
            "b.epub#OPS/a.xhtml",
            "c.eml",
            "d.odt",
            "e.pptx",
            "f.rst",
            "g.rtf",
            "h.xlsx",
        ]
        assert [one.source for one in report.skipped] == ["i.odt", "j.pptx", "k.xlsx"]
        again = update(store, [folder], 2)
        assert sorted(again.unchanged) == sorted(report.added)
