"""`kb serve` as a process of its own."""

import contextlib
import os
import re
import subprocess
import sys


@contextlib.contextmanager
def serving(*arguments, stderr=subprocess.PIPE):
    """The process of ``kb serve`` on a free port, and its address."""
    command = [
        sys.executable,
        "-c",
        # Whoever runs the tests in the background has them ignore Ctrl-C, and so would the server.
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from webapp.terminal.cli import main; main()",
        "serve",
        "--port",
        "0",
        *arguments,
    ]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        env=environment,
    ) as process:
        try:
            yield process, re.search(r"http://\S+?(?=/)", process.stdout.readline())[0]
        finally:
            process.kill()
