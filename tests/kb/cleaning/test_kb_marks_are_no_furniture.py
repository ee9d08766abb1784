"""A line without a letter says nothing of what it is, so that no rule on furniture takes it for something."""

# ruff: noqa: E501  (what is read and what it becomes stand side by side)
from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kb.cleaning.phrases
from kb.article.normalize import normalize
from kb.cleaning.furniture import furniture
from kb.cleaning.page import Page
from kb.models import Article, SourceFile
from kb.text.lines import Line

BODY = (
    "The ferryman counts his passengers twice, once on the pier and once in the middle of the river, where the "
    "current is strong and nobody can leave the boat without getting wet."
)
MORE = [
    "In winter the rope freezes, and then the children of the village walk over the ice to school in the morning.",
    "His grandmother rowed the same boat for forty years, and her oars are still hanging in the chapel by the road.",
]
# What rules are about: dates, years behind a ©, {{ slots }}, arrows of a pager.
SIGNS = "/|·•*-–—=_~#+.,:;!?…()[]'\"“”✓★☆♥☎✉🙂🎉🐝→"
NUMBERS = "0123456789"


def article(text: str) -> Article:
    return normalize(SourceFile("a.txt", text, "utf-8", "0", language="en"))


def lines(rows: list[str], kind: str) -> list[Line]:
    return [
        Line(0, len(row), row, i, kind if row not in (BODY, *MORE) else "text") for i, row in enumerate(rows)
    ]


SIGN_LINES = st.text(st.sampled_from(SIGNS + " "), min_size=1, max_size=30).filter(str.strip).map(str.strip)
NUMBER_LINES = st.integers(0, 10**9).map(str) | st.lists(st.integers(10, 99), min_size=1, max_size=4).map(
    lambda numbers: " ".join(map(str, numbers))
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(SIGN_LINES | NUMBER_LINES, max_size=12),
    st.lists(SIGN_LINES | NUMBER_LINES, max_size=24),
    st.sampled_from(["text", "item", "heading"]),
)
def test_no_rule_takes_a_line_without_a_letter(above: list[str], below: list[str], kind: str) -> None:
    rows = ["The ferry", *above, BODY, *MORE, *below]
    found = furniture(Page(lines(rows, kind)))
    assert [(one.reason, rows[one.first : one.last + 1]) for one in found if one.reason != "date line"] == []


@pytest.mark.parametrize(
    "line",
    [
        "///",
        "| | |",
        "· · ·",
        "— — —",
        "* * *",
        "...",
        "7 / 2",
        "3 > 2 > 1",
        "> > >",
        "🐝 🐝",
        "12, 13, 14",
    ],
)
@pytest.mark.parametrize("place", ["above", "below", "between"])
def test_marks_and_numbers_stay_where_they_stand(line: str, place: str) -> None:
    parts = {"above": [line, BODY, *MORE], "below": [BODY, *MORE, line], "between": [BODY, line, *MORE]}[
        place
    ]
    made = article("\n\n".join(["The ferry", *parts]))
    assert made.removed == ()
    assert line in made.text


def test_a_list_of_numbers_is_no_list_of_links() -> None:
    prices = "\n".join(f"- {n},50" for n in range(10, 22))
    made = article(f"The ferry\n\n{BODY}\n\n{MORE[0]}\n\n{MORE[1]}\n\n{prices}")
    assert made.removed == ()


def test_numbers_between_a_pagers_words_go_with_them() -> None:
    made = article(f"The ferry\n\n{BODY}\n\n{MORE[0]}\n\nPrevious page\n\n1\n\n2\n\nNext page")
    assert [span.text for span in made.removed] == ["Previous page", "1", "2", "Next page"]


def test_no_table_of_phrases_has_an_empty_one() -> None:
    tables = [(name, held) for name, held in vars(kb.cleaning.phrases).items() if isinstance(held, frozenset)]
    assert len(tables) >= 10
    assert [name for name, held in tables if "" in held] == []


def test_code_in_a_plain_text_keeps_its_lines_and_its_indentation() -> None:
    code = "    for row in rows:\n        total = total + row\n        report(total)\n    print(total)"
    made = article(f"Adding up\n\n{BODY}\n\n{code}\n\n{MORE[0]}")
    assert [made.text[b.start : b.end] for b in made.blocks if b.kind == "code"] == [code]
    assert made.removed == ()


def test_verse_and_prose_in_a_plain_text_are_no_code() -> None:
    verse = "The rope is long,\nthe river wide;\nwe sing a song\nand reach the side."
    made = article(
        f"The ferry\n\n{verse}\n\n{BODY}\n\nIf it rains: stay.\nWhile it snows: sleep.\n\n{MORE[0]}"
    )
    assert [b for b in made.blocks if b.kind == "code"] == []
    assert verse in made.text
