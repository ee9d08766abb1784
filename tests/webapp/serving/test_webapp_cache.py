"""What was asked before is answered from memory, as long as nothing has changed that it depends on."""

from __future__ import annotations

import gc
import tracemalloc

from webapp_doubles import FakeEngine, stored

from webapp import create_app
from webapp.config import Serving, Settings
from webapp.library import Shelf
from webapp.serving.cache import Kept, Replies

ARTICLE = stored("a.txt", "Coffee\n\nA cup of coffee is black.")


def test_what_was_asked_before_is_not_searched_for_again():
    engine = FakeEngine(ARTICLE)
    site = create_app(engine).test_client()
    first, second = (site.get("/api/search?q=coffee") for _ in range(2))
    assert first.json == second.json
    assert first.content_type == second.content_type
    assert first.headers["ETag"] == second.headers["ETag"]
    assert "Content-Security-Policy" in second.headers
    assert len(engine.calls) == 1


def test_another_question_language_or_address_is_another_reply():
    engine = FakeEngine(ARTICLE)
    site = create_app(engine).test_client()
    site.get("/search?q=coffee")
    asked = len(engine.calls)
    site.get("/search?q=coffee&in=en")
    for headers in ({"Accept-Language": "pl"}, {"Host": "kb.example.org"}):
        before = len(engine.calls)
        site.get("/search?q=coffee", headers=headers)
        assert len(engine.calls) > before, headers
    before = len(engine.calls)
    site.get("/search?q=coffee", base_url="https://localhost")
    assert len(engine.calls) > before, "links say https"
    assert asked


def test_what_no_reply_depends_on_makes_no_other_one():
    engine = FakeEngine(ARTICLE)
    site = create_app(engine).test_client()
    first = site.get("/search?q=coffee").text
    asked = len(engine.calls)
    for number in range(20):
        site.set_cookie("session", f"s{number}")
        said = {
            "User-Agent": f"a{number}",
            "X-Forwarded-For": f"10.0.0.{number}",
            "Accept-Language": f"en-x-a{number}",
        }
        assert site.get("/search?q=coffee", headers=said).text == first
    assert len(engine.calls) == asked


def test_a_file_has_its_name_each_time():
    site = create_app(FakeEngine(ARTICLE)).test_client()
    first, second = (site.get("/lookup.tsv?q=coffee").headers for _ in range(2))
    assert first["Content-Disposition"] == second["Content-Disposition"]


def test_a_new_generation_is_asked_anew():
    shelf = Shelf(Settings(), FakeEngine(ARTICLE))
    site = create_app(shelf).test_client()
    assert site.get("/api/search?q=coffee").json["total"] == 1
    shelf._engine = FakeEngine(stored("b.txt", "Tea\n\nA cup of tea is green."))
    shelf._engine.generation = 2
    assert site.get("/api/search?q=coffee").json["total"] == 0


def test_errors_are_not_kept():
    engine = FakeEngine(ARTICLE)
    site = create_app(engine).test_client()
    for _ in range(2):
        assert site.get("/api/search?q=coffee&in=xx").status_code == 400
    assert site.get("/api/search?q=coffee").status_code == 200


def key(number: int) -> bytes:
    return number.to_bytes(32)


def test_so_many_bytes_are_kept_and_the_oldest_make_room():
    replies = Replies(100_000)
    for number in range(30):
        replies.keep(key(number), Kept(b"x" * 9_400, "text/plain"))
        assert replies.get(key(0)) or number > 10
    assert len(replies) == 10
    assert replies.get(key(0)), "asked for all the time"
    assert replies.get(key(15)) is None
    replies.keep(key(99), Kept(b"x" * 50_000, "text/plain"))
    assert replies.get(key(99)) is None


def test_what_keeping_an_entry_takes_is_counted():
    replies = Replies(1_000_000)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for number in range(4_000):
            replies.keep(key(number), Kept(b"%d" % number, f"text/{'plain'}"))
        assert tracemalloc.get_traced_memory()[0] - before < 1_000_000
    finally:
        tracemalloc.stop()
    assert 1_000 < len(replies) < 2_000


def test_a_run_of_unique_requests_makes_nothing_grow(monkeypatch):
    """Whatever a client can make up: what is remembered of it has bounds."""
    monkeypatch.setattr("webapp.serving.guard._KEPT_BYTES", 100_000)
    site = create_app(FakeEngine(ARTICLE), Serving(rate="100000/minute")).test_client()

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
