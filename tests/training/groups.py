"""Groups that the reader is trained on: a question and sentences, some of which answer it.

Two sources. The public sets (``paragraphs.jsonl.gz`` and ``questions.jsonl.gz``: JaQuAD, AfriQA, NorQuAD,
CMRC 2018, XQuAD-R, QED, ARCD) give a paragraph each and the one sentence of it that answers. The project's
own articles (``library/<topic>/``) give three articles a topic in three languages, and questions with every
sentence that answers, and with near misses that do not. To each group come sentences of other articles that
the encoder takes for near its question (:mod:`tests.training.negatives`). Nothing is of ``tests/eval``.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from search.reader.protocol import titled
from tests.training.negatives import Found, Pooled

# Groups of a public set in one epoch: a share of the large ones, so that none drowns the others.
PUBLIC = {
    "afriqa": 700,
    "arcd": 250,
    "cmrc": 450,
    "jaquad": 450,
    "norquad": 500,
    "qed": 300,
    "xquad": 1100,
}
# XQuAD's last paragraphs in the training data, by number from the end: held out for the measure.
HELD_PARAGRAPHS = 10
_NUMBERED = re.compile(r"(\d+)\t(.+)")


@dataclass(frozen=True, slots=True)
class Group:
    """A question and sentences as they are read (with their titles); which of them answer."""

    source: str
    question: str
    sentences: tuple[str, ...]
    answers: tuple[bool, ...]


@dataclass(slots=True)
class Topic:
    """Articles by language: title and numbered sentences. Questions with (language, number) of sentences."""

    name: str
    titles: dict[str, str] = field(default_factory=dict)
    sentences: dict[tuple[str, int], str] = field(default_factory=dict)
    questions: list[OwnQuestion] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class OwnQuestion:
    language: str
    kind: str
    text: str
    answers: frozenset[tuple[str, int]]
    near: frozenset[tuple[str, int]]


def read_topics(library: Path) -> list[Topic]:
    """Every topic of the library, in the order of their names."""
    return [
        _read_topic(folder) for folder in sorted(library.iterdir()) if (folder / "questions.tsv").is_file()
    ]


def _read_topic(folder: Path) -> Topic:
    topic = Topic(folder.name)
    for path in sorted(folder.glob("*.txt")):
        for line in path.read_text("utf-8").splitlines():
            if line.startswith("# "):
                topic.titles[path.stem] = line[2:].strip()
            elif numbered := _NUMBERED.fullmatch(line):
                topic.sentences[path.stem, int(numbered[1])] = numbered[2].strip()
    for line in (folder / "questions.tsv").read_text("utf-8").splitlines():
        if line.strip():
            language, kind, text, answers, near = line.split("\t")
            topic.questions.append(OwnQuestion(language, kind, text, _places(answers), _places(near)))
    return topic


def _places(listed: str) -> frozenset[tuple[str, int]]:
    if listed.strip() == "-":
        return frozenset()
    found = (part.split(":") for part in listed.split())
    return frozenset((language, int(number)) for language, numbers in found for number in numbers.split(","))


def held_topics(topics: Sequence[Topic]) -> set[str]:
    """One topic in fifteen is held out, of each writer's share."""
    return {topic.name for topic in topics[7::15]}


def own_pool(topics: Sequence[Topic]) -> Iterator[Pooled]:
    """Every sentence of the topics."""
    for topic in topics:
        for (language, _), text in topic.sentences.items():
            yield Pooled(text, topic.titles[language], topic.name, language)


def own_groups(
    topics: Sequence[Topic], hard: Found, chance: random.Random, untitled: float = 0.2
) -> Iterator[Group]:
    """One group a question: up to two answers, two near misses, one other sentence of an article that
    answers or of the topic, two of other topics. ``untitled``: the share of groups without titles."""
    for topic in topics:
        for asked in topic.questions:
            bare = chance.random() < untitled
            kept = asked.answers | asked.near
            free = sorted(place for place in topic.sentences if place not in kept)
            same = [place for place in free if place[0] in {language for language, _ in asked.answers}]
            chosen = _some(sorted(asked.answers), 2, chance)
            count = len(chosen)
            chosen += _some(sorted(asked.near), 2, chance)
            chosen += _some(same or free, 1, chance)
            read = [(topic.titles[place[0]], topic.sentences[place]) for place in chosen]
            read += [(one.title, one.text) for one in hard(asked.text, topic.name, 2, chance)]
            texts = [titled("" if bare else title, text) for title, text in read]
            yield Group("own", asked.text, tuple(texts), tuple(at < count for at in range(len(texts))))


def _some(places: Sequence[Any], most: int, chance: random.Random) -> list[Any]:
    return chance.sample(list(places), min(most, len(places)))


class Public:
    """The public sets."""

    def __init__(self, folder: Path) -> None:
        self.paragraphs = {one["id"]: one for one in _rows(folder / "paragraphs.jsonl.gz")}
        self.questions: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in _rows(folder / "questions.jsonl.gz"):
            self.questions[row["set"]].append(row)
        self._versions: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in self.questions["xquad"]:
            self._versions[row["same"]].append(row)
        # The last paragraphs of one language tell which questions are held out in all.
        english = [row for row in self.questions["xquad"] if row["language"] == "en"]
        numbers = sorted({row["paragraph"] for row in english})[-HELD_PARAGRAPHS:]
        self.held = {row["same"] for row in english if row["paragraph"] in set(numbers)}

    def paragraph_versions(self) -> dict[str, str]:
        """A name for each paragraph that has versions in other languages: one for all of them."""
        found: dict[str, str] = {}
        for same, rows in self._versions.items():
            for row in rows:
                found[row["paragraph"]] = min(same, found.get(row["paragraph"], same))
        return found

    def pool(self, size: int, chance: random.Random) -> Iterator[Pooled]:
        """So many sentences of paragraphs drawn by chance, none of those held out."""
        held = {row["paragraph"] for row in self.questions["xquad"] if row["same"] in self.held}
        free = sorted(self.paragraphs.keys() - held)
        for number in chance.sample(free, len(free)):
            one = self.paragraphs[number]
            for text in one["sentences"]:
                yield Pooled(text, "", _owner(one), one["language"])
                size -= 1
            if size <= 0:
                return

    def drawn(
        self, sizes: dict[str, int], chance: random.Random
    ) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        """As many questions of each set, each with the row whose paragraph answers it: of XQuAD, mostly in
        another language than the paragraph."""
        for name, size in sizes.items():
            rows = [row for row in self.questions[name] if row.get("same") not in self.held]
            for row in chance.sample(rows, min(size, len(rows))):
                yield (chance.choice(self._versions[row["same"]]) if name == "xquad" else row), row

    def groups(
        self,
        drawn: Sequence[tuple[dict[str, Any], dict[str, Any]]],
        hard: Found,
        chance: random.Random,
    ) -> Iterator[Group]:
        """A group for each: the answering sentence, two of its paragraph, two of other articles."""
        for asked, row in drawn:
            made = self.group(asked["question"], row, chance, negatives=2, hard=hard)
            if made is not None:
                yield made

    def held_pairs(self, chance: random.Random) -> Iterator[tuple[bool, Group]]:
        """Held-out XQuAD: whether the question is in the paragraph's language, and the whole paragraph."""
        for same in sorted(self.held):
            for row in chance.sample(self._versions[same], 2):
                made = self.group(row["question"], row, chance, negatives=99)
                other = chance.choice([one for one in self._versions[same] if one is not row])
                crossed = self.group(other["question"], row, chance, negatives=99)
                if made is not None and crossed is not None:
                    yield True, made
                    yield False, crossed

    def group(
        self,
        question: str,
        row: dict[str, Any],
        chance: random.Random,
        *,
        negatives: int,
        hard: Found | None = None,
    ) -> Group | None:
        """The answering sentence first, then others of its paragraph, and two of other articles."""
        paragraph = self.paragraphs[row["paragraph"]]
        sentences = paragraph["sentences"]
        if not 0 <= row["answer"] < len(sentences) or len(sentences) < 2:
            return None
        answer = sentences[row["answer"]]
        chosen = [answer, *_some([one for one in sentences if one != answer], negatives, chance)]
        if hard is not None:
            found = hard(question, _owner(paragraph), 2, chance)
            chosen += [one.text for one in found if one.text != answer]
        return Group(row["set"], question, tuple(chosen), tuple(at == 0 for at in range(len(chosen))))


def _owner(paragraph: dict[str, Any]) -> str:
    return f"{paragraph['set']} {paragraph['article']}"


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)
