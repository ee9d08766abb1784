"""Two texts, sentence by sentence."""

import pytest

from search.answers.side_by_side import aligned_rows, aligned_with
from search.errors import ArticleMissing, QueryError
from search.models import Snippet
from search.translations.alignment import Bead


def sentences(language, count):
    return [Snippet(f"{language} {at}", at * 10, at * 10 + 4, language) for at in range(count)]


def shown(rows):
    return [([one.text for one in row.left], [one.text for one in row.right]) for row in rows]


def test_what_only_one_text_has_stands_alone_in_its_place():
    beads = [Bead(1, 2, 0, 1, 0.9), Bead(2, 4, 2, 3, 0.8)]
    rows = aligned_rows(sentences("pl", 5), sentences("tl", 4), beads)
    assert shown(rows) == [
        (["pl 0"], []),
        (["pl 1"], ["tl 0"]),
        ([], ["tl 1"]),
        (["pl 2", "pl 3"], ["tl 2"]),
        (["pl 4"], []),
        ([], ["tl 3"]),
    ]
    assert [row.similarity for row in rows] == [0, 0.9, 0, 0.8, 0, 0]


def test_every_sentence_is_in_one_row_where_nothing_is_aligned():
    assert shown(aligned_rows(sentences("pl", 2), sentences("tl", 1), [])) == [
        (["pl 0", "pl 1"], []),
        ([], ["tl 0"]),
    ]


def test_what_stands_in_the_place_of_a_quote_is_told_by_its_beads():
    left, right = sentences("pl", 5), sentences("tl", 4)
    beads = [Bead(1, 2, 0, 1, 0.9), Bead(2, 4, 2, 3, 0.8)]

    def there(start, end):
        return [one.text for one in aligned_with(left, right, beads, start, end)]

    assert there(10, 14) == ["tl 0"]
    assert there(11, 12) == ["tl 0"]
    assert there(30, 34) == ["tl 2"]
    assert there(10, 34) == ["tl 0", "tl 2"]
    assert there(0, 4) == there(40, 44) == there(14, 20) == []


def test_a_quote_of_an_article_has_its_translation_s_sentences(engine):
    polish, tagalog = "pl-obsluga-klienta-a-lojalnosc.txt", "tl-serbisyo-at-katapatan.txt"
    rows = [row for row in engine.side_by_side(polish, tagalog).rows if row.left and row.right]
    for row in rows[2:6]:
        found = engine.version(polish, row.left[0].start, row.left[-1].end, "tl")
        assert found.article.source == tagalog
        assert found.sentences == row.right
        text = engine.article(tagalog).article.text
        assert [text[one.start : one.end] for one in found.sentences] == [one.text for one in found.sentences]
    assert engine.version(polish, rows[0].left[0].start, rows[0].left[0].end, "nb") is None
    assert engine.version(polish, 0, 10, "pl") is None
    with pytest.raises(QueryError):
        engine.version(polish, 0, 10, "nonsense")
    with pytest.raises(ArticleMissing):
        engine.version("nothing.txt", 0, 10, "tl")
