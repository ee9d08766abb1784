"""Commands that show what a library holds: ``kb status``, ``kb list`` and ``kb show``."""

from __future__ import annotations

import click

from webapp.terminal.commands import (
    Command,
    bounds_options,
    chosen,
    in_option,
    json_option,
    library_option,
    open_library,
    show_found,
)

__all__ = ["list_", "show", "status"]


@click.command(cls=Command)
@json_option
@library_option
def status(as_json: bool, library: str | None) -> None:
    """Say what the library holds."""
    from webapp.terminal import output as terminal
    from webapp.terminal.json_text import print_json

    with open_library(library) as engine:
        if as_json:
            print_json(engine.status().to_dict())
        else:
            terminal.status(terminal.console(), engine.status(), engine.cleanliness)


@click.command("list", cls=Command)
@click.argument("title", nargs=-1)
@click.option(
    "-n", "limit", default=100, show_default=True, type=click.IntRange(1, 100_000), help="How many articles."
)
@click.option(
    "--sort",
    default="title",
    show_default=True,
    type=click.Choice(["title", "source", "date"]),
    help="What comes first; by date, the newest.",
)
@bounds_options
@in_option
@json_option
@library_option
@click.pass_context
def list_(
    context: click.Context,
    title: tuple[str, ...],
    limit: int,
    sort: str,
    folder: str,
    since: str | None,
    until: str | None,
    languages: str | None,
    as_json: bool,
    library: str | None,
) -> None:
    """List the articles; with TITLE, those that have it in theirs."""
    from webapp import errors
    from webapp.terminal import output as terminal

    with open_library(library) as engine:
        found = engine.browse(
            title=" ".join(title),
            languages=chosen(engine, languages),
            folder=folder,
            since=since,
            until=until,
            sort=sort,
            limit=limit,
        )
    show_found(as_json, found, terminal.listing)
    if not found.total:
        context.exit(errors.NOTHING_FOUND)


@click.command(cls=Command)
@click.argument("source", required=False)
@click.option("--removed", is_flag=True, help="Show what was taken out, and why.")
@json_option
@library_option
def show(source: str | None, removed: bool, as_json: bool, library: str | None) -> None:
    """Show an article, or what was taken out of it.

    With --removed and no SOURCE, what was taken out of the whole library, by reason.
    """
    from webapp import payload
    from webapp.terminal import output as terminal
    from webapp.terminal.json_text import print_json

    if source is None and not removed:
        raise click.UsageError("name a SOURCE, or say --removed for what was taken out of the whole library")
    with open_library(library) as engine:
        if source is None:
            found = engine.removals()
            if as_json:
                print_json(found.to_dict())
            else:
                terminal.removals(terminal.console(), found)
            return
        stored = engine.article(source)
    if as_json:
        print_json(payload.article_document(stored))
    else:
        (terminal.removed if removed else terminal.article)(terminal.console(), stored)
