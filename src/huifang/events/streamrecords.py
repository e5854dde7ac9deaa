"""Turns what a stream holds into events and rejected messages. Pure but for sealing.

A message that names neither an id nor a time takes both from its place in the stream, so that reading it
again makes no second event.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from huifang.events import ingest, sensors
from huifang.events.body import BODY_BYTES_MAX
from huifang.events.ingest import Parsed, UnreadableBodyError
from huifang.events.message import Arrival, decode, parse
from huifang.events.records import Fault
from huifang.events.rejections import Code, RejectedMessageError


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamRecord:
    """One message of a topic. *at* is when it was written, None where the stream does not say."""

    topic: str
    partition: int
    offset: int
    value: bytes | None
    at: datetime | None = None

    @property
    def place(self) -> str:
        """Where it stands, in words."""
        return f"topic {self.topic}, partition {self.partition}, offset {self.offset}"


_lists = msgspec.json.Decoder(list[msgspec.Raw])
_objects = msgspec.json.Decoder(dict[str, Any])


def parse_all(records: Sequence[StreamRecord], *, arrival: Arrival) -> Parsed:
    """Parse each message of each of *records* by itself; an empty one says nothing."""
    parsed = Parsed(arrival)
    for record in records:
        if not record.value:
            continue
        try:
            messages = _messages(record.value)
        except RejectedMessageError as error:
            _reject(parsed, record, record.value, error)
            continue
        for number, raw in enumerate(messages):
            _take(parsed, record, number, raw)
    return parsed


def give_up(record: StreamRecord, *, why: str, arrival: Arrival) -> Parsed:
    """*record* whole as a rejected message, where nothing else can be made of it."""
    parsed = Parsed(arrival)
    _reject(parsed, record, record.value or b"", RejectedMessageError(Code.NOT_STORABLE, why))
    return parsed


def _messages(value: bytes) -> Sequence[bytes | msgspec.Raw]:
    """One message, a list of them, or a batch as Segment sends it. Raises `RejectedMessageError`."""
    if len(value) > BODY_BYTES_MAX:
        detail = f"{len(value)} bytes; at most {BODY_BYTES_MAX} are read."
        raise RejectedMessageError(Code.TOO_LARGE, detail)
    try:
        if value.lstrip()[:1] == b"[":
            return _listed(value)
        return ingest.open_batch(value).batch if b'"batch"' in value else [value]
    except UnreadableBodyError as error:
        # An object with a property called batch is one message.
        if value.lstrip()[:1] == b"{":
            return [value]
        raise RejectedMessageError(Code.MALFORMED, f"The message cannot be read: {error}") from None


def _listed(value: bytes) -> list[msgspec.Raw]:
    try:
        return _lists.decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return [msgspec.Raw(ingest.strictly(each)) for each in ingest.loosely_listed(value)]


def _take(parsed: Parsed, record: StreamRecord, number: int, raw: bytes | msgspec.Raw) -> None:
    try:
        if sensors.is_one(raw):
            found = sensors.translate(raw, place=number)
            whole, change = found.raw, found.change
        else:
            whole, change = bytes(raw), ""
        event = parse(_placed(whole, record, number), arrival=parsed.arrival, change=change)
    except sensors.IgnoredError as reason:
        parsed.ignored.append(Fault(index=record.offset, code="ignored", message=str(reason)))
    except RejectedMessageError as error:
        _reject(parsed, record, raw, error)
    else:
        parsed.events.append(event)
        parsed.origins.append((record.offset, raw))


def _placed(raw: bytes, record: StreamRecord, number: int) -> bytes:
    """*raw* with the id and the time that it lacks."""
    message = decode(raw)
    has_time = message.timestamp is not None or message.original_timestamp is not None
    if message.message_id not in (None, "") and has_time:
        return raw
    try:
        fields: dict[str, Any] = _objects.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RejectedMessageError(Code.MALFORMED, f"Not a JSON object: {error}") from None
    if not has_time and record.at is not None:
        fields["timestamp"] = record.at.isoformat()
    if not fields.get("messageId"):
        fields["messageId"] = f"{record.topic}-{record.partition}-{record.offset}-{number}"
    return msgspec.json.encode(fields)


def _reject(
    parsed: Parsed, record: StreamRecord, raw: bytes | msgspec.Raw, error: RejectedMessageError
) -> None:
    parsed.reject(record.offset, raw, RejectedMessageError(error.code, f"{error.detail} ({record.place})"))
