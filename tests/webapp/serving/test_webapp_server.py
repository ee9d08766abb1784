"""`kb serve` as a process: it says where it is, answers, and stops quietly."""

import contextlib
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import faults
import pytest
from serving import serving
from webapp_doubles import FakeEngine, stored

import search
import search.disk.layout
from kb.errors import LibraryDamaged, LibraryMissing
from webapp import library as shelves
from webapp.config import Settings
from webapp.library import Shelf

ARTICLE = stored("a.txt", "Coffee\n\nA cup of coffee.")


def fetch(address):
    try:
        with urllib.request.urlopen(address, timeout=60) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@pytest.mark.parametrize("signal_", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_without_a_library_and_stops_quietly(tmp_path, signal_):
    with serving("--kb", str(tmp_path / "none")) as (process, address):
        assert fetch(f"{address}/healthz") == (200, '{"status":"up"}\n')
        status, page = fetch(f"{address}/")
        assert status == 503
        assert "kb build" in page
        process.send_signal(signal_)
        assert process.wait(timeout=60) == 0
        errors = process.stderr.read()
        assert errors.endswith("stopped\n")
        assert "Traceback" not in errors
        assert errors.count("\n") == 2


def test_a_port_that_is_taken_is_refused_in_one_line(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [
            sys.executable,
            "-c",
            "from webapp.terminal.cli import main; main()",
            "serve",
            "--port",
            port,
        ]
        result = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=Path.cwd())
    assert result.returncode == 2
    assert result.stdout == ""
    assert re.fullmatch(
        rf"kb: port {port} on 127\.0\.0\.1 is in use: .*--port {int(port) + 1}`\n", result.stderr
    )


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 65535\r\n\r\n" + b"x" * 65_535, b"405"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 65536\r\n\r\n", b"413"),
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 150_000 + b"\r\n\r\n", b"200"),
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 170_000, b"431"),
    ],
    ids=["a body", "a larger one", "headers", "larger ones"],
)
def test_a_body_is_read_up_to_64_kb_and_headers_up_to_160(tmp_path, said, status):
    with serving("--kb", str(tmp_path / "none"), "--name", "x") as (_process, address):
        host, port = address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=20) as connection:
            connection.sendall(said)
            assert connection.recv(100).split()[1] == status


def test_it_answers_from_a_real_library(library):
    with serving("--kb", str(library)) as (_process, address):
        assert fetch(f"{address}/readyz")[0] == 200
        status, text = fetch(f"{address}/api/ask?q=how+does+service+relate+to+loyalty")
        answer = json.loads(text)
        assert (status, answer["found"]) == (200, True)
        for item in answer["evidence"]:
            article = json.loads(fetch(f"{address}/api/articles/{item['article']['id']}")[1])
            assert article["text"][item["start"] : item["end"]] == item["quote"]


def test_readers_never_fail_while_the_library_is_built_again(tmp_path, tiny_cache, monkeypatch):
    rng = random.Random(8)
    faults.build_two_articles(rng, tmp_path, tiny_cache)
    monkeypatch.setenv("KB_CACHE", str(tiny_cache))
    with serving("--kb", str(tmp_path / "kb")) as (process, address):
        readers = faults.read_while_building(tmp_path, tiny_cache, address, rebuilds=1)
        process.send_signal(signal.SIGTERM)
        complaints = process.stderr.read()
    assert readers.failures == [], complaints
    assert readers.asked > 20


def test_a_line_of_json_for_each_request(tmp_path):
    with serving("--kb", str(tmp_path / "none"), "--log-json") as (process, address):
        fetch(f"{address}/api/search?q=secret")
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)
        lines = process.stderr.read().splitlines()
    requests = [json.loads(line) for line in lines if line.startswith("{")]
    assert [(one["endpoint"], one["status"]) for one in requests] == [("api.search", 503)]
    assert "secret" not in "".join(lines)


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="there are no such terminals here")
def test_on_a_terminal_there_is_a_line_for_each_request(tmp_path):
    watched, terminal = os.openpty()
    with serving("--kb", str(tmp_path / "none"), stderr=terminal) as (process, address):
        fetch(f"{address}/api/search?q=secret")
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)
        said = os.read(watched, 10_000).decode()
    os.close(terminal)
    os.close(watched)
    assert re.search(r"^\d\d:\d\d:\d\d 503 GET /api/search \d+ ms\r?$", said, re.MULTILINE)
    assert "secret" not in said


def test_on_this_machine_it_goes_by_this_machines_names_only(tmp_path):
    def status(address, name):
        wanted = urllib.request.Request(f"{address}/healthz", headers={"Host": name})
        return fetch(wanted)[0]

    with serving("--kb", str(tmp_path / "none"), "--name", "kb.example.org") as (_process, address):
        names = ("localhost:1", "kb.example.org", "rebound.example")
        assert [status(address, name) for name in names] == [200, 200, 400]


def test_a_proxy_is_believed_only_where_it_is_named(tmp_path):
    asked = {
        "X-Forwarded-Host": "kb.example.org",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-For": "10.1.2.3",
    }
    named = ("--name", "kb.example.org")
    for options, server in (
        ((), "http://127.0.0.1"),
        (("--trusted-proxy", "127.0.0.1"), "https://kb.example.org"),
    ):
        with serving("--kb", str(tmp_path / "none"), *named, *options) as (_process, address):
            status, text = fetch(urllib.request.Request(f"{address}/openapi.json", headers=asked))
            assert status == 200
            assert json.loads(text)["servers"][0]["url"].startswith(server)


def test_a_proxys_path_is_believed_only_from_the_proxy(tmp_path):
    asked = {"X-Forwarded-Prefix": "/kb", "X-Forwarded-Proto": "https"}
    for proxy, path in (("127.0.0.1", "/kb"), ("192.0.2.1", "")):
        options = ("--kb", str(tmp_path / "none"), "--forwarded-prefix", "--trusted-proxy", proxy)
        with serving(*options) as (_process, address):
            _status, text = fetch(urllib.request.Request(f"{address}/openapi.json", headers=asked))
            assert urllib.parse.urlsplit(json.loads(text)["servers"][0]["url"]).path == path


def test_a_client_that_says_nothing_keeps_nobody_waiting(tmp_path):
    with serving("--kb", str(tmp_path / "none")) as (_process, address), contextlib.ExitStack() as stack:
        host, port = address.removeprefix("http://").split(":")
        for _ in range(150):
            connection = stack.enter_context(socket.create_connection((host, int(port)), timeout=20))
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        assert fetch(f"{address}/healthz")[0] == 200


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 100.0

    monkeypatch.setattr(shelves.time, "monotonic", lambda: Clock.now)
    return Clock


def test_a_library_built_meanwhile_appears(monkeypatch, clock):
    def missing(path, **_options):
        raise LibraryMissing("no library here")

    shelf = Shelf(Settings())
    monkeypatch.setattr(search, "open", missing)
    with pytest.raises(LibraryMissing):
        shelf.engine()
    engine = FakeEngine(ARTICLE)
    monkeypatch.setattr(search, "open", lambda path, **_options: engine)
    with pytest.raises(LibraryMissing):
        shelf.engine()
    clock.now += 3
    assert shelf.engine() is engine


def test_a_newer_generation_takes_the_place_of_the_old_one(monkeypatch, clock):
    old, new = FakeEngine(ARTICLE), FakeEngine(ARTICLE)
    new.generation = 2
    opened = iter([old, new])
    live = search.disk.layout.Live(1, 1)
    monkeypatch.setattr(search, "open", lambda path, **_options: next(opened))
    monkeypatch.setattr(search.disk.layout, "read_live", lambda path: live)
    shelf = Shelf(Settings())
    assert shelf.engine() is old
    clock.now += 3
    assert shelf.engine() is old
    live = search.disk.layout.Live(2, 1)
    assert shelf.engine() is old, "not looked yet"
    clock.now += 3
    assert shelf.engine() is new


def test_the_old_generation_goes_on_where_the_new_one_is_bad(monkeypatch, clock, caplog):
    old = FakeEngine(ARTICLE)
    monkeypatch.setattr(search, "open", lambda path, **_options: old)
    shelf = Shelf(Settings())
    assert shelf.engine() is old

    def damaged(path):
        raise LibraryDamaged("live.json is damaged")

    monkeypatch.setattr(search.disk.layout, "read_live", damaged)
    clock.now += 3
    assert shelf.engine() is old
    assert "live.json is damaged" in caplog.text


def test_a_bad_new_generation_is_complained_of_once(monkeypatch, clock, caplog):
    monkeypatch.setattr(search, "open", lambda path, **_options: FakeEngine(ARTICLE))
    shelf = Shelf(Settings())
    shelf.engine()

    def damaged(path):
        raise LibraryDamaged("live.json is damaged")

    monkeypatch.setattr(search.disk.layout, "read_live", damaged)
    for _ in range(5):
        clock.now += 3
        shelf.engine()
    assert caplog.text.count("live.json is damaged") == 1


def test_an_engine_that_was_replaced_is_closed_when_nobody_can_be_using_it(monkeypatch, clock):
    engines = [FakeEngine(ARTICLE) for _ in range(3)]
    opened = iter(engines)
    monkeypatch.setattr(search, "open", lambda path, **_options: next(opened))
    live = [search.disk.layout.Live(1, 1)]
    monkeypatch.setattr(search.disk.layout, "read_live", lambda path: live[0])
    shelf = Shelf(Settings())
    shelf.engine()
    live[0] = search.disk.layout.Live(2, 1)
    clock.now += 3
    assert shelf.engine() is engines[1]
    clock.now += 30
    shelf.engine()
    assert not engines[0].closed
    clock.now += 31
    shelf.engine()
    assert [one.closed for one in engines[:2]] == [True, False]


def test_a_library_that_was_deleted_and_built_anew_is_seen(monkeypatch, clock):
    opened = iter([FakeEngine(ARTICLE), FakeEngine(ARTICLE)])
    monkeypatch.setattr(search, "open", lambda path, **_options: next(opened))
    live = [search.disk.layout.Live(1, 1, "one")]
    monkeypatch.setattr(search.disk.layout, "read_live", lambda path: live[0])
    shelf = Shelf(Settings())
    first = shelf.engine()
    live[0] = search.disk.layout.Live(1, 1, "another")
    clock.now += 3
    assert shelf.engine() is not first


def test_an_engine_is_opened_once_for_all_threads(monkeypatch):
    opened = []

    def slowly(path, **_options):
        opened.append(path)
        time.sleep(0.05)
        return FakeEngine(ARTICLE)

    monkeypatch.setattr(search, "open", slowly)
    shelf = Shelf(Settings())
    threads = [threading.Thread(target=shelf.engine) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 1
