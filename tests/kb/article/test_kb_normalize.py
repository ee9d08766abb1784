from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kb_samples import REMOVED

from kb.article.normalize import normalize
from kb.building.sources import sources
from kb.errors import SourceRefused
from kb.export.markdown_files import to_markdown
from kb.models import Article, SourceFile
from kb.readers import RawFile, read_markdown

CORPUS = Path(__file__).parents[3] / "corpus"

TITLES = {
    "lv": "Kāpēc klientu apkalpošanas kvalitāte ir svarīga?",
    "nb": "Hvordan du tjener Har kundens lojalitet?",
    "pl": "Jaki jest związek między obsługą klienta a lojalnością klientów?",
    "ru": "Теория обслуживания клиентов",
    "tl": "Ano ang koneksyon sa pagitan ng serbisyo ng customer at katapatan ng customer?",
}
HEADINGS = {
    "lv": [
        "Kāpēc klientu apkalpošanas kvalitāte ir tik svarīga?",
        "Klientu apkalpošanas konsekvence",
        "Ilgstoša vērtība",
        "Klientu lojalitāte",
        "Klientu apkalpošana kā ieņēmumu ģenerators",
        "Secinājums",
    ],
    "nb": [
        "Kundeservice:..",
        "Customer Satisfaction:",
        "Customer Retention.",
        "Vil du tjene kunden’.?. Lojalitet",
    ],
    "pl": [],
    "ru": [
        "Элементы обслуживания клиентов",
        "Особенности обслуживания клиентов",
        "Каковы преимущества хорошего обслуживания клиентов?",
        "Основная теория обслуживания клиентов",
    ],
    "tl": [],
}


@pytest.fixture(scope="module")
def files() -> dict[str, SourceFile]:
    return {item.source[:2]: item for item in sources([CORPUS]) if isinstance(item, SourceFile)}


@pytest.fixture(scope="module")
def articles(files: dict[str, SourceFile]) -> dict[str, Article]:
    return {code: normalize(file) for code, file in files.items()}


def without_space(text: str) -> str:
    return "".join(text.split())


# --- the five articles


@pytest.mark.parametrize("code", TITLES)
def test_language_title_and_headings_of_the_corpus(articles: dict[str, Article], code: str) -> None:
    made = articles[code]
    assert made.language == code
    assert made.title == TITLES[code]
    assert [made.text[b.start : b.end] for b in made.blocks if b.kind == "heading"] == HEADINGS[code]


@pytest.mark.parametrize("code", REMOVED)
def test_exactly_the_page_furniture_is_removed(
    files: dict[str, SourceFile], articles: dict[str, Article], code: str
) -> None:
    spans = articles[code].removed
    for span in spans:
        assert files[code].text[span.start : span.end] == span.text
    shown = [span.text if "\n" not in span.text else _ends(span.text) for span in spans]
    assert shown == REMOVED[code]


def _ends(text: str) -> str:
    first, *_, last = text.split("\n")
    return f"{first} … {last.strip().split('. ', 1)[1]}"


def test_the_norwegian_list_goes_whole(articles: dict[str, Article]) -> None:
    (span,) = articles["nb"].removed
    lines = [line for line in span.text.split("\n") if line.strip()]
    assert lines[0] == "forretningsrådgivning"
    assert [line.strip().split(".")[0] for line in lines[1:]] == [str(i) for i in range(1, 21)]


@pytest.mark.parametrize("code", REMOVED)
def test_nothing_else_is_lost(files: dict[str, SourceFile], articles: dict[str, Article], code: str) -> None:
    """White space aside, the source less removed spans, with repairs made, is the title and the text."""
    source, made = files[code].text, articles[code]
    pieces: list[str] = []
    done = 0
    edits = [(s.start, s.end, "") for s in made.removed] + [(r.start, r.end, r.after) for r in made.repairs]
    for start, end, after in sorted(edits):
        pieces += (source[done:start], after)
        done = end
    left = "".join([*pieces, source[done:]])
    words = [made.text[b.start : b.end] for b in made.blocks]
    numbers = [f"{b.number}." if b.number else "" for b in made.blocks]
    kept = made.title + "".join(number + word for number, word in zip(numbers, words, strict=True))
    assert without_space(kept) == without_space(left)


def test_quotation_marks_are_mended(articles: dict[str, Article]) -> None:
    text = articles["nb"].text
    assert "“magi teori” som ville" in text
    assert "et selskap’s eksistens" in text
    assert "kunden’s forventninger" in text
    assert "Lojalitet må være opptjent» - Janet Robinson." in text
    assert "&" not in text
    assert {repair.after.strip() for repair in articles["nb"].repairs} == {"’", "”", "»", ""}


def test_glued_sentences_are_split_again(articles: dict[str, Article]) -> None:
    assert "katapatan ng customer. Karaniwan, ipinapalagay" in articles["tl"].text
    assert len(articles["tl"].repairs) == 13
    assert all(repair.before == "" and repair.after == " " for repair in articles["tl"].repairs)


def test_numbered_lists_survive(articles: dict[str, Article]) -> None:
    assert [b.number for b in articles["ru"].blocks if b.kind == "item"] == [1, 2, 3, 4, 5]
    assert "\n2. Гибкость: Фирма" in articles["ru"].text
    assert not [b for code in "lv nb pl tl".split() for b in articles[code].blocks if b.kind == "item"]  # noqa: SIM905


@pytest.mark.parametrize("code", TITLES)
def test_an_export_reads_back_as_the_same_article(articles: dict[str, Article], code: str) -> None:
    made = articles[code]
    raw = RawFile(made.source, "", to_markdown(made).encode(), "0")
    again = normalize(next(read_markdown(raw)))
    bare = {"content_hash": "", "removed": (), "repairs": ()}
    assert dataclasses.replace(again, **bare) == dataclasses.replace(made, **bare)  # type: ignore[arg-type]


# --- any text


def article(text: str) -> Article:
    return normalize(SourceFile("page.txt", text, "utf-8", "0"))


def kinds(text: str) -> list[tuple[str, str]]:
    made = article(text)
    return [(b.kind, made.text[b.start : b.end]) for b in made.blocks]


PARAGRAPH = (
    "Die Imker im Dorf erzählen, dass die Bienen in diesem Jahr früher schwärmen als sonst,"
    " weil der März so warm "
    "gewesen ist."
)


def test_the_first_title_like_line_is_the_title() -> None:
    assert article(f"Bienen im Frühling\n\n{PARAGRAPH}").title == "Bienen im Frühling"
    assert article(f"Warum schwärmen Bienen so früh?\n{PARAGRAPH}").title == "Warum schwärmen Bienen so früh?"


def test_without_a_title_the_first_sentence_stands_in_and_stays() -> None:
    made = article(PARAGRAPH)
    assert made.title.startswith("Die Imker im Dorf erzählen")
    assert made.title.endswith("…")
    assert made.text == PARAGRAPH


def test_a_lone_line_is_title_and_text() -> None:
    made = article("Ein einziger Satz")
    assert (made.title, made.text) == ("Ein einziger Satz", "Ein einziger Satz")


def test_wrapped_lines_are_joined() -> None:
    wrapped = (
        "Die Imker im Dorf erzählen, dass die Bienen in\n"
        "diesem Jahr früher schwärmen als sonst, weil\n"
        "der März warm war."
    )
    assert kinds(f"Bienen\n\n{wrapped}") == [("paragraph", wrapped.replace("\n", " "))]


def test_lines_without_blank_lines_are_paragraphs_of_their_own() -> None:
    made = kinds(f"Bienen\n{PARAGRAPH}\nWabenbau\n{PARAGRAPH}\n{PARAGRAPH}")
    assert made == [
        ("paragraph", PARAGRAPH),
        ("heading", "Wabenbau"),
        ("paragraph", PARAGRAPH),
        ("paragraph", PARAGRAPH),
    ]


def test_an_ordinal_at_a_lines_start_is_no_list() -> None:
    text = (
        "Kevad\n\n5. mail sulas lumi ja jõgi tõusis üle kallaste, nii et külarahvas pidi paatidega liikuma."
    )
    assert [kind for kind, _ in kinds(text)] == ["paragraph"]
    assert "5. mail sulas" in article(text).text


def test_bullets_make_a_list() -> None:
    assert kinds(f"Bienen\n\n{PARAGRAPH}\n\n• Honig\n• Wachs\n• Pollen")[1:] == [
        ("item", "Honig"),
        ("item", "Wachs"),
        ("item", "Pollen"),
    ]


def test_a_line_that_introduces_a_list_is_no_heading() -> None:
    made = kinds(
        f"Bienen\n\n{PARAGRAPH}\n\nDas alles liefern uns die Bienen jedes Jahr:\n\n1. Honig\n2. Wachs"
    )
    assert made[1] == ("paragraph", "Das alles liefern uns die Bienen jedes Jahr:")


def test_text_in_a_script_without_spaces_is_structured() -> None:
    body = "每天早上三点面包师就起床，好让面包按时做好。他先揉面，再把面团放在温暖的地方发酵一个小时。"
    made = article(f"面包师的早晨\n\n{body * 2}\n\n烤炉\n\n{body * 2}")
    assert made.title == "面包师的早晨"
    assert made.language == "zh"
    assert [b.kind for b in made.blocks] == ["paragraph", "heading", "paragraph"]


def test_right_to_left_text_is_structured() -> None:
    body = (
        "يستيقظ الخباز كل صباح في الساعة الثالثة ليكون الخبز جاهزا في الوقت المناسب،"
        " ثم يعجن الدقيق ويشعل الفرن."
    )
    made = article(f"صباح الخباز\n\n{body}\n\nالفرن\n\n{body}")
    assert (made.title, made.language) == ("صباح الخباز", "ar")
    assert [b.kind for b in made.blocks] == ["paragraph", "heading", "paragraph"]


@pytest.mark.parametrize("text", ["…", "* * *", "\u200b\n\u00ad", "{{ x }}\n\n{{ y }}"])
def test_a_page_without_words_is_refused(text: str) -> None:
    with pytest.raises(SourceRefused, match=r"page\.txt"):
        article(text)


TEXTS = st.text(
    alphabet=st.sampled_from("aB é.?!:;,\n\n#*-_[]()<>&'\"1234. «»–\tžя中ก"), max_size=200
) | st.lists(st.sampled_from(["Ein Satz hier.", "Kurz", "1. eins", "2. zwei", "- a", "", PARAGRAPH])).map(
    "\n".join
)


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_blocks_cover_the_text_and_have_their_places(text: str) -> None:
    try:
        made = article(text)
    except SourceRefused:
        return
    assert made.title.strip()
    done, rest = 0, []
    for block in made.blocks:
        words = made.text[block.start : block.end]
        assert words == words.strip() != ""
        assert block.start >= done
        rest.append(made.text[done : block.start])
        done = block.end
        assert block.kind == "paragraph" or "\n" not in words
    assert done == len(made.text)
    assert set("".join(rest)) <= set("\n #-.0123456789")


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_any_export_reads_back_as_the_same_article(text: str) -> None:
    try:
        made = article(text)
    except SourceRefused:
        return
    again = normalize(next(read_markdown(RawFile("page.md", "", to_markdown(made).encode(), "0"))))
    assert (again.title, again.text, again.blocks) == (made.title, made.text, made.blocks)
