"""What is indexed and asked: passages made of the project's own articles, and the project's own questions.

A passage is five sentences. Hardly two sentences of a library are the same: each is put together from the
beginning of one sentence of the project's articles, the middle of another and the end of a third, all of one
language, so that no system gains from having met a sentence before. The words are real, the sense is not:
quality is never measured on these.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent.parent
SENTENCES = 5  # a passage
_SEED = 1
_FILE = 10_000  # passages
_SHORTEST, _LONGEST = 20, 300  # characters of a sentence that is worth cutting
_END = re.compile(r"(?<=[.!?])\s+|(?<=[。！？।])\s*|\n+")
_ENDS = ".!。！।"  # no headings, no questions
_MARKUP = re.compile(r"^[#>*\-\d.\s]+")


@dataclass(frozen=True, slots=True)
class Passage:
    """What every system indexes: one document."""

    language: str
    text: str


def sentences(root: Path = ROOT) -> dict[str, list[str]]:
    """The sentences of the project's articles, by language."""
    files = [(path.name[:2], path) for path in sorted((root / "corpus").glob("*.txt"))]
    files += [(path.parent.name, path) for path in sorted((root / "tests/eval/library").glob("*/*.md"))]
    found: dict[str, dict[str, None]] = {}
    for language, path in files:
        pieces = (_MARKUP.sub("", piece).strip() for piece in _END.split(path.read_text("utf-8")))
        kept = (piece for piece in pieces if _SHORTEST <= len(piece) <= _LONGEST and piece[-1] in _ENDS)
        found.setdefault(language, {}).update(dict.fromkeys(kept))
    return {language: list(held) for language, held in sorted(found.items())}


def spliced(first: str, second: str, third: str) -> str:
    """The beginning of one sentence, the middle of another, the end of a third; cut at spaces, if any."""
    if not all(" " in one for one in (first, second, third)):
        return (
            first[: len(first) // 3]
            + second[len(second) // 3 : len(second) * 2 // 3]
            + third[len(third) * 2 // 3 :]
        )
    begin, middle, end = first.split(), second.split(), third.split()
    return " ".join(
        [
            *begin[: len(begin) // 3 + 1],
            *middle[len(middle) // 3 : len(middle) * 2 // 3],
            *end[len(end) * 2 // 3 :],
        ]
    )


def passages(count: int, root: Path = ROOT) -> Iterator[Passage]:
    """``count`` passages, the languages in turn; a longer library begins with a shorter one."""
    chance = random.Random(_SEED)
    held = sentences(root)
    languages = list(held)
    for number in range(count):
        language = languages[number % len(languages)]
        pool = held[language]
        joint = " " if " " in pool[0] else ""
        parts = [spliced(*chance.choices(pool, k=3)) for _ in range(SENTENCES)]
        yield Passage(language, joint.join(parts))


def questions(root: Path = ROOT) -> list[str]:
    """The project's own questions, one of each file in turn, so that any run of them has all subjects."""
    files = [
        [json.loads(line)["question"] for line in path.read_text("utf-8").splitlines() if line.strip()]
        for path in sorted((root / "tests/eval/questions").glob("*.jsonl"))
    ]
    longest = max(len(one) for one in files)
    return [one[place] for place in range(longest) for one in files if place < len(one)]


def write(folder: Path, held: Iterable[Passage]) -> list[str]:
    """Passages as JSON lines, ten thousand a file; their names, ``file#line``, in their order."""
    folder.mkdir(parents=True, exist_ok=True)
    names: list[str] = []
    for part, some in enumerate(_batched(held, _FILE)):
        name = f"{part:03d}.jsonl"
        lines = [json.dumps(asdict(one), ensure_ascii=False) + "\n" for one in some]
        (folder / name).write_text("".join(lines), "utf-8")
        names += [f"{name}#{line}" for line in range(1, len(lines) + 1)]
    return names


def read(folder: Path) -> Iterator[tuple[str, Passage]]:
    """Passages as they were written, with their names."""
    for path in sorted(folder.glob("*.jsonl")):
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                yield f"{path.name}#{number}", Passage(**json.loads(line))


def _batched(held: Iterable[Passage], size: int) -> Iterator[list[Passage]]:
    rest = iter(held)
    while some := list(islice(rest, size)):
        yield some
