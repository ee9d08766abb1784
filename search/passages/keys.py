"""Which passage and article each row of a generation is, and in which language the article is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from search.arrays.strings import mapped
from search.arrays.vectors import Ints

__all__ = ["Keys"]


@dataclass(frozen=True, slots=True)
class Keys:
    """The stored keys of ``passages`` (P,), ascending, and of their ``articles`` (P,), and the language of
    each one's article as a place in ``languages``, those of passages first, by their number there."""

    passages: Ints
    articles: Ints
    article_language: NDArray[np.int16]
    languages: tuple[str, ...]

    @classmethod
    def of(cls, keys: Ints, spoken: Sequence[str], of_articles: Sequence[str]) -> Keys:
        """From the passages' and their articles' keys (P, 2), the languages that passages are in, by number,
        and those of the articles of all passages."""
        names = tuple(dict.fromkeys([*spoken, *of_articles]))
        codes = {name: code for code, name in enumerate(names)}
        of_rows = np.array([codes[name] for name in of_articles], dtype=np.int16)
        passages, articles = np.ascontiguousarray(keys[:, 0]), np.ascontiguousarray(keys[:, 1])
        return cls(passages, articles, of_rows, names)

    def article_bounds(self, bounds: Ints) -> tuple[Ints, Ints]:
        """The articles' keys, ascending, and the bounds of their sentences, given those of passages'.
        Passages are in the order of their keys, and so are their articles."""
        keys, first = np.unique(self.articles, return_index=True)
        return keys, np.append(bounds[first], bounds[-1])

    def article_languages(self) -> list[str]:
        """The language of each article, in the order of their keys."""
        _, first = np.unique(self.articles, return_index=True)
        return [self.languages[code] for code in self.article_language[first].tolist()]

    def write(self, directory: Path) -> None:
        np.save(directory / "passages.npy", self.passages)
        np.save(directory / "articles.npy", self.articles)
        np.save(directory / "article_language.npy", self.article_language)
        (directory / "languages.txt").write_text("\n".join(self.languages), "utf-8")

    @classmethod
    def read(cls, directory: Path) -> Keys:
        """The arrays are memory-mapped."""
        text = (directory / "languages.txt").read_text("utf-8")
        return cls(
            mapped(directory / "passages.npy"),
            mapped(directory / "articles.npy"),
            mapped(directory / "article_language.npy"),
            tuple(text.split("\n")) if text else (),
        )
