"""Changes of the schema that a running product goes on through: short waits, indexes made beside writers.

A statement that waits for a lock on a table holds up everybody who comes after it. So a migration waits
only for a moment, gives up, lets the others through and tries again.
"""

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import OperationalError, connection
from psycopg.errors import DeadlockDetected, LockNotAvailable

from huifang.kernel.refusals import Refusal, gettext_noop

LOCK_WAIT = "800ms"  # less than the second after which PostgreSQL looks for deadlocks
PATIENCE_SECONDS = 900.0
_PAUSE_SECONDS = 1.0
_ONE_AT_A_TIME = 0x4855_4D49
_Done = TypeVar("_Done")


class TablesInUseError(Refusal):
    """What the schema's change needs was in use for too long."""

    code = "tables_in_use"
    text = gettext_noop(
        "The schema was not changed: its tables were in use, or another process was changing it, for"
        " {minutes} minutes. What was changed before that stays. Run `huifang migrate` when less goes on."
    )


class AddIndexOnline(AddIndexConcurrently):
    """Makes an index while others write; needs ``atomic = False`` and a migration of its own.

    An index of this name that was begun and never finished is thrown away first. It waits for transactions
    that are open, but nobody waits for it, so its waits are not bounded.
    """

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Make it."""
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            (before,) = cursor.fetchone()
            cursor.execute("SET lock_timeout = 0")
            try:
                cursor.execute(
                    "SELECT 1 FROM pg_index WHERE indexrelid = to_regclass(%s) AND NOT indisvalid",
                    [f'"{self.index.name}"'],
                )
                if cursor.fetchone():
                    cursor.execute(f'DROP INDEX CONCURRENTLY "{self.index.name}"')
                super().database_forwards(app_label, schema_editor, from_state, to_state)
            finally:
                cursor.execute("SELECT set_config('lock_timeout', %s, false)", [before])


def migrate(
    apply: Callable[[], object],
    *,
    say: Callable[[str], None],
    patience_seconds: float = PATIENCE_SECONDS,
) -> None:
    """Call *apply*, which goes on where it stopped, until no lock stands in its way any more.

    One process at a time: a second one waits. Raises `TablesInUseError`, and what else *apply* raises.
    """
    deadline = time.monotonic() + patience_seconds

    def let_pass() -> None:
        say("Somebody uses a table that is to change; the migration lets them pass and tries again.")

    with _alone(deadline, patience_seconds, say), _waiting_briefly():
        try:
            patiently(apply, until=deadline, between=let_pass)
        except OperationalError as error:
            if not _is_about_locks(error):
                raise
            raise TablesInUseError(minutes=round(patience_seconds / 60)) from error


def patiently(
    change: Callable[[], _Done], *, until: float, between: Callable[[], object] = lambda: None
) -> _Done:
    """What *change* gives, called again while locks stand in its way, till *until* of the monotonic clock.

    *between* is called before each pause. Raises what *change* raises; it waits for no lock for long itself.
    """
    while True:
        try:
            return change()
        except OperationalError as error:
            if not _is_about_locks(error) or time.monotonic() > until:
                raise
        between()
        time.sleep(_PAUSE_SECONDS)


def _is_about_locks(error: OperationalError) -> bool:
    return isinstance(error.__cause__, LockNotAvailable | DeadlockDetected)


@contextlib.contextmanager
def _alone(deadline: float, patience_seconds: float, say: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock of migrations. Asked for again and again: whoever waits inside a statement holds a
    snapshot, for whose end an index that is made online would wait in turn."""
    is_told = False
    while not _ask("SELECT pg_try_advisory_lock(%s)"):
        if time.monotonic() > deadline:
            raise TablesInUseError(minutes=round(patience_seconds / 60))
        if not is_told:
            say("Another process migrates this database; this one waits for it.")
            is_told = True
        time.sleep(_PAUSE_SECONDS)
    try:
        yield
    finally:
        with contextlib.suppress(OperationalError):
            _ask("SELECT pg_advisory_unlock(%s)")


def _ask(query: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(query, [_ONE_AT_A_TIME])
        return bool(cursor.fetchone()[0])


@contextlib.contextmanager
def _waiting_briefly() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [LOCK_WAIT])
    try:
        yield
    finally:
        with contextlib.suppress(OperationalError), connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")
