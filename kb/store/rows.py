"""Models as JSON columns, and back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from kb.models import Block, RemovedSpan, SourceFile

__all__ = ["pack_blocks", "pack_source", "unpack_blocks", "unpack_source"]

# What a source file says about itself that has no column of its own.
_SAID = ("format", "title", "language", "cleaned")


def pack_blocks(blocks: Iterable[Block]) -> str:
    return json.dumps(
        [
            [b.kind, b.start, b.end, b.level, b.number] + ([b.page] if b.page is not None else [])
            for b in blocks
        ]
    )


def unpack_blocks(packed: str) -> tuple[Block, ...]:
    return tuple(Block(*block) for block in json.loads(packed))


def pack_source(source: SourceFile) -> str:
    """All of a source file that is neither a column of its own nor another model's."""
    said: dict[str, Any] = {name: getattr(source, name) for name in _SAID}
    if source.blocks:
        said["blocks"] = pack_blocks(source.blocks)
        said["dropped"] = [[span.start, span.end, span.reason, span.score] for span in source.dropped]
    return json.dumps(said)


def unpack_source(packed: str, text: str) -> dict[str, Any]:
    """The keyword arguments of :class:`SourceFile` that ``pack_source`` packed."""
    said: dict[str, Any] = json.loads(packed)
    if "blocks" in said:
        said["blocks"] = unpack_blocks(said["blocks"])
        said["dropped"] = tuple(
            RemovedSpan(start, end, text[start:end], reason, score)
            for start, end, reason, score in said["dropped"]
        )
    return said
