"""What building on a cluster says where it cannot; tests/soak/test_cluster.py runs one."""

from __future__ import annotations

import builtins
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import search
from kb.build import BuildReport
from search import cluster
from search.errors import ExtraMissing
from webapp.cli import main


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
