"""``kb completion``: lets a shell complete commands and options."""

from __future__ import annotations

from dataclasses import dataclass

import click

from webapp.config import user_folder
from webapp.terminal.commands import Command

__all__ = ["completion"]


@dataclass(frozen=True, slots=True)
class _Shell:
    """Where a shell looks for completions: ``file`` below the folder that the variable ``base`` names, else
    below ``otherwise`` in the user's home. ``then`` is what it still has to be told, by hand."""

    base: str
    otherwise: str
    file: str
    then: str = ""


_SHELLS = {
    "bash": _Shell(
        "XDG_DATA_HOME",
        ".local/share",
        "bash-completion/completions/kb",
        "bash reads it where the package bash-completion is installed; else write in ~/.bashrc: . {file}",
    ),
    "zsh": _Shell(
        "XDG_DATA_HOME",
        ".local/share",
        "zsh/site-functions/_kb",
        "write in ~/.zshrc, above compinit: fpath=({folder} $fpath)",
    ),
    "fish": _Shell("XDG_CONFIG_HOME", ".config", "fish/completions/kb.fish"),
}


@click.command(cls=Command)
@click.argument("shell", type=click.Choice(list(_SHELLS)))
@click.option("--print", "printed", is_flag=True, help="Print the script and install nothing.")
def completion(shell: str, printed: bool) -> None:
    """Complete commands and options with the Tab key.

    The script is put where SHELL looks for it, and works from the next one on.
    """
    script = _script(shell)
    if printed:
        click.echo(script, nl=False)
        return
    row = _SHELLS[shell]
    file = user_folder(row.base, row.otherwise) / row.file
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(script, encoding="utf-8")
    click.echo(f"written: {file}")
    if row.then:
        click.echo(row.then.format(file=file, folder=file.parent))


def _script(shell: str) -> str:
    """What the shell reads; it asks ``kb`` itself for whatever is being typed."""
    from click.shell_completion import get_completion_class

    from webapp.terminal.cli import main

    kind = get_completion_class(shell)
    assert kind is not None, f"click completes {shell}"
    made = kind(main, {}, "kb", "_KB_COMPLETE")
    # Not .source(), which first runs the shell to see its version: that may be another machine's.
    return made.source_template % made.source_vars() + "\n"
