"""A whole product for tests: `huifang up` with real processes, in compressed time."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from urllib.request import Request, urlopen

from huifang.kernel.clock import ENVIRONMENT_NAME, CompressedTime

Found = TypeVar("Found")
HUIFANG = [sys.executable, "-m", "huifang.cli.main"]
START_SECONDS, COMMAND_SECONDS, STOP_SECONDS = 240.0, 90.0, 60.0
# A day in 96 s: two hours pass while a person edits a plan, a night while they make tea.
SPEED, PAST = 900.0, timedelta(days=25)


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


class RunningProduct:
    """One `huifang up` on a folder of its own. `stop` must be called."""

    def __init__(self, folder: Path, *, is_demo: bool = False) -> None:
        self.port, self.gateway_port = free_port(), free_port()
        self._folder = folder / "data"
        self._console = folder / "console.txt"
        now = datetime.now(UTC)
        squeezed = CompressedTime(
            real_start=now, start=now - PAST, rush_speed=SPEED, rush_seconds=0.0, speed=SPEED
        )
        self._environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("HUIFANG_", "DATABASE_", "DJANGO_")) and name != "EMAIL_URL"
        } | ({} if is_demo else {ENVIRONMENT_NAME: squeezed.encode()})
        with self._console.open("wb") as console:
            self._process = subprocess.Popen(
                [*HUIFANG, "up", *(["--demo"] if is_demo else []), *self._options(with_ports=True)],
                env=self._environment,
                stdout=console,
                stderr=console,
            )

    @property
    def url(self) -> str:
        """Where a browser finds it."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def gateway_url(self) -> str:
        """Where the wallet sends its events."""
        return f"http://127.0.0.1:{self.gateway_port}"

    def wait_until_ready(self) -> None:
        """Return once everything serves. Raises `AssertionError` with what was said instead."""
        until(lambda: "Ready" in self.said() or self._process.poll() is not None, seconds=START_SECONDS)
        assert "Ready" in self.said(), self.said()

    def said(self) -> str:
        """What `huifang up` printed so far."""
        return self._console.read_text(encoding="utf-8")

    def faults(self) -> list[str]:
        """Lines of the programs' logs that tell of a mistake of ours."""
        words = ("ERROR", "Traceback", "CRITICAL")
        return [
            f"{log.name}: {line}"
            for log in sorted((self._folder / "logs").glob("*.log"))
            for line in log.read_text(encoding="utf-8", errors="replace").splitlines()
            if any(word in line for word in words)
        ]

    def command(self, *arguments: str) -> str:
        """The last line that `huifang` prints for *arguments*."""
        done = subprocess.run(
            [*HUIFANG, *arguments, *self._options()],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.splitlines()[-1]

    def get(self, path: str, *, key: str) -> dict[str, Any]:
        """What the HTTP API answers at *path* to the holder of *key*."""
        asked = Request(f"{self.url}/api/v1{path}", headers={"Authorization": f"Bearer {key}"})
        with urlopen(asked, timeout=20) as reply:
            found: dict[str, Any] = json.load(reply)
        return found

    def stop(self) -> None:
        """Stop every process of it, in good order if it can be had."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()  # its children end with it
            self._process.wait(STOP_SECONDS)

    def _options(self, *, with_ports: bool = False) -> list[str]:
        served = ["--port", str(self.port), "--gateway-port", str(self.gateway_port)] if with_ports else []
        return [*served, "--data-dir", str(self._folder)]


def until(find: Callable[[], Found], *, seconds: float, what: str = "it") -> Found:
    """What *find* gives once it gives something. Raises `AssertionError` after *seconds*."""
    deadline = time.monotonic() + seconds
    while not (found := find()):
        assert time.monotonic() < deadline, f"{what} did not come within {seconds:.0f} s"
        time.sleep(0.25)
    return found
