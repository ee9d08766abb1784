"""Commands that open a library to others: ``kb serve`` to people and programs, ``kb mcp`` to assistants, and
``kb publish`` to other machines."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

import click

from webapp import config
from webapp.terminal.commands import Command, LibraryPath, library_option, reader_option, shards_option
from webapp.terminal.commands import publish as _publish

__all__ = ["mcp", "publish", "serve"]


@click.command(cls=Command)
@click.option(
    "--to",
    "address",
    metavar="ADDRESS",
    help="postgresql://HOST/DATABASE?library=NAME or milvus+http://HOST:19530/NAME.  [default: the address"
    " that --kb is, whose home is published]",
)
@shards_option
@click.option(
    "--kb", "home", metavar="DIR", type=LibraryPath(), help="The library.  [default: $KB_DIR, else ./.kb]"
)
def publish(address: str | None, shards: str | None, home: str | None) -> None:
    """Put a library onto a server, as it is.

    `kb build`, `kb add` and others do so by themselves where their library has an address. What is there
    already is not sent again.
    """
    from kb.errors import UsageError
    from search.remote import is_remote

    settings = config.load(home)
    if address is not None:
        if not is_remote(address):
            raise UsageError(f"{address}: is no server; write --to postgresql://HOST/DATABASE?library=NAME")
        settings = replace(settings, address=address)
    _publish(settings, shards)


@click.command(cls=Command)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one."
)
@click.option(
    "--name",
    "names",
    metavar="HOST",
    multiple=True,
    help="A name that the server is asked by; others are refused.  [default: on 127.0.0.1 only names of this"
    " machine, else any]",
)
@click.option(
    "--trusted-proxy",
    metavar="ADDRESS",
    default="",
    help="Whose X-Forwarded headers to believe; '*' where nobody but the proxy can reach this server.",
)
@click.option(
    "--forwarded-prefix",
    is_flag=True,
    help="Believe the trusted proxy's X-Forwarded-Prefix, too: the path that it serves this under.",
)
@click.option(
    "--rate", metavar="N/minute", default="", help="Requests of each client.  [default: any number]"
)
@click.option(
    "--searches", default=0, type=click.IntRange(0, 64), help="Searches at a time.  [default: one per core]"
)
@click.option(
    "--waiting",
    default=16,
    show_default=True,
    type=click.IntRange(0, 256),
    help="Searches that wait for their turn; more are told to come again.",
)
@click.option(
    "--log-json",
    is_flag=True,
    help="Write one line of JSON for each request to stderr.  [default: a short line, on a terminal]",
)
@click.option(
    "--translate",
    metavar="argos|URL",
    default="",
    help="What translates quotes by machine: Argos Translate, or a program on this machine that speaks"
    " LibreTranslate's API.  [default: only the reader's browser]",
)
@click.option("--log-queries", is_flag=True, help="With what was asked in it.")
@reader_option
@library_option
def serve(
    host: str, port: int, names: tuple[str, ...], reader: str | None, library: str | None, **options: Any
) -> None:
    """Serve the pages and the API."""
    from kb.errors import UsageError
    from webapp.server import run
    from webapp.serving import guard

    log_json = options.pop("log_json")
    if options["forwarded_prefix"] and not options["trusted_proxy"]:
        raise UsageError("--forwarded-prefix needs --trusted-proxy, which says whose word it is")
    # This machine's names are no other site's, so that a health check within it need not know the others.
    if names or host in ("localhost", "127.0.0.1", "::1"):
        names = (*guard.LOOPBACK, *names)
    form = "json" if log_json or options["log_queries"] else "lines" if sys.stderr.isatty() else ""
    serving = config.Serving(hosts=names, log=form, **options)
    run(config.load(library, reader=reader), host, port, serving)


@click.command(cls=Command)
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    help="Serve over HTTP at this port of this machine, instead of over standard input and output.",
)
@reader_option
@library_option
def mcp(port: int | None, reader: str | None, library: str | None) -> None:
    """Serve an assistant, by the Model Context Protocol.

    Needs the extra: pip install 'rosetta-kb[mcp]'. What is asked is answered as `kb ask` answers it.
    """
    from webapp import assistants

    if port is not None:
        click.echo(f"Rosetta is at http://127.0.0.1:{port}/mcp  (Ctrl-C stops it)")
        sys.stdout.flush()
    assistants.run(config.load(library, reader=reader), port)
