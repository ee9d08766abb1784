"""A server over the real library, and Debian's Chromium to look at it with."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from webapp_doubles import FakeEngine, stored
from werkzeug.serving import make_server

from webapp import create_app

ROOT = Path(__file__).parent.parent.parent
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
QUIET = ("--disable-component-update", "--disable-sync")


@pytest.fixture(scope="session")
def address(library):
    """Where ``kb serve`` serves the library of corpus/."""
    command = [sys.executable, "-c", "from webapp.terminal.cli import main; main()", "serve", "--port", "0"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    with subprocess.Popen(
        [*command, "--kb", str(library)], stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        yield re.search(r"http://\S+?(?=/)", process.stdout.readline())[0]
        process.terminate()


@pytest.fixture(scope="session")
def article(engine):
    """The address of an article with headings, opened at a quote."""
    one = next(one for one in engine.articles() if one.language == "ru")
    return f"/articles/{one.id}?quote=1330-1410"


@pytest.fixture(scope="session")
def shelves():
    """Where forty-five articles are served by an engine that compares words: several pages of results."""
    articles = [stored(f"en/{n}.txt", f"Title {n}\n\nCoffee again, cup {n}.", "en") for n in range(30)]
    articles += [stored(f"ar/{n}.txt", f"عنوان {n}\n\nقهوة coffee مرة أخرى.", "ar") for n in range(15)]
    server = make_server("127.0.0.1", 0, create_app(FakeEngine(*articles)), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()


@pytest.fixture(scope="session")
def browser():
    """Chromium; where there is none, the tests are left out, or fail where CI must not leave them out."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        reason = "Chromium is not installed (Debian: apt-get install chromium)"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=[*FLAGS, *QUIET])
        yield chromium
        chromium.close()


@pytest.fixture
def new_page(browser, address):
    """Makes pages; at the end none may have logged an error or asked another server for anything."""
    contexts, complaints = [], []

    def look(request, place):
        if not request.url.startswith(place):
            complaints.append(f"asked for {request.url}")

    def make(place=address, **options):
        context = browser.new_context(base_url=place, **options)
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console", lambda message: complaints.append(message.text) if message.type == "error" else None
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: look(request, place))
        return page

    yield make
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def page(new_page):
    return new_page()
