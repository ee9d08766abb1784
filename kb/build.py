"""Bringing a library's articles in line with files: what is new is read, what is unchanged is left alone.

Each call writes one generation in one transaction. Nothing is printed: the report says what was done.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from kb.errors import InputError, SourceRefused
from kb.models import SkippedSource, SourceFile
from kb.normalize import PIPELINE, Hints, normalize
from kb.passages import passages
from kb.snapshot import ArticleSummary, Snapshot
from kb.readers import FORMATS
from kb.sources import Found, find, read
from kb.store import Store, Writer

__all__ = ["BuildReport", "Progress", "add", "remove", "restore", "silent", "update"]


class Progress(Protocol):
    """Told how far a stage is, often; ``total`` does not change within a stage."""

    def __call__(self, stage: str, done: int, total: int) -> None: ...


@dataclass(frozen=True, slots=True)
class BuildReport:
    """Sources by what became of them, each sorted."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    skipped: tuple[SkippedSource, ...] = ()

    @property
    def touched(self) -> bool:
        """Is the library any different from before?"""
        return bool(self.added or self.changed or self.removed)


def silent(stage: str, done: int, total: int) -> None:
    """No progress."""


def update(
    store: Store,
    paths: Iterable[str | Path],
    generation: int,
    *,
    progress: Progress = silent,
    limit: int | None = None,
    keep_others: bool = True,
) -> BuildReport:
    """Make the library hold what the files under ``paths`` hold now, as generation ``generation``.

    Articles whose file is gone from ``paths`` go; articles that came from other paths stay, unless
    ``keep_others`` is false. Raises InputError, leaving everything as it was, when a path does not exist or
    when nothing under the paths can be used.
    """
    run = _Run(store.at(generation - 1), progress, limit)
    run.look(paths)
    with store.writing(generation) as writer:
        run.read_all(writer)
        gone = run.gone(keep_others)
        writer.end(gone)
        run.removed += gone
        run.finish(writer, keep_others)
    return run.report()


def add(
    store: Store,
    paths: Iterable[str | Path],
    generation: int,
    *,
    progress: Progress = silent,
    limit: int | None = None,
) -> BuildReport:
    """Add the files under ``paths``, or read them again if they changed; nothing that is gone is removed."""
    run = _Run(store.at(generation - 1), progress, limit)
    run.look(paths)
    with store.writing(generation) as writer:
        run.read_all(writer)
        run.finish(writer, keep_others=True)
    return run.report()


def remove(store: Store, sources: Sequence[str], generation: int) -> BuildReport:
    """Remove articles by source. Raises InputError, removing none, when one of them is not in the library."""
    there = store.at(generation - 1).hashes()
    unknown = [source for source in sources if source not in there]
    if unknown:
        raise InputError(f"{unknown[0]}: no article of that source in the library; `kb search --json` shows sources")
    gone = tuple(sorted(set(sources)))
    with store.writing(generation) as writer:
        writer.end(gone)
        writer.forget_restored(gone)
        writer.set_meta("updated", _now())
    return BuildReport(removed=gone, unchanged=tuple(sorted(set(there) - set(gone))))


def restore(store: Store, source: str, start: int, generation: int) -> BuildReport:
    """Put back, for good, the removed span of an article that begins at ``start`` in its source text.

    Raises InputError when there is no such article or span.
    """
    before = store.at(generation - 1)
    stored = before.article_by_source(source)
    if stored is None:
        raise InputError(f"{source}: no article of that source in the library; `kb search --json` shows sources")
    span = next((span for span in stored.article.removed if span.start == start), None)
    file = before.source_file(stored.id)
    if span is None or file is None:
        raise InputError(f"{source}: nothing removed at {start}; `kb show {source} --removed` lists what was")
    kept = before.restored().get(source, ())
    article = normalize(file, Hints(restored=(*kept, (span.start, span.end))))
    with store.writing(generation) as writer:
        writer.restore(source, span.start, span.end, span.text)
        writer.add(article, file, passages(article), pipeline=PIPELINE)
        writer.set_meta("updated", _now())
    return BuildReport(changed=(source,), unchanged=tuple(sorted(set(before.hashes()) - {source})))


@dataclass(slots=True)
class _Run:
    """One build's bookkeeping."""

    before: Snapshot
    progress: Progress
    limit: int | None
    roots: set[str] = field(default_factory=set)
    found: list[Found] = field(default_factory=list)
    skipped: list[tuple[SkippedSource, str]] = field(default_factory=list)
    seen: dict[str, Path] = field(default_factory=dict)
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    known: dict[str, ArticleSummary] = field(default_factory=dict)
    restored: dict[str, tuple[tuple[int, int], ...]] = field(default_factory=dict)

    def look(self, paths: Iterable[str | Path]) -> None:
        """List the files, and what the library holds already."""
        self.known = {summary.source: summary for summary in self.before.summaries()}
        self.restored = self.before.restored()
        given = [Path(path) for path in paths]
        if not given:
            raise InputError("nothing to read was named; name a folder or a file")
        for path in given:
            root = str(path.resolve())
            self.roots.add(root)
            for item in find([path]):
                if isinstance(item, Found):
                    self.found.append(item)
                else:
                    self.skipped.append((item, root))

    def read_all(self, writer: Writer) -> None:
        """Read every file; raises InputError when none of them is an article."""
        total = len(self.found)
        self.progress("reading", 0, total)
        for done, file in enumerate(self.found, 1):
            for item in read(file, limit=self.limit):
                if isinstance(item, SourceFile):
                    self._take(item, file, writer)
                else:
                    self.skipped.append((item, file.root))
            self.progress("reading", done, total)
        if not self.seen:
            raise InputError(self._nothing())

    def _take(self, source: SourceFile, file: Found, writer: Writer) -> None:
        name = source.source
        if name in self.seen:
            reason = f"has the same name as {self.seen[name]}; rename one of the two"
            self.skipped.append((SkippedSource(name, reason), file.root))
            return
        known = self.known.get(name)
        if known and (known.content_hash, known.pipeline) == (source.content_hash, PIPELINE):
            if known.root != source.root:
                writer.move(name, source.root)
            self.unchanged.append(name)
            self.seen[name] = file.path
            return
        same_text = known is not None and known.content_hash == source.content_hash
        if name in self.restored and not same_text:
            writer.forget_restored([name])
        hints = Hints(restored=self.restored.get(name, ()) if same_text else ())
        try:
            article = normalize(source, hints)
        except SourceRefused as refused:
            self.skipped.append((SkippedSource(refused.source, refused.reason), file.root))
            return
        writer.add(article, source, passages(article), pipeline=PIPELINE)
        (self.changed if known else self.added).append(name)
        self.seen[name] = file.path

    def gone(self, keep_others: bool) -> list[str]:
        """Articles that these paths had, and have no longer."""
        return [
            source
            for source, summary in self.known.items()
            if source not in self.seen and (summary.root in self.roots or not keep_others)
        ]

    def finish(self, writer: Writer, keep_others: bool) -> None:
        before = self.before.skipped_roots() if keep_others else []
        others = [(one, root) for one, root in before if root not in self.roots]
        writer.forget_restored(source for source in self.removed if source in self.restored)
        writer.skip([*others, *self.skipped])
        if "created" not in self.before.meta():
            writer.set_meta("created", _now())
        writer.set_meta("updated", _now())

    def report(self) -> BuildReport:
        return BuildReport(
            added=tuple(sorted(self.added)),
            changed=tuple(sorted(self.changed)),
            removed=tuple(sorted(self.removed)),
            unchanged=tuple(sorted(self.unchanged)),
            skipped=tuple(sorted((one for one, _ in self.skipped), key=lambda one: (one.source, one.reason))),
        )

    def _nothing(self) -> str:
        where = ", ".join(sorted(self.roots))
        if not self.skipped:
            return f"{where}: holds no articles; put {' or '.join(sorted(FORMATS))} files there"
        first, more = self.skipped[0][0], len(self.skipped) - 1
        rest = f" (and {more} more)" if more else ""
        return f"{where}: holds nothing that can be used; {first.source} {first.reason}{rest}"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
