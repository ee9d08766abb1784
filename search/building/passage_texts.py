"""Passages that a generation is made of, with their sentences, and what each sentence is."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import regex
from numpy.typing import NDArray

from kb.models import Sentence
from kb.store.snapshot import StoredPassage, StoredSentence
from search.arrays.vectors import Ints
from search.building.settings import BUILDING
from search.language import analysis
from search.passages.backend import ANSWERS, ITEM, LEADS

__all__ = ["PassageTexts"]

_QUESTION_END = regex.compile(rf"[{analysis.QUESTION_MARKS}](?:[\"'”’»)\]」』]*)\s*\Z")
_COLON_END = regex.compile(r"[:：︓﹕፦](?:[\"'”’»)\]」』*_]*)\s*\Z")


@dataclass(frozen=True)
class PassageTexts:
    """Passages to be read and encoded, with their sentences."""

    passages: Sequence[StoredPassage]

    @cached_property
    def sentences(self) -> list[StoredSentence]:
        return [sentence for passage in self.passages for sentence in passage.sentences()]

    @property
    def languages(self) -> list[str]:
        return [passage.passage.language for passage in self.passages]

    @property
    def spoken(self) -> list[str]:
        """The languages of the sentences."""
        return [sentence.language for sentence in self.sentences]

    @property
    def counts(self) -> Ints:
        """Sentences of each passage."""
        return np.array([len(passage.sentence_keys) for passage in self.passages], dtype=np.int64)

    @property
    def kinds(self) -> NDArray[np.uint8]:
        """What each sentence is to those who look for evidence."""
        return np.array([_kind(stored.sentence) for stored in self.sentences], dtype=np.uint8)


def _kind(sentence: Sentence) -> int:
    leads = _leads_up(sentence.text)
    says = sentence.kind != "heading" and not _is_question(sentence.text)
    evidence = says and not leads and _width(sentence.text) >= BUILDING.fragment
    item = ITEM if sentence.kind == "item" else 0
    return (ANSWERS if evidence else 0) | item | (LEADS if says and leads else 0)


def _leads_up(text: str) -> bool:
    return bool(_COLON_END.search(text))


def _width(text: str) -> int:
    """Characters; a wide one (漢, 한) says as much as three letters."""
    return sum(3 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _is_question(text: str) -> bool:
    """Whether a sentence asks rather than says: such sentences attract every question and answer none."""
    return bool(_QUESTION_END.search(text))
