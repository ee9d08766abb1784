"""For mkdocstrings: the docstrings' references become links where they name something public."""

from __future__ import annotations

import re

import griffe

import kb
import search

_ROLE = re.compile(r":(?:func|class|meth|mod|attr):`([\w.]+)`")
_PUBLIC = {f"{package.__name__}.{name}" for package in (search, kb) for name in package.__all__}


class CrossReferences(griffe.Extension):
    """``:func:`search.open` `` becomes a link to it; the name of something internal is set as code."""

    def on_instance(self, *, obj: griffe.Object, **_: object) -> None:
        if obj.docstring is None:
            return

        def link(found: re.Match[str]) -> str:
            name = found[1]
            if ".".join(name.split(".")[:2]) in _PUBLIC:
                return f"[`{name}`][{name}]"
            if obj.parent is not None and "." not in name and name in obj.parent.members:
                return f"[`{name}`][{_public_path(obj.parent)}.{name}]"
            return f"`{name}`"

        # In reStructuredText, two colons announce a block of code; in Markdown its indentation does.
        obj.docstring.value = re.sub(r"::$", ":", _ROLE.sub(link, obj.docstring.value), flags=re.MULTILINE)


def _public_path(obj: griffe.Object | griffe.Alias) -> str:
    """The path by which something is imported: search.Engine, not search.engine.Engine."""
    return f"{obj.path.split('.')[0]}.{obj.name}"
