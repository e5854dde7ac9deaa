"""Connections of a pool, looked after without a question to the server; cursors for large batches."""

import select
import time
from collections.abc import Iterable
from typing import Any

import psycopg
from psycopg import Cursor
from psycopg.types.datetime import TimestamptzLoader

# A peer that vanished without a word is noticed after a rest as long as this; one that said so, at once.
REST_SECONDS = 5.0
_CHECK = ""  # what the pool asks before it lends a connection


class Connection(psycopg.Connection[Any]):
    """A connection that answers the pool's empty question by itself while it is surely whole.

    A server that ends a connection says so, and what was said lies unread in the socket. So as long as
    nothing does, and the connection was in use a moment ago, it is whole; else the server is asked.
    """

    checked_at = 0.0

    def execute(self, query: Any, *args: Any, **options: Any) -> Cursor[Any]:
        """As ever, but for the empty question."""
        if query == _CHECK:
            now = time.monotonic()
            rested, self.checked_at = now - self.checked_at, now
            if rested < REST_SECONDS and not self._has_unread():
                return self.cursor()
        return super().execute(query, *args, **options)

    def _has_unread(self) -> bool:
        watch = select.poll()
        watch.register(self.fileno(), select.POLLIN | select.POLLERR | select.POLLHUP)
        return bool(watch.poll(0))


def array(values: Iterable[int] | Iterable[str]) -> str:
    """*values* as PostgreSQL writes an array, for a parameter: psycopg takes ten times as long for a list.

    Numbers that no bigint holds, as an address may have them, are left out: nothing is called so.
    """
    found: list[Any] = list(values)
    if found and isinstance(found[0], str):
        return "{" + ",".join(map(_quoted, found)) + "}"
    if found and not (_fits(min(found)) and _fits(max(found))):
        found = [value for value in found if _fits(value)]
    return "{" + ",".join(map(str, found)) + "}"


def _fits(value: int) -> bool:
    return -(2**63) <= value < 2**63


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def read_quickly(cursor: Any) -> None:
    """Let *cursor* of Django read instants by psycopg's own code: Django's takes ten times as long."""
    cursor.cursor.adapters.register_loader("timestamptz", TimestamptzLoader)
