"""Files whose names say nothing, or the wrong thing, are read as what they are."""

from __future__ import annotations

import io
from pathlib import Path

import docx
import pytest
from kb_samples import PAGE, pdf

from kb import build
from kb.building.sources import sources
from kb.models import SkippedSource, SourceFile
from kb.readers.sniffing import told
from kb.store.store import Store

WORDS = "The lock keeper opens the gate at dawn, when the first barge comes up the canal with gravel."


def word() -> bytes:
    made, buffer = docx.Document(), io.BytesIO()
    made.add_paragraph(WORDS)
    made.save(buffer)
    return buffer.getvalue()


FILES = {
    "page.txt": PAGE.encode(),
    "page.doc": PAGE.encode(),
    "paper.txt": pdf([[(12, WORDS)]]),
    "paper.dat": pdf([[(12, WORDS)]]),
    "letter.txt": word(),
    "letter.doc": word(),
    "notes": WORDS.encode(),
    "today.log": WORDS.encode(),
    "records": f'{{"text": "{WORDS}"}}\n{{"text": "{WORDS} Twice."}}\n'.encode(),
}
PASSED_OVER = {
    "picture": b"\x89PNG\r\n\x1a\n\x00\x00",
    "program": b"\x7fELF\x02\x01\x01\x00",
    "tool": b"#!/bin/sh\necho a b c\n",
    "Makefile": b"all:\n\techo done\n",
    "code.py": b"print('a page of words')\n",
    "empty": b"",
}


def test_what_a_file_is_counts_not_what_it_is_called(tmp_path: Path) -> None:
    for name, data in {**FILES, **PASSED_OVER}.items():
        (tmp_path / name).write_bytes(data)
    items = list(sources([tmp_path]))
    assert not [item for item in items if isinstance(item, SkippedSource)]
    found = {item.source: item for item in items if isinstance(item, SourceFile)}
    assert {name.partition("#")[0] for name in found} == set(FILES)
    assert "Piekarz wstaje" in found["page.txt"].text
    assert "<p>" not in found["page.doc"].text
    for name in ("paper.txt", "paper.dat", "letter.txt", "letter.doc", "notes", "today.log", "records#1"):
        assert " ".join(found[name].text.split()) == WORDS


def test_the_old_word_format_is_still_named(tmp_path: Path) -> None:
    (tmp_path / "a.doc").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    (item,) = sources([tmp_path])
    assert isinstance(item, SkippedSource)
    assert ".doc is not read" in item.reason


def test_a_build_reads_what_hides_behind_txt_in_a_process_that_can_be_stopped(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "paper.txt").write_bytes(pdf([[(12, WORDS)]]))
    with Store.create(tmp_path / "kb.db") as store:
        assert build.update(store, [folder], 1).added == ("paper.txt",)
        assert build.update(store, [folder], 2).unchanged == ("paper.txt",)


def test_only_what_is_sure_is_told() -> None:
    assert told(b"Some words that mention %PDF-1.4 and <html> and {\\rtf1") == ".txt"
    assert told("Zażółć".encode("cp1250")) is None
    assert told(b"PK\x03\x04" + bytes(40)) == ".zip"
    assert told(b"{\\rtf1\\ansi") == ".rtf"


def test_the_fields_that_an_owner_names_reach_the_readers_and_are_remembered(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.csv").write_text(f'left,right\n"{WORDS}","{WORDS[::-1]}"\n')
    import os

    os.utime(folder / "a.csv", (1_000_000_000, 1_000_000_000))
    from kb.errors import InputError

    with Store.create(tmp_path / "kb.db") as store:
        with pytest.raises(InputError, match="--text-field"):
            build.update(store, [folder], 1)
        assert build.update(store, [folder], 1, text_field="left").added == ("a.csv#1",)
        assert build.update(store, [folder], 2, text_field="left").unchanged == ("a.csv#1",)
        assert build.update(store, [folder], 3, text_field="right", title_field="left").changed == (
            "a.csv#1",
        )
