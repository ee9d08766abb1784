"""PDF: lines put together to paragraphs, headings by outline and size of type, page numbers kept."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import regex

from kb.errors import SourceRefused
from kb.line_shapes import is_heading_like, is_terminated, width
from kb.models import SourceFile
from kb.phrases import phrase_key
from kb.readers.common import Composer, RawFile, as_language, as_line, believed

if TYPE_CHECKING:
    from pypdf import PageObject, PdfReader

__all__ = ["CHARACTERS_LIMIT", "PAGES_LIMIT", "read_pdf"]

PAGES_LIMIT = 3_000
CHARACTERS_LIMIT = 10_000_000

_EDGE_ROWS = 2  # rows at a page's top and bottom that may be running heads
_LARGER = 1.15  # times the size of the running text: a heading
_OUTLINE_LIMIT = 2_000

_PAGE_NUMBER = regex.compile(
    r"[\p{Pd}\s]*(?:\p{L}{1,10}\.?\s*)?(?:\d{1,4}|[ivxlc]{1,7})(?:\s*(?:/|\p{L}{1,5})\s*\d{1,4})?[\p{Pd}\s]*"
)
_MARKER = regex.compile(r"(?:(?P<number>\d{1,3})[.)]|[•·▪◦‣●■*–-])\s+(?=\S)")
_HYPHEN = regex.compile(r"(?<=\p{Ll})[-\u00ad\u2010]\Z")
_FILE_NAME = re.compile(
    r"\.(?:docx?|odt|indd|tex|pptx?|xlsx?|pdf)\b|^(?:untitled|microsoft word)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class _Row:
    """A printed line: its page from 1, size of type, and height on the page (None: not known)."""

    text: str
    page: int
    size: float
    y: float | None
    dropped: tuple[str, float] | None = None


def read_pdf(raw: RawFile) -> Iterator[SourceFile]:
    """Raises SourceRefused when it is damaged, encrypted, too long, or holds pictures of text only."""
    if not raw.data.strip():
        raise SourceRefused(raw.source, "is empty; write some text or remove the file")
    import pypdf  # 0.15 s, for those who have such files

    try:
        reader = pypdf.PdfReader(io.BytesIO(raw.data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise SourceRefused(raw.source, "is encrypted; save it without a password")
        rows = _without_running_heads(_rows(raw, reader))
        outline, about = _outline(reader), dict(reader.metadata or {})
        language = as_language(reader.root_object.get("/Lang"))
    except SourceRefused:
        raise
    except pypdf.errors.DependencyError as error:
        raise SourceRefused(raw.source, "is encrypted; save it without a password") from error
    except Exception as error:  # the parser raises whatever a damaged object leads it to
        reason = as_line(str(error), 100) or type(error).__name__
        raise SourceRefused(raw.source, f"cannot be read as PDF ({reason}); print it to a new PDF") from error
    if not any(any(map(str.isalpha, row.text)) for row in rows):
        raise SourceRefused(raw.source, "holds no text, only pictures; run text recognition (OCR) on it")
    composer = _composed(rows, outline)
    yield SourceFile(
        raw.source,
        composer.text,
        "pdf",
        raw.content_hash,
        raw.root,
        format="blocks",
        title=_title(about.get("/Title"), composer),
        language=believed(language, composer.kept),
        date=_date(about.get("/CreationDate")),
        author=as_line(about.get("/Author")),
        blocks=tuple(composer.blocks),
        dropped=tuple(composer.dropped),
    )


def _rows(raw: RawFile, reader: PdfReader) -> list[_Row]:
    if len(reader.pages) > PAGES_LIMIT:
        raise SourceRefused(raw.source, f"has {len(reader.pages)} pages, more than {PAGES_LIMIT}; split it")
    rows: list[_Row] = []
    characters = 0
    for number, page in enumerate(reader.pages, 1):
        for row in _page_rows(page, number):
            characters += len(row.text)
            if characters > CHARACTERS_LIMIT:
                raise SourceRefused(
                    raw.source, f"holds more than {CHARACTERS_LIMIT / 1e6:.0f} million characters; split it"
                )
            rows.append(row)
    return rows


def _page_rows(page: PageObject, number: int) -> Iterator[_Row]:
    """A page's printed lines, each with its largest type and its height."""
    pieces: list[tuple[str, float, float | None]] = []

    def visit(text: str, matrix: list[float], place: list[float], font: Any, size: float) -> None:
        scale = abs(place[3] * matrix[3]) or abs(place[0] * matrix[0]) or 1.0
        pieces.append(
            (text, abs(float(size or 0)) * scale, place[5] * matrix[3] + matrix[5] if place[5] else None)
        )

    whole = page.extract_text(visitor_text=visit)
    sizes: list[tuple[str, float, float | None]] = []
    text, size, y = "", 0.0, None
    for piece, its_size, its_y in pieces:
        first, *others = piece.split("\n")
        text += first
        if first.strip():
            size, y = max(size, its_size), its_y if y is None else y
        for other in others:
            sizes.append((text, size, y))
            text, size, y = other, its_size if other.strip() else 0.0, its_y if other.strip() else None
    sizes.append((text, size, y))
    if "".join("".join(row for row, _, _ in sizes).split()) != "".join(whole.split()):
        sizes = [
            (row, 0.0, None) for row in whole.split("\n")
        ]  # the visitor saw something else: its text only
    for row, size, y in sizes:
        tidy = " ".join(row.replace("\x00", "").split())
        if tidy:
            yield _Row(tidy, number, round(size * 2) / 2, y)


def _without_running_heads(rows: Sequence[_Row]) -> list[_Row]:
    """Marks page numbers, and lines that come again at the edge of most pages."""
    by_page: dict[int, list[int]] = {}
    for i, row in enumerate(rows):
        by_page.setdefault(row.page, []).append(i)
    edges = [
        (i, _head_key(rows[i].text))
        for page in by_page.values()
        for i in {*page[:_EDGE_ROWS], *page[-_EDGE_ROWS:]}
        if len(page) > 1
    ]
    seen = Counter(key for _, key in edges)
    enough = max(3, 0.3 * len(by_page))
    marked = list(rows)
    for i, key in edges:
        if len(by_page) > 1 and _PAGE_NUMBER.fullmatch(rows[i].text):
            marked[i] = replace(rows[i], dropped=("page number", 0.9))
        elif seen[key] >= enough:
            marked[i] = replace(rows[i], dropped=("running head, on most pages", 0.9))
    return marked


def _head_key(text: str) -> str:
    return re.sub(r"\d+", "#", phrase_key(text))


def _composed(rows: Sequence[_Row], outline: dict[str, int]) -> Composer:
    composer = Composer()
    for row in rows:
        if row.dropped and row.page == 1:
            composer.add(row.text, page=row.page, dropped=row.dropped)
    printed = [row for row in rows if not row.dropped]
    usual = _usual_size(printed)
    widest = max((width(row.text) for row in printed), default=0)
    gap = _usual_gap(printed)
    sizes = sorted({row.size for row in printed if row.size >= _LARGER * usual > 0}, reverse=True)
    i = 0
    while i < len(printed):
        level = _level(printed[i], outline, sizes)
        end = i + 1
        while end < len(printed) and (
            _same_heading(printed[end - 1], printed[end], gap)
            if level
            else not _level(printed[end], outline, sizes)
            and not _begins(printed[end - 1], printed[end], widest, gap)
        ):
            end += 1
        _add(composer, printed[i:end], level)
        i = end
    for row in rows:
        if row.dropped and row.page != 1:
            composer.add(row.text, page=row.page, dropped=row.dropped)
    return composer


def _add(composer: Composer, rows: Sequence[_Row], level: int) -> None:
    text = rows[0].text
    for row in rows[1:]:
        broken = _HYPHEN.search(text) and row.text[0].islower()
        text = text[:-1] + row.text if broken else f"{text} {row.text}"
    page, marker = rows[0].page, _MARKER.match(text)
    if level:
        composer.add(text, "heading", level=level, page=page)
    elif marker and (marker["number"] is None or len(text) > marker.end()):
        number = int(marker["number"]) if marker["number"] else None
        composer.add(text[marker.end() :], "item", number=number, page=page)
    else:
        composer.add(text, page=page)


def _level(row: _Row, outline: dict[str, int], sizes: Sequence[float]) -> int:
    """2–6 for a heading, else 0."""
    if len(row.text) > 200 or not any(map(str.isalpha, row.text)):
        return 0
    listed = outline.get(phrase_key(row.text))
    if listed:
        return min(6, 1 + listed)
    if row.size in sizes[:5] and is_heading_like(row.text):
        return 2 + sizes.index(row.size)
    return 0


def _same_heading(above: _Row, row: _Row, gap: float) -> bool:
    close = above.y is None or row.y is None or 0 <= above.y - row.y < 2.5 * max(gap, above.size)
    return (
        row.size == above.size
        and row.size > 0
        and row.page == above.page
        and close
        and not is_terminated(above.text)
    )


def _begins(above: _Row, row: _Row, widest: int, gap: float) -> bool:
    """Does a new paragraph begin at ``row``?"""
    marker = _MARKER.match(row.text)
    if marker and (is_terminated(above.text) or width(above.text) < 0.7 * widest or marker["number"] is None):
        return True
    if above.page != row.page:
        return is_terminated(above.text)
    if above.y is not None and row.y is not None and gap and above.y - row.y > 1.45 * gap:
        return True
    return width(above.text) < 0.75 * widest and is_terminated(above.text)


def _usual_size(rows: Sequence[_Row]) -> float:
    letters: Counter[float] = Counter()
    for row in rows:
        letters[row.size] += len(row.text)
    return letters.most_common(1)[0][0] if letters else 0.0


def _usual_gap(rows: Sequence[_Row]) -> float:
    """Points from line to line; 0 when not known."""
    gaps: Counter[float] = Counter()
    for above, row in pairwise(rows):
        if above.y is not None and row.y is not None and above.page == row.page and above.y > row.y:
            gaps[round(above.y - row.y, 0)] += 1
    return gaps.most_common(1)[0][0] if gaps else 0.0


def _outline(reader: PdfReader) -> dict[str, int]:
    """The levels of the titles in the table of contents that comes with the file."""
    found: dict[str, int] = {}

    def walk(entries: list[Any], level: int) -> None:
        for entry in entries:
            if len(found) >= _OUTLINE_LIMIT or level > 8:
                return
            if isinstance(entry, list):
                walk(entry, level + 1)
            else:
                found.setdefault(phrase_key(as_line(entry.title) or ""), level)

    try:
        walk(list(reader.outline), 1)
    except Exception:  # a broken table of contents leaves the text as it is
        return {}
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
