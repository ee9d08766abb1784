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

pytestmark = pytest.mark.evaluation


def measured(dataset: Path, **options: int) -> dict[str, float]:
    """The figures of the whole ranking, after everything was printed."""
    report = evaluate(dataset, **options)
    print()
    terminal.evaluation(terminal.console(), report)
    figures = {name: by_leg["both"] for name, by_leg in report.figures.items()}
    return {**figures, "behind_a_leg": behind_a_leg(report)}


def behind_a_leg(report: Report) -> float:
    return max(
        max(by_leg.values()) - by_leg["both"] for name, by_leg in report.figures.items() if name in RANKING
    )


@pytest.fixture(scope="module")
def own():
    return measured(HERE)


@pytest.fixture(scope="module")
def xquad(request):
    if "evaluation" not in request.config.option.markexpr:
        pytest.skip("takes minutes: `make eval` measures it")
    if not XQUAD.is_dir():
        pytest.skip(f"{XQUAD} is not here")
    return measured(XQUAD, sample=3)


@pytest.mark.parametrize("name", FLOORS["own"]["at_least"])
def test_own_questions_reach(own, name):
    assert own[name] >= FLOORS["own"]["at_least"][name]


@pytest.mark.parametrize("name", FLOORS["own"]["at_most"])
def test_own_questions_keep_below(own, name):
    assert own[name] <= FLOORS["own"]["at_most"][name]


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", FLOORS["xquad-dev"]["at_least"])
def test_parallel_texts_reach(xquad, name):
    assert xquad[name] >= FLOORS["xquad-dev"]["at_least"][name]


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", FLOORS["xquad-dev"]["at_most"])
def test_parallel_texts_keep_below(xquad, name):
    assert xquad[name] <= FLOORS["xquad-dev"]["at_most"][name]
