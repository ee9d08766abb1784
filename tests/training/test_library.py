"""The questions that the reader is trained on are well-formed, and as many as they should be."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

LIBRARY = Path(__file__).parent / "library"
TOPICS = sorted(folder for folder in LIBRARY.iterdir() if folder.is_dir())
KINDS = [
    *("fact", "why", "how", "relation", "list", "definition", "yesno", "compare", "keywords"),
    "unanswerable",
]


def sentences(topic: Path) -> dict[str, list[str]]:
    """Each article's sentences by language, in order; fails where one is not numbered in turn."""
    found: dict[str, list[str]] = {}
    for path in sorted(topic.glob("*.txt")):
        title, *lines = path.read_text("utf-8").splitlines()
        assert title.startswith("# "), path
        numbered = [line.split("\t") for line in lines if line.strip() and not line.startswith("## ")]
        assert [line[0] for line in numbered] == [str(at) for at in range(1, len(numbered) + 1)], path
        found[path.stem] = [line[1] for line in numbered]
    return found


def questions(topic: Path) -> list[list[str]]:
    return [line.split("\t") for line in (topic / "questions.tsv").read_text("utf-8").splitlines() if line]


def labels(listed: str) -> set[tuple[str, int]]:
    parts = [] if listed == "-" else listed.split(" ")
    assert all(re.fullmatch(r"[a-z]{2,3}:\d+(,\d+)*", part) for part in parts), listed
    pairs = [part.split(":") for part in parts]
    return {(language, int(number)) for language, numbers in pairs for number in numbers.split(",")}


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_every_label_is_a_sentence_and_none_is_both(topic: Path) -> None:
    held = {(language, at + 1) for language, all_ in sentences(topic).items() for at in range(len(all_))}
    assert len({language for language, _ in held}) == 3
    asked = questions(topic)
    assert len(asked) >= 10
    assert len({row[2] for row in asked}) == len(asked)
    for _, kind, question, answers, near in asked:
        assert kind in KINDS, question
        right, wrong = labels(answers), labels(near)
        assert right | wrong <= held, question
        assert not right & wrong, question
        assert (kind == "unanswerable") == (not right), question


def test_the_set_is_as_large_and_as_mixed_as_it_should_be() -> None:
    asked = [row for topic in TOPICS for row in questions(topic)]
    kinds, languages = Counter(row[1] for row in asked), Counter(row[0] for row in asked)
    assert len(TOPICS) * 3 >= 200
    assert len(asked) >= 2000
    assert len({language for topic in TOPICS for language in sentences(topic)}) >= 15
    assert len(languages) >= 20
    assert set(kinds) == set(KINDS)
    assert 0.15 <= kinds["unanswerable"] / len(asked) <= 0.25
    crossed = [row for row in asked for language in {at for at, _ in labels(row[3])} if language != row[0]]
    assert len(crossed) >= 0.6 * len([row for row in asked if row[1] != "unanswerable"])


def test_nothing_of_it_is_in_what_measures() -> None:
    measured = "\n".join(
        path.read_text("utf-8")
        for path in (LIBRARY.parent.parent / "eval").rglob("*.*")
        if path.suffix in {".md", ".jsonl"}
    )
    for topic in TOPICS:
        for of_language in sentences(topic).values():
            assert not [sentence for sentence in of_language if sentence in measured], topic.name
