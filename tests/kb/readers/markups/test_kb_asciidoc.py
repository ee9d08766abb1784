"""AsciiDoc, as its reader sees it."""

from __future__ import annotations

from format_files import ADOC, kinds, one, reasons


def test_asciidoc_is_read_as_its_reader_sees_it() -> None:
    made = one("a.adoc", ADOC)
    assert (made.title, made.language, made.date, made.author) == (
        "चक्की का इतिहास",
        "hi",
        "2024-05-06",
        "राम कुमार",
    )
    assert kinds(made) == [
        (
            "paragraph",
            0,
            None,
            "चक्की गंगा नदी के किनारे है और दूसरी पंक्ति मोटा तिरछा code *x* कड़ी यहाँ 10⁶ H₂O. {unknown}\nनई पंक्ति",
        ),
        ("paragraph", 0, None, "नदी की टिप्पणी।"),
        ("heading", 2, None, "पहला अध्याय"),
        ("paragraph", 0, None, "खंड टिप्पणी।"),
        ("paragraph", 0, None, "दूसरा।"),
        ("item", 0, None, "एक"),
        ("item", 0, None, "दो आगे"),
        ("paragraph", 0, None, "जुड़ा अनुच्छेद"),
        ("item", 0, 1, "पहला"),
        ("item", 0, 2, "दूसरा"),
        ("paragraph", 0, None, "कोड का शीर्षक"),
        ("code", 0, None, "def f():\n\n    return 1"),
        ("item", 0, 1, "समझाना"),
        ("paragraph", 0, None, "वर्ष | पैसा\n1876 | 120 मुकुट और"),
        ("paragraph", 0, None, "शब्द"),
        ("item", 0, None, "परिभाषा"),
        ("paragraph", 0, None, "पुरानी चक्की"),
        ("paragraph", 0, None, "पंक्ति एक\nपंक्ति दो"),
        ("paragraph", 0, None, "snake_case_name 2*3*4 Ctrl+C"),
    ]
    assert reasons(made) == [("include::other.adoc[]", "names another file, which is read by itself")]
