"""Marks stand where the offsets say; excerpts are cut at words."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.models import Highlight, Snippet
from webapp import payload
from webapp.payload import Piece
from webapp.settings import WEBAPP


def highlight(start, end, kind="exact"):
    return Highlight(start, end, kind, 1.0)


def test_pieces_are_cut_by_offsets_of_the_article():
    text = "the cat the cat"
    assert payload.pieces(text, 100, [highlight(108, 111), highlight(112, 115, "meaning")]) == (
        Piece("the cat "),
        Piece("the", "exact"),
        Piece(" "),
        Piece("cat", "meaning"),
    )


def test_marks_outside_the_text_are_left_out_and_those_across_its_edge_are_cut():
    assert payload.pieces("abc", 10, [highlight(0, 5), highlight(9, 11), highlight(12, 20)]) == (
        Piece("a", "exact"),
        Piece("b"),
        Piece("c", "exact"),
    )


marks = st.lists(
    st.builds(highlight, st.integers(-5, 40), st.integers(-5, 40), st.sampled_from(["exact", "meaning"]))
)


@given(st.text(max_size=30), st.integers(0, 9), marks)
def test_the_pieces_are_the_text_again(text, start, highlights):
    made = payload.pieces(text, start, highlights)
    assert "".join(piece.text for piece in made) == text
    assert made
    assert text == "" or all(piece.text for piece in made)


def hit(passage, sentence, offset=1000):
    at = passage.index(sentence) + offset
    return SimpleNamespace(
        passage=Snippet(passage, offset, offset + len(passage), "en"),
        sentence=Snippet(sentence, at, at + len(sentence), "en"),
        highlights=(highlight(at, at + 3),),
    )


def test_an_excerpt_is_the_sentence_with_its_paragraph_around_it():
    more = "And so on, at some length. " * 5
    shown = payload.hit_excerpt(hit(f"## Head\n\nOne thing. Two things. {more}\n\n1. item", "Two things."))
    assert shown == payload.Excerpt((Piece("One thing. "), Piece("Two", "exact"), Piece(f" things. {more}")))


def test_a_short_block_goes_on_with_the_next_without_their_markers():
    shown = payload.hit_excerpt(hit("## Head\n\nWhat it is about.\n\n1. item", "Head"))
    assert "".join(piece.text for piece in shown.pieces) == "Head · What it is about. · 1. item"
    assert not shown.cut_before
    assert not shown.cut_after


def test_a_long_paragraph_is_cut_at_words_on_both_sides():
    words = " ".join(f"word{number}" for number in range(200))
    shown = payload.hit_excerpt(hit(words, "word100 word101"))
    text = "".join(piece.text for piece in shown.pieces)
    assert shown.cut_before
    assert shown.cut_after
    assert len(text) <= WEBAPP.excerpt
    assert all(word in words.split() for word in text.split())


def test_a_long_sentence_is_cut_at_its_end_only():
    sentence = "start " + "and on " * 100 + "end."
    shown = payload.hit_excerpt(hit("Before. " + sentence, sentence))
    text = "".join(piece.text for piece in shown.pieces)
    assert text.startswith("start")
    assert len(text) <= WEBAPP.excerpt
    assert shown.cut_after


def test_a_script_without_spaces_is_cut_anywhere():
    shown = payload.hit_excerpt(hit("月" * 1000 + "日本語" + "火" * 1000, "日本語"))
    assert len("".join(piece.text for piece in shown.pieces)) == pytest.approx(WEBAPP.excerpt, abs=3)


def test_kinds_come_in_the_order_of_the_legend():
    shown = ([Piece("x", "meaning"), Piece("y")], [Piece("z", "exact")])
    assert payload.kinds(*shown) == ("exact", "meaning")


def test_what_is_marked_out_of_sight_is_not_in_the_legend():
    text = "Tea is hot. " + "It rains. " * 100 + "Coffee is black."
    found = hit(text, "Tea is hot.")
    end = found.passage.end
    found.highlights = (*found.highlights, highlight(end - 16, end - 10, "meaning"))
    assert payload.kinds(payload.hit_excerpt(found).pieces) == ("exact",)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://example.org/a?b=c", True),
        ("HTTP://example.org", True),
        ("javascript:alert(1)", False),
        ("java\nscript:alert(1)", False),
        ("data:text/html,x", False),
        ("//example.org", False),
        ("https://", False),
        (None, False),
    ],
)
def test_only_web_addresses_are_links(url, shown):
    assert payload.web_address(url) == (url if shown else None)
