"""Which passages say the same in another language."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from kb.text.cached_arrays import read_arrays
from search.arrays.nearest import Nearest
from search.arrays.vectors import Ints
from search.building.parts.keys import Foundation
from search.building.parts.part import Made, Making, Part
from search.building.parts.vectors import PassageVectors
from search.translations.links import Links, PreviousLinks, link

__all__ = ["PassageLinks"]

_NEAREST = "nearest.npz"


class PassageLinks(Part[Links]):
    """The links between passages, and each one's nearest, which tell the next generation's."""

    doing = "linking passages"
    folders = ("links", "nearest")
    sent = ("links",)
    needs = (PassageVectors, Foundation)
    needs_to_carry = (PassageVectors,)

    def make(self, making: Making, made: Made) -> Links:
        codes = made[Foundation].codes(making.texts.languages)
        return self._write(codes, making, made)

    def carry(self, making: Making, made: Made) -> Links:
        before = making.old
        with read_arrays(before.directory / "nearest" / _NEAREST) as held:
            near, codes = Nearest.unpacked(held, "passages", own=False), held["codes"]
        languages = [stored.passage.language for stored in before.added]
        now = before.passages.joined(codes, before.basis.codes(languages))
        known = PreviousLinks(self.opened(before.directory), near, before.passages)
        return self._write(now, making, made, known)

    def _write(self, codes: Ints, making: Making, made: Made, before: PreviousLinks | None = None) -> Links:
        vectors = made[PassageVectors]
        every = vectors.of_passages(slice(None))
        links, near = link(every, vectors.of_sentences, vectors.bounds, codes, before)
        links.write(making.directory / "links")
        arrays: dict[str, Any] = {"codes": codes, **near.packed("passages")}
        np.savez(making.directory / "nearest" / _NEAREST, **arrays)
        return links

    @classmethod
    def opened(cls, directory: Path) -> Links:
        return Links.read(directory / "links")
