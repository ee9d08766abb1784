"""Word documents, read whole: what is seen with all changes accepted is text, the rest is recorded."""

from __future__ import annotations

import io
import zipfile

import pytest
from docx_files import docx_of, p, r

from kb.article.normalize import normalize
from kb.errors import SourceRefused
from kb.models import Article, SourceFile
from kb.readers import RawFile, read_docx

FIRST = "Garncarz z naszej ulicy wypala naczynia dwa razy w roku, a piec stygnie potem cały tydzień."
RAISED, LOWERED = '<w:vertAlign w:val="superscript"/>', '<w:vertAlign w:val="subscript"/>'


def read(data: bytes) -> tuple[SourceFile, Article]:
    (file,) = read_docx(RawFile("a.docx", "", data, "0"))
    assert isinstance(file, SourceFile)
    article = normalize(file)
    for span in (*file.dropped, *article.removed):
        assert file.text[span.start : span.end] == span.text
    return file, article


def lines(body: str, **parts: str) -> list[str]:
    """What the article says after its first paragraph."""
    first, *others = read(docx_of(p(FIRST) + body, **parts))[1].text.split("\n\n")
    assert first == FIRST
    return others


def field(instruction: str, result: str) -> str:
    marks = [f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end")]
    return f"{marks[0]}<w:r><w:instrText>{instruction}</w:instrText></w:r>{marks[1]}{result}{marks[2]}"


def drawn(text: str) -> str:
    return (
        '<w:drawing><wp:anchor><wp:docPr id="1" name="x"/><a:graphic><a:graphicData><wps:wsp><wps:txbx>'
        f"<w:txbxContent>{p(text)}</w:txbxContent></wps:txbx></wps:wsp></a:graphicData></a:graphic></wp:anchor></w:drawing>"
    )


def old(text: str) -> str:
    return (
        f"<w:pict><v:shape><v:textbox><w:txbxContent>{p(text)}</w:txbxContent></v:textbox></v:shape></w:pict>"
    )


@pytest.mark.parametrize(
    ("inside", "said"),
    [
        ("<w:ins>{}</w:ins>", "glina"),
        ("<w:moveTo>{}</w:moveTo><w:moveFrom>{}</w:moveFrom>", "glina"),
        ("<w:sdt><w:sdtPr/><w:sdtContent>{}</w:sdtContent></w:sdt>", "glina"),
        ("<w:smartTag><w:customXml>{}</w:customXml></w:smartTag>", "glina"),
        ("<w:hyperlink>{}</w:hyperlink>", "glina"),
        ('<w:fldSimple w:instr="REF a">{}</w:fldSimple>', "glina"),
        ('<w:bdo w:val="rtl">{}</w:bdo>', "glina"),
        ("<w:somethingNew>{}</w:somethingNew>", "glina"),
        (field(" REF _b ", "{}"), "glina"),
        (field(" IF " + field("PAGE", r("7")) + " = 1 ", "{}"), "glina"),
        (f"{{}}{r('²')}", "glina²"),
        (f"{{}}{r('6', RAISED)}", "glina⁶"),
        (f"{{}}{r('−', RAISED)}{r('12', RAISED)}", "glina⁻¹²"),
        (f"{{}}{r('2', LOWERED)}{r('O')}", "glina₂O"),
        ("{}<w:r><w:noBreakHyphen/><w:t>piasek</w:t></w:r>", "glina-piasek"),
        ("{}<w:r><w:softHyphen/><w:t>sty</w:t></w:r>", "glinasty"),
        ("{}<w:r><w:tab/><w:t>piasek</w:t></w:r>", "glina piasek"),
        (
            '{}<w:r><w:sym w:font="Wingdings" w:char="F0FC"/><w:sym w:font="Symbol" w:char="F062"/></w:r>',
            "glina✓β",
        ),
        ("{}" + r("\uf061", '<w:rFonts w:ascii="Symbol"/>'), "glinaα"),
        ('{}<w:r><w:sym w:font="Segoe UI" w:char="2192"/></w:r>', "glina→"),
    ],
)
def test_what_wraps_text_does_not_hide_it(inside: str, said: str) -> None:
    middle = inside.replace("{}", r("glina"))
    assert lines(p(r("Tu jest ") + middle + r(" w piecu."))) == [f"Tu jest {said} w piecu."]


def test_what_was_deleted_is_removed_and_recorded() -> None:
    deleted = '<w:del w:id="1"><w:r><w:delText>sto</w:delText></w:r></w:del>'
    file, article = read(
        docx_of(
            p(FIRST) + p(r("Dzban kosztuje ") + deleted + f"<w:ins>{r('dwieście')}</w:ins>" + r(" koron."))
        )
    )
    assert "Dzban kosztuje dwieście koron." in article.text
    assert [(span.text, span.reason) for span in article.removed] == [
        ("sto", "struck out by its author (<del>)")
    ]
    assert "sto\n" in f"{file.text}\n"


def test_two_paragraphs_whose_border_was_deleted_are_one() -> None:
    first = p("Piec stoi", '<w:rPr><w:del w:id="4"/></w:rPr>')
    assert lines(first + p(" za domem.") + p("Dym idzie w górę.")) == [
        "Piec stoi za domem.",
        "Dym idzie w górę.",
    ]


def test_hidden_text_heads_feet_and_comments_are_recorded_and_no_text() -> None:
    _, article = read(
        docx_of(
            p(FIRST)
            + p(r("Widać to.") + r("Tego nie.", "<w:vanish/>") + r(" I to.", '<w:vanish w:val="0"/>')),
            header1=p("Pismo garncarzy"),
            footer1=p("strona 3"),
            comments=f'<w:comment w:id="0">{p("Sprawdź!")}</w:comment>',
        )
    )
    assert article.text == f"{FIRST}\n\nWidać to. I to."
    assert {span.text: span.reason for span in article.removed} == {
        "Tego nie.": "hidden on the page",
        "Pismo garncarzy": "a page's head",
        "strona 3": "a page's foot",
        "Sprawdź!": "a reviewer's comment",
    }


CHOICE = f'<mc:Choice Requires="wps">{drawn("Uwaga, gorące.")}</mc:Choice>'
FALLBACK = f"<mc:Fallback>{old('Uwaga, gorące.')}</mc:Fallback>"


@pytest.mark.parametrize("ways", [CHOICE + FALLBACK, CHOICE, FALLBACK])
def test_a_text_box_is_there_once_and_breaks_no_sentence(ways: str) -> None:
    body = p(r("Piec ") + f"<w:r><mc:AlternateContent>{ways}</mc:AlternateContent></w:r>" + r("jest czynny."))
    assert lines(body) == ["Piec jest czynny.", "Uwaga, gorące."]


def test_notes_follow_and_their_marks_run_into_no_year() -> None:
    marks = '<w:r><w:rPr>{}</w:rPr><w:{}noteReference w:id="{}"/></w:r>'
    body = p(
        r("W roku 1820")
        + marks.format(RAISED, "foot", 2)
        + r(" i 1911")
        + marks.format("", "end", 2)
        + r(".")
    )
    notes = (
        '<w:footnote w:id="0" w:type="separator"><w:p/></w:footnote>'
        f'<w:footnote w:id="2">{p("<w:r><w:footnoteRef/></w:r>" + r(" Akta, półka 9."))}</w:footnote>'
        f'<w:footnote w:id="3">{p("Niczyj przypis.")}</w:footnote>'
    )
    ends = f'<w:endnote w:id="2">{p("Księga cechu.")}{p("Drugi akapit.")}</w:endnote>'
    assert lines(body, footnotes=notes, endnotes=ends) == [
        "W roku 1820[1] i 1911[2].",
        "[1] Akta, półka 9.",
        "[2] Księga cechu.",
        "Drugi akapit.",
        "[3] Niczyj przypis.",
    ]


def test_formulas_and_readings_are_text() -> None:
    formula = (
        "<m:oMath><m:r><m:t>V</m:t></m:r><m:r><m:t>=</m:t></m:r><m:f><m:num><m:r><m:t>4</m:t></m:r></m:num>"
        "<m:den><m:r><m:t>3</m:t></m:r></m:den></m:f><m:sSup><m:e><m:r><m:t>r</m:t></m:r></m:e><m:sup><m:r><m:t>3</m:t></m:r>"
        "</m:sup></m:sSup></m:oMath>"
    )
    ruby = (
        f"<w:r><w:ruby><w:rubyPr/><w:rt>{r('かま')}</w:rt><w:rubyBase>{r('窯')}</w:rubyBase></w:ruby></w:r>"
    )
    assert lines(p(r("Objętość ") + formula + r(" dzbana.")) + p(ruby + r("は熱い。"))) == [
        "Objętość V = 4/3r³ dzbana.",
        "窯は熱い。",
        "窯（かま）",
    ]


def test_a_tables_cells_are_rows_also_merged_nested_and_in_controls() -> None:
    def cell(text: str, about: str = "") -> str:
        return f"<w:tc><w:tcPr>{about}</w:tcPr>{p(text)}</w:tc>"

    wide = '<w:gridSpan w:val="2"/>'
    price = f"<w:sdt><w:sdtContent>{cell('Cena', wide)}</w:sdtContent></w:sdt>"
    merged = '<w:vMerge w:val="restart"/>'
    rows = (
        f"<w:tr>{cell('Naczynie')}{price}</w:tr>",
        f"<w:tr>{cell('Dzban', merged)}{cell('mały')}<w:tc>{p('12')}{p('koron')}</w:tc></w:tr>",
        f"<w:ins><w:tr>{cell('', '<w:vMerge/>')}{cell('duży')}{cell('30')}</w:tr></w:ins>",
    )
    assert lines(f"<w:tbl>{''.join(rows)}</w:tbl>") == [
        "Naczynie | Cena\nDzban | mały | 12 koron\nDzban | duży | 30"
    ]
    inner = f"<w:tbl><w:tr>{cell('wewnątrz')}{cell('obok')}</w:tr></w:tbl>"
    outer = f"<w:tbl><w:tr><w:tc>{p('Przed.')}{inner}{p('Po.')}</w:tc>{cell('Dalej.')}</w:tr></w:tbl>"
    assert lines(outer) == ["Przed.", "wewnątrz | obok", "Po.", "Dalej."]


def test_headings_are_known_by_name_level_or_what_their_style_is_based_on() -> None:
    styles = "".join(
        f'<w:style w:styleId="{key}"><w:name w:val="{name}"/>{more}</w:style>'
        for key, name, more in (
            ("a", "heading 1", ""),
            ("b", "Nagłówek 2", ""),
            ("c", "Moje", '<w:basedOn w:val="b"/>'),
            ("d", "Inne", '<w:pPr><w:outlineLvl w:val="2"/></w:pPr>'),
            ("e", "w kółko", '<w:basedOn w:val="e"/>'),
        )
    )
    keys = ["a", "b", "c", "d", "e", "brak"]
    body = "".join(p(f"Rozdział {key}", f'<w:pStyle w:val="{key}"/>') + p(FIRST) for key in keys)
    body += p("Poziom czwarty", '<w:outlineLvl w:val="3"/>') + p(
        "Na końcu jest zdanie.", '<w:outlineLvl w:val="9"/>'
    )
    article = read(
        docx_of(
            p("Tytuł", '<w:pStyle w:val="Title"/>') + body,
            styles=styles + '<w:style w:styleId="Title"><w:name w:val="Title"/></w:style>',
        )
    )[1]
    found = [(b.level, article.text[b.start : b.end]) for b in article.blocks if b.kind == "heading"]
    assert article.title == "Tytuł"
    assert found == [
        (2, "Rozdział a"),
        (3, "Rozdział b"),
        (3, "Rozdział c"),
        (4, "Rozdział d"),
        (5, "Poziom czwarty"),
    ]
    assert "Rozdział e\n\n" in article.text
    assert "Rozdział brak\n\n" in article.text


def test_pages_turn_inside_paragraphs_and_tables() -> None:
    turn = "<w:r><w:lastRenderedPageBreak/>{}</w:r>"
    cell = f"<w:tc>{p(turn.format('<w:t>Dzban</w:t>'))}</w:tc><w:tc>{p('12')}</w:tc>"
    body = p(r("Zaczyna się tu ") + turn.format("<w:t>i kończy tam.</w:t>")) + p("Tam jest też to zdanie.")
    article = read(docx_of(p(FIRST) + body + f"<w:tbl><w:tr>{cell}</w:tr></w:tbl>"))[1]
    assert [block.page for block in article.blocks] == [1, 1, 2, 3]
    assert article.text.endswith("Dzban | 12")


def test_what_the_document_says_of_itself_is_noted() -> None:
    core = (
        "<dc:title>Piec</dc:title><dc:creator>Ola Nowak</dc:creator><dc:language>pl-PL</dc:language>"
        '<dcterms:modified xsi:type="dcterms:W3CDTF">2021-06-07T08:09:10Z</dcterms:modified>'
    )
    file, article = read(docx_of(p(FIRST), core=core, main="word/document2.xml"))
    assert (article.title, article.author, article.language) == ("Piec", "Ola Nowak", "pl")
    assert file.date == "2021-06-07T08:09:10+00:00"


def test_a_part_that_declares_entities_or_unpacks_without_end_is_refused() -> None:
    bomb = docx_of(p("&a;"))
    with zipfile.ZipFile(io.BytesIO(bomb)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    main = members["word/document.xml"]
    head, _, rest = main.partition(b"?>")
    for declared in (
        b'<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>',
        b'<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/hostname">]>',
    ):
        with pytest.raises(SourceRefused, match="entities"):
            read(packed({**members, "word/document.xml": head + b"?>" + declared + rest}))
    with pytest.raises(SourceRefused, match="its size"):
        read(packed({**members, "word/document.xml": main.replace(b"&a;", b"a" * 50_000_000)}))


def packed(members: dict[str, bytes]) -> bytes:
    to = io.BytesIO()
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return to.getvalue()


@pytest.mark.parametrize("body", ["<w:p/>", p("<w:moveFrom>" + r("x") + "</w:moveFrom>"), "<w:tbl/>"])
def test_a_document_without_text_is_refused(body: str) -> None:
    with pytest.raises(SourceRefused, match="holds no text"):
        read(docx_of(body))


def test_a_document_nested_without_end_is_refused() -> None:
    with pytest.raises(SourceRefused, match="cannot be read"):
        read(docx_of("<w:sdt><w:sdtContent>" * 2_000 + p(FIRST) + "</w:sdtContent></w:sdt>" * 2_000))
