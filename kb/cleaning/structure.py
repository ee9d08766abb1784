"""From lines to blocks: which lines make a paragraph, which is the title, which are headings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import regex

from kb.cleaning.settings import CLEANING
from kb.models import Block
from kb.text.joining import Known, breaks_word, is_dense, join, join_all
from kb.text.line_shapes import is_body, is_heading_like, is_terminated, is_title_like, width, word_count
from kb.text.lines import Line

__all__ = ["Draft", "assemble", "compose", "mark_headings", "marker", "soft_joined", "take_title"]


@dataclass(frozen=True, slots=True)
class Draft:
    """A block to be. Of several lines that stood together, the last ``closes`` and the others ``open``."""

    text: str
    kind: str = "paragraph"
    level: int = 0
    number: int | None = None
    explicit: bool = False  # the markup says what it is
    opens: bool = False
    closes: bool = False
    page: int | None = None


# --- lines to drafts --------------------------------------------------------------------------------------


def assemble(lines: Sequence[Line], known: Known) -> list[Draft]:
    """Join the lines of each block that belong together. ``known`` is what tells how."""
    drafts: list[Draft] = []
    i = 0
    while i < len(lines):
        end = i + 1
        if lines[i].kind == "code":
            drafts.append(_draft(lines[i], lines[i].text, explicit=True))
        elif lines[i].joint is not None:
            while end < len(lines) and lines[end].joint in ("soft", "hard"):
                end += 1
            drafts.append(_draft(lines[i], _with_joints(lines[i:end], known), explicit=True))
        elif lines[i].kind == "text":
            while end < len(lines) and lines[end].block == lines[i].block and lines[end].kind == "text":
                end += 1
            drafts += _text_block(lines[i:end], known)
        else:
            while end < len(lines) and _continues(lines[end - 1], lines[end]) and lines[i].kind == "item":
                end += 1
            text = join_all([line.text for line in lines[i:end]], known)
            drafts.append(_draft(lines[i], text, explicit=True))
        i = end
    return drafts


def _draft(line: Line, text: str, *, explicit: bool = False) -> Draft:
    if line.kind == "code":
        return Draft(text, "code", explicit=explicit, page=line.page)
    kind = "paragraph" if line.kind == "text" else line.kind
    text = " ".join(text.split()) if kind != "paragraph" else text  # headings and items are one line each
    level = max(2, line.level) if kind == "heading" else 0
    return Draft(text, kind, level, line.number, explicit, page=line.page)


def soft_joined(lines: Sequence[Line], known: Known) -> list[Line]:
    """The rows of a paragraph as one line, as readers see it; line breaks of the author's stay."""
    made: list[Line] = []
    i = 0
    while i < len(lines):
        end = i + 1
        while end < len(lines) and lines[end].joint == "soft":
            end += 1
        text = join_all([line.text for line in lines[i:end]], known)
        made.append(replace(lines[i], end=lines[end - 1].end, text=text) if end > i + 1 else lines[i])
        i = end
    return made


def _with_joints(lines: Sequence[Line], known: Known) -> str:
    rows = "\n".join(line.text for line in soft_joined(lines, known)).split("\n")
    return "\n".join(row.strip() for row in rows if row.strip())


def _continues(above: Line, line: Line) -> bool:
    """Is a line below a list item the rest of it?"""
    if line.kind != "text" or line.block != above.block:
        return False
    return not is_terminated(above.text) or line.text[0].islower()


def _text_block(lines: Sequence[Line], known: Known) -> list[Draft]:
    """The paragraphs of lines with no blank line between: wrapped text, verse, or a line each."""
    rows: list[str] = []  # from the last to the first
    mark = ""
    for line in reversed(lines):  # punctuation alone belongs to the line above
        row = join(line.text, mark, known) if mark else line.text
        mark = "" if regex.search(r"[\p{L}\p{N}]", row) or len(row) > 3 else row
        if not mark:
            rows.append(row)
    if mark:
        rows.append(mark)
    rows.reverse()
    if len(rows) == 1:
        return [Draft(rows[0])]
    if _wrapped(rows):
        return [Draft(join_all(rows, known))]
    widest = max(map(width, rows))
    if len(rows) > 2 and width(rows[0]) <= 60 and widest >= CLEANING.narrow and _wrapped(rows[1:]):
        rest = join_all(rows[1:], known)
        if not _goes_on(rows[0], rest):
            return [Draft(rows[0], opens=True), Draft(rest, closes=True)]
        if widest > 60:
            return [Draft(f"{rows[0]}\n{rest}")]
    if widest <= 60:
        return [Draft("\n".join(rows))]  # verse, an address: its line breaks are the author's
    last = len(rows) - 1
    return [Draft(row, opens=i < last, closes=i == last) for i, row in enumerate(rows)]


def _goes_on(above: str, below: str) -> bool:
    """Is the sentence of a line still going on below it?"""
    return below[0].islower() and not is_terminated(above)


def _wrapped(rows: Sequence[str]) -> bool:
    """Were these lines one paragraph, broken to fit a width?"""
    if _wrapped_without_spaces(rows):
        return True
    full = [width(row) for row in rows[:-1]]
    widest = max([*full, width(rows[-1])])
    if widest > 130 or _open_ends(rows) < 0.3 * len(full):
        return False
    if min(full) >= max(40, 0.6 * widest):
        return True
    # Uneven or narrow lines: each must end where the next word would not have fitted, or within a word.
    forced = [
        breaks_word(above, row) or width(above) + 1 + width(row.split(maxsplit=1)[0]) > widest
        for above, row in pairwise(rows)
    ]
    small = sum(row[0].islower() for row in rows[1:])
    paused = sum(bool(regex.search(r"[\p{Po}\p{Pf}\p{Pe}]\Z", row)) for row in rows[:-1])
    if widest < CLEANING.narrow and 2 * paused > len(full):
        return False  # verse, whose lines are as long by their metre, and end where the voice does
    return (
        widest >= CLEANING.narrowest
        and all(forced)
        and len(full) >= (1 if widest >= CLEANING.narrow else 2) <= 2 * small
    )


def _open_ends(rows: Sequence[str]) -> int:
    """How many lines but the last do not end as a sentence does."""
    return sum(not is_terminated(row) for row in rows[:-1])


def _wrapped_without_spaces(rows: Sequence[str]) -> bool:
    """The same in scripts without spaces, whose lines are all but equally long and end anywhere."""
    full = [len(row) for row in rows[:-1]]
    widest = max(full)
    if not all(is_dense(above, row) for above, row in pairwise(rows)):
        return False
    if not 10 <= widest <= 60 or min(full) < widest - 3 or len(rows[-1]) > widest + 2:
        return False
    return sum(not regex.search(r"\p{P}\Z", row) for row in rows[:-1]) >= max(1, 0.3 * len(full))


# --- title and headings -----------------------------------------------------------------------------------


def take_title(drafts: list[Draft], given: str | None) -> tuple[str, list[Draft]]:
    """(title, the drafts without it). ``given`` is what the file's own metadata calls it.

    Without a title-like line above the text, the first sentence stands in and stays in the text.
    """
    if given:
        return given, _without_heading(drafts, given)
    marked_up = any(draft.kind == "heading" and draft.explicit for draft in drafts)
    for i, draft in enumerate(drafts):
        if draft.kind == "heading" or (not marked_up and _could_be_title(drafts, i)):
            rest = drafts[:i] + drafts[i + 1 :]
            return " ".join(draft.text.split()), rest or drafts
        if draft.kind in ("item", "code") or is_body(draft.text):
            break
    words = next((draft.text for draft in drafts if draft.kind != "code"), drafts[0].text)
    return _stand_in(words), drafts


def _without_heading(drafts: list[Draft], title: str) -> list[Draft]:
    """Drop the title where it stands as a heading above all running text."""
    for i, draft in enumerate(drafts):
        if draft.kind == "heading" and " ".join(draft.text.split()).casefold() == title.casefold():
            return drafts[:i] + drafts[i + 1 :] if len(drafts) > 1 else drafts
        if draft.kind in ("item", "code") or is_body(draft.text):
            break
    return drafts


def _could_be_title(drafts: Sequence[Draft], i: int) -> bool:
    draft = drafts[i]
    if (
        draft.kind != "paragraph"
        or "\n" in draft.text
        or not is_title_like(draft.text)
        or i + 1 == len(drafts)
    ):
        return False
    return width(draft.text) < sum(width(other.text) for other in drafts[i + 1 :])


def _stand_in(text: str) -> str:
    sentence = regex.match(r".{1,300}?[.!?…。！？।؟](?=\s|\Z)|.{1,300}", " ".join(text.split()))
    title = sentence[0] if sentence else text
    if len(title) <= CLEANING.title:
        return title
    return title[: CLEANING.title].rsplit(" ", 1)[0].rstrip(" ,;:–—-") + "…"


def mark_headings(drafts: Sequence[Draft]) -> list[Draft]:
    """Short lines that stand alone and introduce text become headings."""
    marked = list(drafts)
    for i, draft in enumerate(drafts[:-1]):
        if draft.kind != "paragraph" or draft.explicit or draft.closes or "\n" in draft.text:
            continue
        if _introduces(draft, drafts[i + 1], drafts[i + 2] if i + 2 < len(drafts) else None):
            marked[i] = replace(draft, kind="heading", level=2)
    return marked


def _introduces(draft: Draft, below: Draft, after: Draft | None) -> bool:
    if draft.opens and _goes_on(draft.text, below.text):
        return False
    if draft.opens and width(draft.text) <= 40 and word_count(draft.text) <= 4 and is_body(below.text):
        # On a line of its own right above its paragraph, a heading may even end in a full stop.
        return is_heading_like(draft.text.rstrip(". "))
    if not is_heading_like(draft.text):
        return False
    ends_in_colon = draft.text.rstrip(". ").endswith((":", "："))
    if below.kind in ("item", "code"):
        return word_count(draft.text) <= 4 or not ends_in_colon
    if below.kind == "heading" or (is_heading_like(below.text) and not below.closes and after is not None):
        return word_count(draft.text) <= 4 and not is_body(draft.text)
    longer = width(below.text) > 1.5 * width(draft.text)
    return is_body(below.text) or (longer and (is_terminated(below.text) or draft.opens))


# --- drafts to text ---------------------------------------------------------------------------------------


def compose(drafts: Sequence[Draft]) -> tuple[str, tuple[Block, ...]]:
    """The article's text, and its blocks with their offsets in it."""
    pieces: list[str] = []
    blocks: list[Block] = []
    at = 0
    for i, draft in enumerate(drafts):
        if i:
            tight = draft.kind == "item" and drafts[i - 1].kind == "item"
            pieces.append("\n" if tight else "\n\n")
            at += len(pieces[-1])
        pieces += (marker(draft), draft.text)
        at += len(pieces[-2])
        blocks.append(Block(draft.kind, at, at + len(draft.text), draft.level, draft.number, draft.page))
        at += len(draft.text)
    return "".join(pieces), tuple(blocks)


def marker(block: Block | Draft) -> str:
    """What stands before a block's words in Markdown (before code nothing: the blocks tell where it is)."""
    if block.kind == "heading":
        return "#" * block.level + " "
    if block.kind == "item":
        return "- " if block.number is None else f"{block.number}. "
    return ""
