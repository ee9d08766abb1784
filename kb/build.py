"""Bringing a library's articles in line with files: what is new is read, what is unchanged is left alone.

Each call writes one generation in one transaction. Nothing is printed: the report says what was done.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from kb.article.normalize import PIPELINE
from kb.building.given import Sources
from kb.cleaning.page import Encode
from kb.errors import InputError
from kb.models import SkippedSource
from kb.progress import Progress, silent
from kb.readers import Fields
from kb.run import Entered, Run
from kb.store.store import Store, Writer
from kb.text.names import source_name

__all__ = ["BuildReport", "add", "leave_out", "remove", "restore", "update"]


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


def update(
    store: Store,
    sources: Sources,
    generation: int,
    *,
    progress: Progress = silent,
    limit: int | None = None,
    keep_others: bool = True,
    encode: Encode | None = None,
    entered: Entered | None = None,
    text_field: str | None = None,
    title_field: str | None = None,
    rehash: bool = False,
) -> BuildReport:
    """Make the library hold what the files under ``sources``, or documents, hold now, as ``generation``.

    Articles whose file is gone from ``sources`` go; articles that came from other paths stay, unless
    ``keep_others`` is false. Documents are one source: what was given before and is not given now goes. What
    cannot be listed or read at the moment stays as it was, and is named in the report. Files of the same
    size, times and inode as before are not opened, unless ``rehash`` is true.
    ``limit`` is in bytes (None: each format's own); ``encode`` is as in
    :class:`kb.article.normalize.Hints`; ``entered`` is told of passages while the rest is read.
    ``text_field`` and ``title_field`` name the fields of records (columns of tables, keys of JSON) that hold
    text and title, where their own names do not say so.

    Raises InputError, leaving everything as it was, when a path does not exist, when what is given as a
    document is none, or when nothing can be used.
    """
    fields = Fields(text_field, title_field)
    run = Run(store, generation, PIPELINE, progress, limit, encode, entered, fields, rehash)
    run.look(sources, all_given=True)
    with store.writing(generation) as writer:
        run.read_all(writer)
        run.end(writer, run.gone(keep_others))
        run.settle(writer)
        _finish(run, writer, keep_others=keep_others)
    return _report(run)


def add(
    store: Store,
    sources: Sources,
    generation: int,
    *,
    progress: Progress = silent,
    limit: int | None = None,
    encode: Encode | None = None,
    entered: Entered | None = None,
    text_field: str | None = None,
    title_field: str | None = None,
    rehash: bool = False,
) -> BuildReport:
    """Add the files under ``sources``, or these documents, or read them again if they changed; nothing that
    is gone is removed.

    The options are those of :func:`update`.
    """
    fields = Fields(text_field, title_field)
    run = Run(store, generation, PIPELINE, progress, limit, encode, entered, fields, rehash)
    run.look(sources, all_given=False)
    with store.writing(generation) as writer:
        run.read_all(writer)
        run.settle(writer)
        _finish(run, writer, keep_others=True)
    return _report(run)


def remove(
    store: Store, sources: Sequence[str], generation: int, *, encode: Encode | None = None
) -> BuildReport:
    """Remove articles by source. Raises InputError, removing none, when one of them is not in the library."""
    run = Run(store, generation, PIPELINE, silent, encode=encode)
    sources = [source if source in run.known else source_name(source) for source in sources]
    unknown = [source for source in sources if source not in run.known]
    if unknown:
        raise InputError(_no_article(unknown[0]))
    with store.writing(generation) as writer:
        run.end(writer, sorted(set(sources)))
        run.unchanged = sorted(set(run.known) - set(sources))
        run.settle(writer)
        writer.set_meta("updated", _now())
    return _report(run)


def restore(
    store: Store, source: str, start: int, generation: int, *, encode: Encode | None = None
) -> BuildReport:
    """Put back, for good, the removed span of an article that begins at ``start`` in its source text.

    It holds for as long as the source's text stays the same. Raises InputError when there is no such article
    or span.
    """
    run = Run(store, generation, PIPELINE, silent, encode=encode)
    stored = run.before.article_by_source(source)
    if stored is None:
        raise InputError(_no_article(source))
    source = stored.article.source
    span = next((span for span in stored.article.removed if span.start == start), None)
    file = run.before.source_file(stored.id)
    if span is None or file is None:
        raise InputError(f"{source}: nothing removed at {start}; `kb show {source} --removed` lists what was")
    with store.writing(generation) as writer:
        run.put_back(file, span, writer)
        writer.set_meta("updated", _now())
    return _report(run)


def leave_out(
    store: Store, generation: int, reasons: Mapping[str, str], report: BuildReport, *, revive: bool
) -> BuildReport:
    """Takes articles out of a generation that ``report`` tells of and nobody reads yet, each for its reason;
    ``revive`` what they were in the one before, as where a changed file cannot be read."""
    before = {summary.source for summary in store.at(generation - 1).summaries()}
    with store.writing(generation) as writer:
        for source, reason in reasons.items():
            writer.leave_out(source, reason, revive=revive and source in report.changed)
    kept = {source for source in report.changed if source in reasons} if revive else set()
    gone = {source for source in reasons if source in before} - kept
    skipped = [*report.skipped, *(SkippedSource(source, reason) for source, reason in reasons.items())]

    def left(sources: Iterable[str]) -> tuple[str, ...]:
        return tuple(source for source in sources if source not in reasons)

    return BuildReport(
        left(report.added),
        left(report.changed),
        tuple(sorted({*report.removed, *gone})),
        left(report.unchanged),
        tuple(sorted(skipped, key=lambda left: (left.source, left.reason))),
    )


def _finish(run: Run, writer: Writer, *, keep_others: bool) -> None:
    run.write_skipped(writer, keep_others)
    if "created" not in run.before.meta():
        writer.set_meta("created", _now())
    writer.set_meta("updated", _now())


def _report(run: Run) -> BuildReport:
    skipped = sorted((left for left, _ in run.skipped), key=lambda left: (left.source, left.reason))
    return BuildReport(
        added=tuple(sorted(run.added)),
        changed=tuple(sorted(run.changed)),
        removed=tuple(sorted(run.removed)),
        unchanged=tuple(sorted(run.unchanged)),
        skipped=tuple(skipped),
    )


def _no_article(source: str) -> str:
    return f"{source}: no article of that source in the library; `kb search --json` shows sources"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
