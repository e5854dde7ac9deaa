"""Reads ``postmaster.pid`` and finds which processes still work in a data folder."""

import contextlib
import os
import signal
from dataclasses import dataclass
from pathlib import Path

from huifang.kernel import processes
from huifang.kernel.postgres.errors import DataHeldError

_STATUS_LINE = 7
_LEAVING_SECONDS = 60.0
_GRACE_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Postmaster:
    """The main process of a server, as its pid file tells. *status* is such as "starting" or "ready"."""

    pid: int
    status: str


def read(data: Path) -> Postmaster | None:
    """The server that the pid file of *data* tells of, or None."""
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
        # The number is negative while a single-user process holds the folder.
        pid = abs(int(lines[0]))
    except (FileNotFoundError, IndexError, ValueError):
        return None
    return Postmaster(pid, lines[_STATUS_LINE].strip() if len(lines) > _STATUS_LINE else "starting")


def holder(data: Path) -> int | None:
    """The live process that holds *data*, or None where the pid file is missing or stale.

    A number that was given to another program since does not count: the server's working folder is its data.
    """
    told = read(data)
    if told is None:
        return None
    lives = told.pid in processes.working_in(data) if processes.SEES_OTHERS else processes.is_alive(told.pid)
    return told.pid if lives else None


def vacate(data: Path) -> None:
    """Make *data* free to start on. Raises `DataHeldError` where a live server keeps it.

    A server that was told to stop, as when its supervisor was killed, gets the time to do so. Orphaned
    backends of a killed server hold its shared memory: those that do not leave by themselves are killed.
    """
    pid = holder(data)
    if pid is not None and not processes.wait_until(lambda: holder(data) is None, seconds=_patience(data)):
        raise DataHeldError(f"Another PostgreSQL (process {pid}) runs on {data}. Stop it first.")
    if not processes.wait_until(lambda: not processes.working_in(data), seconds=_GRACE_SECONDS):
        kill_workers(data)
    (data / "postmaster.pid").unlink(missing_ok=True)


def _patience(data: Path) -> float:
    told = read(data)
    return _LEAVING_SECONDS if told is not None and told.status == "stopping" else _GRACE_SECONDS


def kill_workers(data: Path) -> None:
    """Kill every process that works in *data*."""
    for pid in processes.working_in(data):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    processes.wait_until(lambda: not processes.working_in(data), seconds=_LEAVING_SECONDS)
