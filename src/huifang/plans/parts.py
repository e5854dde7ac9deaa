"""Rehearses a long span in several processes, each with customers of its own, and adds up what they found.

A process that dies is followed by another, which does its part again; where that dies too, the rehearsal
fails. None outlives this process, or the rehearsal.
"""

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

import msgspec
from django.db import connection

from huifang.events.queries import Wanted, is_frequent
from huifang.events.records import SHARDS
from huifang.plans import settings
from huifang.plans.crowds import Part
from huifang.plans.models import Rehearsal
from huifang.plans.records import PlanDefinition, TriggerKind
from huifang.plans.tallies import Tally, together

PROGRESS, RESULT = "progress", "result"
PARTED_FROM = 100_000  # events; a process takes about two seconds to begin
_PROCESSES_MAX = 4  # unless the operator wants more: each takes up to 500 MB and a connection
_TRIES = 2
_POLL_SECONDS, _TOLD_EVERY_SECONDS = 0.05, 0.5


class PartFailedError(RuntimeError):
    """A process ended, more than once, before it had done its part."""


def parts_for(definition: PlanDefinition, row: Rehearsal) -> int:
    """Into how many parts the customers are best divided; 1: not at all."""
    count = min(settings.REHEARSAL_PROCESSES or min(os.cpu_count() or 1, _PROCESSES_MAX), SHARDS)
    # People share quotas, and what is no event is not looked for by customer.
    if count < 2 or definition.quotas or definition.trigger.kind is not TriggerKind.EVENT:
        return 1
    wanted = Wanted(name=definition.trigger.event, with_properties=False)
    is_long = is_frequent(wanted, start=row.start, end=row.end, times=PARTED_FROM)
    return count if is_long else 1


def play_in_processes(row: Rehearsal, count: int, tell: Callable[[int], None]) -> Tally:
    """What becomes of all customers, found by *count* processes. Raises `PartFailedError`."""
    with tempfile.TemporaryDirectory(prefix="rehearsal-") as folder, contextlib.ExitStack() as stack:
        every = [_Process(row.pk, Part(number, count), Path(folder)) for number in range(count)]
        for each in every:
            stack.callback(each.stop)
            each.start()
        told = time.monotonic()
        while True:
            is_done = [each.is_done() for each in every]
            if all(is_done):
                return together(each.result() for each in every)
            if time.monotonic() - told > _TOLD_EVERY_SECONDS:
                told = time.monotonic()
                tell(sum(each.progress() for each in every))
            time.sleep(_POLL_SECONDS)


def write(file: Path, content: bytes) -> None:
    """Put *content* into *file* all at once, so that nobody reads half of it."""
    beside = file.with_suffix(".new")
    beside.write_bytes(content)
    beside.replace(file)


@dataclass(slots=True)
class _Process:
    """The process that does one part, and the one that is started after it where it dies."""

    rehearsal_id: int
    part: Part
    whole: Path
    _tries: int = 0
    _running: "subprocess.Popen[bytes] | None" = None

    @property
    def folder(self) -> Path:
        """Where the process writes: no other does, not even the one before it."""
        return self.whole / f"{self.part.number}-{self._tries}"

    def start(self) -> None:
        """Begin the part."""
        self._tries += 1
        self.folder.mkdir()
        numbers = [self.rehearsal_id, self.part.number, self.part.of, os.getpid()]
        # Without a function between fork and exec, which is unsafe beside other threads.
        self._running = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "huifang.plans.part_process", *map(str, numbers), str(self.folder)],
            stdin=subprocess.DEVNULL,
            stdout=2,
            env={**os.environ, "DATABASE_URL": _url()},
            start_new_session=True,
        )

    def is_done(self) -> bool:
        """Whether the part is done. Begins it again where the process died."""
        assert self._running
        code = self._running.poll()
        if code is None:
            return False
        if code == 0 and (self.folder / RESULT).exists():
            return True
        if self._tries >= _TRIES:
            raise PartFailedError(f"part {self.part.number} of {self.part.of} ended with {code}")
        self.start()
        return False

    def progress(self) -> int:
        """How many events were read."""
        try:
            return int((self.folder / PROGRESS).read_bytes())
        except FileNotFoundError:
            return 0

    def result(self) -> Tally:
        """What the process found."""
        return msgspec.msgpack.decode((self.folder / RESULT).read_bytes(), type=Tally)

    def stop(self) -> None:
        """End the process, whatever it does."""
        if self._running:
            self._running.kill()
            self._running.wait()


def _url() -> str:
    """The database of this process, which may be another than its environment's."""
    given = connection.settings_dict
    options = {name: value for name, value in given["OPTIONS"].items() if isinstance(value, str)}
    query = urlencode({"host": given["HOST"], "port": given["PORT"], **options})
    user, password = quote(given["USER"], safe=""), quote(given["PASSWORD"], safe="")
    return f"postgresql://{user}:{password}@/{quote(given['NAME'], safe='')}?{query}"
