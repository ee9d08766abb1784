"""``kb evaluate``: what it measures is printed, told as JSON, and drawn; measuring itself is tested in
test_search_evaluation.py."""

import io
import json

import pytest
from click.testing import CliRunner
from rich.cells import cell_len

from search.evaluation import evaluate as evaluation
from search.evaluation.reports import Report
from search.models import Matrix
from webapp.pages import heatmap
from webapp.terminal import output as terminal
from webapp.terminal.cli import main

CODES = ("ar", "de", "en", "hi", "ja", "lv", "nb", "pl", "ru", "sw", "tl", "zh")
MEASURES = (
    "nDCG@10",
    "MRR@10",
    "languages in hits",
    "first quote",
    "languages quoted",
    "answered",
    "refused",
)
REPORT = Report(
    dataset="own",
    kind="labelled",
    model="small",
    selection='the half "report"',
    questions=144,
    figures={"ndcg": {"both": 0.75, "dense": 0.7, "lexical": 0.4}, "confidence_auroc": {"both": 0.5}},
    matrices=(
        Matrix("MRR@10", "question in", "articles in", CODES, CODES, ((0.25,) * 12,) * 12),
        Matrix("by shape", "shape", "measure", ("definition",), MEASURES, ((*(0.5,) * 6, None),)),
    ),
)


@pytest.fixture
def asked(monkeypatch):
    """What ``evaluate`` was called with."""
    calls = []

    def evaluate(dataset, **options):
        calls.append((dataset.name, options))
        return REPORT

    monkeypatch.setattr(evaluation, "evaluate", evaluate)
    return calls


def run(*arguments):
    return CliRunner().invoke(main, ["evaluate", *arguments])


def test_the_table_fits_80_columns_and_holds_every_figure():
    stream = io.StringIO()
    terminal.evaluation(terminal.console(stream), REPORT)
    lines = stream.getvalue().split("\n")
    assert all(cell_len(line) <= 80 for line in lines)
    assert "own: 144 questions" in lines[0]
    assert [line.split()[-3:] for line in lines if line.startswith("nDCG@10 ")] == [
        ["0.750", "0.700", "0.400"]
    ]
    assert stream.getvalue().count("0.25") == 144
    assert all(word in stream.getvalue() for name in MEASURES for word in name.split())


def test_json_is_the_report_and_nothing_else(asked):
    result = run("set", "--json", "--half", "fit", "--sample", "8", "--model", "other", "--kb", "lib")
    assert json.loads(result.stdout) == json.loads(json.dumps(REPORT.to_dict()))
    ((name, options),) = asked
    assert (name, options["half"], options["sample"], options["model"]) == ("set", "fit", 8, "other")
    assert options["library"].name == "lib"


def test_the_plot_is_written_beside_the_table(asked, tmp_path):
    result = run("set", "--plot", str(tmp_path / "map.svg"))
    assert (tmp_path / "map.svg").read_text("utf-8") == heatmap.draw(REPORT)
    assert result.stdout.startswith("own: 144 questions")


def test_a_plot_that_cannot_be_written_is_refused_before_measuring(asked, tmp_path):
    result = run("set", "--plot", str(tmp_path / "nowhere" / "map.svg"))
    assert (result.exit_code, asked) == (2, [])
    assert "there is no folder" in result.stderr


def test_a_folder_that_is_no_data_set_is_bad_input(tmp_path):
    result = run(str(tmp_path))
    assert result.exit_code == 2
    assert result.stderr.startswith("kb: ")
    assert "is no data set" in result.stderr
