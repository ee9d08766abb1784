"""One build's bookkeeping: which files to read, what became of them, and what that means for their site."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from kb.building.files import FileMemory, signature
from kb.building.given import LINES, MEMORY, Sources, data_of, told_apart
from kb.building.prepare import Failed, Prepared, Reading, Renewal, Result, Unchanged
from kb.building.processes import Processes
from kb.building.sources import Found, find, found_of, same_name
from kb.cleaning.page import Encode
from kb.cleaning.recurring import shared, site_of
from kb.cleaning.sites import Sites
from kb.documents import Document
from kb.errors import InputError, SourceRefused
from kb.models import Passage, RemovedSpan, SkippedSource, SourceFile
from kb.readers import FORMATS, NO_FIELDS, Fields
from kb.store.store import Store, Writer, article_id

__all__ = ["Entered", "Run"]

Entered = Callable[[Sequence[Passage]], None]
"""Told of an article's passages as it is entered; it may yet be entered otherwise, or not stay."""


class Run:
    """``before`` is the library as it was; the lists say what became of each source."""

    def __init__(
        self,
        store: Store,
        generation: int,
        pipeline: str,
        progress: Callable[[str, int, int], None],
        limit: int | None = None,
        encode: Encode | None = None,
        entered: Entered | None = None,
        fields: Fields = NO_FIELDS,
        rehash: bool = False,
    ) -> None:
        self.store = store
        self.generation = generation
        self.before = store.at(generation - 1)
        self.known = {summary.source: summary for summary in self.before.summaries()}
        self.restored = self.before.restored()
        self.skipped: list[tuple[SkippedSource, str]] = []
        self.added: list[str] = []
        self.changed: list[str] = []
        self.removed: list[str] = []
        self.unchanged: list[str] = []
        self._pipeline = pipeline
        self._progress = progress
        self._limit = limit
        self._fields = fields
        self._encode = encode
        self._entered = entered
        self._rehash = rehash
        self._roots: set[str] = set()
        self._found: list[Found] = []
        self._documents: Iterator[Document | SkippedSource] | None = None
        self._count = 0  # of documents, where that is known
        self._given: set[str] = set()  # sources of documents
        self._all_given = True  # a document that was not given is gone
        self._unlisted: list[tuple[str, str]] = []  # roots and places of what was kept unread
        self._unread: list[tuple[SkippedSource, str]] = []  # what cannot be read at the moment
        self._seen: dict[str, Path] = {}
        self._ids = {summary.id: source for source, summary in self.known.items()}
        self._memory = FileMemory(self.before.files())
        self._sites = Sites()

    # --- files

    def look(self, sources: Sources, *, all_given: bool) -> None:
        """List the files; of documents, note whether they are all that there are.

        Raises InputError for a path that is not there, or is an empty folder that had articles: so looks one
        whose disk or share is away; UsageError for what is neither paths nor documents."""
        given = told_apart(sources, self._fields)
        self._documents, self._count, self._all_given = given.documents, given.count, all_given
        if given.documents is not None:
            self._roots = {MEMORY, LINES}
        for path in given.paths:
            root = str(path.resolve())
            self._roots.add(root)
            self._must_not_be_away(path, root)
            for item in find([path]):
                if isinstance(item, Found):
                    self._found.append(item)
                elif item.passing:
                    self._unread.append((item, root))
                else:
                    self.skipped.append((item, root))
        # Where a file has a name of its own, no record of an export gives that to another.
        there = {(found.root, found.source) for found in self._found}
        self._found = [
            replace(file, name="") if (file.root, file.name) in there else file for file in self._found
        ]

    def _must_not_be_away(self, path: Path, root: str) -> None:
        held = sum(summary.root == root for summary in self.known.values())
        try:
            empty = held and path.is_dir() and next(path.iterdir(), None) is None
        except OSError:  # listing it says why
            return
        if empty:
            raise InputError(
                f"{path}: is empty, as a folder is whose disk or share is away, and the library has {held} "
                "articles of it; bring it back, or name the other folders only and `kb remove` them"
            )

    def read_all(self, writer: Writer) -> None:
        """Read every file or document that may have changed; raises InputError when none is an article."""
        if self._documents is not None:
            self._read_documents(self._documents, writer)
        else:
            self._read_files(writer)
        if not self._seen:
            raise InputError(self._nothing())

    def _read_files(self, writer: Writer) -> None:
        for item, root in self._unread:
            self._keep(item, root)
        total, done = len(self._found), 0
        self._progress("reading", 0, total)
        fresh: list[tuple[Found, str]] = []
        now = time.time_ns()
        for found in self._found:
            mark = signature(found, now)
            if not self._rehash and self._is_as_it_was(found, mark):
                done += 1
            else:
                fresh.append((found, mark))
        tasks = (self._reading(found) for found, _ in fresh)
        if fresh:
            with Processes() as processes:
                results = processes.run(tasks, self._encode)
                for (found, mark), items in zip(fresh, results, strict=True):
                    self._read(found, mark, items, writer)
                    done += 1
                    self._progress("reading", done, total)
        elif total:
            self._progress("reading", total, total)

    def _read_documents(self, documents: Iterator[Document | SkippedSource], writer: Writer) -> None:
        """Read documents as they come: no more of them are held than are being read."""
        asked: deque[tuple[Found, str]] = deque()

        def tasks() -> Iterator[Reading]:
            for found, mark in self._changed(documents):
                asked.append((found, mark))
                yield self._reading(found)

        with Processes() as processes:
            for items in processes.run(tasks(), self._encode):
                self._read(*asked.popleft(), items, writer)
        self._progress("reading", len(self._given), len(self._given))

    def _changed(self, documents: Iterable[Document | SkippedSource]) -> Iterator[tuple[Found, str]]:
        """Those that the library does not hold as they are, each with what tells its state from others."""
        for item in documents:
            if isinstance(item, SkippedSource):
                self.skipped.append((item, LINES))
                self._all_given = False  # it may have been any
                continue
            found, (_, mark) = found_of(item), data_of(item)
            if found.source in self._given:
                again = "was given before; give each document a source of its own"
                self.skipped.append((SkippedSource(found.source, again), MEMORY))
                continue
            self._given.add(found.source)
            done = len(self._given) - 1
            self._progress("reading", done, max(self._count, done + 1))
            if self._rehash or not self._is_as_it_was(found, mark):
                yield found, mark

    def _is_as_it_was(self, found: Found, mark: str) -> bool:
        """Does the library hold all that this file held when it was last read, and is it the same file?"""
        memory = self._memory.get(found)
        if (
            memory is None
            or not mark
            or (memory.signature, memory.pipeline) != (mark, self._memory_pipeline())
        ):
            return False
        for source, content_hash in memory.held:
            known = self.known.get(source)
            if known is None or source in self._seen or known.root != found.root:
                return False
            if (known.content_hash, known.pipeline) != (content_hash, self._pipeline):
                return False
        for source, _ in memory.held:
            self.unchanged.append(source)
            self._seen[source] = found.path
        self.skipped += [(left, found.root) for left in memory.skipped]
        return True

    def _memory_pipeline(self) -> str:
        named = f"/{self._fields}" if self._fields != NO_FIELDS else ""
        return f"{self._pipeline}/{self._limit}{named}"

    def _reading(self, found: Found) -> Reading:
        memory = self._memory.get(found)
        names = [found.name or found.source, *(source for source, _ in (memory.held if memory else ()))]
        if memory is None and FORMATS[found.suffix].many:
            names += [source for source in self.known if source.startswith(f"{found.source}#")]
        known = {name: self.known[name] for name in names if name in self.known}
        return Reading(
            found,
            self._limit,
            held={name: held.content_hash for name, held in known.items() if held.pipeline == self._pipeline},
            known={name: held.content_hash for name, held in known.items()},
            restored={source: self.restored[source] for source in known if source in self.restored},
            recurring=self._sites.expected(found.source),
            fields=self._fields,
        )

    def _read(self, found: Found, mark: str, items: Iterator[Result | Failed], writer: Writer) -> None:
        held: list[tuple[str, str]] = []
        skipped: list[SkippedSource] = []
        unread: SkippedSource | None = None
        for item in items:
            if isinstance(item, SkippedSource) and item.passing:
                unread = item
            elif isinstance(item, Failed):
                skipped.append(SkippedSource(found.source, item.reason))
            elif isinstance(item, SkippedSource):
                skipped.append(item)
            else:
                again = self._take(item, found, writer)
                if again:
                    skipped.append(again)
                else:
                    held.append(_name_and_hash(item))
        if unread is not None:  # what is remembered of the file still holds
            self._keep(unread, found.root)
            return
        self.skipped += [(left, found.root) for left in skipped]
        writer.remember(found.root, found.source, mark, self._memory_pipeline(), held, skipped)

    def _take(self, item: Prepared | Unchanged, found: Found, writer: Writer) -> SkippedSource | None:
        """Enter one article; or why not."""
        name, content_hash = _name_and_hash(item)
        if name in self._seen:
            return SkippedSource(name, same_name(self._seen[name]))
        other = self._ids.setdefault(article_id(name), name)
        if other != name:
            return SkippedSource(name, f"would have the public id of {other}; rename one of the two")
        known = self.known.get(name)
        same = known is not None and (known.content_hash, known.pipeline) == (content_hash, self._pipeline)
        if isinstance(item, Prepared) and same:  # known, but under another file's name
            item = Unchanged(name, item.source.root, content_hash)
        self._seen[name] = found.path
        if isinstance(item, Unchanged):
            if known and known.root != item.root:
                writer.move(name, item.root)
            self.unchanged.append(name)
            return None
        if name in self.restored and not (known and known.content_hash == content_hash):
            writer.forget_restored([name])
        self._write(item, writer)
        (self.changed if known else self.added).append(name)
        self._sites.add(name, item.source.url, item.lines, item.recurring)
        return None

    def _write(self, item: Prepared, writer: Writer) -> None:
        writer.add(item.article, item.source, item.passages, pipeline=self._pipeline, lines=item.lines)
        if self._entered is not None:
            self._entered(item.passages)

    def put_back(self, file: SourceFile, span: RemovedSpan, writer: Writer) -> None:
        """Make an article again with one more span of its text put back."""
        source = file.source
        recurring = Sites.of(self.before.recurring()).recurring(site_of(source, file.url))
        spans = (*self.restored.get(source, ()), (span.start, span.end))
        writer.restore(source, span.start, span.end, span.text)
        with Processes(1) as processes:
            for item in next(processes.run([Renewal(file, spans, recurring)], self._encode)):
                if isinstance(item, (SkippedSource, Failed)):
                    raise SourceRefused(source, item.reason)
                if isinstance(item, Prepared):
                    self._write(item, writer)
        self.changed.append(source)
        self.unchanged = sorted(set(self.known) - {source})

    # --- what cannot be read at the moment

    def _keep(self, item: SkippedSource, root: str) -> None:
        """What the library has of a file, or of all in a folder, stays as it is."""
        kept = [source for source in self._of(item.source, root) if source not in self._seen]
        for source in kept:
            self._seen[source] = Path(root, item.source)
        self.unchanged += kept
        stays = "; what the library has of it stays" if kept else ""
        self.skipped.append((replace(item, reason=item.reason + stays), root))
        self._unlisted.append((root, item.source))

    def _of(self, place: str, root: str) -> list[str]:
        """The articles of a file, or of those in a folder, whichever ``place`` is, by what is known of it."""
        held = {
            source
            for file in self._memory
            if file[0] == root and _is_in(file[1], place)
            for source, _ in self._memory.of(file).held
        }
        return [
            source
            for source, summary in self.known.items()
            if summary.root == root and (source in held or _is_in(source, place))
        ]

    # --- what is gone

    def gone(self, keep_others: bool) -> list[str]:
        """Articles that these paths had, and have no longer."""
        return [
            source
            for source, summary in self.known.items()
            if source not in self._seen
            and (summary.root in self._roots or not keep_others)
            and (summary.root != MEMORY or self._all_given)
        ]

    def end(self, writer: Writer, sources: Sequence[str]) -> None:
        writer.end(sources)
        writer.forget_restored(source for source in sources if source in self.restored)
        self.removed += sources

    # --- sites

    def settle(self, writer: Writer) -> None:
        """Make those articles again whose site's recurring lines are now others than they were made with."""
        if not (self.added or self.changed or self.removed):
            return
        before = Sites.of(self.before.recurring())
        now = self._sites
        now.touch(before.site(source) for source in (*self.removed, *self.changed) if source in before)
        now.take_over(before, without={*self.removed, *self.added, *self.changed})
        stale: dict[str, frozenset[int]] = {}
        for source, lines, used in now.pages():
            recurring = now.recurring(now.site(source))
            if shared(lines, used ^ recurring):
                stale[source] = recurring
        if not stale:
            return
        writer.flush()
        files = self.store.at(self.generation).source_files(stale)
        tasks = (Renewal(file, self.restored.get(file.source, ()), stale[file.source]) for file in files)
        total = len(stale)
        with Processes() as processes:
            for done, items in enumerate(processes.run(tasks, self._encode), 1):
                self._renew(items, writer)
                self._progress("comparing pages", done, total)

    def _renew(self, items: Iterator[Result | Failed], writer: Writer) -> None:
        for item in items:
            if not isinstance(item, Prepared):  # it cannot be made again: it stays as it was
                continue
            name = item.article.source
            fresh = name in self._sites.fresh
            if not fresh:
                held = self.before.article_by_source(name)
                if held is not None and held.article == item.article:
                    continue
            self._write(item, writer)
            if not fresh:
                self.changed.append(name)
                if name in self.unchanged:
                    self.unchanged.remove(name)

    # --- the end

    def write_skipped(self, writer: Writer, keep_others: bool) -> None:
        before = self.before.skipped_roots() if keep_others else []
        others = [(left, root) for left, root in before if root not in self._roots or self._holds(left, root)]
        writer.skip([*others, *self.skipped])
        there = {(found.root, found.source) for found in self._found}
        there |= {(MEMORY, source) for source in self._given}

        def is_gone(file: tuple[str, str]) -> bool:
            root, source = file
            if root == MEMORY and not self._all_given:
                return False
            unlisted = any(root == of and _is_in(source, place) for of, place in self._unlisted)
            return root in self._roots and file not in there and not unlisted

        writer.forget_files(list(filter(is_gone, self._memory)))

    def _holds(self, left: SkippedSource, root: str) -> bool:
        """Whether it is told of a document that was not given now, and may be there still."""
        named = (left.source, left.source.rpartition("#")[0])
        return root == MEMORY and not self._all_given and self._given.isdisjoint(named)

    def _nothing(self) -> str:
        where = "what was given" if self._documents is not None else ", ".join(sorted(self._roots))
        if not self.skipped:
            return f"{where}: holds no articles; put {', '.join(sorted(FORMATS))} files there"
        first, more = self.skipped[0][0], len(self.skipped) - 1
        rest = f" (and {more} more)" if more else ""
        return f"{where}: holds nothing that can be used; {first.source} {first.reason}{rest}"


def _is_in(source: str, place: str) -> bool:
    """Whether a source is the file ``place``, or in it, or in the folder ``place``."""
    return source == place or source.startswith((f"{place}/", f"{place}#"))


def _name_and_hash(item: Prepared | Unchanged) -> tuple[str, str]:
    if isinstance(item, Unchanged):
        return item.source, item.content_hash
    return item.source.source, item.source.content_hash
