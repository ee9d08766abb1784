"""Writing one generation of a library into Milvus, so that it may be killed at any time and run again."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.cluster.milvus_collections import (
    NO_TERMS,
    PARTS,
    Collections,
    adjacent,
    dimensions,
    index_for,
    packed,
    partitions_of,
    schema_of,
    unpacked,
)
from search.cluster.milvus_connection import Connection, listed
from search.cluster.milvus_files import Files
from search.errors import BackendUnavailable
from search.language.index_terms import exact_terms, indexed_words
from search.passages.backend import PassageBatch, Rows
from search.remote import Remote

__all__ = ["FORMAT", "GENERATION", "TERM", "Generation", "MilvusWriter"]

FORMAT = 1
"""Raised whenever what a generation is in Milvus changes."""
GENERATION = "generation.json"
"""The file that says what a generation holds: the last one written, so that where it is, all is."""
TERM = np.dtype([("term", "<u8"), ("impact", "<f4")])
"""How a passage's terms are kept beside its sparse vector, which has their hashes shortened."""

# A request may have 64 MB on some servers. Sizes are estimated, so a quarter of that is aimed at.
_REQUEST = 16 << 20
_TERMS_AT_A_TIME = 10_000
_READ_AT_A_TIME = 256
_MARK = "written#"  # prefix of the marks of what was written


@dataclass(frozen=True, slots=True)
class Generation:
    """What a generation holds: passages by language; ``ambiguous`` are the sparse dimensions that two terms
    of the library share; ``width`` bytes that a kept token takes; ``index_type`` of the vectors; ``rows``
    is one more than the last row."""

    format: int
    languages: tuple[str, ...]
    counts: tuple[int, ...]
    ambiguous: tuple[int, ...]
    dimension: int
    width: int
    index_type: str
    rows: int

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Generation:
        value: dict[str, Any] = json.loads(text)
        for name in ("languages", "counts", "ambiguous"):
            value[name] = tuple(value[name])
        return cls(**value)


class MilvusWriter:
    """One generation being written.

    ``generation`` names it, in letters, digits and underscores: another content needs another name, and what
    was written under this name, by whichever process, is not sent again. Rows are replaced by their number,
    so nothing can be there twice. Raises ExtraMissing and BackendUnavailable.
    """

    def __init__(self, remote: Remote, generation: str, dimension: int) -> None:
        self._remote, self._dimension = remote, dimension
        self.names = Collections.of(remote.name, generation)
        self._connection = Connection(remote)
        self._connection.require_supported()
        self._lite = self._connection.is_lite
        self._deleted: set[int] = set()
        self._width = 0  # of a kept token, in bytes
        for part, name in zip(PARTS, self.names.all(), strict=True):
            if not self._connection.has(name):
                self._connection.write(
                    "create_collection",
                    name,
                    schema=schema_of(part, dimension),
                    consistency_level="Bounded",
                    **partitions_of(part),
                )
        self._make_searchable("files", 0)
        self.files = Files(self._connection, self.names)
        self._written = self.files.texts(_MARK)

    def write(self, batch: PassageBatch) -> None:
        self._deleted.difference_update(range(batch.first_row, batch.first_row + len(batch.keys)))
        self._width = max(self._width, batch.tokens.shape[1])
        span, digest = _span(batch), _digest(batch)
        if self._written.get(span) == digest or not len(batch.keys):
            return
        # Sentences first: where there is a passage, there are its sentences.
        self._send(self.names.sentences, _sentences(batch))
        self._send(self.names.passages, _passages(batch))
        self.files.put_text(f"{_MARK}{span}", digest)
        self._written[span] = digest

    def delete(self, rows: Rows) -> None:
        """Takes passages out again, when the generation is finished."""
        self._deleted.update(np.asarray(rows).tolist())

    def finish(self) -> None:
        """Makes what was written durable and searchable. Once it is, so it stays."""
        sentences = self._count("sentences")
        self._make_searchable("passages", sentences)
        self._make_searchable("sentences", sentences)
        self._take_out()
        languages, articles, counts, rows, terms, passages = self._look_through()
        self._check_filtered(counts)
        self._write_terms(terms, passages)
        self._make_searchable("terms", 0)
        names = sorted(languages | articles)
        shared = dimensions(terms)
        shared.sort()
        generation = Generation(
            format=FORMAT,
            languages=tuple(names),
            counts=tuple(counts.get(name, 0) for name in names),
            ambiguous=tuple(np.unique(shared[1:][shared[1:] == shared[:-1]]).tolist()),
            dimension=self._dimension,
            width=self._width,
            index_type=self._index_type(sentences),
            rows=rows,
        )
        self.files.put_text(GENERATION, generation.to_json())
        self._connection.write("flush", self.names.files)
        self.finished()  # a strongly consistent read: who reads from now on, however it does, sees this

    def swap(self) -> None:
        """Moves the alias, at once. The generation that it stood for stays for those who read it, until the
        swap after this one; what is older goes, and so do those that were never finished."""
        alias, before = self._remote.name, self._connection.target(self._remote.name)
        if before is None:
            self._connection.write("create_alias", self.names.passages, alias)
        elif before != self.names.passages:
            self._connection.write("alter_alias", self.names.passages, alias)
        else:
            return
        kept = {self.names.base} | ({Collections.standing_for(before).base} if before else set())
        for name in self._connection.read("list_collections"):
            base, _, part = name.rpartition("_")
            if name.startswith(f"{alias}__") and part in PARTS and base not in kept:
                self._connection.write("drop_collection", name)

    def finished(self) -> bool:
        """Whether a generation of this name is there, whole."""
        return self.files.text(GENERATION) is not None

    def close(self) -> None:
        self._connection.close()

    def _send(self, collection: str, entities: Iterator[tuple[int, dict[str, Any]]]) -> None:
        """Upserts entities, given with their sizes, in requests that are not too large."""
        waiting: list[dict[str, Any]] = []
        size = 0
        for length, entity in entities:
            if waiting and size + length > _REQUEST:
                self._connection.write("upsert", collection, waiting)
                waiting, size = [], 0
            waiting.append(entity)
            size += length
        if waiting:
            self._connection.write("upsert", collection, waiting)

    def _make_searchable(self, part: str, vectors: int) -> None:
        name = f"{self.names.base}_{part}"
        self._connection.write("flush", name)
        indexed = set(self._connection.read("list_indexes", name))
        for index in index_for(part, vectors, lite=self._lite):
            if index.field_name not in indexed and index.index_name not in indexed:
                self._connection.write("create_index", name, _only(index), sync=False)
        self._connection.wait_for_indexes(name)
        self._connection.load(name)

    def _index_type(self, vectors: int) -> str:
        return str(next(iter(index_for("sentences", vectors, lite=self._lite))).index_type)

    def _count(self, part: str) -> int:
        """How many there are, at least: what was replaced may count twice."""
        stats = self._connection.read("get_collection_stats", f"{self.names.base}_{part}")
        return int(stats["row_count"])

    def _take_out(self) -> None:
        """Deletes what was to be deleted, and forgets that the batches around it were written."""
        rows = np.array(sorted(self._deleted), np.int64)
        for start in range(0, len(rows), _TERMS_AT_A_TIME):
            some = listed(rows[start : start + _TERMS_AT_A_TIME])
            self._connection.write("delete", self.names.sentences, filter=f"passage in {some}")
            self._connection.write("delete", self.names.passages, filter=f"row in {some}")
        for span in list(self._written):
            first, count = map(int, span.split("-")[:2])
            if ((rows >= first) & (rows < first + count)).any():
                self.files.drop_text(f"{_MARK}{span}")
                del self._written[span]
        self._deleted.clear()

    def _look_through(
        self,
    ) -> tuple[set[str], set[str], dict[str, int], int, NDArray[np.uint64], Rows]:
        """Languages of passages and of articles, passages by language, one more than the last row, and every
        term with how many passages have it: of what is there, whoever wrote it."""
        languages: set[str] = set()
        articles: set[str] = set()
        counts: dict[str, int] = {}
        last = -1
        waiting: list[NDArray[np.uint64]] = []
        tally = _Tally()
        fields = ["row", "language", "article_language", "terms"]
        for one in self._connection.rows(self.names.passages, "row >= 0", fields, _READ_AT_A_TIME):
            last = max(last, int(one["row"]))
            languages.add(one["language"])
            articles.add(one["article_language"])
            counts[one["language"]] = counts.get(one["language"], 0) + 1
            waiting.append(np.frombuffer(unpacked(one["terms"]), TERM)["term"])
            if len(waiting) == _TERMS_AT_A_TIME:
                tally.add(waiting)
                waiting = []
        tally.add(waiting)
        return languages, articles, counts, last + 1, tally.terms, tally.counts

    def _check_filtered(self, counts: dict[str, int]) -> None:
        """Raises BackendUnavailable where the server, asked for a language, finds not all that it has of it:
        some file rows under another key than they have."""
        for language, expected in sorted(counts.items()):
            found = self._connection.read(
                "query",
                self.names.passages,
                filter=f"language == {json.dumps(language)}",
                output_fields=["count(*)"],
                consistency_level="Strong",
            )
            there = int(found[0]["count(*)"])
            if there != expected:
                raise BackendUnavailable(
                    f"{self._remote}: of {expected:,} passages in {language} this server finds {there:,}: it "
                    "files them wrongly; run another version of Milvus there, and publish again"
                )

    def _write_terms(self, terms: NDArray[np.uint64], passages: Rows) -> None:
        if self._count("terms"):
            self._connection.write("drop_collection", self.names.terms)
            self._connection.write(
                "create_collection", self.names.terms, schema=schema_of("terms", self._dimension)
            )
        pairs = zip(terms.view(np.int64).tolist(), passages.tolist(), strict=True)
        while some := list(islice(pairs, _TERMS_AT_A_TIME)):
            entities = [{"term": term, "passages": count, "nothing": [0.0, 0.0]} for term, count in some]
            self._connection.write("upsert", self.names.terms, entities)


class _Tally:
    """In how many passages each term is."""

    def __init__(self) -> None:
        self.terms = np.zeros(0, np.uint64)
        self.counts = np.zeros(0, np.int64)

    def add(self, passages: list[NDArray[np.uint64]]) -> None:
        """Each passage's terms, which are different from one another."""
        if not passages:
            return
        new, counts = np.unique(np.concatenate(passages), return_counts=True)
        both = np.concatenate([self.terms, new])
        self.terms, places = np.unique(both, return_inverse=True)
        weights = np.concatenate([self.counts, counts])
        self.counts = np.bincount(places, weights=weights, minlength=len(self.terms)).astype(np.int64)


def _only(index: Any) -> Any:
    from pymilvus import MilvusClient

    alone = MilvusClient.prepare_index_params()
    alone.append(index)
    return alone


def _span(batch: PassageBatch) -> str:
    return f"{batch.first_row}-{len(batch.keys)}-{batch.first_sentence}-{len(batch.sentences)}"


def _digest(batch: PassageBatch) -> str:
    """Of all that a batch holds."""
    digest = hashlib.blake2b(digest_size=16)
    for field in fields(batch):
        value = getattr(batch, field.name)
        if isinstance(value, np.ndarray):
            digest.update(np.ascontiguousarray(value).tobytes())
        else:
            digest.update(json.dumps(value).encode())
    return digest.hexdigest()


def _sentences(batch: PassageBatch) -> Iterator[tuple[int, dict[str, Any]]]:
    """A batch's sentences as entities, each with about how many bytes it takes."""
    offsets = batch.token_offsets
    for passage, (start, end) in enumerate(zip(batch.bounds, batch.bounds[1:], strict=False)):
        for at in range(int(start), int(end)):
            tokens = packed(batch.tokens[offsets[at] : offsets[at + 1]].tobytes())
            entity = {
                "sentence": batch.first_sentence + at,
                "passage": batch.first_row + passage,
                "article_language": batch.article_languages[passage],
                "language": batch.languages[passage],
                "vector": batch.sentences[at],
                "tokens": tokens,
            }
            yield batch.sentences.itemsize * batch.sentences.shape[1] + sum(map(len, tokens)) + 100, entity


def _passages(batch: PassageBatch) -> Iterator[tuple[int, dict[str, Any]]]:
    """A batch's passages as entities, each with about how many bytes it takes."""
    for at in range(len(batch.keys)):
        words = [exact_terms(word) for word in indexed_words(batch.texts[at], batch.languages[at])]
        start, end = int(batch.bounds[at]), int(batch.bounds[at + 1])
        kept = np.zeros(int(batch.term_offsets[at + 1] - batch.term_offsets[at]), TERM)
        kept["term"] = batch.terms[batch.term_offsets[at] : batch.term_offsets[at + 1]]
        kept["impact"] = batch.impacts[batch.term_offsets[at] : batch.term_offsets[at + 1]]
        entity = {
            "row": batch.first_row + at,
            "key": int(batch.keys[at]),
            "article": int(batch.articles[at]),
            "first": batch.first_sentence + start,
            "kinds": "".join(map(str, batch.kinds[start:end].tolist())),
            "article_language": batch.article_languages[at],
            "language": batch.languages[at],
            "vector": batch.vectors[at],
            "sparse": _sparse(kept),
            "adjacent": adjacent(words),
            "terms": packed(kept.tobytes()),
            "words": packed(zlib.compress(_written(words))),
        }
        size = 4 * batch.vectors.shape[1] + 8 * len(entity["adjacent"]) + 25 * len(kept) + 16 * len(words)
        yield size + 200, entity


def _written(words: Sequence[tuple[str, ...]]) -> bytes:
    """A word a line, its terms apart."""
    return "\n".join(map("\t".join, words)).encode("utf-8", "surrogatepass")


def _sparse(terms: NDArray[np.void]) -> dict[int, float]:
    """Terms by their dimensions; of two that share one, the greater impact."""
    order = np.argsort(terms["impact"], kind="stable")
    places = dimensions(terms["term"][order]).tolist()
    found = dict(zip(places, terms["impact"][order].tolist(), strict=True))
    return {place: impact for place, impact in found.items() if impact > 0} or {NO_TERMS: 1.0}
