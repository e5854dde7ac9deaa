"""Finds customers by a date that is known of them. Plan: a walk along the primary key until a page is full.

A page reads the customers from its start on once, whatever the trait is called: traits are the wallet's own
words, so no index can wait for each.
"""

# ruff: noqa: S608 - SQL is made of our own pieces; whatever people wrote is a parameter

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import connection

from huifang.customers import sealing
from huifang.decisions.zones import find_zone

REGISTERED_AT, BIRTHDAY = "registered_at", "birthday"
_DAY = r"^(19|20|21)\d\d[-/.]?(0[1-9]|1[0-2])[-/.]?(0[1-9]|[12]\d|3[01])(\D|$)"
# What a date of birth or of a contract may be written with; then eight digits are left.
_DIGITS = "left(regexp_replace(c.traits ->> %s::text, '[-/.]', '', 'g'), 8)"
_PRESENT = "c.erased_at IS NULL AND c.kept_id IS NULL"
_MARGIN = timedelta(hours=14)

_BY_TRAIT = f"""
SELECT c.id FROM customers_customer AS c
WHERE {_PRESENT} AND c.id > %s
  AND CASE WHEN c.traits ->> %s::text ~ '{_DAY}'
           THEN {_DIGITS} LIKE ANY(%s) AND {_DIGITS} <= %s ELSE false END
ORDER BY c.id LIMIT %s
"""
# Plan: index scan on customers_customer_birthday.
_BORN = f"""
SELECT c.id FROM customers_customer AS c
WHERE {_PRESENT} AND c.birthday_index = ANY(%s) AND c.id > %s ORDER BY c.id LIMIT %s
"""
_REGISTERED = f"""
SELECT c.id, c.registered_at, c.time_zone FROM customers_customer AS c
WHERE {_PRESENT} AND c.id > %s AND c.registered_at >= %s AND c.registered_at < %s
ORDER BY c.id LIMIT %s
"""
_REGISTERED_YEARLY = f"""
SELECT c.id, c.registered_at, c.time_zone FROM customers_customer AS c
WHERE {_PRESENT} AND c.id > %s AND c.registered_at < %s
  AND to_char(c.registered_at AT TIME ZONE 'UTC', 'MMDD') = ANY(%s)
ORDER BY c.id LIMIT %s
"""


def falling_on(name: str, day: date, *, yearly: bool, after: int, limit: int) -> list[int]:
    """At most *limit* keys above *after*, ascending."""
    if name == BIRTHDAY:
        hashes = [sealing.birthday_hash(each) for each in month_days(day)]
        return [row[0] for row in _run(_BORN, [hashes, after, limit])]
    if name == REGISTERED_AT:
        return _registered_on(day, yearly=yearly, after=after, limit=limit)
    patterns = [f"____{each}" for each in month_days(day)] if yearly else [f"{day:%Y%m%d}"]
    rows = _run(_BY_TRAIT, [after, name, name, patterns, name, f"{day:%Y%m%d}", limit])
    return [row[0] for row in rows]


def month_days(day: date) -> list[str]:
    """The months and days that are kept on *day*: 29 February on the 28th where the year has none."""
    found = [f"{day:%m%d}"]
    is_last_of_february = day.month == 2 and (day + timedelta(days=1)).month == 3
    return [*found, "0229"] if is_last_of_february and day.day == 28 else found


def _registered_on(day: date, *, yearly: bool, after: int, limit: int) -> list[int]:
    found: list[int] = []
    while len(found) < limit:
        rows = _registered_page(day, yearly=yearly, after=after, limit=limit)
        found += [pk for pk, at, zone in rows if _is_on(at, zone, day, yearly=yearly)]
        if len(rows) < limit:
            break
        after = rows[-1][0]
    return found[:limit]


def _registered_page(day: date, *, yearly: bool, after: int, limit: int) -> list[tuple[Any, ...]]:
    """Who may have registered on *day* somewhere on earth; zones are told apart afterwards."""
    start = datetime.combine(day, time(), UTC) - _MARGIN
    end = datetime.combine(day, time(), UTC) + timedelta(days=1) + _MARGIN
    if not yearly:
        return _run(_REGISTERED, [after, start, end, limit])
    around = {each for near in _around(day) for each in month_days(near)}
    return _run(_REGISTERED_YEARLY, [after, end, sorted(around), limit])


def _around(day: date) -> Iterator[date]:
    return (day + timedelta(days=shift) for shift in (-1, 0, 1))


def _is_on(at: datetime, zone: str, day: date, *, yearly: bool) -> bool:
    local = at.astimezone(find_zone(zone) or UTC).date()
    return f"{local:%m%d}" in month_days(day) and local <= day if yearly else local == day


def _run(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
