"""Keeps programs running: starts each, waits until it is ready, restarts what ends, stops all in order."""

import contextlib
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from huifang.cli.errors import ChildFailedError
from huifang.kernel import processes
from huifang.kernel.postgres.errors import PostgresError
from huifang.kernel.postgres.server import Server

STEADY_SECONDS = 60.0
_DELAY_SECONDS = 0.5
_DELAY_SECONDS_MAX = 30.0
_READY_SECONDS = 300.0
_POLL_SECONDS = 0.05
_STOP_STEPS = ((signal.SIGTERM, 20.0), (signal.SIGINT, 2.0))
_LOG_BYTES_MAX = 20_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One program to keep running. *is_ready* is asked until it holds."""

    name: str
    arguments: Sequence[str]
    is_ready: Callable[[], bool]


def restart_delay(failures: int) -> float:
    """Seconds to wait before the restart after so many failures in a row: doubling, up to half a minute."""
    return float(min(_DELAY_SECONDS_MAX, _DELAY_SECONDS * 2 ** min(failures - 1, 10)))


@dataclass(slots=True)
class Child:
    """A program as it runs."""

    program: Program
    process: processes.Process
    started: float
    failures: int = 0
    restart_at: float | None = None


@dataclass(slots=True)
class Supervisor:
    """Programs in the order of their start; they are stopped in the same order, PostgreSQL last."""

    logs: Path
    environment: Mapping[str, str]
    say: Callable[[str], None]
    postgres: Server | None = None
    start_process: Callable[..., processes.Process] = processes.start
    children: list[Child] = field(default_factory=list, init=False)
    _postgres_failures: int = field(default=0, init=False)
    _postgres_restart_at: float = field(default=0.0, init=False)

    def launch(self, program: Program, *, now: float) -> Child:
        """Start *program* and keep it from now on."""
        child = Child(program, self._start(program), started=now)
        self.children.append(child)
        return child

    def wait_until_ready(self, child: Child) -> None:
        """Wait for a child's first readiness. Raises `ChildFailedError`."""
        deadline = time.monotonic() + _READY_SECONDS
        while not child.program.is_ready():
            if child.process.poll() is not None or time.monotonic() > deadline:
                log = self._log(child.program)
                raise ChildFailedError(name=child.program.name, log=log, tail=tail(log))
            time.sleep(_POLL_SECONDS)

    def tend(self, *, now: float) -> None:
        """One round: see what ended, and restart what is due."""
        self._tend_postgres(now)
        for child in self.children:
            if child.restart_at is None and child.process.poll() is not None:
                self._note_end(child, now)
            if child.restart_at is not None and now >= child.restart_at:
                self._restart(child, now)

    def stop(self) -> None:
        """Stop every child, first started first, then PostgreSQL."""
        for child in self.children:
            if child.restart_at is None and not processes.stop(child.process, _STOP_STEPS):
                self.say(f"{child.program.name} had to be killed")
        self.children.clear()
        if self.postgres is not None:
            self.postgres.stop()

    def trim_logs(self) -> None:
        """Move the content of a log that grew large aside, keeping one such file."""
        for log in self.logs.glob("*.log"):
            if log.stat().st_size > _LOG_BYTES_MAX:
                with contextlib.suppress(OSError):  # where there is no space for it, it is given up
                    log.with_suffix(".log.1").write_bytes(log.read_bytes())
                with log.open("r+b") as stream:  # Writers append, so that they go on at the new end.
                    stream.truncate(0)

    def _restart(self, child: Child, now: float) -> None:
        try:
            child.process = self._start(child.program)
        except OSError as error:  # such as a full disk, where no log can be written
            child.failures += 1
            delay = restart_delay(child.failures)
            child.restart_at = now + delay
            self.say(f"{child.program.name} cannot be started: {error}; next attempt in {delay:g} s")
        else:
            child.started, child.restart_at = now, None
            self.say(f"{child.program.name} was restarted (process {child.process.pid})")

    def _start(self, program: Program) -> processes.Process:
        with self._log(program).open("ab") as log:
            command = processes.Command(arguments=program.arguments, environment=self.environment)
            return self.start_process(command, output=log)

    def _log(self, program: Program) -> Path:
        return self.logs / f"{program.name.replace(' ', '-')}.log"

    def _note_end(self, child: Child, now: float) -> None:
        processes.end_session(child.process)
        child.failures = 1 if now - child.started > STEADY_SECONDS else child.failures + 1
        delay = restart_delay(child.failures)
        child.restart_at = now + delay
        how = describe_end(child.process.returncode)
        self.say(f"{child.program.name} {how}; restart in {delay:g} s; log: {self._log(child.program)}")

    def _tend_postgres(self, now: float) -> None:
        postgres = self.postgres
        if postgres is None or postgres.is_running() or now < self._postgres_restart_at:
            return
        self.say("PostgreSQL ended; restart now")
        try:
            postgres.start()
        except (PostgresError, OSError) as error:  # the latter such as on a full disk
            self._postgres_failures += 1
            delay = restart_delay(self._postgres_failures)
            self._postgres_restart_at = now + delay
            self.say(f"{error}\nPostgreSQL: next attempt in {delay:g} s")
        else:
            self._postgres_failures = 0
            self.say("PostgreSQL was restarted and has recovered")


def describe_end(code: int) -> str:
    """How a process ended, in words."""
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"


def tail(log: Path, lines: int = 15) -> str:
    """The last lines of *log*."""
    text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    return "\n".join(text.splitlines()[-lines:])
