"""An article's passages: neighbouring blocks under one heading, of a size that is searched and read well.

A passage is ``article.text[start:end]``: it begins at its first block's words (so without that block's
marker, be it a heading's or an item's) and ends with its last block's; the markers in between are in it.
Each sentence of the article is in exactly one passage. Headings belong to the passage below them and stand
in its ``heading`` path, so a heading that nothing follows goes with the passage above it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from kb.article.settings import ARTICLE
from kb.models import Article, Passage, Sentence
from kb.text.identify import identify_passage
from kb.text.line_shapes import width
from kb.text.sentences import sentences

__all__ = ["passages"]


_BETWEEN = " › "


@dataclass(frozen=True, slots=True)
class _Limits:
    """What a passage aims at, in the article's own characters."""

    short: float
    aim: float
    longest: float


@dataclass(slots=True)
class _Part:
    """Sentences that stay together: a block, or a slice of one that is too long."""

    sentences: list[Sentence]
    level: int = 0

    @property
    def start(self) -> int:
        return self.sentences[0].start

    @property
    def end(self) -> int:
        return self.sentences[-1].end


@dataclass(slots=True)
class _Section:
    """The parts under one heading, and the path of headings to them."""

    path: str
    parts: list[_Part] = field(default_factory=list)


def passages(article: Article) -> tuple[Passage, ...]:
    """The article's passages, in order. None only if the article has no text."""
    made = []
    sample = article.text[:20_000]
    scale = len(sample) / max(1, width(sample))
    limits = _Limits(ARTICLE.short * scale, ARTICLE.aim * scale, ARTICLE.longest * scale)
    for section in _sections(article, limits):
        for group in _groups(section.parts, limits):
            inside = tuple(sentence for part in group for sentence in part.sentences)
            start, end = inside[0].start, inside[-1].end
            words = " ".join(sentence.text for sentence in inside if sentence.kind != "code")
            made.append(
                Passage(
                    start=start,
                    end=end,
                    text=article.text[start:end],
                    language=identify_passage(words, article.language),
                    heading=section.path,
                    sentences=inside,
                )
            )
    return tuple(made)


def _sections(article: Article, limits: _Limits) -> list[_Section]:
    sections = [_Section("")]
    path: list[tuple[int, str]] = []
    for part in _parts(article, limits):
        if part.level:
            # A heading right below another one opens no section of its own: they share the text below.
            bare = sections[-1].parts and all(p.level for p in sections[-1].parts)
            path = [(level, text) for level, text in path if level < part.level]
            path.append((part.level, part.sentences[0].text[: ARTICLE.heading]))
            if not bare or part.level <= sections[-1].parts[-1].level:
                sections.append(_Section(""))
            sections[-1].path = _BETWEEN.join(text for _, text in path)
        sections[-1].parts.append(part)
    sections = [section for section in sections if section.parts]
    return _without_bare(sections)


def _without_bare(sections: list[_Section]) -> list[_Section]:
    """Headings with nothing below them go with the section above, or, at the top, with the one below."""
    kept: list[_Section] = []
    waiting: list[_Part] = []
    for section in sections:
        if any(not part.level for part in section.parts):
            section.parts[:0] = waiting
            waiting = []
            kept.append(section)
        elif kept:
            kept[-1].parts += section.parts
        else:
            waiting += section.parts
    if waiting:
        kept.append(_Section(sections[-1].path, waiting))
    return kept


def _parts(article: Article, limits: _Limits) -> Iterator[_Part]:
    everything = list(sentences(article.text, article.blocks, article.language))
    at = 0
    for block in article.blocks:
        first = at
        while at < len(everything) and everything[at].end <= block.end:
            at += 1
        inside = everything[first:at]
        if not inside:
            continue
        if block.end - block.start <= limits.longest:
            yield _Part(inside, block.level)
        else:
            for piece in _slices(inside, limits.aim):
                yield _Part(piece)


def _slices(inside: Sequence[Sentence], aim: float) -> Iterator[list[Sentence]]:
    """Cut a long block at sentence ends into pieces of about equal length, at most ``aim`` if it can be."""
    length = inside[-1].end - inside[0].start
    target = length / -(-length // aim)
    piece: list[Sentence] = []
    for sentence in inside:
        if piece and sentence.end - piece[0].start > aim:
            yield piece
            piece = []
        piece.append(sentence)
        if sentence.end - piece[0].start >= target:
            yield piece
            piece = []
    if piece:
        yield piece


def _groups(parts: Sequence[_Part], limits: _Limits) -> list[list[_Part]]:
    """Parts that make a passage together."""
    groups: list[list[_Part]] = []
    bare = False  # is there but headings in the last of them?
    for i, part in enumerate(parts):
        if groups and (bare or _takes(groups[-1], parts, i, limits)):  # a heading never stands alone
            groups[-1].append(part)
            bare = bare and bool(part.level)
        else:
            groups.append([part])
            bare = bool(part.level)
    # What is left over at a section's end is better read with what precedes it.
    if len(groups) > 1 and _length(groups[-1]) < limits.short:
        together = groups[-2] + groups[-1]
        if _length(together) <= limits.longest:
            groups[-2:] = [together]
    return groups


def _takes(group: Sequence[_Part], parts: Sequence[_Part], i: int, limits: _Limits) -> bool:
    """Does the passage take in ``parts[i]``, which comes next?"""
    start = group[0].start
    length = parts[i].end - start
    if length <= limits.aim:
        return True
    if length > limits.longest:
        return False
    if _length(group) < limits.short:
        return True
    return _is_item(parts[i]) and _list_end(parts, i, start + limits.longest) - start <= limits.longest


def _is_item(part: _Part) -> bool:
    return part.sentences[0].kind == "item"


def _list_end(parts: Sequence[_Part], i: int, limit: float) -> int:
    """Where the list that ``parts[i]`` is in ends; looks no further than ``limit``."""
    while i + 1 < len(parts) and _is_item(parts[i + 1]) and parts[i].end <= limit:
        i += 1
    return parts[i].end


def _length(group: Sequence[_Part]) -> int:
    return group[-1].end - group[0].start
