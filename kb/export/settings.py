"""The numbers of this room: how long names are, and how much is shown or believed."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["EXPORT"]


@dataclass(frozen=True, slots=True)
class ExportSettings:
    # Bytes of a file's name and of its path; file systems take 255, systems 4,096 or fewer.
    name: int = 200
    path: int = 1_000
    # A record: its bytes, which one of a million files has; characters of a source in it.
    record: int = 100_000_000
    record_source: int = 20_000
    # Characters: a longer article is shown as bare paragraphs, which takes no Markdown and no time; and
    # Markdown that is rendered at once.
    markdown: int = 1_000_000
    chunk: int = 20_000
    # Characters of the target's name in that of the folder beside it, and the seconds after which such a
    # folder is nobody's.
    named: int = 40
    abandoned: float = 86_400.0


EXPORT = ExportSettings()
