"""Translations against look-alikes: other paragraphs of the same article. `make eval` prints the figures.

XQuAD takes five paragraphs in a row from each article of Wikipedia. Of every article one text is made of the
first two paragraphs, in three languages, another of the next two, in the other three, and the fifth stands
alone in two: texts under one title are on one subject, and translations only within their group.
"""

import itertools
import random
from pathlib import Path

import pytest

import search
from search.evaluation import datasets

XQUAD = Path(__file__).parent.parent.parent.parent / "shared" / "eval" / "xquad-dev"
FLOOR = 0.97
PER_TITLE = 5

pytestmark = pytest.mark.evaluation


def write_texts(folder: Path) -> dict[str, tuple[int, int]]:
    """The text that each source is a version of."""
    held = datasets.read(XQUAD)
    paragraphs = {(one.paragraph, one.language): one.text for one in held.passages}
    chance = random.Random(0)
    written = {}
    for title in range(len(held.paragraphs) // PER_TITLE):
        languages = chance.sample(held.languages, len(held.languages))
        first = title * PER_TITLE
        for part, (numbers, spoken) in enumerate(
            [
                ((first, first + 1), languages[:3]),
                ((first + 2, first + 3), languages[3:]),
                ((first + 4,), languages[1:5:2]),
            ]
        ):
            for language in spoken:
                source = f"{language}/{title}-{part}.md"
                path = folder / source
                path.parent.mkdir(parents=True, exist_ok=True)
                head = f"---\ntitle: '{title}'\nlanguage: {language}\ncleaned: true\n---\n"
                body = "\n\n".join(paragraphs[number, language] for number in numbers)
                path.write_text(head + body + "\n", "utf-8")
                written[source] = (title, part)
    return written


@pytest.mark.timeout(1800)
def test_translations_are_told_from_look_alikes(request, tmp_path):
    if "evaluation" not in request.config.option.markexpr:
        pytest.skip("takes a minute: `make eval` measures it")
    if not XQUAD.is_dir():
        pytest.skip(f"{XQUAD} is not here")
    written = write_texts(tmp_path / "texts")
    search.build([tmp_path / "texts"], tmp_path / "kb")
    with search.open(tmp_path / "kb") as engine:
        found = {
            frozenset((source, other.article.source))
            for source in written
            for other in engine.translations(source)
        }
    true = {
        frozenset(pair) for pair in itertools.combinations(written, 2) if written[pair[0]] == written[pair[1]]
    }
    right = len(found & true)
    precision, recall = right / len(found), right / len(true)
    f1 = 2 * precision * recall / (precision + recall)
    print(f"\ntranslations: {len(true)} pairs, precision {precision:.3f}, recall {recall:.3f}, F1 {f1:.3f}")
    assert f1 >= FLOOR
