"""The pages of :mod:`clean_pages` as PDF, drawn line by line."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from clean_files import wrapped
from clean_pages import Inline, Page, bare, groups, raised

__all__ = ["as_pdf"]


def _advance(char: str) -> int:
    """Thousandths of the type's size."""
    if unicodedata.combining(char):
        return 0
    return 1000 if unicodedata.east_asian_width(char) in "WF" else 250 if char in " .,:;il|'" else 520


def as_pdf(page: Page) -> bytes:
    """Set line by line in one column, one font for all scripts that need no shaping, words hyphenated."""
    rows: list[tuple[int, float, str, int]] = [(20, 0, row, 26) for row in wrapped(page.title, 44)]
    plain: Inline = {
        "sup": lambda span: raised(span),
        "sub": lambda span: raised(span),
        "note": lambda span: f"[{span.text}]",
        "ruby": lambda span: f"{span.text}（{span.about}）",
        "hyphen": lambda span: "\u00ad",
    }
    for kind, blocks in groups(page.body):
        if kind == "row":
            widths = [
                max(_wide(bare(one.cells[i], plain)) for one in blocks) for i in range(len(blocks[0].cells))
            ]
            for n, one in enumerate(blocks):
                x = 0.0
                for i, cell in enumerate(one.cells):
                    rows.append((11, x, bare(cell, plain), 0 if i else 24 if not n else 15))
                    x += widths[i] * 11 / 1000 + 30
            continue
        for n, one in enumerate(blocks, 1):
            if one.lines:
                indents = [len(line) - len(line.lstrip()) for line in one.lines]
                leading = [15 if i and one.lines[i - 1] else 30 for i in range(len(one.lines))]
                lines = zip(one.lines, indents, leading, strict=True)
                rows += [(11, 20 + 6 * by, line.strip(), down) for line, by, down in lines if line]
                continue
            size = {"h2": 15, "h3": 13}.get(one.kind, 11)
            mark = {"li": "• ", "ol": f"{n}. "}.get(one.kind, "")
            made = wrapped(mark + bare(one.spans, plain))
            above = 34 if size > 11 else 17 if n > 1 else 26
            rows += [(size, 0, row, 15 if i else above) for i, row in enumerate(made)]
    for i, note in enumerate(page.notes):
        rows.append((9, 0, f"[{note.label}] {bare(note.spans, plain)}", 13 if i else 40))
    return _pdf(rows, page.title)


def _wide(text: str) -> int:
    return sum(map(_advance, text))


def _pdf(rows: Sequence[tuple[int, float, str, int]], title: str) -> bytes:
    """Rows of (size, x, text, how far below the row before), on as many sheets as they need."""
    chars = sorted({char for _, _, text, _ in rows for char in text})
    code = {char: n for n, char in enumerate(chars, 1)}
    sheets: list[list[str]] = [[]]
    y = 790
    for size, x, text, down in rows:
        y -= down
        if y < 60:
            sheets.append([])
            y = 770
        shown = "".join(f"{code[char]:04x}" for char in text)
        sheets[-1].append(f"BT /F1 {size} Tf 1 0 0 1 {60 + x:.1f} {y} Tm <{shown}> Tj ET")
    mapped = "\n".join(f"<{n:04x}> <{char.encode('utf-16-be').hex()}>" for char, n in code.items())
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Own def /CMapType 2 def\n"
        "1 begincodespacerange <0000> <ffff> endcodespacerange\n"
        + "".join(
            f"{part.count(chr(10)) + 1} beginbfchar\n{part}\nendbfchar\n"
            for part in _parts(mapped.split("\n"), 100)
        )
        + "endcmap CMapName currentdict /CMap defineresource pop end end"
    )
    widths = " ".join(f"{n} [{_advance(char)}]" for char, n in code.items())
    objects = [
        "<< /Type /Font /Subtype /Type0 /BaseFont /Own /Encoding /Identity-H /DescendantFonts [2 0 R]"
        " /ToUnicode 4 0 R >>",
        "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Own /CIDSystemInfo << /Registry (Adobe)"
        f" /Ordering (Identity) /Supplement 0 >> /FontDescriptor 3 0 R /DW 520 /W [{widths}] >>",
        "<< /Type /FontDescriptor /FontName /Own /Flags 4 /FontBBox [0 -200 1000 800] /ItalicAngle 0"
        " /Ascent 800 /Descent -200 /CapHeight 700 /StemV 80 >>",
        f"<< /Length {len(cmap)} >>\nstream\n{cmap}\nendstream",
    ]
    first = len(objects) + 1
    parent = first + 2 * len(sheets)
    for sheet in sheets:
        stream = "\n".join(sheet)
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
        objects.append(
            f"<< /Type /Page /Parent {parent} 0 R /MediaBox [0 0 595 842] /Contents {len(objects)} 0 R"
            " /Resources << /Font << /F1 1 0 R >> >> >>"
        )
    kids = " ".join(f"{first + 2 * i + 1} 0 R" for i in range(len(sheets)))
    objects.append(f"<< /Type /Pages /Count {len(sheets)} /Kids [{kids}] >>")
    objects.append(f"<< /Type /Catalog /Pages {parent} 0 R >>")
    objects.append(f"<< /Title <feff{title.encode('utf-16-be').hex()}> >>")
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("ascii")
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    count = len(objects)
    about = f"/Size {count + 1} /Root {count - 1} 0 R /Info {count} 0 R"
    end = f"trailer << {about} >>\nstartxref\n{len(out)}\n%%EOF"
    return out + f"xref\n0 {count + 1}\n0000000000 65535 f \n{table}{end}".encode("ascii")


def _parts(rows: Sequence[str], size: int) -> Iterator[str]:
    for at in range(0, len(rows), size):
        yield "\n".join(rows[at : at + size])
