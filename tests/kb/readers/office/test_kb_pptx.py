"""Slides, from top to bottom."""

from __future__ import annotations

import io
import zipfile

from format_files import one, slides, texts


def test_slides_are_read_from_top_to_bottom_with_tables_charts_groups_and_notes() -> None:
    made = one("a.pptx", slides())
    assert (made.title, made.author) == ("Dzirnavu vēsture", "Anna")
    assert [(b.page, made.text[b.start : b.end]) for b in made.blocks] == [
        (1, "Ievads"),
        (1, "Dzirnavas stāv pie upes."),
        (1, "Ūdens griež ratu."),
        (1, "Pastāstīt par ratu."),
        (2, "Tabula"),
        (2, "augšā"),
        (2, "Gads | Nauda\n1876 | 120"),
        (2, "kreisais"),
        (2, "labais\njauna rinda"),
        (2, "Pilsētas"),
        (2, "Iedzīvotāji\nRīga | 605802\nLiepāja | 67964"),
        (2, "grupā"),
    ]
    assert [b.kind for b in made.blocks][:4] == ["heading", "item", "item", "paragraph"]


def test_what_a_slide_says_twice_for_older_programs_is_said_once() -> None:
    to = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(slides())) as old, zipfile.ZipFile(to, "w") as new:
        for name in old.namelist():
            data = old.read(name).decode("utf-8") if name == "ppt/slides/slide1.xml" else old.read(name)
            if isinstance(data, str):
                start, end = data.rindex("<p:sp>"), data.rindex("</p:sp>") + 7
                box = data[start:end]
                data = (
                    f'{data[:start]}<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/'
                    f'markup-compatibility/2006"><mc:Choice Requires="a14">{box}</mc:Choice><mc:Fallback>'
                    f"{box}</mc:Fallback></mc:AlternateContent>{data[end:]}"
                )
            new.writestr(name, data)
    assert texts(one("a.pptx", to.getvalue())) == texts(one("a.pptx", slides()))
