"""A generation of indexes: the list of its parts, made of a whole library or of the generation before."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from kb.progress import Progress
from kb.store.snapshot import Snapshot
from search.building.ahead import Ahead
from search.building.basis import PreviousGeneration
from search.building.parts.calibrations import NeutralCalibration, TokenSpaces
from search.building.parts.dictionary import Dictionary
from search.building.parts.keys import Foundation, Model, PassageKeys
from search.building.parts.links import PassageLinks
from search.building.parts.part import Making, Part, make_all
from search.building.parts.translations import SameText
from search.building.parts.vectors import Calibrations, PassageVectors, Tokens
from search.building.parts.words import WordIndexes
from search.building.passage_texts import PassageTexts
from search.encoding.protocol import Encoder
from search.encoding.vector_cache import VectorCache

__all__ = ["PARTS", "write_generation"]

PARTS: tuple[type[Part[Any]], ...] = (
    Model,
    Foundation,
    PassageKeys,
    WordIndexes,
    TokenSpaces,
    NeutralCalibration,
    Calibrations,
    PassageVectors,
    Tokens,
    SameText,
    PassageLinks,
    Dictionary,
)
"""All that keeps files in a generation. A new part is a module in ``parts`` and a line here."""


def write_generation(
    snapshot: Snapshot,
    before: PreviousGeneration | None,
    encoder: Encoder,
    vectors: VectorCache,
    directory: Path,
    cache: Path | None,
    progress: Progress,
    ahead: Ahead,
    tokens: Path | None,
) -> None:
    """Writes all indexes of a snapshot into a folder: what stays of the generation ``before``, and what is
    new; anew where there is none. Passages may be being encoded ``ahead`` still; what has its tokens in the
    folder ``tokens`` is not encoded again for their sake."""
    passages = list(snapshot.passages()) if before is None else before.added
    with ThreadPoolExecutor(1, "aside") as aside:
        making = Making(
            snapshot=snapshot,
            encoder=encoder,
            vectors=vectors,
            directory=directory,
            cache=cache,
            progress=progress,
            ahead=ahead,
            texts=PassageTexts(passages),
            aside=aside,
            before=before,
            tokens=tokens,
        )
        make_all(PARTS, making)
