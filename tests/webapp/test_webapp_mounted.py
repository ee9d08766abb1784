"""The application below a path of another one: every address keeps the path."""

from __future__ import annotations

import asyncio

import pytest
from awaiting import awaited
from flask import Flask
from webapp_doubles import FakeEngine, elements, stored
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from webapp import create_app
from webapp.config import Serving

ARTICLES = (
    stored("en/coffee.txt", "Coffee and sleep\n\nMany drink coffee to stay awake."),
    stored("pl/coffee.txt", "Kawa i sen\n\nWielu pije coffee, żeby nie zasnąć.", "pl"),
)


@pytest.fixture
def reader():
    site = Flask("site")
    site.wsgi_app = DispatcherMiddleware(site.wsgi_app, {"/library": create_app(FakeEngine(*ARTICLES))})
    return site.test_client()


def addresses_of(reply):
    """Every address on a page that begins at the server's root."""
    return [
        element.attributes[name]
        for element in elements(reply.text)
        for name in ("href", "src", "action", "data-suggest")
        if element.attributes.get(name, "").startswith("/")
    ]


@pytest.mark.parametrize(
    "page",
    [
        "/",
        "/search?q=coffee",
        "/lookup?q=coffee",
        "/languages",
        "/about",
        "/api",
        f"/articles/{ARTICLES[0].id}",
    ],
)
def test_every_address_on_a_page_keeps_the_path(reader, page):
    reply = reader.get(f"/library{page}")
    assert reply.status_code == 200
    addresses = addresses_of(reply)
    assert len(addresses) > 10
    assert [one for one in addresses if not one.startswith("/library/")] == []
    for address in set(addresses):
        asked = {"q": "coffee"} if address.endswith(("/search", "/suggest", "/lookup")) else None
        assert reader.get(address, query_string=asked).status_code == 200, address


def test_the_api_says_where_it_is(reader):
    assert reader.get("/library/openapi.json").json["servers"] == [{"url": "http://localhost/library"}]


FORWARDED = {"X-Forwarded-Prefix": "/kb/articles", "X-Forwarded-Proto": "https"}


@pytest.fixture
def behind_a_proxy():
    return create_app(FakeEngine(*ARTICLES), Serving(forwarded_prefix=True)).test_client()


@pytest.mark.parametrize(
    "asked", ["/", "/kb/articles", "/kb/articles/", "/search?q=coffee", "/kb/articles/about"]
)
def test_a_proxys_path_begins_every_address_whether_it_takes_it_off_or_not(behind_a_proxy, asked):
    reply = behind_a_proxy.get(asked, headers=FORWARDED)
    assert reply.status_code == 200
    addresses = addresses_of(reply)
    assert len(addresses) > 10
    assert [one for one in addresses if not one.startswith("/kb/articles/")] == []


@pytest.mark.parametrize(
    ("serving", "headers"),
    [
        (Serving(), FORWARDED),
        # The server drops the others of a client that is not the proxy.
        (Serving(forwarded_prefix=True), {"X-Forwarded-Prefix": "/kb/articles"}),
    ],
)
def test_a_path_that_nobody_vouches_for_is_not_believed(serving, headers):
    page = create_app(FakeEngine(*ARTICLES), serving).test_client().get("/", headers=headers).text
    assert "/kb/articles" not in page


@pytest.mark.parametrize(
    "path", ["//elsewhere.example", "/kb/../x", "kb", "/a b", "/<b>", "/" + "a" * 101, "/a" * 9]
)
def test_what_is_no_path_is_refused(behind_a_proxy, path):
    reply = behind_a_proxy.get("/", headers=FORWARDED | {"X-Forwarded-Prefix": path})
    assert (reply.status_code, reply.mimetype) == (400, "text/plain")


def test_one_application_below_two_paths_keeps_their_replies_apart():
    app = create_app(FakeEngine(*ARTICLES))
    site = Flask("site")
    site.wsgi_app = DispatcherMiddleware(site.wsgi_app, {"/one": app, "/two": app})
    reader = site.test_client()
    assert "/one/articles/" in reader.get("/one/search?q=coffee").text
    assert "/one/articles/" not in reader.get("/two/search?q=coffee").text


def test_an_asgi_application_can_mount_it():
    a2wsgi = pytest.importorskip("a2wsgi")
    app = a2wsgi.WSGIMiddleware(create_app(FakeEngine(*ARTICLES)))
    sent = []

    async def ask():
        scope = {
            "type": "http",
            "method": "GET",
            "path": "/library/search",
            "root_path": "/library",
            "query_string": b"q=coffee",
            "headers": [(b"host", b"kb.example.org")],
            "scheme": "http",
            "http_version": "1.1",
            "server": ("kb.example.org", 80),
            "client": ("127.0.0.1", 1),
        }

        messages = [{"type": "http.request", "body": b"", "more_body": False}]

        async def receive():
            return messages.pop() if messages else await asyncio.Event().wait()

        async def send(message):
            sent.append(message)

        await app(scope, receive, send)

    awaited(ask(), 60)
    assert sent[0]["status"] == 200
    text = b"".join(one.get("body", b"") for one in sent[1:]).decode()
    assert f'href="/library/articles/{ARTICLES[0].id}' in text
