"""Runs the worker: steady loops (runner, dispatcher, relay) and procrastinate's jobs, in threads.

Any number of workers share one database; every loop claims its rows so that two never hold the same.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import close_old_connections, connection
from procrastinate.contrib.django import app as jobs

from huifang.kernel import clock, outbox, tracing

_log = logging.getLogger(__name__)
_IDLE_SECONDS_MAX = 0.5
_FAILED_SECONDS = 2.0

task = jobs.task
periodic = jobs.periodic


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """A function that is called again and again, and says how much it did."""

    name: str
    run: Callable[[], int]
    idle_seconds: float


_loops: dict[str, Loop] = {}


def loop(
    *, name: str, idle_seconds: float = _IDLE_SECONDS_MAX
) -> Callable[[Callable[[], int]], Callable[[], int]]:
    """Decorate a function of a room's ``tasks``: runs for ever in the worker, pausing when it did nothing."""

    def register(run: Callable[[], int]) -> Callable[[], int]:
        _loops[name] = Loop(name=name, run=run, idle_seconds=idle_seconds)
        return run

    return register


@loop(name="outbox")
def relay_facts() -> int:
    """Hand facts to their listeners."""
    return outbox.relay(now=clock.now())


class Worker:
    """One worker process: a thread a loop, and one for jobs."""

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Start every loop and the jobs."""
        runs: list[tuple[str, Callable[[], None]]] = [
            (each.name, partial(self._repeat, each)) for each in _loops.values()
        ]
        runs.append(("jobs", self._run_jobs))
        for name, run in runs:
            thread = threading.Thread(target=run, name=name, daemon=True)
            thread.start()
            self._threads.append(thread)

    def is_healthy(self) -> bool:
        """Whether every thread is alive and the clock can be trusted."""
        return clock.is_trusted() and all(thread.is_alive() for thread in self._threads)

    def stop(self, *, wait_seconds: float = 10.0) -> None:
        """Ask every thread to finish what it holds, and wait for them together."""
        self.stopping.set()
        until = time.monotonic() + wait_seconds
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _repeat(self, each: Loop) -> None:
        while not self.stopping.is_set():
            try:
                began = time.time_ns()
                done = each.run()
                if done:
                    tracing.record(f"loop {each.name}", began=began, attributes={"count": done})
                pause = 0.0 if done else each.idle_seconds
            except Exception:
                _log.exception("loop %s failed and goes on", each.name, extra={"loop": each.name})
                connection.close()
                pause = _FAILED_SECONDS
            close_old_connections()
            self.stopping.wait(pause)
        connection.close()

    def _run_jobs(self) -> None:
        while not self.stopping.is_set():
            try:
                asyncio.run(self._serve_jobs())
            except Exception:
                _log.exception("the job runner failed and starts anew")
                self.stopping.wait(_FAILED_SECONDS)

    async def _serve_jobs(self) -> None:
        app: Any = jobs.with_connector(jobs.connector.get_worker_connector())  # type: ignore[attr-defined]
        async with app.open_async():
            serving = asyncio.ensure_future(app.run_worker_async(install_signal_handlers=False))
            while not self.stopping.is_set() and not serving.done():
                await asyncio.sleep(0.2)
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)
