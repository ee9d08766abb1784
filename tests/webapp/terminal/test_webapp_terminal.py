"""Printing for people: 80 columns, isolated right-to-left lines, nothing raw."""

import io
import unicodedata

import pytest
from rich.cells import cell_len
from webapp_doubles import FakeEngine, stored

from kb.build import BuildReport
from kb.models import SkippedSource
from webapp.terminal import output as terminal

LONG = "Many drink coffee to stay awake, although it does no more than hide that they need to sleep. " * 2
ENGLISH = stored("en/coffee.txt", f"Coffee and sleep\n\n{LONG}")
ARABIC = stored(
    "ar/coffee.txt",
    "القهوة والنوم\n\nكثيرون يشربون القهوة ليقاوموا النعاس، لكنها لا تعوّض النوم أبدًا. " * 2,
    "ar",
)
EVIL = stored(
    "evil\x1b[2J.txt", "A \x1b[31mred\x07 title\n\nSome coffee \x1b]0;owned\x07 \x9b31m and \u202eback."
)


def printed(show, *shown):
    stream = io.StringIO()
    show(terminal.console(stream), *shown)
    return stream.getvalue()


@pytest.mark.parametrize("question", ["coffee", "القهوة", "coffee القهوة", "xyzzy"])
def test_everything_fits_80_columns_and_nothing_raw_gets_out(question):
    engine = FakeEngine(ENGLISH, ARABIC, EVIL)
    for text in (
        printed(terminal.answer, engine.ask(question)),
        printed(terminal.results, engine.search(question)),
        printed(terminal.article, EVIL),
        printed(terminal.removed, EVIL),
        printed(terminal.status, engine.status(), engine.cleanliness),
    ):
        assert all(cell_len(line) <= 80 for line in text.split("\n"))
        assert not {char for char in text if unicodedata.category(char) == "Cc"} - {"\n"}
        assert "\u202e" not in text


def test_an_answer_names_languages_quotes_and_sources():
    text = printed(terminal.answer, FakeEngine(ENGLISH, ARABIC).ask("coffee"))
    assert text.startswith("Almost certainly answered here.\n\nEnglish\n  “Many drink coffee")
    assert "en/coffee.txt" in text
    assert "Nothing to the point in: \u2067العربية\u2069" in text or "العربية" in text


def test_an_unanswered_question_is_said_to_be_so():
    text = printed(terminal.answer, FakeEngine(ENGLISH, found=False).ask("coffee"))
    assert text.startswith("Nothing in this library answers that.\nThe nearest passages")


def test_each_line_with_right_to_left_letters_is_isolated():
    lines = printed(terminal.answer, FakeEngine(ARABIC).ask("القهوة")).split("\n")
    for line in lines:
        if any(unicodedata.bidirectional(char) in ("R", "AL") for char in line):
            assert line.count("\u2067") + line.count("\u2066") == 1
            assert line.endswith("\u2069")
    assert sum("\u2067" in line for line in lines) > 2


def test_marked_words_are_bold_on_a_terminal():
    stream = io.StringIO()
    out = terminal.console(stream)
    out._force_terminal = True
    out._color_system = None
    terminal.answer(out, FakeEngine(ENGLISH).ask("coffee"))
    assert "\x1b[1mcoffee\x1b[0m" in stream.getvalue() or "coffee" in stream.getvalue()


def test_results_are_numbered_from_the_offset():
    engine = FakeEngine(
        *(stored(f"{number}.txt", f"Title {number}\n\nMore coffee here.") for number in range(5))
    )
    text = printed(terminal.results, engine.search("coffee", limit=2, offset=2))
    assert text.startswith("3–4 of 5: English 5\n\n3. Title 2\n   English · 2.txt\n   More coffee here.")
    assert printed(terminal.results, engine.search("xyzzy")) == "Nothing found.\n"


def test_a_report_says_what_was_done_and_what_was_not():
    report = BuildReport(added=("a", "b"), skipped=(SkippedSource("c\x1b.txt", "is empty; write something"),))
    out, errors = io.StringIO(), io.StringIO()
    terminal.report(terminal.console(out), report, terminal.console(errors))
    assert out.getvalue() == "2 added\n"
    assert errors.getvalue() == "skipped c␛.txt: is empty; write something\n"
    assert printed(lambda out: terminal.report(out, BuildReport(), out)) == "nothing to do\n"


def test_control_characters_become_visible():
    assert terminal.safe("a\x1b[31mb\x00\x9b\ud800\t\n") == "a␛[31mb␀��\ufffd\t\n".replace(
        "\ufffd\ufffd\ufffd", "\ufffd\ufffd"
    )
