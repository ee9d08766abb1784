"""Web pages, read whole: what a reader sees is text, nothing is glued, and what is left out is recorded."""

from __future__ import annotations

import re
from collections import Counter

import lxml.html
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kb.article.normalize import normalize
from kb.errors import SourceRefused
from kb.models import Article, SourceFile
from kb.readers import RawFile
from kb.readers.web.html import read_html
from kb.readers.web.parts import Part
from kb.readers.web.tree import flattened

LONG = (
    "Die Glocke im alten Turm wurde im Jahr des großen Brandes gegossen, und seither läutet sie jeden Abend "
    "um sieben, wenn die Fischer vom See zurückkommen und ihre Netze an der Mauer aufhängen."
)
LAST = (
    "Im Winter friert das Seil ein, dann steigt der Küster mit einer Laterne hinauf und schlägt die Glocke "
    "von Hand, was man bis an das andere Ufer hört, wie die Leute dort gern erzählen."
)


def parts(body: str) -> list[Part]:
    return flattened(lxml.html.document_fromstring(f"<html><body>{body}</body></html>"))


def texts(body: str) -> list[str]:
    return [part.text for part in parts(body)]


def read(body: str, lang: str = "de") -> tuple[SourceFile, Article]:
    head = "<head><meta charset=utf-8><title>T</title></head>"
    page = f"<!doctype html><html lang={lang}>{head}<body>{body}</body>"
    (file,) = read_html(RawFile("a.html", "", page.encode(), "0"))
    assert isinstance(file, SourceFile)
    return file, normalize(file)


def inside(middle: str, lang: str = "de") -> Article:
    """The article of a page that has this between two long paragraphs."""
    return read(f"<main><h1>Die Glocke</h1><p>{LONG}</p>{middle}<p>{LAST}</p></main>", lang)[1]


def gone(article: Article) -> dict[str, str]:
    return {span.text: span.reason for span in article.removed}


# --- what belongs to the article's text


NOTE = "Nach dem Küster."
MARK_1 = '<sup><a href="#n1" id="m1">1</a></sup>'


@pytest.mark.parametrize(
    "notes",
    [
        '<section class="footnotes"><ol><li id="n1">@</ol></section>',
        '<div class="wp-block-endnotes"><p>@</div>',
        '<div role="doc-endnotes"><h2>Anmerkungen</h2><p>@</div>',
        '<h2>Anmerkungen</h2><ol class="references"><li id="n1">@</ol>',
        '<aside epub:type="footnote" id="n1">@</aside>',
        '<footer><ol><li id="n1">@</ol></footer>',
        '<div id="n1" style="display:none">@</div>',
    ],
)
@pytest.mark.parametrize("around", ['<form method="post"><div>@</div></form>', "<main>@</main>", "@"])
def test_notes_are_part_of_the_article(notes: str, around: str) -> None:
    page = f"<h1>Die Glocke</h1><div>{LONG}{MARK_1}</div><div>{LAST}</div>{notes.replace('@', NOTE)}"
    article = read(around.replace("@", page))[1]
    assert NOTE in article.text
    assert "Abend um sieben" in article.text
    assert not article.removed
    if "Anmerkungen" in notes:
        assert "Anmerkungen" in article.text


def test_what_only_looks_like_notes_is_left_out() -> None:
    page = f"<main><h1>Die Glocke</h1><p>{LONG}{MARK_1}</p><p>{LAST}</p></main>"
    foot = '<footer class="footnote">Alle Rechte vorbehalten</footer>'
    many = '<p><a href="#replies">3</a></p><div id="replies"><a href="x">Toll</a></div>'
    article = read(f"{page}{foot}{many}")[1]
    assert "Rechte" not in article.text
    assert "Toll" not in article.text
    assert {"Alle Rechte vorbehalten", "Toll"} <= set(gone(article))


@pytest.mark.parametrize("around", ['<form method="post">@</form>', "<main>@</main>"])
@pytest.mark.parametrize(
    ("block", "told"),
    [
        ("<div>その夜、<ruby>吹雪<rt>ふぶき</rt></ruby>が村を閉ざしました。</div>", "吹雪（ふぶき）"),
        ("<ul><li><ruby>鐘<rt>かね</rt></ruby>が鳴る夜<li>月のない夜</ul>", "鐘（かね）"),
        (
            '<div>Von der <abbr title="Freiwilligen Feuerwehr">FF</abbr> gelöscht.</div>',
            "Freiwilligen Feuerwehr",
        ),
    ],
)
def test_readings_and_abbreviations_share_the_fate_of_their_block(around: str, block: str, told: str) -> None:
    rest = "".join(f"<div>{text}</div>" for text in (LONG, LAST))
    article = read(around.replace("@", f"<h1>Die Glocke</h1>{rest}{block}"))[1]
    assert told in article.text
    assert not article.removed
    menu = block.replace("div>", "nav>") if "<div>" in block else f"<nav>{block}</nav>"
    left_out = read(around.replace("@", f"<h1>Die Glocke</h1>{rest}") + menu)[1]
    assert told not in left_out.text
    assert any(told in span.text for span in left_out.removed)


# --- words that stand apart


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<div>uno</div><div>due</div>", ["uno", "due"]),
        ("<p>uno<br>due<br/>tre", ["uno\ndue\ntre"]),
        ("<h2>Grande<br>festa</h2>", ["Grande festa"]),
        ("<h2>鐘の<br>音</h2>", ["鐘の音"]),
        ("<a href=a>uno</a><a href=b>due</a>", ["uno due"]),
        ("<fact-name>Alter</fact-name><fact-value>90</fact-value>", ["Alter 90"]),
        ("<p>die <glossar-wort>Glocke</glossar-wort>n", ["die Glocken"]),
        ("<x-card><p>uno</p><x-note>due</x-note></x-card>tre", ["uno", "due", "tre"]),
        ("<kbd>Strg</kbd><kbd>S</kbd>", ["Strg S"]),
        ("<span style='display: block'>uno</span><span style='display:block'>due</span>", ["uno", "due"]),
        ("<ul><li>uno<li>due<ul><li>tre</ul></ul>quattro", ["uno", "due", "tre", "quattro"]),
        ("<p>uno<table><tr><td>due<td>tre</table>quattro", ["uno", "due", "tre", "quattro"]),
        ("<p>wort<svg><title>x</title></svg>wort", ["wort wort", "x"]),
        ("<p>ein Lang<wbr>wort und <b>fett</b>gedruckt", ["ein Langwort und fettgedruckt"]),
    ],
)
def test_neighbours_are_not_glued_and_words_are_not_torn(body: str, said: list[str]) -> None:
    assert texts(body) == said


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("鐘は古い塔に\n   ある。", "鐘は古い塔にある。"),
        ("钟挂在旧\n塔里，\n人人都听得见。", "钟挂在旧塔里，人人都听得见。"),
        ("ระฆังอยู่\nบนหอ", "ระฆังอยู่บนหอ"),
        ("종은 탑\n에", "종은 탑 에"),
        ("die\n  Glocke", "die Glocke"),
        ("鐘 no\n oto", "鐘 no oto"),
    ],
)
def test_a_line_of_the_source_ends_as_the_script_wants_it(source: str, said: str) -> None:
    assert texts(f"<p>{source}</p>") == [said]


@pytest.mark.parametrize(
    ("end", "said"),
    [
        ("</p>", ["Ding Dong"]),
        ("</body></html>", ["Ding", "Dong"]),
        ("</div></body>\n</html>\n<br>", ["Ding", "Dong"]),
    ],
)
def test_what_comes_after_an_end_that_is_none_is_neither_lost_nor_glued(end: str, said: list[str]) -> None:
    file, article = read(f"<p>{LONG}<div>Und</div>Ding{end}Dong<p>{LAST}")
    assert file.text == "\n\n".join([LONG, "Und", *said, LAST])
    assert article.text == file.text


def test_a_term_stands_with_what_it_means() -> None:
    body = "<dl><dt>Klöppel<dd>Er schlägt an.<dt>Joch<dt>Krone<dd><p>Daran hängt sie.<dd>Aus Eiche.</dl>"
    assert texts(body) == ["Klöppel\nEr schlägt an.", "Joch\nKrone\nDaran hängt sie.", "Aus Eiche."]


def test_items_have_the_numbers_that_a_reader_sees() -> None:
    body = "<ol start=4><li>a<li value=9>b<li><p>c</ol><ol reversed><li>d<li>e</ol><ul><li>f<li></ul><p>g"
    found = [(part.kind, part.number, part.text) for part in parts(body)]
    assert found == [
        ("item", 4, "a"),
        ("item", 9, "b"),
        ("item", 10, "c"),
        ("item", 2, "d"),
        ("item", 1, "e"),
        ("item", None, "f"),
        ("paragraph", None, "g"),
    ]


# --- tables


def test_a_cell_stands_in_each_row_that_it_spans_and_its_lines_are_not_glued() -> None:
    body = """<table><caption>Läuten</caption><thead><tr><th>Tag<th colspan=2>Zeit</tr></thead>
    <tr><td rowspan=2>Montag<td>früh<td>7<tr><td>spät<td>19
    <tr><td><ul><li>Sonntag</li><li>Feiertag</li></ul><td>um<br>neun<td></table>"""
    assert texts(body) == [
        "Läuten",
        "Tag | Zeit\nMontag | früh | 7\nMontag | spät | 19\nSonntag Feiertag | um neun",
    ]


def test_a_table_that_lays_out_a_page_is_its_paragraphs() -> None:
    found = texts(f"<table><tr><td><a href=/>Start</a><td><h1>Glocke</h1><p>{LONG}</table>")
    assert found == ["Start", "Glocke", LONG]


def test_a_table_of_two_columns_without_limits_is_not_unrolled_without_limits() -> None:
    cells = "<tr>" + "<td rowspan=60000>x" * 60
    body = f"<table><tr><th>a<th>b{cells}{'<tr><td>y' * 40_000}</table>"
    assert Counter(word for text in texts(body) for word in text.split())["y"] == 40_000


def test_a_long_cell_stays_in_its_row_where_the_table_has_heads() -> None:
    (only,) = texts(f"<table><tr><th>Wer</th><td>Küster</td></tr><tr><th>Was<td>{LONG * 4}</table>")
    assert only == f"Wer | Küster\nWas | {LONG * 4}"


# --- what is raised, read aloud, or written in signs


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("10<sup>6</sup> kg", "10⁶ kg"),
        ("10<sup>−9</sup>", "10⁻⁹"),
        ("10<sup>2.5</sup>", "10^2.5"),
        ("e<sup>x</sup>dx", "e^x dx"),
        ("H<sub>2</sub>SO<sub>4</sub>", "H₂SO₄"),
        ("V<sub>max</sub> steigt", "V_max steigt"),
        ("le XX<sup>e</sup> siècle, la 1<sup>re</sup> fois", "le XXe siècle, la 1re fois"),
        ("Glocke<sup>TM</sup>", "Glocke™"),
        ("seit 1911<sup><a href='#fn3'>3</a></sup> still", "seit 1911[3] still"),
        ("seit 1911<a href='#fn3'><sup>3</sup></a>", "seit 1911[3]"),
        ("seit 1911<a role=doc-noteref href='notes.html#n3'>3</a>", "seit 1911[3]"),
        ("seit 1911<sup>[3]</sup>", "seit 1911[3]"),
        ("seit 1911<sup><a href='#a'>3</a>,<a href='#b'>4</a></sup>", "seit 1911[3],[4]"),
        ("siehe Seite <a href='#s3'>3</a>", "siehe Seite 3"),
        ("<q>Ruhe</q>, rief er", '"Ruhe", rief er'),
    ],
)
def test_what_is_raised_or_lowered_does_not_run_into_what_it_follows(body: str, said: str) -> None:
    assert texts(f"<p>{body}</p>") == [said]


def test_a_reading_stands_after_the_words_that_it_is_read_over() -> None:
    body = """<p><ruby>鐘<rp>（</rp><rt>かね</rt><rp>）</rp></ruby>は<ruby>塔<rt>とう</rt></ruby>の上、
    <ruby>湖<rt>みずうみ</rt></ruby>の
    <ruby>大<rt>おお</rt></ruby><ruby>風<rt>かぜ</rt></ruby>。</p><ul><li><ruby>鐘<rt>かね</rt></ruby>が鳴る<li>夜</ul>
    <p><ruby>鐘<rt>zhōng</rt></ruby><ruby>樓<rt>lóu</rt></ruby>很高"""
    assert texts(body) == [
        "鐘は塔の上、湖の大風。",
        "鐘（かね）、塔（とう）、湖（みずうみ）、大風（おおかぜ）",
        "鐘が鳴る",
        "夜",
        "鐘樓很高",
        "鐘樓（zhōng lóu）",
    ]


def test_what_an_abbreviation_stands_for_is_found_too() -> None:
    body = "<p>Der <abbr title='Verein der Glockenfreunde'>VdG</abbr> tagt, am "
    body += "<abbr title='2011-05-03'>3.5.</abbr> war es schön."
    assert texts(body) == ["Der VdG tagt, am 3.5. war es schön.", "VdG (Verein der Glockenfreunde)"]


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("<math><mi>π</mi><msup><mi>r</mi><mn>2</mn></msup></math>", "πr²"),
        ("<math alttext='a \\le b'><mi>a</mi></math>", "a \\le b"),
        (
            "<math><mi>x</mi><annotation encoding='application/x-tex'>\\sqrt{x}</annotation></math>",
            "\\sqrt{x}",
        ),
        ("<math><mfrac><mrow><mi>a</mi><mo>+</mo><mn>1</mn></mrow><mi>b</mi></mfrac></math>", "(a+1)/b"),
        ("<math><msub><mi>x</mi><mi>i</mi></msub><mo>=</mo><msqrt>c</msqrt></math>", "x_i = √(c)"),
        (
            "<span class=katex><i><math><mi>q</mi></math></i><i aria-hidden=true><b>q</b></i></span>",
            "q",
        ),
        ("<span style='display:none'><math><mi>z</mi></math></span><img alt=z aria-hidden=true>", "z"),
        ("<script type='math/tex'>n!</script>", "n!"),
    ],
)
def test_a_formula_is_text_once(formula: str, said: str) -> None:
    found = [part.text for part in parts(f"<p>Es gilt {formula} immer.") if part.outside is None]
    assert found == [f"Es gilt {said} immer."]


def test_code_keeps_its_lines_and_its_indentation() -> None:
    body = """<pre><code class=py>def läute(n):
    for _ in range(n):

        <b>schlag</b>()
</code><button>Kopieren</button></pre><p>Mit <code>läute(3)</code> dreimal."""
    code, button, text = parts(body)
    assert (code.kind, code.text) == ("code", "def läute(n):\n    for _ in range(n):\n\n        schlag()")
    assert (button.text, button.outside) == ("Kopieren", "a button")
    assert text.text == "Mit läute(3) dreimal."


def test_numbers_of_lines_are_no_code() -> None:
    body = "<table><tr><td class=gutter><pre>1\n2</pre><td><pre>a = 1\n  b</pre></table>"
    body += "<pre><i class=lineno>7</i> c</pre>"
    assert [(part.text, part.outside) for part in parts(body)] == [
        ("1\n2", "a line's number"),
        ("a = 1\n  b", None),
        (" c", None),
        ("7", "a line's number"),
    ]


def test_a_pictures_alternative_is_text_where_it_says_something() -> None:
    body = """<figure><img alt="Der Turm im Schnee"><figcaption>1911</figcaption></figure>
    <p><img alt="DSC_0017.JPG"><img alt="Logo"><img alt=""></p><p>Drücke <img alt="Zahnrad"> zweimal.</p>
    <a href=x><img alt="Zur Karte">Zur Karte</a><p><img alt="雪の中の塔"></p>"""
    assert texts(body) == [
        "Der Turm im Schnee",
        "1911",
        "Drücke Zahnrad zweimal.",
        "Zur Karte",
        "雪の中の塔",
    ]


# --- what is the article's


def test_a_form_round_a_page_is_not_one_to_fill_in() -> None:
    text = read(
        f"<form id=f><input type=hidden><h1>Turmordnung</h1><p>{LONG}<h2>Hunde</h2><p>Nur unten."
        f"<ul><li>An der Leine.</ul><p>{LAST}</form>"
    )[1].text
    assert "Nur unten." in text
    assert "An der Leine." in text
    news = inside("<form><label>Ihre Adresse</label><button>Bestellen</button></form>")
    assert gone(news) == {"Ihre Adresse": "a form", "Bestellen": "a form"}


@pytest.mark.parametrize(
    "question",
    [
        "<h3><button class=accordion-button>Wer läutet?</button></h3>",
        "<button>Wer läutet?</button>",
        "<button aria-expanded=false>Wer läutet und wann</button>",
        "<summary>Wer läutet?</summary>",
    ],
)
@pytest.mark.parametrize(
    "how", ["hidden", "style='display:none'", "class=collapse", "style='visibility: hidden'"]
)
def test_a_question_and_its_folded_answer_are_text(question: str, how: str) -> None:
    article = inside(f"<section>{question}<div {how}>Der Küster, um sieben.</div></section>")
    blocks = [(block.kind, article.text[block.start : block.end]) for block in article.blocks]
    at = next(i for i, (_, text) in enumerate(blocks) if text.startswith("Wer läutet"))
    assert blocks[at][0] == "heading"
    assert blocks[at + 1] == ("paragraph", "Der Küster, um sieben.")


def test_an_answer_at_the_end_of_a_page_is_text_though_it_is_folded() -> None:
    article = read(
        f"<main><h1>Fragen</h1><p>{LONG}</p><h2>Warum?</h2><div hidden><p>{LAST}</p></div></main>"
    )[1]
    assert LAST in article.text


@pytest.mark.parametrize(
    ("middle", "text", "reason"),
    [
        ("<p>Preis <span style='display:none'>0042</span>42 Kronen.</p>", "0042", "hidden on the page"),
        (
            "<p>Miete <del>neunzig</del> <ins>hundert</ins> Kronen.</p>",
            "neunzig",
            "struck out by its author (<del>)",
        ),
        ("<video>Kein Film</video>", "Kein Film", "shown only where a page's program or media cannot be"),
        (
            "<noscript>Ohne Skript</noscript>",
            "Ohne Skript",
            "shown only where a page's program or media cannot be",
        ),
        ("<svg><title>Schließen</title></svg>", "Schließen", "a drawing's name (<svg>)"),
        ("<select><option>Deutsch</option></select>", "Deutsch", "a form"),
        ("<i class=material-icons aria-hidden=true>expand_more</i>", "expand_more", "a sign (aria-hidden)"),
        ("<p>Teil <button>Kaufen</button></p><button>Senden</button>", "Senden", "a button"),
        ("<nav>Inhalt</nav>", "Inhalt", "navigation (<nav>)"),
    ],
)
def test_what_is_left_out_is_recorded_with_its_reason(middle: str, text: str, reason: str) -> None:
    article = inside(middle)
    assert gone(article)[text] == reason
    assert text not in article.text


def test_words_in_a_drawing_are_text() -> None:
    assert "Oberes Rad\n\n" in inside(
        "<svg><title>Skizze</title><text>Oberes</text> <text>Rad</text></svg>"
    ).text.replace("Skizze ", "")


def test_an_articles_own_foot_and_notes_beside_it_are_text_and_the_pages_are_not() -> None:
    article = read(
        f"<article><h1>Die Glocke</h1><p>{LONG}</p><aside>Merke: nie bei Frost.</aside><p>{LAST}</p>"
        "<footer>Quelle: Kirchenbuch</footer></article><aside>Wetter morgen</aside><footer>Impressum</footer>"
    )[1]
    assert "Merke: nie bei Frost." in article.text
    assert "Quelle: Kirchenbuch" in article.text
    assert gone(article) == {
        "Wetter morgen": "beside the article (<aside>)",
        "Impressum": "the page's foot (<footer>)",
    }


# --- whatever a page is made of

PLAIN = [
    "p",
    "div",
    "b",
    "i",
    "span",
    "section",
    "li",
    "ul",
    "h2",
    "h3",
    "a",
    "td",
    "tr",
    "table",
    "dl",
    "dt",
    "dd",
]
PLAIN += [
    "blockquote",
    "x-tag",
    "font",
    "pre",
    "code",
    "figure",
    "main",
    "article",
    "summary",
    "details",
    "center",
]
ODD = [
    "button",
    "form",
    "svg",
    "video",
    "noscript",
    "template",
    "dialog",
    "sup",
    "sub",
    "ruby",
    "rt",
    "del",
    "q",
]
ODD += [
    "select",
    "option",
    "textarea",
    "aside",
    "footer",
    "nav",
    "object",
    "math",
    "label",
    "abbr",
    "caption",
    "th",
]
SAID = [
    "",
    " hidden",
    " style='display:none'",
    " aria-hidden=true",
    " class=icon",
    " rowspan=2",
    " colspan=3",
]


def trees(tags: list[str], about: list[str]) -> st.SearchStrategy[str]:
    """Pages whose words are ``w0w``, ``w1w``…, in their order."""
    leaves = st.sampled_from(["@", "@", "@ ", " @", "<br>", " ", "\n", "@<br>"])
    element = st.tuples(st.sampled_from(tags), st.sampled_from(about))
    inner = st.recursive(
        leaves,
        lambda children: st.builds(
            lambda tag, parts, end: f"<{tag[0]}{tag[1]}>{''.join(parts)}" + (f"</{tag[0]}>" if end else ""),
            element,
            st.lists(children, max_size=4),
            st.booleans() | st.just(True),
        ),
        max_leaves=25,
    )
    return st.lists(inner, min_size=1, max_size=5).map(_numbered)


def _numbered(pieces: list[str]) -> str:
    count = iter(range(10_000))
    return re.sub("@", lambda _: f"w{next(count)}w", "@ " + "".join(pieces))


SEAMLESS = {"b", "i", "span", "font", "code", "a", "x-tag"}


@settings(max_examples=300, deadline=None)
@given(trees(PLAIN, [""]))
@example("w0w <table>w1w<tr><td>w2w<td>w3w<tr><td>w4w</table>w5w")
@example("w0w <p><div></div>w1w</p><b>w2w</b>")
@example("<b>w0w <p><div></div>w1w</p></b>w2w")
def test_every_word_of_a_page_is_there_once_and_stands_apart(body: str) -> None:
    try:
        file, _ = read(body)
    except SourceRefused:
        return
    meant = re.findall(r"w\d+w", body)
    assert sorted(re.findall(r"w\d+w", file.text)) == sorted(meant)
    for pair in re.findall(r"(?:w\d+w){2}", file.text):  # only where a browser shows them as one word, too
        first, second = re.findall(r"w\d+w", pair)
        between = body[body.index(first) + len(first) : body.index(second)]
        assert set(re.findall(r"</?([\w-]+)", between)) <= SEAMLESS


@settings(max_examples=100, deadline=None)
@given(trees(PLAIN + ODD, SAID))
@example("w0w <ruby><rt>w1w</rt></ruby>")
@example("w0w <ul><li>w1w<b hidden>w2w</b><p hidden><sup>w3w</sup></p></ul>")
def test_every_word_of_a_page_is_text_or_removed_with_a_reason(body: str) -> None:
    meant = set(re.findall(r"w\d+w", "".join(lxml.html.document_fromstring(body).itertext())))
    try:
        file, article = read(body)
    except SourceRefused:
        assert meant <= set(re.findall(r"w\d+w", "\n".join(texts(body))))
        return
    assert meant <= set(re.findall(r"w\d+w", file.text))
    kept = f"{article.title}\n{article.text}" + "\n".join(span.text for span in article.removed)
    assert meant <= set(re.findall(r"w\d+w", kept))
    assert all(span.reason and 0 < span.score <= 1 for span in article.removed)
