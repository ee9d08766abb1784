"""Measures search and answers on a data set, through the same doors that everyone uses.

Libraries are built from the data set in a temporary folder and thrown away. docs/evaluation.md says what is
measured and why.
"""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import search
from kb.errors import InputError, UsageError
from kb.progress import Progress, silent
from search.encoding.encoder import load
from search.evaluation import datasets, known_items, labelled, measures, pools, sentences
from search.evaluation.datasets import HALVES, LabelledSet, PoolPassage, PoolSet, SentenceSet
from search.evaluation.reports import Report

__all__ = ["evaluate"]


def evaluate(
    dataset: str | Path,
    *,
    half: str = "report",
    sample: int = 1,
    library: Path | None = None,
    model: str | None = None,
    reader: str | None = None,
    cache: Path | None = None,
    progress: Progress = silent,
) -> Report:
    """Measures on the data set in a folder.

    ``half`` ("fit", "report" or "all") chooses among labelled questions: thresholds are fitted on one half
    and reported on the other. Every ``sample``-th question is asked. ``library`` answers a labelled set that
    has no articles of its own. ``model`` is for the libraries built here (None: the bundled one), and
    ``reader`` reads in all of them, as for :func:`search.open`.

    Raises InputError for a folder that is no data set, UsageError for options that make no sense.
    """
    if half not in (*HALVES, "all"):
        raise UsageError(f"no half of a data set is called {half!r}; choose fit, report or all")
    if sample < 1:
        raise UsageError("a sample is every N-th question, N being 1 or more")
    measures.library()  # before minutes of work, not after
    held = datasets.read(Path(dataset))
    build = _Builder(model, reader, cache, progress)
    if isinstance(held, PoolSet):
        return _pools(held, sample, build)
    if isinstance(held, SentenceSet):
        return _sentences(held, sample, build)
    return _labelled(held, half, sample, library, build)


@dataclass(frozen=True, slots=True)
class _Builder:
    """How libraries are built here."""

    model: str | None
    reader: str | None
    cache: Path | None
    progress: Progress

    def library(self, sources: Path, to: Path) -> search.Engine:
        """A library of the articles in ``sources``, open."""
        search.build([sources], to, model=self.model, cache=self.cache, progress=self.progress)
        return self.opened(to)

    def opened(self, library: Path) -> search.Engine:
        """A library that there is, open."""
        return search.open(library, model=self.model, reader=self.reader, cache=self.cache)


def _pools(held: PoolSet, sample: int, build: _Builder) -> Report:
    asked = pools.questions(held, sample)
    found, name = [], ""
    for pool, passages, languages in (
        ("parallel", held.passages, held.languages),
        ("scattered", pools.scattered(held), ()),
    ):
        with tempfile.TemporaryDirectory(prefix="rosetta-evaluation-") as folder:
            articles = Path(folder) / "articles"
            pools.write_articles(passages, articles)
            with build.library(articles, Path(folder) / "library") as engine:
                name = engine.status().model
                found.append(pools.ask_all(engine, asked, pool, languages, build.progress))
    return Report(
        dataset=held.name,
        kind="pools",
        model=name,
        selection=_selection("all", sample),
        questions=len(asked),
        figures=pools.figures(asked, *found),
        matrices=pools.matrices(asked, found[0]),
    )


def _sentences(held: SentenceSet, sample: int, build: _Builder) -> Report:
    asked = held.questions[::sample]
    pool = sentences.Pool(held)
    with tempfile.TemporaryDirectory(prefix="rosetta-evaluation-") as folder:
        articles = Path(folder) / "articles"
        passages = (
            PoolPassage(passage.paragraph, passage.language, sentences.text_of(passage))
            for passage in held.passages
        )
        pools.write_articles(passages, articles)
        with build.library(articles, Path(folder) / "library") as engine:
            name = engine.status().model
            encoder = load(build.model, cache=build.cache)
            scored = sentences.score_all(engine, encoder, pool, asked, build.progress)
    return Report(
        dataset=held.name,
        kind="sentences",
        model=name,
        selection=_selection("all", sample),
        questions=len(asked),
        figures=sentences.figures(pool, asked, scored),
        matrices=sentences.matrices(pool, asked, scored),
    )


def _labelled(held: LabelledSet, half: str, sample: int, library: Path | None, build: _Builder) -> Report:
    parts, name = [], ""
    together: list[known_items.Outcome] = []
    apart: list[known_items.Outcome] = []
    for collection in held.collections:
        chosen = [
            question for question in collection.questions if half in ("all", datasets.half_of(question.id))
        ][::sample]
        if not chosen:
            continue
        with ExitStack() as stack:
            if collection.sources is not None:
                folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="rosetta-evaluation-"))
                engine = stack.enter_context(build.library(collection.sources, Path(folder) / "library"))
            elif library is not None:
                engine = stack.enter_context(build.opened(library))
            else:
                raise UsageError(f"{held.name} has no articles of its own; name the library to ask")
            name = engine.status().model
            parts.append(labelled.ask_all(engine, chosen, build.progress))
            if collection.sources is not None:
                together += _known(engine, sample, build)
                apart += _known_apart(engine, collection.sources, sample, build)
    if not parts:
        raise InputError(f"{held.name} has no question in {_selection(half, sample)}")
    asked = labelled.joined(parts)
    return Report(
        dataset=held.name,
        kind="labelled",
        model=name,
        selection=_selection(half, sample),
        questions=len(asked.outcomes),
        figures={**labelled.figures(asked), **known_items.figures(together, apart)},
        matrices=(*labelled.matrices(asked), *known_items.matrices(together, apart)),
        outcomes=asked.outcomes,
    )


def _known(engine: search.Engine, sample: int, build: _Builder) -> tuple[known_items.Outcome, ...]:
    """What a library's own texts find, one in so many."""
    return known_items.find_all(engine, known_items.known_items(engine)[::sample], build.progress)


def _known_apart(
    engine: search.Engine, sources: Path, sample: int, build: _Builder
) -> tuple[known_items.Outcome, ...]:
    """The same in a library of these articles in which none is the same text as another."""
    with tempfile.TemporaryDirectory(prefix="rosetta-evaluation-") as folder:
        articles = Path(folder) / "articles"
        known_items.apart(engine, sources, articles)
        with build.library(articles, Path(folder) / "library") as other:
            return _known(other, sample, build)


def _selection(half: str, sample: int) -> str:
    chosen = "all questions" if half == "all" else f'the half "{half}"'
    return chosen if sample == 1 else f"{chosen}, one in {sample}"
