"""The command ``kb``. Parsing and exit codes only; :mod:`webapp.terminal.output` prints.

Each command imports what it needs when it runs, so that ``kb --help`` answers at once.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import click

from webapp import config
from webapp.settings import WEBAPP
from webapp.terminal import completion, doors, holdings, keeping
from webapp.terminal.commands import Group, LocalPath, QueryCommand, debug_option
from webapp.terminal.commands import bounds_options as _bounds_options
from webapp.terminal.commands import chosen as _chosen
from webapp.terminal.commands import field_options as _field_options
from webapp.terminal.commands import in_option as _in_option
from webapp.terminal.commands import json_option as _json_option
from webapp.terminal.commands import library_option as _library_option
from webapp.terminal.commands import open_library as _open
from webapp.terminal.commands import query_argument as _query_argument
from webapp.terminal.commands import query_language_option as _query_language_option
from webapp.terminal.commands import reader_option as _reader_option
from webapp.terminal.commands import rehash_option as _rehash_option
from webapp.terminal.commands import shards_option as _shards_option
from webapp.terminal.commands import show_found as _show
from webapp.terminal.commands import standard_input as _standard_input
from webapp.terminal.commands import write as _write

__all__ = ["main"]


@click.group(cls=Group, params=[debug_option()], context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(config.version(), prog_name="Rosetta")
def main() -> None:
    """Rosetta: one question, the evidence in every language, side by side."""


@main.command()
@click.argument("sources", metavar="[SOURCE]...", nargs=-1, type=LocalPath(path_type=Path))
@click.option(
    "--model",
    metavar="NAME",
    help="A sentence-transformers model or folder.  [default: $KB_MODEL, else the bundled one]",
)
@click.option(
    "--cluster",
    metavar="[ADDRESS]",
    is_flag=False,
    flag_value="local",
    help="Encode on a Ray cluster: auto, HOST:6379, ray://HOST:10001, or, without one, this machine's cores.",
)
@_field_options
@_rehash_option
@_shards_option
@_library_option
def build(
    sources: tuple[Path, ...],
    library: str | None,
    model: str | None,
    cluster: str | None,
    shards: str | None,
    **options: Any,
) -> None:
    """Build a library from folders and files (default: corpus/).

    With - as SOURCE, from lines of JSON on standard input, {"source": …, "text": …} each; title, language,
    date, url and format (markdown, text or html) may be there, too.
    """
    from webapp.terminal.commands import build_work

    work = build_work(sources, cluster, **options)
    _write(work, config.load(library, model), shards)


@main.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=LocalPath(path_type=Path))
@_field_options
@_rehash_option
@_library_option
def add(paths: tuple[Path, ...], library: str | None, **options: Any) -> None:
    """Add or update articles; with - as PATH, those on standard input, as for `kb build`."""
    import search

    given = _standard_input(paths, **options)
    _write(partial(search.add, given, **options), config.load(library))


@main.command()
@click.argument("sources", metavar="SOURCE...", nargs=-1, required=True)
@_library_option
def remove(sources: tuple[str, ...], library: str | None) -> None:
    """Remove articles, named by their source."""
    import search

    _write(partial(search.remove, list(sources)), config.load(library))


main.add_command(keeping.restore)
main.add_command(keeping.watch)
main.add_command(keeping.upgrade)
main.add_command(keeping.backup)
main.add_command(keeping.restore_backup)
main.add_command(holdings.status)
main.add_command(holdings.list_)
main.add_command(holdings.show)
main.add_command(completion.completion)
main.add_command(doors.publish)
main.add_command(doors.serve)
main.add_command(doors.mcp)


@main.command()
@click.option("--repair", is_flag=True, help="Make damaged indexes anew, from the articles in the database.")
@_library_option
@click.pass_context
def verify(context: click.Context, library: str | None, repair: bool) -> None:
    """Check every file of the library."""
    import search
    from webapp.terminal import progress
    from webapp.terminal.output import safe

    settings = config.load(library)
    shown = safe(str(settings.library))
    if repair:
        with progress.shown() as report:
            mended = search.repair(
                settings.library, model=settings.model, cache=settings.cache, progress=report
            )
        for problem in mended:
            click.echo(f"mended: {safe(problem)}", err=True)
    problems = search.verify(settings.library, cache=settings.cache)
    for problem in problems:
        click.echo(safe(problem), err=True)
    if problems:
        click.echo(f"{shown}: is damaged; `kb verify --repair` makes the indexes anew", err=True)
        context.exit(3)
    click.echo(f"{shown}: all is well")


@main.command("search", cls=QueryCommand)
@_query_argument("query")
@click.option(
    "-n", "limit", default=10, show_default=True, type=click.IntRange(1, 1000), help="How many articles."
)
@click.option("--all-versions", is_flag=True, help="List translations of one text apart.")
@click.option("--newest", is_flag=True, help="The newest first instead of the best.")
@_bounds_options
@_in_option
@_query_language_option
@_json_option
@_library_option
@click.pass_context
def search_(
    context: click.Context,
    query: str,
    limit: int,
    all_versions: bool,
    newest: bool,
    folder: str,
    since: str | None,
    until: str | None,
    languages: str | None,
    query_language: str | None,
    as_json: bool,
    library: str | None,
) -> None:
    """Find articles in every language."""
    from webapp import errors, params
    from webapp.terminal import output as terminal

    text = params.query_text(query, WEBAPP.api_query)
    with _open(library) as engine:
        results = engine.search(
            text,
            limit=limit,
            languages=_chosen(engine, languages),
            query_language=query_language,
            collapse=not all_versions,
            folder=folder,
            since=since,
            until=until,
            sort="date" if newest else "best",
        )
    _show(as_json, results, terminal.results)
    if not results.total:
        context.exit(errors.NOTHING_FOUND)


@main.command(cls=QueryCommand)
@_query_argument("question")
@click.option(
    "--per-language",
    metavar="N",
    default=3,
    show_default=True,
    type=click.IntRange(1, WEBAPP.quotes_each),
    help="How many quotes of each language at most.",
)
@click.option("--brief", is_flag=True, help="Only the best quote of each language, and where it stands.")
@_in_option
@_query_language_option
@_json_option
@_reader_option
@_library_option
@click.pass_context
def ask(
    context: click.Context,
    question: str,
    per_language: int,
    brief: bool,
    languages: str | None,
    query_language: str | None,
    as_json: bool,
    reader: str | None,
    library: str | None,
) -> None:
    """Show the evidence for an answer, in every language."""
    from webapp import errors, params
    from webapp.terminal import output as terminal

    text = params.query_text(question, WEBAPP.api_query)
    with _open(library, reader) as engine:
        answer = engine.ask(
            text,
            languages=_chosen(engine, languages),
            per_language=1 if brief else per_language,
            query_language=query_language,
        )
    _show(as_json, answer, terminal.brief if brief else terminal.answer)
    if not answer.found:
        context.exit(errors.NOTHING_FOUND)


@main.command(cls=QueryCommand)
@_query_argument("term", required=False)
@click.option("--from", "language", metavar="en", help="The term's own language.")
@click.option(
    "--format", "form", type=click.Choice(["tsv", "tbx"]), help="For a translator's tools, instead of text."
)
@_json_option
@_library_option
@click.pass_context
def lookup(
    context: click.Context,
    term: str,
    language: str | None,
    form: str | None,
    as_json: bool,
    library: str | None,
) -> None:
    """Say what each language's articles call a term; without TERM, all terms that two languages have."""
    from webapp import errors
    from webapp.terminal import cli_terms

    with _open(library) as engine:
        shown = cli_terms.show(engine, term, language, "json" if as_json else form)
    if not shown:
        context.exit(errors.NOTHING_FOUND)


@main.command()
@click.argument("source")
@_json_option
@_library_option
@click.pass_context
def translations(context: click.Context, source: str, as_json: bool, library: str | None) -> None:
    """Find the same text in other languages, and copies of it."""
    from webapp import errors
    from webapp.terminal import output as terminal
    from webapp.terminal.json_text import print_json

    with _open(library) as engine:
        found = engine.translations(source)
    if as_json:
        print_json({"translations": [version.to_dict() for version in found]})
    else:
        terminal.translations(terminal.console(), found)
    if not found:
        context.exit(errors.NOTHING_FOUND)


@main.command()
@click.argument("dataset", type=LocalPath(path_type=Path))
@_json_option
@click.option(
    "--plot", metavar="FILE.svg", type=click.Path(path_type=Path, dir_okay=False), help="Draw the measures."
)
@click.option(
    "--half",
    default="report",
    show_default=True,
    type=click.Choice(["fit", "report", "all"]),
    help="Which labelled questions.",
)
@click.option(
    "--sample",
    metavar="N",
    default=1,
    show_default=True,
    type=click.IntRange(1),
    help="Ask every N-th question.",
)
@click.option("--model", metavar="NAME", help="As for `kb build`.")
@_reader_option
@_library_option
def evaluate(
    dataset: Path,
    as_json: bool,
    plot: Path | None,
    half: str,
    sample: int,
    model: str | None,
    reader: str | None,
    library: str | None,
) -> None:
    """Measure search and answers on a data set.

    Libraries are built from the data set's own articles; only a data set without any asks the library that
    --kb names. docs/evaluation.md says what is measured.
    """
    from search.evaluation import evaluate as evaluation
    from webapp.pages import heatmap
    from webapp.terminal import output as terminal
    from webapp.terminal import progress

    if plot and not plot.absolute().parent.is_dir():
        raise click.BadParameter(f"there is no folder {plot.parent}", param_hint="--plot")
    settings = config.load(library, model, reader=reader)
    with progress.shown() as shown:
        measured = evaluation.evaluate(
            dataset,
            half=half,
            sample=sample,
            library=settings.library,
            model=settings.model,
            reader=settings.reader,
            cache=settings.cache,
            progress=shown,
        )
    if plot:
        plot.write_text(heatmap.draw(measured), "utf-8")
    _show(as_json, measured, terminal.evaluation)


@main.command()
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@_library_option
def export(directory: Path, library: str | None) -> None:
    """Write every article as Markdown with front matter."""
    from webapp.terminal.output import safe

    with _open(library) as engine:
        count = engine.export(directory)
    click.echo(f"{count} {'article' if count == 1 else 'articles'} written to {safe(str(directory))}")
