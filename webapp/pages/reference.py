"""The OpenAPI document laid out for a page: the same facts, for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

__all__ = ["Operation", "Parameter", "Property", "Reference", "Shape", "read"]

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an operation; ``bounds`` says what values it takes; it and ``default`` may be ""."""

    name: str
    type: str
    required: bool
    default: str
    bounds: str
    description: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One address of the API, with an ``example`` to follow ("" where there is none) and what comes back."""

    path: str
    summary: str
    parameters: tuple[Parameter, ...]
    example: str
    result: str


@dataclass(frozen=True, slots=True)
class Property:
    """A field of an object."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Shape:
    """An object that the API returns."""

    name: str
    description: str
    properties: tuple[Property, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """The whole document."""

    description: str
    limits: tuple[str, ...]
    operations: tuple[Operation, ...]
    shapes: tuple[Shape, ...]


def read(document: Schema) -> Reference:
    """The document of :mod:`webapp.openapi` as a :class:`Reference`."""
    shapes = document["components"]["schemas"]
    return Reference(
        document["info"]["description"],
        tuple(document["info"]["x-limits"]),
        tuple(_operation(path, methods["get"]) for path, methods in document["paths"].items()),
        tuple(_shape(name, shapes[name]) for name in sorted(shapes)),
    )


def _operation(path: str, described: Schema) -> Operation:
    asked = {field["name"]: field["example"] for field in described["parameters"] if "example" in field}
    result = described["responses"]["200"]["content"]["application/json"]["schema"]
    return Operation(
        path,
        described["summary"],
        tuple(map(_parameter, described["parameters"])),
        f"{path}?{urlencode(asked)}" if asked else "",
        _type(result),
    )


def _parameter(described: Schema) -> Parameter:
    schema = described["schema"]
    low, high = schema.get("minimum"), schema.get("maximum")
    longest = schema.get("maxLength")
    bounds = f"{low:,}–{high:,}" if high is not None else f"≤ {longest:,} characters" if longest else ""
    default = str(schema.get("default", ""))
    return Parameter(
        described["name"], _type(schema), described["required"], default, bounds, described["description"]
    )


def _shape(name: str, schema: Schema) -> Shape:
    properties = tuple(Property(field, _type(kind)) for field, kind in schema["properties"].items())
    return Shape(name, schema.get("description", ""), properties)


def _type(schema: Schema) -> str:
    """A schema in a few words; the name of an object stands for what is in it."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[1]
    if "anyOf" in schema:
        return " or ".join(map(_type, schema["anyOf"]))
    if schema.get("type") == "array":
        inside = schema.get("prefixItems")
        return f"[{', '.join(map(_type, inside))}]" if inside else f"list of {_type(schema['items'])}"
    if schema.get("type") == "object":
        others = schema.get("additionalProperties")
        if isinstance(others, Mapping):
            return f"object of {_type(others)} by name"
        named = ", ".join(f"{name}: {_type(kind)}" for name, kind in schema.get("properties", {}).items())
        return f"{{{named}}}"
    return str(schema.get("type", "anything"))
