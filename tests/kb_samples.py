"""Files of every kind, good and bad, made as small as they can be."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path

import docx
import pypdf

# Exactly what goes from the five articles, by language.
REMOVED = {
    "lv": ["Satura rādītājs:", "Anonim"],
    "nb": ["forretningsrådgivning … Partnerskap Stress Index - og Topp 3 Kommunikasjon Stressors"],
    "pl": ["INNE JĘZYKI"],
    "ru": ["Гиды", "$config[zx-auto] not found", "$config[zx-overlay] not found"],
    "tl": ["Skip to main content"],
}

PL = (
    "Piekarz wstaje codziennie o trzeciej rano, żeby chleb był gotowy na czas. "
    "Zakwas karmi się mąką i wodą, a ciasto odpoczywa w cieple."
)
RU = (
    "Каждое утро пекарь встаёт в три часа, чтобы хлеб был готов вовремя. "
    "Закваску кормят мукой и водой, а тесто отдыхает в тепле. "
)

PAGE = f"""<!DOCTYPE html><html lang="en"><head><title>Chleb na zakwasie | Piekarnia</title>
<meta name="author" content="Jan Kowalski"><link rel="canonical" href="https://example.pl/chleb">
<meta property="article:published_time" content="2023-04-05T10:00:00Z"></head><body>
<nav><ul><li><a href="/">Start</a></li><li><a href="/o">O nas</a></li></ul></nav>
<div class="crumbs"><a href="/">Start</a> &gt; <a href="/x">Chleb</a></div>
<main><article><h1>Chleb na zakwasie</h1><p>{PL}</p>
<h2>Składniki</h2><ol start="3"><li>500 g mąki żytniej</li><li>300 ml wody</li></ol>
<p>Wszystko miesza się w dużej misce i zostawia na noc<br>w ciepłym miejscu, aż urośnie dwukrotnie.</p>
<table><tr><th>Mąka</th><th>Woda</th></tr><tr><td>500</td><td>300</td></tr></table></article></main>
<aside>Polecane: <a href="x">Jak kupić auto</a></aside>
<script>alert("nie")</script><p hidden>ukryte</p><footer>© 2023 Piekarnia</footer></body></html>"""


def pdf(pages: Sequence[Sequence[tuple[int, str]]]) -> bytes:
    """A PDF of these pages, each of lines with the size of their type."""
    objects: list[bytes] = [
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    ]
    parent = 2 * len(pages) + 2
    kids = []
    for lines in pages:
        y, parts = 780, []
        for size, text in lines:
            safe = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)").encode("cp1252")
            parts.append(b"BT /F1 %d Tf 1 0 0 1 72 %d Tm (%s) Tj ET" % (size, y, safe))
            y -= int(size * 1.3)
        stream = b"\n".join(parts)
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
        objects.append(
            b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 595 842] /Contents %d 0 R"
            b" /Resources << /Font << /F1 1 0 R >> >> >>" % (parent, len(objects))
        )
        kids.append(b"%d 0 R" % len(objects))
    objects.append(b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), b" ".join(kids)))
    objects.append(b"<< /Type /Catalog /Pages %d 0 R >>" % parent)
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer << /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF"
    return (
        out
        + b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
        + trailer % (len(objects) + 1, len(objects), len(out))
    )


BREAD_PDF = pdf(
    [
        [
            (9, "The Baker Monthly"),
            (20, "How bread is made"),
            (11, "Every morning the baker gets up at three so that the bread is ready in time, and the"),
            (11, "dough has been resting since the evening be-"),
            (11, "fore in a warm corner of the bakery."),
            (15, "The oven"),
            (11, "The oven is heated with beech wood for two hours. Only then are the loaves pushed in"),
            (11, "with a long wooden peel, and they stay there for an hour."),
            (9, "1"),
        ],
        [
            (9, "The Baker Monthly"),
            (11, "Fresh bread fills the whole house with its smell, but nobody may cut it before it has"),
            (11, "cooled down."),
            (11, "1. Wash the bowl"),
            (11, "2. Dry the bowl"),
            (9, "2"),
        ],
        [
            (9, "The Baker Monthly"),
            (15, "The shop"),
            (11, "The shop opens at six and closes at noon, for by then all of the bread has been sold."),
            (9, "3"),
        ],
    ]
)


def bread_docx() -> bytes:
    document = docx.Document()
    document.core_properties.author = "Anna Nowak"
    document.core_properties.language = "en-US"
    document.add_heading("Chleb na zakwasie", 0)
    document.add_paragraph(PL)
    document.add_heading("Składniki", 1)
    document.add_paragraph("mąka żytnia", style="List Bullet")
    document.add_paragraph("wymieszaj wszystko", style="List Number")
    document.add_paragraph("upiecz bochenek", style="List Number")
    document.add_page_break()  # type: ignore[no-untyped-call]
    document.add_paragraph("Na drugiej stronie jest tabela.")
    table = document.add_table(2, 2)
    for place, words in enumerate(("Mąka", "500", "Woda", "300")):
        table.cell(place // 2, place % 2).text = words
    return _saved(document.save)


def encrypted_pdf() -> bytes:
    writer = pypdf.PdfWriter(clone_from=pypdf.PdfReader(io.BytesIO(BREAD_PDF)))
    writer.encrypt("secret", algorithm="RC4-128")
    return _saved(writer.write)


def blank_pdf() -> bytes:
    writer = pypdf.PdfWriter()
    writer.add_blank_page(200, 200)
    return _saved(writer.write)


def _saved(save: object) -> bytes:
    to = io.BytesIO()
    save(to)  # type: ignore[operator]
    return to.getvalue()


def record(text: str = PL, **others: object) -> str:
    return json.dumps({"text": text, **others}, ensure_ascii=False)


def packed(members: dict[str, str | bytes]) -> bytes:
    to = io.BytesIO()
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return to.getvalue()


GOOD: dict[str, str | bytes] = {
    "a.txt": f"Chleb\n\n{PL}",
    "b.md": f"# Chleb\n\n{PL}",
    "c.html": PAGE,
    "d.jsonl": record(title="Chleb", language="pl", url="https://example.pl/a", date="2024-01-02") + "\n",
    "e.csv": f'title,text,language,url,date\nChleb,"{PL}",pl,https://example.pl/b,2024-02-03\n',
    "f.pdf": BREAD_PDF,
    "g.docx": bread_docx(),
    "h.zip": packed({"pl/i.txt": f"Chleb\n\n{PL}"}),
    "koi8.txt": ("Хлеб\n\n" + RU * 3).encode("koi8-r"),
    "utf16.txt": f"Chleb\n\n{PL}".encode("utf-16"),
}
"""One file of each format, and of two encodings."""

BAD: dict[str, str | bytes] = {
    "blank.pdf": blank_pdf(),
    "bomb.zip": packed({"a.txt": b"0" * 20_000_000}),
    "broken.docx": packed({"word/document.xml": "<w:nothing"}),
    "broken.pdf": b"%PDF-1.7\nnothing of the kind",
    "broken.zip": b"PK\x03\x04 nothing of the kind",
    "deep.html": "<div>" * 100_000 + PL + "</div>" * 100_000,
    "empty.pdf": "",
    "empty.txt": "",
    "encrypted.docx": b"\xd0\xcf\x11\xe0" * 100,
    "encrypted.pdf": encrypted_pdf(),
    "navigation.html": "<html><body><nav><a href='/'>Start</a></nav></body></html>",
    "nul.txt": b"abc\x00def" * 10,
    "surrogates.txt": b"Tekst \xed\xa0\x80 " + PL.encode(),
    "unnamed.csv": "eins,zwei\n1,2\n",
}
"""Files that can be no article, each for a reason of its own."""

BAD_RECORDS = {"deep.jsonl": "[" * 100_000 + "]" * 100_000 + "\n", "half.jsonl": '{"text": "a \\ud800 b"}\n'}
"""Files whose one record is bad, which is named: ``file#1``."""


def write(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def write_sparse(path: Path, size: int) -> None:
    with path.open("wb") as file:
        file.truncate(size)
