"""The bench against peers: its pure parts, and its protocol with Rosetta at the other end."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

sys.path.append(str(Path(__file__).parent / "bench"))

from peers import encoders, texts
from peers.client import Client, Place, RunnerFailed, apart
from peers.figures import Failure, Quality, Run, Speed, behind, percentile
from peers.plot import draw
from peers.protocol import answer, peak_memory
from peers.report import markdown
from peers.systems import SYSTEMS, rosetta

from search.encoding.encoder import OnnxEncoder
from search.encoding.preparation import prepare_bundled

PASSAGES = 50


def speed(system: str, passages: int, **other: float) -> Speed:
    held = {"build": 10.0, "open": 1.0, "first_answer": 2.0, "p50": 0.02, "p95": 0.04, "encode": 0.004}
    held |= {"build_cpu": 15.0, "cpu": 0.03}
    sizes = {"build_memory": 500_000_000, "disk": 20_000_000, "memory": 400_000_000}
    return Speed(**{"system": system, "passages": passages, "real": False, **held, **sizes, **other})


@pytest.fixture
def run() -> Run:
    speeds = [speed("rosetta", size, p50=0.02) for size in (1_000, 10_000)]
    speeds += [speed("txtai", size, p50=0.01 * size / 1_000, build=20.0) for size in (1_000, 10_000)]
    graded = [Quality("rosetta", 0.8, 0.8, 0.5), Quality("txtai", 0.25, 0.9, 1.0)]
    return Run(
        machine="2 cores",
        date="2026-01-01",
        load=(0.1, 1.5),
        questions=200,
        versions={"txtai": {"txtai": "9.14.0"}},
        speeds=speeds,
        qualities=graded,
        quality_questions=200,
        failures=[Failure("milvus", 10_000, "milvus could not build: its process died")],
    )


def test_a_percentile_lies_between_its_neighbours_in_proportion() -> None:
    assert percentile([4, 1, 3, 2], 0.5) == 2.5
    assert percentile([7], 0.95) == 7
    assert percentile(list(range(101)), 0.95) == pytest.approx(95)
    with pytest.raises(ValueError, match="nothing"):
        percentile([], 0.5)


def test_what_is_behind_is_told_with_how_many_times(run: Run) -> None:
    found = {(one.measure, one.passages): one.times for one in behind(run)}
    assert found == {
        ("question p50", 1_000): {"txtai": pytest.approx(2)},
        ("scattered MRR@10", 0): {"txtai": pytest.approx(1.125)},
    }


def test_the_tables_hold_every_system_size_ratio_and_failure(run: Run) -> None:
    told = markdown(run)
    assert "### 1,000 passages, looked-up vectors" in told
    assert "| built, passages/s | 100 | 50 (0.5) |" in told
    assert "question p50, 1,000 passages: txtai, hybrid 2 times" in told
    assert "question p50, 10,000 passages" not in told
    assert "its process died" in told
    assert "load average 0.1 before and 1.5 after" in told


def test_a_run_is_the_same_after_json(run: Run) -> None:
    assert Run.from_dict(json.loads(json.dumps(run.to_dict()))) == run


def test_the_plot_has_a_line_for_each_system_in_each_panel(run: Run) -> None:
    drawn = ElementTree.fromstring(draw(run))
    space = "{http://www.w3.org/2000/svg}"
    panels = drawn.findall(f"{space}g")
    assert [panel.find(f"{space}text").text for panel in panels] == [  # type: ignore[union-attr]
        "question p50, ms",
        "to build, s",
        "memory, serving, MB",
        "disk, MB",
    ]
    assert {len(panel.findall(f"{space}polyline")) for panel in panels} == {2}
    assert "Rosetta at 10,000 passages: 20 ms a question" in drawn.find(f"{space}desc").text  # type: ignore


def test_passages_are_the_same_in_every_run_and_a_longer_library_begins_with_a_shorter_one() -> None:
    some, more = list(texts.passages(30)), list(texts.passages(60))
    assert more[:30] == some
    assert len({one.text for one in more}) == 60
    assert len({one.language for one in more}) == 12


def test_written_passages_are_read_with_the_names_they_were_given(tmp_path: Path) -> None:
    held = list(texts.passages(5))
    names = texts.write(tmp_path, held)
    assert names[0] == "000.jsonl#1"
    assert list(texts.read(tmp_path)) == list(zip(names, held, strict=True))


def test_there_are_questions_enough_and_none_comes_twice() -> None:
    asked = texts.questions()
    assert len(asked) >= 220
    assert len(set(asked)) == len(asked)


def test_every_peers_module_is_there_and_its_packages_are_pinned() -> None:
    folder = Path(texts.__file__).parent
    required = (folder / "requirements.txt").read_text("utf-8").splitlines()
    assert all("==" in line for line in required if not line.startswith("#"))
    assert "torch==2.13.0" in required
    assert all((folder / "systems" / f"{row.module}.py").is_file() for row in SYSTEMS.values())


def test_an_unknown_request_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="dance"):
        answer(None, {"do": "dance"})  # type: ignore[arg-type]


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="memory is read from /proc")
def test_memory_counts_this_process() -> None:
    assert peak_memory() > 10_000_000


@pytest.fixture(scope="module")
def place() -> Place:
    """Rosetta, with the bundled model."""
    return Place("rosetta", Path(sys.executable), prepare_bundled(), real=True)


@pytest.mark.slow
def test_rosetta_builds_opens_and_answers_behind_the_protocol(place: Place, tmp_path: Path) -> None:
    # Of one language: every further one has a dictionary to load, and a question whatever language it likes.
    held = (one for one in texts.passages(12 * PASSAGES) if one.language == "en")
    names = texts.write(tmp_path / "texts", held)
    assert len(names) == PASSAGES
    asked = ["why does dough rise", "how do I borrow a book", "what are tides"]
    with Client(place) as client:
        assert min(client.build(tmp_path / "texts", tmp_path / "library")) > 0
    with Client(place) as client:
        assert client.open(tmp_path / "library") > 0
        found = client.search(asked, 10)
        assert len(found.names) == len(found.seconds) == len(found.cpu) == 3
        assert all(0 < len(some) <= 10 and set(some) <= set(names) for some in found.names)
        assert len(client.encode(asked)) == 3
        assert client.memory() > 10_000_000
        with pytest.raises(RunnerFailed, match=r"rosetta could not open: LibraryMissing"):
            client.open(tmp_path / "nothing")
        # What it could not do leaves it as it was.
        assert client.search(asked[:1], 10).names == found.names[:1]


def test_a_process_that_takes_too_long_is_ended_and_named(place: Place) -> None:
    with pytest.raises(RunnerFailed, match="took over 0 s"):
        Client(Place(place.system, place.python, place.model, place.real, patience=0.001))


def test_looked_up_vectors_are_the_same_for_rosetta_and_its_peers(
    encoder: OnnxEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, said = "Why does bread rise?", ["Yeast makes gas, and the dough holds it.", "酵母产生气体。"]
    real = encoder.queries([asked])
    monkeypatch.setattr(OnnxEncoder, "_run", OnnxEncoder._run)  # put back afterwards
    rosetta.look_up()
    theirs = encoders.Encoder(prepare_bundled(), real=False)
    assert np.allclose(encoder.passages(said), theirs.passages(said), atol=1e-6)
    assert np.allclose(encoder.queries([asked])[0], theirs.query(asked), atol=1e-6)
    assert not np.allclose(encoder.queries([asked]), real, atol=1e-2)


def test_real_vectors_are_the_same_for_rosetta_and_its_peers(encoder: OnnxEncoder) -> None:
    theirs = encoders.Encoder(prepare_bundled(), real=True)
    asked = "Why does bread rise?"
    assert np.allclose(encoder.queries([asked])[0], theirs.query(asked), atol=1e-5)


def test_a_cache_apart_has_the_model_and_none_of_its_vectors(tmp_path: Path) -> None:
    prepared = tmp_path / "shared" / "model-2"
    (prepared.parent / "background").mkdir(parents=True)
    prepared.mkdir()
    made = apart(prepared, tmp_path / "own")
    assert made.resolve() == prepared
    assert sorted(path.name for path in made.parent.iterdir()) == ["lemmas", "model-2"]
    assert apart(prepared, tmp_path / "own") == made
