"""One name, whichever way it is spelled: on the disk, in archives, where a person types it."""

from __future__ import annotations

import io
import struct
import unicodedata
import zipfile
from collections.abc import Iterable
from pathlib import Path
from zlib import crc32

import pytest

from kb import build
from kb.building.sources import sources
from kb.models import SkippedSource, SourceFile
from kb.readers import FORMATS, RawFile
from kb.store.store import Store
from kb.text.names import source_name

TEXT = "The weir keeper counts the eels each autumn and writes the number on the wall of the mill."


def decomposed(name: str) -> str:
    return unicodedata.normalize("NFD", name)


def test_a_name_has_one_spelling() -> None:
    assert source_name(decomposed("Fähre/Überfahrt.txt")) == "Fähre/Überfahrt.txt"
    assert source_name("kabli\udce9.txt") == "kabli\\udce9.txt"


@pytest.mark.parametrize("name", ["Brücke.txt", "Việt Nam.txt", "があ.txt", "각.txt", "Йод.txt"])
def test_the_files_of_a_mac_go_by_the_names_that_people_type(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    path = folder / decomposed(name)
    path.write_text(TEXT)
    with Store.create(tmp_path / "kb.db") as store:
        assert build.update(store, [folder], 1).added == (name,)
        for spelled in (name, decomposed(name)):
            stored = store.at(1).article_by_source(spelled)
            assert stored is not None
            assert stored.article.source == name
        assert build.add(store, [path], 2).unchanged == (name,)
        assert build.remove(store, [decomposed(name)], 3).removed == (name,)


def test_two_files_whose_names_differ_by_normal_form_alone_are_told_of(tmp_path: Path) -> None:
    (tmp_path / "Brücke.txt").write_text(TEXT)
    (tmp_path / decomposed("Brücke.txt")).write_text(TEXT + " Again.")
    good, bad = sorted(sources([tmp_path]), key=lambda item: isinstance(item, SkippedSource))
    assert isinstance(good, SourceFile)
    assert isinstance(bad, SkippedSource)
    assert good.source == bad.source == "Brücke.txt"
    assert "has the same name as" in bad.reason


# --- archives


def archive(names: Iterable[str], encoding: str, extra: bool = False) -> bytes:
    """A zip whose members' names are written in this encoding, without a word about it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        for i, name in enumerate(names):
            raw = name.encode(encoding)
            info = zipfile.ZipInfo("QXZJ"[i] * len(raw))
            if extra:
                field = b"\x01" + struct.pack("<I", crc32(raw)) + name.encode()
                info.extra = struct.pack("<HH", 0x7075, len(field)) + field
            made.writestr(info, TEXT)
    data = buffer.getvalue()
    for i, name in enumerate(names):
        raw = name.encode(encoding)
        data = data.replace(("QXZJ"[i] * len(raw)).encode(), raw)
    return data


def members(data: bytes) -> list[str]:
    raw = RawFile("a.zip", "/root", data, "")
    return [
        item.source.partition("#")[2] for item in FORMATS[".zip"].read(raw) if isinstance(item, SourceFile)
    ]


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        ("gbk", ["会议纪要.txt"]),
        ("gbk", ["水磨说明.txt", "照片/目录.txt"]),
        ("big5", ["會議紀錄.txt"]),
        ("shift_jis", ["議事録.txt", "予定.txt"]),
        ("cp949", ["회의록.txt", "여객선.txt"]),
        ("cp866", ["Отчёт за год.txt"]),
        ("cp866", ["Мельница.txt"]),
        ("cp1251", ["Мельница.txt"]),
        ("cp437", ["Brücke.txt", "Mühle/Öl.txt"]),
        ("cp850", ["Résumé.txt"]),
        ("cp852", ["Zażółć.txt", "Książka.txt"]),
        ("cp1253", ["Γέφυρα.txt"]),
        ("cp862", ["טחנה ישנה.txt"]),
        ("utf-8", ["Brücke.txt", "橋.txt"]),
    ],
)
def test_names_without_a_word_on_their_encoding_are_told_from_one_another(
    encoding: str, names: list[str]
) -> None:
    assert members(archive(names, encoding)) == sorted(names)


def test_a_name_that_is_there_in_unicode_as_well_is_taken_from_there() -> None:
    assert members(archive(["Ølé.txt"], "cp850", extra=True)) == ["Ølé.txt"]


def test_a_decomposed_name_in_an_archive_is_composed() -> None:
    assert members(archive([decomposed("Brücke/Mühle.txt")], "utf-8")) == ["Brücke/Mühle.txt"]


def test_a_member_that_breaks_its_reader_costs_no_other() -> None:
    data = archive(["a.txt", "b.csv", "c.txt"], "utf-8")
    broken = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(broken, "w") as new:
        for name in old.namelist():
            new.writestr(name, b"%PDF-1.7\n%broken" if name == "b.csv" else old.read(name))
    items = list(FORMATS[".zip"].read(RawFile("a.zip", "/root", broken.getvalue(), "")))
    assert [item.source for item in items] == ["a.zip#a.txt", "a.zip#b.csv", "a.zip#c.txt"]
    assert [isinstance(item, SkippedSource) for item in items] == [False, True, False]
