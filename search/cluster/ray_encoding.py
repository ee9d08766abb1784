"""Encoding a library's texts on a Ray cluster, before the ordinary build, which then finds them encoded.

    files ─▶ read, normalised, cut (tasks) ─▶ new texts ─▶ encoded (an actor a machine) ─▶ caches here

What comes back is appended to the library's caches (:mod:`search.encoding.vector_cache`,
:mod:`search.passages.tokens`) by its content, as it comes: what was encoded once is not sent again, and
nothing is there twice, whenever the run is killed. The build that follows makes the library; what only
comparing a site's pages tells (which lines recur on all of them) changes some texts after all, and these it
encodes itself. Where these are many, the cluster was of little use, and that is said.

Every machine needs Rosetta of this version, the same model, and the files under the same paths.
"""

from __future__ import annotations

import contextlib
import logging
import socket
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from kb.build import BuildReport
from kb.building.prepare import Prepared, Reading, prepare
from kb.building.sources import Found, find
from kb.errors import KBError, SourceRefused
from kb.models import SkippedSource
from kb.progress import Progress, silent
from kb.readers import NO_FIELDS, Fields
from search.building.artifacts import background_vectors
from search.building.build import build, model_of
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

__all__ = ["LOCAL", "Caches", "Sent", "build_on_cluster", "encode_on_cluster", "encoded", "new_texts"]

_log = logging.getLogger(__name__)

LOCAL = "local"
"""The address of a cluster that is started on this machine, for this run."""

# Texts that are encoded, and kept, at a time: what a kill loses is this, for each machine.
_TEXTS, _FILES = 512, 16
# Of a machine's cores, those that read; the others encode.
_READERS = 8
# Of a core, what reading claims, and what encoding does on a machine that has no more than one: together they
# are a core, so that neither waits for the other; two that encode are more, so that each has its own machine.
# Were the shares equal, Ray would make the two one step.
_TO_READ, _TO_ENCODE = 0.4, 0.6
# Seconds within which an address answers.
_ANSWERING = 5.0
# Of all sentences, what the build may have to encode itself before that is an error.
_LEFT_OVER = 0.05
# Files that are named which the cluster could not read.
_NAMED = 10
# What a cluster of this machine may hold between its stages.
_OBJECTS = 256 << 20
_STAGE = "encoding on the cluster"

Keys = NDArray[np.bytes_]


@dataclass(frozen=True, slots=True)
class Sent:
    """What a cluster did: how many ``texts`` it encoded, how many sentences of these; what it could not read,
    by the file's public name, with the reason."""

    texts: int
    sentences: int
    unread: Mapping[str, str]


def build_on_cluster(
    sources: Iterable[str | Path],
    to: Path,
    *,
    address: str = LOCAL,
    model: str | None = None,
    cache: Path | None = None,
    progress: Progress = silent,
    text_field: str | None = None,
    title_field: str | None = None,
    rehash: bool = False,
) -> BuildReport:
    """:func:`search.build`, of texts that a cluster encoded before.

    Raises what both do; and BackendUnavailable where the library is made, but over a twentieth of its new
    sentences had to be encoded here.
    """
    sources = list(sources)
    fields = Fields(text_field, title_field)
    sent = encode_on_cluster(
        sources, to, address=address, model=model, cache=cache, progress=progress, fields=fields
    )
    here = 0

    def counted(stage: str, done: int, total: int) -> None:
        nonlocal here
        if stage == "encoding sentences":
            here = total
        progress(stage, done, total)

    report = build(
        sources,
        to,
        model=model,
        cache=cache,
        progress=counted,
        text_field=text_field,
        title_field=title_field,
        rehash=rehash,
    )
    bad = tuple(skipped.source for skipped in report.skipped)  # or members of an archive
    only_there = {
        source: why
        for source, why in sent.unread.items()
        if not any(skipped.startswith(source) for skipped in bad)
    }
    for source, why in list(only_there.items())[:_NAMED]:
        _log.warning("%s: could not be read on the cluster (%s)", source, why)
    if here > _LEFT_OVER * (here + sent.sentences):
        raise BackendUnavailable(_left_over(address, here, here + sent.sentences, only_there))
    return report


def _left_over(address: str, here: int, total: int, unread: Mapping[str, str]) -> str:
    made = f"{address}: the library is made, but {here} of {total} new sentences had to be encoded here; "
    if not unread:
        return made + (
            "the cluster cut the files into other texts: it may run another version of Rosetta, or most "
            "pages share lines, which only comparing them tells"
        )
    source, why = next(iter(unread.items()))
    return made + (
        f"{len(unread)} files could not be read there, such as {source} ({why}); every machine needs them "
        "under the same path"
    )


def encode_on_cluster(
    sources: Iterable[str | Path],
    to: Path,
    *,
    address: str = LOCAL,
    model: str | None = None,
    cache: Path | None = None,
    progress: Progress = silent,
    fields: Fields = NO_FIELDS,
) -> Sent:
    """Encodes what the files under ``sources`` hold and the library at ``to`` has not encoded yet. Progress
    is told in files: those all of whose texts are encoded.

    Raises ExtraMissing, BackendUnavailable where there is no such cluster, InputError, LibraryLocked.
    """
    # Elsewhere a relative path would mean another file.
    paths = [Path(path).absolute() for path in sources]
    found = [item for item in find(paths) if isinstance(item, Found)]
    durable.make_folder(to)
    with layout.locked(to, progress), _ray(address) as ray:
        name = model or _model_of(to)
        encoder = load(name, cache=cache, progress=progress)
        space = background_vectors(encoder, cache, progress).tokens
        caches = Caches(to, encoder, space)
        progress(_STAGE, 0, len(found))
        for batch in _pipeline(ray, found, fields, caches, name, cache, space):
            caches.keep(batch)
            progress(_STAGE, caches.files, len(found))
        return Sent(caches.kept, caches.kept_sentences, caches.unread)


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
    _must_listen(address)
    try:
        import ray
        import ray.data
        from ray.exceptions import AuthenticationError, RayError
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
    except AuthenticationError as error:
        raise BackendUnavailable(
            f"{address}: the Ray cluster refuses the token ({_first_line(error)}); set RAY_AUTH_MODE=token, "
            "and RAY_AUTH_TOKEN or RAY_AUTH_TOKEN_PATH"
        ) from error
    except (ConnectionError, ValueError, RuntimeError, RayError) as error:
        raise _unanswered(address, error) from error
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    try:
        yield ray
    except RayError as error:
        last = str(error).strip().split("\n")[-1]
        raise BackendUnavailable(
            f"{address}: the Ray cluster failed ({last}); what it encoded is kept: run it again"
        ) from error
    finally:
        ray.shutdown()


def _must_listen(address: str) -> None:
    """Raises BackendUnavailable where nobody does: Ray itself would try for a minute."""
    host, colon, _ = address.removeprefix("ray://").rpartition(":")
    if not colon:
        return  # of this machine
    try:
        where = urlsplit(f"//{address.removeprefix('ray://')}")
        socket.create_connection((where.hostname or host, where.port or 0), _ANSWERING).close()
    except (OSError, ValueError) as error:
        raise _unanswered(address, error) from error


def _unanswered(address: str, error: Exception) -> BackendUnavailable:
    return BackendUnavailable(
        f"{address}: no Ray cluster answers there ({_first_line(error)}); check the address, or leave it out "
        "to use this machine's cores"
    )


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0]


def _pipeline(
    ray: Any,
    found: Sequence[Found],
    fields: Fields,
    caches: Caches,
    model: str | None,
    cache: Path | None,
    space: TokenSpace,
) -> Iterator[pyarrow.Table]:
    """Batches of encoded texts, in no particular order."""
    machines = [int(node["Resources"].get("CPU", 0)) for node in ray.nodes() if node["Alive"]]
    cores = min((count for count in machines if count), default=1)
    readers = max(1, cores // _READERS)
    reading = {
        "fields": fields,
        "vectors": ray.put(caches.vector_keys()),
        "tokens": ray.put(caches.token_keys()),
    }
    files = ray.data.from_items(
        [{**asdict(file), "path": str(file.path)} for file in found],
        override_num_blocks=max(1, min(len(found), 4 * sum(machines))),
    )
    texts = files.map_batches(
        _read,
        fn_kwargs=reading,
        batch_size=_FILES,
        batch_format="pyarrow",
        num_cpus=_TO_READ,
    )
    encoded = texts.map_batches(
        _Encoding,
        fn_constructor_kwargs={"model": model, "cache": cache},
        fn_kwargs={"space": ray.put(space)},
        compute=ray.data.ActorPoolStrategy(size=max(1, sum(map(bool, machines)))),
        batch_size=_TEXTS,
        batch_format="pyarrow",
        num_cpus=max(_TO_ENCODE, cores - readers),
    )
    batches: Iterator[pyarrow.Table] = encoded.iter_batches(batch_size=None, batch_format="pyarrow")
    return batches


def _read(files: pyarrow.Table, fields: Fields, vectors: Any, tokens: Any) -> pyarrow.Table:
    """Runs on the cluster; what is known is fetched from where the driver put it."""
    import ray

    here = ray.util.get_node_ip_address()
    return new_texts(files, ray.get(vectors), ray.get(tokens), fields, here)


def new_texts(
    files: pyarrow.Table,
    known_vectors: Keys,
    known_tokens: Keys,
    fields: Fields = NO_FIELDS,
    here: str = "",
) -> pyarrow.Table:
    """The texts of some files that are not known yet: passages, and sentences with their language; then a
    row without a text for each file, of how many ``texts`` there are of it, or what ``problem`` it has
    ``here``."""
    rows: dict[tuple[bytes, bytes], dict[str, Any]] = {}
    problems: dict[str, str] = {}
    for row in files.to_pylist():
        found = Found(**{**row, "path": Path(row["path"])})
        problems[found.source] = ""
        try:
            for text, language in _texts(found, fields):
                key, token_key = content_key(text), TokenCache.key(text, language) if language else b""
                told = {"text": text, "language": language, "file": found.source}
                rows[key, token_key] = {"key": key, "token_key": token_key, **told}
        except Exception as error:
            why = error.reason if isinstance(error, SourceRefused) else _first_line(error)
            problems[found.source] = f"{here}: {why or type(error).__name__}"
    new = ~np.isin(np.array([key for key, _ in rows], "S16"), known_vectors)
    token_keys = np.array([token_key for _, token_key in rows], "S16")
    new |= (token_keys != b"") & ~np.isin(token_keys, known_tokens)
    texts = [row for row, is_new in zip(rows.values(), new.tolist(), strict=True) if is_new]
    count = Counter(row["file"] for row in texts)
    files_told = [
        {"file": file, "texts": count[file], "problem": problem} for file, problem in problems.items()
    ]
    return _table([*texts, *files_told])


def _table(rows: Sequence[Mapping[str, Any]]) -> pyarrow.Table:
    """Texts, and what is told of files."""
    import pyarrow

    def column(name: str, nothing: Any) -> list[Any]:
        return [row.get(name, nothing) for row in rows]

    return pyarrow.table(
        {
            "key": pyarrow.array(column("key", b""), pyarrow.binary()),
            "token_key": pyarrow.array(column("token_key", b""), pyarrow.binary()),
            "text": pyarrow.array(column("text", ""), pyarrow.string()),
            "language": pyarrow.array(column("language", ""), pyarrow.string()),
            "file": pyarrow.array(column("file", ""), pyarrow.string()),
            "texts": pyarrow.array(column("texts", 0), pyarrow.int64()),
            "problem": pyarrow.array(column("problem", ""), pyarrow.string()),
        }
    )


def _texts(found: Found, fields: Fields) -> Iterator[tuple[str, str]]:
    """A file's passages, each with "" for its language, and its sentences with theirs. Raises SourceRefused
    after the others where some of it cannot be read."""
    refused: SkippedSource | None = None
    for item in prepare(Reading(found, fields=fields)):
        if isinstance(item, SkippedSource):
            refused = item
        for passage in item.passages if isinstance(item, Prepared) else ():
            yield _sendable(passage.text), ""
            for sentence in passage.sentences:
                yield _sendable(sentence.text), passage.language
    if refused is not None:
        raise SourceRefused(refused.source, refused.reason)


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
    whole = [at for at, row in enumerate(rows) if row["key"] and not row["language"]]
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
        self._to_come: Counter[str] = Counter()
        self._told: set[str] = set()
        self._whole: set[str] = set()
        self.kept = self.kept_sentences = 0
        self.unread: dict[str, str] = {}

    def vector_keys(self) -> Keys:
        return _sorted(self._vectors.keys())

    def token_keys(self) -> Keys:
        return _sorted(self._tokens.keys())

    @property
    def files(self) -> int:
        """Of how many all texts are kept."""
        return len(self._whole)

    def keep(self, batch: pyarrow.Table) -> None:
        """Appends what is not there yet, tokens first: the build asks for both."""
        told = batch.to_pylist()
        for row in told:
            self._to_come[row["file"]] += row["texts"] - bool(row["key"])
            if not row["key"]:
                self._told.add(row["file"])
                if row["problem"]:
                    self.unread[row["file"]] = row["problem"]
        for file in {row["file"] for row in told} & self._told - self.unread.keys():
            (self._whole.discard if self._to_come[file] else self._whole.add)(file)
        rows = {(row["key"], row["token_key"]): row for row in told if row["key"]}
        spoken = {row["token_key"]: row for row in rows.values() if row["token_key"]}
        missing = self._tokens.missing(spoken)
        self.kept_sentences += len(missing)
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
