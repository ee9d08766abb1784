"""Whatever stands in a Markdown file, it is read soon, and its words stay in their order with their places."""

# ruff: noqa: E501  (what is read and what it becomes stand side by side)
from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.article.normalize import normalize
from kb.errors import SourceRefused
from kb.models import Article, SourceFile

MARKS = [
    *("\n", "\n\n", "\n\n", " ", "  \n", "\\\n", "    ", "\t", "> ", "- ", "1. ", "# ", "## ", "```\n", "~~~\n", "`"),
    *("``", "*", "**", "_", "__", "~~", "~", "^", "==", "++", "$", "$$", "$$\n", "\\(", "\\)", "[", "]", "](x.md)"),
    *("![", "[^1]", "[^1]: ", "^[", "[[", "]]", "|", "|---|---|\n", "<!--", "-->", "{/*", "*/}", "%%", "{#", "#}"),
    *("{{", "}}", "{%", "%}", "{{< x >}}", "{#a}", "{.b}", "{: .c}", "!!! note\n", '??? tip "T"\n', ":::", "::: note\n"),
    *("///", "/// note\n", "> [!NOTE]\n", ": ", "<br>", "<p>", "</p>", "<div>", "</div>", "<pre>", "</pre>", "<h1>"),
    *("</h1>", "<sup>", "</sup>", "<Tabs a={1}>", "<td>", "</td>", "<script>", "</script>", "&amp;", "&#65;", "\\", "---\n"),
    *("===\n", "[a]: http://x.y\n", "[//]: # (r)\n", "import a from 'b'\n", "export const a = {\n", "[TOC]\n", " ^ab1\n", "\ufeff"),
]  # fmt: skip
WORDS = [f"{word}{n}" for n in range(8) for word in ("weir", "młyn", "мельница", "水车")]


def article(text: str, *, cleaned: bool = False) -> Article | None:
    source = SourceFile("a.md", text, "utf-8", "0", format="markdown", language="en", cleaned=cleaned)
    try:
        return normalize(source)
    except SourceRefused:
        return None


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from([*MARKS, *WORDS]), max_size=40), st.booleans())
def test_any_mixture_of_marks_has_its_places(pieces: list[str], cleaned: bool) -> None:
    text = "".join(pieces)
    made = article(text, cleaned=cleaned)
    if made is None:
        return
    at = 0
    for span in made.removed:
        assert text[span.start : span.end] == span.text
        assert at <= span.start <= span.end
        at = span.end
    for repair in made.repairs:
        assert text[repair.start : repair.end] == repair.before
    for block in made.blocks:
        words = made.text[block.start : block.end]
        assert words.strip()
        assert block.kind in ("paragraph", "code") or "\n" not in words
        assert block.kind == "code" or words == words.strip()


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(MARKS), st.sampled_from(WORDS)), min_size=1, max_size=12))
def test_no_word_is_lost_unseen(pairs: list[tuple[str, str]]) -> None:
    """A word that no longer stands in the article stands in what was removed, or in a mark of its own."""
    text = "".join(f"{mark} {word} " for mark, word in pairs)
    made = article(f"Title of it\n\n{text}")
    assert made is not None
    kept = f"{made.title} {made.text} {' '.join(span.text for span in made.removed)}"
    names = ("<Tabs a={1}>", "[[", "{{", "{%", "[a]: http://x.y\n", ":::", "///")  # a box's name is no text
    inside = [word for mark, word in pairs if mark in names]
    for _, word in pairs:
        assert word in kept or word in inside or f"({word}" in text or "<" in text or "[" in text, (
            text,
            kept,
        )


HOSTILE = [
    "<!--", "<!-- \n", "`", "`a``b```", "[", "![", "[[", "](", "[a](", "[^", "^[", "{{", "{%", "{#a ", "{: .a", "$", "$$\n",
    "$a", "\\(", "%%a ", "<", "<a ", "<A b={", "<a b='", "<h1>", "<pre>", "<script>", "|", "|a", "> ", ">>", "- ", "1. ",
    "    ", "# ", "***a", "_a", "~~", "==a", "++a", "a^b", "a~b", "&", "&#", "!!! ", "!!! a\n", "::: a\n", "/// a\n", ":::\n",
    "```\n", "~~~ {note}\n", "[a]: b\n", "[a]:\n", "[^a]: b\n", "a\n: b\n", "import a from {\n", "export default {\n", "a\\\n",
    "<td>", "<br>", "<b>", "</b>", "(", "\\", "\t", "[TOC]\n", "*[a]: b\n", "a | b\n", "|-|\n", "a\n---\n", "![a](b.svg) ",
]  # fmt: skip


@pytest.mark.parametrize("mark", HOSTILE)
def test_a_mark_over_and_over_is_read_in_time_that_grows_with_the_text(mark: str) -> None:
    def took(size: int) -> float:
        begun = time.process_time()
        article(mark * (size // len(mark)) + "\n\nend of it")
        return time.process_time() - begun

    small, large = (min(took(size) for _ in range(3)) for size in (4_000, 32_000))
    assert large < 24 * max(small, 0.02), f"{small:.3f} s, then {large:.3f} s for eight times the text"
