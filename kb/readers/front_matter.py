"""What stands above an article about it: YAML between "---", TOML between "+++", or an object of JSON.

Of YAML only what front matter needs: nothing in it points elsewhere, so that no few lines become millions,
and no tag makes an object.
"""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any

import yaml

from kb.readers.limits import LIMITS

__all__ = ["split_front_matter"]

_TOP = r"\A\ufeff?(?:[ \t]*\r?\n)*"
_YAML = re.compile(_TOP + r"---[ \t]*\r?\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_TOML = re.compile(_TOP + r"\+\+\+[ \t]*\r?\n(.*?)^\+\+\+[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_JSON = re.compile(_TOP + r"(?=\{)")
# A row of YAML that is no YAML ("title: The mill: a history"), and rows that go on with the one above.
_SAID = re.compile(r"([A-Za-z][\w-]*)[ \t]*:(?:[ \t]+(.*))?\Z")
_GOES_ON = re.compile(r"\s|[-#]|\Z")
_NODE = re.compile(r"\s*(?:-\s+)*(?:[\w-]+[ \t]*:[ \t]+)?[!&*]\S")  # a tag, an anchor, an alias: that is YAML

# Tables in tables in tables, by one name: its parser takes a time that grows with the square of their depth.
_PART_OF_A_NAME = r"""(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+"""
_TOML_DEEP = re.compile(rf"(?<![\w-])(?:{_PART_OF_A_NAME}){{{LIMITS.front_matter_deep}}}")

_KIND = "tag:yaml.org,2002:"
_PLAIN = frozenset(
    _KIND + kind for kind in ("str", "int", "float", "bool", "null", "timestamp", "seq", "map")
)
_PLAIN_TAGS = frozenset([None, "!", *_PLAIN])


def split_front_matter(text: str) -> tuple[dict[str, Any], str, str | None]:
    """(front matter, body, why not all of it was read) of a text.

    What does not parse as a mapping is body.
    """
    top = text[: LIMITS.front_matter]
    match = _YAML.match(top)
    if match:
        meta, why = _yaml(match[1])
        return ({}, text, why) if meta is None else (meta, text[match.end() :], why)
    match = _TOML.match(top)
    if match:
        meta, why = _toml(match[1])
        return ({}, text, why) if meta is None else (meta, text[match.end() :], why)
    match = _JSON.match(top)
    if match:
        try:
            meta, end = json.JSONDecoder().raw_decode(top, match.end())
        except (ValueError, RecursionError):
            return {}, text, None
        if isinstance(meta, dict) and any(name in meta for name in ("title", "date", "slug")):
            return meta, text[end:], None
    return {}, text, None


class _Refused(Exception):
    """YAML that front matter does not need; the text says what and what to do."""


class _Loader(yaml.SafeLoader):
    """Values without tags of their own; what an alias points to is left out, and noted in ``pointed``."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.pointed: dict[str, None] = {}
        self.tagged = False
        self._depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        if not self._depth and not isinstance(event, yaml.MappingStartEvent):
            raise yaml.YAMLError("no names and values")
        points = isinstance(event, yaml.AliasEvent) and event.anchor in self.anchors
        if points:
            self.get_event()  # type: ignore[no-untyped-call]
            self.pointed[event.anchor] = None
            return yaml.ScalarNode(f"{_KIND}null", "", event.start_mark, event.end_mark)
        tag = getattr(event, "tag", None)
        if tag not in _PLAIN_TAGS:
            raise _Refused(f"has a tag (!) in its front matter{_line(event)}; write a plain value there")
        self.tagged = self.tagged or tag is not None
        if self._depth == LIMITS.front_matter_deep:
            raise _Refused(f"is nested too deeply in its front matter{_line(event)}; flatten it there")
        self._depth += 1
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node

    def flatten_mapping(self, node: Any) -> None:
        """Nothing is merged."""


# "<<" is a name like any other: a merge key copies, and copies of copies grow without end.
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag in _PLAIN]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _line(event: Any) -> str:
    return f" (line {event.start_mark.line + 2})"


def _yaml(text: str) -> tuple[dict[str, Any] | None, str | None]:
    """(the mapping, or None where it is none; why not all of it was read)."""
    loader = None
    try:
        loader = _Loader(text)
        meta = loader.get_single_data() or {}
    except _Refused as refused:
        return None, str(refused)
    except Exception:  # for a value that looks like a date and is none, YAML's own parser raises anything
        meta = _loosely(text)
        bad_tag = meta is None and loader is not None and loader.tagged
        return (
            meta,
            "has a tag (!) in its front matter that fits no value; remove it there" if bad_tag else None,
        )
    if not loader.pointed:
        return meta, None
    names = ", ".join(f"*{name[:50]}" for name in list(loader.pointed)[:3])
    return meta, f"points to other values in its front matter ({names}); write them out there"


def _loosely(text: str) -> dict[str, Any] | None:
    """Rows of "name: value" that are no YAML, for a value holds ": " or begins with a mark of YAML's.

    One that makes an object or points to one is no slip of an author's: then there is no front matter.
    """
    meta: dict[str, Any] = {}
    for row in text.splitlines():
        if _NODE.match(row):
            return None
        said = _SAID.match(row)
        if said:
            meta[said[1]] = (said[2] or "").strip().strip("\"'") or None
        elif not _GOES_ON.match(row):
            return None
    return meta or None


def _toml(text: str) -> tuple[dict[str, Any] | None, str | None]:
    """As of YAML."""
    if _TOML_DEEP.search(text):
        return None, "is nested too deeply in its front matter; flatten it there"
    try:
        return tomllib.loads(text.replace("\r\n", "\n")), None
    except (ValueError, RecursionError):
        return None, None
