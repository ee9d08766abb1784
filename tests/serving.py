"""`kb serve` as a process of its own."""

import contextlib
import os
import re
import subprocess
import sys
from pathlib import Path


def serving(*arguments, stderr=subprocess.PIPE):
    """The process of ``kb serve`` on a free port, and its address."""
    return _served(
        # Whoever runs the tests in the background has them ignore Ctrl-C, and so would the server.
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from webapp.terminal.cli import main; main()",
        "serve",
        "--port",
        "0",
        *arguments,
        stderr=stderr,
    )


def serving_double(stderr, files=0):
    """The same over the stand-in of ``served_double``; ``files`` may be open in the process, if not 0."""
    limited = f"import resource; resource.setrlimit(resource.RLIMIT_NOFILE, ({files}, {files})); " * bool(
        files
    )
    script = Path(__file__).parent / "served_double.py"
    return _served(
        f"{limited}import runpy; runpy.run_path({str(script)!r}, run_name='__main__')", "0", stderr=stderr
    )


@contextlib.contextmanager
def _served(program, *arguments, stderr):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        env=environment,
    ) as process:
        try:
            yield process, re.search(r"http://\S+?(?=/)", process.stdout.readline())[0]
        finally:
            process.kill()
