"""What the server says about itself: a line for each request, for programs or for people, and numbers for
Prometheus.

No line has what was asked, nor who asked, unless ``log_queries`` wants the former.
"""

from __future__ import annotations

import json
import logging
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

from search.budget import Watch, watched
from webapp.serving.settings import SERVING

if TYPE_CHECKING:
    from webapp.config import Serving
    from webapp.gate import Gate
    from webapp.library import Shelf

__all__ = ["REQUESTS", "JsonLines", "Observer", "PlainLines"]

REQUESTS = "rosetta.requests"
"""The logger of the lines, one a request."""

_log = logging.getLogger(REQUESTS)


class Observer:
    """Watches an application's requests. Each gets a budget for its searches."""

    def __init__(self, app: Flask, shelf: Shelf, serving: Serving, gate: Gate) -> None:
        self._shelf = shelf
        self._serving = serving
        self._registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self._registry)
        self._requests = Counter(
            "rosetta_requests", "Requests answered.", ["endpoint", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "rosetta_request_seconds",
            "Time to answer a request.",
            ["endpoint"],
            buckets=SERVING.seconds,
            registry=self._registry,
        )
        self._stages = Counter(
            "rosetta_search_stage_seconds", "Time that searching spent.", ["stage"], registry=self._registry
        )
        self._gauges(gate)
        app.before_request(self._begin)
        app.after_request(self._end)
        app.teardown_request(self._leave)
        app.add_url_rule("/metrics", "metrics", self.metrics)

    def _gauges(self, gate: Gate) -> None:
        def gauge(name: str, text: str, value: Any) -> None:
            Gauge(name, text, registry=self._registry).set_function(value)

        shelf = self._shelf
        gauge("rosetta_generation", "The library's open generation; 0: none.", lambda: shelf.generation)
        gauge(
            "rosetta_generation_behind",
            "Generations that the open one is older than the live one, which is damaged or cannot be read.",
            lambda: shelf.behind,
        )
        gauge("rosetta_words_only", "1 while there is no model to search with.", lambda: bool(shelf.degraded))
        gauge("rosetta_searches_free", "Searches that could start at once.", lambda: gate.free)
        gauge("rosetta_waiting_free", "Searches that could still wait for their turn.", lambda: gate.places)

    def metrics(self) -> Response:
        """The numbers, as Prometheus reads them."""
        return Response(generate_latest(self._registry), content_type=CONTENT_TYPE_LATEST)

    def _begin(self) -> None:
        g.started = time.monotonic()
        g.watching = ExitStack()
        g.watch = g.watching.enter_context(watched(self._serving.budget))

    def _leave(self, _error: BaseException | None) -> None:
        watching = g.pop("watching", None)
        if watching is not None:
            watching.close()

    def _end(self, reply: Response) -> Response:
        watch: Watch = g.watch
        taken = time.monotonic() - g.started
        endpoint = request.endpoint or "none"
        self._requests.labels(endpoint, str(reply.status_code)).inc()
        self._seconds.labels(endpoint).observe(taken)
        for stage, seconds in watch.stages.items():
            self._stages.labels(stage).inc(seconds)
        if self._serving.log == "json":
            _log.info("%s", json.dumps(self._line(reply, watch, endpoint, taken), ensure_ascii=True))
        elif self._serving.log:
            # Quoted: an address may hold what would colour a terminal.
            address = quote(request.path)
            clock = time.strftime("%H:%M:%S")
            _log.info("%s %d %s %s %.0f ms", clock, reply.status_code, request.method, address, 1000 * taken)
        return reply

    def _line(self, reply: Response, watch: Watch, endpoint: str, taken: float) -> dict[str, Any]:
        line = {
            "time": _now(),
            "method": request.method,
            "endpoint": endpoint,
            "status": reply.status_code,
            "ms": _milliseconds(taken),
            "stages": {stage: _milliseconds(seconds) for stage, seconds in watch.stages.items()},
            "hits": watch.counts.get("hits"),
            "evidence": watch.counts.get("evidence"),
            "generation": self._shelf.generation,
        }
        if self._shelf.degraded:
            line["words_only"] = True
        if self._serving.log_queries:
            line["query"] = request.args.get("q")
        return line


class JsonLines(logging.Formatter):
    """Every line of the log as a JSON document: requests as they are, all else with its level and text."""

    def format(self, record: logging.LogRecord) -> str:
        message = record.getMessage()
        if record.name == REQUESTS:
            return message
        line = {"time": _now(), "level": record.levelname, "logger": record.name, "message": message}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line)


class PlainLines(logging.Formatter):
    """Requests as they are, all else with its level and where it comes from."""

    def __init__(self) -> None:
        super().__init__("%(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        return record.getMessage() if record.name == REQUESTS else super().format(record)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _milliseconds(seconds: float) -> float:
    return round(1000 * seconds, 1)
