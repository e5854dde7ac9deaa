"""Opens requests as SDKs of Sensors Analytics (神策) send them: a form or a query with base64 in it. Pure."""

import binascii
from base64 import b64decode
from dataclasses import dataclass
from itertools import accumulate, repeat
from operator import mul
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from huifang.events import body, ingest
from huifang.events.ingest import Envelope, UnreadableBodyError

PATHS = frozenset({"/sa", "/sa/", "/sa.gif"})
PIXEL = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_FIELDS_MAX = 50
_WORD = 2**32
_CHUNK = 4096
# 31 to the power of 0, 1, 2 … within 32 bits: the checksum is Java's String.hashCode.
_POWERS = [*accumulate(repeat(31, _CHUNK), lambda power, by: power * by % _WORD, initial=1)]
_lists = msgspec.json.Decoder(list[msgspec.Raw])
_tokens = msgspec.json.Decoder(ingest.Token)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What a request says outside of its messages. *ids_are_logins*: every distinct_id is a login id."""

    data: str
    is_packed: bool
    is_encrypted: bool
    checksum: str
    token: str
    ids_are_logins: bool


def read(*, query: bytes, content: bytes) -> Form:
    """The fields of the address and of the body, which win. Raises `UnreadableBodyError`."""
    fields = _fields(query) | _fields(content)
    extra = _fields(fields.get("ext", "").encode("ascii", "replace"))
    return Form(
        # A + that a client forgot to escape has become a space.
        data=(fields.get("data_list") or fields.get("data") or "").replace(" ", "+"),
        is_packed=fields.get("gzip") == "1",
        is_encrypted=fields.get("gzip") == "9",
        checksum=fields.get("crc") or extra.get("crc", ""),
        token=fields.get("token", ""),
        ids_are_logins=fields.get("distinct_id") == "login",
    )


def _fields(text: bytes) -> dict[str, str]:
    try:
        return dict(parse_qsl(text.decode("latin-1"), max_num_fields=_FIELDS_MAX))
    except ValueError:
        raise UnreadableBodyError("it has too many fields") from None


def open_form(form: Form) -> Envelope:
    """The messages in *form*. Raises `UnreadableBodyError`, `TooLargeError` and `BadEncodingError`."""
    if form.is_encrypted:
        raise UnreadableBodyError("it is encrypted; switch encryption off and send by HTTPS")
    if not form.data:
        raise UnreadableBodyError("it has neither data nor data_list")
    if form.checksum and form.checksum != str(checksum(form.data)):
        raise UnreadableBodyError("the checksum is that of another text; the data did not arrive whole")
    try:
        content = b64decode(form.data + "=" * (-len(form.data) % 4))
    except (binascii.Error, ValueError):
        raise UnreadableBodyError("data is not base64") from None
    if form.is_packed or content.startswith(b"\x1f\x8b"):
        content = body.unpack(content, b"gzip")
    messages = _messages(content)
    return Envelope(batch=messages, write_key=form.token or _token(messages))


def _messages(content: bytes) -> list[msgspec.Raw]:
    is_list = content.lstrip()[:1] == b"["
    try:
        return _lists.decode(content) if is_list else [msgspec.Raw(_checked(content))]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    return [msgspec.Raw(ingest.strictly(each)) for each in ingest.loosely_listed(content)]


def _checked(content: bytes) -> bytes:
    msgspec.json.decode(content, type=dict[str, msgspec.Raw])
    return content


def _token(messages: list[msgspec.Raw]) -> str:
    """The key that the first message brings, as `$token` has it."""
    try:
        token: Any = _tokens.decode(messages[0]).token if messages else None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    return token if isinstance(token, str) else ""


def checksum(text: str) -> int:
    """Java's hashCode of *text*, a signed number of 32 bits."""
    total = 0
    for start in range(0, len(text), _CHUNK):
        part = text[start : start + _CHUNK].encode("latin-1", "replace")
        total = (total * _POWERS[len(part)] + sum(map(mul, reversed(part), _POWERS))) % _WORD
    return total - _WORD if total >= _WORD // 2 else total
