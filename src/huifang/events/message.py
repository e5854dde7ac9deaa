"""Parses one Segment message into an event ready to be stored. Pure but for sealing what is personal.

Nothing here asks the time or the database: an event parsed twice is the same event, and only its `sealed`
differs, since each sealing has its own nonce.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import uuid4

import msgspec

from huifang.events import personal, shapes, timestamps
from huifang.events.records import Declaration, shard_of
from huifang.events.rejections import Code, RejectedMessageError
from huifang.kernel import vault

KINDS = frozenset({"track", "identify", "page", "screen", "group", "alias"})
TRAITS_CONTEXT = "event-traits"
MESSAGE_BYTES_MAX = 32 * 1024
_ID_LENGTH_MAX = 255
_NAME_LENGTH_MAX = 200
_CONTEXT_KEPT: dict[str, tuple[str, ...]] = {
    "app": ("name", "version", "build"),
    "device": ("type", "manufacturer", "model"),
    "os": ("name", "version"),
    "library": ("name", "version"),
    "page": ("path",),
}
_TEXT_KEPT = ("locale", "timezone")
_TEXT_LENGTH_MAX = 200


class Context(msgspec.Struct):
    """The parts of Segment's context that are looked at."""

    app: Any = None
    device: Any = None
    os: Any = None
    library: Any = None
    page: Any = None
    locale: Any = None
    timezone: Any = None
    traits: Any = None


class Message(msgspec.Struct, rename="camel"):
    """One message as it came. Every field may be anything until it is checked.

    The last two are those of Sensors Analytics, by which a message of theirs that is rejected is labelled.
    """

    type: Any = None
    message_id: Any = None
    user_id: Any = None
    anonymous_id: Any = None
    previous_id: Any = None
    group_id: Any = None
    event: Any = None
    name: Any = None
    category: Any = None
    properties: Any = None
    traits: Any = None
    context: msgspec.Raw = msgspec.Raw()
    timestamp: Any = None
    original_timestamp: Any = None
    sent_at: Any = None
    distinct_id: Any = msgspec.field(default=None, name="distinct_id")
    login_id: Any = msgspec.field(default=None, name="login_id")


class NewEvent(msgspec.Struct, omit_defaults=False):
    """An event on its way into the table; its fields are the table's columns."""

    day: date
    message_id: str
    kind: str
    name: str
    external_id: str
    anonymous_id: str
    shard: int
    occurred_at: datetime
    received_at: datetime
    properties: dict[str, Any]
    context: msgspec.Raw
    sealed: str | None  # "\x" and hexadecimal digits, as PostgreSQL reads bytes
    source_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What is the same for all messages of one request. *now* is later than *received_at* in a replay.

    *age_days_max* None takes events of any age. *is_delayed*: they waited on their way, so that the hour of
    sending says nothing about the client's clock. *strict* declarations reject what is not as they say.
    """

    source_id: int
    received_at: datetime
    now: datetime
    age_days_max: int | None
    kind: str = ""
    sent_at: Any = None
    context: bytes = b""
    is_delayed: bool = False
    strict: Mapping[str, Declaration] = field(default_factory=dict)


_decoder = msgspec.json.Decoder(Message)
_contexts = msgspec.json.Decoder(Context)
_encoder = msgspec.json.Encoder()
_ordered = msgspec.json.Encoder(order="deterministic")


def decode(raw: bytes | msgspec.Raw) -> Message:
    """The fields of one message. Raises `RejectedMessageError`."""
    try:
        return _decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RejectedMessageError(Code.MALFORMED, f"Not a JSON object: {error}") from None


def parse(raw: bytes, *, arrival: Arrival, change: str = "") -> NewEvent:
    """Check everything about one message. Raises `RejectedMessageError`.

    *change* is the name of an identify that does not simply set traits (see `sensors.CHANGES`).
    """
    if len(raw) > MESSAGE_BYTES_MAX:
        detail = f"{len(raw)} bytes; at most {MESSAGE_BYTES_MAX} are allowed."
        raise RejectedMessageError(Code.TOO_LARGE, detail)
    message = decode(raw)
    kind = arrival.kind or message.type
    if not isinstance(kind, str) or kind not in KINDS:
        raise RejectedMessageError(Code.BAD_TYPE, f"type is {_show(message.type)}.")
    external_id = _identifier(message.user_id, "userId")
    anonymous_id = _identifier(message.anonymous_id, "anonymousId")
    if not external_id and not anonymous_id:
        raise RejectedMessageError(Code.MISSING_USER, "Send userId, anonymousId or both.")
    name = _name(message, kind)
    context = bytes(message.context) or arrival.context
    properties, sealed = _values(message, kind, context)
    if kind == "track" and name in arrival.strict:
        _check_declared(arrival.strict[name], properties, sealed)
    if b"\\u0000" in raw:
        properties, sealed = _without_nul(properties), _without_nul(sealed)
    day, occurred_at = _when(message, arrival)
    return NewEvent(
        day=day,
        message_id=_message_id(message, kind, properties, sealed),
        kind=kind,
        name=name or change,
        external_id=external_id,
        anonymous_id=anonymous_id,
        shard=shard_of(external_id, anonymous_id),
        occurred_at=occurred_at,
        received_at=arrival.received_at,
        properties=properties,
        context=_keep(context),
        sealed=_seal(sealed) if sealed else None,
        source_id=arrival.source_id,
    )


def _check_declared(declared: Declaration, clear: dict[str, Any], sealed: dict[str, Any]) -> None:
    if fault := shapes.first_fault(declared, clear, [*sealed]):
        raise RejectedMessageError(Code.NOT_AS_DECLARED, fault)


def _show(value: object) -> str:
    """*value* for a message to a developer, short and masked; what is long is not shown at all."""
    text = personal.mask_text(repr(value))
    return text if len(text) <= 60 else f"a {type(value).__name__}"


def _identifier(value: object, field: str) -> str:
    """An id as text; a whole number is one too, and null is none."""
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or len(value) > _ID_LENGTH_MAX:
        raise RejectedMessageError(
            Code.BAD_USER, f"{field} is not text of at most {_ID_LENGTH_MAX} characters."
        )
    if "\0" in value:
        raise RejectedMessageError(Code.NULL_BYTE, f"{field} has a NUL character in it.")
    return value.strip()


def _name(message: Message, kind: str) -> str:
    """The event's name; a page's or screen's own name, else its category."""
    if kind == "track":
        value = message.event
        if value is None or value == "":
            raise RejectedMessageError(Code.MISSING_NAME, "A track call needs an event.")
    elif kind in {"page", "screen"}:
        value = message.name or message.category or ""
    else:
        return ""
    if not isinstance(value, str) or len(value) > _NAME_LENGTH_MAX:
        raise RejectedMessageError(
            Code.BAD_NAME, f"The name is not text of at most {_NAME_LENGTH_MAX} characters."
        )
    if "\0" in value:
        raise RejectedMessageError(Code.NULL_BYTE, "The name has a NUL character in it.")
    if kind == "track" and not value.strip():
        raise RejectedMessageError(Code.MISSING_NAME, "A track call needs an event.")
    return value.strip()


def _values(message: Message, kind: str, context: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    """The properties, or for identify and group the traits: what may lie open, and what is sealed."""
    values, seen = message.properties, None
    if kind in {"identify", "group"}:
        seen = _read_context(context)
        # RudderStack's client puts the traits in the context.
        values = message.traits or seen.traits or message.properties
    if values is None:
        values = {}
    if not isinstance(values, dict):
        raise RejectedMessageError(Code.BAD_PROPERTIES, f"Not an object but {_show(values)}.")
    try:
        clear, sealed = personal.split(values, of_traits=kind == "identify")
    except personal.TooDeepError:
        raise RejectedMessageError(Code.BAD_PROPERTIES, f"Nested over {personal.DEPTH_MAX} deep.") from None
    if kind == "identify" and seen is not None and isinstance(seen.device, dict):
        token = seen.device.get("token")
        if isinstance(token, str) and token:
            sealed.setdefault("deviceToken", token)
    elif kind == "alias":
        clear["previousId"] = _identifier(message.previous_id, "previousId")
    elif kind == "group":
        clear["groupId"] = _identifier(message.group_id, "groupId")
    return clear, sealed


def _without_nul(value: Any) -> Any:
    """*value* without NUL characters, which PostgreSQL cannot keep in JSON."""
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, list):
        return [_without_nul(inner) for inner in value]
    if isinstance(value, dict):
        return {key.replace("\0", ""): _without_nul(inner) for key, inner in value.items()}
    return value


def read_sent(message: Message, arrival: Arrival) -> datetime | None:
    """When the client says that it sent *message*; one that cannot be read is none."""
    sent = message.sent_at if message.sent_at is not None else arrival.sent_at
    if arrival.is_delayed:
        return None
    return _read_sent(sent) if isinstance(sent, str) else None


@lru_cache(maxsize=64)  # it is the same for all messages of a batch
def _read_sent(text: str) -> datetime | None:
    try:
        return timestamps.read(text)
    except ValueError:
        return None


def _when(message: Message, arrival: Arrival) -> tuple[date, datetime]:
    """The day that the client wrote, and the best estimate of the instant."""
    raw = message.timestamp if message.timestamp is not None else message.original_timestamp
    if raw is None:
        return timestamps.NO_DAY, arrival.received_at
    sent_at = read_sent(message, arrival)
    try:
        client_at = timestamps.read(raw)
        occurred_at = timestamps.estimate(client_at, sent_at=sent_at, received_at=arrival.received_at)
    except ValueError as error:
        raise RejectedMessageError(Code.BAD_TIMESTAMP, f"{error}.") from None
    if occurred_at > arrival.now + timestamps.AHEAD_MAX:
        raise RejectedMessageError(Code.IN_THE_FUTURE, f"It says {occurred_at.isoformat()}.")
    age = arrival.age_days_max
    if age is not None and occurred_at < arrival.received_at - timedelta(days=age):
        detail = f"It says {occurred_at.isoformat()}; at most {age} days are accepted."
        raise RejectedMessageError(Code.TOO_OLD, detail)
    return client_at.date(), min(occurred_at, arrival.now)


def _message_id(message: Message, kind: str, clear: dict[str, Any], sealed: dict[str, Any]) -> str:
    """The client's id; without one a keyed hash of the content, so that a message sent again is the same."""
    value = message.message_id
    if value is None or value == "":
        stamp = message.timestamp if message.timestamp is not None else message.original_timestamp
        if stamp is None:
            return str(uuid4())
        content = (
            kind,
            message.user_id,
            message.anonymous_id,
            message.event,
            message.name,
            stamp,
            clear,
            sealed,
        )
        return vault.blind_index(_ordered.encode(content).decode(), context="event-content")[:16].hex()
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or len(value) > _ID_LENGTH_MAX:
        detail = f"messageId is not text of at most {_ID_LENGTH_MAX} characters."
        raise RejectedMessageError(Code.BAD_MESSAGE_ID, detail)
    if "\0" in value:
        raise RejectedMessageError(Code.NULL_BYTE, "messageId has a NUL character in it.")
    return value


def _read_context(raw: bytes) -> Context:
    try:
        return _contexts.decode(raw) if raw else Context()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Context()


@lru_cache(maxsize=1024)
def _keep(raw: bytes) -> msgspec.Raw:
    """The small part of the context that is kept: nothing that tells one person's device from another's."""
    context = _read_context(raw)
    kept: dict[str, Any] = {}
    for key, fields in _CONTEXT_KEPT.items():
        group = getattr(context, key)
        if isinstance(group, dict):
            values = {field: text for field in fields if (text := _short(group.get(field)))}
            if values:
                kept[key] = values
    for key in _TEXT_KEPT:
        if text := _short(getattr(context, key)):
            kept[key] = text
    return msgspec.Raw(_encoder.encode(kept))


def _short(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value[:_TEXT_LENGTH_MAX].replace("\0", "") if isinstance(value, str) else ""


def _seal(values: dict[str, Any]) -> str:
    return "\\x" + vault.seal(_encoder.encode(values), context=TRAITS_CONTEXT).hex()
