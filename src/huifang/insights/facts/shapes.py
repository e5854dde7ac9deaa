"""The columns of each topic of facts, and rows of the rooms below made into them. Holds no personal data.

A customer is a keyed pseudonym; words are only counted. Columns are added, never renamed.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, time
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa  # type: ignore[import-untyped]

from huifang.customers.queries import extracts as customers
from huifang.kernel import vault

_CONTEXT = "facts"
# Days of every zone begin with a quarter of an hour, so quarters are counted first and made days after.
QUARTER_SECONDS = 900
_AT = pa.timestamp("us", tz="UTC")
_ID, _TEXT, _TRUE = pa.int64(), pa.string(), pa.bool_()
_CUTS = {"language": _TEXT, "wallet_kind": _TEXT, "region": _TEXT}
_HEAD = {"id": _ID, "happened_at": _AT, "quarter": pa.int32(), "customer": _ID, "plan_id": _ID}
_ASKED = {"questionnaire_id": _ID, "version": pa.int32(), "channel": _TEXT}

SHAPES: dict[str, pa.Schema] = {
    "answers": pa.schema(
        {
            **_HEAD,
            **_ASKED,
            "question": _TEXT,
            "kind": _TEXT,
            "metric": _TEXT,
            "number": pa.int16(),
            "has_text": _TRUE,
            "mode": _TEXT,
            **_CUTS,
            "app_version": _TEXT,
            "event": _TEXT,
            "is_completed": _TRUE,
        }
    ),
    "invitations": pa.schema(
        {
            **_HEAD,
            "enrolment_id": _ID,
            **_ASKED,
            **_CUTS,
            "app_version": _TEXT,
            "event": _TEXT,
            "started_at": _AT,
            "completed_at": _AT,
            "is_low": _TRUE,
            "has_text": _TRUE,
        }
    ),
    "attempts": pa.schema(
        {
            **_HEAD,
            "enrolment_id": _ID,
            "handed_over_at": _AT,
            "settled_at": _AT,
            "channel": _TEXT,
            "contact_class": _TEXT,
            "provider": _TEXT,
            "state": _TEXT,
            "reason": _TEXT,
            "parts": pa.int32(),
            "cost": pa.float64(),
            "is_seen": _TRUE,
            "is_followed": _TRUE,
            "local_weekday": pa.int8(),
            "local_hour": pa.int8(),
            **_CUTS,
        }
    ),
    "decisions": pa.schema(
        {
            **_HEAD,
            "enrolment_id": _ID,
            "stage": _TEXT,
            "channel": _TEXT,
            "outcome": _TEXT,
            "reason": _TEXT,
            **_CUTS,
        }
    ),
    "enrolments": pa.schema(
        {
            **_HEAD,
            "version": pa.int32(),
            "event": _TEXT,
            "app_version": _TEXT,
            "state": _TEXT,
            "end_reason": _TEXT,
            "is_reached": _TRUE,
            **_CUTS,
        }
    ),
    "activity": pa.schema(
        {
            "happened_at": _AT,
            "quarter": pa.int32(),
            "customer": _ID,
            "kind": _TEXT,
            "name": _TEXT,
            "app_version": _TEXT,
            "count": _ID,
            **_CUTS,
        }
    ),
}


@lru_cache(maxsize=200_000)
def pseudonym(customer_id: int) -> int:
    """The number that stands for a customer in the facts: 63 bits of a keyed hash."""
    return int.from_bytes(vault.blind_index(str(customer_id), context=_CONTEXT)[:8], "big") >> 1


def to_table(topic: str, rows: Sequence[Any]) -> pa.Table:
    """*rows* of a room's ``extracts`` as a table of *topic*.

    What a row does not know of its customer is filled from the customer's present portrait.
    """
    shape = SHAPES[topic]
    named = topic == "activity"
    portraits: Sequence[customers.Portrait | None] = _by_name(rows) if named else _by_id(rows)
    columns = {name: _column(name, rows, portraits) for name in shape.names}
    return pa.table(columns, schema=shape)


def _by_id(rows: Iterable[Any]) -> list[customers.Portrait | None]:
    ids = [row.customer_id for row in rows]
    known = customers.portraits(customer_ids=[each for each in ids if each is not None])
    return [known.get(each) for each in ids]


def _by_name(rows: Iterable[Any]) -> list[customers.Portrait | None]:
    names = [row.external_id for row in rows]
    known: Mapping[str, customers.Portrait] = customers.portraits_by_name(external_ids=names)
    return [known.get(each) for each in names]


def _column(name: str, rows: Sequence[Any], portraits: Sequence[customers.Portrait | None]) -> list[Any]:
    pairs = zip(rows, portraits, strict=True)
    if name == "customer":
        return [pseudonym(each.customer_id) if each else None for each in portraits]
    if name in _CUTS:
        return [getattr(row, name, "") or (getattr(each, name) if each else "") for row, each in pairs]
    if name in {"local_weekday", "local_hour"}:
        local = [_local(row.handed_over_at, each) for row, each in pairs]
        if name == "local_hour":
            return [at.hour if at else None for at in local]
        return [at.isoweekday() if at else None for at in local]
    if name == "happened_at":
        return [_at(row) for row in rows]
    if name == "quarter":
        return [int(_at(row).timestamp()) // QUARTER_SECONDS for row in rows]
    return [getattr(row, name) for row in rows]


def _at(row: Any) -> datetime:
    return row.at if hasattr(row, "at") else datetime.combine(row.day, time(), UTC)


def _local(at: datetime | None, portrait: customers.Portrait | None) -> datetime | None:
    if at is None or portrait is None or not portrait.time_zone:
        return None
    zone = _zone(portrait.time_zone)
    return at.astimezone(zone) if zone else None


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None
