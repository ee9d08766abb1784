"""PDFs of many kinds: what stands on their pages is read in the order in which people read it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from kb_samples import BREAD_PDF, blank_pdf, encrypted_pdf
from pdf_samples import Run, advance, column, drawn, ending_at, typed

import kb.build
from kb.article.normalize import normalize
from kb.errors import SourceRefused
from kb.models import Article, SourceFile
from kb.readers.common import RawFile
from kb.readers.pdf.direction import in_reading_order
from kb.readers.pdf.pdf import read_pdf
from kb.store.store import Store

LEFT = [
    "The lighthouse stands on a rock that",
    "the sea covers twice a day. Its lamp",
    "is fed with oil that a boat brings on",
    "the first calm morning of each month.",
]
RIGHT = [
    "Goats live on the rock all year round",
    "and nobody knows how they came there.",
    "They eat weed and the paper in which",
    "the oil is wrapped, but not the rope.",
]
LEFT_TEXT, RIGHT_TEXT = " ".join(LEFT), " ".join(RIGHT)
WIDE = [
    "The keeper of the lighthouse writes down every ship that passes, with its flag and its cargo,",
    "and sends the list to the harbour with the boat that brings the oil in the following month.",
]


def read(data: bytes) -> SourceFile:
    (file,) = read_pdf(RawFile("a.pdf", "/r", data, "hash"))
    assert isinstance(file, SourceFile)
    return file


def texts(data: bytes) -> list[str]:
    """The blocks that are no furniture."""
    file = read(data)
    gone = {span.start for span in file.dropped}
    return [file.text[block.start : block.end] for block in file.blocks if block.start not in gone]


def article(data: bytes) -> Article:
    return normalize(read(data))


# --- columns and tables -----------------------------------------------------------------------------------


def by_rows(first: list[Run], second: list[Run]) -> list[Run]:
    return [run for pair in zip(first, second, strict=True) for run in pair]


@pytest.mark.parametrize("by", ["rows", "columns", "columns, the right one lower"])
def test_two_columns_are_read_one_after_the_other(by: str) -> None:
    first, second = column(60, 700, LEFT), column(320, 695 if "lower" in by else 700, RIGHT)
    page = by_rows(first, second) if by == "rows" else first + second
    assert texts(drawn([page])) == [LEFT_TEXT, RIGHT_TEXT]


def test_columns_stand_between_what_goes_over_both() -> None:
    page = [
        Run(60, 760, "The lighthouse", 20),
        *column(60, 720, WIDE),
        *by_rows(column(60, 660, LEFT), column(320, 660, RIGHT)),
        *column(60, 580, WIDE),
    ]
    made = texts(drawn([page]))
    assert made == ["The lighthouse", " ".join(WIDE), LEFT_TEXT, RIGHT_TEXT, " ".join(WIDE)]


def test_a_paragraph_goes_on_in_the_next_column_and_on_the_next_page() -> None:
    cut = "and nobody has ever seen where the old"
    page = by_rows(
        column(60, 700, [*LEFT[:3], cut]), column(320, 700, ["steps went,", *RIGHT[1:3], "the ship is"])
    )
    made = texts(drawn([page, column(60, 700, ["long gone from the bay, all the same."])]))
    assert len(made) == 1
    assert "where the old steps went, and nobody" in made[0]
    assert made[0].endswith("the ship is long gone from the bay, all the same.")


def test_a_table_is_read_row_by_row_and_no_cell_is_glued() -> None:
    rows = [
        ("Lamp", "Oil", "Hours"),
        ("Great", "3 kg", "12.5"),
        ("Small", "0.4 kg", "9.25"),
        ("Spare", "1 kg", "11"),
    ]
    page = [
        Run(x, 700 - 16 * i, cell)
        for i, row in enumerate(rows)
        for x, cell in zip((60, 220, 380), row, strict=True)
    ]
    made = texts(drawn([[*column(60, 760, WIDE), *page]]))
    assert made[1:] == ["Lamp Oil Hours\nGreat 3 kg 12.5\nSmall 0.4 kg 9.25\nSpare 1 kg 11"]


def test_chinese_columns_drawn_by_rows_are_joined_without_a_space() -> None:
    text = "灯塔立在海水每天两次淹没的岩石上灯油由小船在每个月第一个平静的早晨送来"
    text += "山羊整年住在岩石上没有人知道它们怎样来到这里"
    rows = [text[i : i + 14] for i in range(0, 56, 14)]
    page = by_rows(column(60, 700, rows[:2] * 2), column(320, 700, rows[2:] * 2))
    assert texts(drawn([page])) == ["".join(rows[:2] * 2 + rows[2:] * 2)]


# --- heads, feet and notes --------------------------------------------------------------------------------


def chronicle(pages: int) -> bytes:
    """A head of its own for left and for right pages, a note on each, and a number below."""
    made = []
    for n in range(1, pages + 1):
        head = "Notes of the Harbour" if n % 2 else "The Lighthouse Year"
        made.append(
            [
                Run(400 if n % 2 else 60, 800, head, 8),
                *column(
                    60,
                    760,
                    [f"In year {1900 + n} the lamp was mended and the keeper was given a new", *LEFT[1:3]],
                ),
                Run(60, 90, f"{n} See the book of {1900 + n}, harbour office.", 8),
                Run(280, 50, f"Page {n} of {pages}", 8),
            ]
        )
    return drawn(made)


def test_heads_and_numbers_go_with_a_reason_and_notes_and_first_lines_stay() -> None:
    made = article(chronicle(6))
    reasons = {span.text: span.reason for span in made.removed}
    assert reasons["Notes of the Harbour"] == reasons["The Lighthouse Year"] == "running head, on most pages"
    assert reasons["Page 3 of 6"] == "page number"
    assert set(reasons) == {
        "Notes of the Harbour",
        "The Lighthouse Year",
        *(f"Page {n} of 6" for n in range(1, 7)),
    }
    for n in range(1, 7):
        assert f"{n} See the book of {1900 + n}, harbour office." in made.text
        assert f"In year {1900 + n} the lamp" in made.text


def test_a_note_at_a_pages_foot_does_not_cut_the_sentence_that_goes_on_overleaf() -> None:
    one = [*column(60, 760, LEFT[:2]), Run(60, 90, "1 Told by the keeper.", 7)]
    two = column(60, 760, [*LEFT[2:], RIGHT[0]])
    made = texts(drawn([one, two]))
    assert made[0].startswith(LEFT_TEXT)
    assert made[1] == "1 Told by the keeper."


def test_a_year_or_a_table_at_a_pages_foot_is_no_page_number() -> None:
    feet = ("Table 7", "1820", "Anno 1745")
    pages = [[*column(60, 760, [RIGHT[n], *LEFT]), Run(60, 600, line)] for n, line in enumerate(feet)]
    made = article(drawn(pages))
    assert not made.removed
    assert all(line in made.text for line in feet)


@pytest.mark.parametrize("number", ["{}", "- {} -", "Seite {} von 4", "第 {} 页", "{} / 4", "Página {}"])
def test_page_numbers_of_many_kinds_go(number: str) -> None:
    pages = [
        [*column(60, 760, [RIGHT[n], *LEFT[:3]]), Run(280, 50, number.format(n + 1), 8)] for n in range(4)
    ]
    made = article(drawn(pages))
    assert [span.text for span in made.removed] == [number.format(n) for n in (1, 2, 3, 4)]


# --- letters ----------------------------------------------------------------------------------------------


def test_ligatures_are_letters() -> None:
    assert texts(drawn([column(60, 700, ["The oﬃcer found ﬁve ﬂags aﬂoat and an eﬀort."])])) == [
        "The officer found five flags afloat and an effort."
    ]


def test_a_raised_number_is_not_part_of_a_year_and_a_lowered_one_is_of_a_formula() -> None:
    x = 60 + advance("built in 1983")
    line = [Run(60, 700, "built in 1983"), Run(x, 704, "2", 6), Run(x + 3, 700, " of lead.")]
    assert texts(drawn([line])) == ["built in 1983² of lead."]
    water = [Run(60, 700, "It holds H"), Run(110, 698, "2", 6), Run(113, 700, "O only.")]
    assert texts(drawn([water])) == ["It holds H2O only."]


def test_a_large_initial_begins_its_word() -> None:
    page = [Run(60, 680, "T", 36), *column(80, 704, [LEFT[0][1:], LEFT[1]]), *column(60, 676, LEFT[2:])]
    assert texts(drawn([page])) == [LEFT_TEXT]


def test_spaced_letters_are_words() -> None:
    page = [Run(60, 740, "The keeper and his goats", spread=3), *column(60, 700, WIDE)]
    assert texts(drawn([page]))[0] == "The keeper and his goats"


def test_text_up_the_margin_is_kept_apart() -> None:
    made = texts(drawn([[*column(60, 700, LEFT), Run(30, 300, "Printed by the harbour", 8, turn=90)]]))
    assert made == [LEFT_TEXT, "Printed by the harbour"]


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_turned_page_is_read_as_if_it_were_not(turn: int) -> None:
    step = {90: (14, 0), 180: (0, 14), 270: (-14, 0)}[turn]
    page = [Run(300 + step[0] * i, 400 + step[1] * i, line, turn=turn) for i, line in enumerate(LEFT)]
    assert texts(drawn([page], rotate=turn)) == [LEFT_TEXT]


def test_thai_marks_stand_where_they_are_read() -> None:
    text = "เรือขนน้ำมันมาถึงเกาะในเช้าวันแรกที่ทะเลสงบ"
    assert texts(drawn([column(60, 700, [text])])) == [text]


# --- right to left ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seen", "read_as"),
    [
        ("‏.1947 תנשב הנבנ רואדגמה"[1:], "המגדאור נבנה בשנת 1947."),
        (".(ףרוחב) םילקש 15 ריחמב", "במחיר 15 שקלים (בחורף)."),
        ("רוטו Old Light םש", "שם Old Light וטור"),
        ("%20 התלע הקפסאה", "האספקה עלתה 20%"),
        ("2.40-3.50 ריחמ", "מחיר 2.40-3.50"),
    ],
)
def test_a_line_is_read_from_right_to_left_but_for_numbers_and_other_words(seen: str, read_as: str) -> None:
    if "%" in seen:
        seen = "20% התלע הקפסאה"  # as the algorithm shows it in Hebrew
    assert in_reading_order(seen) == read_as


def test_hebrew_as_it_looks_is_read_as_it_is_said() -> None:
    said = ["המגדאור עומד על סלע שהים מכסה פעמיים", "ביום מאז 1947, והשמן מגיע בסירה."]
    seen = ["םיימעפ הסכמ םיהש עלס לע דמוע רואדגמה", ".הריסב עיגמ ןמשהו ,1947 זאמ םויב"]
    made = article(drawn([ending_at(540, 700, seen)]))
    assert made.text == " ".join(said)
    assert made.language == "he"


def test_arabic_in_printed_forms_is_read_as_letters() -> None:
    seen = "ﺔﻤﻳﺪﻘﻟﺍ ﺓﺭﺎﻨﻤﻟﺍ"
    assert texts(drawn([ending_at(540, 700, [seen])])) == ["المنارة القديمة"]


# --- paragraphs -------------------------------------------------------------------------------------------


def test_words_broken_at_a_lines_end_are_whole_again() -> None:
    lines = [
        "Der Leuchtturm steht auf einem Felsen, den das Meer über-",
        "spült, und das Öl bringt ein Boot an ruhigen Tagen zum Haupt-",
        "und Nebenhafen auf der Strecke Ost-",
        "West, die von 1904-",
        "1911 gebaut wurde.",
    ]
    text = texts(drawn([column(60, 700, lines)], language="de"))[0]
    assert "das Meer überspült" in text
    assert "zum Haupt- und Nebenhafen auf der Strecke Ost-West, die von 1904-1911 gebaut" in text


def test_an_indented_line_and_a_gap_begin_paragraphs() -> None:
    page = [
        *column(60, 700, LEFT),
        Run(75, 644, RIGHT[0]),
        *column(60, 630, RIGHT[1:]),
        *column(60, 550, LEFT),
    ]
    assert texts(drawn([page])) == [LEFT_TEXT, RIGHT_TEXT, LEFT_TEXT]


def test_single_lines_far_apart_are_paragraphs_in_any_script() -> None:
    lines = ["灯塔立在岩石上，每天两次被海水淹没。", "管理员写道：", "今天没有船"]
    page = [Run(60, 700 - 26 * i, line) for i, line in enumerate(lines)]
    assert texts(drawn([page], language="zh")) == lines


def test_a_row_that_begins_with_a_sign_within_a_sentence_is_no_item() -> None:
    lines = ["The oil that is left in the tank is V = A", "· d, and the lamp burns for V / 3 of a day."]
    assert texts(drawn([column(60, 700, lines)])) == [" ".join(lines)]
    items = ["• oil", "• rope", "• a new wick for the lamp of the light"]
    file = read(drawn([column(60, 700, ["The boat brings:", *items])]))
    assert [block.kind for block in file.blocks] == ["paragraph", "item", "item", "item"]


def test_what_somebody_says_after_a_dash_is_no_item_of_a_list() -> None:
    page = [Run(60, 700 - 20 * i, line) for i, line in enumerate(["– Who lit it?", "– I did.", "– Why?"])]
    assert [text[0] for text in texts(drawn([[*column(60, 600, LEFT), *page]]))] == ["–", "–", "–", "T"]
    page = [Run(60, 700 - 20 * i, line) for i, line in enumerate(["– oil", "– rope", "– paper"])]
    file = read(drawn([[*column(60, 600, LEFT), *page]]))
    assert [block.kind for block in file.blocks] == ["item", "item", "item", "paragraph"]


def test_lines_that_end_early_are_the_authors() -> None:
    poem = ["The lamp is lit", "and the sea is grey and wide", "no ship", "has come to the rock today"]
    page = [*column(60, 700, WIDE), *column(60, 640, poem)]
    assert texts(drawn([page])) == [" ".join(WIDE), "\n".join(poem)]


PROSE = [
    "The lamp is lit at dusk by a small program, which reads the time of the sunset from",
    "a table that the keeper wrote, and which is shown here as it stands in his notebook:",
]
CODE = ["def dusk(day):", '    """Minutes."""', "    late = TABLE[day]", "", "    return  late  # UTC"]


def test_code_in_type_of_its_own_keeps_its_lines_and_its_indentation() -> None:
    steps = [24, 12, 12, 24]
    code = [line for line in CODE if line]
    rows = [(down, "Courier", line) for down, line in zip(steps, code, strict=True)]
    page = [(14, "Helvetica", row) for row in PROSE]
    file = read(typed([*page, *rows, (24, "Helvetica", PROSE[0]), (14, "Helvetica", PROSE[1])]))
    assert [block.kind for block in file.blocks] == ["paragraph", "code", "paragraph"]
    assert file.text[file.blocks[1].start : file.blocks[1].end] == "\n".join(CODE)
    assert file.text[: file.blocks[0].end] == " ".join(PROSE)


def test_a_typewritten_page_is_no_code() -> None:
    file = read(typed([(14, "Courier", row) for row in PROSE]))
    assert [block.kind for block in file.blocks] == ["paragraph"]
    assert file.text == " ".join(PROSE)


def test_statements_are_code_in_any_type() -> None:
    lines = ["def dusk(day):", "late = TABLE[day]", "if late > 0:", "late += 60"]
    indents = [0, 20, 20, 40]
    code = [Run(80 + by, 630 - 14 * i, line) for i, (line, by) in enumerate(zip(lines, indents, strict=True))]
    file = read(drawn([[*column(60, 700, LEFT), *code, *column(60, 550, RIGHT)]]))
    assert [block.kind for block in file.blocks] == ["paragraph", "code", "paragraph"]
    made = file.text[file.blocks[1].start : file.blocks[1].end]
    assert made.split("\n") == [" " * (by // 5) + line for line, by in zip(lines, indents, strict=True)]


# --- refusals and limits ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (encrypted_pdf(), "is encrypted; save it without a password"),
        (blank_pdf(), "holds no text, only pictures; run text recognition (OCR) on it"),
        (b"%PDF-1.7\nnothing of the kind", "cannot be read as PDF"),
        (b"  \n", "is empty"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_remedy(data: bytes, why: str) -> None:
    with pytest.raises(SourceRefused, match=r"a\.pdf") as refused:
        read(data)
    assert why in refused.value.reason


def test_a_lost_table_of_objects_is_found_again() -> None:
    at = BREAD_PDF.rindex(b"startxref")
    assert "How bread is made" in texts(BREAD_PDF[:at] + b"startxref\n7\n%%EOF")


@pytest.mark.slow
def test_a_page_of_thirty_thousand_letters_apart_is_read_in_time() -> None:
    page = [Run(20 + 5.5 * (n % 100), 820 - 2.5 * (n // 100), "ab"[n % 2], 1) for n in range(30_000)]
    started = time.process_time()
    made = read(drawn([page]))
    assert time.process_time() - started < 60
    assert sum(map(made.text.count, "ab")) == 30_000


@pytest.mark.slow
def test_pdfs_are_read_in_a_process_with_little_memory(tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "good.pdf").write_bytes(chronicle(6))
    (pages / "torn.pdf").write_bytes(BREAD_PDF[:400])
    (pages / "noise.pdf").write_bytes(b"%PDF-1.4\n" + bytes(range(256)) * 4_000)
    (pages / "loop.pdf").write_bytes(
        drawn([column(60, 700, LEFT)]).replace(b"/Kids [6 0 R]", b"/Kids [7 0 R]")
    )
    with Store.create(tmp_path / "kb.sqlite") as store:
        report = kb.build.update(store, [pages], 1)
    assert report.added == ("good.pdf",)
    assert sorted(one.source for one in report.skipped) == ["loop.pdf", "noise.pdf", "torn.pdf"]
