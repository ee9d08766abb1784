"""One system's process: ``python -m peers.runner SYSTEM MODEL real|looked-up``."""

from __future__ import annotations

import sys
from pathlib import Path

from peers.protocol import serve
from peers.systems import load

if __name__ == "__main__":
    name, model, encoder = sys.argv[1:]
    serve(lambda: load(name, Path(model), real=encoder == "real"))
