"""The door for assistants: a server of the Model Context Protocol, over the official SDK (an extra).

Its tools give the JSON of every other door, and links to the articles, which are its resources.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

from kb.errors import KBError
from search import time_limit
from search.errors import ExtraMissing
from webapp import config, errors, params, payload
from webapp.gate import Gate
from webapp.library import Shelf
from webapp.settings import WEBAPP

try:
    from mcp.server.mcpserver import MCPServer
    from mcp.server.mcpserver.exceptions import ResourceNotFoundError, ToolError
    from mcp_types import CallToolResult, ResourceLink, TextContent, ToolAnnotations
    from pydantic import Field
except ImportError as error:
    raise ExtraMissing.of("`kb mcp`", "mcp") from error

if TYPE_CHECKING:
    from search import ArticleRef, Engine

__all__ = ["run", "server"]

_ABOUT = (
    "Rosetta answers from a library of articles in many languages. Ask in any language. Quotes are verbatim: "
    "start and end count Unicode code points of the article's text. Where found is false, the library does "
    "not say. An article is the resource rosetta://articles/ID."
)
_READS = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)
_SIZE = config.Serving()

_Codes = Annotated[
    list[str] | None,
    Field(description="Only articles in these languages: codes such as pl."),
]
_Language = Annotated[str | None, Field(description="The language that it is in, where that is known.")]
_Article = Annotated[str, Field(description="An article's id or its source.")]


def run(settings: config.Settings, port: int | None = None) -> None:
    """Serves until its client goes away, over standard input and output; at a ``port`` of this machine, for
    itself only, over HTTP until it is stopped."""
    made = server(Shelf(settings))
    if port is None:
        made.run("stdio")
    else:
        made.run("streamable-http", host="127.0.0.1", port=port)


def server(shelf: Shelf) -> MCPServer[Any]:
    """The server over a library that is followed as it grows."""
    made: MCPServer[Any] = MCPServer(
        "rosetta", title="Rosetta", instructions=_ABOUT, version=config.version(), log_level="WARNING"
    )
    tools = _Tools(shelf)
    for tool in (tools.ask, tools.search, tools.lookup, tools.article, tools.translations):
        made.tool(annotations=_READS)(tool)
    made.resource("rosetta://articles/{article}", title="An article as Markdown", mime_type="text/markdown")(
        tools.text
    )
    return made


class _Tools:
    """What the assistant may ask; each is read-only, and takes its turn as the searches of a site do."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._gate = Gate(2, _SIZE.waiting, _SIZE.patience)

    def ask(
        self,
        question: Annotated[str, Field(description="A whole question, in any language.")],
        languages: _Codes = None,
        per_language: Annotated[
            int, Field(ge=1, le=WEBAPP.quotes_each, description="Quotes of each language at most.")
        ] = 3,
        query_language: _Language = None,
    ) -> CallToolResult:
        """The evidence for an answer: verbatim quotes by language, with where they stand and how likely each
        of them answers."""
        with self._engine() as engine:
            found = engine.ask(
                params.query_text(question, WEBAPP.api_query),
                languages=languages,
                per_language=per_language,
                query_language=query_language,
            )
        return _result(found.to_dict(), [quote.article for quote in found.evidence])

    def search(
        self,
        query: Annotated[str, Field(description='Words, "a phrase", -without, in any language.')],
        languages: _Codes = None,
        limit: Annotated[int, Field(ge=1, le=WEBAPP.hits, description="How many articles.")] = 10,
        offset: Annotated[int, Field(ge=0, le=WEBAPP.hits_offset, description="How many to skip.")] = 0,
        folder: Annotated[str, Field(description="Only articles below this folder.")] = "",
        since: Annotated[str, Field(description="Only of this year or date on, such as 2024-05.")] = "",
        until: Annotated[str, Field(description="Only up to this year or date.")] = "",
    ) -> CallToolResult:
        """Articles that match, best first, each with its best passage and sentence."""
        with self._engine() as engine:
            found = engine.search(
                params.query_text(query, WEBAPP.api_query),
                languages=languages,
                limit=limit,
                offset=offset,
                folder=folder,
                since=since,
                until=until,
            )
        return _result(found.to_dict(), [hit.article for hit in found])

    def lookup(
        self,
        term: Annotated[str, Field(description="A word or term, in any language.")],
        language: _Language = None,
    ) -> CallToolResult:
        """What each language's articles call a term, with sentences that show it."""
        with self._engine() as engine:
            found = engine.lookup(params.query_text(term, WEBAPP.api_query), language=language)
        shown = [example.article for entry in found for example in entry.examples]
        return _result({"entries": [entry.to_dict() for entry in found]}, shown)

    def article(
        self,
        article: _Article,
        start: Annotated[int, Field(ge=0, description="Where in its text to begin.")] = 0,
    ) -> CallToolResult:
        """An article's text and facts. A long text comes in parts: text begins at start, and goes on where it
        is shorter than characters says."""
        with self._engine() as engine:
            found = payload.article_document(engine.article(article))
        text = found["text"]
        part = {
            "text": text[start : start + WEBAPP.assistant_article],
            "start": start,
            "characters": len(text),
        }
        return _result({**found, **part}, [])

    def translations(self, article: _Article) -> CallToolResult:
        """The articles that are the same text in another language, and copies of it."""
        with self._engine() as engine:
            found = engine.translations(article)
        return _result(
            {"translations": [version.to_dict() for version in found]}, [version.article for version in found]
        )

    def text(self, article: str) -> str:
        """An article as Markdown with front matter."""
        from kb.export.markdown_files import to_markdown

        try:
            with self._engine() as engine:
                stored, same = engine.article(article), engine.translations(article)
        except ToolError as error:
            raise ResourceNotFoundError(str(error)) from error
        return to_markdown(stored.article, sorted(version.article.source for version in same))

    @contextmanager
    def _engine(self) -> Iterator[Engine]:
        """The open engine, for one search within its time; what goes wrong is said to the assistant."""
        try:
            self._gate.enter()
            try:
                engine = self._shelf.engine()  # the first one takes its time to open
                with time_limit(_SIZE.budget):
                    yield engine
            finally:
                self._gate.leave()
        except KBError as error:
            raise ToolError(errors.message(error)) from error


def _result(document: dict[str, Any], named: list[ArticleRef]) -> CallToolResult:
    """The JSON of every door, and a link to each article in it."""
    once = {ref.id: ref for ref in named}
    links = [
        ResourceLink(
            type="resource_link",
            uri=f"rosetta://articles/{ref.id}",
            name=ref.source,
            title=ref.title,
            mime_type="text/markdown",
        )
        for ref in once.values()
    ]
    text = TextContent(type="text", text=json.dumps(document, ensure_ascii=False))
    return CallToolResult(content=[text, *links], structured_content=document)
