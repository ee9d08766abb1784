"""Which reader goes with an encoder."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from weakref import WeakValueDictionary

from kb.errors import KBError
from search.encoding.adapter import ADAPTERS, width_of
from search.encoding.preparation import BUNDLED_NAME
from search.encoding.protocol import ModelIdentity
from search.reader.cross_encoder import CrossEncoderReader
from search.reader.onnx_reader import OnnxReader
from search.reader.preparation import prepare_reader
from search.reader.protocol import Reader

__all__ = ["load_reader", "prepare_beside"]

_log = logging.getLogger(__name__)
_BUNDLED, _NONE = "bundled", "none"
# A process needs the bundled reader once, however many libraries it has open.
_readers: WeakValueDictionary[Path | None, OnnxReader] = WeakValueDictionary()
_sharing = threading.Lock()


def load_reader(
    encoder: ModelIdentity, *, name: str | None = None, cache: Path | None = None
) -> Reader | None:
    """The bundled reader, or the cross-encoder of that ``name`` or folder; "none" is none. The bundled one
    goes with the bundled encoder only: None where a library has another one, said in the log where it was
    named.

    The bundled one is made and opened when something is first read: only then it raises ModelMissing,
    ModelDamaged, or ModelError where the cache cannot be written; another raises ModelMissing at once.
    """
    if name == _NONE:
        return None
    if name not in (None, _BUNDLED):
        return CrossEncoderReader(name)
    if not _goes_with(encoder):
        if name is not None:
            _log.warning("no reader goes with the encoder %s: sentences keep their order", encoder.name)
        return None
    with _sharing:
        found = _readers.get(cache)
        if found is None:
            found = _readers[cache] = OnnxReader(ADAPTERS, cache)
    return found


def prepare_beside(encoder: ModelIdentity, cache: Path | None = None) -> None:
    """Makes the bundled reader now, where it goes with the encoder, so that the first question need not wait
    for it. Where it cannot be made, whoever asks will be told; the log says so now."""
    try:
        if _goes_with(encoder):
            prepare_reader(ADAPTERS, cache)
    except KBError as error:
        _log.warning("%s", error)


def _goes_with(encoder: ModelIdentity) -> bool:
    """Whether the bundled reader was made from this encoder."""
    return encoder.name == BUNDLED_NAME and ADAPTERS.is_file() and encoder.dimension == width_of()
