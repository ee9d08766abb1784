"""What the commands of ``kb`` share: the group with its errors, options, opening and writing a library."""

from __future__ import annotations

import os
import re
import sys
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from webapp import config

if TYPE_CHECKING:
    from rich.console import Console

    import search
    from kb.build import BuildReport
    from kb.building.given import Sources

__all__ = [
    "Command",
    "Group",
    "LibraryPath",
    "LocalPath",
    "QueryCommand",
    "bounds_options",
    "build_work",
    "chosen",
    "debug_option",
    "field_options",
    "in_option",
    "json_option",
    "library_option",
    "open_library",
    "publish",
    "query_argument",
    "query_language_option",
    "reader_option",
    "rehash_option",
    "shards_option",
    "show_found",
    "standard_input",
    "write",
]


class Group(click.Group):
    """Turns every error into one line on stderr and the exit code of its class."""

    def main(
        self, args: Sequence[str] | None = None, prog_name: str | None = None, *_args: Any, **_extra: Any
    ) -> NoReturn:
        given = list(sys.argv[1:] if args is None else args)
        try:
            code = super().main(given, prog_name or "kb", standalone_mode=False)
        except Exception as error:
            # --debug counts wherever it stands, and even where the parsing itself failed.
            if "--debug" in given and not isinstance(error, click.ClickException):
                traceback.print_exc()
            code = _complain(error)
        except KeyboardInterrupt:
            click.echo("kb: interrupted", err=True)
            code = 130
        sys.exit(code if isinstance(code, int) else 0)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            # The reader has gone (`kb search … | head`). Click would end with 1, our "nothing found". Python
            # flushes once more at its end, and must not complain then either.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        return result


def _complain(error: Exception) -> int:
    """One line on stderr about ``error``; returns the exit code."""
    if isinstance(error, click.exceptions.Abort):
        click.echo("kb: interrupted", err=True)
        return 130
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message(), err=True)
        return 2
    from webapp import errors

    if isinstance(error, click.ClickException):
        context = getattr(error, "ctx", None)
        see = f" (see `{context.command_path} --help`)" if context else ""
        text, code = error.format_message() + see, error.exit_code
    else:
        text, code = errors.message(error), errors.meaning(error).exit_code
        if code == errors.BUG:
            text = f"unexpected {type(error).__name__}: {text}; run it again with --debug to see where"
    from webapp.terminal.output import safe

    click.echo("kb: " + " ".join(safe(text).split()), err=True)
    return code


def library_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--kb``, or ``--to``, which is the same wherever it stands: comes as ``library``."""
    described = (
        "The library: a folder, or on a server postgresql://HOST/DATABASE?library=NAME or "
        "milvus+http://HOST:19530/NAME.  [default: $KB_DIR, else ./.kb]"
    )
    return click.option("--kb", "--to", "library", metavar="DIR", type=LibraryPath(), help=described)(command)


def reader_option(command: Callable[..., Any]) -> Callable[..., Any]:
    described = (
        "What reads question and sentence together: bundled, none, or a sentence-transformers cross-encoder "
        "or its folder.  [default: $KB_READER, else bundled, where it goes with the model]"
    )
    return click.option("--reader", metavar="NAME", help=described)(command)


def bounds_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--folder``, ``--since`` and ``--until``."""
    described = {"until": "or earlier", "since": "or later"}
    for name, more in described.items():
        text = f"Only articles of this year, month or day, {more}."
        command = click.option(f"--{name}", metavar="2024-05-31", help=text)(command)
    return click.option("--folder", default="", metavar="DIR", help="Only articles below this folder.")(
        command
    )


def field_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--text-field`` and ``--title-field``, which come as ``text_field`` and ``title_field``."""
    for role in ("title", "text"):
        described = f"The column of tables, or the key of JSON records, that holds the {role}."
        command = click.option(f"--{role}-field", metavar="NAME", help=described)(command)
    return command


rehash_option = click.option(
    "--rehash", is_flag=True, help="Read every file, even those that look as they did before."
)


class Command(click.Command):
    """A command that also knows ``--debug``."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.append(debug_option())


class QueryCommand(Command):
    """A command with a query: its words may begin with a minus, as those do that it excludes."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        flags = {
            name: option.is_flag
            for option in self.get_params(ctx)
            if isinstance(option, click.Option)
            for name in option.opts
        }
        options: list[str] = []
        words: list[str] = []
        given = iter(args)
        for argument in given:
            name, _, value = argument.partition("=")
            if argument == "--":
                words.extend(given)
            elif name in flags:
                options += [argument] if flags[name] or value else [argument, *islice(given, 1)]
            elif argument.startswith("--") or (
                argument[:2] in flags and argument[2:].isdecimal()
            ):  # unknown, or as in -n5
                options.append(argument)
            else:
                words.append(argument)
        return super().parse_args(ctx, [*options, "--", *words])


def query_argument(name: str, required: bool = True) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A query in any number of words, quoted or not, which come as one text; "" where there are none."""
    return click.argument(name, nargs=-1, required=required, callback=_as_one)


def _as_one(_ctx: click.Context, _param: click.Parameter, words: tuple[str, ...]) -> str:
    return " ".join(words)


def debug_option() -> click.Option:
    return click.Option(["--debug"], is_flag=True, expose_value=False, help="Show where an error comes from.")


class LocalPath(click.Path):
    """A path of this machine; an address of the web is named as one, with what to do instead."""

    remedy = "Rosetta fetches nothing: save it first (wget, curl) and name the file or folder"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if isinstance(value, str) and _WEB.match(value):
            self.fail(f"{value} is an address of the web and no path here; {self.remedy}", param, ctx)
        return super().convert(value, param, ctx)


class LibraryPath(LocalPath):
    """Where a library is."""

    remedy = "a library is a folder, or has an address such as postgresql://HOST/DATABASE?library=NAME"


Group.command_class = Command

query_language_option = click.option(
    "--query-language", metavar="tl", help="The question's own language, where its vectors may not tell."
)
in_option = click.option("--in", "languages", metavar="pl,ru", help="Only articles in these languages.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


_WEB = re.compile(r"(?:https?|ftp)://", re.IGNORECASE)
_STREAM = Path("-")  # in place of a path
# What may follow --cluster; anything else there is a source that happens to come next.
_CLUSTER = re.compile(r"auto|local|ray://.+|[^/\\]+:\d+")


def build_work(sources: Sequence[Path], cluster: str | None, **options: Any) -> Callable[..., BuildReport]:
    """What `kb build` does: for ``cluster``, the address of a Ray cluster, encode there first.

    ``options`` are ``text_field``, ``title_field`` and ``rehash`` of :func:`search.build`.
    """
    import search

    given = list(sources)
    if _STREAM in given:
        if cluster is not None:
            raise click.UsageError("with --cluster name files: standard input is read once only")
        return partial(search.build, standard_input(given, **options), **options)
    if cluster is not None and not _CLUSTER.fullmatch(cluster):
        given, cluster = [Path(cluster), *given], "local"
    given = given or [config.DEFAULT_SOURCE]

    def work(library: Path, **others: Any) -> BuildReport:
        if cluster is not None:
            from search.cluster.ray_encoding import build_on_cluster

            return build_on_cluster(given, library, address=cluster, **options, **others)
        return search.build(given, library, **options, **others)

    return work


def standard_input(sources: Sequence[Path], **options: Any) -> Sources:
    """``sources``; where that is "-", the documents in the lines of JSON that come on standard input, whose
    fields ``text_field`` and ``title_field`` of ``options`` name."""
    from kb.building.given import lines
    from kb.readers import Fields

    if _STREAM not in sources:
        return sources
    if len(sources) > 1:
        raise click.UsageError("- is standard input, which stands alone; name files in another command")
    return lines(sys.stdin.buffer, Fields(options.get("text_field"), options.get("title_field")))


def shards_option(command: Callable[..., Any]) -> Callable[..., Any]:
    described = (
        "Further servers that the passages of a library in PostgreSQL lie on, HOST or HOST:PORT each; none: "
        "the library's own server alone.  [default: where they lie so far]"
    )
    return click.option("--shards", metavar="HOST,HOST,…", help=described)(command)


def write(
    work: Callable[..., BuildReport], settings: config.Settings, shards: str | None = None
) -> BuildReport:
    """Does the work under a progress bar and says what came of it."""
    from webapp.terminal import output as terminal
    from webapp.terminal import progress

    publish = _publication(settings, shards)  # what is wrong there is said before anything is built
    with progress.shown() as shown:
        made = work(settings.library, model=settings.model, cache=settings.cache, progress=shown)
        if publish is not None:
            publish(shown)
    terminal.report(terminal.console(), made, terminal.console(sys.stderr))
    click.echo(f"library: {terminal.safe(_shown_library(settings))}")
    return made


def publish(settings: config.Settings, shards: str | None = None) -> None:
    """Publishes the library's folder to its address as it is."""
    from webapp.terminal import progress
    from webapp.terminal.output import safe

    publication = _publication(settings, shards)
    if publication is None:
        raise click.UsageError("name the server: --to postgresql://HOST/DATABASE?library=NAME")
    with progress.shown() as shown:
        publication(shown)
    click.echo(f"library: {safe(_shown_library(settings))}")


def _shown_library(settings: config.Settings) -> str:
    """Where the library is, without what is secret."""
    if not settings.address:
        return str(settings.library)
    from search import remote

    return str(remote.parse(settings.address))


def _publication(settings: config.Settings, shards: str | None) -> Callable[..., None] | None:
    """What publishes a library that has an address, once that was seen to be possible; None for one that has
    none."""
    if not settings.address:
        if shards is not None:
            raise click.UsageError(
                "--shards: only a library in PostgreSQL has any; name its address with --to"
            )
        return None
    from search import remote
    from search.cluster import publishing
    from search.postgres.shards import hosts

    server, named = remote.parse(settings.address), None if shards is None else hosts(shards)
    publishing.reach(server, named)
    return lambda progress: publishing.publish(settings.library, server, progress, named)


def open_library(library: str | None, reader: str | None = None) -> search.Engine:
    import search

    settings = config.load(library, reader=reader)
    return search.open(settings.opened, model=settings.model, reader=settings.reader, cache=settings.cache)


def chosen(engine: search.Engine, languages: str | None) -> list[str] | None:
    from webapp import params

    if languages is None:
        return None
    return list(params.chosen_languages([languages], engine.status().articles)) or None


def show_found(as_json: bool, found: Any, show: Callable[[Console, Any], None]) -> None:
    if as_json:
        from webapp.terminal.json_text import print_json

        print_json(found.to_dict())
    else:
        from webapp.terminal.output import console

        show(console(), found)
