"""What is done on a cluster, done here step by step, and what is said where it cannot be done.
tests/soak/test_cluster.py runs one."""

from __future__ import annotations

import builtins
import re
import socket
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import search
from kb.build import BuildReport
from kb.building.sources import Found, find
from kb.readers import Fields
from search.building.artifacts import background_vectors
from search.cluster import ray_encoding as cluster
from search.encoding.encoder import load
from search.errors import BackendUnavailable, ExtraMissing
from webapp.errors import meaning
from webapp.terminal.cli import main


def test_without_the_extra_the_message_says_which(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bread.txt").write_text("Bread rises because yeast makes gas.")
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name.partition(".")[0] == "ray":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ExtraMissing, match=re.escape("pip install 'rosetta-kb[ray]'")):
        cluster.encode_on_cluster([tmp_path], tmp_path / "kb")
    assert not (tmp_path / "kb" / "kb.sqlite").exists()


def test_what_was_encoded_elsewhere_is_not_encoded_again(tmp_path: Path, tiny_cache: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    pages = tmp_path / "pages"
    pages.mkdir()
    for name in ("bread", "tides"):
        (pages / f"{name}.md").write_text(f"# About {name}\n\nThis is of {name}. It is the same. It ends.\n")
    (pages / "torn.pdf").write_bytes(b"%PDF-1.7 torn")
    found = [one for one in find([pages]) if isinstance(one, Found)]
    files = pyarrow.Table.from_pylist([{**asdict(one), "path": str(one.path)} for one in found])
    encoder, library = load(cache=tiny_cache), tmp_path / "kb"
    space = background_vectors(encoder, tiny_cache).tokens
    library.mkdir()
    caches = cluster.Caches(library, encoder, space)
    texts = cluster.new_texts(files, caches.vector_keys(), caches.token_keys())
    assert "It is the same." in texts.column("text").to_pylist()
    told = {row["file"]: row for row in texts.to_pylist() if not row["key"]}
    assert told.keys() == {"bread.md", "tides.md", "torn.pdf"}
    assert bool(told["torn.pdf"]["problem"]), told
    assert sum(row["texts"] for row in told.values()) == texts.num_rows - 3
    made = cluster.encoded(texts, encoder, space)
    caches.keep(made)
    caches.keep(made)
    again = cluster.Caches(library, encoder, space)
    assert len(again.vector_keys()) == len(set(texts.column("key").to_pylist()) - {b""})
    nothing = cluster.new_texts(files, again.vector_keys(), again.token_keys())
    assert [row["texts"] for row in nothing.to_pylist()] == [0, 0, 0]
    before = sizes(library)
    told: list[str] = []
    report = search.build(
        [pages], library, cache=tiny_cache, progress=lambda stage, done, total: told.append(stage)
    )
    assert len(report.added) == 2
    assert not {"encoding passages", "encoding sentences"} & set(told)
    # The tokens are the generation's now.
    assert before.keys() - sizes(library).keys() == {"tokens", "index"}


def sizes(library: Path) -> dict[str, int]:
    """Of the caches, by their kind."""
    return {path.suffix[1:]: path.stat().st_size for path in (library / "cache").iterdir()}


@pytest.mark.parametrize(
    ("arguments", "address", "sources"),
    [
        (["--cluster"], cluster.LOCAL, ["corpus"]),
        (["--cluster", "pages"], cluster.LOCAL, ["pages"]),
        (["pages", "--cluster"], cluster.LOCAL, ["pages"]),
        (["--cluster", "auto", "pages"], "auto", ["pages"]),
        (["--cluster=ray://head.example:10001", "pages"], "ray://head.example:10001", ["pages"]),
        (["pages", "more", "--cluster", "10.0.0.7:6379"], "10.0.0.7:6379", ["pages", "more"]),
        (["pages"], None, ["pages"]),
    ],
)
def test_an_address_is_told_from_a_source(
    arguments: list[str],
    address: str | None,
    sources: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[str, list[str]]] = []

    def on_cluster(paths: list[Path], to: Path, *, address: str, **_options: Any) -> BuildReport:
        asked.append((address, [str(path) for path in paths]))
        return BuildReport(added=("a.txt",))

    def build(paths: list[Path], to: Path, **_options: Any) -> BuildReport:
        asked.append(("build", [str(path) for path in paths]))
        return BuildReport(added=("a.txt",))

    monkeypatch.setattr(cluster, "build_on_cluster", on_cluster)
    monkeypatch.setattr(search, "build", build)
    result = CliRunner().invoke(main, ["build", *arguments])
    assert result.exit_code == 0, result.stderr
    assert asked == [(address or "build", sources)]


def test_a_build_that_had_to_encode_itself_says_why_and_fails_though_the_library_is_made(
    tmp_path: Path, tiny_cache: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    pages, library = tmp_path / "pages", tmp_path / "kb"
    pages.mkdir()
    (pages / "bread.md").write_text("# About bread\n\nYeast makes gas. Dough rises. It is baked.\n")
    (pages / "torn.pdf").write_bytes(b"%PDF-1.7 torn")
    unread = {"bread.md": "10.0.0.2: it is not there", "torn.pdf": "10.0.0.2: it is torn"}
    asked: list[tuple[Any, ...]] = []

    def encode(sources: list[Path], to: Path, *, fields: Fields, **_options: Any) -> cluster.Sent:
        asked.append((*sources, fields))
        return cluster.Sent(texts=0, sentences=0, unread=unread)

    monkeypatch.setattr(cluster, "encode_on_cluster", encode)
    with pytest.raises(
        BackendUnavailable, match=r"1 files could .* bread\.md \(10\.0\.0\.2: it is not"
    ) as said:
        cluster.build_on_cluster(iter([pages]), library, address="h:1", cache=tiny_cache, text_field="body")
    assert meaning(said.value).exit_code == 3
    assert asked == [(pages, Fields("body", None))]
    assert "bread.md: could not be read on the cluster" in caplog.text
    assert "torn.pdf" not in caplog.text
    # The next one finds all encoded.
    report = cluster.build_on_cluster([pages], library, address="h:1", cache=tiny_cache, text_field="body")
    assert report.unchanged == ("bread.md",)


def test_a_few_sentences_that_only_the_build_knows_are_no_failure(
    tmp_path: Path, tiny_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bread.txt").write_text("Yeast makes gas. Dough rises. It is baked.\n")
    sent = cluster.Sent(texts=1000, sentences=1000, unread={})
    monkeypatch.setattr(cluster, "encode_on_cluster", lambda *_, **__: sent)
    report = cluster.build_on_cluster(
        [tmp_path / "bread.txt"], tmp_path / "kb", address="h:1", cache=tiny_cache
    )
    assert report.added == ("bread.txt",)


@pytest.mark.parametrize("form", ["{}", "ray://{}"])
def test_an_address_where_nobody_listens_is_told_at_once(form: str, tmp_path: Path) -> None:
    (tmp_path / "bread.txt").write_text("Bread rises because yeast makes gas.")
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = form.format(f"127.0.0.1:{server.getsockname()[1]}")
    began = time.monotonic()
    with pytest.raises(BackendUnavailable, match="no Ray cluster answers there"):
        cluster.encode_on_cluster([tmp_path], tmp_path / "kb", address=address)
    assert time.monotonic() - began < 15
