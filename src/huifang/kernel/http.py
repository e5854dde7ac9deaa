"""One HTTP client for every provider: short time-outs, no redirects, failures told apart."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import httpx


class HttpTimeoutError(Exception):
    """The other side did not answer in time: whether it acted is unknown."""


class HttpFailedError(Exception):
    """Nothing was handed over: the connection was refused, or broke before the request was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the other side answered."""

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


@cache
def _client() -> httpx.Client:
    timeout = httpx.Timeout(10.0, connect=5.0)
    return httpx.Client(timeout=timeout, follow_redirects=False, trust_env=False)


def send(request: Request) -> Reply:
    """Send *request* once. Raises `HttpFailedError` where nothing was sent, else `HttpTimeoutError`."""
    try:
        reply = _client().request(
            request.method, request.url, headers=dict(request.headers), content=request.body
        )
    except _NOT_SENT as error:
        raise HttpFailedError(type(error).__name__) from error
    except httpx.HTTPError as error:
        raise HttpTimeoutError(type(error).__name__) from error
    return Reply(status=reply.status_code, headers=dict(reply.headers), body=reply.content)
