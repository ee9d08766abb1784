"""py3langid's model, opened in a moment.

It comes compressed, and takes half a second of the processor to unpack in each process: as long as reading
twenty articles. A program that has a place for such things (:func:`keep_in`) finds it unpacked there from the
second time on.
"""

from __future__ import annotations

import logging
import zipfile
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from zlib import crc32

import numpy as np
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from kb.languages import LANGUAGES, resolve
from kb.text.cached_arrays import write_arrays

__all__ = ["folder_for_others", "identifier", "keep_in"]

_log = logging.getLogger(__name__)
_folder: Path | None = None


def keep_in(folder: Path) -> None:
    """From now on, the unpacked model is kept in a folder, for later processes."""
    global _folder
    _folder = folder


@lru_cache(maxsize=1)
def identifier() -> tuple[LanguageIdentifier, dict[str, str]]:
    """The model restricted to the table's languages, and its labels' codes in the table."""
    path = _path()
    model = path and _kept(path)
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
    return _folder and _folder / f"py3langid-{version('py3langid')}-{table}.npz"


def _unpacked() -> LanguageIdentifier:
    model = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    model.set_languages([label for label in model.labels if resolve(label)])
    model.nb_ptc = np.ascontiguousarray(model.nb_ptc)  # a row per feature: few rows are read per text
    return model


def _kept(path: Path) -> LanguageIdentifier | None:
    """The restricted model as an earlier process left it; None where it did not, or it is damaged."""
    try:
        with np.load(path, allow_pickle=False) as held:
            return LanguageIdentifier(
                held["features"],
                held["priors"],
                held["labels"].tolist(),
                held["moves"].data,
                held["outputs"].tolist(),
                norm_probs=True,
                tk_row=held["rows"].data,
            )
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def _keep(model: LanguageIdentifier, path: Path) -> None:
    try:
        write_arrays(
            path,
            features=model.nb_ptc,
            priors=model.nb_pc,
            labels=np.array(model.nb_classes),
            moves=np.asarray(model.tk_nextmove),
            outputs=np.array(model.tk_output),
            rows=np.asarray(model.tk_row),
        )
    except OSError as error:
        _log.warning("%s cannot be written (%s): the next build will take longer", path, error)
