"""Encoding a library's texts on a Ray cluster, before the ordinary build, which then finds them encoded.

    files ─▶ read, normalised, cut (tasks) ─▶ new texts ─▶ encoded (an actor a machine) ─▶ caches here

What comes back is appended to the library's caches (:mod:`search.encoding.vector_cache`,
:mod:`search.passages.tokens`) by its content, as it comes: what was encoded once is not sent again, and
nothing is there twice, whenever the run is killed. The build that follows makes the library; what only
comparing a site's pages tells (which lines recur on all of them) changes some texts after all, and these it
encodes itself.

Every machine needs Rosetta of this version, the same model, and the files under the same paths.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kb.building.prepare import Prepared, Reading, prepare
from kb.building.sources import Found, find
from kb.errors import KBError
from kb.progress import Progress, silent
from search.building.artifacts import background_vectors
from search.building.build import model_of
from search.building.held import held_tokens
from search.building.token_cache import TokenCache
from search.disk import durable, layout
from search.disk.record_cache import content_key
from search.encoding.encoder import load
from search.encoding.protocol import Encoder
from search.encoding.vector_cache import VectorCache, packed
from search.errors import BackendUnavailable, ExtraMissing
from search.passages.late import Packed
from search.passages.tokens import TokenSpace

if TYPE_CHECKING:
    import pyarrow

__all__ = ["LOCAL", "Caches", "encode_on_cluster", "encoded", "new_texts"]

LOCAL = "local"
"""The address of a cluster that is started on this machine, for this run."""

# Texts that are encoded, and kept, at a time: what a kill loses is this, for each machine.
_TEXTS, _FILES = 512, 16
# Of a machine's cores, those that read; the others encode.
_READERS = 8
# Of a core, what reading claims: another share than encoding does, or Ray would make the two one step.
_OF_A_CORE = 0.5
# What a cluster of this machine may hold between its stages.
_OBJECTS = 256 << 20
_STAGE = "encoding on the cluster"

Keys = NDArray[np.bytes_]


def encode_on_cluster(
    sources: Iterable[str | Path],
    to: Path,
    *,
    address: str = LOCAL,
    model: str | None = None,
    cache: Path | None = None,
    progress: Progress = silent,
) -> int:
    """Encodes what the files under ``sources`` hold and the library at ``to`` has not encoded yet; returns
    how many texts that were. Progress is told in files.

    Raises ExtraMissing, BackendUnavailable where there is no such cluster, InputError, LibraryLocked.
    """
    found = [one for one in find(sources) if isinstance(one, Found)]
    durable.make_folder(to)
    with layout.locked(to, progress), _ray(address) as ray:
        name = model or _model_of(to)
        encoder = load(name, cache=cache, progress=progress)
        space = background_vectors(encoder, cache, progress).tokens
        caches = Caches(to, encoder, space)
        texts = _pipeline(ray, found, caches, name, cache, space)
        files: set[str] = set()
        progress(_STAGE, 0, len(found))
        for batch in texts:
            caches.keep(batch)
            files.update(batch.column("file").to_pylist())
            progress(_STAGE, min(len(files), len(found) - 1), len(found))
        progress(_STAGE, len(found), len(found))
        return caches.kept


def _model_of(library: Path) -> str | None:
    """The name of the model that made the library; None where there is none yet."""
    try:
        made = model_of(library, layout.read_live(library).generation)
    except KBError:
        return None
    return made.name if made else None


@contextmanager
def _ray(address: str) -> Iterator[Any]:
    """Ray, connected. A cluster of this machine ends with the block."""
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise ExtraMissing.of("building on a cluster", "ray") from error
    with contextlib.suppress(ImportError):
        from ray._private.usage.usage_lib import set_usage_stats_enabled_via_env_var

        set_usage_stats_enabled_via_env_var(False)  # nothing of this is told to anybody
    options: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    if address == LOCAL:
        options |= {"address": "local", "include_dashboard": False, "object_store_memory": _OBJECTS}
    else:
        options["address"] = address
    try:
        ray.init(**options)
    except (ConnectionError, ValueError, RuntimeError) as error:
        first = str(error).split("\n")[0]
        raise BackendUnavailable(
            f"{address}: no Ray cluster answers there ({first}); check the address, or leave it out to use "
            "this machine's cores"
        ) from error
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    try:
        yield ray
    finally:
        ray.shutdown()


def _pipeline(
    ray: Any,
    found: Sequence[Found],
    caches: Caches,
    model: str | None,
    cache: Path | None,
    space: TokenSpace,
) -> Iterator[pyarrow.Table]:
    """Batches of encoded texts, in no particular order."""
    machines = [int(node["Resources"].get("CPU", 0)) for node in ray.nodes() if node["Alive"]]
    cores = min((count for count in machines if count), default=1)
    readers = max(1, cores // _READERS)
    files = ray.data.from_items(
        [{**asdict(one), "path": str(one.path)} for one in found],
        override_num_blocks=max(1, min(len(found), 4 * sum(machines))),
    )
    texts = files.map_batches(
        _read,
        fn_kwargs={"vectors": ray.put(caches.vector_keys()), "tokens": ray.put(caches.token_keys())},
        batch_size=_FILES,
        batch_format="pyarrow",
        num_cpus=_OF_A_CORE,
    )
    encoded = texts.map_batches(
        _Encoding,
        fn_constructor_kwargs={"model": model, "cache": cache},
        fn_kwargs={"space": ray.put(space)},
        compute=ray.data.ActorPoolStrategy(size=max(1, len([one for one in machines if one]))),
        batch_size=_TEXTS,
        batch_format="pyarrow",
        num_cpus=max(1, cores - readers),
    )
    batches: Iterator[pyarrow.Table] = encoded.iter_batches(batch_size=None, batch_format="pyarrow")
    return batches


def _read(files: pyarrow.Table, vectors: Any, tokens: Any) -> pyarrow.Table:
    """Runs on the cluster; what is known is fetched from where the driver put it."""
    import ray

    return new_texts(files, ray.get(vectors), ray.get(tokens))


def new_texts(files: pyarrow.Table, known_vectors: Keys, known_tokens: Keys) -> pyarrow.Table:
    """The texts of some files that are not known yet: passages, and sentences with their language."""
    import pyarrow

    rows: dict[tuple[bytes, bytes], tuple[str, str, str]] = {}
    for one in files.to_pylist():
        for text, language in _texts(Found(**{**one, "path": Path(one["path"])})):
            key = content_key(text)
            token_key = TokenCache.key(text, language) if language else b""
            rows[key, token_key] = (text, language, one["path"])
    keys, token_keys = [key for key, _ in rows], [token_key for _, token_key in rows]
    new = ~np.isin(np.array(keys, "S16"), known_vectors, assume_unique=False)
    spoken = np.array([bool(one) for one in token_keys], np.bool_)
    new |= spoken & ~np.isin(np.array(token_keys, "S16"), known_tokens)
    table = pyarrow.table(
        {
            "key": pyarrow.array(keys, pyarrow.binary()),
            "token_key": pyarrow.array(token_keys, pyarrow.binary()),
            "text": pyarrow.array([text for text, _, _ in rows.values()], pyarrow.string()),
            "language": pyarrow.array([language for _, language, _ in rows.values()], pyarrow.string()),
            "file": pyarrow.array([path for _, _, path in rows.values()], pyarrow.string()),
        }
    )
    return table.filter(pyarrow.array(new))


def _texts(found: Found) -> Iterator[tuple[str, str]]:
    """A file's passages, each with "" for its language, and its sentences with theirs; nothing of a file that
    cannot be read: the build says why, in its own process."""
    with contextlib.suppress(Exception):
        for item in prepare(Reading(found)):
            for passage in item.passages if isinstance(item, Prepared) else ():
                yield _sendable(passage.text), ""
                for sentence in passage.sentences:
                    yield _sendable(sentence.text), passage.language


def _sendable(text: str) -> str:
    """The text, without what cannot be sent as UTF-8: the build encodes such texts itself."""
    return text.encode("utf-8", "ignore").decode("utf-8")


class _Encoding:
    """A machine of the cluster with the model."""

    def __init__(self, model: str | None, cache: Path | None) -> None:
        self._encoder = load(model, cache=cache)

    def __call__(self, texts: pyarrow.Table, space: Any) -> pyarrow.Table:
        import ray

        return encoded(texts, self._encoder, ray.get(space))


def encoded(texts: pyarrow.Table, encoder: Encoder, space: TokenSpace) -> pyarrow.Table:
    """Texts with their vectors, and sentences with their tokens as they are kept, instead of the text."""
    import pyarrow

    rows = texts.to_pylist()
    vectors = np.zeros((len(rows), encoder.identity.dimension), np.float32)
    tokens = [b""] * len(rows)
    whole = [at for at, row in enumerate(rows) if not row["language"]]
    spoken = [at for at, row in enumerate(rows) if row["language"]]
    if whole:
        vectors[whole] = encoder.passages([rows[at]["text"] for at in whole])
    for place, vector, of_tokens in encoder.with_tokens([rows[at]["text"] for at in spoken]):
        at = spoken[place]
        vectors[at] = vector
        tokens[at] = space.text(of_tokens, rows[at]["language"]).tobytes()
    kept = texts.drop_columns(["text"])
    kept = kept.append_column(
        "vector", pyarrow.array([row.tobytes() for row in packed(vectors)], pyarrow.binary())
    )
    return kept.append_column("tokens", pyarrow.array(tokens, pyarrow.binary()))


class Caches:
    """The library's caches of vectors and tokens, added to."""

    def __init__(self, library: Path, encoder: Encoder, space: TokenSpace) -> None:
        self._width = space.width
        self._vectors = VectorCache(library / "cache", encoder)
        self._tokens = TokenCache(library / "cache", encoder, space, held_tokens(library, encoder))
        self._appended: set[bytes] = set()
        self.kept = 0

    def vector_keys(self) -> Keys:
        return _sorted(self._vectors.keys())

    def token_keys(self) -> Keys:
        return _sorted(self._tokens.keys())

    def keep(self, batch: pyarrow.Table) -> None:
        """Appends what is not there yet, tokens first: the build asks for both."""
        rows = {(row["key"], row["token_key"]): row for row in batch.to_pylist()}
        spoken = {row["token_key"]: row for row in rows.values() if row["token_key"]}
        missing = self._tokens.missing(spoken)
        self._tokens.append_kept([(key, self._packed(row)) for key, row in spoken.items() if key in missing])
        vectors = {row["key"]: row["vector"] for row in rows.values() if row["key"] not in self._appended}
        missing = self._vectors.missing(vectors)
        new = {key: vector for key, vector in vectors.items() if key in missing}
        if new:
            kept = np.frombuffer(b"".join(new.values()), np.uint8)
            self._vectors.append(list(new), kept.reshape(len(new), -1))
        self._appended.update(new)
        self.kept += len(rows)

    def _packed(self, row: Mapping[str, Any]) -> Packed:
        packed: Packed = np.frombuffer(row["tokens"], np.uint8).reshape(-1, self._width)
        return packed


def _sorted(keys: Iterable[bytes]) -> Keys:
    return np.sort(np.array(list(keys), "S16"))
