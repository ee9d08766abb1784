from __future__ import annotations

import re
import time
from html import unescape
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.article.normalize import normalize
from kb.building.sources import sources
from kb.cleaning.structure import Draft, compose
from kb.export.render import render
from kb.export.settings import EXPORT
from kb.models import Article, SourceFile
from kb.text.sentences import sentences

CORPUS = Path(__file__).parents[3] / "corpus"
TAG = re.compile(r"<(/?)(\w+)([^<>]*)>")


def article(*drafts: Draft) -> Article:
    text, blocks = compose(drafts)
    return Article("a.txt", "T", "en", text, "0", blocks)


def spans(body: str) -> dict[int, str]:
    """The words in each sentence's span, by the offset in its id."""
    found = re.findall(r'<span id="s(\d+)" class="sentence">(.*?)</span>', body, re.DOTALL)
    return {int(start): unescape(re.sub(r"<br>\n", "\n", words)) for start, words in found}


def only_ours(body: str) -> bool:
    """Nothing but the tags and attributes that rendering makes."""
    allowed = re.compile(
        r'<(?:/?(?:p|ul|li|h[2-6]|span|ol)|br|h[2-6] id="h-[^"<>]*"|'
        r'ol start="\d+"|span id="s\d+" class="sentence")>'
    )
    return not re.search("[<>]", allowed.sub("", body))


@pytest.mark.parametrize("name", [path.name for path in sorted(CORPUS.glob("*.txt"))])
def test_every_sentence_of_the_corpus_can_be_jumped_to(name: str) -> None:
    (file,) = sources([CORPUS / name])
    assert isinstance(file, SourceFile)
    made = normalize(file)
    body = render(made)
    assert only_ours(body)
    assert spans(body) == {s.start: s.text for s in sentences(made.text, made.blocks, made.language)}


def test_blocks_become_elements() -> None:
    body = render(
        article(
            Draft("Intro here."),
            Draft("Part", "heading", 2),
            Draft("one", "item", number=1),
            Draft("two", "item", number=2),
            Draft("Below", "heading", 3),
            Draft("dot", "item"),
            Draft("dash", "item"),
            Draft("Line\nbreak"),
        )
    )
    bare = re.sub(r"</?span[^>]*>", "", body).replace("\n", "")
    assert bare == (
        '<p>Intro here.</p><h2 id="h-part">Part</h2><ol><li>one</li><li>two</li></ol><h3'
        ' id="h-below">Below</h3>'
        "<ul><li>dot</li><li>dash</li></ul><p>Line<br>break</p>"
    )


def test_lists_keep_their_numbers() -> None:
    body = render(article(*[Draft("x", "item", number=n) for n in (3, 4, 1, 2, 9)]))
    assert re.findall(r"<ol[^>]*>", body) == ['<ol start="3">', "<ol>", '<ol start="9">']


def test_headings_of_the_same_words_have_ids_of_their_own() -> None:
    body = render(
        article(Draft("Часть 1?", "heading", 2), Draft("a"), Draft("Часть 1!", "heading", 2), Draft("b"))
    )
    assert re.findall(r'<h2 id="([^"]*)">', body) == ["h-часть-1", "h-часть-1-2"]


HOSTILE = [
    "<script>alert(1)</script> <img src=x onerror=alert(1)> </span></p><h2>x</h2>",
    "[x](javascript:alert(1)) ![x](x) <http://evil.example> [a]: http://b",
    "*a* **b** _c_ `d` ~~e~~ ^f^ ==g== ``` h | i | --- \\* \\",
    "&lt;b&gt; &amp; &#60;script&#62; &",
    "\U000f0000\U000f0001\U000f0002\U000f013c\ue000 \x02klzzwxh:0000\x03 wzxhzdk:0",
    "5. not a list",
    "- not a list",
    "# not a heading",
    "> not a quote",
    "    not code",
    "[TOC] {: #id .class} *[HTML]: x",
    "Setext\n===",
    "Setext\n---",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_looks_like_markup_is_shown_as_it_is(text: str) -> None:
    body = render(article(Draft("Before."), Draft(text.strip()), Draft("After.")))
    assert only_ours(body)
    shown = unescape(re.sub(r"<[^<>]*>", "", body))
    reserved = re.compile("[\x02\x03\U000f0000-\U000f01ff]")
    assert "".join(shown.split()) == "".join(f"Before.{reserved.sub(chr(0xFFFD), text)}After.".split())
    assert len(re.findall("<p>", body)) == 3


@pytest.mark.parametrize(
    "text",
    [
        ">" * 10_000,
        "*" * 10_000,
        "[" * 10_000,
        "`" * 10_000,
        "<div>" * 10_000,
        "_a_ " * 9_000,
        "a" * 300_000,
        "1. " * 9_000,
    ],
)
def test_hostile_texts_are_fast(text: str) -> None:
    began = time.process_time()
    body = render(article(Draft(text.strip())))
    assert time.process_time() - began < 3
    assert only_ours(body)


def test_a_huge_article_is_shown_as_bare_paragraphs() -> None:
    made = article(*[Draft("Word after word, " * 200) for _ in range(EXPORT.markdown // 3000)])
    began = time.process_time()
    body = render(made)
    assert time.process_time() - began < 5
    assert only_ours(body)


def test_a_huge_article_with_headings_is_whole() -> None:
    made = article(*[Draft("Deep", "heading", 6), Draft("w " * 3000)] * (EXPORT.markdown // 5000))
    assert "Deep" in render(made)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text(max_size=60).filter(lambda t: t.strip()), min_size=1, max_size=5))
def test_any_text_is_literal(texts: list[str]) -> None:
    try:
        made = normalize(SourceFile("a.txt", "\n\n".join(texts), "utf-8", "0"))
    except Exception:  # refused: nothing to render
        return
    body = render(made)
    assert only_ours(body)
    inside = list(sentences(made.text, made.blocks, made.language))
    reserved = re.compile("[\U000f0000-\U000f01ff]")
    assert spans(body) == {s.start: reserved.sub("\ufffd", s.text) for s in inside}
