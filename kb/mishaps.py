"""What nobody foresaw, at whose cost is it: one file's, which is then left out and named, or the build's?

Every step on one file's way stands in :func:`at_cost_of`; what is done with all articles at once has no such
owner, and stands in :func:`at_cost_of_all`.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager

from kb.errors import BuildFailed, KBError, SourceRefused

__all__ = ["at_cost_of", "at_cost_of_all", "is_mishap", "refusal"]

_LONGEST = 200  # characters of an error's own text that are repeated


def is_mishap(error: BaseException) -> bool:
    """Whether it is a fault of a parser's or of ours, no interrupt. A panic in Rust is no ``Exception``."""
    return isinstance(error, Exception) or type(error).__name__ == "PanicException"


def refusal(error: BaseException, doing: str) -> str:
    """Why a file is left out for which an error came up while ``doing`` something with it."""
    if isinstance(error, MemoryError):
        return f"takes more memory than there is for {doing}; split it"
    if isinstance(error, RecursionError):
        return f"is nested too deeply for {doing}; flatten it"
    return (
        f"cannot be read ({type(error).__name__} while {doing}); save it in another format, or leave it out"
    )


@contextmanager
def at_cost_of(source: str, doing: str) -> Iterator[None]:
    """Raises SourceRefused for every mishap inside, which costs the file ``source``, and no more."""
    try:
        yield
    except KBError:
        raise
    except BaseException as error:
        if not is_mishap(error):
            raise
        raise SourceRefused(source, refusal(error, doing)) from error


@contextmanager
def at_cost_of_all(doing: str) -> Iterator[None]:
    """Raises BuildFailed for every mishap inside, but lets through what the disk refuses."""
    try:
        yield
    except (KBError, OSError, CancelledError):
        raise
    except BaseException as error:
        if not is_mishap(error):
            raise
        raise BuildFailed(doing, _told(error)) from error


def _told(error: BaseException) -> str:
    text = " ".join(str(error).split())[:_LONGEST]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
