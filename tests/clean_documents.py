"""The pages of :mod:`clean_pages` as documents: DOCX, and what is a zip of XML or a table of records."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from email.message import EmailMessage
from xml.sax.saxutils import escape

import docx
import openpyxl
import pptx
from clean_files import as_github, body_text, html_body
from clean_pages import Block, Inline, Page, Span, bare, groups
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from pptx.util import Cm

__all__ = [
    "as_csv",
    "as_docx",
    "as_eml",
    "as_epub",
    "as_html_eml",
    "as_json",
    "as_jsonl",
    "as_mbox",
    "as_odt",
    "as_pptx",
    "as_rtf",
    "as_tsv",
    "as_xlsx",
    "as_zip",
    "packed",
]


def packed(members: Mapping[str, str | bytes], first: str = "") -> bytes:
    """A zip of these files; ``first`` is stored uncompressed, as some formats want their kind."""
    to = io.BytesIO()
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            how = zipfile.ZIP_STORED if name == first else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name, (2024, 5, 1, 0, 0, 0)), content, how)
    return to.getvalue()


# --- records: one file for all pages of a site ------------------------------------------------------------


def _table(pages: Sequence[Page], delimiter: str) -> bytes:
    to = io.StringIO(newline="")
    made = csv.writer(to, delimiter=delimiter)
    made.writerow(["title", "text", "language"])
    made.writerows([page.title, body_text(page), page.language] for page in pages)
    return to.getvalue().encode()


def as_csv(pages: Sequence[Page]) -> bytes:
    return _table(pages, ",")


def as_tsv(pages: Sequence[Page]) -> bytes:
    return _table(pages, ";")


def _records(pages: Sequence[Page]) -> Iterator[dict[str, str]]:
    for page in pages:
        yield {"title": page.title, "text": body_text(page)}


def as_jsonl(pages: Sequence[Page]) -> bytes:
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in _records(pages)).encode()


def as_json(pages: Sequence[Page]) -> bytes:
    """An array, pretty-printed."""
    return json.dumps(list(_records(pages)), ensure_ascii=False, indent=2).encode()


def as_zip(pages: Sequence[Page]) -> bytes:
    return packed({f"{page.name}.md": as_github(page) for page in pages})


# --- DOCX -------------------------------------------------------------------------------------------------

_STYLES = {"h2": "Heading 1", "h3": "Heading 2", "cap": "Caption", "quote": "Quote", "li": "List Bullet"}
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def as_docx(page: Page) -> bytes:
    """Word's styles, real footnotes, hyperlinks, ruby, soft hyphens."""
    document = docx.Document()
    document.core_properties.title = page.title
    document.add_heading(page.title, 0)
    for kind, blocks in groups(page.body):
        if kind == "row":
            table = document.add_table(len(blocks), len(blocks[0].cells), style="Table Grid")
            for row, one in zip(table.rows, blocks, strict=True):
                for cell, spans in zip(row.cells, one.cells, strict=True):
                    _runs(cell.paragraphs[0], spans)
            continue
        for one in blocks:
            if one.lines:
                run = document.add_paragraph(style="macro" if kind == "code" else None).add_run()
                for i, line in enumerate(one.lines):
                    if i:
                        run.add_break()
                    run.add_text(line)
                continue
            style = "List Number" if kind == "ol" else _STYLES.get(one.kind)
            paragraph = document.add_paragraph(style=style)
            _runs(paragraph, one.spans)
    saved = io.BytesIO()
    document.save(saved)
    return _with_footnotes(saved.getvalue(), page) if page.notes else saved.getvalue()


def _runs(paragraph: docx.text.paragraph.Paragraph, spans: Sequence[Span]) -> None:
    for span in spans:
        if span.kind == "ruby":
            paragraph._p.append(_ruby(span))
            continue
        run = paragraph.add_run(span.text if span.kind not in ("note", "hyphen") else "")
        run.bold = span.kind == "b" or None
        run.italic = span.kind == "em" or None
        if span.kind in ("sup", "note"):
            run.font.superscript = True
        elif span.kind == "sub":
            run.font.subscript = True
        if span.kind == "code":
            run.font.name = "Courier New"
        elif span.kind == "hyphen":
            run._r.append(OxmlElement("w:softHyphen"))
        elif span.kind == "note":
            mark = OxmlElement("w:footnoteReference")
            mark.set(qn("w:id"), span.text)
            run._r.append(mark)
        elif span.kind == "a":
            link = OxmlElement("w:hyperlink")
            link.set(qn("r:id"), paragraph.part.relate_to(span.about, _HYPERLINK, is_external=True))
            run._r.addprevious(link)
            link.append(run._r)


_HYPERLINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"


def _ruby(span: Span) -> object:
    run, ruby = OxmlElement("w:r"), OxmlElement("w:ruby")
    for name, text in (("w:rt", span.about), ("w:rubyBase", span.text)):
        part, inner, words = OxmlElement(name), OxmlElement("w:r"), OxmlElement("w:t")
        words.text = text
        inner.append(words)
        part.append(inner)
        ruby.append(part)
    run.append(ruby)
    return run


def _with_footnotes(data: bytes, page: Page) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    notes = "".join(
        f'<w:footnote w:id="{one.label}"><w:p><w:r><w:footnoteRef/></w:r>'
        f'<w:r><w:t xml:space="preserve"> {escape(bare(one.spans, {}))}</w:t></w:r></w:p></w:footnote>'
        for one in page.notes
    )
    rule = '<w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>'
    members["word/footnotes.xml"] = f"<w:footnotes {_W}>{rule}{notes}</w:footnotes>".encode()
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
    about = {
        "[Content_Types].xml": f'<Override PartName="/word/footnotes.xml" ContentType="{kind}"/></Types>',
        "word/_rels/document.xml.rels": '<Relationship Id="rIdNotes" Type="http://schemas.openxmlformats.org/'
        'officeDocument/2006/relationships/footnotes" Target="footnotes.xml"/></Relationships>',
    }
    for name, added in about.items():
        closing = added[added.rindex("</") :]
        members[name] = members[name].decode().replace(closing, added).encode()
    return packed(members)


# --- EPUB and ODT -----------------------------------------------------------------------------------------

_CONTAINER = (
    '<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile'
    ' full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
)


def as_epub(page: Page) -> bytes:
    """A book of one chapter in a file for each heading, whose names are not in the spine's order."""
    files: list[list[Block]] = [[]]
    for block in page.body:
        if block.kind == "h2" and files[-1]:
            files.append([])
        files[-1].append(block)
    names = [f"part{len(files) - n:02d}.xhtml" for n in range(len(files))]
    members: dict[str, str | bytes] = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": _CONTAINER,
        "OEBPS/contents.xhtml": _sheet(
            page,
            f'<nav epub:type="toc"><ol><li><a href="{names[0]}">{escape(page.title)}</a></li></ol></nav>',
        ),
    }
    for name, blocks in zip(names, files, strict=True):
        body = html_body(page, blocks=blocks).replace("<br>", "<br/>").replace("&shy;", "&#173;")
        if name == names[0]:
            body = f"<h1>{escape(page.title)}</h1>\n{body}"
        if name == names[-1]:
            body += "".join(
                f'<p id="n{one.label}">[{one.label}] {escape(bare(one.spans, {}))}</p>\n'
                for one in page.notes
            )
        members[f"OEBPS/{name}"] = _sheet(page, body)
    kind = 'media-type="application/xhtml+xml"'
    items = "".join(f'<item id="{name[:-6]}" href="{name}" {kind}/>' for name in sorted(names))
    spine = "".join(f'<itemref idref="{name[:-6]}"/>' for name in names)
    members["OEBPS/book.opf"] = (
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id"><metadata'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="id">urn:x-page</dc:identifier>'
        f"<dc:title>{escape(page.title)}</dc:title><dc:language>{page.language}</dc:language></metadata>"
        f'<manifest><item id="nav" href="contents.xhtml" properties="nav" {kind}/>{items}</manifest>'
        f"<spine>{spine}</spine></package>"
    )
    return packed(members, "mimetype")


def _sheet(page: Page, body: str) -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<html xmlns="http://www.w3.org/1999/xhtml"'
        f' xmlns:epub="http://www.idpf.org/2007/ops"><head><title>{escape(page.title)}</title></head>'
        f"<body>{body}</body></html>"
    )


_ODF = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{about}"'
    for name, about in {
        "office": "office:1.0",
        "text": "text:1.0",
        "table": "table:1.0",
        "style": "style:1.0",
        "meta": "meta:1.0",
    }.items()
)
_ODF += ' xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:dc="http://purl.org/dc/elements/1.1/"'
_ODF += ' xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"'


def _odf_marks(page: Page) -> Inline:
    def note(span: Span) -> str:
        text = escape(bare(page.note(span.text).spans, {}))
        return (
            f'<text:note text:note-class="footnote"><text:note-citation>{span.text}</text:note-citation>'
            f"<text:note-body><text:p>{text}</text:p></text:note-body></text:note>"
        )

    def styled(span: Span) -> str:
        return f'<text:span text:style-name="{span.kind}">{escape(span.text)}</text:span>'

    return {
        **dict.fromkeys(_ODF_STYLES, styled),
        "text": lambda span: escape(span.text),
        "a": lambda span: f'<text:a xlink:href="{escape(span.about)}">{escape(span.text)}</text:a>',
        "note": note,
        "hyphen": lambda span: "\u00ad",
        "ruby": lambda span: (
            f"<text:ruby><text:ruby-base>{span.text}</text:ruby-base>"
            f"<text:ruby-text>{span.about}</text:ruby-text></text:ruby>"
        ),
    }


_ODF_STYLES = {
    "em": 'fo:font-style="italic"',
    "b": 'fo:font-weight="bold"',
    "code": "",
    "sup": 'style:text-position="super 58%"',
    "sub": 'style:text-position="sub 58%"',
}
_ODT = "application/vnd.oasis.opendocument.text"


def _odf_blocks(page: Page) -> Iterator[str]:
    marks = _odf_marks(page)
    for kind, blocks in groups(page.body):
        words = [[f"<text:p>{bare(cell, marks)}</text:p>" for cell in one.cells] for one in blocks]
        if kind == "row":
            cells = [[f"<table:table-cell>{cell}</table:table-cell>" for cell in one] for one in words]
            rows = "".join(f"<table:table-row>{''.join(one)}</table:table-row>" for one in cells)
            yield f"<table:table>{rows}</table:table>"
        elif kind in ("li", "ol"):
            items = "".join(f"<text:list-item>{one[0]}</text:list-item>" for one in words)
            yield f"<text:list>{items}</text:list>"
        elif kind in ("h2", "h3"):
            level = int(kind[1]) - 1
            yield f'<text:h text:outline-level="{level}">{bare(blocks[0].spans, marks)}</text:h>'
        elif blocks[0].lines:
            lines = (re.sub("^ +", _spaces, escape(line)) for line in blocks[0].lines)
            style = "Preformatted_20_Text" if kind == "code" else "Standard"
            yield f'<text:p text:style-name="{style}">{"<text:line-break/>".join(lines)}</text:p>'
        else:
            yield from (one[0] for one in words)


def as_odt(page: Page) -> bytes:
    """Real headings, lists, tables, footnotes, line breaks and runs of spaces."""
    title = escape(page.title)
    body = f'<text:p text:style-name="Title">{title}</text:p>{"".join(_odf_blocks(page))}'
    styles = "".join(
        f'<style:style style:name="{name}" style:family="text"><style:text-properties {how}/></style:style>'
        for name, how in _ODF_STYLES.items()
    )
    listed = "".join(
        f'<m:file-entry m:full-path="{name}" m:media-type="{how}"/>'
        for name, how in {"/": _ODT, "content.xml": "text/xml", "meta.xml": "text/xml"}.items()
    )
    spoken = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
    return packed(
        {
            "mimetype": _ODT,
            "content.xml": f'<?xml version="1.0" encoding="UTF-8"?>\n<office:document-content {_ODF}'
            f' office:version="1.2"><office:automatic-styles>{styles}</office:automatic-styles><office:body>'
            f"<office:text>{body}</office:text></office:body></office:document-content>",
            "meta.xml": f"<office:document-meta {_ODF}><office:meta><dc:title>{title}</dc:title>"
            "</office:meta></office:document-meta>",
            "META-INF/manifest.xml": f'<m:manifest xmlns:m="{spoken}">{listed}</m:manifest>',
        },
        "mimetype",
    )


def _spaces(match: re.Match[str]) -> str:
    return f'<text:s text:c="{len(match[0])}"/>'


# --- slides and sheets ------------------------------------------------------------------------------------


def as_pptx(page: Page) -> bytes:
    """A slide for each heading, a box for each block below the one before, footnotes as notes."""
    deck = pptx.Presentation()
    deck.core_properties.title = page.title
    slide = deck.slides.add_slide(deck.slide_layouts[5])  # a title only
    slide.shapes.title.text = page.title
    top = 4.0
    for kind, blocks in groups(page.body):
        if kind in ("h2", "h3"):
            slide = deck.slides.add_slide(deck.slide_layouts[5])
            slide.shapes.title.text = bare(blocks[0].spans, {})
            top = 4.0
        elif kind == "row":
            size = (len(blocks), len(blocks[0].cells))
            table = slide.shapes.add_table(*size, Cm(1), Cm(top), Cm(20), Cm(len(blocks))).table
            for row, one in zip(table.rows, blocks, strict=True):
                for cell, spans in zip(row.cells, one.cells, strict=True):
                    _slide_runs(cell.text_frame.paragraphs[0], spans)
            top += len(blocks) + 0.5
        else:
            frame = slide.shapes.add_textbox(Cm(1), Cm(top), Cm(22), Cm(1)).text_frame
            for n, one in enumerate(blocks):
                paragraph = frame.add_paragraph() if n else frame.paragraphs[0]
                if one.lines:
                    paragraph.text = "\v".join(one.lines)
                else:
                    _slide_runs(paragraph, one.spans)
            top += 1.5
    if page.notes:
        notes = (f"[{one.label}] {bare(one.spans, {})}" for one in page.notes)
        slide.notes_slide.notes_text_frame.text = "\n".join(notes)
    saved = io.BytesIO()
    deck.save(saved)
    return saved.getvalue()


def _slide_runs(paragraph: pptx.text.text._Paragraph, spans: Sequence[Span]) -> None:
    for span in spans:
        run = paragraph.add_run()
        run.text = {"note": f"[{span.text}]", "ruby": f"{span.text}（{span.about}）"}.get(
            span.kind, span.text
        )
        run.font.bold = span.kind == "b" or None
        run.font.italic = span.kind == "em" or None
        if span.kind in ("sup", "sub"):
            run.font._element.set("baseline", "30000" if span.kind == "sup" else "-25000")
        elif span.kind == "a":
            run.hyperlink.address = span.about


def as_xlsx(page: Page) -> bytes:
    """The page's table."""
    book = openpyxl.Workbook()
    book.properties.title = page.title
    sheet = book.active
    sheet.title = re.sub(r"[:/?*\[\]\\]", "", page.title)[:30]
    for one in page.blocks:
        if one.kind == "row":
            sheet.append([bare(cell, {}) for cell in one.cells])
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


# --- RTF and letters --------------------------------------------------------------------------------------


def _rtf(text: str) -> str:
    made = []
    for char in text:
        if char in "\\{}":
            made.append(f"\\{char}")
        elif char == "\u00ad":
            made.append("\\-")
        elif char.isascii():
            made.append(char)
        else:
            units = char.encode("utf-16-le")
            codes = [int.from_bytes(units[i : i + 2], "little", signed=True) for i in range(0, len(units), 2)]
            made += [f"\\u{code}?" for code in codes]
    return "".join(made)


def as_rtf(page: Page) -> bytes:
    """Styles for headings, tables, footnotes, letters outside ASCII as numbers."""

    def note(span: Span) -> str:
        text = _rtf(bare(page.note(span.text).spans, {}))
        return f"{{\\super\\chftn{{\\footnote\\pard\\plain {{\\super\\chftn}} {text}}}}}"

    marks: Inline = {
        "text": lambda span: _rtf(span.text),
        "em": lambda span: f"{{\\i {_rtf(span.text)}}}",
        "b": lambda span: f"{{\\b {_rtf(span.text)}}}",
        "code": lambda span: f"{{\\f1 {_rtf(span.text)}}}",
        "sup": lambda span: f"{{\\super {_rtf(span.text)}}}",
        "sub": lambda span: f"{{\\sub {_rtf(span.text)}}}",
        "a": lambda span: (
            f'{{\\field{{\\*\\fldinst HYPERLINK "{span.about}"}}{{\\fldrslt {_rtf(span.text)}}}}}'
        ),
        "ruby": lambda span: _rtf(f"{span.text}（{span.about}）"),
        "note": note,
        "hyphen": lambda span: "\\-",
    }
    parts = [
        "{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0 Times;}{\\f1 Courier;}}",
        "{\\stylesheet{\\s0 Normal;}{\\s1 heading 1;}{\\s2 heading 2;}{\\s9 Title;}}",
        f"{{\\info{{\\title {_rtf(page.title)}}}}}\\pard\\s9\\fs40 {_rtf(page.title)}\\par",
    ]
    for kind, blocks in groups(page.body):
        for n, one in enumerate(blocks, 1):
            words = [bare(cell, marks) for cell in one.cells]
            if kind == "row":
                edges = "".join(f"\\cellx{2000 * i}" for i in range(1, len(words) + 1))
                cells = "".join(f"{word}\\cell" + (" " if word else "") for word in words)
                parts.append(f"\\trowd{edges}\\pard\\intbl {cells}\\row")
            elif one.lines:
                parts.append("\\pard\\f1 " + "\\line ".join(_rtf(line) for line in one.lines) + "\\par\\f0")
            elif kind in ("h2", "h3"):
                level = int(kind[1]) - 1
                parts.append(f"\\pard\\s{level}\\outlinelevel{level - 1}\\b {words[0]}\\b0\\par")
            elif kind in ("li", "ol"):
                mark = "\\bullet" if kind == "li" else f"{n}."
                parts.append(f"\\pard\\fi-360\\li720 {mark}\\tab {words[0]}\\par")
            else:
                parts.append(f"\\pard\\s0 {words[0]}\\par")
    return ("\n".join(parts) + "}").encode("ascii")


def _letter(page: Page) -> EmailMessage:
    letter = EmailMessage()
    letter["Subject"] = page.title
    letter["From"] = "Ida Reed <ida@reed.example>"
    letter["To"] = "all@reed.example"
    letter["Date"] = "Wed, 01 May 2024 10:00:00 +0200"
    letter["Message-ID"] = f"<{page.site}.{page.name}@reed.example>"
    return letter


def as_eml(page: Page) -> bytes:
    """A plain letter."""
    letter = _letter(page)
    letter.set_content(body_text(page), cte="quoted-printable")
    return letter.as_bytes()


def as_html_eml(page: Page) -> bytes:
    """Plain text and HTML of the same."""
    letter = _letter(page)
    letter.set_content(body_text(page), cte="base64")
    letter.add_alternative(f"<html><body>{html_body(page)}</body></html>", subtype="html", cte="base64")
    return letter.as_bytes()


def as_mbox(pages: Sequence[Page]) -> bytes:
    return b"\n".join(b"From ida@reed.example Wed May  1 10:00:00 2024\n" + as_eml(page) for page in pages)
