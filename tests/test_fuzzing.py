"""Bytes that make no sense: none of them breaks what is promised. Longer: `make soak`."""

from __future__ import annotations

import io
import json
import warnings
import zipfile
from pathlib import Path

import pytest
from fuzzing import CASES, TARGETS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

PIECES = [
    *("# Title\n\n", "- item\n", "> quote\n", "[a](javascript:x)", "<b onclick=x>", "</div>", "```\n"),
    *("\x00", "\u202e", "\ufeff", "e\u0301", "\r\n", "\r", "\u2028", "  \n", "&lt;script&gt;", "&#x0;"),
    *('"', "„", "”", "«", "-", "lang:pl ", "lang:", "(", "*", "~9", "Accept all cookies\n", "© 2020\n"),
    *(
        "A sentence that ends here. ",
        "Ett. ",
        "5. maijā ",
        "и т. д. ",
        "\n\n",
        "---\ntitle: x\n---\n",
        "第一句。",
    ),
]
TEXT = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=20)), max_size=30).map("".join)
NAMED = st.sampled_from(["text", "title", "lang", "url", "date", "x"])
ODD = st.none() | st.booleans() | st.floats() | st.text(max_size=9)
RECORDS = st.lists(
    st.dictionaries(NAMED, st.text(), max_size=5) | st.recursive(ODD, st.lists, max_leaves=9), max_size=6
)
SETTINGS = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def zipped(members: list[tuple[str, bytes]]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a name that is there twice is meant
        for name, content in members:
            archive.writestr(name.replace("\x00", "") or "x", content)
    return made.getvalue()


NAMES = st.sampled_from(["a.txt", "b.md", "../c.txt", "/d.html", "e.jsonl", "f.zip", "é\u202e.txt", "a.txt"])


@SETTINGS
@pytest.mark.parametrize("target", ["normaliser", "grammar", "marking", "txt", "md", "html"])
@given(TEXT)
def test_any_text_keeps_the_promises(target: str, text: str) -> None:
    TARGETS[target](text.encode("utf-8", "surrogatepass"))


@SETTINGS
@pytest.mark.parametrize("target", sorted(TARGETS))
@given(st.binary(max_size=300))
def test_any_bytes_keep_the_promises(target: str, data: bytes) -> None:
    TARGETS[target](data)


@SETTINGS
@given(RECORDS, st.integers(0, 200))
def test_any_records_keep_the_promises(records: list[object], cut: int) -> None:
    lines = "\n".join(json.dumps(one) for one in records).encode()
    TARGETS["jsonl"](lines[: len(lines) - cut] if cut < 100 else lines)


@SETTINGS
@given(st.lists(st.tuples(NAMES, st.binary(max_size=80) | TEXT.map(str.encode)), max_size=4), st.data())
def test_any_archive_keeps_the_promises(members: list[tuple[str, bytes]], data: st.DataObject) -> None:
    packed = bytearray(zipped(members))
    for _ in range(data.draw(st.integers(0, 3))):
        packed[data.draw(st.integers(0, len(packed) - 1))] = data.draw(st.integers(0, 255))
    TARGETS["zip"](bytes(packed))


@pytest.mark.parametrize("case", sorted(CASES.rglob("*.case")), ids=lambda path: path.stem)
def test_what_was_found_stays_mended(case: Path) -> None:
    TARGETS[case.parent.name](case.read_bytes())
