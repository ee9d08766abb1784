"""What is shown as an answer, and what is named as coming near."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

import search
from search.answers.settings import ANSWERING
from search.answers.verdict import likely, with_reader

PAGES = {
    "lamp_en.md": """# How to clean an oil lamp

The glass of an oil lamp is washed with warm water and a little vinegar once a week. Before washing the glass,
you need three things:

- a soft cloth
- vinegar
- a wooden spoon

A wick that is trimmed straight burns without smoke and leaves the glass clean.
""",
    "lamp_de.md": """# Öllampen pflegen

Das Glas einer Öllampe wird einmal in der Woche mit warmem Wasser und etwas Essig gewaschen. Ein gerade
geschnittener Docht brennt ohne Ruß.
""",
    "smoke_en.md": """# Wick and smoke

The wick is related to the smoke of a lamp in these ways:

- length
- shape
""",
    "river_fr.md": """# La rivière gelée

En janvier, la rivière gèle et les enfants du village patinent jusqu'au moulin. La glace porte un homme quand
elle a dix centimètres.
""",
}


@pytest.fixture(scope="module")
def lamps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[search.Engine]:
    folder = tmp_path_factory.mktemp("lamps")
    for name, text in PAGES.items():
        (folder / name).write_text(text, "utf-8")
    search.build([folder], folder / ".kb")
    with search.open(folder / ".kb") as engine:
        yield engine


def test_a_sentence_that_answers_stands_out_in_its_passage_and_what_is_not_looked_at_is_far_off(
    lamps: search.Engine,
) -> None:
    index = lamps._index
    ranking = index.rank("How often should the glass of a lamp be washed?", frozenset())
    scores, (first, *_) = ranking.scores, ranking.places.tolist()
    found = index.answering(scores, np.array([first]))
    start, end = scores.pool.bounds[first : first + 2].tolist()
    elsewhere = np.delete(found, np.s_[start:end])
    keys = {int(scores.pool.keys[first])}
    (held,) = lamps._snapshot.passages_by_key(keys).values()
    best = held.passage.sentences[int(np.argmax(found[start:end]))].text
    assert "once a week" in best or "einmal in der Woche" in best
    assert len(elsewhere) and elsewhere.max() < found[start:end].min()


def test_the_better_of_two_is_likelier_and_takes_from_the_other() -> None:
    alone = likely(np.array([5.0], np.float32), relation=False, read=False)
    both = likely(np.array([5.0, 7.0], np.float32), relation=False, read=False)
    assert both[1] > alone[0] > both[0]


def test_what_a_reader_is_sure_of_becomes_likelier() -> None:
    scores = np.array([5.0, 5.0], np.float32)
    yes, no = likely(with_reader(scores, np.array([3.0, -3.0], np.float32)), relation=False, read=True)
    assert yes > 2 * no


def test_no_sentence_has_no_probability() -> None:
    assert likely(np.zeros(0, np.float32), relation=False, read=False).shape == (0,)


def test_a_language_that_has_nothing_to_the_point_is_named_with_what_came_nearest(
    lamps: search.Engine,
) -> None:
    answer = lamps.ask("how is the glass of an oil lamp cleaned?")
    assert answer.found
    assert {"en", "de"} <= set(answer.by_language)
    assert answer.silent == ("fr",)
    (nearest,) = answer.nearest
    assert nearest.language == "fr"
    assert nearest.confidence < ANSWERING.shown
    assert all(item.confidence >= ANSWERING.shown for item in answer.evidence)


def test_what_is_refused_shows_what_came_nearest_once(lamps: search.Engine) -> None:
    answer = lamps.ask("who won the football world cup in 1998?")
    assert not answer.found
    assert answer.confidence < ANSWERING.answered
    assert len({item.language for item in answer.evidence}) == len(answer.evidence)
    assert answer.nearest == ()


def test_headings_fragments_and_what_only_leads_up_to_a_list_are_no_evidence(lamps: search.Engine) -> None:
    for question in ("how do I clean an oil lamp?", "what do I need to wash the glass of a lamp?"):
        for item in lamps.ask(question).evidence:
            assert item.quote not in ("How to clean an oil lamp", "a soft cloth", "vinegar", "a wooden spoon")
            if "three things:" in item.quote:
                assert "a wooden spoon" in item.quote, "a list goes with what leads up to it"


def test_what_leads_up_to_a_list_is_quoted_with_it_for_a_relation_too(lamps: search.Engine) -> None:
    answer = lamps.ask("how does the wick relate to the smoke of a lamp?")
    assert answer.shape == "relation"
    leading = [item.quote for item in answer.evidence if item.quote.startswith("The wick is related")]
    assert len(leading) == 1
    assert "length" in leading[0]
    assert leading[0].endswith("shape")
