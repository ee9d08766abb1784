"""Data sets to measure on, as they lie on disk; docs/evaluation.md describes the kinds.

A pool set is parallel passages and the questions to them (XQuAD-R's form); a sentence set is such passages
cut into sentences, and which of them answers (LAReQA's). A labelled set is one or more folders of articles
and questions that say which article answers, and in which words.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from kb import languages
from kb.errors import InputError

__all__ = [
    "ANSWERS",
    "HALVES",
    "Collection",
    "Judgement",
    "LabelledQuestion",
    "LabelledSet",
    "PoolPassage",
    "PoolQuestion",
    "PoolSet",
    "SentenceQuestion",
    "SentenceSet",
    "SentencedPassage",
    "half_of",
    "read",
]

ANSWERS = 2
"""The grade of an article that answers; 1 helps only."""

HALVES = ("fit", "report")


_Row = Mapping[str, Any]
_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class PoolPassage:
    """One language's version of a paragraph; the number is the same in every language."""

    paragraph: int
    language: str
    text: str

    @property
    def source(self) -> str:
        """The passage's file as an article."""
        return f"{self.language}/{self.paragraph:05d}.md"


@dataclass(frozen=True, slots=True)
class PoolQuestion:
    paragraph: int
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class PoolSet:
    """``languages`` and ``paragraphs`` are sorted."""

    name: str
    languages: tuple[str, ...]
    paragraphs: tuple[int, ...]
    passages: tuple[PoolPassage, ...]
    questions: tuple[PoolQuestion, ...]


@dataclass(frozen=True, slots=True)
class SentencedPassage:
    """One language's version of a paragraph, cut into sentences."""

    paragraph: int
    language: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SentenceQuestion:
    """``id`` is the same in every language; ``answer`` is the place of the sentence of the paragraph, in the
    question's language, that answers."""

    id: str
    paragraph: int
    language: str
    text: str
    answer: int


@dataclass(frozen=True, slots=True)
class SentenceSet:
    name: str
    passages: tuple[SentencedPassage, ...]
    questions: tuple[SentenceQuestion, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """An article's grade for a question; ``quotes`` are sentences of it that answer by themselves."""

    source: str
    grade: int
    quotes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LabelledQuestion:
    id: str
    language: str
    shape: str
    text: str
    judgements: tuple[Judgement, ...]

    @property
    def answering(self) -> tuple[Judgement, ...]:
        """The articles that answer; none where the library does not say."""
        return tuple(judgement for judgement in self.judgements if judgement.grade >= ANSWERS)


@dataclass(frozen=True, slots=True)
class Collection:
    """Articles (None: a library that is given beside the data set) and the questions asked of them."""

    sources: Path | None
    questions: tuple[LabelledQuestion, ...]


@dataclass(frozen=True, slots=True)
class LabelledSet:
    name: str
    collections: tuple[Collection, ...]


def half_of(identifier: str) -> str:
    """Which of the HALVES a question belongs to: for good, wherever it stands in its file."""
    return HALVES[hashlib.sha256(identifier.encode()).digest()[-1] & 1]


def read(folder: Path) -> PoolSet | SentenceSet | LabelledSet:
    """The data set in a folder. Raises InputError where it is none, or a line of it is wrong."""
    if (folder / "passages.jsonl").is_file() and (folder / "questions.jsonl").is_file():
        return _read_pools(folder)
    if (folder / "sentences.jsonl").is_file() and (folder / "questions.jsonl").is_file():
        return _read_sentences(folder)
    if (folder / "questions").is_dir():
        return _read_labelled(folder)
    raise InputError(
        f"{folder}: is no data set; it should hold passages.jsonl or sentences.jsonl, and "
        "questions.jsonl, or library/ and questions/ (see docs/evaluation.md)"
    )


def _read_pools(folder: Path) -> PoolSet:
    passages = tuple(_lines(folder / "passages.jsonl", _passage))
    asked = folder / "questions.jsonl"
    questions = tuple(_lines(asked, _pool_question))
    _unique((passage.source.removesuffix(".md") for passage in passages), folder / "passages.jsonl")
    paragraphs = tuple(sorted({passage.paragraph for passage in passages}))
    lost = {question.paragraph for question in questions}.difference(paragraphs)
    if lost:
        raise InputError(f"{asked}: asks about paragraph {min(lost)}, which has no passage")
    if not questions:
        raise InputError(f"{asked}: holds no question")
    spoken = tuple(sorted({passage.language for passage in passages}))
    return PoolSet(folder.resolve().name, spoken, paragraphs, passages, questions)


def _passage(row: _Row) -> PoolPassage:
    return PoolPassage(int(row["paragraph"]), _language(row["language"]), str(row["text"]))


def _pool_question(row: _Row) -> PoolQuestion:
    return PoolQuestion(int(row["paragraph"]), _language(row["language"]), str(row["question"]))


def _read_sentences(folder: Path) -> SentenceSet:
    passages = tuple(_lines(folder / "sentences.jsonl", _sentenced))
    _unique((f"{passage.language}/{passage.paragraph}" for passage in passages), folder / "sentences.jsonl")
    asked = folder / "questions.jsonl"
    questions = tuple(_lines(asked, _sentence_question))
    _unique((f"{question.language}/{question.id}" for question in questions), asked)
    counts = {(passage.paragraph, passage.language): len(passage.sentences) for passage in passages}
    for question in questions:
        if not 0 <= question.answer < counts.get((question.paragraph, question.language), 0):
            raise InputError(
                f"{asked}: {question.language}/{question.id} is answered by a sentence that is not there"
            )
    if not questions:
        raise InputError(f"{asked}: holds no question")
    return SentenceSet(folder.resolve().name, passages, questions)


def _sentenced(row: _Row) -> SentencedPassage:
    return SentencedPassage(
        int(row["paragraph"]), _language(row["language"]), tuple(map(str, row["sentences"]))
    )


def _sentence_question(row: _Row) -> SentenceQuestion:
    return SentenceQuestion(
        str(row["id"]),
        int(row["paragraph"]),
        _language(row["language"]),
        str(row["question"]),
        int(row["answer"]),
    )


def _read_labelled(folder: Path) -> LabelledSet:
    elsewhere = _elsewhere(folder)
    own = folder / "library"
    grouped: dict[Path | None, list[LabelledQuestion]] = {}
    for path in sorted((folder / "questions").glob("*.jsonl")):
        sources = elsewhere.get(path.name, own if own.is_dir() else None)
        grouped.setdefault(sources, []).extend(_lines(path, _question))
    _unique((question.id for questions in grouped.values() for question in questions), folder / "questions")
    collections = tuple(Collection(sources, tuple(held)) for sources, held in grouped.items())
    return LabelledSet(folder.resolve().name, collections)


def _elsewhere(folder: Path) -> dict[str, Path]:
    """Question files whose articles are not in library/, and where those are."""
    path = folder / "dataset.json"
    if not path.exists():
        return {}
    try:
        named: Mapping[str, str] = json.loads(path.read_text("utf-8"))["libraries"]
        return {name: (folder / place).resolve() for name, place in named.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f'{path}: should read {{"libraries": {{"questions-file.jsonl": "folder of articles"}}}}'
        ) from error


def _question(row: _Row) -> LabelledQuestion:
    judged = tuple(
        Judgement(str(answer["source"]), int(answer["grade"]), tuple(map(str, answer.get("quotes", ()))))
        for answer in row["answers"]
    )
    if not all(judgement.quotes for judgement in judged if judgement.grade >= ANSWERS):
        raise InputError(f"{row['id']} names an article that answers, but quotes nothing of it")
    return LabelledQuestion(
        str(row["id"]), _language(row["language"]), str(row["shape"]), str(row["question"]), judged
    )


def _lines(path: Path, parse: Callable[[_Row], _Item]) -> Iterator[_Item]:
    """What ``parse`` makes of each line's JSON object."""
    try:
        lines = path.read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read as UTF-8 text") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield parse(json.loads(line))
        except InputError as error:
            raise InputError(f"{path}:{number}: {error}") from error
        except KeyError as error:
            raise InputError(f"{path}:{number}: has no {error}; see docs/evaluation.md") from error
        except (ValueError, TypeError, AttributeError) as error:
            raise InputError(f"{path}:{number}: is not as docs/evaluation.md describes it") from error


def _language(tag: object) -> str:
    code = languages.resolve(str(tag))
    if code is None:
        raise InputError(f"{tag!r} is no language that Rosetta knows; name it by its ISO 639 code")
    return code


def _unique(names: Iterable[str], place: Path) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise InputError(f"{place}: holds {name!r} twice")
        seen.add(name)
