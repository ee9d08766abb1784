"""The numbers of this room: how far Markdown is read."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["MARKDOWN"]


@dataclass(frozen=True, slots=True)
class MarkdownSettings:
    # Of a row: elements that end in it, each with its text behind.
    pieces: int = 50
    longest_heading: int = 300  # characters: more text above "---" is a paragraph above a rule
    hidden: float = 0.95  # how sure it is that readers do not see what the markup hides (0–1)
    far: int = 20_000  # characters: the longest comment, formula or piece of HTML whose end is looked for


MARKDOWN = MarkdownSettings()
