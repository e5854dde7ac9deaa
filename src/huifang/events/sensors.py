"""Reads messages of Sensors Analytics (神策) as messages of Segment. Pure but for keyed hashes.

A profile is changed by an identify whose name says how (`CHANGES`); Segment's own identifies have no name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from huifang.events.ingest import Parsed
from huifang.events.message import Arrival, parse
from huifang.events.records import Fault
from huifang.events.rejections import Code, RejectedMessageError
from huifang.kernel import vault

# How an identify changes a profile, by type of message. "" sets, as every identify of Segment does.
CHANGES = {
    "profile_set": "",
    "profile_set_once": "set_once",
    "profile_append": "append",
    "profile_increment": "increment",
    "profile_unset": "",
    "profile_delete": "delete",
}
IGNORED = {
    "item_set": "Items are not kept: only what customers do and are.",
    "item_delete": "Items are not kept: only what customers do and are.",
    "track_id_unbind": "Two ids that were joined are parted by a person, not by a message.",
}
TYPES = frozenset({"track", "track_signup", "track_id_bind", *CHANGES, *IGNORED})
_LOGIN = "$identity_login_id"
_PERSONAL = {"$identity_mobile": "phone", "$identity_email": "email"}
_CONTEXT = {
    "$app_name": ("app", "name"),
    "$app_version": ("app", "version"),
    "$os": ("os", "name"),
    "$os_version": ("os", "version"),
    "$model": ("device", "model"),
    "$manufacturer": ("device", "manufacturer"),
    "$lib": ("library", "name"),
    "$lib_version": ("library", "version"),
}
_ENVELOPE = frozenset({"$is_login_id", "$token", "$project"})
_START = datetime(1970, 1, 1, tzinfo=UTC)


class Sent(msgspec.Struct, rename={"track_id": "_track_id", "flush_time": "_flush_time"}):
    """One message as it came. Every field may be anything until it is checked."""

    type: Any = None
    event: Any = None
    time: Any = None
    distinct_id: Any = None
    original_id: Any = None
    login_id: Any = None
    anonymous_id: Any = None
    identities: Any = None
    properties: Any = None
    lib: Any = None
    token: Any = None
    track_id: Any = None
    flush_time: Any = None


class IgnoredError(Exception):
    """A message that is understood but of no use here; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Translated:
    """A message of Segment, and how it changes the profile where it is an identify."""

    raw: bytes
    change: str = ""


_decoder = msgspec.json.Decoder(Sent)
_encode = msgspec.json.Encoder().encode
_ordered = msgspec.json.Encoder(order="deterministic")


def is_one(raw: bytes | msgspec.Raw) -> bool:
    """Whether *raw* is a message of Sensors Analytics rather than of Segment."""
    try:
        sent = _decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    is_person = sent.distinct_id is not None or isinstance(sent.identities, dict)
    return isinstance(sent.type, str) and sent.type in TYPES and (is_person or sent.type in IGNORED)


def parse_all(
    messages: Sequence[bytes | msgspec.Raw], *, arrival: Arrival, ids_are_logins: bool = False
) -> Parsed:
    """Parse each of *messages* by itself; rejected ones are kept as they came."""
    parsed = Parsed(arrival)
    for index, raw in enumerate(messages):
        try:
            found = translate(raw, place=index, ids_are_logins=ids_are_logins)
            event = parse(found.raw, arrival=arrival, change=found.change)
        except IgnoredError as reason:
            parsed.ignored.append(Fault(index=index, code="ignored", message=str(reason)))
        except RejectedMessageError as error:
            parsed.reject(index, raw, error)
        else:
            parsed.events.append(event)
            parsed.origins.append((index, raw))
    return parsed


def translate(raw: bytes | msgspec.Raw, *, place: int = 0, ids_are_logins: bool = False) -> Translated:
    """*raw* as a message of Segment. Raises `RejectedMessageError` and `IgnoredError`.

    Its *place* in the batch tells it apart from others of the same millisecond: a trait that is set and then
    unset stays unset.
    """
    try:
        sent = _decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RejectedMessageError(Code.MALFORMED, f"Not a JSON object: {error}") from None
    if not isinstance(sent.type, str) or sent.type not in TYPES:
        known = ", ".join(sorted(TYPES))
        raise RejectedMessageError(Code.BAD_TYPE, f"The type is none of {known}.")
    if sent.type in IGNORED:
        raise IgnoredError(IGNORED[sent.type])
    properties = sent.properties if sent.properties is not None else {}
    if not isinstance(properties, dict):
        raise RejectedMessageError(Code.BAD_PROPERTIES, "properties is not an object.")
    user_id, anonymous_id = _who(sent, properties, ids_are_logins=ids_are_logins)
    message: dict[str, Any] = {
        "messageId": _message_id(sent),
        "userId": user_id,
        "anonymousId": anonymous_id,
        "timestamp": _instant(sent.time, place),
        "sentAt": _instant(sent.flush_time),
        "context": _context(sent, properties),
        **_content(sent, properties),
    }
    if sent.type == "track_signup":
        message |= {"userId": sent.distinct_id, "anonymousId": None, "previousId": sent.original_id}
    return Translated(raw=_encode(message), change=CHANGES.get(sent.type, ""))


def _content(sent: Sent, properties: Mapping[str, Any]) -> dict[str, Any]:
    """The type of the message, and what it says."""
    if sent.type == "track":
        return {"type": "track", "event": sent.event, "properties": _of_event(properties) | _personal(sent)}
    if sent.type == "track_signup":
        return {"type": "alias", "properties": _of_event(properties)}
    if sent.type == "track_id_bind":
        return {"type": "identify", "traits": _personal(sent)}
    if sent.type == "profile_unset":
        return {"type": "identify", "traits": dict.fromkeys(_of_profile(properties))}
    if sent.type == "profile_delete":
        return {"type": "identify", "traits": {}}
    return {"type": "identify", "traits": _of_profile(properties) | _personal(sent)}


def _who(sent: Sent, properties: Mapping[str, Any], *, ids_are_logins: bool) -> tuple[object, object]:
    """The wallet's own id, and the id from before signing in; None for none."""
    identities = sent.identities if isinstance(sent.identities, dict) else {}
    login = identities.get(_LOGIN) or sent.login_id
    if not login and (ids_are_logins or properties.get("$is_login_id") is True):
        login = sent.distinct_id
    others = [_anonymous(name, value) for name, value in identities.items() if name != _LOGIN]
    before = sent.anonymous_id or next(iter(others), None)
    if not before and sent.distinct_id != login:
        before = _split(sent.distinct_id)
    if sent.type == "track_id_bind" and not login:
        raise IgnoredError("Ids are joined once one of them is the login id.")
    return login, before


def _split(distinct_id: object) -> object:
    """An id that may read ``$identity_mobile+13800000000``, without what is personal in it."""
    if not isinstance(distinct_id, str) or not distinct_id.startswith("$identity_"):
        return distinct_id
    name, _, value = distinct_id.partition("+")
    return _anonymous(name, value)


def _anonymous(name: str, value: object) -> object:
    """A phone number or address is no id to lie open: a keyed hash stands for it."""
    if name not in _PERSONAL:
        return value
    digest = vault.blind_index(str(value), context="sensors-identity")[:16].hex()
    return f"{_PERSONAL[name]}:{digest}"


def _personal(sent: Sent) -> dict[str, object]:
    """Phone number and e-mail address among the ids; they are sealed on the way."""
    identities = sent.identities if isinstance(sent.identities, dict) else {}
    return {key: identities[name] for name, key in _PERSONAL.items() if identities.get(name)}


def _of_event(properties: Mapping[str, Any]) -> dict[str, Any]:
    kept = {
        name: value for name, value in properties.items() if name not in _ENVELOPE and name not in _CONTEXT
    }
    if version := properties.get("$app_version"):
        kept.setdefault("app_version", version)
    return kept


def _of_profile(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Traits under plain names: ``$name`` is the name."""
    return {
        name.removeprefix("$"): value
        for name, value in properties.items()
        if name not in _ENVELOPE and name not in {"$lib", "$lib_version"}
    }


def _context(sent: Sent, properties: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    lib = sent.lib if isinstance(sent.lib, dict) else {}
    found: dict[str, dict[str, Any]] = {}
    for name, (group, field) in _CONTEXT.items():
        value = properties.get(name) or lib.get(name)
        if value:
            found.setdefault(group, {})[field] = value
    return found


def _instant(value: object, place: int = 0) -> object:
    """Milliseconds since 1970 as ISO 8601; what is none as it came, to be refused with its reason."""
    order = min(place, 999) if isinstance(value, int) else 0
    if isinstance(value, str) and value.isdecimal() and len(value) < 20:
        value = int(value)
    if not isinstance(value, int | float) or isinstance(value, bool):
        return value
    milliseconds = value if abs(value) >= 1e11 else value * 1000
    try:
        return (_START + timedelta(milliseconds=milliseconds, microseconds=order)).isoformat()
    except (OverflowError, ValueError):
        return str(value)


def _message_id(sent: Sent) -> str | None:
    """The same for a message that is sent again: a keyed hash of all but the hour of sending."""
    if sent.time is None and sent.track_id is None:
        return None
    content = (
        sent.type,
        sent.event,
        sent.time,
        sent.distinct_id,
        sent.original_id,
        sent.identities,
        sent.track_id,
        None if sent.track_id else sent.properties,
    )
    return vault.signature(_ordered.encode(content), context="sensors-message")[:16].hex()
