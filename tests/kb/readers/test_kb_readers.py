"""Every format, good and bad."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from kb_samples import (
    BAD,
    BAD_RECORDS,
    BREAD_PDF,
    GOOD,
    PAGE,
    PL,
    RU,
    bread_docx,
    packed,
    record,
    write,
    write_sparse,
)

from kb.article.normalize import Hints, normalize
from kb.build import update
from kb.errors import SourceRefused
from kb.models import Article, SkippedSource, SourceFile
from kb.readers import FORMATS, RawFile, archive
from kb.readers.limits import Limits
from kb.readers.records.settings import RECORDS
from kb.store.store import Store


def read(name: str, data: str | bytes) -> list[SourceFile | SkippedSource]:
    raw = RawFile(name, "", data.encode() if isinstance(data, str) else data, "0")
    return list(FORMATS[Path(name).suffix].read(raw))


def one(name: str, data: str | bytes) -> tuple[SourceFile, Article]:
    (file,) = read(name, data)
    assert isinstance(file, SourceFile)
    made = normalize(file)
    for span in (*file.dropped, *made.removed):
        assert file.text[span.start : span.end] == span.text
    return file, made


def kinds(article: Article) -> list[tuple[str, int, int | None, str]]:
    return [(b.kind, b.level, b.number, article.text[b.start : b.end]) for b in article.blocks]


# --- web pages


def test_a_page_becomes_its_article() -> None:
    file, made = one("a.html", PAGE)
    assert (made.title, made.language) == ("Chleb na zakwasie", "pl")
    assert (made.date, made.url, made.author) == ("2023-04-05", "https://example.pl/chleb", "Jan Kowalski")
    assert kinds(made) == [
        ("paragraph", 0, None, PL),
        ("heading", 2, None, "Składniki"),
        ("item", 0, 3, "500 g mąki żytniej"),
        ("item", 0, 4, "300 ml wody"),
        (
            "paragraph",
            0,
            None,
            "Wszystko miesza się w dużej misce i zostawia na noc\nw ciepłym miejscu, aż urośnie dwukrotnie.",
        ),
        ("paragraph", 0, None, "Mąka | Woda\n500 | 300"),
    ]
    gone = [span.text for span in made.removed]
    assert gone == [
        "Start",
        "O nas",
        "Start > Chleb",
        "Polecane: Jak kupić auto",
        "ukryte",
        "© 2023 Piekarnia",
    ]
    assert "alert" not in file.text


def test_what_was_outside_the_article_can_be_put_back() -> None:
    (file,) = read("a.html", PAGE)
    assert isinstance(file, SourceFile)
    span = next(span for span in file.dropped if "Polecane" in span.text)
    made = normalize(file, Hints(restored=((span.start, span.end),)))
    assert "Polecane: Jak kupić auto" in made.text
    assert span.text not in [other.text for other in made.removed]


@pytest.mark.parametrize("declared", ['<meta charset="koi8-r">', ""])
def test_an_old_encoding_is_read_declared_or_not(declared: str) -> None:
    page = f"<html><head>{declared}<title>Хлеб</title></head><body><h1>Хлеб</h1><p>{RU * 3}</p></body></html>"
    _, made = one("a.html", page.encode("koi8-r"))
    assert (made.title, made.language) == ("Хлеб", "ru")
    assert made.text == (RU * 3).strip()


@pytest.mark.parametrize("declared", ["no-such-encoding", "utf-16", "ascii"])
def test_an_encoding_that_does_not_fit_is_not_believed(declared: str) -> None:
    page = f'<meta charset="{declared}"><title>Chleb</title><p>{PL}</p>'
    _, made = one("a.html", page)
    assert PL in made.text


def test_a_page_that_is_nested_without_end_is_refused() -> None:
    with pytest.raises(SourceRefused, match="nested too deeply"):
        read("a.html", "<div>" * 5_000 + PL)


def test_a_template_that_says_english_is_not_believed_but_a_close_language_is() -> None:
    danish = "Bageren står op hver morgen klokken tre, så brødet kan være klar til tiden, når butikken åbner."
    page = "<html lang='{}'><body><h1>X</h1><p>{}</p></body></html>"
    assert one("a.html", page.format("en", PL))[1].language == "pl"
    assert one("a.html", page.format("nb", danish * 3))[1].language == "nb"


def test_a_short_page_without_an_article_is_kept_whole() -> None:
    _, made = one("a.html", "<p>Krótko i na temat</p>")
    assert made.text == "Krótko i na temat"


# --- records


def test_each_line_is_an_article_and_a_bad_one_is_named() -> None:
    lines = [
        record(title="Chleb", language="pl", url="https://example.pl/a", date="2024-01-02", author="Ala"),
        "not json",
        "",
        record(title="no text", text=""),
        "[1, 2]",
        record(text=RU * 2),
        '{"text": "half \\ud800"}',
        '{"text": "nul \\u0000"}',
    ]
    first, *rest = read("a.jsonl", "\n".join(lines))
    assert isinstance(first, SourceFile)
    assert (first.source, first.title, first.language) == ("a.jsonl#1", "Chleb", "pl")
    assert (first.url, first.date, first.author) == ("https://example.pl/a", "2024-01-02", "Ala")
    assert [item.source for item in rest] == [f"a.jsonl#{n}" for n in (2, 4, 5, 6, 7, 8)]
    assert [isinstance(item, SourceFile) for item in rest] == [False, False, False, True, False, False]


def test_a_changed_record_alone_has_another_hash() -> None:
    def hashes(*texts: str) -> list[str]:
        made = read("a.jsonl", "\n".join(record(text) for text in texts))
        return [item.content_hash for item in made if isinstance(item, SourceFile)]

    before, after = hashes("eins", "zwei", "drei"), hashes("eins", "vier", "drei")
    assert [a == b for a, b in zip(before, after, strict=True)] == [True, False, True]


def test_of_very_many_bad_lines_the_first_are_named_and_the_others_counted() -> None:
    items = read("a.jsonl", "bad\n" * (RECORDS.bad_named + 5))
    assert len(items) == RECORDS.bad_named + 1
    assert isinstance(items[-1], SkippedSource)
    assert "5 more" in items[-1].reason


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_table_with_a_header_row(mark: str) -> None:
    rows = [["Title", "TEXT", "lang"], ["Chleb", f'"{PL}\nZwei; a, b"', "pl"], ["", "", ""], ["x", "", "pl"]]
    file, bad = read("a.csv", "\ufeff" + "\r\n".join(mark.join(row) for row in rows))
    assert isinstance(file, SourceFile)
    assert (file.source, file.title, file.language) == ("a.csv#1", "Chleb", "pl")
    assert file.text == f"{PL}\nZwei; a, b"
    assert isinstance(bad, SkippedSource)
    assert bad.source == "a.csv#3"


# --- documents


def test_a_pdf_has_headings_paragraphs_lists_and_pages() -> None:
    _, made = one("a.pdf", BREAD_PDF)
    assert (made.title, made.language) == ("How bread is made", "en")
    assert [(b.kind[0], b.number, b.page, made.text[b.start : b.end][:14]) for b in made.blocks] == [
        ("p", None, 1, "Every morning "),
        ("h", None, 1, "The oven"),
        ("p", None, 1, "The oven is he"),
        ("p", None, 2, "Fresh bread fi"),
        ("i", 1, 2, "Wash the bowl"),
        ("i", 2, 2, "Dry the bowl"),
        ("h", None, 3, "The shop"),
        ("p", None, 3, "The shop opens"),
    ]
    assert "since the evening before in a warm corner" in made.text
    assert sorted({span.text for span in made.removed}) == ["1", "2", "3", "The Baker Monthly"]


def test_a_word_document_has_headings_lists_tables_and_pages() -> None:
    _, made = one("a.docx", bread_docx())
    assert (made.title, made.language, made.author) == ("Chleb na zakwasie", "pl", "Anna Nowak")
    assert kinds(made) == [
        ("paragraph", 0, None, PL),
        ("heading", 2, None, "Składniki"),
        ("item", 0, None, "mąka żytnia"),
        ("item", 0, 1, "wymieszaj wszystko"),
        ("item", 0, 2, "upiecz bochenek"),
        ("paragraph", 0, None, "Na drugiej stronie jest tabela."),
        ("paragraph", 0, None, "Mąka | 500\nWoda | 300"),
    ]
    assert [b.page for b in made.blocks] == [1, 1, 1, 1, 1, 2, 2]


def test_words_own_numbering_starts_again_below_each_number() -> None:
    document = docx.Document()
    document.add_paragraph(PL)
    numbering = document.part.numbering_part.element
    formats = "".join(
        f'<w:lvl w:ilvl="{level}"><w:numFmt w:val="{form}"/></w:lvl>'
        for level, form in enumerate(("decimal", "lowerLetter", "bullet"))
    )
    numbering.insert(
        0, parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="90">{formats}</w:abstractNum>')
    )
    numbering.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="91"><w:abstractNumId w:val="90"/></w:num>'))
    for level, list_id, text in (
        (0, 91, "wymieszaj"),
        (1, 91, "mąkę"),
        (1, 91, "wodę"),
        (0, 91, "upiecz"),
        (1, 91, "długo"),
        (2, 91, "bez pary"),
        (0, 0, "nie z listy"),
    ):
        properties = document.add_paragraph(text)._p.get_or_add_pPr().get_or_add_numPr()
        properties.get_or_add_ilvl().val = level
        properties.get_or_add_numId().val = list_id
    to = io.BytesIO()
    document.save(to)
    _, made = one("a.docx", to.getvalue())
    assert [(kind, number, text) for kind, _, number, text in kinds(made)][1:] == [
        ("item", 1, "wymieszaj"),
        ("item", 1, "mąkę"),
        ("item", 2, "wodę"),
        ("item", 2, "upiecz"),
        ("item", 1, "długo"),
        ("item", None, "bez pary"),
        ("paragraph", None, "nie z listy"),
    ]


# --- archives


def test_members_are_articles_and_unsafe_ones_are_refused() -> None:
    to = io.BytesIO()
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("pl/a.txt", f"Chleb\n\n{PL}")
        archive.writestr("pl/b.jsonl", record() + "\nbad\n")
        archive.writestr("pl/picture.png", b"\x89PNG")
        archive.writestr("__MACOSX/pl/a.txt", "x")
        for name in ("../evil.txt", "/absolute.txt", "C:\\evil.txt", "a/../../evil.txt"):
            archive.writestr(name, PL)
        archive.writestr("inner.zip", packed({"a.txt": PL}))
        archive.writestr("old.doc", b"\xd0\xcf")
        link = zipfile.ZipInfo("link.txt")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    items = read("z.zip", to.getvalue())
    good = [item.source for item in items if isinstance(item, SourceFile)]
    assert good == ["z.zip#pl/a.txt", "z.zip#pl/b.jsonl#1"]
    assert sorted(item.source for item in items if isinstance(item, SkippedSource)) == [
        "z.zip#../evil.txt",
        "z.zip#/absolute.txt",
        "z.zip#C:/evil.txt",
        "z.zip#a/../../evil.txt",
        "z.zip#inner.zip",
        "z.zip#link.txt",
        "z.zip#old.doc",
        "z.zip#pl/b.jsonl#2",
    ]


def test_a_size_that_lies_is_not_believed() -> None:
    bomb = bytearray(packed({"a.txt": b"0" * 3_000_000}))
    for mark, place in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):  # the sizes in both headers
        at = bomb.find(mark) + place
        bomb[at : at + 4] = (100).to_bytes(4, "little")
    (item,) = read("z.zip", bytes(bomb))
    assert isinstance(item, SkippedSource)


def test_an_archive_of_too_many_too_large_or_too_well_packed_members_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    small = packed({"a.txt": PL, "b.txt": PL})
    for limits, why in ((Limits(members=1), "2 members"), (Limits(unpacked=100), "more than the limit")):
        with monkeypatch.context() as patch:
            patch.setattr(archive, "LIMITS", limits)
            with pytest.raises(SourceRefused, match=why):
                read("z.zip", small)
    with pytest.raises(SourceRefused, match="times its size"):
        read("z.zip", packed({"a.txt": b"0" * 3_000_000}))
    assert [type(item) for item in read("z.zip", small)] == [SourceFile, SourceFile]


def test_a_member_with_a_password_or_said_twice_is_refused() -> None:
    to = io.BytesIO()
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(to, "w") as made:
        made.writestr("a.txt", PL)
        made.writestr("a.txt", PL)
    first, second = read("z.zip", to.getvalue())
    assert isinstance(first, SourceFile)
    assert isinstance(second, SkippedSource)
    assert "twice" in second.reason
    locked = bytearray(packed({"a.txt": PL}))
    locked[locked.find(b"PK\x01\x02") + 8] |= 1
    (item,) = read("z.zip", bytes(locked))
    assert isinstance(item, SkippedSource)
    assert "password" in item.reason


# --- a folder of them all


@pytest.mark.slow
def test_exactly_the_bad_ones_are_reported(tmp_path: Path) -> None:
    folder = write(tmp_path / "files", {**GOOD, **BAD, **BAD_RECORDS})
    write_sparse(folder / "big.txt", 200_000_000)
    write_sparse(folder / "big.pdf", 200_000_000)
    with Store.create(tmp_path / "kb.sqlite") as store:
        report = update(store, [folder], 1)
        assert report.added == (
            "a.txt",
            "b.md",
            "c.html",
            "d.jsonl#1",
            "e.csv#1",
            "f.pdf",
            "g.docx",
            "h.zip#pl/i.txt",
            "koi8.txt",
            "utf16.txt",
        )
        named = {"big.txt", "big.pdf", *BAD, *(f"{name}#1" for name in BAD_RECORDS)}
        assert sorted(one.source for one in report.skipped) == sorted(named)
        assert all("; " in one.reason and "\n" not in one.reason for one in report.skipped)
        russian = store.at(1).article_by_source("koi8.txt")
        assert russian
        assert (russian.article.title, russian.article.language) == ("Хлеб", "ru")
        again = update(store, [folder], 2)
        assert (again.touched, again.unchanged) == (False, report.added)
        assert again.skipped == report.skipped


@pytest.mark.slow
def test_what_a_reader_dropped_survives_the_store_and_can_be_restored(tmp_path: Path) -> None:
    from kb.build import restore

    folder = write(tmp_path / "files", {"c.html": PAGE, "f.pdf": BREAD_PDF})
    with Store.create(tmp_path / "kb.sqlite") as store:
        update(store, [folder], 1)
        held = store.at(1).article_by_source("c.html")
        assert held
        span = next(span for span in held.article.removed if "Polecane" in span.text)
        restore(store, "c.html", span.start, 2)
        back = store.at(2).article_by_source("c.html")
        assert back
        assert "Polecane: Jak kupić auto" in back.article.text
        paged = store.at(2).article_by_source("f.pdf")
        assert paged
        assert paged.article.blocks[-1].page == 3
