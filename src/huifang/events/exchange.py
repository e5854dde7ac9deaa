"""What the gateway is asked and what it answers: requests, replies, refusals."""

import base64
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

import msgspec

RETRY_SECONDS = 1
FRESH = ((b"cache-control", b"no-store"),)
CORS = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"GET, POST, OPTIONS"),
    (b"access-control-allow-headers", b"authorization, content-type, content-encoding"),
    (b"access-control-max-age", b"86400"),
)

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request, its body read and unpacked."""

    method: str
    path: str
    query: bytes
    headers: Mapping[bytes, bytes]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer."""

    status: int
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ()
    content_type: bytes = b"application/json"


Handler = Callable[[Request], Awaitable[Reply]]
encode = msgspec.json.Encoder().encode


def refuse(status: int, code: str, text: str, *, retry_seconds: int = 0) -> Reply:
    """An answer that says no: *code* is stable, *text* is for developers."""
    headers: tuple[tuple[bytes, bytes], ...] = ()
    if retry_seconds:
        headers = ((b"retry-after", str(retry_seconds).encode()),)
    elif status == 401:
        headers = ((b"www-authenticate", b'Basic realm="write key"'),)
    return Reply(
        status=status, body=encode({"success": False, "code": code, "message": text}), headers=headers
    )


def database_away() -> Reply:
    """The answer while nothing can be stored."""
    text = "The database cannot be reached. Send it again."
    return refuse(503, "database_away", text, retry_seconds=RETRY_SECONDS)


def basic_user(header: bytes) -> str | None:
    """The user name of an ``Authorization: Basic`` header, or None where there is none that can be read."""
    scheme, _, value = header.partition(b" ")
    if scheme.lower() != b"basic":
        return None
    try:
        return base64.b64decode(value.strip(), validate=True).decode().partition(":")[0]
    except ValueError:
        return ""
