"""Reads the facts with DuckDB in memory: one database a process, a cursor a thread, no way to anything else.

A query names topics as tables; the files behind them are those of the manifest at that moment.
"""

import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]

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
_DAY = timedelta(days=1)


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
        tables = ", ".join(f"{topic} AS ({table_of(folder, topic, days)})" for topic in topics)
        try:
            return _cursor(folder).execute(f"WITH {tables} {sql}", dict(parameters)).fetchall()
        except duckdb.IOException as error:
            # A file may have been swept between the manifest and its opening: then the manifest is new.
            if is_last:
                raise FactsUnreadableError(folder=str(folder)) from error
    raise AssertionError


def table_of(folder: Path, topic: str, days: tuple[date, date] | None) -> str:
    """A subquery with the facts of *topic*; empty, but of the right shape, where there are none."""
    found = Segment.objects.filter(topic=topic, retired_at=None)
    if days:
        found = found.filter(first_day__lte=days[1], last_day__gte=days[0])
    names = [str(folder / name) for name in found.order_by("first_day", "pk").values_list("file", flat=True)]
    if not names:
        return empty_table(SHAPES[topic])
    quoted = ", ".join("'" + name.replace("'", "''") + "'" for name in names)
    return f"SELECT * FROM read_parquet([{quoted}], union_by_name=true, hive_partitioning=false)"  # noqa: S608


def empty_table(shape: pa.Schema) -> str:
    """A subquery without rows."""
    columns = ", ".join(f'CAST(NULL AS {_TYPES[str(each.type)]}) AS "{each.name}"' for each in shape)
    return f"SELECT {columns} WHERE false"


def days_of(start: datetime, end: datetime) -> tuple[date, date]:
    """The UTC days that *start* to *end* touch."""
    return start.astimezone(UTC).date(), end.astimezone(UTC).date()


def as_of(topics: Sequence[str]) -> datetime | None:
    """Up to when all of *topics* are complete; None where one has never been written."""
    known = dict(TopicState.objects.filter(topic__in=topics).values_list("topic", "as_of"))
    instants = [known.get(topic) for topic in topics]
    return None if None in instants else min(each for each in instants if each)
