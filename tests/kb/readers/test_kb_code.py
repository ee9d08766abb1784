"""Code keeps its lines and its indentation, from the file to the page and back."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.article.normalize import normalize
from kb.article.passages import passages
from kb.building.sources import sources
from kb.cleaning.structure import Draft, compose
from kb.export.markdown_files import export, to_markdown
from kb.export.render import render
from kb.export.settings import EXPORT
from kb.models import Article, SourceFile
from kb.readers.common import Composer
from kb.text.sentences import sentences
from kb.text.settings import TEXT

CODE = (
    "def sum(rows):\n    total = 0\n\n    for row in rows:  # &amp; <b>*all*</b>\n\t\ttotal += row\n"
    "    return total"
)


def of_drafts(*drafts: Draft, title: str = "T") -> Article:
    text, blocks = compose(drafts)
    return Article("a.txt", title, "en", text, "0", blocks)


def of_blocks(*parts: tuple[str, str], dropped: tuple[str, float] | None = None) -> Article:
    composer = Composer()
    for text, kind in parts:
        composer.add(
            text, kind, level=2 if kind == "heading" else 0, dropped=dropped if text in DROPPED else None
        )
    source = SourceFile(
        "a.html", composer.text, "utf-8", "0", format="blocks", blocks=tuple(composer.blocks),
        dropped=tuple(composer.dropped),
    )  # fmt: skip
    return normalize(source)


DROPPED = ("share()",)


def code_of(article: Article) -> list[str]:
    return [article.text[b.start : b.end] for b in article.blocks if b.kind == "code"]


def test_a_readers_code_keeps_its_indentation_tabs_and_empty_lines() -> None:
    made = of_blocks(
        ("How to add up", "heading"), ("    " + CODE + "\n\n", "code"), ("And that is all.", "paragraph")
    )
    assert code_of(made) == ["    " + CODE]
    assert (made.title, made.repairs, made.removed) == ("How to add up", (), ())


def test_code_is_no_title_and_no_furniture() -> None:
    made = of_blocks(
        ("Facebook", "code"), ("Twitter", "code"), ("All rights reserved", "code"), ("Na zdar.", "paragraph")
    )
    assert made.title == "Na zdar."
    assert code_of(made) == ["Facebook", "Twitter", "All rights reserved"]
    assert made.removed == ()


def test_code_that_the_reader_dropped_goes_and_is_recorded() -> None:
    made = of_blocks(
        ("share()", "code"), ("Chléb se peče ráno.", "paragraph"), dropped=("share buttons", 0.9)
    )
    assert [(span.text, span.reason) for span in made.removed] == [("share()", "share buttons")]
    assert code_of(made) == []


def test_a_line_of_code_is_a_sentence_and_a_long_one_is_cut() -> None:
    text, blocks = compose(
        [Draft("Look. Here:"), Draft("  a = 1. B = 2.\n\n\n\tc()\n" + "x" * 2 * TEXT.sentence, "code")]
    )
    found = list(sentences(text, blocks, "en"))
    assert [s.text for s in found[:4]] == ["Look.", "Here:", "a = 1. B = 2.", "c()"]
    assert "".join(s.text for s in found[4:]) == "x" * 2 * TEXT.sentence
    assert all(text[s.start : s.end] == s.text and len(s.text) <= TEXT.sentence for s in found)


def test_code_does_not_tell_a_passages_language() -> None:
    english = "The quick brown fox jumps over the lazy dog while the farmer is looking at the old barn.\n"
    made = of_drafts(Draft("Szybki lis przeskakuje nad psem."), Draft(english * 4, "code"))
    polish = Article(made.source, "T", "pl", made.text, "0", made.blocks)
    assert {passage.language for passage in passages(polish)} == {"pl"}


@pytest.mark.parametrize("long", [False, True])
def test_code_is_shown_as_it_is(long: bool) -> None:
    more = [Draft("w " * (EXPORT.markdown // 2 + 1))] if long else []
    page = render(
        of_drafts(Draft("one", "item", number=1), Draft(CODE, "code"), Draft("two", "item", number=2), *more)
    )
    (shown,) = re.findall(r"<pre[^>]*><code>(.*?)</code></pre>", page, re.DOTALL)
    assert html.unescape(re.sub(r"<[^>]+>", "", shown)) == CODE
    assert shown.count('class="sentence"') == 5


LINES = st.lists(st.text(st.sampled_from("`~ \t*_<>&\\#|-.ab1ż"), max_size=12), min_size=1, max_size=6)


@given(LINES, st.sampled_from(["paragraph", "item", "heading", "code"]))
def test_any_code_survives_the_round_trip(lines: list[str], neighbour: str) -> None:
    code = "\n".join(["x" + lines[0], *lines[1:-1], lines[-1] + "y"])
    around = Draft(
        "Words.", neighbour, 2 if neighbour == "heading" else 0, 1 if neighbour == "item" else None
    )
    made = of_drafts(around, Draft("  " + code, "code"), around)
    (_, body) = to_markdown(made).split("cleaned: true\n---\n", 1)
    again = normalize(SourceFile("a.md", body, "utf-8", "0", format="markdown", title="T", cleaned=True))
    assert (again.text, again.blocks) == (made.text, made.blocks)


def test_an_exported_file_is_read_again(tmp_path: Path) -> None:
    made = of_drafts(Draft("Part", "heading", 2), Draft("```\n" + CODE + "\n````", "code"))
    export([made], tmp_path)
    (file,) = sources([tmp_path])
    assert isinstance(file, SourceFile)
    again = normalize(file)
    assert (again.text, again.blocks) == (made.text, made.blocks)


def test_mended_text_around_code_leaves_the_code_alone() -> None:
    made = of_blocks(
        ("Title of it", "heading"), ("He &quot;ran&quot; home.", "paragraph"), ("a = '&quot;'", "code")
    )
    assert 'He "ran" home.' in made.text
    assert code_of(made) == ["a = '&quot;'"]
    assert len(made.repairs) == 2
