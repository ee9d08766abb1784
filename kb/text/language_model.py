"""py3langid's model, opened in a moment.

It comes compressed, and takes half a second of the processor to unpack in each process: as long as reading
twenty articles. A program that has a place for such things (:func:`keep_in`) finds it unpacked there from the
second time on.
"""

from __future__ import annotations

import logging
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from kb.languages import LANGUAGES, resolve
from kb.text.cached_arrays import read_arrays, read_kept, write_arrays
from kb.text.settings import TEXT

__all__ = ["folder_for_others", "identifier", "keep_in"]

_log = logging.getLogger(__name__)
_folder: Path | None = None

_FORMAT = 2  # raised when other things are kept of the model


def keep_in(folder: Path) -> None:
    """From now on, the unpacked model is kept in a folder, for later processes."""
    global _folder
    _folder = folder


class Identifier(LanguageIdentifier):  # type: ignore[misc]  # which has no types
    """py3langid's model, which walks a text in a quarter of the time: its automaton is Aho and Corasick's, so
    that where it is depends on the last few bytes only, ``depth`` of them, and many parts of a text can be
    walked side by side."""

    def __init__(self, *args: Any, depth: int = 0, **options: Any) -> None:
        super().__init__(*args, **options)
        self._moves = np.frombuffer(self.tk_nextmove, np.uint32)
        self._rows = np.frombuffer(self.tk_row, np.uint16).astype(np.int64) << 8
        self._features = np.asarray(self.tk_output, np.int32)
        self.depth = depth or self._longest_feature()

    def features(self, text: bytes) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """The features of a text, ascending, and how often it has each."""
        parts = -(-len(text) // TEXT.walked)
        padded = np.zeros(self.depth + parts * TEXT.walked, np.int64)
        padded[self.depth : self.depth + len(text)] = np.frombuffer(text, np.uint8)
        state = np.zeros(parts, np.int64)
        seen = np.empty((TEXT.walked, parts), np.int64)
        # Each part begins so many bytes early, to be where it would be.
        for at in range(self.depth + TEXT.walked):
            if at == self.depth:
                state[:1] = 0
            state = self._moves[self._rows[state] + padded[at :: TEXT.walked][:parts]]
            if at >= self.depth:
                seen[at - self.depth] = state
        found = self._features[seen.T.ravel()[: len(text)]]
        return np.unique(found[found >= 0], return_counts=True)

    def _raw_score(self, text: bytes) -> NDArray[np.float32]:
        features, counts = self.features(text)
        if not len(features):
            nothing: NDArray[np.float32] = super()._raw_score(text)
            return nothing
        scores: NDArray[np.float32] = np.log1p(counts.astype(np.float32)) @ self.nb_ptc[features] + self.nb_pc
        return scores

    def _longest_feature(self) -> int:
        """Bytes after which the automaton may be in any of its states."""
        known = np.zeros(len(self._rows), np.bool_)
        known[0] = True
        front, depth = np.zeros(1, np.int64), -1
        while len(front):
            depth += 1
            reached = np.zeros(len(known), np.bool_)
            for rows in np.array_split(np.unique(self._rows[front]), len(front) // 512 + 1):
                reached[self._moves[rows[:, None] + np.arange(256)]] = True
            front = np.flatnonzero(reached & ~known)
            known |= reached
        return depth


@lru_cache(maxsize=1)
def identifier() -> tuple[Identifier, dict[str, str]]:
    """The model restricted to the table's languages, and its labels' codes in the table."""
    path = _path()
    model = path and read_kept(path, _kept)
    if not model:
        model = _unpacked()
        if path:
            _keep(model, path)
    return model, {label: code for label in model.labels if (code := resolve(label))}


def folder_for_others() -> Path | None:
    """Where other processes find the model unpacked, which it is now; None where it is not kept."""
    path = _path()
    if path and not path.exists():
        _keep(_unpacked(), path)
    return _folder


def _path() -> Path | None:
    table = f"{crc32(' '.join(LANGUAGES).encode()):08x}"
    return _folder and _folder / f"py3langid-{version('py3langid')}-{table}-{_FORMAT}.npz"


def _unpacked() -> Identifier:
    model: Identifier = Identifier.from_model_file(MODEL_FILE, norm_probs=True)
    model.set_languages([label for label in model.labels if resolve(label)])
    model.nb_ptc = np.ascontiguousarray(model.nb_ptc)  # a row per feature: few rows are read per text
    return model


def _kept(path: Path) -> Identifier:
    """The restricted model as an earlier process left it."""
    with read_arrays(path) as held:
        return Identifier(
            held["features"],
            held["priors"],
            held["labels"].tolist(),
            held["moves"].data,
            held["outputs"].tolist(),
            norm_probs=True,
            tk_row=held["rows"].data,
            depth=int(held["depth"]),
        )


def _keep(model: Identifier, path: Path) -> None:
    try:
        write_arrays(
            path,
            features=model.nb_ptc,
            priors=model.nb_pc,
            labels=np.array(model.nb_classes),
            moves=np.asarray(model.tk_nextmove),
            outputs=np.array(model.tk_output),
            rows=np.asarray(model.tk_row),
            depth=np.array(model.depth),
        )
    except OSError as error:
        _log.warning("%s cannot be written (%s): the next build will take longer", path, error)
