"""From lines to blocks: which lines make a paragraph, which is the title, which are headings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import regex

from kb.line_shapes import is_body, is_heading_like, is_terminated, is_title_like, width, word_count
from kb.lines import Line
from kb.models import Block

__all__ = ["Draft", "assemble", "compose", "mark_headings", "marker", "take_title"]

_TITLE_LIMIT = 80  # characters of a first sentence that stands in for a title


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


def assemble(lines: Sequence[Line]) -> list[Draft]:
    """Join the lines of each block that belong together."""
    drafts: list[Draft] = []
    i = 0
    while i < len(lines):
        end = i + 1
        if lines[i].joint is not None:
            while end < len(lines) and lines[end].joint in ("soft", "hard"):
                end += 1
            drafts.append(_draft(lines[i], _with_joints(lines[i:end]), explicit=True))
        elif lines[i].kind == "text":
            while end < len(lines) and lines[end].block == lines[i].block and lines[end].kind == "text":
                end += 1
            drafts += _text_block(lines[i:end])
        else:
            while end < len(lines) and _continues(lines[end - 1], lines[end]) and lines[i].kind == "item":
                end += 1
            text = lines[i].text
            for line in lines[i + 1 : end]:
                text = _join(text, line.text)
            drafts.append(_draft(lines[i], text, explicit=True))
        i = end
    return drafts


def _draft(line: Line, text: str, *, explicit: bool = False) -> Draft:
    kind = "paragraph" if line.kind == "text" else line.kind
    text = " ".join(text.split()) if kind != "paragraph" else text  # headings and items are one line each
    level = max(2, line.level) if kind == "heading" else 0
    return Draft(text, kind, level, line.number, explicit, page=line.page)


def _with_joints(lines: Sequence[Line]) -> str:
    text = lines[0].text
    for line in lines[1:]:
        text = f"{text}\n{line.text}" if line.joint == "hard" else _join(text, line.text)
    return "\n".join(row.strip() for row in text.split("\n") if row.strip())


def _join(before: str, after: str) -> str:
    """Two lines of one paragraph: white space between them, unless the script has none."""
    dense = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}、。，！？」』）]"
    if regex.match(dense, before[-1]) and regex.match(dense, after[0]):
        return before + after
    if not regex.search(r"[\p{L}\p{N}]", after) and len(after) <= 3 and not regex.match(r"[\p{Pd}*]", after):
        return before + after  # a full stop left alone on its line
    return f"{before} {after}"


def _continues(above: Line, line: Line) -> bool:
    """Is a line below a list item the rest of it?"""
    if line.kind != "text" or line.block != above.block:
        return False
    return not is_terminated(above.text) or line.text[0].islower()


def _text_block(lines: Sequence[Line]) -> list[Draft]:
    """The paragraphs of lines with no blank line between: wrapped text, verse, or a line each."""
    rows = [line.text for line in lines]
    for i in range(len(rows) - 1, 0, -1):  # punctuation alone belongs to the line above
        if not regex.search(r"[\p{L}\p{N}]", rows[i]) and len(rows[i]) <= 3:
            rows[i - 1 : i + 1] = [_join(rows[i - 1], rows[i])]
    if len(rows) == 1:
        return [Draft(rows[0])]
    if _wrapped(rows):
        return [Draft(_joined(rows))]
    if len(rows) > 2 and width(rows[0]) <= 60 and _wrapped(rows[1:]):
        return [Draft(rows[0], opens=True), Draft(_joined(rows[1:]), closes=True)]
    if all(width(row) <= 60 for row in rows):
        return [Draft("\n".join(rows))]  # verse, an address: its line breaks are the author's
    last = len(rows) - 1
    return [Draft(row, opens=i < last, closes=i == last) for i, row in enumerate(rows)]


def _wrapped(rows: Sequence[str]) -> bool:
    """Were these lines one paragraph, broken to fit a width?"""
    full = [width(row) for row in rows[:-1]]
    widest = max([*full, width(rows[-1])])
    if widest > 130 or min(full) < 40 or min(full) < 0.6 * widest:
        return False
    return sum(not is_terminated(row) for row in rows[:-1]) >= 0.3 * len(full)


def _joined(rows: Sequence[str]) -> str:
    text = rows[0]
    for row in rows[1:]:
        text = _join(text, row)
    return text


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
        if draft.kind == "item" or is_body(draft.text):
            break
    return _stand_in(drafts[0].text), drafts


def _without_heading(drafts: list[Draft], title: str) -> list[Draft]:
    """Drop the title where it stands as a heading above all running text."""
    for i, draft in enumerate(drafts):
        if draft.kind == "heading" and " ".join(draft.text.split()).casefold() == title.casefold():
            return drafts[:i] + drafts[i + 1 :] if len(drafts) > 1 else drafts
        if draft.kind == "item" or is_body(draft.text):
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
    if len(title) <= _TITLE_LIMIT:
        return title
    return title[:_TITLE_LIMIT].rsplit(" ", 1)[0].rstrip(" ,;:–—-") + "…"


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
    if draft.opens and width(draft.text) <= 40 and word_count(draft.text) <= 4 and is_body(below.text):
        # On a line of its own right above its paragraph, a heading may even end in a full stop.
        return is_heading_like(draft.text.rstrip(". "))
    if not is_heading_like(draft.text):
        return False
    ends_in_colon = draft.text.rstrip(". ").endswith((":", "："))
    if below.kind == "item":
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
    """What stands before a block's words in Markdown."""
    if block.kind == "heading":
        return "#" * block.level + " "
    if block.kind == "item":
        return "- " if block.number is None else f"{block.number}. "
    return ""
