"""Terms as files for translators' tools: TSV and TBX."""

from __future__ import annotations

import csv
import io

import pytest
from lxml import etree

from search.models import ArticleRef, Entry, Example
from webapp.pages import glossary

REF = ArticleRef("a1", "pl/obsługa.txt", "Obsługa & <klienci>", "pl", None, None)
TEXT = 'Dobra\tobsługa\nto "lojalność" & <zaufanie>\x07.'
POLISH = Entry("pl", "lojalność", ("lojalność", "lojalności"), 0.94, 15, (Example(REF, TEXT, 0, 9, 1, 2),))
RUSSIAN = Entry("ru", "лояльность", ("лояльность",), 0.88, 5, (Example(REF, "Да.", 0, 3, 0, 2),) * 3)
NOWHERE = Entry("tl", None, (), 0.0, 0)
ARABIC = Entry("ar", "ولاء", ("ولاء",), 0.7, 20)
CONCEPT = (POLISH, RUSSIAN, NOWHERE, ARABIC)
TBX = "{urn:iso:std:iso:30042:ed-2}"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"

# What may stand in what, in this order, in TBX-Basic (DCA style) as far as it is used: once, "+" once or more
# often, "?" or not, "*" any number of times.
STRUCTURE = {
    "tbx": "tbxHeader text",
    "tbxHeader": "fileDesc",
    "fileDesc": "titleStmt sourceDesc",
    "titleStmt": "title",
    "sourceDesc": "p",
    "text": "body",
    "body": "conceptEntry+",
    "conceptEntry": "langSec+",
    "langSec": "termSec",
    "termSec": "term descripGrp* note?",
    "descripGrp": "descrip admin",
}
TYPES = {"descrip": {"context"}, "admin": {"source"}}


def parsed(*concepts: tuple[Entry, ...]) -> etree._Element:
    return etree.fromstring("".join(glossary.tbx(concepts, "Terms & <more>")).encode())


def check(element: etree._Element) -> None:
    """Element names, their order and their types are those of the dialect."""
    name = element.tag.removeprefix(TBX)
    names = [child.tag.removeprefix(TBX) for child in element]
    expected = STRUCTURE.get(name, "").split()
    at = 0
    for one in expected:
        bare = one.rstrip("+?*")
        start = at
        while at < len(names) and names[at] == bare:
            at += 1
        assert at > start or one.endswith(("?", "*")), (name, bare)
        assert at - start <= 1 or one.endswith(("+", "*")), (name, bare)
    assert at == len(names), (name, names)
    if name in TYPES:
        assert element.get("type") in TYPES[name]
    for child in element:
        check(child)


def test_the_tbx_is_of_the_dialect_s_structure() -> None:
    root = parsed(CONCEPT, (POLISH,))
    check(root)
    assert root.tag == f"{TBX}tbx"
    assert dict(root.attrib) == {"style": "dca", "type": "TBX-Basic", LANGUAGE: "en"}
    assert [one.get("id") for one in root.iter(f"{TBX}conceptEntry")] == ["c1", "c2"]


def test_a_concept_has_a_section_for_each_language_that_has_the_term() -> None:
    sections = list(parsed(CONCEPT).iter(f"{TBX}langSec"))
    assert [one.get(LANGUAGE) for one in sections] == ["pl", "ru", "ar"]
    assert [one.findtext(f"{TBX}termSec/{TBX}term") for one in sections] == [
        "lojalność",
        "лояльность",
        "ولاء",
    ]


def test_contexts_and_titles_are_escaped_and_free_of_what_xml_cannot_say() -> None:
    root = parsed(CONCEPT)
    assert root.findtext(f".//{TBX}title") == "Terms & <more>"
    assert root.findtext(f".//{TBX}descrip") == 'Dobra obsługa to "lojalność" & <zaufanie>.'
    assert root.findtext(f".//{TBX}admin") == "Obsługa & <klienci> (pl/obsługa.txt)"


def test_a_concept_without_terms_is_left_out() -> None:
    assert len(list(parsed((NOWHERE,), CONCEPT).iter(f"{TBX}conceptEntry"))) == 1


def test_the_tsv_gives_the_entries_back() -> None:
    read = list(
        csv.DictReader(
            io.StringIO("".join(glossary.tsv([CONCEPT, (POLISH,)]))),
            dialect="excel-tab",
            quoting=csv.QUOTE_NONE,
        )
    )
    assert [row["concept"] for row in read] == ["1", "1", "1", "1", "2"]
    for row, entry in zip(read, (*CONCEPT, POLISH), strict=True):
        assert set(row) == set(glossary.COLUMNS)
        assert (row["language"], row["term"]) == (entry.language, entry.term or "")
        assert tuple(form for form in row["forms"].split("; ") if form) == entry.forms
        assert float(row["score"] or 0) == entry.score
        assert int(row["count"] or 0) == entry.count
        assert row["example 1"] == (
            " ".join(entry.examples[0].text.split()).replace("\x07", "") if entry.examples else ""
        )
    assert read[1]["source 2"] == "pl/obsługa.txt"


FORMULAS = ["=LINK(A1)", "+1", "-ness", "@SUM(A1)", "\t=1", "\x85=1", "\r=1", "\x00@x", "＝1", "\ufeff=1"]


@pytest.mark.parametrize("said", [*FORMULAS, " =1"])
def test_no_cell_is_a_spreadsheet_s_formula(said: str) -> None:
    reference = ArticleRef("a1", said, said, "pl", None, None)
    entry = Entry("pl", said, (said, said), 0.9, 3, (Example(reference, said, 0, 1, 0, 1),))
    _, row = glossary.tsv([(entry,)])
    cells = row.rstrip("\n").split("\t")
    assert len(cells) == len(glossary.COLUMNS)
    for cell in cells[2:4] + cells[6:8]:
        assert cell.startswith("'")
        assert cell.isprintable() or "\ufeff" in cell
    assert escaped(said) in "".join(glossary.tbx([(entry,)], "Terms"))


def escaped(said: str) -> str:
    """As TBX has it: nobody calculates there."""
    return f"<term>{' '.join(said.replace(chr(0), '').replace(chr(0x85), ' ').split())}</term>"


def test_the_term_that_was_asked_for_comes_first_where_no_language_has_it() -> None:
    asked = glossary.with_asked(CONCEPT, " loyalty ", "en")[0]
    assert (asked.language, asked.term) == ("en", "loyalty")
    assert glossary.with_asked(CONCEPT, "loyalty", None)[0].language == "und"
    assert glossary.with_asked(CONCEPT, "Lojalności", None) == CONCEPT
    assert glossary.with_asked(CONCEPT, "lojalnością", "pl") == CONCEPT


@pytest.mark.parametrize(
    ("by", "languages"),
    [
        ("", ["pl", "ru", "tl", "ar"]),
        ("score", ["pl", "ru", "ar", "tl"]),
        ("count", ["ar", "pl", "ru", "tl"]),
        ("term", ["pl", "ru", "ar", "tl"]),
        ("nonsense", ["pl", "ru", "tl", "ar"]),
    ],
)
def test_entries_are_ordered_by_a_column_and_what_was_not_found_comes_last(
    by: str, languages: list[str]
) -> None:
    assert [entry.language for entry in glossary.sorted_entries(CONCEPT, by)] == languages
