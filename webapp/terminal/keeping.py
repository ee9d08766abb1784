"""Commands that keep a library as its files and its reader want it, and from being lost: ``kb restore`` and
``kb watch``; ``kb upgrade``, ``kb backup`` and ``kb restore-backup``."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import click

from webapp import config
from webapp.terminal.commands import Command, LocalPath, field_options, library_option, write

__all__ = ["backup", "restore", "restore_backup", "upgrade", "watch"]


def _span(given: str) -> int:
    """Where a span begins: of "120-180", "120–180" as `kb show --removed` prints it, or "120"."""
    start = given.replace("–", "-").partition("-")[0]
    if not (start.isascii() and start.isdigit() and len(start) < 12):
        raise click.BadParameter(
            f"{given!r} is no span; `kb show SOURCE --removed` lists them, such as 120–180", param_hint="SPAN"
        )
    return int(start)


@click.command(cls=Command)
@click.argument("source")
@click.argument("span")
@library_option
def restore(source: str, span: str, library: str | None) -> None:
    """Put back a part that was taken out of an article.

    SPAN is what `kb show SOURCE --removed` calls it. It stays until the file changes.
    """
    import search

    write(partial(search.restore, source, _span(span)), config.load(library))


@click.command(cls=Command)
@click.argument("sources", metavar="[SOURCE]...", nargs=-1, type=LocalPath(path_type=Path))
@field_options
@library_option
def watch(
    sources: tuple[Path, ...], library: str | None, text_field: str | None, title_field: str | None
) -> None:
    """Build, and again whenever a file changes (default: corpus/).

    Ends with Ctrl-C. A server that is running takes up each new state by itself.
    """
    import search
    from kb.building.watch import Watcher
    from webapp.terminal.output import safe

    followed = list(sources) or [config.DEFAULT_SOURCE]
    settings = config.load(library)
    build = partial(search.build, followed, text_field=text_field, title_field=title_field)
    watcher = Watcher(followed)  # before the first build, so that nothing is missed

    def built() -> bool:
        made = write(build, settings)
        sys.stdout.flush()
        return not any(one.passing for one in made.skipped)

    watcher.begin(built, _complain)
    click.echo(f"watching {', '.join(safe(str(path)) for path in followed)}; Ctrl-C ends it")
    sys.stdout.flush()
    watcher.follow(built, _complain)


@click.command(cls=Command)
@click.option("--model", metavar="NAME", help="Another model than the library's own.")
@library_option
def upgrade(library: str | None, model: str | None) -> None:
    """Bring a library of an older version to this one.

    Its articles stay, with what was put back in them; its indexes are made anew.
    """
    import search
    from search.disk.layout import FORMAT_VERSION
    from webapp.terminal import progress
    from webapp.terminal.output import safe

    settings = _in_a_folder(config.load(library, model))
    with progress.shown() as shown:
        before = search.upgrade(settings.library, model=settings.model, cache=settings.cache, progress=shown)
    now = f"is of format {FORMAT_VERSION}"
    was = "already" if before == FORMAT_VERSION else f"now; it was of format {before}"
    click.echo(f"{safe(str(settings.library))}: {now} {was}")


@click.command(cls=Command)
@click.argument("file", type=LocalPath(path_type=Path, dir_okay=False))
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@library_option
def backup(file: Path, force: bool, library: str | None) -> None:
    """Write the library into one file, while it is served and written."""
    import search
    from webapp.terminal.output import safe

    settings = _in_a_folder(config.load(library))
    search.backup(settings.library, file, overwrite=force)
    click.echo(f"{safe(str(file))}: {file.stat().st_size / 1e6:,.1f} MB, read again and sound")


@click.command("restore-backup", cls=Command)
@click.argument("file", type=LocalPath(path_type=Path, dir_okay=False))
@click.option("--force", is_flag=True, help="Take the place of the library that is there.")
@library_option
def restore_backup(file: Path, force: bool, library: str | None) -> None:
    """Make the library what it was when `kb backup` wrote FILE.

    All of it is unpacked and checked first. A server takes it up.
    """
    import search
    from search.disk.layout import FORMAT_VERSION
    from webapp.terminal.output import safe

    settings = _in_a_folder(config.load(library))
    made = search.restore_backup(file, settings.library, overwrite=force)
    click.echo(f"{safe(str(settings.library))}: is what it was, checked whole")
    if made != FORMAT_VERSION:
        click.echo(f"it is of format {made}: `kb upgrade` brings it to format {FORMAT_VERSION}")


def _in_a_folder(settings: config.Settings) -> config.Settings:
    """Raises UsageError for a library on a server, which is made from one at home."""
    from kb.errors import UsageError

    if settings.address:
        raise UsageError(f"{settings.address}: name its home with --kb {settings.library}")
    return settings


def _complain(error: Exception) -> None:
    from webapp import errors
    from webapp.terminal.output import safe

    click.echo(f"kb: {safe(errors.message(error))}", err=True)
