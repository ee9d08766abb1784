"""Draws pairs that the dictionary shows, for a reader to judge; then counts what she judged right.

    python tests/eval/dictionary_sample.py draw tr lt hi --to FOLDER
    python tests/eval/dictionary_sample.py count FOLDER/tr.tsv

A library for each language: the sentences of ../shared/eval/tatoeba-dev in it and their English translations,
each side shuffled by itself and cut into articles of twenty, so that no two articles are translations of one
another. Every term of either language is looked up; of all pairs that are shown, each once, a hundred are
drawn. A line of the sheet has an empty first column for the verdict (1 right, 0 wrong), the pair, its
probability and a sentence from either side that has it. Nothing of it is for the repository.
"""

from __future__ import annotations

import argparse
import math
import random
from collections.abc import Sequence
from pathlib import Path

import search
from search.models import Entry

TATOEBA = Path(__file__).parent.parent.parent.parent / "shared" / "eval" / "tatoeba-dev"
ARTICLE = 20  # sentences
DRAWN = 100
SEED = 5


def write_articles(language: str, folder: Path, tatoeba: Path) -> None:
    """Both sides of a language's sentence pairs as articles of their languages."""
    lines = (tatoeba / f"{language}-en.tsv").read_text("utf-8").splitlines()
    folder.mkdir(parents=True, exist_ok=True)
    for side, code in enumerate((language, "en")):
        sentences = [line.split("\t")[side] for line in lines]
        random.Random(SEED + side).shuffle(sentences)
        for start in range(0, len(sentences), ARTICLE):
            name = f"{code}-{start // ARTICLE:02}"
            head = f"---\ntitle: {name}\nlanguage: {code}\ncleaned: true\n---\n"
            body = "\n\n".join(sentences[start : start + ARTICLE])
            (folder / f"{name}.md").write_text(f"{head}{body}\n", "utf-8")


def draw(languages: Sequence[str], to: Path, tatoeba: Path) -> None:
    """A sheet for each language."""
    for language in languages:
        write_articles(language, to / language / "articles", tatoeba)
        search.build([to / language / "articles"], to / language / "kb")
        with search.open(to / language / "kb") as engine:
            pairs = [{entry.language: entry for entry in found} for found in engine.dictionary()]
        random.Random(SEED).shuffle(pairs)
        lines = [_line(pair[language], pair["en"]) for pair in pairs[:DRAWN]]
        (to / f"{language}.tsv").write_text("".join(lines), "utf-8")
        print(f"{language}: {len(pairs):,} pairs shown; {to / language}.tsv")


def _line(own: Entry, other: Entry) -> str:
    """A line of the sheet."""
    examples = [" / ".join(example.text for example in one.examples) for one in (own, other)]
    return (
        "\t".join(["", f"{own.term}", f"{other.term}", f"{min(own.score, other.score):.2f}", *examples])
        + "\n"
    )


def wilson(right: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share."""
    z = 1.96
    share, middle = right / of, 1 + z * z / of
    half = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return (share + z * z / (2 * of) - half) / middle, (share + z * z / (2 * of) + half) / middle


def count(sheets: Sequence[Path]) -> None:
    for sheet in sheets:
        verdicts = [line.split("\t")[0] for line in sheet.read_text("utf-8").splitlines()]
        if not set(verdicts) <= {"0", "1"}:
            raise SystemExit(f"{sheet}: the first column is to be 1 or 0 in every line")
        right = verdicts.count("1")
        low, high = wilson(right, len(verdicts))
        print(f"{sheet.stem}: {right} of {len(verdicts)} right ({low:.2f}–{high:.2f})")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    drawing = commands.add_parser("draw")
    drawing.add_argument("languages", nargs="+")
    drawing.add_argument("--to", type=Path, required=True)
    drawing.add_argument("--from", dest="tatoeba", type=Path, default=TATOEBA)
    commands.add_parser("count").add_argument("sheets", nargs="+", type=Path)
    given = parser.parse_args()
    if given.command == "draw":
        draw(given.languages, given.to, given.tatoeba)
    else:
        count(given.sheets)


if __name__ == "__main__":
    main()
