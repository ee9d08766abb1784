"""Quality of search and answers, measured and held against floors.toml. `make eval` prints the figures."""

import tomllib
from pathlib import Path

import pytest

from search.evaluation.evaluate import evaluate
from search.evaluation.reports import Report
from webapp.terminal import output as terminal

HERE = Path(__file__).parent
FLOORS = tomllib.loads((HERE / "floors.toml").read_text("utf-8"))
XQUAD = HERE.parent.parent.parent / "shared" / "eval" / "xquad-dev"

# A leg alone puts its own language first more often, or less: that is no merit.
RANKING = (
    "ndcg",
    "mrr",
    "language_recall",
    "parallel_map",
    "scattered_mrr",
    "filtered_same_mrr",
    "filtered_cross_mrr",
)

# Hundreds of questions are asked: minutes, on a machine that others use.
pytestmark = [pytest.mark.evaluation, pytest.mark.timeout(1800)]


def measured(dataset: Path, **options: int) -> Report:
    """The report, after it was printed."""
    report = evaluate(dataset, **options)
    print()
    terminal.evaluation(terminal.console(), report)
    return report


def whole(report: Report) -> dict[str, float]:
    """The figures of the whole ranking."""
    figures = {name: by_leg["both"] for name, by_leg in report.figures.items()}
    return {**figures, "behind_a_leg": behind_a_leg(report)}


def behind_a_leg(report: Report) -> float:
    return max(
        max(by_leg.values()) - by_leg["both"] for name, by_leg in report.figures.items() if name in RANKING
    )


@pytest.fixture(scope="module")
def report():
    return measured(HERE)


@pytest.fixture(scope="module")
def own(report):
    return whole(report)


@pytest.fixture(scope="module")
def xquad(request):
    if "evaluation" not in request.config.option.markexpr:
        pytest.skip("takes minutes: `make eval` measures it")
    if not XQUAD.is_dir():
        pytest.skip(f"{XQUAD} is not here")
    return whole(measured(XQUAD, sample=3))


@pytest.mark.parametrize("name", FLOORS["own"]["at_least"])
def test_own_questions_reach(own, name):
    assert own[name] >= FLOORS["own"]["at_least"][name]


@pytest.mark.parametrize("name", FLOORS["own"]["at_most"])
def test_own_questions_keep_below(own, name):
    assert own[name] <= FLOORS["own"]["at_most"][name]


def test_every_question_with_its_mark_is_taken_as_one(report):
    marked = [one for one in report.outcomes if one.question.rstrip().endswith(("?", "？", "؟"))]
    assert len(marked) >= 60
    assert len({one.language for one in marked}) == 12
    assert [one.question for one in marked if not one.asked] == []


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", FLOORS["xquad-dev"]["at_least"])
def test_parallel_texts_reach(xquad, name):
    assert xquad[name] >= FLOORS["xquad-dev"]["at_least"][name]


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", FLOORS["xquad-dev"]["at_most"])
def test_parallel_texts_keep_below(xquad, name):
    assert xquad[name] <= FLOORS["xquad-dev"]["at_most"][name]
