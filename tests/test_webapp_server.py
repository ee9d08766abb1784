"""`kb serve` as a process: it says where it is, answers, and stops quietly."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from webapp_doubles import FakeEngine, stored

import search
import search.layout
from kb.errors import LibraryDamaged, LibraryMissing
from webapp import library as shelves
from webapp.config import Settings
from webapp.library import Shelf

ARTICLE = stored("a.txt", "Coffee\n\nA cup of coffee.")


@contextlib.contextmanager
def serving(*arguments):
    """The process of ``kb serve`` on a free port, and its address."""
    command = [
        sys.executable,
        "-c",
        "from webapp.cli import main; main()",
        "serve",
        "--port",
        "0",
        *arguments,
    ]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        # Whoever runs the tests in the background has them ignore Ctrl-C, and so would the server.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        try:
            yield process, re.search(r"http://\S+?(?=/)", process.stdout.readline())[0]
        finally:
            process.kill()


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
        command = [sys.executable, "-c", "from webapp.cli import main; main()", "serve", "--port", port]
        result = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=Path.cwd())
    assert result.returncode == 2
    assert result.stdout == ""
    assert re.fullmatch(
        rf"kb: port {port} on 127\.0\.0\.1 is in use: .*--port {int(port) + 1}`\n", result.stderr
    )


def test_a_body_is_read_up_to_64_kb_only(tmp_path):
    with serving("--kb", str(tmp_path / "none")) as (_process, address):
        host, port = address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=20) as connection:
            connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999\r\n\r\n")
            assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


def test_it_answers_from_a_real_library(library):
    with serving("--kb", str(library)) as (_process, address):
        assert fetch(f"{address}/readyz")[0] == 200
        status, text = fetch(f"{address}/api/ask?q=how+does+service+relate+to+loyalty")
        answer = json.loads(text)
        assert (status, answer["found"]) == (200, True)
        for item in answer["evidence"]:
            article = json.loads(fetch(f"{address}/api/articles/{item['article']['id']}")[1])
            assert article["text"][item["start"] : item["end"]] == item["quote"]


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
    live = search.layout.Live(1, 1)
    monkeypatch.setattr(search, "open", lambda path, **_options: next(opened))
    monkeypatch.setattr(search.layout, "read_live", lambda path: live)
    shelf = Shelf(Settings())
    assert shelf.engine() is old
    clock.now += 3
    assert shelf.engine() is old
    live = search.layout.Live(2, 1)
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

    monkeypatch.setattr(search.layout, "read_live", damaged)
    clock.now += 3
    assert shelf.engine() is old
    assert "live.json is damaged" in caplog.text


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
