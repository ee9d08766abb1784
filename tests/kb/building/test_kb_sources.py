from __future__ import annotations

import codecs
import os
from pathlib import Path
from typing import Any

import pytest
from kb_samples import write

from kb.building.sources import sources
from kb.errors import InputError
from kb.models import SkippedSource, SourceFile


def read(path: Path, limit: int = 10_000_000) -> tuple[dict[str, SourceFile], dict[str, str]]:
    """Source files by name, and the reasons of those skipped."""
    items = list(sources([path], limit=limit))
    good = {item.source: item for item in items if isinstance(item, SourceFile)}
    return good, {item.source: item.reason for item in items if isinstance(item, SkippedSource)}


def test_files_come_sorted_with_relative_names(tmp_path: Path) -> None:
    write(tmp_path, {"b.txt": "b", "a/z.txt": "z", "a/b/c.md": "c", "A.txt": "a"})
    assert [item.source for item in sources([tmp_path])] == ["A.txt", "b.txt", "a/z.txt", "a/b/c.md"]
    assert list(sources([tmp_path])) == list(sources([tmp_path]))


def test_a_file_given_directly_goes_by_its_name(tmp_path: Path) -> None:
    write(tmp_path, {"deep/er/README.md": "# Hello\n\nWorld"})
    good, skipped = read(tmp_path / "deep/er/README.md")
    assert list(good) == ["README.md"]
    assert not skipped


@pytest.mark.parametrize(
    "data",
    [
        "Zażółć gęślą jaźń — ł".encode(),
        codecs.BOM_UTF8 + "Zażółć gęślą jaźń — ł".encode(),
        "Zażółć gęślą jaźń — ł".encode("utf-16"),
        codecs.BOM_UTF16_BE + "Zażółć gęślą jaźń — ł".encode("utf-16-be"),
        "Zażółć gęślą jaźń — ł".encode("utf-16-le"),
        "Zażółć gęślą jaźń — ł".encode("utf-32"),
    ],
)
def test_unicode_encodings_are_read(tmp_path: Path, data: bytes) -> None:
    good, _ = read(write(tmp_path, {"a.txt": data}))
    assert good["a.txt"].text == "Zażółć gęślą jaźń — ł"


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("koi8-r", "Каждое утро пекарь встаёт в три часа, чтобы хлеб был готов вовремя. " * 5),
        ("cp1251", "Каждое утро пекарь встаёт в три часа, чтобы хлеб был готов вовремя. " * 5),
        (
            "cp1250",
            "Każdego ranka piekarz wstaje o trzeciej, żeby chleb był gotowy na czas, mówiąc łąka. " * 5,
        ),
        ("shift_jis", "毎朝三時にパン屋さんは起きます。パンが間に合うようにするためです。" * 5),
    ],
)
def test_older_encodings_are_recognised(tmp_path: Path, encoding: str, text: str) -> None:
    good, _ = read(write(tmp_path, {"a.txt": text.encode(encoding)}))
    assert good["a.txt"].text == text


def test_unusable_files_are_named_with_a_remedy_and_the_rest_is_read(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "good.txt": "Hello there.",
            "empty.txt": "",
            "blank.txt": " \n\t\n",
            "binary.txt": b"\x89PNG\r\n\x00\x00\x01" * 9,
            "big.txt": "x" * 2001,
            "bom.txt": codecs.BOM_UTF8,
        },
    )
    good, skipped = read(tmp_path, limit=2000)
    assert list(good) == ["good.txt"]
    assert set(skipped) == {"empty.txt", "blank.txt", "binary.txt", "big.txt", "bom.txt"}
    assert "empty" in skipped["empty.txt"]
    assert "binary" in skipped["binary.txt"]
    assert "limit" in skipped["big.txt"]
    assert all("; " in reason and "\n" not in reason for reason in skipped.values())


def test_documents_without_a_reader_are_reported_and_other_files_passed_over(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "a.txt": "a",
            "b.pdf": b"%PDF",
            "c.jpg": b"\xff",
            "style.css": "x",
            "noname": b"\x7fELF\x00",
            "d.txt~": "x",
        },
    )
    good, skipped = read(tmp_path)
    assert list(good) == ["a.txt"]
    assert list(skipped) == ["b.pdf"]
    assert list(read(tmp_path / "c.jpg")[1]) == ["c.jpg"], "named directly, it is reported"


def test_hidden_files_are_passed_over(tmp_path: Path) -> None:
    write(tmp_path, {".git/a.txt": "a", ".secret.txt": "b", "__MACOSX/c.txt": "c", "d.txt": "d"})
    assert list(read(tmp_path)[0]) == ["d.txt"]


def test_a_readme_describes_the_folder_but_below_it_is_an_article(tmp_path: Path) -> None:
    write(tmp_path, {"README.md": "about", "docs/README.md": "article"})
    good, skipped = read(tmp_path)
    assert list(good) == ["docs/README.md"]
    assert list(skipped) == ["README.md"]


def test_links_that_lead_outside_are_refused(tmp_path: Path) -> None:
    write(tmp_path, {"in/a.txt": "a", "out/secret.txt": "s"})
    (tmp_path / "in/file.txt").symlink_to(tmp_path / "out/secret.txt")
    (tmp_path / "in/folder").symlink_to(tmp_path / "out")
    (tmp_path / "in/broken.txt").symlink_to(tmp_path / "in/nowhere.txt")
    good, skipped = read(tmp_path / "in")
    assert list(good) == ["a.txt"]
    assert set(skipped) == {"file.txt", "folder", "broken.txt"}


def test_a_loop_of_links_ends(tmp_path: Path) -> None:
    write(tmp_path, {"a/b.txt": "b"})
    (tmp_path / "a/again").symlink_to(tmp_path)
    (tmp_path / "a/itself.txt").symlink_to(tmp_path / "a/itself.txt")
    good, skipped = read(tmp_path)
    assert list(good) == ["a/b.txt"]
    assert list(skipped) == ["a/itself.txt"]


def test_a_pipe_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    assert list(read(tmp_path)[1]) == ["pipe.txt"]


def test_a_path_that_is_not_there_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        list(sources([tmp_path / "nowhere"]))


def test_unreadable_files_and_folders_are_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"a.txt": "a", "b.txt": "b", "closed/c.txt": "c"})
    real_open, real_scandir = os.open, os.scandir

    def no_open(path: Any, *args: Any, **named: Any) -> Any:
        if str(path).endswith("b.txt"):
            raise PermissionError(13, "Permission denied", str(path))
        return real_open(path, *args, **named)

    def no_scandir(path: Any) -> Any:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return real_scandir(path)

    monkeypatch.setattr(os, "open", no_open)
    monkeypatch.setattr(os, "scandir", no_scandir)
    good, skipped = read(tmp_path)
    assert list(good) == ["a.txt"]
    assert set(skipped) == {"b.txt", "closed"}
    with pytest.raises(InputError, match="permission"):
        list(sources([tmp_path / "closed"]))


def test_the_same_name_from_two_folders_is_reported(tmp_path: Path) -> None:
    write(tmp_path, {"one/a.txt": "1", "two/a.txt": "2"})
    items = list(sources([tmp_path / "one", tmp_path / "two"]))
    assert isinstance(items[0], SourceFile)
    assert isinstance(items[1], SkippedSource)
    assert "same name" in items[1].reason


def test_front_matter_is_read(tmp_path: Path) -> None:
    front = "title: 'A: title'\nlanguage: fil\ndate: 2024-05-03\nurl: https://example.com/x"
    text = f"---\n{front}\n---\n# Body\n\nText."
    good, _ = read(write(tmp_path, {"a.md": text}))
    file = good["a.md"]
    assert (file.title, file.language, file.date, file.url) == (
        "A: title",
        "tl",
        "2024-05-03",
        "https://example.com/x",
    )
    assert file.text == "# Body\n\nText."


@pytest.mark.parametrize(
    "text",
    [
        "---\n: : [\n---\nText.",
        "---\n- a list\n---\nText.",
        "---\nno end",
        "---\ntitle: !!python/object/apply:os.system ['true']\n---\nText.",
        "---\ntitle: Bread: a history\nauthor: !!python/name:os.system x\n---\nText.",
        "---\ntitle: Bread: a history\nauthors:\n  - !Person x\n---\nText.",
        "---\ntitle: *none\n---\nText.",
        "---\ntitle: Bread: a history\nauthor: &x Eva: *x\n---\nText.",
    ],
)
def test_what_is_no_front_matter_is_text(tmp_path: Path, text: str) -> None:
    assert read(write(tmp_path, {"a.md": text}))[0]["a.md"].text == text


def test_front_matter_cannot_take_another_files_name(tmp_path: Path) -> None:
    for i, source in enumerate(["../../etc/passwd", "/etc/passwd", "official/statement.md", "b.md"]):
        write(
            tmp_path,
            {f"{i}.md": f"---\nsource: '{source}'\ncleaned: true\nurl: 'javascript:alert(1)'\n---\nText."},
        )
    write(tmp_path, {"official/statement.md": "We say what is so."})
    good, skipped = read(tmp_path)
    assert set(good) == {*(f"{i}.md" for i in range(4)), "official/statement.md"}
    assert not skipped
    assert good["official/statement.md"].text == "We say what is so."
    assert all(file.url is None for file in good.values())
