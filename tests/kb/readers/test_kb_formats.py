"""All formats in one build."""

from __future__ import annotations

from pathlib import Path

import pytest
from format_files import ADOC, ODT, RST, RTF, epub, letter, odf, packed, page, slides, workbook

from kb.build import update
from kb.store.store import Store


@pytest.mark.slow
def test_a_build_reads_them_in_processes_of_their_own(tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    files = {
        "a.adoc": ADOC.encode(),
        "b.epub": epub({"a.xhtml": page("<p>Dzirnavas stāv pie upes.</p>")}, ""),
        "c.eml": letter("The wheel is broken.", Subject="Mill").as_bytes(),
        "d.odt": odf(ODT),
        "e.pptx": slides(),
        "f.rst": RST.encode(),
        "g.rtf": RTF,
        "h.xlsx": workbook(),
        "i.odt": b"PK\x03\x04 no archive",
        "j.pptx": packed({"a": "b"}),
        "k.xlsx": b"\xd0\xcf\x11\xe0",
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    with Store.create(tmp_path / "kb.sqlite") as store:
        report = update(store, [folder], 1)
        assert sorted(report.added) == [
            "a.adoc",
            "b.epub#OPS/a.xhtml",
            "c.eml",
            "d.odt",
            "e.pptx",
            "f.rst",
            "g.rtf",
            "h.xlsx",
        ]
        assert [one.source for one in report.skipped] == ["i.odt", "j.pptx", "k.xlsx"]
        again = update(store, [folder], 2)
        assert sorted(again.unchanged) == sorted(report.added)
