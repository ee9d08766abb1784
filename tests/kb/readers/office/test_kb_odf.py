"""OpenDocument: texts, slides and sheets."""

from __future__ import annotations

from format_files import META, ODT, SPACES, STYLES, kinds, odf, one, reasons, refused, texts


def test_an_opendocument_text_is_read_whole_without_what_was_deleted() -> None:
    made = one("a.odt", odf(ODT))
    assert (made.title, made.language, made.author) == ("تاريخ الطاحونة", "ar", "ليلى حداد")
    assert made.date == "2024-05-06T07:08:09"
    assert kinds(made) == [
        ("heading", 2, None, "المقدمة"),
        ("paragraph", 0, None, "تقع الطاحونة قرب النهر\nمنذ سنة 1876 حتى اليوم."),
        ("paragraph", 0, None, "ملاحظة عن النهر."),
        ("item", 0, 1, "أول"),
        ("item", 0, None, "داخل"),
        ("item", 0, 2, "ثان"),
        ("paragraph", 0, None, "بين القائمتين كلام."),
        ("item", 0, 3, "ثالث"),
        ("paragraph", 0, None, "السنة | المال\n1876 | 120"),
        ("paragraph", 0, None, "قبل وبعد الإطار."),
        ("paragraph", 0, None, "نص في إطار."),
        ("code", 0, None, "def f():\n    return 1"),
    ]


def test_a_flat_file_and_slides_are_read_in_the_same_way() -> None:
    flat = f"<office:document {SPACES}>{META}<office:automatic-styles>{STYLES}</office:automatic-styles>"
    flat += f"<office:body><office:text>{ODT}</office:text></office:body></office:document>"
    assert kinds(one("a.fodt", flat)) == kinds(one("a.odt", odf(ODT)))
    slide = """<draw:page><draw:frame presentation:class="title"><draw:text-box>
<text:p>Dzirnavas</text:p></draw:text-box>
</draw:frame><draw:frame><draw:text-box><text:p>Pie upes.</text:p></draw:text-box></draw:frame></draw:page>"""
    made = one("a.odp", odf(slide, "presentation"))
    assert kinds(made) == [("heading", 2, None, "Dzirnavas"), ("paragraph", 0, None, "Pie upes.")]


def test_what_a_program_listed_as_contents_is_dropped_and_said() -> None:
    index = "<text:index-body><text:p>المقدمة 1</text:p></text:index-body>"
    index = f"<text:table-of-content>{index}</text:table-of-content>"
    made = one("a.odt", odf(index + ODT))
    assert ("المقدمة 1", "a table of contents or an index") in reasons(made)


def test_a_formula_is_a_part_of_its_line_and_raised_figures_run_into_none() -> None:
    math = """<math xmlns="http://www.w3.org/1998/Math/MathML"><semantics><mrow><mi>a</mi><mo>=</mo><msup><mi>b</mi>
<mn>2</mn></msup></mrow><annotation>a = b^2</annotation></semantics></math>"""
    raised = (
        '<style:style style:name="T1"><style:text-properties style:text-position="super 58%"/></style:style>'
    )
    body = """<text:p>Ir <draw:frame><draw:object xlink:href="./Object 1" xmlns:xlink="http://www.w3.org/1999/xlink"/>
</draw:frame>, un 10<text:span text:style-name="T1">6</text:span> graudu.</text:p>"""
    styles = f"<office:document-styles {SPACES}>{raised}</office:document-styles>"
    made = one("a.odt", odf(body, **{"Object 1/content.xml": math, "styles.xml": styles}))
    assert texts(made) == ["Ir a = b², un 10⁶ graudu."]


def test_an_encrypted_document_is_refused() -> None:
    manifest = f"<manifest:manifest {SPACES}><manifest:encryption-data/></manifest:manifest>"
    assert "encrypted" in refused("a.odt", odf(ODT, **{"META-INF/manifest.xml": manifest}))


def test_a_document_sheet_has_rows_that_name_their_columns() -> None:
    def row(*cells: str) -> str:
        shown = "".join(f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" for cell in cells)
        empty = '<table:table-cell table:number-columns-repeated="16000"/>'
        return f"<table:table-row>{shown}{empty}</table:table-row>"

    rows = row("Stadt", "Einwohner") + row("Köln", "1 087 000")
    made = one("a.ods", odf(f'<table:table table:name="Städte">{rows}</table:table>', "spreadsheet"))
    assert texts(made) == ["Städte", "Stadt | Einwohner", "Stadt: Köln | Einwohner: 1 087 000"]
