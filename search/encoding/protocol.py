"""What every encoder has in common: the shape of its vectors, and of itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

from kb.errors import LibraryDamaged
from search.arrays.vectors import Vectors

__all__ = ["Encoder", "ModelIdentity", "Progress", "cleaned"]

Progress = Callable[[int, int], None]

_FILE = "model.json"


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """Which model made a library's vectors. Two vectors compare only where all three are equal."""

    name: str
    revision: str
    dimension: int

    def write(self, directory: Path) -> None:
        (directory / _FILE).write_text(json.dumps(asdict(self)), "utf-8")

    @classmethod
    def read(cls, directory: Path) -> ModelIdentity:
        """Raises LibraryDamaged where it is lost."""
        path = directory / _FILE
        try:
            found = json.loads(path.read_text("utf-8"))
            return cls(str(found["name"]), str(found["revision"]), int(found["dimension"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise LibraryDamaged(f"{path}: is missing or damaged; `kb verify --repair` mends it") from error


class Encoder(Protocol):
    """What the rest of the engine needs of a model."""

    @property
    def identity(self) -> ModelIdentity: ...

    def later(self, rank: int) -> Encoder:
        """The same encoder for work that can wait: those who ask by a lower ``rank`` are served first, by the
        encoder itself, whose rank is 0, at once."""
        ...

    def queries(self, texts: Sequence[str]) -> Vectors:
        """Questions as unit rows, float32 (len(texts), dimension)."""
        ...

    def passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Passages, sentences or words as unit rows, float32 (len(texts), dimension)."""
        ...

    def with_tokens(
        self, texts: Sequence[str], *, query: bool = False
    ) -> Iterator[tuple[int, Vectors, Vectors]]:
        """Each text's place, its unit vector, and its tokens' vectors (tokens, dimension) without the
        prompt's and the special ones; in no particular order. As queries, or as passages."""
        ...

    def pieces(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        """Where the tokens that :meth:`with_tokens` gives of each passage are in its text."""
        ...


def cleaned(text: str) -> str:
    """The text with lone surrogates, which no tokenizer takes, as question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")
