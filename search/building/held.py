"""Which generation's tokens the next one may take: those of the newest in which they are sound, whatever else
of it is damaged."""

from __future__ import annotations

from pathlib import Path

from search.building.basis import Basis
from search.building.parts.keys import Foundation
from search.building.parts.vectors import Tokens
from search.disk import layout
from search.encoding.protocol import Encoder

__all__ = ["held_tokens"]


def held_tokens(library: Path, encoder: Encoder, sound: int = 0) -> Path | None:
    """The folder of the newest sound tokens that this encoder made, in the space that it has now; None where
    there are none. Every byte of the generation ``sound`` is known to be so."""
    basis, tokens = (*Foundation.folders, *Tokens.folders)
    for generation in layout.generations(library):
        whole = generation == sound or not layout.check_generation(
            library, generation, thorough=True, within=(basis, tokens)
        )
        directory = layout.generation_directory(library, generation)
        if whole and Basis.read(directory / basis).made_by(encoder):
            return directory / tokens
    return None
