"""The ways to write a clean page, and what a build made of each.

``tests/clean`` holds pages in many languages, ``clean_pages`` says what an article must have of one,
``clean_files``, ``clean_documents`` and ``clean_pdf`` write them. The pages of a site lie side by side in
each format, translations with translations, as on a real site, and are read by a real build.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import clean_documents as documents
import clean_files as files
from clean_pages import PAGES, Page, differences
from clean_pdf import as_pdf

from kb.build import update
from kb.models import Article
from kb.store.store import Store


@dataclass(frozen=True)
class Way:
    """A way to write pages: ``one`` a page, or ``many`` of a site in one file.

    ``code`` and ``verse`` say what the format can keep, ``leaves_out`` which languages it cannot hold,
    ``tables`` that it holds only tables, ``gone`` what may be removed, for no reader of the page sees it.
    """

    ending: str
    one: Callable[[Page], str | bytes] | None = None
    many: Callable[[Sequence[Page]], bytes] | None = None
    code: bool = False
    verse: bool = True
    leaves_out: frozenset[str] = frozenset()
    tables: bool = False
    gone: tuple[str, ...] = ()


# Written by hand, a PDF of a script that joins or stacks its letters would be none that anybody has.
SHAPED = frozenset(["ar", "fa", "he", "hi", "th"])
# Where a Thai line ends between two words, no space stands in the text; between two sentences, one does.
UNSURE = frozenset(["th"])

WAYS = {
    "text": Way(".txt", files.as_text),
    "wrapped": Way(".txt", files.as_wrapped_text, leaves_out=UNSURE),
    "commonmark": Way(".md", files.as_markdown, code=True, leaves_out=UNSURE),
    "github": Way(".md", files.as_github, code=True, gone=files.MARKS),
    "mkdocs": Way(".md", files.as_mkdocs, code=True),
    "hugo": Way(".md", files.as_hugo, code=True, gone=files.MARKS),
    "docusaurus": Way(".md", files.as_docusaurus, code=True, gone=files.MARKS),
    "html": Way(".html", files.as_html, code=True),
    "form": Way(".html", files.as_form, code=True),
    "framed": Way(".html", files.as_framed_html, code=True, gone=files.FURNITURE),
    "docx": Way(".docx", documents.as_docx),
    "pdf": Way(".pdf", as_pdf, verse=False, leaves_out=SHAPED),
    "csv": Way(".csv", many=documents.as_csv),
    "semicolons": Way(".csv", many=documents.as_tsv),
    "jsonl": Way(".jsonl", many=documents.as_jsonl),
    "json": Way(".json", many=documents.as_json),
    "zip": Way(".zip", many=documents.as_zip, code=True, gone=files.MARKS),
    "epub": Way(".epub", documents.as_epub, code=True),
    "odt": Way(".odt", documents.as_odt),
    "pptx": Way(".pptx", documents.as_pptx),
    "xlsx": Way(".xlsx", documents.as_xlsx, tables=True),
    "rtf": Way(".rtf", documents.as_rtf),
    "eml": Way(".eml", documents.as_eml),
    "eml-html": Way(".eml", documents.as_html_eml),
    "mbox": Way(".mbox", many=documents.as_mbox),
    "rst": Way(".rst", files.as_restructured, code=True, leaves_out=UNSURE),
    "adoc": Way(".adoc", files.as_asciidoc, code=True),
}


@cache
def pages_in(name: str, whole: bool = False) -> tuple[Page, ...]:
    """The pages to be written in this way: all that it can hold, or every other one."""
    way = WAYS[name]
    held = [page for page in PAGES if page.language not in way.leaves_out]
    if way.tables:
        tables = (tuple(b for b in page.blocks if b.kind == "row") for page in held)
        return tuple(replace(p, blocks=rows) for p, rows in zip(held, tables, strict=True) if rows)
    return tuple(held) if whole else tuple(held[list(WAYS).index(name) % 2 :: 2])


def _sites(pages: Sequence[Page]) -> dict[str, list[Page]]:
    made: dict[str, list[Page]] = {}
    for page in pages:
        made.setdefault(page.site, []).append(page)
    return made


Made = dict[tuple[str, Page], Article | str]


def built(root: Path, *, whole: bool) -> Made:
    """The article made of each page in each way, of one build of them all; or why there is none."""
    sources: dict[tuple[str, Page], str] = {}
    for name, way in WAYS.items():
        for site, pages in _sites(pages_in(name, whole)).items():
            folder = root / "pages" / name / site
            folder.mkdir(parents=True)
            if way.many:
                (folder / f"{site}{way.ending}").write_bytes(way.many(pages))
            for number, page in enumerate(pages, 1):
                source = f"{name}/{site}/{site}{way.ending}#{number}"
                if way.ending == ".zip":
                    source = f"{name}/{site}/{site}.zip#{page.name}.md"
                elif way.one:
                    source, made = f"{name}/{site}/{page.name}{way.ending}", way.one(page)
                    data = made.encode() if isinstance(made, str) else made
                    (folder / f"{page.name}{way.ending}").write_bytes(data)
                sources[name, page] = source
    with Store.create(root / "kb.sqlite") as store:
        report = update(store, [root / "pages"], 1)
        found: dict[str, Article | str] = {one.source: one.reason for one in report.skipped}
        found |= {stored.article.source: stored.article for stored in store.at(1).articles()}
    # A book's only chapter is named after its first file: "a.epub#part01.xhtml".
    chapters = {source.rpartition("#")[0]: what for source, what in found.items()}
    nothing = "no article was made of it"
    return {key: found.get(source) or chapters.get(source) or nothing for key, source in sources.items()}


def faults(name: str, page: Page, article: Article | str) -> list[str]:
    """What is wrong with the article that this way of writing the page led to."""
    way = WAYS[name]
    if isinstance(article, str):
        return [article]
    code = way.code and any(block.kind == "code" for block in page.blocks)
    return differences(page, article, code=code, verse=way.verse, gone=way.gone, loose=way.tables)
