"""What a generation was made from, and what the next may therefore take over from it.

Calibration, vocabulary and usual lengths are statistics of a whole library. They are made anew when more than
one sentence in fifty has come or gone since; until then they are taken over as they are, and a generation is
what stays of the one before it, and what is new. SECURITY.md's promise holds for both: every byte that is
taken over is checked first.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from kb.store.snapshot import Snapshot, StoredPassage
from search.arrays.kept import KeptRows, kept_of
from search.arrays.vectors import Ints
from search.building.settings import BUILDING
from search.encoding.protocol import Encoder
from search.language import background
from search.passages.keys import Keys
from search.passages.matrices import StoredVectors
from search.translations.same_text import METHOD

__all__ = ["Basis", "PreviousGeneration", "before_of"]


@dataclass(frozen=True, slots=True)
class Basis:
    """How many ``sentences`` a library had when its statistics were made, and how many came or went since
    (``changed``); by which ``model``, ``background`` and ``method`` of comparing articles; and the
    ``languages`` of passages and articles by number."""

    model: tuple[str, str, int]
    background: str
    method: int
    sentences: int
    changed: int
    languages: tuple[str, ...]

    @classmethod
    def of(cls, encoder: Encoder, sentences: int, languages: Iterable[str]) -> Basis:
        made_by = encoder.identity
        model = (made_by.name, made_by.revision, made_by.dimension)
        every = tuple(dict.fromkeys(languages))
        return cls(model, background.digest(), METHOD, sentences, 0, every)

    def made_by(self, encoder: Encoder) -> bool:
        """Whether this model, and the background that there is now, made what it is of."""
        fresh = Basis.of(encoder, 0, ())
        return (self.model, self.background) == (fresh.model, fresh.background)

    def codes(self, languages: Sequence[str]) -> Ints:
        """Languages as numbers."""
        numbers = {language: number for number, language in enumerate(self.languages)}
        return np.array([numbers[language] for language in languages], dtype=np.int64)

    def write(self, directory: Path) -> None:
        (directory / "basis.json").write_text(json.dumps(asdict(self)), "utf-8")

    @classmethod
    def read(cls, directory: Path) -> Basis:
        held = json.loads((directory / "basis.json").read_text("utf-8"))
        model, languages = tuple(held.pop("model")), tuple(held.pop("languages"))
        return cls(model=model, languages=languages, **held)


@dataclass(frozen=True, slots=True)
class PreviousGeneration:
    """The generation that the next is made from: its ``directory``; which of its passages, sentences and
    articles are ``kept``; the ``added`` passages; and the basis of the generation to come. ``keys`` (P, 2)
    are the passages' and their articles', as they are now."""

    directory: Path
    basis: Basis
    passages: KeptRows
    sentences: KeptRows
    articles: KeptRows
    keys: Ints
    added: tuple[StoredPassage, ...]


def before_of(directory: Path, snapshot: Snapshot, encoder: Encoder) -> PreviousGeneration | None:
    """What the generation in ``directory``, every byte of which is sound, gives the next one, which will be
    of ``snapshot``; None where that is to be made anew."""
    basis = Basis.read(directory / "basis")
    if basis.method != METHOD or not basis.made_by(encoder):
        return None
    keys = np.array(snapshot.passage_keys(), dtype=np.int64).reshape(-1, 2)
    before, bounds = Keys.read(directory / "keys"), StoredVectors.read(directory / "vectors").bounds
    passages = kept_of(before.passages, keys[:, 0])
    gone = passages.of_runs(bounds, 0).gone
    if not len(passages.rows) or (basis.changed + gone) * BUILDING.passed_over > basis.sentences:
        return None
    if (basis.changed + passages.added) * BUILDING.passed_over > basis.sentences:
        return None  # a passage has a sentence at least: not even worth reading them
    held = snapshot.passages_by_key(keys[len(passages.rows) :, 0].tolist())
    added = tuple(held[key] for key in keys[len(passages.rows) :, 0].tolist())
    sentences = passages.of_runs(bounds, sum(len(passage.sentence_keys) for passage in added))
    changed = basis.changed + max(sentences.gone, sentences.added)
    if changed * BUILDING.passed_over > basis.sentences:
        return None
    languages = tuple(dict.fromkeys((*basis.languages, *_languages(snapshot, added))))
    now = replace(basis, changed=changed, languages=languages)
    of_articles = kept_of(np.unique(before.articles), np.unique(keys[:, 1]))
    return PreviousGeneration(directory, now, passages, sentences, of_articles, keys, added)


def _languages(snapshot: Snapshot, added: Sequence[StoredPassage]) -> list[str]:
    """Those of new passages, and of their articles."""
    articles = snapshot.summaries_by_key({passage.article_key for passage in added}).values()
    return [*(stored.passage.language for stored in added), *(article.language for article in articles)]
