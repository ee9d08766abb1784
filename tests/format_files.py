"""Books, documents, slides, sheets, letters and markup, and what their readers make of them.

The files are made here, by the libraries that write them or by hand, and every piece of text that was put in
must come out once, in order and not glued to its neighbour.
"""

from __future__ import annotations

import datetime
import io
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
from kb.errors import SourceRefused
from kb.models import Article, SkippedSource, SourceFile
from kb.readers import FORMATS, RawFile


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


_SPACES = ("office", "text", "table", "draw", "style", "meta", "presentation", "manifest")
SPACES = " ".join(f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in _SPACES)
SPACES += ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
SPACES += ' xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"'


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


def letter(text: str, **headers: str) -> EmailMessage:
    made = EmailMessage()
    made["From"] = "Jānis Bērziņš <j@example.lv>"
    made["Date"] = "Mon, 06 May 2024 07:08:09 +0300"
    for name, value in headers.items():
        made[name] = value
    made.set_content(text)
    return made


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
