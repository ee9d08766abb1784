"""What is done on a cluster, done here step by step, and what is said where it cannot be done.
tests/soak/test_cluster.py runs one."""

from __future__ import annotations

import builtins
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import search
from kb.build import BuildReport
from kb.building.sources import Found, find
from search.building.artifacts import background_vectors
from search.cluster import ray_encoding as cluster
from search.encoding.encoder import load
from search.errors import ExtraMissing
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
    made = cluster.encoded(texts, encoder, space)
    caches.keep(made)
    caches.keep(made)
    again = cluster.Caches(library, encoder, space)
    assert len(again.vector_keys()) == len(set(texts.column("key").to_pylist()))
    assert cluster.new_texts(files, again.vector_keys(), again.token_keys()).num_rows == 0
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

    def encode(paths: list[Path], to: Path, *, address: str, **_options: Any) -> int:
        asked.append((address, [str(path) for path in paths]))
        return 0

    def build(paths: list[Path], to: Path, **_options: Any) -> BuildReport:
        asked.append(("build", [str(path) for path in paths]))
        return BuildReport(added=("a.txt",))

    monkeypatch.setattr(cluster, "encode_on_cluster", encode)
    monkeypatch.setattr(search, "build", build)
    result = CliRunner().invoke(main, ["build", *arguments])
    assert result.exit_code == 0, result.stderr
    assert asked == ([(address, sources)] if address else []) + [("build", sources)]
