"""One HTTP client for every provider: short time-outs, no redirects, failures told apart.

It connects only where `outward` allows, and reads no more of an answer than is reasonable.
"""

import ssl
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpcore
import httpx

from huifang.kernel import env, outward, tracing

CA_FILE = env.text(
    "HUIFANG_CA_FILE",
    help="PEM file of certificate authorities to believe beside the public ones, for providers of your own.",
)
BODY_MAX = 256 * 1024
_SECONDS_MAX = 30.0


class HttpTimeoutError(Exception):
    """The other side did not answer in time: whether it acted is unknown."""


class HttpFailedError(Exception):
    """Nothing was handed over: the connection was refused, or broke before the request was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the other side answered. A *body* longer than `BODY_MAX` is cut off there."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request to a provider. *body* is sent as it stands."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = b""


# No connection, or an address or a header that cannot be written: nothing has left this machine.
_NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
    httpx.InvalidURL,
    UnicodeError,
)


class _Guarded(httpcore.SyncBackend):
    """Connects where `outward` allows, to the very address that it checked."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            address = next(iter(outward.addresses(host, port)))
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        return super().connect_tcp(address, port, timeout, local_address, socket_options)


def trusted_context() -> ssl.SSLContext:
    """TLS as everywhere: the public authorities, those of this machine, and those of `CA_FILE`."""
    context = httpx.create_ssl_context(trust_env=False)
    context.load_default_certs()
    if CA_FILE:
        context.load_verify_locations(CA_FILE)
    return context


@cache
def _client() -> httpx.Client:
    transport = httpx.HTTPTransport(verify=trusted_context(), http2=True, trust_env=False)
    # httpx gives no other way in; a test watches that it holds.
    transport._pool._network_backend = _Guarded()
    timeout = httpx.Timeout(10.0, connect=5.0)
    return httpx.Client(
        transport=transport,
        timeout=timeout,
        headers={"accept-encoding": "identity"},  # a small answer cannot grow into a large one
        follow_redirects=False,
        trust_env=False,
    )


def send(request: Request) -> Reply:
    """Send *request* once.

    Raises `HttpFailedError` or `AddressForbiddenError` where nothing was sent, else `HttpTimeoutError`.
    """
    with tracing.span("send", attributes=_facts(request)) as span:
        reply = _send(request)
        tracing.describe(span, {"http.status": reply.status})
        return reply


def _facts(request: Request) -> dict[str, str]:
    """What a trace tells of a request: its machine, never its path or its body."""
    try:
        host = urlsplit(request.url).hostname or ""
    except ValueError:
        host = ""
    return {"http.method": request.method, "http.host": host}


def _send(request: Request) -> Reply:
    headers = {**request.headers, **tracing.outgoing()}
    try:
        with _client().stream(request.method, request.url, headers=headers, content=request.body) as reply:
            body = _read(reply)
    except _NOT_SENT as error:
        raise HttpFailedError(type(error).__name__) from error
    except httpx.HTTPError as error:
        raise HttpTimeoutError(type(error).__name__) from error
    return Reply(status=reply.status_code, headers=dict(reply.headers), body=body)


def _read(reply: httpx.Response) -> bytes:
    """The body, as far as it is of a reasonable length and comes in a reasonable time."""
    until = time.monotonic() + _SECONDS_MAX
    body = b""
    for chunk in reply.iter_bytes():
        body += chunk
        if len(body) >= BODY_MAX or time.monotonic() > until:
            break
    return body[:BODY_MAX]
