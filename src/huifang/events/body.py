"""Reads the body of a request within limits: its length, its compression, what it grows to."""

import asyncio
import zlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

BODY_BYTES_MAX = 4 * 1024 * 1024
BODY_SECONDS_MAX = 30.0
_DRAIN_BYTES_MAX = 4 * BODY_BYTES_MAX
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS

Receive = Callable[[], Awaitable[Mapping[str, Any]]]


class TooLargeError(Exception):
    """The body is longer than it may be, or grows longer when it is unpacked."""


class BadEncodingError(Exception):
    """The body is compressed in a way that cannot be unpacked."""


class ClientGoneError(Exception):
    """The client closed the connection before its body was whole."""


class TooSlowError(Exception):
    """The body did not come whole in a reasonable time."""


async def read(receive: Receive, headers: Mapping[bytes, bytes]) -> bytes:
    """The body, unpacked. Raises `TooLargeError`, `TooSlowError`, `BadEncodingError`, `ClientGoneError`.

    A body that is too long is read on for a while and thrown away, so that its sender gets to the answer.
    """
    try:
        async with asyncio.timeout(BODY_SECONDS_MAX):
            body = await _whole(receive)
    except TimeoutError as error:
        raise TooSlowError from error
    return unpack(body, headers.get(b"content-encoding", b"").strip().lower())


async def _whole(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise ClientGoneError
        chunk = message.get("body", b"")
        size += len(chunk)
        if size <= BODY_BYTES_MAX:
            chunks.append(chunk)
        else:
            chunks.clear()
        if not message.get("more_body", False) or size > _DRAIN_BYTES_MAX:
            break
    if size > BODY_BYTES_MAX:
        raise TooLargeError
    return b"".join(chunks)


def unpack(body: bytes, encoding: bytes) -> bytes:
    """Undo gzip or deflate, to `BODY_BYTES_MAX` at most. Raises `TooLargeError`, `BadEncodingError`."""
    if encoding in {b"", b"identity"}:
        return body
    if encoding not in {b"gzip", b"x-gzip", b"deflate"}:
        raise BadEncodingError
    unpacked = b""
    while body:
        stream = zlib.decompressobj(_GZIP_OR_ZLIB)
        try:
            unpacked += stream.decompress(body, BODY_BYTES_MAX + 1 - len(unpacked))
        except zlib.error as error:
            raise BadEncodingError from error
        if len(unpacked) > BODY_BYTES_MAX:
            raise TooLargeError
        if not stream.eof:
            raise BadEncodingError
        body = stream.unused_data
    return unpacked
