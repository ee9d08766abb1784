"""One generation in Milvus, opened: how it is asked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.errors import LibraryMissing, LibraryVersionMismatch
from search.cluster.milvus_collections import Collections, search_options
from search.cluster.milvus_connection import MOST, Connection, listed
from search.cluster.milvus_files import Files
from search.cluster.milvus_writer import FORMAT, GENERATION, Generation
from search.passages.backend import Rows
from search.remote import Remote

__all__ = ["Opened", "slices"]


class Opened:
    """The live generation of a library, as it was when this was opened; thread-safe.

    Raises LibraryMissing, LibraryVersionMismatch, ExtraMissing and BackendUnavailable.
    """

    def __init__(self, remote: Remote) -> None:
        self.connection = Connection(remote)
        try:
            passages = self.connection.target(remote.name)
            if passages is None:
                raise LibraryMissing(
                    f"{remote}: there is no library of this name; make one with `kb build --to {remote}`"
                )
            self.names = Collections.standing_for(passages)
            for name in self.names.all():
                self.connection.load(name)
            self.generation = self._described(remote)
        except BaseException:
            self.connection.close()
            raise
        self.languages = self.generation.languages
        self._codes = {name: code for code, name in enumerate(self.languages)}

    def _described(self, remote: Remote) -> Generation:
        found = Files(self.connection, self.names, settled=True).text(GENERATION)
        if found is None:
            raise LibraryMissing(f"{remote}: was not published whole; run `kb build --to {remote}` again")
        if json.loads(found)["format"] != FORMAT:
            raise LibraryVersionMismatch(
                f"{remote}: was published by another version of Rosetta; publish it again with `kb build`"
            )
        return Generation.from_json(found)

    def codes(self, languages: Sequence[str]) -> NDArray[np.int16]:
        """The places of some languages among the library's."""
        return np.array([self._codes[one] for one in languages], np.int16)

    def search(
        self,
        part: str,
        field: str,
        data: Sequence[Any],
        limit: int,
        where: str,
        fields: Sequence[str] = (),
    ) -> Any:
        """The best so many for each query: their keys (``.ids``) and scores (``.distances``), with some of
        their fields."""
        index = self.generation.index_type if field == "vector" else ""
        return self.connection.read(
            "search",
            f"{self.names.base}_{part}",
            data=list(data),
            anns_field=field,
            limit=limit,
            filter=where,
            output_fields=list(fields) or ["row" if part == "passages" else "sentence"],
            search_params=search_options(index, limit),
        )

    def by_key(
        self, part: str, key: str, which: Rows, fields: Sequence[str], at_a_time: int = MOST
    ) -> list[dict[str, Any]]:
        """Entities by their primary keys, in no particular order, with some of their fields; those that are
        not there are left out."""
        found: list[dict[str, Any]] = []
        for some in slices(which, at_a_time):
            found += self.connection.read(
                "query",
                f"{self.names.base}_{part}",
                filter=f"{key} in {listed(some)}",
                output_fields=[key, *fields],
            )
        return found

    def where(self, row: str, code: int, article_languages: frozenset[int] | None, only: Rows | None) -> str:
        """A filter for passages of one language, or, ``row`` being another field, for their sentences."""
        parts = [f"language == {json.dumps(self.languages[code])}"]
        if article_languages is not None:
            names = [self.languages[one] for one in sorted(article_languages) if one < len(self.languages)]
            parts.append(f"article_language in {json.dumps(names)}")
        if only is not None:
            # Whichever list is the shorter.
            if len(only) * 2 <= self.generation.rows:
                parts.append(f"{row} in {listed(only)}")
            elif len(others := np.setdiff1d(np.arange(self.generation.rows), only)):
                parts.append(f"{row} not in {listed(others)}")
        return " and ".join(parts)


def slices(rows: Rows, size: int) -> list[Rows]:
    """Some at a time."""
    return [rows[start : start + size] for start in range(0, len(rows), size)]
