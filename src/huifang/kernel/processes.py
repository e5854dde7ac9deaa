"""Starts, watches and ends child processes so that none outlives its parent. No Django.

Children are started from the main thread only: Linux sends the death signal when the *thread* that made
the child ends.
"""

import contextlib
import ctypes
import gc
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_PR_SET_PDEATHSIG = 1
_POLL_SECONDS = 0.02
_COLLECTED_AFTER = (50_000, 20, 20)

SEES_OTHERS = sys.platform == "linux"
"""Whether this system shows what other processes do."""

Process = subprocess.Popen[bytes]


@dataclass(frozen=True, slots=True)
class Account:
    """The operating system's user that a child runs as."""

    uid: int
    gid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What to start. Without *account* the child runs as this process does."""

    arguments: Sequence[str]
    environment: Mapping[str, str] | None = None
    account: Account | None = None
    folder: Path | None = None
    death_signal: signal.Signals = signal.SIGTERM


def _death_notice(death_signal: signal.Signals) -> Callable[[], None] | None:
    """A function for the child, between fork and exec, that binds its life to this process."""
    if sys.platform != "linux":
        return None
    library, parent = ctypes.CDLL(None, use_errno=True), os.getpid()

    def bind() -> None:
        library.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:  # The parent died before the child could ask to be told.
            os._exit(1)

    return bind


def die_with_parent(death_signal: signal.Signals = signal.SIGTERM) -> None:
    """Have the kernel send *death_signal* to this process when its parent ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)


def collect_seldom() -> None:
    """Let the garbage collector leave alone what is loaded now, and look seldom at what is made later.

    Call it once, when everything is loaded. Batches make records by the ten thousand and keep no cycles:
    looking for these after each 700 took a fifth of a runner's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECTED_AFTER)


def start(command: Command, *, output: IO[bytes] | int) -> Process:
    """Start *command* in a session of its own, its output and errors going to *output*."""
    account = command.account
    return subprocess.Popen(  # noqa: S603 - the callers' own fixed programs
        list(command.arguments),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        env=None if command.environment is None else dict(command.environment),
        cwd=command.folder,
        start_new_session=True,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        # Runs after the change of user, which would clear the death signal.
        preexec_fn=_death_notice(command.death_signal),
    )


def stop(process: Process, steps: Sequence[tuple[signal.Signals, float]]) -> bool:
    """Send each signal in turn and wait its seconds; then kill the whole session.

    Returns whether the process ended before it had to be killed.
    """
    for step, seconds in steps:
        if process.poll() is not None:
            break
        process.send_signal(step)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
    gently = process.poll() is not None
    end_session(process)
    process.wait()
    return gently


def end_session(process: Process) -> None:
    """Kill whatever is left of the session that *process* leads or led."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def is_alive(pid: int) -> bool:
    """Whether a process with this number runs (a zombie does not)."""
    try:
        state = (
            Path(f"/proc/{pid}/stat")
            .read_text(encoding="utf-8", errors="replace")
            .rpartition(")")[2]
            .split()[0]
        )
    except (FileNotFoundError, ProcessLookupError):
        return sys.platform != "linux" and _answers(pid)
    except PermissionError:
        return True
    return state not in {"Z", "X"}


def _answers(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def working_in(folder: Path) -> list[int]:
    """The processes whose working folder is *folder*, as far as this user may see (Linux only)."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (entry / "cwd").readlink() == folder and is_alive(int(entry.name)):
                found.append(int(entry.name))
    return found


def wait_until(condition: Callable[[], bool], *, seconds: float) -> bool:
    """Wait until *condition* holds, at most *seconds*; whether it came to hold."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True
