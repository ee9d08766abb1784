"""A file's members, as an archive's or a box of letters': what goes wrong in one costs that one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from kb.errors import SourceRefused
from kb.mishaps import at_cost_of
from kb.models import SkippedSource
from kb.readers.common import RawFile

__all__ = ["member"]


_Item = TypeVar("_Item")


def member(raw: RawFile, name: str, read: Callable[[], Iterable[_Item]]) -> Iterator[_Item | SkippedSource]:
    """What ``read`` gives of the member ``name`` of a file, or why it gives nothing (more)."""
    why = raw.enter(name)
    if why:
        yield SkippedSource(name, why)
        return
    try:
        with at_cost_of(name, "reading it"):
            yield from read()
    except SourceRefused as refused:
        yield SkippedSource(refused.source, refused.reason)
