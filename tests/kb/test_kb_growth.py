"""Whatever is repeated in a text, the time to read, clean, cut and show it grows with the text, not faster.

Each kind of text is made of one token of its format's own, over and over: what a rule, a reader or a renderer
looks for, and may look for again from each place where it stands.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from itertools import accumulate

import pytest

from kb.article.normalize import normalize
from kb.article.passages import passages
from kb.errors import SourceRefused
from kb.export.markdown_files import to_markdown
from kb.export.render import render
from kb.models import Article, Block, SourceFile
from kb.readers import FORMATS, RawFile
from kb.text.tracked import Edit, Tracked

pytestmark = pytest.mark.slow

_SMALL, _TIMES = 20_000, 4
_MOST = 11  # times the time for four times the text: what grows with the square takes sixteen
_LITTLE = 0.15  # seconds: less is not measured well

ROW = "A row of words that goes on for more than the forty letters of a notice"
TEXT = [
    *(
        "a\n",
        "a\n.\n",
        ".\n",
        "- a\nb\n",
        "- a\n",
        "1. a\n",
        "A\n\n",
        f"{ROW}\n",
        f"{ROW.lower()}\n",
        "# a\n\n",
    ),
    *(
        "Contents\n",
        "Advertisement\n",
        "Next\n",
        "Next\n\na\n\n",
        "2024-01-01\n",
        "Home | ",
        "Share\n",
        "null\n",
    ),
    *("Related articles\n", "By Anna Smith\n", "Cookies\n", "English\n", "Skip to content\n", "$ ls -la\n"),
    *(
        "&';",
        "a&';b ",
        "&amp;amp;eacute;",
        "&#",
        "&",
        '"a" ',
        "“",
        "(",
        "a-",
        "a'",
        "A.A",
        "a.Aa ",
        "(a.) ",
        "Dr. ",
    ),
    *(
        "cafÃ© ",
        "\u00ad",
        "a\u00ad\n",
        "\u0301",
        "a\u0301",
        "\u200b",
        "\t",
        "a\u2028",
        "中",
        "中\n",
        "ก",
        "ก ก",
        "ﬁ",
    ),
    *("x = 1\n", "===\n", "a\n===\n", "{{a}}\n", "- a\n\nb b b b b\n\n", f"- {ROW[:40]}\n\n{ROW}\n\n"),
]
MARKDOWN = [
    *(
        "<!--",
        "`",
        "[",
        "](",
        "[a](",
        "[^",
        "{{",
        "$",
        "\\(",
        "%%a ",
        "<",
        "<a ",
        "<h1>",
        "<pre>",
        "|",
        "|a",
        "> ",
    ),
    *(
        "- ",
        "- a\n",
        "  - a\n",
        "1. a\n",
        "# a\n",
        "## a\n\n### b\n",
        "***a",
        "**",
        "_a",
        "~~",
        "&",
        "&#",
        "&amp;",
    ),
    *(
        "a\n===\n",
        "a\n---\n",
        "!!! a\n",
        "::: a\n",
        ":::\n",
        "/// a\n",
        "///\n",
        "```\n",
        "~~~\n",
        "[a]: b\n",
        "\\",
    ),
    *(
        "[^a]: b\n",
        "a\n: b\n",
        "import a from {\n",
        "a\\\n",
        "<td>",
        "<br>",
        "<b>",
        "</b>",
        "![a](b.svg) ",
        "a  \n",
    ),
    *(
        "| a | b |\n",
        "<sup>a</sup>",
        "a^b^",
        '"',
        "<div>\n",
        "[[a]]",
        "{#a}",
        "$$\n",
        "a | b\n",
        "a | b\n--|--\n",
    ),
]
PAGE = [
    *(
        "<p>a</p>",
        "<p>",
        "<div>a</div>",
        "<b>",
        "</b>",
        "<a href=x>a</a>",
        "<li>a",
        "<br>",
        "<img>",
        " <img> ",
    ),
    *(
        "<h2>a</h2>",
        "<h1>",
        "<dt>a</dt>",
        "<dd>a",
        "<td>a",
        "<tr><td>a",
        "<table><tr><td>a<td>b</table>",
        "<sup>1</sup>",
    ),
    *(
        "<ruby>谷<rt>た</rt></ruby>",
        "<abbr title='a b'>c</abbr>",
        "<pre>a</pre>",
        "<!--",
        "&amp;",
        "&",
        "<",
        "<a ",
    ),
    *(
        "<button>a</button>",
        "<nav>a</nav>",
        "<del>a</del>",
        "<math><mi>a</mi></math>",
        "<i></i>",
        "<svg></svg>",
    ),
]
INSIDE = {  # what stands around the repeated token
    ".html": (
        "<html><body><p>{row}</p>",
        "<p>{row}</p></body></html>",
        [*PAGE, "<ol><li>a</ol>", "<form>a</form>"],
    ),
    ".htm": ("<p>{row}<pre>", "</pre>", ["<div></div>", "<span>a</span>", "<table><td>", "a\n"]),
    ".xhtml": ("<ul><li>{row}", "</ul>", ["a<br>", "<li>a<li>", "<p>a"]),
    ".eml": (
        "Subject: a\n\n{row}\n",
        "",
        ["> a\n", "-- \n", "--\n\n", "a \n", "From: a\nTo: b\n", "On 1 1 2024:\n"],
    ),
    # Not "`a`_ ": docutils itself takes seven times as long for four times as many; the time limit bounds it.
    ".rst": ("{row}\n\n", "", ["- a\n", "a\n", "*", "|a|", "::\n\n"]),
    ".adoc": (
        "{row}\n\n",
        "",
        ["a\n", "a +\n", "* a\n", "[", "`", "====\n", "////\n", "|===\n", "a:: b\n", "{a}", "_"],
    ),
    ".asciidoc": ("{row}\n\n|===\n|a\n", "\n|===\n", ["b\n", "|c\n", "|"]),
    ".rtf": ("{\\rtf1 {row}\\par ", "}", ["\\'41", "\\par ", "{a}", "\\u97?", "a", "\\cell ", "\\row "]),
    ".csv": ("title,text\na,{row}\n", "", ["a,b\n", ",", '"', "a\n", '"a""b",c\n']),
    ".json": ("[", '{"text": "{row}"}]', ['{"text": "a b"},', "[],", "1,"]),
    ".jsonl": ('{"text": "{row}"}\n', "", ['{"text": "a b"}\n', "[", "{\n", "1\n"]),
    ".fodt": (
        '<office:document xmlns:office="o" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">'
        "<office:body><office:text><text:p>{row}</text:p>",
        "</office:text></office:body></office:document>",
        ["<text:p>a</text:p>", "<text:h>a</text:h>", "<text:s/>", "<text:list><text:list-item/></text:list>"],
    ),
}


def grows(work: Callable[[int], object]) -> None:
    """Fails where four times the size takes far more than four times as long, each time that it is tried."""
    told = ""
    for _ in range(3):
        took = []
        for size in (_SMALL, _TIMES * _SMALL):
            begun = time.process_time()
            work(size)
            took.append(time.process_time() - begun)
        if took[1] <= _MOST * max(took[0], _LITTLE / _TIMES):
            return
        told = f"{took[0]:.2f} s, then {took[1]:.2f} s for {_TIMES} times as much"
    pytest.fail(told)


def made(text: str, form: str) -> None:
    """Everything that is done with an article on its way into a library and out of it."""
    try:
        article = normalize(
            SourceFile("a", f"Title\n\n{text}\n\n{ROW}.", "utf-8", "0", format=form, language="en")
        )
    except SourceRefused:
        return
    passages(article)
    render(article)
    to_markdown(article)


@pytest.mark.parametrize("token", TEXT)
def test_plain_text(token: str) -> None:
    grows(lambda size: made(token * (size // len(token)), "text"))


@pytest.mark.parametrize("token", [*MARKDOWN, *TEXT[:10]])
def test_markdown(token: str) -> None:
    grows(lambda size: made(token * (size // len(token)), "markdown"))


@pytest.mark.parametrize(
    ("suffix", "token"), [(suffix, token) for suffix, (_, _, tokens) in INSIDE.items() for token in tokens]
)
def test_a_file_of_a_format(suffix: str, token: str) -> None:
    above, below, _ = INSIDE[suffix]

    def read(size: int) -> None:
        text = above.replace("{row}", ROW) + token * (size // len(token)) + below.replace("{row}", ROW)
        raw = RawFile(f"a{suffix}", "/root", text.encode(), "0")
        try:
            for item in FORMATS[suffix].read(raw):
                if isinstance(item, SourceFile):
                    assert item.text
        except SourceRefused:
            return

    grows(read)


def test_names_that_come_again_in_a_record() -> None:
    def read(size: int) -> None:
        text = "{" + ", ".join(f'"text": {json.dumps(f"{ROW} {n}")}' for n in range(size // 10)) + "}"
        assert list(FORMATS[".json"].read(RawFile("a.json", "/root", text.encode(), "0")))

    grows(read)


def test_repairs_of_what_was_repaired() -> None:
    def repair(size: int) -> None:
        text = Tracked("ab" * size)
        for _ in range(2):
            text.apply([Edit(2 * n, 2 * n + 2, "cd", f"reason {_}") for n in range(size)])
        assert len(text.repairs) == size
        assert text.repairs[0].reason == "reason 0; reason 1"

    grows(repair)


def test_many_headings_take_memory_and_time_for_each_of_them() -> None:
    """Each once held a list of all before it."""

    def cut(size: int) -> None:
        words = [f"Heading {n}" for n in range(size // 20)]
        text = "".join(f"# {one}\n\n" for one in words)
        starts = accumulate((len(one) + 4 for one in words[:-1]), initial=2)
        blocks = tuple(Block("heading", at, at + len(one), 2) for at, one in zip(starts, words, strict=True))
        found = passages(
            Article(source="a", title="T", language="en", text=text, content_hash="0", blocks=blocks)
        )
        assert sum(len(one.text) for one in found) < 2 * len(text)

    grows(cut)


def test_a_long_heading_is_not_said_again_above_all_that_is_below_it() -> None:
    parts = "\n\n".join(f"## Part {n}\n\n{ROW}." for n in range(30))
    text = f"T\n===\n\n# {ROW * 1_000}\n\n{parts}"
    article = normalize(SourceFile("a", text, "utf-8", "0", format="markdown", language="en"))
    assert max(len(one.heading) for one in passages(article)) < 1_000
