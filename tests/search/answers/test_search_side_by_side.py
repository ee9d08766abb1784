"""Two texts, sentence by sentence."""

from search.answers.side_by_side import aligned_rows
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
