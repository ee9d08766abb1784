"""Every file of every format is read under limits; what one of them, or a part of one, does costs only that.

Faults are put into the processes that read, as a parser's would come: no format is asked whether it is apart.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from format_files import epub, page
from kb_samples import PL, record

import kb.build
import kb.building.prepare
from kb.building import reader_process
from kb.building.prepare import Failed, Prepared, Reading
from kb.building.processes import Processes
from kb.building.settings import BUILDING
from kb.building.sources import Found, find
from kb.models import SkippedSource
from kb.readers import FORMATS, Format, RawFile
from kb.store.store import Store

pytestmark = pytest.mark.slow

ENDING = {  # their process, which takes a second to start again: each format meets one of them
    "hangs": "time.sleep(600)",
    "works without end": "while True: pass",
    "ends its process": "os._exit(3)",
    "ends its process politely": "sys.exit(0)",
    "crashes": "ctypes.string_at(0)",
}
FAULTS = {
    **ENDING,
    "takes all memory": "held = bytearray(2 << 30)",
    "is out of memory": "raise MemoryError",
    "is nested too deeply": "fault()",
    "fails inside Python": "raise SystemError('no')",
    "fails as nobody foresaw": "raise KeyError('no')",
    "fails as no Exception does": "raise type('PanicException', (BaseException,), {})('no')",
}
MARK = "Zymurgy"

_FAULTY = """
import ctypes, os, sys, time
from dataclasses import replace
from functools import partial
import kb.building.prepare
from kb.readers import FORMATS

def fault():
    {fault}

def read(real, raw):
    if "bad" in raw.source:
        fault()
    return real(raw)

def clean(source, *hints, real=kb.building.prepare.normalize_and_note):
    if "{mark}" in source.text:
        fault()
    return real(source, *hints)

for suffix, one in list(FORMATS.items()):
    FORMATS[suffix] = replace(one, read=partial(read, one.read))
{more}
kb.building.prepare.normalize_and_note = clean
main()
"""


@pytest.fixture
def faulty(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Processes that read meet this fault in each file whose name has "bad", and in each marked article."""

    def put(fault: str, more: str = "") -> None:
        code = _FAULTY.format(fault=FAULTS[fault], mark=MARK, more=more)
        start = reader_process._START
        assert start.endswith("\nmain()\n")
        monkeypatch.setattr(reader_process, "_START", start.removesuffix("main()\n") + code)

    yield put
    reader_process._waiting.clear()


def read(folder: Path, seconds: int) -> dict[str, Prepared | SkippedSource | Failed]:
    """What became of each source under a folder."""
    tasks = [Reading(found) for found in find([folder]) if isinstance(found, Found)]
    became: dict[str, Prepared | SkippedSource | Failed] = {}
    with Processes(2, seconds=seconds) as pool:
        for task, items in zip(tasks, pool.run(tasks), strict=True):
            for item in items:
                assert isinstance(item, (Prepared, SkippedSource, Failed))
                name = task.found.source if isinstance(item, Failed) else item.source
                became[name if isinstance(name, str) else name.source] = item
    return became


@pytest.mark.parametrize("fault", FAULTS)
def test_no_format_can_end_hang_or_fill_a_build(
    tmp_path: Path, faulty: Callable[..., None], monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    faulty(fault)
    place = list(ENDING).index(fault) if fault in ENDING else 0
    suffixes = list(FORMATS)[place :: len(ENDING)] if fault in ENDING else list(FORMATS)
    for suffix in suffixes:
        (tmp_path / f"bad{suffix}").write_text(PL, "utf-8")
    (tmp_path / "good.txt").write_text(PL, "utf-8")
    monkeypatch.setattr(reader_process, "BUILDING", replace(BUILDING, patience=2))
    became = read(tmp_path, seconds=4 if fault in ("hangs", "works without end") else 60)
    assert isinstance(became.pop("good.txt"), Prepared)
    assert set(became) == {f"bad{suffix}" for suffix in suffixes}
    for source, item in became.items():
        assert isinstance(item, (SkippedSource, Failed)), source
        assert "; " in item.reason, source


def test_a_format_that_is_added_is_bounded_without_a_word(
    tmp_path: Path, faulty: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(FORMATS, ".new", Format(lambda raw: iter(()), 1_000))
    added = "from kb.readers import Format\nFORMATS['.new'] = Format(lambda raw: fault(), 1_000)"
    faulty("ends its process", added)
    (tmp_path / "bad.new").write_text(PL, "utf-8")
    (tmp_path / "good.txt").write_text(PL, "utf-8")
    became = read(tmp_path, seconds=60)
    assert isinstance(became["bad.new"], Failed)
    assert isinstance(became["good.txt"], Prepared)


def test_nothing_is_read_in_the_process_of_a_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever its format, and however few files there are."""

    def refuse(*_given: object) -> None:
        raise AssertionError("read in this process")

    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "a.txt").write_text(PL, "utf-8")
    (folder / "b.md").write_text(f"# Chleb\n\n{PL}", "utf-8")
    (folder / "c.jsonl").write_text(record(PL), "utf-8")
    (folder / "d.csv").write_text(f'title,text\nChleb,"{PL}"\n', "utf-8")
    for suffix, one in list(FORMATS.items()):
        monkeypatch.setitem(FORMATS, suffix, replace(one, read=refuse))
    monkeypatch.setattr(kb.building.prepare, "normalize_and_note", refuse)
    with Store.create(tmp_path / "kb.sqlite") as store:
        report = kb.build.update(store, [folder], 1)
        assert report.added == ("a.txt", "b.md", "c.jsonl#1", "d.csv#1")
        assert report.skipped == ()


# --- a part of a file


def _zip(path: Path, texts: list[str]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for n, text in enumerate(texts):
            archive.writestr(f"{n}.txt", text)


def _mbox(path: Path, texts: list[str]) -> None:
    letters = (
        f"From a@b.c Mon Jan  1 10:00:00 2024\nSubject: {n}\n\n{text}\n" for n, text in enumerate(texts)
    )
    path.write_text("\n".join(letters), "utf-8")


def _eml(path: Path, texts: list[str]) -> None:
    head = "Subject: bread\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=bb\n\n"
    body = f"--bb\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{texts[0]}\n"
    attached = (
        f"--bb\nContent-Type: text/plain; charset=utf-8; name={n}.txt\n"
        f"Content-Disposition: attachment; filename={n}.txt\nContent-Transfer-Encoding: 8bit\n\n{text}\n"
        for n, text in enumerate(texts[1:], 1)
    )
    path.write_text(head + body + "".join(attached) + "--bb--\n", "utf-8")


def _epub(path: Path, texts: list[str]) -> None:
    path.write_bytes(epub({f"{n}.xhtml": page(f"<p>{text}</p>") for n, text in enumerate(texts)}, ""))


def _jsonl(path: Path, texts: list[str]) -> None:
    path.write_text("\n".join(map(record, texts)), "utf-8")


def _json(path: Path, texts: list[str]) -> None:
    path.write_text(json.dumps([{"text": text} for text in texts]), "utf-8")


def _csv(path: Path, texts: list[str]) -> None:
    path.write_text("title,text\n" + "".join(f'{n},"{text}"\n' for n, text in enumerate(texts)), "utf-8")


MANY = {
    ".zip": _zip,
    ".mbox": _mbox,
    ".eml": _eml,
    ".epub": _epub,
    ".jsonl": _jsonl,
    ".json": _json,
    ".csv": _csv,
}
FIVE = [f"{PL} Numer {n}." for n in range(5)]


@pytest.mark.parametrize("suffix", MANY)
@pytest.mark.parametrize("fault", ["hangs", "ends its process", "fails as nobody foresaw"])
def test_a_bad_part_of_a_file_costs_only_itself(
    tmp_path: Path, faulty: Callable[..., None], monkeypatch: pytest.MonkeyPatch, suffix: str, fault: str
) -> None:
    monkeypatch.setattr(reader_process, "BUILDING", replace(BUILDING, patience=2))
    MANY[suffix](tmp_path / f"sound{suffix}", FIVE)
    MANY[suffix](tmp_path / f"worse{suffix}", [*FIVE[:2], f"{PL} {MARK}.", *FIVE[3:]])
    faulty(fault)
    became = read(tmp_path, seconds=4)
    sound = {name: item for name, item in became.items() if name.startswith("sound")}
    assert len(sound) == 5 or suffix == ".epub"
    assert len(sound) >= 1
    assert all(isinstance(item, Prepared) for item in sound.values())
    refused = [name for name, item in became.items() if not isinstance(item, Prepared)]
    assert len(refused) == 1
    assert set(became) == set(sound) | {name.replace("sound", "worse") for name in sound}


@pytest.mark.parametrize("fault", ["hangs", "ends its process", "is out of memory"])
def test_a_bad_member_that_is_itself_of_many_costs_only_itself(
    tmp_path: Path, faulty: Callable[..., None], monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setattr(reader_process, "BUILDING", replace(BUILDING, patience=2))
    with zipfile.ZipFile(tmp_path / "pages.zip", "w") as archive:
        archive.writestr("a.jsonl", "\n".join(map(record, FIVE[:2])))
        archive.writestr("bad.csv", "x")
        archive.writestr("bad.pdf", "x")
        archive.writestr("z.jsonl", "\n".join(map(record, FIVE[2:4])))
    faulty(fault)
    became = read(tmp_path, seconds=4)
    made = {name for name, item in became.items() if isinstance(item, Prepared)}
    assert made == {
        "pages.zip#a.jsonl#1",
        "pages.zip#a.jsonl#2",
        "pages.zip#z.jsonl#1",
        "pages.zip#z.jsonl#2",
    }
    assert set(became) - made == {"pages.zip#bad.csv", "pages.zip#bad.pdf"}


def test_where_many_members_stop_their_process_it_is_not_read_for_ever(
    tmp_path: Path, faulty: Callable[..., None]
) -> None:
    with zipfile.ZipFile(tmp_path / "pages.zip", "w") as archive:
        for n in range(30):
            archive.writestr(f"bad{n:02}.txt", PL)
    faulty("ends its process")
    became = read(tmp_path, seconds=60)
    assert isinstance(became["pages.zip"], Failed)
    assert len(became) < 15


def test_a_raw_file_says_of_its_members_that_they_are_read() -> None:
    raw = RawFile("a.zip", "/root", b"", "0")
    assert raw.enter("a.zip#b") is None
    assert raw.inside("a.zip#b", b"x").enter is raw.enter
