"""PDFs made of runs of letters at given places, in any script, and of rows in a printer's own two types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import regex

_IDEOGRAPH = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\u3000-\u303f\uff00-\uffef]")
_ZERO = regex.compile(r"\p{Mn}")


@dataclass(frozen=True)
class Run:
    """Letters from ``x`` on, at the height ``y``, ``size`` points large, ``turn`` degrees off the horizontal.

    ``spread`` is what is put between two letters. Each letter is half its size wide, an ideograph all of it.
    """

    x: float
    y: float
    text: str
    size: float = 10
    turn: int = 0
    spread: float = 0


def advance(text: str, size: float = 10) -> float:
    """The width of a text in points."""
    return sum(_thousandths(char) for char in text) * size / 1_000


def _thousandths(char: str) -> int:
    return 1_000 if _IDEOGRAPH.match(char) else 0 if _ZERO.match(char) else 500


def column(x: float, y: float, lines: Sequence[str], size: float = 10, step: float = 14) -> list[Run]:
    return [Run(x, y - step * i, line, size) for i, line in enumerate(lines)]


def ending_at(right: float, y: float, lines: Sequence[str], size: float = 10) -> list[Run]:
    """Lines set flush right, as they look: the first letter of the text is the leftmost."""
    return [Run(right - advance(line, size), y - 16 * i, line, size) for i, line in enumerate(lines)]


def drawn(pages: Sequence[Sequence[Run]], *, rotate: int = 0, language: str = "") -> bytes:
    """The bytes of a PDF with these runs on its pages, drawn in this order."""
    letters = sorted({char for page in pages for run in page for char in run.text})
    codes = {char: code for code, char in enumerate(letters, 1)}
    mapped = "\n".join(f"<{codes[c]:04x}> <{c.encode('utf-16-be').hex()}>" for c in letters)
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def\n"
        "1 begincodespacerange <0000> <ffff> endcodespacerange\n"
        f"{len(letters)} beginbfchar\n{mapped}\nendbfchar\nendcmap end end"
    ).encode()
    widths = " ".join(f"{codes[char]} [{_thousandths(char)}]" for char in letters)
    objects = [
        b"<< /Type /Font /Subtype /Type0 /BaseFont /Sample /Encoding /Identity-H /DescendantFonts [2 0 R]"
        b" /ToUnicode 4 0 R >>",
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Sample /FontDescriptor 3 0 R /DW 500 /W [%s]"
        b" /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>" % widths.encode(),
        b"<< /Type /FontDescriptor /FontName /Sample /Flags 4 /FontBBox [0 -200 1000 800] /ItalicAngle 0"
        b" /Ascent 800 /Descent -200 /CapHeight 700 /StemV 80 >>",
        _stream(cmap),
    ]
    first = len(objects) + 1
    parent = first + 2 * len(pages)
    for page in pages:
        content = b"\n".join(_drawn(run, codes) for run in page)
        objects.append(_stream(content))
        objects.append(
            b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 595 842] /Rotate %d /Contents %d 0 R"
            b" /Resources << /Font << /F 1 0 R >> >> >>" % (parent, rotate, len(objects))
        )
    kids = b" ".join(b"%d 0 R" % (first + 2 * i + 1) for i in range(len(pages)))
    objects.append(b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(pages), kids))
    said = b" /Lang (%s)" % language.encode() if language else b""
    objects.append(b"<< /Type /Catalog /Pages %d 0 R%s >>" % (parent, said))
    return _file(objects)


def typed(rows: Sequence[tuple[int, str, str]]) -> bytes:
    """The bytes of a PDF of one page: rows of (points below the row before, "Helvetica" or "Courier", text).

    A row's indentation are spaces.
    """
    content, y = [], 780
    for down, font, text in rows:
        y -= down
        shown = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
        content.append(f"BT /{font} 10 Tf 1 0 0 1 60 {y} Tm ({shown}) Tj ET")
    fonts = " ".join(
        f"/{font} << /Type /Font /Subtype /Type1 /BaseFont /{font} /Encoding /WinAnsiEncoding >>"
        for font in ("Helvetica", "Courier")
    )
    return _file(
        [
            _stream("\n".join(content).encode("cp1252")),
            b"<< /Type /Page /Parent 3 0 R /MediaBox [0 0 595 842] /Contents 1 0 R"
            b" /Resources << /Font << %s >> >> >>" % fonts.encode(),
            b"<< /Type /Pages /Count 1 /Kids [2 0 R] >>",
            b"<< /Type /Catalog /Pages 3 0 R >>",
        ]
    )


def _drawn(run: Run, codes: dict[str, int]) -> bytes:
    hexed = "".join(f"{codes[char]:04x}" for char in run.text)
    a, b = {0: (1, 0), 90: (0, 1), 180: (-1, 0), 270: (0, -1)}[run.turn]
    matrix = f"{a} {b} {-b} {a} {run.x} {run.y}"
    return f"BT /F {run.size} Tf {run.spread} Tc {matrix} Tm <{hexed}> Tj ET".encode()


def _stream(content: bytes) -> bytes:
    return b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content)


def _file(objects: Sequence[bytes]) -> bytes:
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return (
        out
        + b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
        + b"trailer << /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF"
        % (len(objects) + 1, len(objects), len(out))
    )
