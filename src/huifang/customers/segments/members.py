"""Who is in a segment: pages of ids in order, whether some are, about how many. One statement each.

Plan of a page: a walk along the primary key from *after*, each customer probed by index in the tables that
the conditions name, until the page is full. Plan of a count: the same from the start, to a bound; where
that is passed or takes too long, the same over a sample of whole blocks, and the number is "about".
"""

# ruff: noqa: S608 - conditions come from `compiling`, which makes values parameters

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import OperationalError, connection, transaction

from huifang.customers.errors import SlowSegmentError
from huifang.customers.records import SegmentCount
from huifang.customers.segments import behaviour
from huifang.customers.segments.compiling import Compiled, compile_condition
from huifang.customers.segments.definition import Condition

EXACT_MAX = 10_000
COUNT_SECONDS = 1.5
PAGE_SECONDS = 30.0
_SAMPLE_ROWS = 20_000
_CANCELLED = "57014"
_PRESENT = "c.erased_at IS NULL AND c.kept_id IS NULL"


def ids(condition: Condition, *, after: int, limit: int, now: datetime) -> list[int]:
    """At most *limit* keys above *after*, ascending. Raises `SlowSegmentError`, `ScanTooLargeError`."""
    found = _compiled(condition, now)
    sql = (
        f"SELECT c.id FROM customers_customer AS c WHERE {_PRESENT} AND c.id > %s AND {found.sql}"
        " ORDER BY c.id LIMIT %s"
    )
    rows = _timed(sql, [after, *found.values, limit], seconds=PAGE_SECONDS)
    if rows is None:
        raise SlowSegmentError(seconds=int(PAGE_SECONDS))
    return [row[0] for row in rows]


def among(condition: Condition, *, customer_ids: Sequence[int], now: datetime) -> frozenset[int]:
    """Those of *customer_ids* who are in it. Raises `SlowSegmentError`, `ScanTooLargeError`."""
    found = _compiled(condition, now)
    sql = f"SELECT c.id FROM customers_customer AS c WHERE {_PRESENT} AND c.id = ANY(%s) AND {found.sql}"
    rows = _timed(sql, [list(customer_ids), *found.values], seconds=PAGE_SECONDS)
    if rows is None:
        raise SlowSegmentError(seconds=int(PAGE_SECONDS))
    return frozenset(row[0] for row in rows)


def count(condition: Condition, *, now: datetime, exact_max: int = EXACT_MAX) -> SegmentCount:
    """How many there are: exact up to *exact_max*, about beyond that or where it takes too long.

    Raises `ScanTooLargeError`, and `SlowSegmentError` where even a sample takes too long.
    """
    found = _compiled(condition, now)
    sql = (
        "SELECT count(*) FROM (SELECT 1 FROM customers_customer AS c"
        f" WHERE {_PRESENT} AND {found.sql} LIMIT %s) AS found"
    )
    rows = _timed(sql, [*found.values, exact_max + 1], seconds=COUNT_SECONDS)
    if rows is not None and rows[0][0] <= exact_max:
        return SegmentCount(number=rows[0][0])
    return SegmentCount(number=_about(found, at_least=exact_max if rows else 0), is_exact=False)


def _about(found: Compiled, *, at_least: int) -> int:
    # The planner's own count of rows: exact enough for "about", and free.
    total = max(1, _run("SELECT reltuples::bigint FROM pg_class WHERE relname = 'customers_customer'")[0][0])
    percent = min(100.0, 100.0 * _SAMPLE_ROWS / total)
    sql = (
        f"SELECT count(*), count(*) FILTER (WHERE {_PRESENT} AND {found.sql})"
        " FROM customers_customer AS c TABLESAMPLE SYSTEM (%s) REPEATABLE (7)"
    )
    rows = _timed(sql, [*found.values, percent], seconds=COUNT_SECONDS)
    if rows is None:
        raise SlowSegmentError(seconds=int(2 * COUNT_SECONDS))
    seen, hits = rows[0]
    return max(at_least, _round(hits * max(total, seen) / seen) if seen else 0)


def _round(number: float) -> int:
    """To two figures: more would pretend."""
    whole = int(number)
    step: int = 10 ** max(0, len(str(whole)) - 2)
    return int(round(whole / step) * step)


def _compiled(condition: Condition, now: datetime) -> Compiled:
    return compile_condition(condition, now=now, scanned=behaviour.scan(condition, now=now))


def _run(sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(values))
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def _timed(sql: str, values: Sequence[object], *, seconds: float) -> list[tuple[Any, ...]] | None:
    """What the statement finds; None where it takes longer than *seconds*."""
    try:
        with transaction.atomic():
            was = _run("SELECT current_setting('statement_timeout')")[0][0]
            _run("SELECT set_config('statement_timeout', %s, true)", [str(int(seconds * 1000))])
            rows = _run(sql, values)
            _run("SELECT set_config('statement_timeout', %s, true)", [was])
            return rows
    except OperationalError as problem:
        if getattr(problem.__cause__, "sqlstate", "") != _CANCELLED:
            raise
        return None
