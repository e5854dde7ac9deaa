"""``/metrics`` of the web process: answers, how long they took, facts that wait for a person."""

import hmac
import time
from collections.abc import Callable

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, Histogram, generate_latest

from huifang.kernel import clock, outbox

_SECONDS = Histogram(
    "huifang_http_seconds",
    "Seconds to answer a request of the web process.",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 10),
)
_PARKED = Gauge("huifang_outbox_parked", "Facts that wait for a person.")
_CLOCK = Gauge("huifang_clock_trusted", "1 while the wall clock can be trusted.")
_METHODS = {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"}
_LOOPBACK = {"127.0.0.1", "::1"}
_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via")
_Next = Callable[[HttpRequest], HttpResponse]


class MetricsMiddleware:
    """Times every request. Routes, never addresses: those hold tokens and ids."""

    def __init__(self, get_response: _Next) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        start = time.perf_counter()
        reply = self._next(request)
        route = request.resolver_match.route if request.resolver_match else "none"
        # Anybody can invent methods, and each name would be kept for ever.
        method = request.method if request.method in _METHODS else "other"
        _SECONDS.labels(method, route, str(reply.status_code)).observe(time.perf_counter() - start)
        return reply


def metrics(request: HttpRequest) -> HttpResponse:
    """The metrics, for this machine or for whoever has the token; for anybody else there is nothing here."""
    if not _may_read(request):
        raise Http404
    _PARKED.set(outbox.parked_count())
    _CLOCK.set(int(clock.is_trusted()))
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def _may_read(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
    # Behind a proxy on the same machine everybody seems to be this machine.
    is_forwarded = any(name in request.headers for name in _FORWARDED)
    return request.META.get("REMOTE_ADDR") in _LOOPBACK and not is_forwarded
