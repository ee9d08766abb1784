"""Coroutines in tests that are plain functions."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def awaited(coroutine: Coroutine[Any, Any, Any], seconds: float = 120) -> Any:
    """What it comes to, in a thread of its own: a browser that other tests have started keeps a loop of
    events running in this one, and there can be no second."""

    def run() -> Any:
        return asyncio.run(asyncio.wait_for(coroutine, seconds))

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(run).result()
