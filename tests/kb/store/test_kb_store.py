from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kb.article.normalize import normalize
from kb.article.passages import passages
from kb.errors import LibraryDamaged, LibraryError, LibraryLocked, LibraryMissing, LibraryVersionMismatch
from kb.models import SkippedSource, SourceFile
from kb.store.settings import STORE
from kb.store.store import Store, Writer, article_id

BODY = (
    "Ilta tuli metsän reunaan ja linnut hiljenivät yksi kerrallaan. "
    "Vain tuuli liikkui vielä latvoissa, pitkään."
)


def put(writer: Writer, source: str, text: str = BODY, root: str = "/r") -> int:
    file = SourceFile(source, f"Otsikko {source}\n\n{text}\n\n{{{{ x }}}}", "utf-8", f"hash of {text}", root)
    made = normalize(file)
    return writer.add(made, file, passages(made), pipeline="1")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kb.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store.create(path) as made:
        yield made


def sources(store: Store, generation: int) -> list[str]:
    return [summary.source for summary in store.at(generation).summaries()]


def test_what_is_written_is_read_back(store: Store) -> None:
    file = SourceFile(
        "fi/ilta.txt", f"Ilta\n\n{BODY}\n\nYö.Pimeä&amp;hiljainen.\n\n{{{{ x }}}}", "utf-8", "abc", "/r"
    )
    made = normalize(file)
    with store.writing(1) as writer:
        key = writer.add(made, file, passages(made))
    snapshot = store.at(1)
    found = snapshot.article(article_id("fi/ilta.txt"))
    assert found
    assert found == snapshot.article_by_source("fi/ilta.txt") == snapshot.articles_by_key([key])[key]
    assert found.article == made
    assert made.removed
    assert made.repairs
    assert snapshot.source_text(found.id) == file.text
    assert snapshot.source_file(found.id) == file
    assert snapshot.source_file("nowhere") is None
    assert tuple(p.passage for p in snapshot.passages_of(key)) == passages(made)
    assert snapshot.hashes() == {"fi/ilta.txt": "abc"}


def test_ids_are_the_first_digits_of_the_sources_hash() -> None:
    assert article_id("pl/article.txt") == "62e5aefae8c2710dbad77d575eafd367"


def test_ids_of_links_from_before_are_understood_where_they_are_one_articles(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = {"a.txt": "1" * 32, "b.txt": "2" * 12 + "3" * 20, "c.txt": "2" * 12 + "4" * 20}
    monkeypatch.setattr("kb.store.store.article_id", ids.__getitem__)
    with store.writing(1) as writer:
        for name in ids:
            put(writer, name)
    found = store.at(1).article("1" * 12)
    assert found
    assert found.article.source == "a.txt"
    assert store.at(1).article("2" * 12) is None, "two articles' ids begin so"
    assert store.at(1).article("1" * 11) is None


def test_passages_come_by_key(store: Store) -> None:
    with store.writing(1) as writer:
        for name in "abc":
            put(writer, f"{name}.txt")
    snapshot = store.at(1)
    stored = list(snapshot.passages())
    assert [p.key for p in stored] == sorted(p.key for p in stored)
    assert snapshot.passages_by_key(p.key for p in stored[1:]) == {p.key: p for p in stored[1:]}
    all_sentences = list(snapshot.sentences())
    assert [s.ordinal for s in all_sentences if s.article_key == 1] == [0, 1]
    assert all(
        snapshot.passages_by_key([s.passage_key])[s.passage_key].article_key == s.article_key
        for s in all_sentences
    )
    assert snapshot.passages_by_key([999]) == {}
    for passage in stored:
        found = snapshot.articles_by_key([passage.article_key])[passage.article_key]
        text = found.article.text
        assert text[passage.passage.start : passage.passage.end] == passage.passage.text
        for sentence in passage.sentences():
            assert text[sentence.sentence.start : sentence.sentence.end] == sentence.sentence.text


def test_readers_stay_at_their_generation(store: Store, path: Path) -> None:
    with store.writing(1) as writer:
        put(writer, "a.txt")
        put(writer, "b.txt")
    with Store.open(path) as reader:
        old = reader.at(1)
        before = old.article_by_source("a.txt")
        with store.writing(2) as writer:
            put(writer, "a.txt", BODY + " Sitten tuli yö.")
            writer.end(["b.txt"])
            put(writer, "c.txt")
        assert [summary.source for summary in old.summaries()] == ["a.txt", "b.txt"]
        assert old.article_by_source("a.txt") == before
        new = reader.at(2)
        assert sorted(summary.source for summary in new.summaries()) == ["a.txt", "c.txt"]
        after = new.article_by_source("a.txt")
        assert before
        assert after
        assert (before.id, before.key) != (after.id, after.key)
        assert before.id == after.id
    assert store.latest() == 2


def test_unchanged_articles_keep_their_keys(store: Store) -> None:
    with store.writing(1) as writer:
        put(writer, "a.txt")
        put(writer, "b.txt")
    keys = [p.key for p in store.at(1).passages() if p.article_id == article_id("a.txt")]
    with store.writing(2) as writer:
        put(writer, "b.txt", BODY + " Lisää.")
    assert [p.key for p in store.at(2).passages() if p.article_id == article_id("a.txt")] == keys


def test_a_build_that_fails_leaves_nothing(store: Store) -> None:
    with store.writing(1) as writer:
        put(writer, "a.txt")
    with pytest.raises(RuntimeError), store.writing(2) as writer:
        put(writer, "b.txt")
        writer.end(["a.txt"])
        writer.flush()
        raise RuntimeError
    assert sources(store, 2) == ["a.txt"]
    assert store.latest() == 1


def test_a_later_generation_can_be_discarded_and_its_keys_are_not_used_again(store: Store) -> None:
    with store.writing(1) as writer:
        put(writer, "a.txt")
        writer.set_meta("model", "one")
    with store.writing(2) as writer:
        discarded = put(writer, "b.txt")
        writer.end(["a.txt"])
        writer.set_meta("model", "two")
        writer.skip([(SkippedSource("x.pdf", "no"), "/r")])
    store.discard_after(1)
    assert sources(store, 2) == ["a.txt"]
    assert store.at(2).meta() == {"model": "one"}
    assert store.at(2).skipped() == []
    with store.writing(2) as writer:
        assert put(writer, "b.txt") > discarded


def test_sweeping_deletes_only_what_is_gone(store: Store, path: Path) -> None:
    with store.writing(1) as writer:
        put(writer, "a.txt")
        put(writer, "b.txt")
    with store.writing(2) as writer:
        writer.end(["a.txt"])
    store.sweep([1])
    assert sources(store, 1) == ["a.txt", "b.txt"]
    store.sweep([1, 2])
    assert sources(store, 1) == ["a.txt", "b.txt"], "a reader of 1 still has it"
    store.sweep([2])
    assert sources(store, 1) == ["b.txt"]
    rows = sqlite3.connect(path)
    for table, column in (("passages", "article"), ("removed", "article")):
        assert {key for (key,) in rows.execute(f"SELECT {column} FROM {table}")} == {2}
    rows.close()
    store.check()


def test_counts_per_language(store: Store) -> None:
    chinese = "每天早上三点面包师就起床，好让面包按时做好。他先揉面，再把面团放在温暖的地方发酵一个小时。" * 2
    with store.writing(1) as writer:
        put(writer, "a.txt")
        put(writer, "b.txt")
        put(writer, "zh.txt", chinese)
    first, second = store.at(1).counts()
    assert (first.language, first.articles, first.passages, first.sentences) == ("fi", 2, 2, 4)
    assert first.words == 2 * len(BODY.split())
    assert (second.language, second.articles) == ("zh", 1)
    assert second.words == sum(char.isalpha() for char in chinese)


def test_skipped_restored_and_meta_are_kept(store: Store) -> None:
    with store.writing(1) as writer:
        writer.skip([(SkippedSource("b.pdf", "why"), "/r"), (SkippedSource("a.pdf", "why"), "/s")])
        writer.restore("a.txt", 3, 5, "xx")
        writer.restore("a.txt", 7, 9, "yy")
        writer.set_meta("created", "then")
        writer.set_meta("created", "now")
    snapshot = store.at(1)
    assert [one.source for one in snapshot.skipped()] == ["a.pdf", "b.pdf"]
    assert [root for _, root in snapshot.skipped_roots()] == ["/s", "/r"]
    assert snapshot.restored() == {"a.txt": ((3, 5), (7, 9))}
    assert snapshot.meta() == {"created": "now"}
    with store.writing(2) as writer:
        writer.skip([])
        writer.forget_restored(["a.txt"])
    assert (store.at(2).skipped(), store.at(2).restored()) == ([], {})
    assert len(store.at(1).skipped()) == 2


def test_readers_in_threads(store: Store, path: Path) -> None:
    with store.writing(1) as writer:
        for i in range(20):
            put(writer, f"{i}.txt")
    seen: list[int] = []
    with Store.open(path) as reader:
        snapshot = reader.at(1)
        threads = [
            threading.Thread(target=lambda: seen.append(len(list(snapshot.sentences())))) for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert seen == [40] * 8


def test_a_reader_cannot_write(store: Store, path: Path) -> None:
    with Store.open(path) as reader, pytest.raises(LibraryError, match="reading only"), reader.writing(1):
        pass


def test_only_one_writes(store: Store, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kb.store.schema.STORE", replace(STORE, busy=0.05))
    with (
        Store.open(path, writable=True) as other,
        store.writing(1),
        pytest.raises(LibraryLocked),
        other.writing(1),
    ):
        pass


def test_a_missing_library(path: Path) -> None:
    with pytest.raises(LibraryMissing, match="kb build"):
        Store.open(path)
    assert not path.exists()


@pytest.mark.parametrize("content", [b"", b"hello", b"SQLite format 3\x00" + b"x" * 200])
def test_what_is_no_database_is_damaged(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(LibraryDamaged):
        Store.open(path)


def test_another_programs_database_is_not_ours(path: Path) -> None:
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE t (x)")
    other.close()
    with pytest.raises(LibraryDamaged, match="another program"):
        Store.open(path)


def filled(path: Path) -> None:
    with Store.create(path) as store, store.writing(1) as writer:
        for i in range(50):
            put(writer, f"{i}.txt")


def test_another_schema_version_is_refused(path: Path) -> None:
    filled(path)
    change = sqlite3.connect(path)
    change.execute("PRAGMA user_version = 99")
    change.close()
    with pytest.raises(LibraryVersionMismatch, match="format 99"):
        Store.open(path)


def test_a_truncated_file_is_damaged(path: Path) -> None:
    filled(path)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(LibraryDamaged, match="is damaged"):
        Store.open(path)


def test_an_altered_file_is_damaged(path: Path) -> None:
    filled(path)
    data = bytearray(path.read_bytes())
    for place in range(8192, len(data) - 200, 4096):
        data[place : place + 200] = b"\xff" * 200
    path.write_bytes(bytes(data))
    with pytest.raises(LibraryDamaged), Store.open(path) as store:
        store.check()
        list(store.at(1).passages())


def test_a_closed_store_says_so(path: Path) -> None:
    filled(path)
    store = Store.open(path)
    store.close()
    with pytest.raises(LibraryError, match="closed"):
        list(store.at(1).summaries())


def test_a_library_in_a_folder_that_cannot_be_written_is_read(path: Path) -> None:
    filled(path)
    path.parent.chmod(0o500)
    try:
        with Store.open(path) as store:
            assert len(sources(store, 1)) == 50
    finally:
        path.parent.chmod(0o700)


def test_thousands_of_articles_take_seconds(store: Store) -> None:
    file = SourceFile("x", "x", "utf-8", "0")
    made = normalize(SourceFile("x.txt", f"Otsikko\n\n{BODY}\n\n" * 5, "utf-8", "0"))
    inside = passages(made)
    with store.writing(1) as writer:
        for i in range(3000):
            writer.add(replace(made, source=f"{i}.txt"), file, inside)
    assert sum(count.articles for count in store.at(1).counts()) == 3000


def test_a_process_that_dies_while_it_creates_the_file_leaves_none(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            Store.create(path)
    assert not path.exists()
    with Store.create(path) as made:
        assert sources(made, 1) == []


WRITER = """
import sys
from pathlib import Path
from test_kb_store import put
from kb.store.store import Store
for generation in range(2, 40):
    with Store.open(Path(sys.argv[1]), writable=True) as store:
        with store.writing(generation) as writer:
            put(writer, f"{generation % 5}.txt")
        store.sweep([generation, generation - 1])
"""


@pytest.mark.slow
def test_readers_that_come_and_go_see_no_damage_while_another_process_writes(
    store: Store, path: Path
) -> None:
    """Each opens the file anew, closes it again, and so must not take the others' locks away."""
    with store.writing(1) as writer:
        put(writer, "a.txt")
    store.close()
    failures: list[str] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            try:
                with Store.open(path) as reader:
                    assert "a.txt" in sources(reader, 1)
            except Exception as error:
                failures.append(repr(error))

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    try:
        command = [sys.executable, "-c", WRITER, str(path)]
        path_of_modules = os.pathsep.join([str(Path(__file__).parent), *sys.path])
        environment = {**os.environ, "PYTHONPATH": path_of_modules}
        subprocess.run(command, env=environment, check=True)
    finally:
        done.set()
        for reader in readers:
            reader.join()
    assert failures == []
