"""One file's way to articles, or one article's way once more. What a worker does; nothing here writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from kb.article.normalize import Hints, normalize_and_note
from kb.article.passages import passages
from kb.building.sources import Found, load, parse, skipped
from kb.cleaning.page import Encode
from kb.cleaning.recurring import Recurring, site_of
from kb.errors import SourceRefused
from kb.mishaps import at_cost_of
from kb.models import Article, Passage, SkippedSource, SourceFile
from kb.readers import NO_FIELDS, Enter, Fields, enter_all

__all__ = ["Failed", "Prepared", "Reading", "Renewal", "Result", "Task", "Unchanged", "prepare"]

Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """A file to read. ``held``: content hashes, by source, of the articles that need no second look.

    ``known``: those of all articles the library has. ``restored``: spans of their texts put back by hand.
    ``recurring``: the recurring lines known so far, by site. ``fields``: which fields of records are read.
    ``done``: sources in it that are had already; ``left_out``: those that are not to be read, and why.
    """

    found: Found
    limit: int | None = None
    held: Mapping[str, str] = field(default_factory=dict)
    known: Mapping[str, str] = field(default_factory=dict)
    restored: Mapping[str, Spans] = field(default_factory=dict)
    recurring: Mapping[str, frozenset[int]] = field(default_factory=dict)
    fields: Fields = NO_FIELDS
    done: frozenset[str] = frozenset()
    left_out: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Renewal:
    """A source file that was read before, to be made an article again."""

    source: SourceFile
    restored: Spans
    recurring: frozenset[int]


@dataclass(frozen=True, slots=True)
class Prepared:
    """An article, ready to be stored, made with these spans ``restored`` and these lines ``recurring``.

    ``lines`` is a note of its page's, for :mod:`kb.cleaning.recurring`.
    """

    source: SourceFile
    article: Article
    passages: tuple[Passage, ...]
    lines: bytes
    restored: Spans
    recurring: frozenset[int]


@dataclass(frozen=True, slots=True)
class Unchanged:
    """An article that is as it was."""

    source: str
    root: str
    content_hash: str


@dataclass(frozen=True, slots=True)
class Failed:
    """A file that could not be read to its end by a process of its own, and why."""

    reason: str


Task = Reading | Renewal
Result = Prepared | Unchanged | SkippedSource


def prepare(task: Task, enter: Enter = enter_all, encode: Encode | None = None) -> Iterator[Result]:
    """What becomes of a file or an article; whatever goes wrong costs that, and no more.

    ``enter`` is told of each member and of each article before anything is made of it. ``encode`` is as in
    :class:`kb.article.normalize.Hints`.
    """
    if isinstance(task, Renewal):
        yield _prepared_or_skipped(task.source, task.restored, task.recurring, encode)
        return

    def entered(name: str) -> str | None:
        enter(name)
        return task.left_out.get(name)

    try:
        with at_cost_of(task.found.source, "reading it"):
            raw = replace(load(task.found, task.limit, task.fields), enter=entered)
            if task.held.get(raw.source) == raw.content_hash:
                yield Unchanged(raw.source, raw.root, raw.content_hash)
                return
            for item in parse(task.found, raw):
                if item.source not in task.done:
                    yield item if isinstance(item, SkippedSource) else _of_file(item, task, entered, encode)
    except SourceRefused as refused:
        yield skipped(refused)


def _of_file(source: SourceFile, task: Reading, enter: Enter, encode: Encode | None) -> Result:
    why = enter(source.source)
    if why:
        return SkippedSource(source.source, why)
    if task.held.get(source.source) == source.content_hash:
        return Unchanged(source.source, source.root, source.content_hash)
    same_text = task.known.get(source.source) == source.content_hash
    restored = task.restored.get(source.source, ()) if same_text else ()
    recurring = task.recurring.get(site_of(source.source, source.url), frozenset())
    return _prepared_or_skipped(source, restored, recurring, encode)


def _prepared_or_skipped(
    source: SourceFile, restored: Spans, recurring: frozenset[int], encode: Encode | None
) -> Result:
    try:
        return _prepared(source, restored, recurring, encode)
    except SourceRefused as refused:
        return SkippedSource(refused.source, refused.reason)


def _prepared(
    source: SourceFile, restored: Spans, recurring: frozenset[int], encode: Encode | None
) -> Prepared:
    """The article in a source file. Raises SourceRefused."""
    _must_be_whole(source)
    with at_cost_of(source.source, "cleaning it"):
        made = normalize_and_note(source, Hints(restored, Recurring(recurring), encode))
    with at_cost_of(source.source, "cutting it into passages"):
        inside = passages(made.article)
    return Prepared(source, made.article, inside, made.lines, restored, recurring)


def _must_be_whole(source: SourceFile) -> None:
    """Half a character, as broken files have, can neither be stored nor encoded. Raises SourceRefused."""
    try:
        source.text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise SourceRefused(
            source.source, f"has half a character at {error.start} of its text; mend it there"
        ) from error
