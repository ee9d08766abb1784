"""Makes the reader's graphs once, from the prepared encoder and the adapter, and keeps them in the cache.

``lower.onnx`` names the encoder's file of weights, so that what both use is on the disk and in memory once;
``upper.onnx`` has its own. The folder is written beside and renamed when whole; a manifest with the size and
SHA-256 of both files is the last one in.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

import numpy as np
import regex
from filelock import FileLock

from search.arrays.sessions import session
from search.arrays.vectors import Vectors
from search.disk import durable
from search.encoding.adapter import READER_ADAPTER, AdaptedModel, digest_of, read_adapter
from search.encoding.bundled import weights_file
from search.encoding.preparation import (
    GRAPH,
    MODEL_FORMAT,
    PASSAGE_PROMPT,
    QUERY_PROMPT,
    TOKENIZER,
    cache_directory,
    prepare_bundled,
    products_saturate,
    remove_older,
)
from search.encoding.tokenizer import Tokenizer
from search.errors import ModelError
from search.language import background
from search.reader.protocol import IDS, LENGTHS, STATES
from search.reader.settings import READER

__all__ = ["LOWER", "UPPER", "prepare_reader"]

LOWER, UPPER = "lower.onnx", "upper.onnx"
_MANIFEST = "manifest.json"
# Raised whenever the files written below would differ.
_FORMAT = 2


def _directory(adapters: Path, cache: Path | None = None) -> Path:
    """Where the prepared reader is, or will be: one for each adapter and format of the encoder. Raises
    ModelDamaged where the adapters' file is missing."""
    kind = "-unsigned" if products_saturate() else ""
    return cache_directory(cache) / f"reader-{_FORMAT}-{MODEL_FORMAT}-{digest_of(adapters)}{kind}"


def prepare_reader(adapters: Path, cache: Path | None = None) -> tuple[Path, Path]:
    """The folders of the prepared encoder and of the reader, made now if need be. Safe against other
    processes doing the same.

    Raises ModelMissing or ModelDamaged when the wheel's weights cannot be read, ModelError when the folder
    cannot be written.
    """
    encoder = prepare_bundled(cache)
    target = _directory(adapters, cache)
    if is_sound(target):
        return encoder, target
    try:
        with FileLock(target.parent / f"{target.name}.lock"):
            if not is_sound(target):
                _replace(adapters, encoder, target)
    except OSError as error:
        raise ModelError(
            f"the reader cannot be prepared in {target.parent} ({error.strerror or error}): it takes 20 MB; "
            "make room there, or set KB_CACHE to another folder"
        ) from error
    return encoder, target


def is_sound(directory: Path) -> bool:
    """Whether both files are there, byte for byte as they were written (12 MB: 10 ms)."""
    try:
        expected = json.loads((directory / _MANIFEST).read_text("utf-8"))
        return set(expected) == {LOWER, UPPER} and all(
            durable.sha256(directory / name) == digest for name, digest in expected.items()
        )
    except (OSError, ValueError, TypeError):
        return False


def _replace(adapters: Path, encoder: Path, target: Path) -> None:
    for leftover in target.parent.glob(f".{target.name}-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as temporary:
        made = Path(temporary) / target.name
        made.mkdir()
        _write(adapters, encoder, made)
        if target.exists():
            shutil.rmtree(target)
        made.rename(target)
    durable.sync(target.parent)
    older = regex.compile(r"reader-(\d+)-(\d+)-[0-9a-f]+(?:-unsigned)?")
    remove_older(target.parent, older, (_FORMAT, MODEL_FORMAT))


def _write(adapters: Path, encoder: Path, made: Path) -> None:
    import onnx

    from search.reader.graph import lower_graph, upper_graph

    model = AdaptedModel(weights_file(), read_adapter(READER_ADAPTER, adapters))
    tokenizer = Tokenizer(encoder / TOKENIZER)
    questions, sentences = (
        [tokenizer.ids(prompt + row.text) for row in background.rows(kind)[:: READER.measured_every]]
        for prompt, kind in ((QUERY_PROMPT, "question"), (PASSAGE_PROMPT, "statement"))
    )
    folder = (encoder / GRAPH).parent
    whole = onnx.load(str(encoder / GRAPH), load_external_data=False)
    lower = lower_graph(whole, model.adapter.first).SerializeToString()
    run = session(lower, weights=folder).run

    def states(ids: list[int]) -> Vectors:
        found: Vectors = run(
            [STATES], {IDS: np.array([ids], np.int64), LENGTHS: np.array([len(ids)], np.int32)}
        )[0]
        return found

    pairs = [(states(asked), states(read)) for asked, read in zip(questions, sentences, strict=False)]
    upper = upper_graph(model, pairs, unsigned=products_saturate()).SerializeToString()
    for name, held in ((LOWER, lower), (UPPER, upper)):
        (made / name).write_bytes(held)
    digests = {name: durable.sha256(made / name) for name in (LOWER, UPPER)}
    (made / _MANIFEST).write_text(json.dumps(digests, indent=2) + "\n", "utf-8")
    for name in (LOWER, UPPER, _MANIFEST):
        durable.sync(made / name)
    durable.sync(made)
