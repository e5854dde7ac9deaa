"""Runs real gateway processes for the tests: granian, on a free port, against the test database."""

import base64
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
from django.db import connection
from psycopg.conninfo import make_conninfo


def test_database_url() -> str:
    """The connection string of the database that Django's tests use."""
    settings = connection.settings_dict
    parts = {
        "dbname": settings["NAME"],
        "user": settings["USER"],
        "password": settings["PASSWORD"],
        "host": settings["HOST"],
        "port": settings["PORT"],
    }
    return make_conninfo(**{name: str(value) for name, value in parts.items() if value})


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(slots=True)
class Gateway:
    """One running gateway process."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, key: str) -> httpx.Client:
        """An HTTP client that sends *key* as Segment's clients do."""
        token = base64.b64encode(f"{key}:".encode()).decode()
        return httpx.Client(base_url=self.url, headers={"authorization": f"Basic {token}"}, timeout=20)

    def kill(self) -> None:
        """End it as a crash would: the whole session, without a word."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """Ask it to end, and wait."""
        self.process.terminate()
        try:
            self.process.wait(15)
        finally:
            self.kill()


def start(port: int | None = None, **environment: str) -> Gateway:
    """Start a gateway and wait until it answers."""
    port = port or free_port()
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--no-ws", "--workers", "1", "--log-level", "warning"]
    process = subprocess.Popen(
        [*command, "huifang.config.gateway:app"],
        env={**os.environ, "DATABASE_URL": test_database_url(), **environment},
        start_new_session=True,
    )
    gateway = Gateway(port=port, process=process)
    for _ in range(200):
        with contextlib.suppress(httpx.TransportError):
            httpx.get(f"{gateway.url}/healthz")
            return gateway
        assert process.poll() is None, "the gateway ended while it started"
        time.sleep(0.05)
    gateway.kill()
    raise AssertionError("the gateway does not answer")


@contextlib.contextmanager
def running(port: int | None = None, **environment: str) -> Iterator[Gateway]:
    """A gateway for the length of a block."""
    gateway = start(port, **environment)
    try:
        yield gateway
    finally:
        gateway.stop()
