"""Blocks to sentences: exact offsets, nothing empty, nothing overlapping, all but white space covered."""

from __future__ import annotations

from collections.abc import Iterator

import regex
import sentencex

from kb.language_rules import ORDINAL_DOT, SPACE_ENDED, abbreviations
from kb.languages import UNDETERMINED
from kb.models import Block, Sentence
from kb.text.settings import TEXT

__all__ = ["sentences", "split"]


# A piece that begins like this goes on with the sentence before it: a small letter (but not "iPhone"),
# a digit, or the marks that close or continue a sentence.
_GOES_ON = regex.compile(r"\p{Ll}(?!\p{Lu})|\d|[)\]}»”’,;:.!?…%]+(?:\s|\Z)|[)\],;:]")
_ORDINAL = regex.compile(r"(?:^|[\s(„“«])(?:\d{1,2}|[IVXLC]{1,7})\.\s*\Z")
# An abbreviation; after a number ("1999 r.", "5 kl.") it may as well end the sentence.
_LAST_WORD = regex.compile(r"(?<!\d\s?)(?<![\p{L}.])([\p{L}.]+)\.\s*\Z")

# The end of a whole sentence in brackets, which the splitter leaves attached to the next: "(He did.) She …"
_BRACKETED = regex.compile(r"\([^()]{1,1000}[.!?…]\)\s+(?=[\p{Lu}\"“«„])")
_CLAUSE_END = regex.compile(r"[,;:，；：、،؛–—]+[\"”’»)]*(?:\s+|(?<=[，；：、]))")
_SPACE = regex.compile(r"\s+")
_ROW = regex.compile(r"[^\n]+")

# Between two words of a script whose sentences end in a space; wider spaces end nothing less.
_SPACE_END = regex.compile(r"(?<=[\p{Thai}\p{Lao}])(\s+)(?=[\p{Thai}\p{Lao}])(?![ๆฯ])|(\s{2,})")


def sentences(text: str, blocks: tuple[Block, ...], language: str) -> Iterator[Sentence]:
    """The sentences of an article's blocks, in order; a heading is one sentence, and so is a line of code."""
    for block in blocks:
        if block.kind == "heading":
            spans: Iterator[tuple[int, int]] = iter([(block.start, block.end)])
        elif block.kind == "code":
            spans = _rows(text, block.start, block.end)
        else:
            spans = split(text, block.start, block.end, language)
        for start, end in spans:
            yield Sentence(start, end, text[start:end], block.kind)


def _rows(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Lines that are not blank, a longer one cut, without the white space around."""
    for row in _ROW.finditer(text, start, end):
        for part in _cut(text, *row.span()):
            trimmed = _trimmed(text, *part)
            if trimmed[0] < trimmed[1]:
                yield trimmed


def split(text: str, start: int, end: int, language: str) -> Iterator[tuple[int, int]]:
    """Spans of the sentences in ``text[start:end]``, without white space around them."""
    pieces = _merged(text, _pieces(text, start, end, language), language)
    if language in SPACE_ENDED:
        pieces = (part for piece in pieces for part in _at_spaces(text, *piece))
    for piece_start, piece_end in pieces:
        for part_start, part_end in _cut(text, piece_start, piece_end):
            trimmed = _trimmed(text, part_start, part_end)
            if trimmed[0] < trimmed[1]:
                yield trimmed


def _pieces(text: str, start: int, end: int, language: str) -> Iterator[tuple[int, int]]:
    """What the splitter takes for sentences, adjacent to one another."""
    code = "en" if language == UNDETERMINED else language
    while start < end:
        stop = _chunk_end(text, start, end)
        chunk, at = text[start:stop], 0
        boundaries = sentencex.get_sentence_boundaries(code, chunk)
        for boundary in [*boundaries, {"end_index": len(chunk)}]:
            piece_end = boundary["end_index"]
            if piece_end <= at:
                continue
            bracketed = _BRACKETED.match(chunk, at, piece_end)
            if bracketed and bracketed.end() < piece_end:
                yield start + at, start + bracketed.end()
                at = bracketed.end()
            yield start + at, start + piece_end
            at = piece_end
        start = stop


def _chunk_end(text: str, start: int, end: int) -> int:
    if end - start <= TEXT.chunk:
        return end
    space = text.rfind(" ", start + TEXT.chunk // 2, start + TEXT.chunk)
    return space + 1 if space > 0 else start + TEXT.chunk


def _merged(text: str, pieces: Iterator[tuple[int, int]], language: str) -> Iterator[tuple[int, int]]:
    """Put together what belongs to one sentence."""
    short_forms = abbreviations(language)
    held: tuple[int, int] | None = None
    for start, end in pieces:
        if held is not None and _goes_on(text, held, start, end, language, short_forms):
            held = held[0], end
            continue
        if held is not None:
            yield held
        held = start, end
    if held is not None:
        yield held


def _goes_on(
    text: str, held: tuple[int, int], start: int, end: int, language: str, short_forms: frozenset[str]
) -> bool:
    first = start
    while first < end and text[first].isspace():
        first += 1
    if first == end or _GOES_ON.match(text, first, end):
        return True
    before = text[max(held[0], held[1] - 40) : held[1]]
    if language in ORDINAL_DOT and _ORDINAL.search(before):
        return True
    word = _LAST_WORD.search(before)
    return word is not None and word[1].lower() in short_forms


def _at_spaces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Clauses put together to the length of a sentence, where only spaces end both."""
    for space in _SPACE_END.finditer(text, start, end):
        wide = len(space[0]) > 1
        if space.start() - start >= (TEXT.clauses // 4 if wide else TEXT.clauses):
            yield start, space.end()
            start = space.end()
    yield start, end


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut what is too long at the last clause's end, else white space, else between whole characters."""
    while end - start > TEXT.sentence:
        low, high = start + TEXT.sentence // 3, start + TEXT.sentence
        at = _last(_CLAUSE_END, text, low, high) or _last(_SPACE, text, low, high)
        at = at or _between_characters(text, high)
        yield start, at
        start = at
    yield start, end


def _last(pattern: regex.Pattern[str], text: str, low: int, high: int) -> int:
    at = 0
    for match in pattern.finditer(text, low, high):
        at = match.end()
    return at


def _between_characters(text: str, at: int) -> int:
    """Not before a combining mark or a joiner."""
    floor = at - 50
    while at > floor and regex.match(r"[\p{M}\u200c\u200d\ufe0f]", text[at]):
        at -= 1
    return at if at > floor else floor + 50


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
