"""Reading Markdown: its blocks as lines, its marks and those of its dialects taken to plain text in place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from kb.cleaning.repairs import settle_tabs
from kb.markdown.blocks import Blocks
from kb.markdown.inline import Inline
from kb.markdown.settings import MARKDOWN
from kb.models import RemovedSpan
from kb.text.lines import Line
from kb.text.tracked import Edit, Tracked

__all__ = ["markdown_lines"]

Span = tuple[int, int]


def markdown_lines(
    text: Tracked,
    *,
    own: bool = False,
    mend: Callable[[Tracked], None] = settle_tabs,
    restored: Sequence[Span] = (),
) -> tuple[list[Line], list[RemovedSpan]]:
    """(The lines of ``text``, whose inline marks are taken to plain text in place; what readers do not see).

    ``mend`` is what is done to the text once its code is known to be literal. ``own``: it is our own export,
    in which there are no dialects, and numbers are what they say; elsewhere a list numbered 1, 1, 1 … counts
    on. ``restored`` are spans of the source that are to be seen.
    """

    def keep(start: int, end: int) -> bool:
        first, last = text.span(start, end)
        return any(first < there_end and there_start < last for there_start, there_end in restored)

    blocks = Blocks(text.text, own=own, keep=keep)
    written = blocks.written
    places = [text.span(line.start, line.end) for line in written.lines]
    code = [place for place, line in zip(places, written.lines, strict=True) if line.kind == "code"]
    hidden = [
        RemovedSpan(*span, text.source[slice(*span)], unseen.reason, MARKDOWN.hidden)
        for unseen in blocks.unseen.hidden
        for span in [text.span(unseen.start, unseen.end)]
    ]
    inline = Inline(_masked(text.text, blocks), blocks.labels, own=own)
    titles = {line.start for line in written.lines if line.kind == "heading"}
    edits = [*written.edits, *(Edit(unseen.start, unseen.end, "") for unseen in blocks.unseen.hidden)]
    for start, end in written.regions:
        edits += inline.edits(start, end, title=start in titles)
    if restored:
        edits = [edit for edit in edits if not keep(edit.start, edit.end)]
    literal = [*code, *(text.span(*span) for span in inline.literal)]
    text.literal = sorted(literal)
    text.apply(_apart(edits))
    mend(text)
    return list(_placed(written.lines, places, text)), hidden


def _masked(source: str, blocks: Blocks) -> str:
    """The text with spaces where readers see nothing."""
    pieces: list[str] = []
    done = 0
    for hidden in sorted(blocks.unseen.hidden, key=lambda hidden: hidden.start):
        start = max(done, hidden.start)
        pieces += (source[done:start], " " * (hidden.end - start))
        done = max(done, hidden.end)
    return "".join((*pieces, source[done:]))


def _apart(edits: list[Edit]) -> Iterator[Edit]:
    """Edits in their order; of two that overlap, the first. Those in a link's words come between its own."""
    done = 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        if edit.start >= done:
            done = edit.end
            yield edit


def _placed(lines: Sequence[Line], places: Sequence[Span], text: Tracked) -> Iterator[Line]:
    """Lines with their places and words in the text as it is now. After an empty one, the next is first."""
    first: Line | None = None
    broken = False  # does the line before end in a line break?
    for line, place in zip(lines, places, strict=True):
        start, end = (text.place(offset) for offset in place)
        words = text.text[start:end]
        ended, broken = broken, words.rstrip(" ").endswith("\n")
        if line.joint == "soft" and (ended or words.lstrip(" ").startswith("\n")):
            line = replace(line, joint="hard")
        if line.kind != "code":
            start += len(words) - len(words.lstrip())
            words = words.strip()
        first = line if line.joint == "new" else first
        if words.strip():
            if first is not None:
                line = replace(line, joint="new", kind=first.kind, level=first.level, number=first.number)
            first = None
            yield replace(line, start=start, end=start + len(words), text=words)
