"""The OpenAPI 3.1 description of the API, made from the dataclasses that it returns."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Union, get_args, get_origin, get_type_hints

from kb.models import Article
from search.browsing.holdings import Listing, Term
from search.models import Answer, Entry, Results, SideBySide, Suggestion, Translation
from webapp import config, params
from webapp.settings import WEBAPP

__all__ = ["document"]

Schema = dict[str, Any]

_PLAIN: dict[Any, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    type(None): {"type": "null"},
    Any: {},
}


class _Schemas:
    """Collects a schema for every dataclass met, named like the class."""

    def __init__(self) -> None:
        self.named: dict[str, Schema] = {}

    def of(self, kind: Any) -> Schema:
        """The schema of a type as it is annotated."""
        origin, arguments = get_origin(kind), get_args(kind)
        if kind in _PLAIN:
            return _PLAIN[kind]
        if is_dataclass(kind):
            return self._reference(kind)
        if origin in (Union, types.UnionType):
            return {"anyOf": [self.of(part) for part in arguments]}
        if origin is tuple and arguments[-1:] != (Ellipsis,):
            items = [self.of(part) for part in arguments]
            return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}
        if origin in (tuple, list):
            return {"type": "array", "items": self.of(arguments[0])}
        if isinstance(origin, type) and issubclass(origin, (Mapping, types.MappingProxyType)):
            return {"type": "object", "additionalProperties": self.of(arguments[1])}
        raise TypeError(f"no schema for {kind!r}")

    def _reference(self, kind: Any) -> Schema:
        if kind.__name__ not in self.named:
            self.named[kind.__name__] = {}  # a place held, for types that name each other
            hints = get_type_hints(kind)
            self.named[kind.__name__] = {
                "type": "object",
                "description": " ".join((kind.__doc__ or "").split()),
                "properties": {field.name: self.of(hints[field.name]) for field in fields(kind)},
                "required": [field.name for field in fields(kind)],
                "additionalProperties": False,
            }
        return {"$ref": f"#/components/schemas/{kind.__name__}"}


_LIMITS = [
    f"A query has {WEBAPP.api_query:,} characters at most ({WEBAPP.page_query:,} on a page).",
    f"A search gives {WEBAPP.hits:,} articles at most and leaves out the first {WEBAPP.hits_offset:,}"
    " at most.",
    f"An answer has {WEBAPP.quotes_each:,} quotes of each language at most.",
    f"There are {WEBAPP.suggestions:,} suggestions at most; a text of more than {WEBAPP.page_query:,}"
    " characters has none.",
    "A request's body has 64 KB at most; no request needs one.",
]
"""What is refused, in sentences; a refusal is an error 400 or 413 that names the limit."""

_ERROR: Schema = {
    "type": "object",
    "description": "What went wrong: a code for programs, a line for people, what to do.",
    "properties": {
        "error": {
            "type": "object",
            "properties": {name: {"type": "string"} for name in ("code", "message", "hint")},
            "required": ["code", "message", "hint"],
            "additionalProperties": False,
        }
    },
    "required": ["error"],
    "additionalProperties": False,
}


def _parameter(
    name: str, schema: Schema, description: str, required: bool = False, place: str = "query"
) -> Schema:
    return {"name": name, "in": place, "required": required, "schema": schema, "description": description}


def _number(name: str, default: int, low: int, high: int, description: str) -> Schema:
    schema = {"type": "integer", "minimum": low, "maximum": high, "default": default}
    return _parameter(name, schema, description)


def _query(description: str, example: str) -> Schema:
    schema = {"type": "string", "minLength": 1, "maxLength": WEBAPP.api_query}
    return {**_parameter("q", schema, description, required=True), "example": example}


_TEXT: Schema = {"type": "string"}
_IN = _parameter("in", _TEXT, "Only articles in these languages: codes, separated by commas.")
_QUERY_LANGUAGE = _parameter("query_language", _TEXT, "The query's language, where it is known.")


_VERSIONS = _parameter(
    "versions",
    {"type": "string", "enum": [params.ALL_VERSIONS]},
    "List translations of one text apart; without it they share a hit.",
)


_DAY: Schema = {"type": "string", "pattern": "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"}
_BOUNDS = [
    _parameter("folder", _TEXT, "Only articles below this folder."),
    _parameter("since", _DAY, "Only articles of this year, month or day, or later."),
    _parameter("until", _DAY, "Only articles of this year, month or day, or earlier."),
]


def _sorted(*orders: str) -> Schema:
    schema = {"type": "string", "enum": list(orders), "default": orders[0]}
    return _parameter("sort", schema, "What comes first; by date, the newest.")


def document(address: str) -> Schema:
    """The whole description, for a server at ``address``."""
    schemas = _Schemas()
    article = schemas.of(Article)
    schemas.named["Article"]["properties"]["id"] = _TEXT
    schemas.named["Article"]["required"].insert(0, "id")
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Rosetta",
            "version": config.version(),
            "description": "One question; the evidence for its answer in every language. Offsets count"
            " Unicode code points of an article's text, the end exclusive. Everything is read by GET; replies"
            " carry an ETag that changes with the library, and are compressed where the client takes that.",
            "x-limits": _LIMITS,
        },
        "servers": [{"url": address}],
        "paths": {**_searching(schemas), **_reading(schemas, article)},
        "components": {"schemas": {**schemas.named, "Error": _ERROR}},
    }


def _searching(schemas: _Schemas) -> Schema:
    """The paths that take a query."""
    offset = _number("offset", 0, 0, WEBAPP.hits_offset, "How many of the best to leave out.")
    return {
        "/api/search": _path(
            "Articles that match, best first",
            [
                _query("What to look for.", "loyalty"),
                _number("limit", 10, 1, WEBAPP.hits, "How many."),
                offset,
                _IN,
                _QUERY_LANGUAGE,
                _VERSIONS,
                *_BOUNDS,
                _sorted("best", "date"),
            ],
            schemas.of(Results),
        ),
        "/api/ask": _path(
            "The evidence for an answer, by language",
            [
                _query("The question.", "how does service relate to loyalty"),
                _IN,
                _number("per_language", 3, 1, WEBAPP.quotes_each, "How many quotes of each language."),
                _QUERY_LANGUAGE,
            ],
            schemas.of(Answer),
        ),
        "/api/suggest": _path(
            "Completions of what is being typed",
            [
                {**_parameter("q", _TEXT, "What was typed so far."), "example": "loy"},
                _number("limit", 8, 1, WEBAPP.suggestions, "How many at most."),
                _parameter("query_language", _TEXT, "The language whose titles and terms come first."),
            ],
            _list_of("suggestions", schemas.of(Suggestion)),
        ),
        "/api/lookup": _path(
            "What each language calls a term",
            [_query("The term.", "loyalty"), _parameter("from", _TEXT, "The term's language.")],
            _list_of("entries", schemas.of(Entry)),
        ),
    }


def _reading(schemas: _Schemas, article: Schema) -> Schema:
    """The paths that take an article."""
    return {
        "/api/articles": _path(
            "The articles, a page of them",
            [
                _parameter("title", _TEXT, "Letters that their titles have."),
                _IN,
                *_BOUNDS,
                _sorted("title", "source", "date"),
                _number("limit", 50, 1, WEBAPP.hits, "How many."),
                _number("offset", 0, 0, WEBAPP.articles_offset, "How many to leave out."),
            ],
            schemas.of(Listing),
        ),
        "/api/terms": _path(
            "What the articles of each language are about, in terms", [], _list_of("terms", schemas.of(Term))
        ),
        "/api/articles/{id}": _path(
            "One article, whole", [_parameter("id", _TEXT, "The article's id.", True, "path")], article
        ),
        "/api/articles/{id}/beside/{other}": _path(
            "Two articles that are the same text, sentence by sentence",
            [
                _parameter("id", _TEXT, "The article's id.", True, "path"),
                _parameter("other", _TEXT, "The other's.", True, "path"),
            ],
            schemas.of(SideBySide),
        ),
        "/api/translations": _path(
            "What an article is the same text as",
            [_parameter("article", _TEXT, "Its id or its source.", True)],
            _list_of("translations", schemas.of(Translation)),
        ),
    }


def _list_of(name: str, item: Schema) -> Schema:
    items = {"type": "array", "items": item}
    return {"type": "object", "properties": {name: items}, "required": [name], "additionalProperties": False}


def _path(summary: str, parameters: list[Schema], result: Schema) -> Schema:
    failed = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}
    return {
        "get": {
            "summary": summary,
            "parameters": parameters,
            "responses": {
                "200": {"description": "Found.", "content": {"application/json": {"schema": result}}},
                "default": {"description": "An error.", **failed},
            },
        }
    }
