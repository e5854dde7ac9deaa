"""Reads the facts with DuckDB in memory: one database a process, a cursor a thread, no way to anything else.

A query names topics as tables; the files behind them are those of the manifest at that moment.
"""

import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]
from django.db.models import Min

from huifang.insights import settings
from huifang.insights.errors import FactsUnreadableError
from huifang.insights.facts.shapes import SHAPES
from huifang.insights.models import Segment, TopicState

_TYPES = {
    "int64": "BIGINT",
    "int32": "INTEGER",
    "int16": "SMALLINT",
    "int8": "TINYINT",
    "string": "VARCHAR",
    "bool": "BOOLEAN",
    "double": "DOUBLE",
    "timestamp[us, tz=UTC]": "TIMESTAMP WITH TIME ZONE",
}
_ROWS_KEPT_MAX = 100_000
_ROWS_A_QUESTION = 100  # what keeping a question costs besides the rows of its answer
_Rows = list[tuple[Any, ...]]


class _Answered:
    """The latest answers of this process, up to so many rows, by the question; safe between threads."""

    def __init__(self, rows_max: int) -> None:
        self._rows_max = rows_max
        self._rows = 0
        self._known: OrderedDict[Hashable, _Rows] = OrderedDict()
        self._lock = threading.Lock()

    def get_or_ask(self, question: Hashable, ask: Callable[[], _Rows]) -> _Rows:
        """What *question* was answered before, or what *ask* answers now."""
        with self._lock:
            if question in self._known:
                self._known.move_to_end(question)
                return list(self._known[question])
        rows = ask()
        with self._lock:
            if question not in self._known:
                self._known[question] = rows
                self._rows += len(rows) + _ROWS_A_QUESTION
            while self._rows > self._rows_max and self._known:
                self._rows -= len(self._known.popitem(last=False)[1]) + _ROWS_A_QUESTION
        return list(rows)


_answered = _Answered(_ROWS_KEPT_MAX)


@dataclass(slots=True)
class _Opened:
    """The database of this process, for one folder."""

    process: int = 0
    folder: Path | None = None
    database: duckdb.DuckDBPyConnection | None = None
    cursors: threading.local = field(default_factory=threading.local)


_opened = _Opened()
_opening = threading.Lock()


def connect(folder: Path) -> duckdb.DuckDBPyConnection:
    """A database in memory that reads *folder* and nothing else, and cannot be told otherwise."""
    database = duckdb.connect(
        ":memory:",
        config={
            "memory_limit": f"{settings.MEMORY_MB_MAX}MB",
            "threads": settings.THREADS_MAX,
            "temp_directory": "",
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            # A file of facts never changes once it has its name.
            "validate_external_file_cache": "NO_VALIDATION",
        },
    )
    database.execute("SET allowed_directories = ?", [[str(folder)]])
    database.execute("SET enable_external_access = false")
    database.execute("SET lock_configuration = true")
    return database


def _cursor(folder: Path) -> duckdb.DuckDBPyConnection:
    with _opening:
        if _opened.database is None or _opened.process != os.getpid() or _opened.folder != folder:
            _opened.process, _opened.folder = os.getpid(), folder
            _opened.database, _opened.cursors = connect(folder), threading.local()
        if not hasattr(_opened.cursors, "cursor"):
            _opened.cursors.cursor = _opened.database.cursor()
    return _opened.cursors.cursor  # type: ignore[no-any-return]


def ask(
    sql: str,
    *,
    topics: Sequence[str],
    days: tuple[date, date] | None,
    parameters: Mapping[str, object],
) -> list[tuple[Any, ...]]:
    """The rows that *sql* finds; *days* (UTC, both included) bound the files that are opened.

    Raises `FactsUnreadableError` where files are missing.
    """
    folder = settings.facts_folder()
    for is_last in (False, True):
        files = _files(topics, days)
        tables = ", ".join(f"{topic} AS ({table_of(folder, topic, files[topic])})" for topic in topics)
        try:
            return _ask(folder, f"WITH {tables} {sql}", parameters)
        except duckdb.IOException as error:
            # A file may have been swept between the manifest and its opening: then the manifest is new.
            if is_last:
                raise FactsUnreadableError(folder=str(folder)) from error
    raise AssertionError


def _ask(folder: Path, sql: str, parameters: Mapping[str, object]) -> _Rows:
    """What *sql* finds. Asked again of the same files it is not run again: a file never changes."""
    question = blake2b(sql.encode()).digest(), tuple(sorted(parameters.items()))
    return _answered.get_or_ask(question, lambda: _cursor(folder).execute(sql, dict(parameters)).fetchall())


def _files(topics: Sequence[str], days: tuple[date, date] | None) -> dict[str, list[str]]:
    found = Segment.objects.filter(topic__in=topics, retired_at=None)
    if days:
        found = found.filter(first_day__lte=days[1], last_day__gte=days[0])
    files: dict[str, list[str]] = {topic: [] for topic in topics}
    for topic, name in found.order_by("first_day", "pk").values_list("topic", "file"):
        files[topic].append(name)
    return files


def table_of(folder: Path, topic: str, files: Sequence[str]) -> str:
    """A subquery with the facts of *topic* in *files*; empty, but of the right shape, without any."""
    if not files:
        return empty_table(SHAPES[topic])
    quoted = ", ".join("'" + str(folder / name).replace("'", "''") + "'" for name in files)
    return f"SELECT * FROM read_parquet([{quoted}], union_by_name=true, hive_partitioning=false)"  # noqa: S608


def empty_table(shape: pa.Schema) -> str:
    """A subquery without rows."""
    columns = ", ".join(f'CAST(NULL AS {_TYPES[str(each.type)]}) AS "{each.name}"' for each in shape)
    return f"SELECT {columns} WHERE false"


def days_of(start: datetime, end: datetime) -> tuple[date, date]:
    """The UTC days that *start* to *end* touch."""
    return start.astimezone(UTC).date(), end.astimezone(UTC).date()


def as_of(topics: Sequence[str]) -> datetime | None:
    """Up to when all of *topics* are complete; None where one has never been written.

    Files with changes that are not in them yet hold it back.
    """
    known = dict(TopicState.objects.filter(topic__in=topics).values_list("topic", "as_of"))
    instants = [known.get(topic) for topic in topics]
    waiting = Segment.objects.filter(topic__in=topics, retired_at=None, is_stale=True)
    since = waiting.aggregate(since=Min("stale_at"))["since"]
    return None if None in instants else min(each for each in (*instants, since) if each)
