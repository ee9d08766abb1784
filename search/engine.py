"""The engine: a library opened for questions. Read-only, thread-safe."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any

import numpy as np

from kb.errors import LibraryDamaged
from kb.store.removals import Removals
from kb.store.snapshot import ArticleSummary, Cleanliness, StoredArticle
from kb.store.store import Articles, Store
from search.answers.correction import Corrections
from search.answers.evidence import find_evidence, in_order
from search.answers.hits import by_language, hits
from search.answers.lookup import dictionary, look_up
from search.answers.overview import Overview, Sample, meaning_map, sharing
from search.answers.quotes import candidates, quotes
from search.answers.references import References
from search.answers.settings import ANSWERING
from search.answers.side_by_side import aligned_rows, aligned_with, sentences_of
from search.answers.suggestions import Suggestions, suggestions
from search.arguments import count_of, language_of, languages_of, one_of, text_of
from search.browsing.catalogue import Catalogue, Narrowed, folders, kept_hits, years
from search.browsing.holdings import Listing, Term
from search.browsing.telling import telling_terms
from search.budget import checkpoint, note
from search.dictionary.glosses import glosses
from search.disk import layout
from search.disk.leases import Lease
from search.errors import ArticleMissing
from search.models import (
    KEYWORDS,
    Answer,
    ArticleRef,
    Candidate,
    Entry,
    Evidence,
    Gloss,
    Results,
    SideBySide,
    Snippet,
    Status,
    Suggestion,
    Translation,
    Version,
)
from search.passages.backend import Backend, Rows
from search.ranking.index import Index
from search.ranking.settings import RANKING
from search.reader.loading import load_reader
from search.reader.protocol import Reader
from search.translations.translations import Pair

__all__ = ["Engine"]


class Engine:
    """Open one with :func:`search.open`; close it, or use it as a context manager."""

    def __init__(
        self,
        library: Path,
        lease: Lease,
        *,
        model: str | None = None,
        reader: str | None = None,
        cache: Path | None = None,
        words_only: str = "",
        backend: Backend | None = None,
        store: Articles | None = None,
        shown: str = "",
    ) -> None:
        """Opens the generation that ``lease`` holds, and releases it when closed. ``words_only`` says why no
        model can be used; then searching goes by words alone, and nothing is answered. ``backend`` keeps the
        passages where the generation's own files do not, ``store`` the articles where the library's database
        does not; ``shown`` is then what the library goes by.
        ``reader``: see :func:`search.reader.loading.load_reader`."""
        self.path, self.name = library, shown or str(library)
        self.generation = lease.generation
        self.degraded = words_only
        self._lease = lease
        self._reader_name, self._cache = reader, cache
        self._store: Articles = Store.open(layout.database(library)) if store is None else store
        self._snapshot = self._store.at(lease.generation)
        self._summaries = {summary.key: summary for summary in self._snapshot.summaries()}
        self._index = Index(
            library,
            lease.generation,
            model=model,
            cache=cache,
            words_only=bool(words_only),
            backend=backend,
        )
        self._corrections = Corrections(self._index)
        self._references = References(self._summaries, self._index.translations)
        self._catalogue = Catalogue(self._summaries, self._references)
        counts = tuple(self._snapshot.counts())
        self.languages: tuple[str, ...] = tuple(count.language for count in counts)
        stored, indexed = sum(count.passages for count in counts), int(self._index.backend.counts.sum())
        if stored != indexed:
            raise LibraryDamaged(
                f"{library}: the database has {stored:,} passages and generation {lease.generation} has "
                f"{indexed:,}: they disagree; `kb verify --repair` makes the indexes again"
            )

    # --- questions

    def search(
        self,
        text: str,
        *,
        limit: int = 10,
        offset: int = 0,
        languages: Sequence[str] | None = None,
        query_language: str | None = None,
        leg: str = "both",
        collapse: bool = True,
        folder: str = "",
        since: str | None = None,
        until: str | None = None,
        sort: str = "best",
    ) -> Results:
        """Articles that match, best first, one hit each; ``languages`` keeps articles in these only.

        Articles that are the same text (see :meth:`translations`) share one hit, that of the best of them,
        unless ``collapse`` is false.

        ``query_language`` is the one that the query is in, where that is known; the vectors tell otherwise.
        ``leg`` shows what one leg of the ranking, "dense" or "lexical", finds alone. Of what was found,
        ``folder``, ``since`` and ``until`` keep some (see :meth:`browse`), and ``sort`` puts "best" or the
        newest, "date", first. Raises QueryError for an empty or over-long query, an unknown language, or
        what is no date.
        """
        text_of(text, "the query")
        first = count_of(offset, "offset")
        last = first + count_of(limit, "limit")
        asked_in = language_of(query_language)
        wanted, kept = languages_of(languages, self.languages), Narrowed.of(folder, since, until)
        meant = self._corrections.as_meant(text)
        checkpoint("spelling")
        ranking = self._index.rank(meant.searched, wanted, leg, asked_in)
        by_date = one_of(sort, "sort", ("best", "date")) == "date"
        best, found = kept_hits(self._index, ranking, self._summaries, collapse, kept, by_date)
        counts = by_language(self._index, ranking, best)
        note("hits", len(best))
        page = hits(self._index, self._snapshot, self._references, ranking, best[first:last])
        offered = meant.offered or self._corrections.did_you_mean(ranking.scores, asked_in)
        checkpoint("spelling")
        held = folders(found, kept.folder), years(found)
        return Results(text, page, len(best), first, counts, query_language, offered, *held)

    def ask(
        self,
        question: str,
        *,
        languages: Sequence[str] | None = None,
        per_language: int = 3,
        query_language: str | None = None,
    ) -> Answer:
        """The evidence for a question from every language that has some, and whether it answers at all.

        Raises QueryError as :meth:`search` does.
        """
        text_of(question, "the question")
        count_of(per_language, "per_language", 1)
        wanted = languages_of(languages, self.languages)
        meant = self._corrections.as_meant(question).searched
        checkpoint("spelling")
        ranking = self._index.rank(meant, wanted, query_language=language_of(query_language))
        if self.degraded:
            # What answers a question is told by its meaning, which nobody reads now.
            return Answer(question, False, 0.0, "other", (), self.languages, MappingProxyType({}))
        if ranking.scores.asks < RANKING.asks:
            return Answer(question, False, 0.0, KEYWORDS, ())
        finding = find_evidence(self._index, self._snapshot, ranking, per_language, self._reader)
        note("evidence", len(finding.answers))
        checkpoint("evidence")
        quoted = quotes(self._index, self._references, ranking, (*finding.answers, *finding.nearest))
        answers, nearest = quoted[: len(finding.answers)], quoted[len(finding.answers) :]
        grouped: dict[str, tuple[Evidence, ...]] = {}
        for quote in answers:
            grouped[quote.language] = (*grouped.get(quote.language, ()), quote)
        checkpoint("marking")
        asked = ranking.scores.query.languages or tuple(wanted) or self.languages
        silent = tuple(code for code in self.languages if code in asked and code not in grouped)
        return Answer(
            question=question,
            found=bool(answers),
            confidence=finding.confidence,
            shape=finding.shape,
            evidence=answers or nearest,
            silent=silent,
            by_language=MappingProxyType(grouped),
            nearest=nearest if answers else (),
        )

    async def aask(self, question: str, **options: Any) -> Answer:
        """As :meth:`ask`, for asynchronous programs: the question is answered in a thread meanwhile."""
        import asyncio

        return await asyncio.to_thread(self.ask, question, **options)

    async def asearch(self, text: str, **options: Any) -> Results:
        """As :meth:`search`, for asynchronous programs."""
        import asyncio

        return await asyncio.to_thread(self.search, text, **options)

    def candidates(self, question: str) -> tuple[Candidate, ...]:
        """Every sentence that :meth:`ask` compares, best first: what its evidence is chosen from.

        Raises QueryError as :meth:`search` does.
        """
        text_of(question, "the question")
        ranking = self._index.rank(question, frozenset())
        found = in_order(self._index, self._snapshot, ranking, self._reader)
        return candidates(self._snapshot, self._references, ranking, found)

    def lookup(self, term: str, *, language: str | None = None) -> tuple[Entry, ...]:
        """What each language's articles call a term; ``language`` is the one it is given in, if known.

        Raises QueryError for an empty or over-long term or an unknown language.
        """
        code = language_of(language)
        asked = text_of(term, "the term")
        return look_up(self._index, self._snapshot, self._references.of, self.languages, asked, code)

    def dictionary(self) -> Iterator[tuple[Entry, ...]]:
        """Everything that two languages at least have a term for, the most frequent first: the entries of
        those languages, as :meth:`lookup` gives them."""
        return dictionary(self._index, self._snapshot, self._references.of, self.languages)

    def translations(self, id_or_source: str) -> tuple[Translation, ...]:
        """The same text in other languages, and nearly the same in its own, the surest first.

        Raises ArticleMissing.
        """
        key = self.article(id_or_source).key
        return tuple(self._translation(pair) for pair in self._index.translations.of(key))

    def side_by_side(self, id_or_source: str, other: str) -> SideBySide:
        """Two articles that are the same text, with their sentences aligned.

        Raises ArticleMissing, also where they are not the same text.
        """
        left, right = self.article(id_or_source), self.article(other)
        pair = self._index.translations.between(left.key, right.key)
        if pair is None:
            raise ArticleMissing(
                f"{left.article.source} and {right.article.source} are not the same text; "
                "`kb translations` lists what an article is the same as"
            )
        ours, theirs = (sentences_of(self._snapshot.passages_of(article.key)) for article in (left, right))
        rows = aligned_rows(ours, theirs, pair.beads)
        return SideBySide(self._references.of(left.key), self._translation(pair), rows)

    def version(self, id_or_source: str, start: int, end: int, language: str) -> Version | None:
        """What the article's surest translation into a ``language`` says in the place of its text from
        ``start`` to ``end``; None where it has none, or that has nothing there.

        Raises ArticleMissing, and QueryError for an unknown language."""
        code, stored = language_of(language), self.article(id_or_source)
        for pair in self._index.translations.of(stored.key):
            if pair.copy or self._summaries[pair.other].language != code:
                continue
            ours, theirs = (sentences_of(self._snapshot.passages_of(key)) for key in (stored.key, pair.other))
            if found := aligned_with(ours, theirs, pair.beads, start, end):
                return Version(self._references.of(pair.other), found)
        return None

    def glosses(
        self, words: Sequence[str], spoken: str, language: str, *, question: str = ""
    ) -> tuple[Gloss, ...]:
        """What a ``language`` calls some ``words`` that are ``spoken`` in another; those of which it is not
        known are left out. The ``question`` that found them helps where it is in that language.

        Raises QueryError for an unknown language."""
        asked_in = language_of(language)
        if self.degraded or asked_in is None:
            return ()
        return glosses(self._index.vocabulary, words, spoken, asked_in, question)

    def _translation(self, pair: Pair) -> Translation:
        return Translation(
            article=self._references.of(pair.other),
            coverage=pair.coverage,
            other_coverage=pair.other_coverage,
            confidence=pair.confidence,
            kind="copy" if pair.copy else "translation",
        )

    def suggest(self, prefix: str, limit: int = 8, *, language: str | None = None) -> tuple[Suggestion, ...]:
        """Completions for the search box, of titles and terms in every script; typos are forgiven. What is in
        the script that is typed comes first, and of that what is in the reader's ``language``.

        Raises QueryError for an unknown language.
        """
        typed = text_of(prefix, "what is typed")
        return self._suggestions.complete(typed, count_of(limit, "limit"), language_of(language))

    @cached_property
    def _reader(self) -> Reader | None:
        """Loaded when the first question is asked: who only searches needs none."""
        return load_reader(self._index.identity, name=self._reader_name, cache=self._cache)

    @cached_property
    def _suggestions(self) -> Suggestions:
        titles = ((summary.title, summary.language) for summary in self._summaries.values())
        return suggestions(titles, self._index.vocabulary)

    # --- what the library holds

    def article(self, id_or_source: str) -> StoredArticle:
        """An article by its public id or its source. Raises ArticleMissing."""
        text_of(id_or_source, "an article's id or source")
        found = self._snapshot.article(id_or_source) or self._snapshot.article_by_source(id_or_source)
        if found is None:
            near = ", ".join(self._catalogue.near(id_or_source))
            like = (
                f"there are {near}" if near else "`kb search` finds articles by content, `kb list` lists them"
            )
            raise ArticleMissing(f"{id_or_source}: no such article in this library; {like}")
        return found

    def foreign_passages(self, id_or_source: str) -> tuple[Snippet, ...]:
        """An article's passages that are in another language than the article. Raises ArticleMissing."""
        stored = self.article(id_or_source)
        return tuple(
            Snippet(held.passage.text, held.passage.start, held.passage.end, held.passage.language)
            for held in self._snapshot.passages_of(stored.key)
            if held.passage.language != stored.article.language
        )

    def source_text(self, id_or_source: str) -> str:
        """The text of an article's file as it was read, in which removed parts have their offsets.

        Raises ArticleMissing.
        """
        return self._snapshot.source_text(self.article(id_or_source).id) or ""

    def articles(self) -> tuple[ArticleSummary, ...]:
        """Every article, named."""
        return tuple(self._summaries.values())

    def browse(
        self,
        *,
        title: str = "",
        languages: Sequence[str] | None = None,
        folder: str = "",
        since: str | None = None,
        until: str | None = None,
        sort: str = "title",
        limit: int = 50,
        offset: int = 0,
    ) -> Listing:
        """The articles whose title has these letters, that are below a ``folder``, and dated ``since`` to
        ``until`` ("2024", "2024-05" or "2024-05-31"; both included); ``sort`` goes by "title", "source" or
        "date", the newest first. Raises QueryError for an unknown language or what is no date or order."""
        wanted, kept = languages_of(languages, self.languages), Narrowed.of(folder, since, until)
        return self._catalogue.browse(title, wanted, kept, sort, limit, offset)

    @cached_property
    def telling_terms(self) -> Mapping[str, tuple[Term, ...]]:
        """Of each language the terms that tell what its articles are about, in alphabetical order."""
        return telling_terms(self._index.vocabulary)

    def status(self) -> Status:
        counts = self._snapshot.counts()
        meta = self._snapshot.meta()
        return Status(
            path=self.name,
            generation=self.generation,
            format_version=layout.FORMAT_VERSION,
            created=meta.get("updated", ""),
            model=self._index.identity.name,
            dimension=self._index.identity.dimension,
            articles=MappingProxyType({c.language: c.articles for c in counts}),
            passages=MappingProxyType({c.language: c.passages for c in counts}),
            sentences=MappingProxyType({c.language: c.sentences for c in counts}),
            words=MappingProxyType({c.language: c.words for c in counts}),
            skipped=tuple((source.source, source.reason) for source in self._snapshot.skipped()),
        )

    @cached_property
    def overview(self) -> Overview:
        """The library as a whole: how clean it is, its passages by meaning, what its languages share."""
        rows, vectors, codes = self._index.backend.sample(ANSWERING.looked_over)
        spoken = np.array(self._index.backend.languages, np.str_)[codes]
        size = int(self._index.backend.counts.sum())
        drawn = meaning_map(Sample(rows, vectors, spoken), self._index.linked, self._named, size)
        return Overview(self.cleanliness, drawn, sharing(vectors, spoken))

    def _named(self, rows: Rows) -> list[tuple[ArticleRef, int]]:
        """The article of each of some passages, and where in it the passage begins."""
        keys = self._index.keys_of(rows)
        held = self._snapshot.passages_by_key(keys)
        return [(self._references.of(held[key].article_key), held[key].passage.start) for key in keys]

    @cached_property
    def cleanliness(self) -> Mapping[str, Cleanliness]:
        """What was taken out of the files of each language's articles, and mended in them."""
        return MappingProxyType({language.language: language for language in self._snapshot.cleanliness()})

    def removals(self, sources: int = 10) -> Removals:
        """What cleaning took out of the whole library, by reason; the ``sources`` that lost most."""
        return self._snapshot.removals(sources)

    def export(self, directory: Path) -> int:
        """Every article as Markdown with front matter; the number written."""
        from kb.export.markdown_files import export  # needs what building needs

        same = {
            summary.source: sorted(
                self._summaries[key].source for key in self._index.translations.keys_of(summary.key)
            )
            for summary in self._summaries.values()
        }
        return len(export((stored.article for stored in self._snapshot.articles()), directory, same))

    def close(self) -> None:
        self._index.close()
        self._store.close()
        self._lease.release()

    def __repr__(self) -> str:
        held = f"{len(self._summaries)} articles in {', '.join(self.languages)}"
        return f"<Engine {self.name}: generation {self.generation}, {held}>"

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
