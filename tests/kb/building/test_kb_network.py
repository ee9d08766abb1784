"""Whatever addresses files name, reading them asks none."""

from __future__ import annotations

import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from kb.build import update
from kb.store.store import Store

BODY = "The harbour lies where the river meets the sea, and the ferry leaves it every morning at eight. " * 3


@pytest.fixture
def asked() -> Iterator[tuple[str, list[str]]]:
    """The address of a server on this machine, and the paths that it was asked for."""
    paths: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    yield f"http://127.0.0.1:{server.server_port}", paths
    server.shutdown()
    serving.join()
    server.server_close()


def files_that_name(address: str) -> dict[str, bytes]:
    page = (
        f'<html><head><base href="{address}/base/"><link rel="stylesheet" href="{address}/a.css">'
        f'<meta http-equiv="refresh" content="0;url={address}/next">'
        f'<script src="{address}/a.js"></script></head>'
        f'<body><h1>Harbour</h1><p>{BODY}</p><img src="{address}/a.png"><iframe src="{address}/f"></iframe>'
        f'<object data="{address}/o"></object></body></html>'
    )
    doctype = f'<!DOCTYPE html SYSTEM "{address}/a.dtd" [<!ENTITY e SYSTEM "{address}/e">]>'
    texts = {
        "page.html": page,
        "strict.xhtml": f'<?xml version="1.0"?>{doctype}{page}&e;',
        "marks.md": f"---\nurl: {address}/front\n---\n# Harbour\n\n![a]({address}/m.png) {BODY}",
        "marks.rst": f"Harbour\n=======\n\n.. include:: {address}/i\n.. image:: {address}/r.png\n\n{BODY}",
        "marks.adoc": f"= Harbour\n\ninclude::{address}/i[]\n\nimage::{address}/a.png[]\n\n{BODY}",
        "record.json": f'{{"title": "Harbour", "url": "{address}/j", "text": "{BODY}"}}',
        "letter.eml": f"Subject: Harbour\nContent-Type: text/html\n\n{page}",
    }
    return {name: text.encode() for name, text in texts.items()}


def test_nothing_is_fetched_for_the_addresses_that_files_name(
    tmp_path: Path, asked: tuple[str, list[str]]
) -> None:
    address, paths = asked
    files = files_that_name(address)
    (tmp_path / "in").mkdir()
    for name, content in files.items():
        (tmp_path / "in" / name).write_bytes(content)
    with Store.create(tmp_path / "kb.sqlite") as store:
        report = update(store, [tmp_path / "in"], 1)
    assert len(report.added) == len(files), report.skipped
    assert paths == []
    urllib.request.urlopen(address + "/here").read()
    assert paths == ["/here"], "the server would have noted it"
