"""Progress as plain lines, for logs."""

import io

from webapp.terminal import progress


def test_a_stage_is_said_when_it_is_done_and_only_once():
    stream = io.StringIO()
    report = progress.plain(stream, lambda: 0.0)
    for done in range(6):
        report("reading", done, 5)
    report("reading", 5, 5)
    assert stream.getvalue() == "reading: 5 of 5\n"


def test_a_stage_that_two_parts_of_a_build_do_never_goes_back():
    stream = io.StringIO()
    clock = iter(range(0, 1000, 10))
    report = progress.onward(progress.plain(stream, lambda: float(next(clock))))
    for done, total in ((0, 1), (1, 1), (0, 1), (1, 1), (1, 3), (3, 3)):
        report("encoding", done, total)
    assert stream.getvalue() == "encoding: 1 of 1\nencoding: 3 of 3\n"


def test_a_long_stage_is_said_every_few_seconds():
    stream = io.StringIO()
    now = iter([0.0, 3.0, 6.0, 7.0, 12.0])
    report = progress.plain(stream, lambda: next(now))
    for done in range(5):
        report("encoding", done, 100)
    assert stream.getvalue() == "encoding: 2 of 100\nencoding: 4 of 100\n"


def test_on_a_terminal_each_stage_has_a_bar(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with progress.shown() as report:
        report("reading", 1, 5)
        report("reading", 5, 5)
        report("encoding", 2, 8)
    said = terminal.getvalue()
    assert "reading" in said
    assert "5/5" in said
    assert "2/8" in said
    assert "reading: 5 of 5" not in said
