"""Attacks on a server process, half a minute each: health answers within a second, memory hardly grows."""

from __future__ import annotations

import gc
import os
import resource
import tracemalloc
import urllib.request
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import attacks
import pytest
from served_double import LARGE
from serving import serving_double
from webapp_doubles import FakeEngine, stored

from webapp import create_app
from webapp.config import Serving
from webapp.serving.settings import SERVING

pytestmark = [pytest.mark.soak, pytest.mark.timeout(600)]

SECONDS = 30
_PAGE = f"/articles/{LARGE.id}.json"
_UNFINISHED = b"GET / HTTP/1.1\r\nX: "


@pytest.mark.parametrize(
    ("many", "files", "began", "again"),
    [
        # Ask for much at once, and never read.
        (28, 0, lambda number: attacks.request(_PAGE) * 200, attacks.request(_PAGE)),
        (500, 0, lambda number: attacks.request(f"{_PAGE}?{number}"), b""),
        # A letter now and then, on more connections than there is room for, or than files may be open.
        (1_500, 0, lambda number: _UNFINISHED, b"x"),
        (1_010, 300, lambda number: _UNFINISHED, b"x"),
        # Headers that have no end.
        (500, 0, lambda number: _UNFINISHED + b"x" * 150_000, b"x"),
        # Nothing of one request is in another.
        (
            20,
            0,
            lambda number: attacks.request(
                f"/search?q=bread&{number}", f"Cookie: {number:08}" + "x" * 120_000
            ),
            b"GET",
        ),
    ],
    ids=["pipelined", "unread", "drips", "descriptors", "unfinished", "unique"],
)
def test_an_attack_is_borne(
    tmp_path: Path, many: int, files: int, began: Callable[[int], bytes], again: bytes
) -> None:
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 4_096), most))
    log = tmp_path / "log"
    try:
        with log.open("w") as written, serving_double(written, files) as (_process, address):
            for _ in range(20):  # what is made once is there: of a search it is what tells languages
                attacks.resident(address)
                for path in ("/search?q=bread", _PAGE):
                    urllib.request.urlopen(address + path, timeout=20).read()
            before = attacks.resident(address)
            with attacks.watching(address) as seen:
                came = attacks.attack(address, many, SECONDS, began, again, pause=0.1)
            grown = attacks.resident(address) - before
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, most))
    slowest, busy = max(seen.seconds), _busy()
    logged = log.stat().st_size
    print(
        f"\n{came} connections; health in {slowest:.2f} s, where {busy:.1f} wait for each core; "
        f"{grown / 1e6:.0f} MB grown, {logged} B logged"
    )
    assert seen.failures == []
    assert slowest < max(1.0, busy), "within a second, where nobody else has the cores"
    assert grown < 50_000_000
    assert logged < 20_000


def _busy() -> float:
    """How many want each core, over the last minute."""
    return os.getloadavg()[0] / (os.cpu_count() or 1)


def test_a_run_of_unique_requests_makes_nothing_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a client can make up: what is remembered of it has bounds."""
    monkeypatch.setattr("webapp.serving.guard.SERVING", replace(SERVING, kept_bytes=100_000))
    site = create_app(
        FakeEngine(stored("a.txt", "Coffee\n\nA cup of coffee is black.")), Serving(rate="100000/minute")
    ).test_client()

    def ask(number: int) -> None:
        made_up = f"{number:08}"
        headers = {
            "Cookie": made_up * 500,
            "User-Agent": made_up * 50,
            "X-Made-Up": made_up * 50,
            "Accept-Language": f"q{chr(97 + number % 26)}{chr(97 + number // 26 % 26)}, en-x-{made_up}",
            "Accept-Encoding": f"gzip;q=0.{made_up}",
            "If-None-Match": f'"{made_up}"',
            "Host": f"h{made_up}.example",
        }
        forwarded = {"REMOTE_ADDR": f"2001:db8:{number % 9000}::{number:x}", "REQUEST_METHOD": "GET"}
        for path in (
            "/articles",
            f"/search?q=coffee&x={made_up}",
            f"/{made_up}",
            f"/api/suggest?q=c&in={made_up}",
        ):
            site.get(path, headers=headers, environ_overrides=forwarded)

    for number in range(30):
        ask(number)
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for number in range(30, 150):
            ask(number)
        gc.collect()
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    # 120 clients, each with 20 KB of headers in all: what is left is what limits the rate, and the clock.
    assert grown < 1_000_000
