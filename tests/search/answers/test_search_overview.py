"""The library as a whole: its map, what languages share, how clean it is."""

import numpy as np
import pytest

from search.answers.overview import meaning_map, sharing


def passages(count: int = 60):
    """Two subjects, each in three languages: vectors, languages, subjects."""
    chance = np.random.default_rng(3)
    centres = chance.normal(size=(2, 16))
    subjects = np.arange(count) % 2
    vectors = centres[subjects] + 0.2 * chance.normal(size=(count, 16))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return vectors, np.array(["pl", "ru", "nb"])[np.arange(count) % 3], subjects


def test_passages_on_one_matter_lie_together_on_the_map_whatever_their_language():
    vectors, languages, subjects = passages()
    drawn = meaning_map(vectors, languages, len(vectors))
    assert (drawn.drawn, drawn.passages) == (60, 60)
    assert drawn.explained > 0.5
    sides = {
        (x > 0.5) == bool(subject)
        for language in ("nb", "pl", "ru")
        for (x, _), subject in zip(drawn.points[language], subjects[languages == language], strict=True)
    }
    assert len(sides) == 1
    assert all(0 <= place <= 1 for points in drawn.points.values() for point in points for place in point)


def test_of_very_many_passages_some_of_each_part_are_drawn():
    vectors, languages, _ = passages(9000)
    drawn = meaning_map(vectors, languages, len(vectors))
    assert drawn.drawn == sum(map(len, drawn.points.values())) == 3000


@pytest.mark.parametrize("count", [0, 1, 2])
def test_the_smallest_libraries_have_a_map(count):
    vectors, languages, _ = passages(2)
    drawn = meaning_map(vectors[:count], languages[:count], count)
    assert sum(map(len, drawn.points.values())) == count


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
