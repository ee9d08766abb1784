"""Lines of one paragraph are put together as their script and their language want it."""

from __future__ import annotations

import pytest

from kb.article.normalize import normalize
from kb.models import SourceFile
from kb.text.joining import Known, breaks_word, join


def normalized(text: str, format: str = "text", language: str | None = None) -> str:
    return normalize(SourceFile("a", text, "utf-8", "h", "/r", format=format, language=language)).text


@pytest.mark.parametrize(
    ("language", "before", "after", "whole"),
    [
        # a word was broken
        ("de", "vor dem Abend-", "essen und", "vor dem Abendessen und"),
        ("de", "der Dorf\u2010", "teich", "der Dorfteich"),
        ("de", "der Dorf\u00ad", "teich", "der Dorfteich"),
        ("en", "all through the after-", "noon.", "all through the afternoon."),
        ("fi", "sataman ranta-", "kivillä.", "sataman rantakivillä."),
        ("fr", "pendant le prin-", "temps", "pendant le printemps"),
        ("es", "toda la pri-", "mavera", "toda la primavera"),
        ("ru", "ранней вес-", "ной", "ранней весной"),
        ("id", "mereka ber-", "jalan", "mereka berjalan"),
        ("en", "the afternoon and the after-", "noons", "the afternoon and the afternoons"),
        # the hyphen stands for what both words have
        ("de", "Vorder-", "und Hintertür", "Vorder- und Hintertür"),
        ("de", "Ein-", "bis Zweibettzimmer", "Ein- bis Zweibettzimmer"),
        ("de", "Vorder-", ", Seiten- und Hintertür", "Vorder-, Seiten- und Hintertür"),
        ("nl", "voor-", "en achterdeur", "voor- en achterdeur"),
        ("sv", "fram-", "och bakdörr", "fram- och bakdörr"),
        ("da", "for-", "og bagdør", "for- og bagdør"),
        ("nb", "for-", "eller bakdør", "for- eller bakdør"),
        ("fi", "etu-", "ja takaovi", "etu- ja takaovi"),
        ("et", "esi-", "või tagauks", "esi- või tagauks"),
        ("en", "pre-", "and post-war", "pre- and post-war"),
        # the hyphen is the word's own
        ("en", "a long-", "lasting lamp", "a long-lasting lamp"),
        ("en", "a wind-", "driven pump", "a wind-driven pump"),
        ("en", "her sister-in-", "law", "her sister-in-law"),
        ("en", "from 1904-", "1911", "from 1904-1911"),
        ("de", "Ost-", "West", "Ost-West"),
        ("fr", "y a-t-", "elle", "y a-t-elle"),
        ("fr", "c’est peut-", "être", "c’est peut-être"),
        ("pt", "chama-", "se", "chama-se"),
        ("ro", "într-", "o", "într-o"),
        ("id", "rumah-", "rumah", "rumah-rumah"),
        ("ru", "по-", "русски", "по-русски"),
        ("ru", "кто-", "нибудь", "кто-нибудь"),
        ("hi", "दिन-", "रात", "दिन-रात"),
        ("he", "בית־", "ספר", "בית־ספר"),
        # code, addresses, dashes
        ("en", "start it with --no-", "colour please", "start it with --no-colour please"),
        ("en", "see https://example.org/light-", "house", "see https://example.org/light-house"),
        ("en", "open light-", "house.html", "open light-house.html"),
        ("en", "the lamp -", "or the moon", "the lamp - or the moon"),
        ("en", "the lamp—", "or the moon", "the lamp—or the moon"),
        ("en", "1904–", "1911", "1904–1911"),
    ],
)
def test_a_hyphen_at_a_lines_end(language: str, before: str, after: str, whole: str) -> None:
    assert join(before, after, Known(language=language)) == whole


def test_the_rest_of_the_text_tells_how_a_word_is_written() -> None:
    joined, kept = Known("The lampoil is new.", "en"), Known("The lamp-oil is new.", "en")
    assert join("the lamp-", "oil", joined) == "the lampoil"
    assert join("the lamp-", "oil", kept) == "the lamp-oil"
    assert join("die Öl-", "lampe", Known("Die Öl-lampe brennt.", "de")) == "die Öl-lampe"


@pytest.mark.parametrize(
    ("before", "after", "whole"),
    [
        ("灯塔立在岩石", "上。", "灯塔立在岩石上。"),
        ("他说：", "“好。”", "他说：“好。”"),
        ("灯油送来了”", "他说", "灯油送来了”他说"),
        ("灯台は岩の", "上に立つ", "灯台は岩の上に立つ"),
        ("ランプ（", "LED", "ランプ（LED"),
        ("使用LED灯和", "GPS导航", "使用LED灯和GPS导航"),
        ("使用 LED 灯和", "GPS 导航", "使用 LED 灯和 GPS 导航"),
        ("등대는 바위", "위에 서 있다", "등대는 바위 위에 서 있다"),
        ("ประภาคารตั้งอยู่", "บนหิน", "ประภาคารตั้งอยู่บนหิน"),
        ("ປະພາຄານ", "ຢູ່ເທິງຫີນ", "ປະພາຄານຢູ່ເທິງຫີນ"),
        ("ប៉មភ្លើង", "នៅលើថ្ម", "ប៉មភ្លើងនៅលើថ្ម"),
        ("မီးပြတိုက်", "သည်", "မီးပြတိုက်သည်"),
        ("المنارة القديمة", "على الصخرة", "المنارة القديمة على الصخرة"),
        ("the lamp", ".", "the lamp."),
    ],
)
def test_a_space_only_where_the_script_has_one(before: str, after: str, whole: str) -> None:
    assert join(before, after) == whole


def test_only_a_hyphen_after_a_letter_and_before_a_small_one_breaks_a_word() -> None:
    assert breaks_word("der Dorf-", "teich")
    assert not breaks_word("der Dorf -", "teich")
    assert not breaks_word("Ost-", "West")
    assert not breaks_word("1904-", "1911")


GERMAN = """Der Leuchtturm steht auf einem Felsen vor der Küste, den das Meer über-
spült, und das Öl bringt ein Boot zum Haupt-
und Nebenhafen, wenn es ruhig ist, denn im Früh-
ling sind die Wellen noch zu hoch für kleine Boote."""


@pytest.mark.parametrize("format", ["text", "markdown"])
def test_a_hard_wrapped_paragraph_is_one_without_its_hyphens(format: str) -> None:
    text = normalized(GERMAN, format)
    assert "\n" not in text
    assert "das Meer überspült, und" in text
    assert "zum Haupt- und Nebenhafen" in text
    assert "im Frühling sind" in text


NARROW = """The keeper climbs the stairs at
dusk with a can of oil and a
cloth, cleans the glass of the
lamp on both sides, and waits
for the first ship to pass by."""


def test_narrow_columns_are_paragraphs() -> None:
    assert normalized(NARROW) == NARROW.replace("\n", " ")


@pytest.mark.parametrize(
    "text",
    [
        "The lamp is lit,\nthe sea is grey,\nThe ships go by\nand do not stay.",
        "Harbour Office\n12 Quay Street\nNorthport\nAnchor County",
        "床前明月光，\n疑是地上霜。\n举头望明月，\n低头思故乡。",
    ],
)
def test_verse_and_addresses_keep_their_lines(text: str) -> None:
    body = (
        "The lighthouse stands on a rock that the sea covers twice a day, and a boat brings oil for its lamp."
    )
    assert text in normalized(f"{body}\n\n{text}\n\n{body}")


@pytest.mark.parametrize(
    "text",
    [
        "灯塔立在海水每天两次淹没的岩石上，灯油由\n小船在每个月第一个平静的早晨送来，山羊整\n年住在岩石上，没有人知道它们怎样来到这里。",
        "灯台は一日に二度海に沈む岩の上に立\nち、油は毎月の初めの静かな朝に小舟\nが運んでくる。",
    ],
)
@pytest.mark.parametrize("format", ["text", "markdown"])
def test_wrapped_chinese_and_japanese_is_one_paragraph_without_spaces(text: str, format: str) -> None:
    assert normalized(text, format) == text.replace("\n", "")


@pytest.mark.parametrize("format", ["text", "markdown"])
def test_a_soft_hyphen_at_a_lines_end_leaves_the_word_whole(format: str) -> None:
    text = "Der alte Leucht\u00ad\nturm steht auf einem Felsen, den das Meer um\u00ad\nspült, und leuchtet."
    whole = "Der alte Leuchtturm steht auf einem Felsen, den das Meer umspült, und leuchtet."
    assert normalized(text, format).replace("\n", " ") == whole
    assert format == "text" or normalized(text, format) == whole
    # The second half is a line of its own: no empty line comes below it.
    assert "Leuchtturm\n\n" not in normalized("Der alte Leucht\u00ad\nturm\nsteht auf einem Felsen.", format)


@pytest.mark.parametrize(
    "stanza",
    [
        "Cuando llega la noche\ny se apaga la lumbre,\nlas barcas dan la vuelta\ny se pierden de vista.",
        "Al caer de la tarde,\nse levanta la brisa,\ny las velas del puerto\nse despiden con prisa.",
    ],
)
def test_the_first_line_of_a_stanza_is_no_heading(stanza: str) -> None:
    body = (
        "El faro está sobre una roca que el mar cubre dos veces al día, y una barca trae aceite para su luz."
    )
    article = normalize(SourceFile("a.txt", f"El faro\n\n{body}\n\n{stanza}\n\n{body}", "utf-8", "0"))
    assert stanza in article.text
    assert all(block.kind == "paragraph" for block in article.blocks)


def test_a_heading_right_above_its_paragraph_is_still_one() -> None:
    text = f"{GERMAN}\n\nDas Öl\n{GERMAN}"
    article = normalize(SourceFile("a.txt", text, "utf-8", "0"))
    assert [article.text[b.start : b.end] for b in article.blocks if b.kind == "heading"] == ["Das Öl"]
