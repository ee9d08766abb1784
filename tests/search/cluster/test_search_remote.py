"""Addresses of libraries on Milvus servers, and servers that go away."""

from __future__ import annotations

import builtins
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from kb.errors import LibraryMissing, UsageError
from search.budget import watched
from search.errors import BackendUnavailable, ExtraMissing
from search.opening import LiveGeneration
from search.remote import Remote, is_remote, parse


def test_an_address_names_a_server_and_a_library() -> None:
    remote = parse("milvus+http://milvus.example:19530/my_library")
    assert (remote.uri, remote.token, remote.name) == ("http://milvus.example:19530", "", "my_library")
    assert not remote.is_local


def test_a_password_is_used_and_not_shown() -> None:
    remote = parse("milvus+https://root:a%40secret@milvus.example/docs")
    assert (remote.uri, remote.token) == ("https://milvus.example", "root:a@secret")
    assert "secret" not in str(remote)
    assert "secret" not in repr(remote)
    with pytest.raises(UsageError) as error:
        parse("milvus+https://root:secret@milvus.example/do__cs")
    assert "secret" not in str(error.value)


def test_an_address_may_name_a_file() -> None:
    remote = parse("milvus+file:///var/lib/my%20kb.db/docs")
    assert (remote.uri, remote.name, remote.is_local) == ("/var/lib/my kb.db", "docs", True)


@pytest.mark.parametrize(
    "address",
    [
        "milvus+http://host:19530",
        "milvus+http://host:19530/",
        "milvus+http:///name",
        "milvus+http://host/a/b",
        "milvus+http://host/name?x=1",
        "milvus+ftp://host/name",
        "milvus+file://relative.db/name",
        "milvus+file:///path/file.sqlite/name",
        "milvus+http://host/9lives",
        "milvus+http://host/a__b",
        "milvus+http://host/a_",
        "milvus+http://host/na-me",
        "postgresql://host/database",
        "postgresql://host/database?library=a__b",
        "postgresql://host?library=docs",
        "postgresql:///database?library=docs",
        "http://host/name",
    ],
)
def test_what_is_no_address_is_refused_with_the_form_to_use(address: str) -> None:
    with pytest.raises(UsageError, match="write it as"):
        parse(address)


def test_folders_are_no_addresses() -> None:
    assert is_remote("milvus+http://host/name")
    assert is_remote("postgresql://host/database?library=docs")
    assert not is_remote("path/to/library")
    assert not is_remote(Path("milvus+http:"))


def test_without_the_extra_the_message_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    from search.cluster.milvus import MilvusBackend

    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name.startswith("pymilvus"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ExtraMissing, match=r"pip install 'rosetta-kb\[milvus\]'"):
        MilvusBackend.open("milvus+http://127.0.0.1:19530/name")


class Server:
    """milvus-lite behind a port, as a server is."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, 0
        self.start()

    def start(self) -> None:
        from milvus_lite.adapter.grpc.server import start_server_in_thread

        self._server, self._database, self.port = start_server_in_thread(str(self.folder), port=self.port)

    def stop(self) -> None:
        self._server.stop(0).wait()
        self._database.close()

    def address(self, name: str) -> str:
        return f"milvus+http://127.0.0.1:{self.port}/{name}"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    pytest.importorskip("milvus_lite")
    server = Server(tmp_path_factory.mktemp("served"))
    yield server
    server.stop()


def test_a_server_that_is_not_there_is_named_with_what_to_check() -> None:
    from search.cluster.milvus import MilvusBackend

    pytest.importorskip("pymilvus")
    with pytest.raises(BackendUnavailable, match=r"milvus\+http://127.0.0.1:1/name: does not answer"):
        MilvusBackend.open("milvus+http://127.0.0.1:1/name")


def test_a_library_that_is_not_there_is_told_from_a_server_that_is_not(server: Server) -> None:
    from search.cluster.milvus import MilvusBackend

    with pytest.raises(LibraryMissing, match="kb build --to"):
        MilvusBackend.open(server.address("nothing"))


def test_an_open_library_outlives_its_servers_restart(server: Server) -> None:
    from search.cluster.milvus import MilvusBackend, MilvusWriter

    writer = MilvusWriter(parse(server.address("docs")), "1", 4)
    writer.finish()
    writer.swap()
    backend = MilvusBackend.open(server.address("docs"))
    rows, query = np.array([0], np.int64), np.ones(4, np.float32)
    assert backend.fetch(rows, query).rows.tolist() == []
    server.stop()
    with watched(0.5), pytest.raises(BackendUnavailable, match="does not answer"):
        backend.fetch(rows, query)
    server.start()
    assert backend.fetch(rows, query).rows.tolist() == []
    backend.close()
    writer.close()


def looked_until_it_answers(live: LiveGeneration) -> object:
    for _ in range(20):
        try:
            return live.look()
        except BackendUnavailable:
            time.sleep(0.5)
    return live.look()


def test_a_connection_stays_open_between_looks_at_what_is_live(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    from search.cluster import publishing
    from search.cluster.milvus import MilvusWriter

    made: list[str] = []

    class Counted(publishing.Connection):
        def __init__(self, remote: Remote) -> None:
            made.append(remote.name)
            super().__init__(remote)

    monkeypatch.setattr(publishing, "Connection", Counted)
    live = LiveGeneration(server.address("looked_at"))
    assert live.look() is None
    seen = []
    for label in ("1", "2"):
        writer = MilvusWriter(parse(server.address("looked_at")), label, 4)
        writer.finish()
        writer.swap()
        writer.close()
        seen.append(live.look())
        assert live.look() == seen[-1]
    assert len({*seen, None}) == 3
    assert made == ["looked_at"]
    server.stop()
    monkeypatch.setattr("search.cluster.milvus_connection._READING", 0.5)
    with pytest.raises(BackendUnavailable):
        live.look()
    server.start()
    assert looked_until_it_answers(live) == seen[-1]


def test_a_server_that_is_too_old_is_refused_before_anything_is_left_there(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    from search.cluster.milvus import MilvusWriter
    from search.cluster.milvus_connection import Connection
    from search.cluster.publishing import reach

    asked = Connection.read

    def old(self: Connection, method: str, *given: Any, **options: Any) -> Any:
        return "v2.3.5" if method == "get_server_version" else asked(self, method, *given, **options)

    remote = parse(server.address("too_old"))
    monkeypatch.setattr(Connection, "read", old)
    for begin in (lambda: reach(remote), lambda: MilvusWriter(remote, "1", 4)):
        with pytest.raises(BackendUnavailable, match=r"runs Milvus 2\.3\.5; 2\.5 or newer"):
            begin()
    with closing(Connection(remote)) as connection:
        assert not [one for one in connection.read("list_collections") if one.startswith("too_old")]


def test_a_server_that_stalls_is_one_that_does_not_answer(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    grpc = pytest.importorskip("grpc")
    from search.cluster.milvus_connection import Connection

    class Stalled(grpc.RpcError):
        def __str__(self) -> str:
            return "Deadline Exceeded"

    def stalls(*given: Any, **options: Any) -> Any:
        raise Stalled

    with closing(Connection(parse(server.address("stalled")))) as connection:
        monkeypatch.setattr(connection._client, "list_collections", stalls)
        with pytest.raises(BackendUnavailable, match="does not answer"):
            connection.read("list_collections")


@pytest.mark.parametrize("status", ["UNAUTHENTICATED", "PERMISSION_DENIED"])
def test_a_server_that_refuses_the_password_is_told_from_one_that_is_not_there(status: str) -> None:
    grpc = pytest.importorskip("grpc")
    pytest.importorskip("pymilvus")
    from search.cluster.milvus_connection import Connection

    class Refusing(grpc.GenericRpcHandler):
        def service(self, _details: Any) -> Any:
            def refuse(_request: bytes, context: Any) -> None:
                context.abort(grpc.StatusCode[status], "no")

            return grpc.unary_unary_rpc_method_handler(refuse)

    server = grpc.server(ThreadPoolExecutor(1), handlers=[Refusing()])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        with pytest.raises(
            BackendUnavailable, match=r"refuses these credentials.* check user and password"
        ) as said:
            Connection(parse(f"milvus+http://reader:wrong-one@127.0.0.1:{port}/name"))
    finally:
        server.stop(0)
    assert "wrong-one" not in str(said.value)


def test_opening_asks_for_no_strongly_consistent_reads(
    server: Server, two_generations: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from search.cluster import publishing
    from search.cluster.milvus import MilvusBackend
    from search.cluster.milvus_connection import Connection

    remote = parse(server.address("settled"))
    publishing.publish(two_generations / "kb", remote)
    asked: list[str] = []
    call = Connection._call

    def counted(self: Connection, *given: Any, **options: Any) -> Any:
        asked.append(options.get("consistency_level", ""))
        return call(self, *given, **options)

    monkeypatch.setattr(Connection, "_call", counted)
    with closing(MilvusBackend.open(server.address("settled"))) as backend:
        kept = backend.files().kept()
        for number, file in enumerate(kept.values()):
            backend.files().get(file, tmp_path / str(number))
    assert len(kept) > 3
    assert "Bounded" in asked
    assert "Strong" not in asked


DOCUMENT = Path(__file__).parents[3] / "docs" / "cluster.md"


def test_the_documented_files_are_yaml_with_their_versions_named() -> None:
    compose, values = (
        yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", DOCUMENT.read_text("utf-8"), re.S)
    )
    server = compose["services"]["milvus"]
    version = server["image"].partition(":")[2]
    assert version == values["image"]["all"]["tag"] != "latest"
    assert server["ports"] == ["127.0.0.1:19530:19530"]
    assert yaml.safe_load(values["extraConfigFiles"]["user.yaml"])


def test_the_sizing_table_is_what_its_arithmetic_says() -> None:
    text = DOCUMENT.read_text("utf-8").partition("\n## Sizes\n")[2]
    bytes_of = [int(one.replace(",", "")) for one in re.findall(r"^\| [^|]+ \| ([\d,]+) \| ", text, re.M)]
    disk = int(re.search(r"\*\*on disk\*\* \| \*\*([\d,]+)\*\*", text)[1].replace(",", ""))  # type: ignore[index]
    assert sum(bytes_of[:9]) == disk
    memory = float(re.search(r"\*\*([\d.]+) KB\*\*", text)[1]) * 1000  # type: ignore[index]
    rows = re.findall(r"^\| ([\d,]+) \| ([\d.]+ .B) \| ([\d.]+ .B) \| ([\d.]+ .B) \| ([\d,]+) \|", text, re.M)
    assert len(rows) == 5
    for passages, on_disk, indexes, twice, hours in rows:
        number = int(passages.replace(",", ""))
        assert size(on_disk) == pytest.approx(number * disk, rel=0.02)
        assert size(indexes) == pytest.approx(number * memory, rel=0.02)
        assert size(twice) == pytest.approx(2 * size(indexes))
        assert int(hours.replace(",", "")) == pytest.approx(number / 9.4 / 3600, rel=0.05)


def size(text: str) -> float:
    number, unit = text.split()
    return float(number) * {"GB": 1e9, "TB": 1e12}[unit]
