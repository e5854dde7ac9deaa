"""Turns rows of a file into events of the past, a thousand a transaction, each with a name of its own."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import Any

import msgspec
from django.db import transaction

from huifang.events import ingest, personal, settings, storing
from huifang.events.message import KINDS, Arrival
from huifang.events.records import IMPORTED, EventLayout, ImportReport
from huifang.kernel import vault
from huifang.kernel.rows import BrokenRow, MissingColumnError, RefusedRow, Repeats, Row, fields, identifier

CHUNK = 1000
MISSING_TIMESTAMP = "missing_timestamp"
BAD_TIMESTAMP = "bad_timestamp"
_FIELDS = {
    "userId": ("customerid", "externalid"),
    "anonymousId": (),
    "event": ("eventname",),
    "timestamp": ("occurredat", "time", "at"),
    "messageId": ("eventid",),
}
_IDS = {"userId", "anonymousId"}
# More digits are a number of something, such as an order, and would lose some as a float.
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d{1,9})?")
_ordered = msgspec.json.Encoder(order="deterministic")


@dataclass(slots=True)
class _Count:
    read: int = 0
    stored: int = 0
    known: int = 0
    refused: int = 0
    outdated: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    number: int
    row: Mapping[str, object]
    message: dict[str, Any]


def take(
    rows: Iterable[Row],
    *,
    layout: EventLayout,
    now: datetime,
    on_refused: Callable[[RefusedRow], None],
) -> ImportReport:
    """Import *rows*. Raises `MissingColumnError` where the first lacks what every row must say."""
    tally = _Count()

    def refuse(refused: RefusedRow) -> None:
        tally.refused += 1
        on_refused(refused)

    left = iter(rows)
    with Repeats() as repeats:
        while chunk := list(islice(left, CHUNK)):
            candidates = []
            for row in chunk:
                tally.read += 1
                found = _read(row, layout, repeats, number=tally.read)
                if isinstance(found, RefusedRow):
                    refuse(found)
                else:
                    candidates.append(found)
            _store(candidates, tally, refuse=refuse, now=now)
    return ImportReport(
        read=tally.read,
        stored=tally.stored,
        known=tally.known,
        refused=tally.refused,
        outdated=tally.outdated,
    )


def _store(
    candidates: list[_Candidate], tally: _Count, *, refuse: Callable[[RefusedRow], None], now: datetime
) -> None:
    arrival = Arrival(source_id=IMPORTED, received_at=now, now=now, age_days_max=None)
    parsed = ingest.parse_all([msgspec.json.encode(each.message) for each in candidates], arrival=arrival)
    with transaction.atomic():
        stored = storing.store_events(parsed)
    for fault in parsed.faults:
        origin = candidates[fault.index]
        refuse(RefusedRow(number=origin.number, code=fault.code, row=origin.row))
    tally.stored += stored
    tally.known += len(candidates) - len(parsed.faults) - stored
    storage_began = now - timedelta(days=settings.KEPT_DAYS)
    tally.outdated += sum(event.occurred_at < storage_began for event in parsed.events)


def _read(row: Row, layout: EventLayout, repeats: Repeats, *, number: int) -> _Candidate | RefusedRow:
    if isinstance(row, BrokenRow):
        return RefusedRow(number=number, code=row.code, row={"line": row.text})
    if layout.is_typed and _is_message(row, layout):
        message = _as_sent(row)
    else:
        places = _places(tuple(row), tuple(layout.mapping.items()))
        if number == 1 and layout.has_columns:
            _check(places, row, layout)
        message = _as_told(row, places, layout)
    stamp = message.get("timestamp")
    occurred_at = layout.instants.read(stamp)
    if occurred_at is None:
        code = MISSING_TIMESTAMP if stamp in (None, "") else BAD_TIMESTAMP
        return RefusedRow(number=number, code=code, row=row)
    message["timestamp"] = occurred_at.isoformat()
    if not message.get("messageId"):
        message["messageId"] = _own_name(message, repeats)
    return _Candidate(number=number, row=row, message=message)


def _is_message(row: Mapping[str, object], layout: EventLayout) -> bool:
    kind = row.get("type")
    return isinstance(kind, str) and kind in KINDS and not (layout.mapping or layout.event)


def _as_sent(row: Mapping[str, object]) -> dict[str, Any]:
    """A Segment message as it is, but for the hour of sending: of old it says nothing about a wrong clock."""
    message = {name: value for name, value in row.items() if name != "sentAt"}
    message.setdefault("timestamp", row.get("originalTimestamp"))
    return message


def _as_told(row: Mapping[str, object], places: Mapping[str, str], layout: EventLayout) -> dict[str, Any]:
    """A message of what a row's columns say."""
    taken = set(places.values())
    told = {column: value for column, value in row.items() if value is not None and value != ""}
    message: dict[str, Any] = {field: told[column] for field, column in places.items() if column in told}
    for field in _IDS & message.keys():
        message[field] = identifier(message[field])
    message["type"] = "track"
    if not message.get("event"):
        message["event"] = layout.event
    message["properties"] = {
        name: value if layout.is_typed else _number(name, str(value))
        for column, value in told.items()
        if column not in taken and (name := layout.mapping.get(column, column))
    }
    return message


def _number(name: str, text: str) -> str | int | float:
    """*text* as a number where it is a plain one and *name* is not that of something personal."""
    if not _NUMBER.fullmatch(text) or personal.kind_of(name):
        return text
    return float(text) if "." in text else int(text)


def _own_name(message: Mapping[str, Any], repeats: Repeats) -> str:
    """A message id out of all that the row says; of equal rows, each has its number in the file."""
    key = vault.signature(_ordered.encode(message), context="imported-event")[:16]
    number = repeats.number(key)
    return f"{key.hex()}-{number}" if number else key.hex()


@lru_cache(maxsize=256)
def _places(columns: tuple[str, ...], mapping: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    return fields(columns, mapping=dict(mapping), known=_FIELDS)


def _check(places: Mapping[str, str], row: Mapping[str, object], layout: EventLayout) -> None:
    """Raise `MissingColumnError` for the first thing that no row of this file can say."""
    needed = {
        "userId": "userId" in places or "anonymousId" in places,
        "event": "event" in places or layout.event,
        "timestamp": "timestamp" in places,
    }
    for field, is_there in needed.items():
        if not is_there:
            raise MissingColumnError(field=field, columns=", ".join(row))
