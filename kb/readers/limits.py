"""How much of a file is read: what is larger is refused, with a word on what to do."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LIMITS", "Limits", "too_large"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes are in bytes unless another unit is named. What is read has to fit into the memory of one process
    (:data:`kb.building.settings.BUILDING`)."""

    # A file, by what it holds: one article is not longer than ``text``; records are many articles; a document
    # brings its pictures along.
    text: int = 10_000_000
    document: int = 50_000_000
    records: int = 100_000_000
    archive: int = 100_000_000
    zim: int = 300_000_000  # it is held in memory and on disk at once
    front_matter: int = 64_000  # characters: YAML is slow, and no honest front matter is longer

    # Of an archive: its members, and what they unpack to. Text packs five- to twenty-fold.
    members: int = 20_000
    unpacked: int = 500_000_000  # all members together
    ratio: int = 200  # unpacked to packed bytes
    ratio_from: int = 1_000_000  # of less, no ratio is dangerous

    # Of what a file has inside.
    chapter: int = 10_000_000  # one file of a book
    letter: int = 50_000_000  # one of a box
    letter_parts: int = 1_000  # attachments, and letters inside it
    record: int = 10_000_000  # characters
    cells: int = 300_000  # of a workbook that hold something
    docx_part: int = 100_000_000  # XML
    odf_part: int = 50_000_000  # XML
    zim_entries: int = 200_000
    zim_entry: int = 10_000_000
    pdf_pages: int = 3_000
    pdf_characters: int = 10_000_000
    outline: int = 2_000  # titles of a PDF's table of contents
    outline_depth: int = 8

    # What may stand inside one another, so that no file exhausts the stack.
    front_matter_deep: int = 20
    letters_deep: int = 20
    odf_deep: int = 200  # elements
    pptx_deep: int = 50  # groups of shapes
    rtf_deep: int = 500  # groups


LIMITS = Limits()


def too_large(limit: int) -> str:
    """Why something of more bytes than a limit is not read."""
    return f"is more than the limit of {limit / 1e6:.0f} MB; split it"
