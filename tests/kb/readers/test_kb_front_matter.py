"""Front matter says what an article is; what in it is hostile or broken is named, and the article stays."""

from __future__ import annotations

from pathlib import Path

import pytest
from growth import steps
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.building.sources import sources
from kb.models import SkippedSource, SourceFile
from kb.readers import split_front_matter

BODY = "The weir was built of oak, and the miller raised it every spring.\n"


def read(folder: Path, front: str, fence: str = "---") -> tuple[SourceFile, list[SkippedSource]]:
    (folder / "a.md").write_text(f"{fence}\n{front}\n{fence}\n{BODY}", "utf-8")
    items = list(sources([folder]))
    (file,) = [one for one in items if isinstance(one, SourceFile)]
    return file, [one for one in items if isinstance(one, SkippedSource)]


def bomb(copies: str) -> str:
    """A few lines that stand for nine to the power of fourteen values."""
    rows = (f"a{n}: &a{n} {copies.format(', '.join([f'*a{n - 1}'] * 9))}" for n in range(1, 15))
    return "\n".join(["a0: &a0 {title: weir}", *rows])


@pytest.mark.parametrize("copies", ["{{<<: [{}]}}", "[{}]"], ids=["merge keys", "aliases"])
def test_a_few_lines_cannot_stand_for_millions_of_values(tmp_path: Path, copies: str) -> None:
    text = f"---\ntitle: The weir\n{bomb(copies)}\n---\n{BODY}"
    assert steps(lambda: split_front_matter(text)) < 200_000
    file, skipped = read(tmp_path, f"title: The weir\n{bomb(copies)}")
    assert (file.title, file.text) == ("The weir", BODY)
    assert [one.source for one in skipped] == ["a.md#front matter"]
    assert "*a0" in skipped[0].reason
    assert "; write them out" in skipped[0].reason


def test_what_is_said_without_pointing_elsewhere_is_read(tmp_path: Path) -> None:
    front = "title: The weir\nauthor: &who Eva\neditor: *who\ndate: 2024-05-03\nlang: en\n<<: {title: No}"
    file, skipped = read(tmp_path, front)
    assert (file.title, file.author, file.date, file.language) == ("The weir", "Eva", "2024-05-03", "en")
    assert len(skipped) == 1


@pytest.mark.parametrize(
    "front",
    [
        "title: !!bool maybe",
        "title: !!float weir",
        "date: !!timestamp soon",
        "pages: !!int ''",
        "title: !!binary weir",
        "title: !!set {weir}",
        "title: !!python/object/apply:os.system ['true']",
        "title: !weir oak",
        "title: weir\nmore:\n  - a: !!python/name:os.system x",
    ],
)
def test_a_tag_makes_nothing_and_is_named_and_no_word_is_lost(tmp_path: Path, front: str) -> None:
    file, (skipped,) = read(tmp_path, front)
    assert file.text == f"---\n{front}\n---\n{BODY}"
    assert skipped.source == "a.md#front matter"
    assert "tag" in skipped.reason
    assert "; " in skipped.reason


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("!!str 2024", "2024"),
        ("'2024'", "2024"),
        ("2024", "2024"),
        ("'*weir*'", "*weir*"),
        ("weir & oak", "weir & oak"),
        ("0x" + "f" * 5_000, None),
        ("9" * 5_000, "9" * 1_000),
    ],
)
def test_plain_values_are_as_they_are_written(tmp_path: Path, said: str, title: str | None) -> None:
    file, skipped = read(tmp_path, f"title: {said}\nlang: en")
    assert (file.title, file.text, skipped) == (title, BODY, [])


@pytest.mark.parametrize(
    ("said", "date"),
    [
        ("2024-05-03", "2024-05-03"),
        ("2024-05-03 10:00:00", "2024-05-03T10:00:00"),
        ("2024-13-45", "2024-13-45"),
    ],
)
def test_dates_are_read_and_what_only_looks_like_one_is_words(tmp_path: Path, said: str, date: str) -> None:
    file, skipped = read(tmp_path, f"title: The weir\ndate: {said}")
    assert (file.title, file.date, skipped) == ("The weir", date, [])


@pytest.mark.parametrize(
    ("fence", "front"),
    [("---", "a: " + "[" * 500), ("---", "a: " + "{b: " * 500), ("+++", "a." * 500 + "a = 1")],
)
def test_what_is_nested_too_deeply_is_named_and_stays(tmp_path: Path, fence: str, front: str) -> None:
    file, (skipped,) = read(tmp_path, front, fence)
    assert file.text == f"{fence}\n{front}\n{fence}\n{BODY}"
    assert "nested too deeply" in skipped.reason
    assert "; flatten it" in skipped.reason


TOKENS = [
    *(
        "a: ",
        "? ",
        "- ",
        "[",
        "{",
        "]",
        "}",
        ", ",
        "&a ",
        "*a ",
        "<<: ",
        "!",
        "!!int ",
        "|\n",
        ">\n",
        "%",
        "@",
    ),
    *(
        "'",
        '"',
        "#",
        "\n",
        "\n ",
        "\t",
        "1:",
        "9",
        "0x",
        "~",
        "a.",
        "[[",
        "=",
        '"""',
        "'''",
        "\\",
        "2024-",
        "é",
    ),
]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(TOKENS), max_size=30), st.sampled_from(["---", "+++"]))
def test_any_front_matter_is_read_or_is_text(pieces: list[str], fence: str) -> None:
    text = f"{fence}\n{''.join(pieces)}\n{fence}\n{BODY}"
    meta, body, _why = split_front_matter(text)
    assert isinstance(meta, dict)
    assert text.endswith(body)
    assert body.endswith(BODY) or not pieces


@pytest.mark.parametrize("fence", ["---", "+++", ""])
@pytest.mark.parametrize(
    "token", [*TOKENS, "a: b\n", "a = 1\n", "[a]\n", "[a.b]\n", "{a: ", "a: &a b\n", '{"a":']
)
def test_a_token_over_and_over_takes_work_that_grows_with_the_text(token: str, fence: str) -> None:
    def work(size: int) -> int:
        text = f"{fence}\n{token * (size // len(token))}\n{fence}\n{BODY}"
        return steps(lambda: split_front_matter(text))

    assert work(8_000) < 3 * max(work(4_000), 2_000)
