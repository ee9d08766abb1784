"""The code blocks of a Markdown page, and how they are run.

``python`` blocks are executed, ``pycon`` blocks are doctests, ``console`` blocks hold commands after ``$``
and what they print; all blocks of a page share a folder and a namespace, in order. In what is shown, ``...``
stands for anything. ``sh`` blocks are only shown, for they would install or serve: their ``kb`` commands are
parsed.
"""

from __future__ import annotations

import doctest
import re
import shlex
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from click.testing import CliRunner
from flask.testing import FlaskClient

from webapp.terminal.cli import main

__all__ = ["Block", "Page", "blocks", "commands", "parse_only"]

_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
# What else a page may run: these do no harm in a folder of the test's own.
_PROGRAMS = frozenset({"cp", "head", "ls", "mkdir", "printf"})


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block: its language, its text, and the line of the page it starts on."""

    language: str
    text: str
    line: int


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    for found in _FENCE.finditer(text):
        yield Block(found[1], found[2], text.count("\n", 0, found.start()) + 2)


def commands(block: Block) -> Iterator[tuple[str, str]]:
    """Each command of a ``console`` block with what it is shown to print."""
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        command, _, shown = part.partition("\n")
        yield command, shown


def parse_only(block: Block) -> int:
    """Checks the ``kb`` commands of a block against the command line's own parser; how many there were."""
    count = 0
    for line in block.text.splitlines():
        words = shlex.split(line, comments=True)
        if words[:1] == ["kb"]:
            name, *arguments = words[1:]
            main.commands[name].make_context(name, arguments)
            count += 1
    return count


@dataclass(slots=True)
class Page:
    """Runs a page's blocks in ``folder``, which must be the working directory. ``client`` opens the site of
    the library there, for ``curl``."""

    folder: Path
    client: Callable[[], FlaskClient]
    _names: dict[str, object] = field(default_factory=dict)
    _code: int = 0
    _site: FlaskClient | None = None

    def run(self, block: Block) -> None:
        """Runs one block; raises AssertionError where it fails or prints something else than is shown."""
        if block.language == "python":
            exec(compile(block.text, f"line {block.line}", "exec"), self._names)
        elif block.language == "pycon":
            self._doctest(block)
        elif block.language == "console":
            self._console(block)
        elif block.language == "sh":
            parse_only(block)

    def _doctest(self, block: Block) -> None:
        test = doctest.DocTestParser().get_doctest(block.text, {}, "page", "page", block.line)
        test.globs = self._names
        said: list[str] = []
        result = doctest.DocTestRunner(optionflags=_FLAGS).run(test, out=said.append, clear_globs=False)
        assert not result.failed, "".join(said)

    def _console(self, block: Block) -> None:
        listed = list(commands(block))
        for place, (command, shown) in enumerate(listed):
            if command == "echo $?":
                printed = f"{self._code}\n"
            else:
                printed = self._command(command)
                looked_at = listed[place + 1 : place + 2] and listed[place + 1][0] == "echo $?"
                assert self._code == 0 or looked_at, f"{command}: exit code {self._code}\n{printed}"
            same = not shown.strip() or doctest.OutputChecker().check_output(shown, printed, _FLAGS)
            assert same, f"line {block.line}: `{command}` is shown to print\n{shown}\nand prints\n{printed}"

    def _command(self, command: str) -> str:
        """Runs a command; what it printed, on standard error where there was nothing else."""
        command, _, target = command.partition(" > ")
        words = shlex.split(command)
        if words[0] == "kb":
            result = CliRunner().invoke(main, words[1:], prog_name="kb", env={"COLUMNS": "80"})
            self._code, out = result.exit_code, result.stdout or result.stderr
        elif words[0] == "curl":
            out = self._fetch(words[-1])
        else:
            assert words[0] in _PROGRAMS, f"{words[0]}: a page may not run it"
            done = subprocess.run(words, cwd=self.folder, capture_output=True, text=True, check=False)
            self._code, out = done.returncode, done.stdout
        if target:
            (self.folder / target).write_text(out, encoding="utf-8")
            return ""
        return out

    def _fetch(self, address: str) -> str:
        parts = urlsplit(address)
        assert parts.netloc == "127.0.0.1:8000", address
        if self._site is None:
            self._site = self.client()
        self._code = 0
        return self._site.get(f"{parts.path}?{parts.query}").text
