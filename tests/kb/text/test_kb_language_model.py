"""py3langid's model, unpacked once and kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from many_scripts import SENTENCES
from py3langid.langid import MODEL_FILE, LanguageIdentifier, visit_counts

from kb.building.prepare import Prepared, Reading
from kb.building.processes import Processes
from kb.building.sources import Found, find
from kb.text import language_model
from kb.text.language_model import identifier, keep_in


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the model is kept during a test; nothing is remembered before or after."""
    monkeypatch.setattr(language_model, "_folder", None)
    identifier.cache_clear()
    keep_in(tmp_path / "languages")
    yield tmp_path / "languages"
    identifier.cache_clear()


def ranks() -> list[list[tuple[str, float]]]:
    model, _ = identifier()
    return [model.rank(text) for text in SENTENCES.values()]


def test_a_kept_model_says_what_the_packed_one_says(folder: Path) -> None:
    first = ranks()
    (kept,) = folder.iterdir()
    assert kept.stat().st_mode & 0o777 == 0o644
    identifier.cache_clear()
    written = kept.stat().st_mtime_ns
    assert ranks() == first
    assert kept.stat().st_mtime_ns == written


def test_the_model_knows_languages_of_the_table_only(folder: Path) -> None:
    for _ in range(2):  # unpacked, then as it was kept
        model, codes = identifier()
        assert set(codes) == set(model.labels)
        assert {"pl", "ru", "lv", "tl", "nb", "en"} <= set(codes.values())
        identifier.cache_clear()


def test_processes_that_read_files_find_it_unpacked(folder: Path, tmp_path: Path) -> None:
    texts = [tmp_path / f"{number}.txt" for number in range(2)]
    for path in texts:
        path.write_text("Każdego ranka piekarz wstaje wcześnie, żeby był chleb dla wszystkich.", "utf-8")
    with Processes(2) as processes:
        tasks = [Reading(found) for found in find(texts) if isinstance(found, Found)]
        made = [one for items in processes.run(tasks) for one in items]
    assert [one.article.language for one in made if isinstance(one, Prepared)] == ["pl", "pl"]
    assert [path.suffix for path in folder.iterdir()] == [".npz"]
    assert identifier.cache_info().currsize == 0  # in this process nobody needs it


@pytest.mark.parametrize("damage", ["empty", "cut off", "a changed byte", "another file"])
def test_a_damaged_one_is_made_again(folder: Path, damage: str) -> None:
    first = ranks()
    (kept,) = folder.iterdir()
    content = bytearray(kept.read_bytes())
    if damage == "empty":
        kept.write_bytes(b"")
    elif damage == "cut off":
        kept.write_bytes(content[: len(content) // 2])
    elif damage == "a changed byte":
        content[len(content) // 2] ^= 1
        kept.write_bytes(content)
    else:
        with kept.open("wb") as file:
            np.savez(file, features=np.zeros(3))
    identifier.cache_clear()
    assert ranks() == first
    assert len(list(folder.iterdir())) == 1
    assert kept.stat().st_size == len(content)


def test_a_folder_that_cannot_be_written_is_done_without(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder.write_text("not a folder")
    assert ranks()
    assert "the next build will take longer" in caplog.text


@given(
    st.one_of(
        st.binary(max_size=80),
        st.text(max_size=400).map(str.encode),
        st.sampled_from(list(SENTENCES.values())).map(str.encode),
    )
)
@settings(deadline=None)  # the model is unpacked first
def test_a_text_is_walked_to_what_py3langid_counts_in_it(text: bytes) -> None:
    model, _ = identifier()
    features, counts = model.features(text)
    walked = visit_counts(model.tk_nextmove, model._rowbase, model.tk_output, text)
    assert dict(zip(features.tolist(), counts.tolist(), strict=True)) == (walked or {})


def test_ranks_are_py3langids() -> None:
    model, _ = identifier()
    plain = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    plain.set_languages(list(model.nb_classes))
    for text in (*SENTENCES.values(), " ".join(SENTENCES.values()), "", "7"):
        ours, theirs = dict(model.rank(text)), dict(plain.rank(text))
        assert ours == pytest.approx(theirs, abs=1e-4)
