"""Rich text."""

from __future__ import annotations

from format_files import RTF, kinds, one, reasons, refused


def test_rich_text_has_headings_lists_tables_notes_and_boxes() -> None:
    made = one("a.rtf", RTF)
    assert (made.title, made.language, made.author, made.date) == (
        "Dzirnavu vēsture",
        "lv",
        "Jānis",
        "2024-05-06",
    )
    assert kinds(made) == [
        ("heading", 2, None, "Ievads"),
        ("paragraph", 0, None, "Pirmā rinda 10⁶, H₂O turpinās.\nJauna rinda."),
        ("paragraph", 0, None, "Piezīme par upi."),
        ("paragraph", 0, None, "Привет 日本 日😀! x‑y coop"),
        ("item", 0, 1, "viens"),
        ("item", 0, 2, "divi"),
        ("paragraph", 0, None, "Gads | Nauda\n1876 | 120 kronas"),
        ("paragraph", 0, None, "Aiz lodziņa. saite"),
        ("paragraph", 0, None, "Lodziņš."),
        ("paragraph", 0, None, "Дa beigas"),
    ]
    assert reasons(made) == [("Galvene", "the page's head")]


def test_rich_text_of_many_groups_or_none_is_refused() -> None:
    assert "nested" in refused("a.rtf", b"{\\rtf1 " + b"{" * 100_000)
    assert "no RTF" in refused("a.rtf", b"Dzirnavas")
    assert "no text" in refused("a.rtf", b"{\\rtf1 {\\pict 0102}}")
