"""Marks in a rendered article, placed by counting characters."""

import pytest
from webapp_doubles import stored

from kb.export.render import render
from search.models import Snippet
from webapp.pages.rendered import heading_ids, mark_range, quote_anchor, with_languages

PLAIN = stored("en/plain.txt", "Plain\n\nOne two. Three four.", "en").article
ARTICLE = "Tom & Ann <b> say. More here."
RENDERED = (
    '<p><span id="s0" class="sentence">Tom &amp; Ann &lt;b&gt; say.</span> '
    '<span id="s19" class="sentence">More here.</span></p>'
)


@pytest.mark.parametrize(
    ("start", "end", "marked"),
    [
        (0, 18, ["Tom &amp; Ann &lt;b&gt; say."]),
        (6, 13, ["Ann &lt;b&gt;"]),
        (10, 23, ["&lt;b&gt; say.", "More"]),
        (18, 19, []),
    ],
)
def test_a_range_is_marked_in_rendered_html_by_counting_characters(start, end, marked):
    html = mark_range(RENDERED, ARTICLE, start, end)
    assert [part.split("</mark>")[0] for part in html.split('<mark class="quoted">')[1:]] == marked
    assert html.replace('<mark class="quoted">', "").replace("</mark>", "") == RENDERED


def test_a_marked_line_break_stays_one():
    rendered = '<p><span id="s0" class="sentence">one &amp;<br>\ntwo</span></p>'
    html = mark_range(rendered, "one &\ntwo", 4, 8)
    assert (
        html == '<p><span id="s0" class="sentence">one <mark class="quoted">&amp;<br>\ntw</mark>o</span></p>'
    )


def test_the_quote_s_anchor_is_the_sentence_it_begins_in():
    start = PLAIN.text.index("Three")
    body = mark_range(render(PLAIN), PLAIN.text, start + 2, start + 8)
    assert quote_anchor(body) == f"s{start}"
    assert quote_anchor(render(PLAIN)) is None


def test_headings_have_the_ids_that_rendering_gave_them():
    headed = stored("en/tea.md", "# Tea\n\n## Leaves\n\nTea.\n\n### Two kinds\n\nGreen.", "en").article
    assert heading_ids(render(headed)) == ["h-leaves", "h-two-kinds"]


def test_a_foreign_sentence_says_its_language_and_direction_marked_or_not():
    start = PLAIN.text.index("Three")
    foreign = [Snippet(PLAIN.text[start:], start, len(PLAIN.text), "ar")]
    marked = mark_range(render(PLAIN), PLAIN.text, start, start + 5)
    told = with_languages(marked, foreign)
    assert (
        f'<span id="s{start}" class="sentence" lang="ar" dir="rtl"><mark class="quoted">Three</mark>' in told
    )
    assert told.count("lang=") == 1
    assert with_languages(marked, []) == marked
