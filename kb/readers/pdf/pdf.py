"""PDF: its rows put together to paragraphs, headings by outline and size of type, page numbers kept.

pdfium reads the file; the order of what is read is found by :mod:`kb.readers.pdf.layout`.
"""

from __future__ import annotations

import contextlib
import ctypes
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Any

from kb.cleaning.phrases import phrase_key
from kb.errors import SourceRefused
from kb.models import SourceFile
from kb.readers.common import RawFile, as_language, as_line
from kb.readers.limits import LIMITS
from kb.readers.pdf.heads import Edge, running
from kb.readers.pdf.layout import Row, lines_of, page_rows
from kb.readers.pdf.letters import Piece, page_pieces, text_of
from kb.readers.pdf.paragraphs import composed

if TYPE_CHECKING:
    from kb.readers.common import Composer
from kb.readers.pdf.measures import MEASURES

__all__ = ["read_pdf"]


_FILE_NAME = re.compile(
    r"\.(?:docx?|odt|indd|tex|pptx?|xlsx?|pdf)\b|^(?:untitled|microsoft word)", re.IGNORECASE
)


def read_pdf(raw: RawFile) -> Iterator[SourceFile]:
    """Raises SourceRefused when it is damaged, encrypted, too long, or holds pictures of text only."""
    if not raw.data.strip():
        raise SourceRefused(raw.source, "is empty; write some text or remove the file")
    import pypdfium2  # 0.1 s, for those who have such files

    try:
        document = pypdfium2.PdfDocument(raw.data)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) in _LOCKED:
            raise SourceRefused(raw.source, "is encrypted; save it without a password") from error
        reason = as_line(str(error), 100)
        raise SourceRefused(raw.source, f"cannot be read as PDF ({reason}); print it to a new PDF") from error
    with contextlib.closing(document):
        pages = _pages(raw, document)
        outline, about = _outline(document), document.get_metadata_dict()
        language = as_language(_language(document))
    rows = _rows(pages)
    if not any(any(map(str.isalpha, row.text)) for row in rows):
        raise SourceRefused(raw.source, "holds no text, only pictures; run text recognition (OCR) on it")
    composer = composed(rows, outline, language)
    yield composer.source_file(
        raw,
        "pdf",
        title=_title(about.get("Title"), composer),
        language=language,
        date=_date(about.get("CreationDate")),
        author=as_line(about.get("Author")),
    )


_LOCKED = (4, 5)  # pdfium's codes for a password and for a kind of encryption that it does not know


def _pages(raw: RawFile, document: Any) -> list[list[Piece]]:
    if len(document) > LIMITS.pdf_pages:
        raise SourceRefused(raw.source, f"has {len(document)} pages, more than {LIMITS.pdf_pages}; split it")
    import pypdfium2

    pages: list[list[Piece]] = []
    characters = 0
    damaged = 0
    for number in range(len(document)):
        try:
            page = document[number]
        except pypdfium2.PdfiumError:  # the others may be whole
            damaged += 1
            pages.append([])
            continue
        pages.append(page_pieces(page))
        page.close()
        characters += sum(len(piece.letters) for piece in pages[-1])
        if characters > LIMITS.pdf_characters:
            raise SourceRefused(
                raw.source, f"holds more than {LIMITS.pdf_characters / 1e6:.0f} million characters; split it"
            )
    if damaged:
        raise SourceRefused(
            raw.source, f"cannot be read as PDF ({damaged} pages are damaged); print it to a new PDF"
        )
    return pages


def _rows(pages: Sequence[Sequence[Piece]]) -> list[Row]:
    """All rows in reading order, those at the pages' edges that are no part of the text marked."""
    lines = [lines_of(page) for page in pages]
    edges, places = _edges(lines)
    marks = running(edges, len(pages))
    dropped = {(edge.page, places[i]): marks[i] for i, edge in enumerate(edges) if i in marks}
    rows: list[Row] = []
    for number, page in enumerate(lines, 1):
        kept: list[Piece] = []
        for at, line in enumerate(page):
            if (number, at) in dropped:
                rows += [_dropped(row, dropped[number, at]) for row in page_rows(line, number)]
            else:
                kept += line
        rows += page_rows(kept, number)
    return rows


def _dropped(row: Row, why: tuple[str, float]) -> Row:
    return replace(row, dropped=why)


def _edges(pages: Sequence[Sequence[Sequence[Piece]]]) -> tuple[list[Edge], list[int]]:
    """The lines at the pages' tops and bottoms, and which of its page's lines each is."""
    sizes: Counter[int] = Counter()
    for piece in (piece for page in pages for line in page for piece in line):
        sizes[round(piece.size)] += len(piece.letters)
    usual = sizes.most_common(1)[0][0] if sizes else 0
    steps = [above[0].base - line[0].base for page in pages for above, line in pairwise(page)]
    gap = median(steps) if steps else 0.0
    edges, places = [], []
    for number, page in enumerate(pages, 1):
        last = len(page) - 1
        for at in sorted({*range(min(MEASURES.edge_lines, len(page))), *range(max(0, last - 1), last + 1)}):
            inner = at + 1 if at < MEASURES.edge_lines and at < last else at - 1
            near = abs(page[at][0].base - page[inner][0].base) if 0 <= inner <= last else 1e9
            other_type = round(max(piece.size for piece in page[at])) != usual
            apart = near > MEASURES.edge_gap * gap or other_type or page[at][0].turned
            edges.append(Edge(number, text_of(page[at]), page[at][0].base, apart, at in (0, last)))
            places.append(at)
    return edges, places


def _language(document: Any) -> str:
    import pypdfium2.raw as pdfium

    length = pdfium.FPDFCatalog_GetLanguage(document.raw, None, 0)
    if not 2 < length <= 200:
        return ""
    buffer = (ctypes.c_ushort * (length // 2 + 1))()
    pdfium.FPDFCatalog_GetLanguage(document.raw, buffer, length)
    return bytes(buffer)[: length - 2].decode("utf-16-le", "replace")


def _outline(document: Any) -> dict[str, int]:
    """The levels of the titles in the table of contents that comes with the file."""
    found: dict[str, int] = {}
    for entry in document.get_toc(max_depth=LIMITS.outline_depth):
        if len(found) >= LIMITS.outline:
            break
        found.setdefault(phrase_key(as_line(entry.get_title()) or ""), entry.level + 1)
    found.pop("", None)
    return found


def _title(said: object, composer: Composer) -> str | None:
    """What the file is called, if its text agrees: programs write their own names there."""
    title = as_line(said, 300)
    if not title or _FILE_NAME.search(title):
        return None
    return title if phrase_key(title) in phrase_key(composer.text[:5_000]) else None


def _date(said: object) -> str | None:
    match = re.match(r"D:(\d{4})(\d\d)(\d\d)", str(said or ""))
    return "-".join(match.groups()) if match else None
