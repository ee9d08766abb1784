"""A library that was built here, sent to a server; and what a server of it needs, fetched from there.

The passages of a generation go where they are searched (:mod:`search.cluster.milvus`), all else as files
beside them: the database, the calibration, the dictionary, links and translations. Whoever opens the library
fetches these once for each generation, checks them, and keeps them in the cache.

A generation goes by its number and its content, so publishing it again sends nothing, and publishing it after
a kill sends what is missing. The alias moves last.
"""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath

import numpy as np
from filelock import FileLock

from kb.errors import LibraryDamaged, UsageError
from kb.progress import Progress, silent
from kb.store.schema import connect_reader
from kb.store.store import DATABASE, Articles, Store
from search.arrays.runs import offsets_of
from search.arrays.strings import mapped
from search.building.generation import PARTS
from search.building.parts.keys import PassageKeys
from search.building.parts.vectors import PassageVectors, Tokens
from search.cluster.milvus import MilvusBackend, MilvusWriter
from search.cluster.milvus_connection import Connection
from search.disk import durable, layout, manifest
from search.disk.leases import Lease, is_held
from search.encoding.preparation import cache_directory
from search.errors import BackendUnavailable
from search.passages.backend import PassageBatch
from search.postgres.articles import Articles as PostgresArticles
from search.postgres.backend import PostgresBackend
from search.postgres.connection import Server
from search.postgres.generation import Generation as Opened
from search.postgres.generation import live
from search.postgres.writing.writer import PostgresWriter
from search.remote import Remote

__all__ = ["Fetched", "LiveName", "batches", "fetch", "publish", "reach"]

# Passages that are sent and remembered together: some 15 MB.
_TOGETHER = 512
_LOOKING = 5.0  # seconds until it is known whether a server answers
_STAGE, _FILES_STAGE, _FETCHING = "publishing passages", "publishing files", "fetching the library"


@dataclass(frozen=True, slots=True)
class Fetched:
    """A library on a server, opened: its passages there, ``backend``, its articles, where they are there,
    too, ``store``, and the folder ``path`` that has all the rest, of the same ``generation``."""

    path: Path
    generation: int
    backend: MilvusBackend | PostgresBackend
    store: Articles | None = None


def reach(remote: Remote, shards: Sequence[str] | None = None) -> None:
    """Raises ExtraMissing or BackendUnavailable where a server, or one of its ``shards`` (see
    :func:`publish`), cannot be published to; UsageError where it can have none."""
    if remote.is_postgres:
        PostgresWriter.reach(remote, shards)
        return
    if shards:
        raise UsageError(f"{remote}: only a library in PostgreSQL has shards; Milvus spreads its own")
    with closing(Connection(remote)) as connection:
        connection.require_supported()


def publish(
    library: Path, remote: Remote, progress: Progress = silent, shards: Sequence[str] | None = None
) -> None:
    """Makes the server's library what the live generation of a folder is.

    ``shards`` are the hosts of further servers on which its passages lie (see
    :func:`search.postgres.shards.hosts`); none, the server alone; None, where they lie so far.
    Raises LibraryMissing, LibraryDamaged, ExtraMissing and BackendUnavailable; run again, it goes on.
    """
    generation = layout.read_live(library).generation
    lease = Lease(layout.generation_directory(library, generation), generation)
    try:
        problems = layout.check_generation(library, generation, thorough=True)
        if problems:
            raise LibraryDamaged(f"{problems[0]}; `kb verify --repair` mends it, then publish it")
        _send(library, lease, remote, progress, shards)
    finally:
        lease.release()


def _send(
    library: Path, lease: Lease, remote: Remote, progress: Progress, shards: Sequence[str] | None
) -> None:
    """Sends a generation, unless it is there, and makes it the live one."""
    folder, generation = lease.folder, lease.generation
    with closing(_writer(remote, folder, generation, shards)) as writer:
        if not writer.finished():
            with closing(Store.open(layout.database(library))) as store:
                total = len(PassageKeys.opened(folder).passages)
                for batch in batches(store, folder, generation):
                    writer.write(batch)
                    progress(_STAGE, batch.first_row + len(batch.keys), total)
            _send_files(writer, library, folder, generation, progress)
            writer.finish()
        writer.swap()


def _writer(
    remote: Remote, folder: Path, generation: int, shards: Sequence[str] | None
) -> MilvusWriter | PostgresWriter:
    label, axes = _label(folder, generation), PassageVectors.opened(folder).axes
    if remote.is_postgres:
        return PostgresWriter(remote, label, len(axes), axes, shards)
    return MilvusWriter(remote, label, len(axes))


def batches(store: Store, folder: Path, generation: int) -> Iterator[PassageBatch]:
    """The passages of a generation, from its files."""
    vectors, kept, keys = PassageVectors.opened(folder), Tokens.opened(folder), PassageKeys.opened(folder)
    bounds, tokens, token_offsets = vectors.bounds, kept.tokens, kept.offsets
    postings = _Inverted(folder / "postings")
    stored = store.at(generation).passages()
    first = 0
    while together := list(islice(stored, _TOGETHER)):
        last = first + len(together)
        start, end = int(bounds[first]), int(bounds[last])
        terms, impacts, term_offsets = postings.of(first, last)
        yield PassageBatch(
            first_row=first,
            first_sentence=start,
            keys=keys.passages[first:last],
            articles=keys.articles[first:last],
            languages=[one.passage.language for one in together],
            article_languages=[keys.languages[code] for code in keys.article_language[first:last].tolist()],
            texts=[one.searched for one in together],
            vectors=vectors.of_passages(slice(first, last)),
            sentences=vectors.of_sentences(slice(start, end)),
            bounds=bounds[first : last + 1] - start,
            kinds=vectors.kinds[start:end],
            tokens=np.asarray(tokens[token_offsets[start] : token_offsets[end]]),
            token_offsets=token_offsets[start : end + 1] - token_offsets[start],
            terms=terms,
            impacts=impacts,
            term_offsets=term_offsets,
        )
        first = last


class _Inverted:
    """Postings by passage instead of by term, a slab of passages at a time: one pass over all for each slab,
    so that memory is bounded."""

    _SLAB = 16_384

    def __init__(self, folder: Path) -> None:
        self._terms, self._offsets = mapped(folder / "terms.npy"), mapped(folder / "offsets.npy")
        self._passages, self._impacts = mapped(folder / "passages.npy"), mapped(folder / "impacts.npy")
        self._start = self._end = 0
        self._load(0)

    def of(self, first: int, last: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Terms, impacts and offsets of the passages from ``first`` to before ``last``."""
        if last > self._end:
            self._load(first)
        start, end = self._of[first - self._start], self._of[last - self._start]
        offsets = self._of[first - self._start : last - self._start + 1] - start
        return self._slab_terms[start:end], self._slab_impacts[start:end], offsets

    def _load(self, first: int) -> None:
        self._start, self._end = first, first + self._SLAB
        passages = self._passages
        found = np.flatnonzero((passages >= self._start) & (passages < self._end))
        order = np.argsort(passages[found], kind="stable")
        found = found[order]
        term = np.searchsorted(self._offsets, found, side="right") - 1
        self._slab_terms = self._terms[term]
        self._slab_impacts = self._impacts[found].astype(np.float32)
        counts = np.bincount(passages[found] - np.uint32(self._start), minlength=self._SLAB)
        self._of = offsets_of(counts)


def _label(folder: Path, generation: int) -> str:
    """A name for a generation: its number, and a digest of all of its files."""
    digest = hashlib.sha256((folder / manifest.MANIFEST).read_bytes()).hexdigest()
    return f"{generation}_{digest[:16]}"


def _send_files(
    writer: MilvusWriter | PostgresWriter, library: Path, folder: Path, generation: int, progress: Progress
) -> None:
    base = PurePosixPath("generations", str(generation))
    sent = [path for part in PARTS for name in part.sent for path in durable.files(folder / name)]
    for done, path in enumerate(sent, 1):
        writer.files.put(str(base / path.relative_to(folder).as_posix()), path)
        progress(_FILES_STAGE, done, len(sent) + 1)
    with tempfile.TemporaryDirectory(dir=library, prefix=".publishing-") as temporary:
        copy = Path(temporary, DATABASE)
        _copy_database(layout.database(library), copy, generation)
        if isinstance(writer, PostgresWriter):
            writer.put_articles(copy)
        else:
            writer.files.put(DATABASE, copy)
    progress(_FILES_STAGE, len(sent) + 1, len(sent) + 1)


def _copy_database(source: Path, target: Path, generation: int) -> None:
    """The database as it is at one generation, without what only others have."""
    with closing(connect_reader(source)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)
    with closing(Store.open(target, writable=True)) as store:
        store.discard_after(generation)
        store.sweep((generation,))
    with closing(sqlite3.connect(target)) as copy:
        copy.execute("PRAGMA journal_mode = DELETE")
        copy.execute("VACUUM")


def fetch(remote: Remote, cache: Path | None = None, progress: Progress = silent) -> Fetched:
    """Opens the live generation of a library on a server; what is not in the cache yet is fetched into it.

    Raises LibraryMissing, LibraryDamaged, LibraryVersionMismatch, ExtraMissing and BackendUnavailable.
    """
    if remote.is_postgres:
        return _opened_in_postgres(remote, progress)
    backend = MilvusBackend(remote)
    try:
        above = cache_directory(cache) / "remote" / _safe(remote)
        folder = above / backend.names.base
        durable.make_folder(above)
        with FileLock(above / "lock"):
            if not folder.exists():
                _fetch_into(folder, backend, progress)
                _sweep(above, folder)
        return Fetched(folder, layout.read_live(folder).generation, backend)
    except BaseException:
        backend.close()
        raise


def _opened_in_postgres(remote: Remote, progress: Progress) -> Fetched:
    """The live generation in PostgreSQL: only its small parts are files, for as long as it is open."""
    held = Opened(remote)
    try:
        folder = held.folder(progress)
        generation = max(layout.generations(folder))
        manifest.write(layout.generation_directory(folder, generation), layout.FORMAT_VERSION)
        backend, articles = PostgresBackend(held), PostgresArticles(held.server, held.schema)
        return Fetched(folder, generation, backend, articles)
    except BaseException:
        held.close()
        raise


class LiveName:
    """The name of the live generation of a library on a server, asked again and again: the connection stays
    open in between. For one thread at a time."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote
        self._connection: Connection | None = None
        self._server: Server | None = None

    def look(self) -> str | None:
        """The name as it is now; None where there is no such library. Raises ExtraMissing and
        BackendUnavailable; then the next look connects anew."""
        if self._remote.is_postgres:
            self._server = self._server or Server(self._remote, _LOOKING)
            found = live(self._server)
            return None if found is None else str(found[0])
        if self._connection is None:
            self._connection = Connection(self._remote)
        try:
            return self._connection.target(self._remote.name)
        except BackendUnavailable:
            self.close()
            raise

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
        if self._server is not None:
            self._server.close()


def _fetch_into(folder: Path, backend: MilvusBackend, progress: Progress) -> None:
    """Makes a library's folder without its passages, whole or not at all."""
    temporary = folder.with_name(f".{folder.name}.unfinished")
    shutil.rmtree(temporary, ignore_errors=True)
    files = backend.files()
    kept = files.kept()
    size = sum(one.size for one in kept.values())
    done = 0
    for path, one in kept.items():
        target = temporary / layout.inside(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        files.get(one, target)
        done += one.size
        progress(_FETCHING, done, size)
    generation = max(layout.generations(temporary))
    manifest.write(layout.generation_directory(temporary, generation), layout.FORMAT_VERSION)
    layout.switch(temporary, generation)
    durable.sync_tree(temporary)
    durable.replace(temporary, folder)


def _sweep(above: Path, folder: Path) -> None:
    """Removes older generations that nobody here reads."""
    for other in above.iterdir():
        if other != folder and other.is_dir() and not other.name.startswith("."):
            held = (is_held(layout.generation_directory(other, one)) for one in layout.generations(other))
            if not any(held):
                durable.remove_tree(other)


def _safe(remote: Remote) -> str:
    """A folder's name for an address."""
    return f"{remote.name}-{hashlib.sha256(remote.shown.encode()).hexdigest()[:12]}"
