"""The library as a whole: its map, what languages share, how clean it is."""

import numpy as np
import pytest

from search.answers.overview import Sample, meaning_map, sharing
from search.arrays.neighbour_map import nearest_places
from search.models import ArticleRef

ARTICLE = ArticleRef("a", "a.txt", "A", "pl")


def passages(subjects: int, spread: float = 0.5):
    """Each subject in three languages, one after the other: vectors that tell the languages apart as much as
    the subjects, and languages."""
    chance = np.random.default_rng(3)
    said = np.repeat(chance.normal(size=(subjects, 24)), 3, axis=0)
    spoken = np.tile(chance.normal(size=(3, 24)), (subjects, 1))
    vectors = said + 0.8 * spoken + spread * chance.normal(size=said.shape)
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return vectors, np.tile(["nb", "pl", "ru"], subjects)


def versions(rows):
    """Rows of one subject are translations of one another."""
    first = np.unique(rows // 3) * 3
    return np.setdiff1d(np.concatenate([first, first + 1, first + 2]), rows)


def drawn(vectors, languages, linked=lambda rows: rows[:0]):
    sample = Sample(np.arange(len(vectors)), vectors, languages)
    named = lambda rows: [(ARTICLE, row) for row in rows.tolist()]  # noqa: E731
    return meaning_map(sample, linked, named, 2 * len(vectors))


def test_translations_lie_together_on_the_map_whatever_sets_their_languages_apart():
    vectors, languages = passages(30)
    shown = drawn(vectors, languages, versions)
    assert (shown.drawn, shown.passages) == (90, 180)
    assert shown.together >= 0.9
    places = {dot.start: (dot.x, dot.y) for dots in shown.points.values() for dot in dots}
    assert sorted(places) == list(range(90))
    assert all(0 <= part <= 1 for place in places.values() for part in place)
    laid = np.array([places[row] for row in range(90)])
    # Of two axes along which they differ most, it could not be said.
    centred = vectors - vectors.mean(axis=0)
    axes = np.linalg.eigh(centred.T @ centred)[1][:, ::-1][:, :2]
    assert kept(laid) >= kept(centred @ axes) + 0.3


def kept(places):
    """How many of each passage's two translations are its two nearest."""
    near = nearest_places(places, 2) // 3
    return (near == (np.arange(len(places)) // 3)[:, None]).mean()


def test_what_is_near_stays_near_where_nothing_is_known_of_translations():
    vectors, languages = passages(20, spread=0.1)
    shown = drawn(vectors, languages)
    assert shown.together is None
    places = {dot.start: (dot.x, dot.y) for dots in shown.points.values() for dot in dots}
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -1)
    nearest = cosines.argmax(axis=1)
    near = nearest_places(np.array([places[row] for row in range(60)]), 5)
    assert (near == nearest[:, None]).any(axis=1).mean() >= 0.9


def test_the_same_library_has_the_same_map():
    vectors, languages = passages(5)
    assert drawn(vectors, languages, versions) == drawn(vectors, languages, versions)


def test_of_very_many_passages_some_of_each_part_are_drawn_with_their_translations():
    vectors, languages = passages(1000)
    shown = drawn(vectors, languages, versions)
    assert shown.drawn == sum(map(len, shown.points.values())) == 300
    rows = sorted(dot.start for dots in shown.points.values() for dot in dots)
    assert rows[0] < 60
    assert rows[-1] > 2940
    assert len({row // 3 for row in rows}) == 100


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4])
def test_the_smallest_libraries_have_a_map(count):
    vectors, languages = passages(2)
    shown = drawn(vectors[:count], languages[:count])
    assert sum(map(len, shown.points.values())) == count
    assert not np.isnan(
        [place for dots in shown.points.values() for dot in dots for place in (dot.x, dot.y)]
    ).any()


def test_languages_that_say_the_same_share_more_than_those_that_do_not():
    vectors = np.eye(4, dtype=np.float32)[[0, 1, 0, 1, 2, 3]]
    matrix = sharing(vectors, np.array(["pl", "pl", "ru", "ru", "nb", "nb"]))
    assert matrix.rows == matrix.columns == ("nb", "pl", "ru")
    values = dict(zip(matrix.rows, matrix.values, strict=True))
    assert values["pl"] == (0.0, None, 1.0)
    assert values["nb"] == (None, 0.0, 0.0)


def test_what_was_taken_out_is_counted_by_language(engine):
    clean = engine.overview.clean
    for code, one in clean.items():
        articles = [
            engine.article(held.source).article for held in engine.articles() if held.language == code
        ]
        assert one.articles == len(articles)
        assert one.removed == sum(len(article.removed) for article in articles)
        assert one.removed_characters == sum(
            span.end - span.start for article in articles for span in article.removed
        )
        assert one.repairs == sum(len(article.repairs) for article in articles)
        assert one.untouched == sum(not article.removed and not article.repairs for article in articles)
    assert clean["nb"].removed_share > 0.1


def test_what_was_taken_out_is_summed_by_reason_and_by_source(engine):
    read = [engine.article(held.source).article for held in engine.articles()]
    spans = [span for article in read for span in article.removed]
    found = engine.removals()
    assert spans
    assert found.removed == sum(span.end - span.start for span in spans)
    assert found.articles == len(read)
    assert {one.reason for one in found.reasons} == {span.reason for span in spans}
    assert sum(one.spans for one in found.reasons) == len(spans)
    assert sum(one.spans for one in engine.removals(len(read)).sources) == len(spans)
    shares = [one.share for one in found.sources]
    assert shares == sorted(shares, reverse=True)
    assert [one.source for one in engine.removals(1).sources] == [found.sources[0].source]


def test_each_dot_of_a_library_s_map_is_a_passage_of_its_article(engine):
    shown = engine.overview.map
    assert shown.drawn == shown.passages == sum(map(len, shown.points.values()))
    assert shown.together is not None
    assert shown.together >= 0.8, "the Polish article and the Tagalog one are the same text"
    for code, dots in shown.points.items():
        for dot in dots:
            text = engine.article(dot.article.id).article.text
            assert 0 <= dot.start < len(text)
        assert code in {dot.article.language for dot in dots}
