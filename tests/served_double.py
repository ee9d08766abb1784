"""A server process over a stand-in for the engine, as `kb serve` runs it: `python served_double.py PORT`.

It holds one article of 200 KB, so that a reply is larger than what a connection takes unread.
"""

import sys

from webapp_doubles import FakeEngine, stored

from webapp.config import Serving, Settings
from webapp.library import Shelf
from webapp.server import serve

_LINES = "\n\n".join(f"{number}. A loaf of bread rises while the yeast makes gas." for number in range(4_000))
LARGE = stored("en/bread.txt", f"Bread\n\n{_LINES}")

if __name__ == "__main__":
    serve(Shelf(Settings(), FakeEngine(LARGE)), "127.0.0.1", int(sys.argv[1]), Serving())
