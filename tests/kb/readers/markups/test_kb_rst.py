"""reStructuredText, as Sphinx would show it."""

from __future__ import annotations

from format_files import RST, kinds, one, texts


def test_restructured_text_keeps_what_sphinx_adds_and_what_is_broken() -> None:
    made = one("a.rst", RST)
    assert (made.title, made.language, made.date, made.author) == (
        "Мельница",
        "ru",
        "2024-05-06",
        "Иван Петров",
    )
    whole = "\n".join(texts(made))
    wanted = [
        "История",
        "Мельница стоит у реки и |version| работает, см. раздел и join, код и слово на реке.",
        "Вода нужна мельнице.",
        "Второй абзац заметки.",
        "3.2",
        "Новое колесо из дуба.",
        "Довод",
        "Содержание странного.",
        "def f():\n\n    return 1",
        "spam(eggs, ham=1)",
        "Делает муку.",
        "первый пункт",
        "второй пункт",
        "Год | Деньги\n1876 | 120",
        "| a | b",
    ]
    at = 0
    for piece in wanted:
        assert whole.count(piece) == 1, piece
        assert whole.index(piece) >= at, piece
        at = whole.index(piece) + len(piece)
    for mark in ("::", "root:", "hidden", "System Message", "option", "~", "<hist>"):
        assert mark not in whole
    assert ("item", 0, 2, "второй пункт") in kinds(made)
