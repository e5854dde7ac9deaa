"""Turns the body of a request into rows: events to store, and messages to keep as rejected.

One bad message harms no other. Pure but for sealing; used by the gateway, by imports and by replay alike.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from huifang.events.message import Arrival, Message, NewEvent, decode, parse, read_sent
from huifang.events.records import Fault
from huifang.events.rejections import Code, RejectedMessageError
from huifang.kernel import vault

REJECTED_CONTEXT = "event-rejected"
PAYLOAD_BYTES_MAX = 64 * 1024
_LABEL_LENGTH_MAX = 120


class UnreadableBodyError(Exception):
    """The body of a request is no JSON object of the expected shape."""


class Envelope(msgspec.Struct, rename="camel"):
    """The outside of a batch request."""

    batch: list[msgspec.Raw]
    sent_at: Any = None
    context: msgspec.Raw = msgspec.Raw()
    write_key: Any = None


class Single(msgspec.Struct, rename="camel"):
    """What is asked of a single message before it is checked."""

    write_key: Any = None


class Token(msgspec.Struct):
    """The same of a message of Sensors Analytics."""

    token: Any = None


class NewRejected(msgspec.Struct):
    """A rejected message on its way into the table; its fields are the table's columns."""

    fingerprint: str  # "\x" and hexadecimal digits, as *payload*
    code: str
    detail: str
    source_id: int
    kind: str
    name: str
    external_id: str
    message_id: str
    payload: str
    is_whole: bool
    sent_at: datetime | None
    received_at: datetime
    times: int = 1


@dataclass(slots=True)
class Parsed:
    """One request, parsed. *origins* holds, beside each event, its place in the batch and its message."""

    arrival: Arrival
    events: list[NewEvent] = field(default_factory=list)
    origins: list[tuple[int, bytes | msgspec.Raw]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    rejected: list[NewRejected] = field(default_factory=list)
    ignored: list[Fault] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.events) + len(self.rejected)

    def reject(self, index: int, raw: bytes | msgspec.Raw, error: RejectedMessageError) -> None:
        """Note that the message at *index* is not stored."""
        self.faults.append(Fault(index=index, code=error.code, message=error.detail))
        self.rejected.append(rejected(raw, error, arrival=self.arrival))


_envelopes = msgspec.json.Decoder(Envelope)
_singles = msgspec.json.Decoder(Single)


def open_batch(body: bytes) -> Envelope:
    """The messages of a batch, each still to be parsed. Raises `UnreadableBodyError`."""
    try:
        return _envelopes.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        fault = str(error)
    opened = _loosely(body)
    batch = opened.get("batch")
    if not isinstance(batch, list):
        raise UnreadableBodyError(fault if batch is None else "batch is not a list")
    return Envelope(
        batch=[msgspec.Raw(strictly(message)) for message in batch],
        sent_at=opened.get("sentAt"),
        context=msgspec.Raw(strictly(opened.get("context"))),
        write_key=opened.get("writeKey"),
    )


def open_single(body: bytes) -> Envelope:
    """One message as a batch of one. Raises `UnreadableBodyError`."""
    try:
        return Envelope(batch=[msgspec.Raw(body)], write_key=_singles.decode(body).write_key)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        fault = str(error)
    opened = _loosely(body)
    if not opened:
        raise UnreadableBodyError(fault)
    return Envelope(batch=[msgspec.Raw(strictly(opened))], write_key=opened.get("writeKey"))


def loosely_listed(body: bytes) -> list[dict[str, Any]]:
    """One object, or a list of them, read loosely. Raises `UnreadableBodyError`."""
    opened = _loosely_any(body)
    found: list[Any] = opened if isinstance(opened, list) else [opened]
    if not all(isinstance(each, dict) for each in found):
        raise UnreadableBodyError("it is neither a JSON object nor a list of objects")
    return found


def _loosely(body: bytes) -> dict[str, Any]:
    """The same for one object."""
    opened = _loosely_any(body)
    if not isinstance(opened, dict):
        raise UnreadableBodyError("it is no JSON object")
    return opened


def _loosely_any(body: bytes) -> object:
    """Read what is no strict JSON but is sent by real clients: NaN, Infinity, half of a surrogate pair.

    Else one such value, of one message, would cost the whole batch. NaN and Infinity become null.
    """
    try:
        opened: object = json.loads(body.decode("utf-8", "replace"), parse_constant=_nothing)
    except (ValueError, RecursionError) as error:
        raise UnreadableBodyError(str(error)) from None
    return opened


def _nothing(_: str) -> None:
    """Stands for NaN and Infinity."""


def strictly(value: object) -> bytes:
    """*value* as JSON that every reader takes."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def parse_all(messages: Sequence[bytes | msgspec.Raw], *, arrival: Arrival) -> Parsed:
    """Parse each of *messages* by itself."""
    parsed = Parsed(arrival)
    for index, raw in enumerate(messages):
        try:
            event = parse(bytes(raw), arrival=arrival)
        except RejectedMessageError as error:
            parsed.reject(index, raw, error)
        else:
            parsed.events.append(event)
            parsed.origins.append((index, raw))
    return parsed


def rejected(raw: bytes | msgspec.Raw, error: RejectedMessageError, *, arrival: Arrival) -> NewRejected:
    """The row of a message that is not stored; what can be read of it without trouble is its label."""
    try:
        message = decode(raw)
    except RejectedMessageError:
        message = Message()
    payload = bytes(raw)
    sealed = vault.seal(payload[:PAYLOAD_BYTES_MAX], context=REJECTED_CONTEXT)
    return NewRejected(
        fingerprint="\\x" + _fingerprint(payload, arrival.kind).hex(),
        code=error.code,
        detail=error.detail,
        source_id=arrival.source_id,
        kind=arrival.kind or _label(message.type),
        name=_label(message.event or message.name),
        external_id=_label(message.user_id or message.login_id or message.distinct_id),
        message_id=_label(message.message_id),
        payload="\\x" + sealed.hex(),
        is_whole=len(payload) <= PAYLOAD_BYTES_MAX,
        sent_at=read_sent(message, arrival),
        received_at=arrival.received_at,
    )


def _fingerprint(payload: bytes, kind: str) -> bytes:
    """A keyed hash of the message, the same however often it is sent."""
    return vault.signature(kind.encode() + b"\n" + payload, context="event-fingerprint")


def _label(value: object) -> str:
    """*value* as a short text that the database takes, or "" where it is neither text nor a number."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return value.replace("\0", "")[:_LABEL_LENGTH_MAX] if isinstance(value, str) else ""


def unreadable(body: bytes, error: UnreadableBodyError, *, arrival: Arrival) -> Parsed:
    """A body that could not be opened, kept as one rejected message so that its sender can see it."""
    parsed = Parsed(arrival)
    parsed.reject(0, body, RejectedMessageError(Code.MALFORMED, f"The body cannot be read: {error}"))
    return parsed
