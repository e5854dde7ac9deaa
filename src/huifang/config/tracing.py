"""Gives every request of the web a number that stands in the log, in the answer and in its trace."""

import logging
import re
import time
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from huifang.kernel import logs, tracing

_log = logging.getLogger("huifang.http")
_GIVEN = re.compile(r"[\w-]{8,64}", re.ASCII)
_Next = Callable[[HttpRequest], HttpResponse]


class RequestMiddleware:
    """Numbers requests, taking over the proxy's number, and writes one line for each at level INFO."""

    def __init__(self, get_response: _Next) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-Id", "")
        number = given if _GIVEN.fullmatch(given) else uuid.uuid4().hex
        began = time.perf_counter()
        told = logs.request_id.set(number)
        try:
            with tracing.span("request", parent=request.headers.get("traceparent", "")) as span:
                reply = self._next(request)
                facts = _facts(request, reply, began)
                tracing.describe(span, {f"http.{name}": value for name, value in facts.items()})
            _log.info("%(method)s %(route)s %(status)s", facts, extra=facts)
        finally:
            logs.request_id.reset(told)
        reply.headers["X-Request-Id"] = number
        return reply


def _facts(request: HttpRequest, reply: HttpResponse, began: float) -> dict[str, str | int]:
    """Routes, never addresses: those hold tokens and ids."""
    return {
        "method": str(request.method),
        "route": request.resolver_match.route if request.resolver_match else "none",
        "status": reply.status_code,
        "milliseconds": round((time.perf_counter() - began) * 1000),
    }
