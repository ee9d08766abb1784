"""Load on a server of its own: ``python tests/bench/load.py [--kb DIR] [--seconds 10] [--soak MINUTES]``.

Prints a table of what was measured and what is needed; exits 1 where that is not reached. The clients run on
the same cores as the server. Rates are of closed loops (a client asks again when it has its answer), except
"paced": there, so many requests a second are sent, whatever becomes of them.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import itertools
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).parent.parent.parent
WORDS = (
    *("loyalty", "service", "customer", "quality", "satisfaction", "relation", "trust", "price", "brand"),
    *("lojalność", "obsługa", "klient", "jakość", "лояльность", "обслуживание", "качество", "lojalitāte"),
    *("kundelojalitet", "tjeneste", "kvalitet", "pakalpojums", "katapatan", "serbisyo", "how", "why", "what"),
    *("value", "expectation", "complaint", "does", "relate", "between", "company", "product"),
)


@dataclass
class Outcome:
    """What a number of clients met with."""

    seconds: float
    statuses: Counter[int] = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)
    unhelpful: int = 0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.statuses[200] / self.seconds

    def percentile(self, share: float) -> float:
        """Milliseconds that this share of the answers stayed below."""
        ordered = sorted(self.times)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def fresh(rng: random.Random) -> Iterator[str]:
    """Questions that were never asked before."""
    for number in itertools.count():
        yield f"/api/search?q={quote(' '.join(rng.choices(WORDS, k=5)))}+{rng.randrange(10**9)}{number}"


def repeated(rng: random.Random) -> Iterator[str]:
    """A few questions, again and again."""
    few = [f"/api/search?q={quote(' '.join(WORDS[at : at + 3]))}" for at in range(10)]
    while True:
        yield rng.choice(few)


def mixed(rng: random.Random) -> Iterator[str]:
    """What a site is asked: pages, answers, suggestions, some of it again."""
    new, old = fresh(rng), repeated(rng)
    while True:
        for _ in range(3):
            yield next(new)
            yield next(old).replace("/api/search", "/search")
        yield next(new).replace("/api/search", "/api/ask")
        yield f"/api/suggest?q={quote(rng.choice(WORDS)[:3])}"
        yield f"/lookup?q={quote(rng.choice(WORDS))}"
        yield "/languages"


def drive(
    port: int,
    clients: int,
    seconds: float,
    paths: Callable[[random.Random], Iterator[str]],
    rate: float = 0,
    polite: bool = True,
) -> Outcome:
    """So many clients for so long; ``rate`` requests a second of all together (0: as fast as they can)."""
    outcome, lock = Outcome(seconds), threading.Lock()
    begun = time.monotonic()

    def client(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        every = clients / rate if rate else 0.0
        due = begun + every * number / clients
        for path in paths(random.Random(f"{begun} {number}")):
            if time.monotonic() - begun >= seconds:
                break
            if rate:
                time.sleep(max(0.0, due - time.monotonic()))
                due += every
            asked = time.monotonic()
            try:
                connection.request("GET", path, headers={"Host": "localhost"})
                reply = connection.getresponse()
                reply.read()
                status, again = reply.status, reply.headers.get("Retry-After")
            except OSError:
                status, again = 0, None
                connection.close()
            taken = time.monotonic() - asked
            with lock:
                outcome.statuses[status] += 1
                outcome.unhelpful += status == 503 and not again
                if status == 200:
                    outcome.times.append(taken)
            if status == 503 and polite:
                time.sleep(float(again or 1))
        connection.close()

    with ThreadPoolExecutor(clients) as pool:
        # What a client could not do is raised here: load that nobody made proves nothing.
        list(pool.map(client, range(clients)))
    outcome.seconds = time.monotonic() - begun
    return outcome


@contextlib.contextmanager
def server(library: str | None) -> Iterator[tuple[int, int]]:
    """The process and the port of ``kb serve``, over a library of corpus/ where none is named."""
    with contextlib.ExitStack() as stack:
        if library is None:
            library = stack.enter_context(tempfile.TemporaryDirectory(prefix="kb-load-"))
            built = [sys.executable, "-m", "webapp", "build", str(ROOT / "corpus"), "--to", library]
            subprocess.run(built, cwd=ROOT, check=True, capture_output=True)
        command = [sys.executable, "-m", "webapp", "serve", "--port", "0", "--kb", library]
        process = stack.enter_context(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True))
        try:
            assert process.stdout is not None
            found = re.search(r":(\d+)/", process.stdout.readline())
            assert found is not None
            yield process.pid, int(found[1])
        finally:
            process.terminate()


def resources(process: int) -> tuple[float, int]:
    """Megabytes of resident memory, and open descriptors."""
    status = Path(f"/proc/{process}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+)", status)
    return int(found[1]) / 1024 if found else float("nan"), len(list(Path(f"/proc/{process}/fd").iterdir()))


def processor_seconds(process: int) -> float:
    """What a process has used of the processors, which does not depend on who else uses them."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def soak(process: int, port: int, minutes: float) -> tuple[str, str, bool]:
    """Mixed load for so long; how much more memory and descriptors it has at the end than a fifth in."""
    drive(port, 8, 12 * minutes, mixed)
    before = resources(process)
    outcome = drive(port, 8, 48 * minutes, mixed)
    after = resources(process)
    growth = 100 * (after[0] / before[0] - 1)
    text = f"{growth:+.1f} % ({before[0]:.0f} to {after[0]:.0f} MB), descriptors {before[1]} to {after[1]}, "
    text += f"{outcome.statuses[200]:,} answered"
    failed = {status for status in outcome.statuses if status not in (200, 503)}
    return f"soak of {minutes:g} minutes, growth", text, growth < 5 and after[1] <= before[1] and not failed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kb", help="a library; one of corpus/ is built where none is named")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--soak", type=float, default=0.0, metavar="MINUTES")
    options = parser.parse_args()
    rows: list[tuple[str, str, bool]] = []
    with server(options.kb) as (process, port):
        drive(port, 4, 2, mixed)
        made = drive(port, 16, options.seconds, fresh, rate=40)
        figures = f"{made.rate:.0f}/s, p50 {made.percentile(0.5):.0f} ms, p95 {made.percentile(0.95):.0f} ms"
        rows.append(
            ("hybrid, 16 clients, paced at 40/s, p95 ≤ 250 ms", figures, made.percentile(0.95) <= 250)
        )
        worked = processor_seconds(process)
        made = drive(port, 16, options.seconds, fresh)
        worked = 1000 * (processor_seconds(process) - worked) / max(1, made.statuses[200])
        figures = f"{made.rate:.0f}/s, {worked:.0f} ms of processor time each"
        rows.append(("hybrid, 16 clients, as fast as they can, ≥ 40/s", figures, made.rate >= 40))
        made = drive(port, 16, options.seconds, repeated)
        rows.append(("asked before, 16 clients, ≥ 150/s", f"{made.rate:.0f}/s", made.rate >= 150))
        made = drive(port, 64, options.seconds, fresh, polite=False)
        shed = f"{made.statuses[200]} answered ({made.rate:.0f}/s), {made.statuses[503]} told to come again, "
        shed += f"{sum(made.statuses.values()) - made.statuses[200] - made.statuses[503]} failed, "
        shed += f"slowest answer {made.percentile(1):.0f} ms"
        polite = set(made.statuses) <= {200, 503} and not made.unhelpful and made.statuses[200] > 0
        rows.append(("64 clients that do not wait: shed politely", shed, polite))
        if options.soak:
            rows.append(soak(process, port, options.soak))
    print("| load | measured | reached |\n|---|---|---|")
    for name, text, reached in rows:
        print(f"| {name} | {text} | {'yes' if reached else 'no'} |")
    return 0 if all(reached for *_, reached in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
