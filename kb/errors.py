"""Everything that can go wrong in the knowledge base.

Each error is raised where it happens; its text names the thing and the remedy in one line.
The command line turns the class into an exit code and the web into a status, each in one place.
"""

from __future__ import annotations

__all__ = [
    "BuildFailed",
    "InputError",
    "KBError",
    "LibraryDamaged",
    "LibraryError",
    "LibraryLocked",
    "LibraryMissing",
    "LibraryVersionMismatch",
    "SourceRefused",
    "SourceUnreadable",
    "UsageError",
]


class KBError(Exception):
    """Root of every error that Rosetta raises on purpose; the text is one line for a person."""


class UsageError(KBError):
    """The call itself is wrong: an empty query, an unknown language, a bad option."""


class InputError(KBError):
    """What was given to read cannot be used at all (no such folder, a folder without articles)."""


class SourceRefused(InputError):
    """One source file cannot become an article; the others go on.

    ``source`` names the file relative to its folder, ``reason`` says what to do about it.
    """

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(f"{source}: {reason}")
        self.source = source
        self.reason = reason


class SourceUnreadable(SourceRefused):
    """A source file cannot be read at the moment, which says nothing of what is in it."""


class LibraryError(KBError):
    """The library on disk cannot be used as it is."""


class BuildFailed(LibraryError):
    """A build could not go on, for a reason that no file can be named for; the library is as it was.

    ``stage`` is what it was doing, ``why`` what went wrong then.
    """

    def __init__(self, stage: str, why: str = "") -> None:
        told = f" ({why})" if why else ""
        super().__init__(
            f"the build failed while {stage}{told}; the library is as it was: "
            "run it again with --debug to see where, and report that"
        )
        self.stage = stage
        self.why = why


class LibraryMissing(LibraryError):
    """There is no library where one was looked for."""


class LibraryDamaged(LibraryError):
    """A file of the library is missing, truncated or altered."""


class LibraryVersionMismatch(LibraryError):
    """The library was written by another format version or with another model."""


class LibraryLocked(LibraryError):
    """Another process is writing to the library."""
