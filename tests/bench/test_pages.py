"""How soon a page of results is seen, and what it weighs: Chromium, cold, against a local server.

*First paint* is counted from the end of the server's answer: what the browser does with it. The server's own
time stands beside it.
"""

from __future__ import annotations

import os
import re
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Board

import search

pytestmark = [pytest.mark.bench, pytest.mark.browser]

ROOT = Path(__file__).parent.parent.parent
ADDRESS = "/search?q=how does service relate to loyalty"
TIMES = """() => {
  const page = performance.getEntriesByType("navigation")[0];
  const paint = performance.getEntriesByName("first-contentful-paint")[0];
  const loaded = [page, ...performance.getEntriesByType("resource")];
  return {
    server: page.responseEnd - page.requestStart,
    paint: paint.startTime - page.responseEnd,
    bytes: loaded.reduce((sum, one) => sum + one.encodedBodySize, 0),
  };
}"""


def test_a_page_of_results_is_seen_at_once(board: Board, tmp_path: Path) -> None:
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium)")
    search.build([ROOT / "corpus"], tmp_path / "kb")
    command = [sys.executable, "-m", "webapp", "serve", "--port", "0", "--kb", str(tmp_path / "kb")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as server:
        assert server.stdout is not None
        address = re.search(r"http://\S+?(?=/)", server.stdout.readline())[0]
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
            runs = []
            for _ in range(12):
                context = browser.new_context()  # nothing kept from the run before
                page = context.new_page()
                page.goto(address + ADDRESS)
                page.wait_for_load_state("networkidle")
                runs.append(page.evaluate(TIMES))
                context.close()
            browser.close()
        server.terminate()
    paint = statistics.median(run["paint"] for run in runs[2:])
    served = statistics.median(run["server"] for run in runs[2:])
    detail = f"median of {len(runs) - 2}; the server took {served:.0f} ms"
    board.add("first contentful paint after the answer", paint, "ms", "at most", 300, detail)
    weight = max(run["bytes"] for run in runs) / 1000
    board.add("weight of a page of results, as sent", weight, "KB", "at most", 100, "all but fonts")
