"""Hostile files: each is refused with a reason, or becomes an article like any other; the rest goes on."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

import kb.build
from kb.export.render import render
from kb.store.store import Store

BREAD = "# Bread\n\nBread rises because yeast makes gas.\n"


def sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(100_000_000)


def bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", b"0" * 50_000_000)


def many(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(20_001):
            archive.writestr(f"{number}.txt", b"")


def book_of_bombs(path: Path) -> None:
    package = '<package><manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("META-INF/container.xml", '<container><rootfile full-path="b.opf"/></container>')
        archive.writestr("b.opf", package + '<spine><itemref idref="a"/></spine></package>')
        archive.writestr("a.xhtml", b"<html><body>" + b"0" * 50_000_000)


def document(content: str) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("content.xml", content)

    return make


def letter_of_letters(path: Path) -> None:
    head = "Subject: a\nContent-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n"
    path.write_text("".join(head.replace("{n}", str(n)) for n in range(300)) + "\n" + SENTENCE, "utf-8")


def sheet_of_one_far_cell(path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = SENTENCE
    book.active["XFD1048576"] = SENTENCE
    book.save(path)


def written(content: str | bytes) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(content.encode() if isinstance(content, str) else content) and None


SENTENCE = "Bread rises because yeast makes gas. "
LAUGHS = "<!DOCTYPE a [" + '<!ENTITY l0 "ha">'
LAUGHS += "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12)) + "]>"
OUTSIDE = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
BODY = f"<a><body><p>{SENTENCE * 3}&{{}};</p></body></a>"

# A file, how it is made, and what is expected of it: "refused", or "article".
FILES = [
    ("100 MB.txt", sparse, "refused"),
    ("zip bomb.zip", bomb, "refused"),
    ("20,001 members.zip", many, "refused"),
    ("no zip.zip", written(b"PK\x03\x04" + b"\xff" * 100), "refused"),
    ("nothing.txt", written(""), "refused"),
    ("only NUL.txt", written(b"\x00" * 5_000), "refused"),
    ("random.txt", written(bytes(range(256)) * 40), "refused"),
    ("NUL.txt", written("Bread\x00 rises. " + SENTENCE * 3), "refused"),
    ("overrides.txt", written("\u202eBread\u202c " + SENTENCE * 3), "article"),
    ("zalgo.txt", written(SENTENCE * 3 + "a" + "\u0301" * 20_000), "article"),
    ("one long line.txt", written(SENTENCE * 8_000), "article"),
    ("50,000 quotes.md", written(">" * 50_000 + " " + SENTENCE * 3), "article"),
    ("50,000 brackets.md", written("[" * 50_000 + "](" * 1_000 + SENTENCE * 3), "article"),
    ("300 lists.md", written("".join("  " * n + "- a\n" for n in range(300)) + SENTENCE * 3), "article"),
    ("stars.md", written("*a **b " * 10_000 + SENTENCE * 3), "article"),
    ("10,000 tags.html", written("<div>" * 10_000 + SENTENCE * 3), "refused"),
    ("script.html", written(f"<p>{SENTENCE * 3}</p><script>alert(1)</script>"), "article"),
    ("bombs.epub", book_of_bombs, "refused"),
    ("no book.epub", bomb, "refused"),
    ("laughs.fodt", written(LAUGHS + BODY.format("l11")), "refused"),
    ("outside.fodt", written(OUTSIDE + BODY.format("x")), "article"),
    ("deep.odt", document("<a>" * 250 + SENTENCE * 3 + "</a>" * 250), "refused"),
    ("too deep.odt", document("<a>" * 5_000), "refused"),
    ("no slides.pptx", bomb, "refused"),
    ("no sheets.xlsx", bomb, "refused"),
    ("far.xlsx", sheet_of_one_far_cell, "article"),
    ("50,000 groups.rtf", written(b"{\\rtf1 " + b"{" * 50_000), "refused"),
    (
        "pictures.rtf",
        written(b"{\\rtf1 {\\pict " + b"0" * 9_000_000 + b"}" + SENTENCE.encode() * 3),
        "article",
    ),
    ("300 letters.eml", letter_of_letters, "refused"),
    ("50,000 lines.eml", written("Subject: a\n\n" + SENTENCE * 3 + "\n" + "> a\n" * 50_000), "article"),
    ("many.mbox", written(b"From a 10:00 2024\nSubject: a\n\n\n" * 20_000), "refused"),
    ("brackets.rst", written(SENTENCE * 3 + "`" * 5_000 + "*" * 5_000), "article"),
    ("200 quotes.rst", written("".join("  " * n + "a\n\n" for n in range(400))), "refused"),
    ("brackets.adoc", written(SENTENCE * 3 + "[" * 20_000 + "`*_" * 10_000), "article"),
    ("10,000 blocks.adoc", written("====\n" * 10_001 + SENTENCE * 3), "article"),
    ("no.zim", written(b"ZIM\x04" + b"\xff" * 100), "refused"),
    ("deep.jsonl", written("[" * 100_000 + "]" * 100_000), "refused"),
]


@pytest.mark.parametrize(("name", "make", "expected"), FILES, ids=[name for name, *_ in FILES])
def test_a_hostile_file_is_refused_or_an_article_and_the_rest_goes_on(
    tmp_path: Path, name: str, make: Callable[[Path], None], expected: str
) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    make(pages / name)
    (pages / "good.md").write_text(BREAD, "utf-8")
    with Store.create(tmp_path / "kb.sqlite") as store:
        report = kb.build.update(store, [pages], 1)
        assert "good.md" in report.added
        refused = [one for one in report.skipped if one.source.startswith(name)]
        if expected == "refused":
            assert report.added == ("good.md",)
            assert refused
            assert all(one.reason for one in refused)
        else:
            assert not refused
            stored = store.at(1).article_by_source(name)
            assert stored is not None
            page = render(stored.article)
            assert "Bread" in page
            assert "<script" not in page
