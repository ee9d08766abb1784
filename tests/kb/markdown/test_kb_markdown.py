from __future__ import annotations

import pytest

from kb.article.normalize import normalize
from kb.models import Article, SourceFile


def article(text: str, **meta: str) -> Article:
    return normalize(SourceFile("a.md", text, "utf-8", "0", format="markdown", **meta))  # type: ignore[arg-type]


def blocks(made: Article) -> list[tuple[str, int, int | None, str]]:
    return [(b.kind, b.level, b.number, made.text[b.start : b.end]) for b in made.blocks]


@pytest.mark.parametrize(
    ("marked", "plain"),
    [
        ("some **bold** and *slanted* and ***both*** words", "some bold and slanted and both words"),
        ("some __bold__ and _slanted_ and ~~gone~~ words", "some bold and slanted and gone words"),
        ("a [link](https://example.com/a_b_c(d)) here", "a link here"),
        ('a [link](x "its title") and [another][ref] one', "a link and another one"),
        ("a [*slanted* link](x) here", "a slanted link here"),
        ("an ![old map](map.png) picture", "an old map picture"),
        ("a [![badge](b.svg)](x) here", "a badge here"),
        ("see <https://example.com/x_y_z> now", "see https://example.com/x_y_z now"),
        ("code `a_b * c` and ``d ` e``", "code a_b * c and d ` e"),
        ("two \\* three \\_ four \\\\ five", "two * three _ four \\ five"),
        ("snake_case_name and 2 * 3 * 4", "snake_case_name and 2 * 3 * 4"),
        ("lone * star and lone_ score", "lone * star and lone_ score"),
        ("<b>bold</b> and <br/> break and a < b > c", "bold and\nbreak and a < b > c"),
        ("a <!-- hidden --> comment", "a  comment"),
        ("bold across **two\nlines** here", "bold across two lines here"),
    ],
)
def test_inline_marks_become_plain_text(marked: str, plain: str) -> None:
    assert article(f"# T\n\n{marked}").text == plain


def test_blocks_keep_their_kinds() -> None:
    made = article(
        "# Title\n\nFirst paragraph\ngoes on.\n\n## Part *one*\n\n- a\n- b\n  more b\n\nUnderlined\n---\n\n"
        "3. three\n4. four\n\n> quoted\n> words\n\n```\ncode *x*\n  more\n```\n\n### Deep ###\n\nEnd."
    )
    assert made.title == "Title"
    assert blocks(made) == [
        ("paragraph", 0, None, "First paragraph goes on."),
        ("heading", 2, None, "Part one"),
        ("item", 0, None, "a"),
        ("item", 0, None, "b more b"),
        ("heading", 2, None, "Underlined"),
        ("item", 0, 3, "three"),
        ("item", 0, 4, "four"),
        ("paragraph", 0, None, "quoted words"),
        ("code", 0, None, "code *x*\n  more"),
        ("heading", 3, None, "Deep"),
        ("paragraph", 0, None, "End."),
    ]


def test_a_list_of_ones_counts_on() -> None:
    made = article("# T\n\n1. a\n1. b\n1. c")
    assert [block.number for block in made.blocks] == [1, 2, 3]


def test_a_table_keeps_its_words() -> None:
    made = article("# T\n\n| City | People |\n|------|-------:|\n| Riga | 600 000 |")
    assert [words for *_, words in blocks(made)] == ["City | People", "Riga | 600 000"]


def test_definitions_and_rules_are_no_text() -> None:
    assert (
        article("# T\n\nWords [here][1].\n\n[1]: https://example.com 'x'\n\n* * *\n\nMore.").text
        == "Words here.\n\nMore."
    )


def test_hard_breaks_stay() -> None:
    assert article("# T\n\nRoses are red,  \nviolets\\\nare blue").text == "Roses are red,\nviolets\nare blue"


def test_the_front_matters_title_wins_and_is_not_repeated() -> None:
    assert article("# The Title\n\nWords.", title="The Title").text == "Words."
    other = article("# Another\n\nWords.", title="The Title")
    assert (other.title, other.text) == ("The Title", "## Another\n\nWords.")


def test_repairs_in_markdown_have_offsets_in_the_file() -> None:
    source = "# T\n\nThe *dog slept*.Then **it** woke &amp; ran."
    made = article(source)
    assert (
        made.text == "The dog slept. Then it woke & ran." or made.text == "The dog slept.Then it woke & ran."
    )
    for repair in made.repairs:
        assert source[repair.start : repair.end] == repair.before
