"""Calls endpoints: each by one worker at a time, many side by side, so that one that hangs holds up no other.

A worker that dies leaves its row waiting and its endpoint busy for a minute; then another tells it again
with the same number. The order in which an endpoint hears is not promised: one that failed comes later.
"""

import logging
import secrets
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import cache

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q

from huifang.delivery import webhooks
from huifang.delivery.channels import base
from huifang.delivery.channels.webhook import signing
from huifang.delivery.models import WebhookDelivery, WebhookEndpoint
from huifang.delivery.rules.webhook_facts import TRIAL, body, message_id, pause
from huifang.delivery.webhooks import DELIVERED, PARKED, WAITING
from huifang.kernel import clock, http, outward

_log = logging.getLogger(__name__)
THREADS = 8
BATCH = 50
_TURN_SECONDS = 20.0
# Longer than the longest turn and the longest request after it.
_BUSY = "60 seconds"
_COOL_SECONDS = 5.0
_GONE = 410
# An endpoint that took nothing for so long is switched off.
GIVE_UP_AFTER = timedelta(days=5)
_in_flight: dict[int, Future[int]] = {}
_guard = threading.Lock()


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="webhook")


def send_due(*, now: datetime) -> int:
    """Start a turn for every endpoint that has something due and nobody calling it; returns how many."""
    with _guard:
        for endpoint_id in [key for key, turn in _in_flight.items() if turn.done()]:
            del _in_flight[endpoint_id]
        started = 0
        for endpoint_id in _due(now, limit=THREADS - len(_in_flight)):
            if endpoint_id not in _in_flight:
                _in_flight[endpoint_id] = _pool().submit(_turn, endpoint_id)
                started += 1
        return started


def wait(seconds: float) -> None:
    """Let the turns that were started end; for tests and for a stop."""
    until = time.monotonic() + seconds
    for turn in list(_in_flight.values()):
        turn.exception(timeout=max(0.1, until - time.monotonic()))


def _due(now: datetime, *, limit: int) -> list[int]:
    if limit <= 0:
        return []
    waiting = WebhookDelivery.objects.filter(endpoint_id=OuterRef("pk"), state=WAITING, due_at__lte=now)
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        real = cursor.fetchone()[0]
    free = Q(busy_until__isnull=True) | Q(busy_until__lt=real)
    found = WebhookEndpoint.objects.filter(free, Exists(waiting), is_enabled=True)
    # Who waits longest since its last turn comes first; a new endpoint had none yet.
    return list(
        found.order_by(F("busy_until").asc(nulls_first=True), "pk").values_list("pk", flat=True)[:limit]
    )


def _turn(endpoint_id: int) -> int:
    """One worker's turn with one endpoint, in a thread and with a database connection of its own."""
    try:
        return serve(endpoint_id)
    except Exception:
        _log.exception("the turn of webhook endpoint %s failed", endpoint_id)
        return 0
    finally:
        connection.close()


def serve(endpoint_id: int) -> int:
    """Tell the endpoint what is due until something fails; returns how much it took."""
    if not _take_hold(endpoint_id):
        return 0
    until, taken, is_well = time.monotonic() + _TURN_SECONDS, 0, True
    try:
        for delivery_id in _batch(endpoint_id):
            endpoint = WebhookEndpoint.objects.filter(pk=endpoint_id, is_enabled=True).first()
            if endpoint is None or time.monotonic() > until:
                break
            is_well = _tell(endpoint, delivery_id)
            if not is_well:
                break
            taken += 1
    finally:
        _let_go(endpoint_id, is_well=is_well)
    return taken


def _take_hold(endpoint_id: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, [_BUSY, endpoint_id])
        return bool(cursor.rowcount == 1)


_HOLD = """
UPDATE delivery_webhookendpoint SET busy_until = clock_timestamp() + %s::interval
WHERE id = %s AND is_enabled AND (busy_until IS NULL OR busy_until < clock_timestamp())
"""


def _let_go(endpoint_id: int, *, is_well: bool) -> None:
    """Free at once, or after a moment where it failed: other endpoints have their turn first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE delivery_webhookendpoint SET busy_until = clock_timestamp() + make_interval(secs => %s)"
            " WHERE id = %s",
            [0.0 if is_well else _COOL_SECONDS, endpoint_id],
        )


def _batch(endpoint_id: int) -> list[int]:
    found = WebhookDelivery.objects.filter(endpoint_id=endpoint_id, state=WAITING, due_at__lte=clock.now())
    return list(found.order_by("due_at", "pk").values_list("pk", flat=True)[:BATCH])


def _tell(endpoint: WebhookEndpoint, delivery_id: int) -> bool:
    """One request; whether the endpoint took it."""
    row = WebhookDelivery.objects.filter(pk=delivery_id, state=WAITING).first()
    if row is None:
        return True
    status, error, retry_after = _post(endpoint, row)
    now = clock.now()
    with transaction.atomic():
        if 200 <= status < 300:
            _settle(row, DELIVERED, status, now=now)
            WebhookEndpoint.objects.filter(pk=endpoint.pk).update(failing_since=None)
            return True
        _fail(endpoint, row, status, error, retry_after, now=now)
    return False


def try_out(endpoint_id: int) -> WebhookDelivery:
    """Post one message that tells nothing, now, signed as all are, and keep its line. It is tried once.

    It counts for nothing: an endpoint that is switched off may be tried too. Raises `UnknownWebhookError`.
    """
    endpoint = webhooks.find(endpoint_id)
    made_at = clock.now()
    row = WebhookDelivery(
        endpoint=endpoint,
        message_id=message_id(TRIAL, secrets.token_hex(16)),
        kind=TRIAL,
        body=body(TRIAL, {"webhook_id": endpoint_id}, at=made_at),
        tries=1,
        created_at=made_at,
        due_at=made_at,
    )
    row.status, error, _ = _post(endpoint, row)
    is_taken = 200 <= row.status < 300
    row.state, row.error = (DELIVERED, "") if is_taken else (PARKED, error)
    row.settled_at = clock.now()
    row.save(force_insert=True)
    return row


def _post(endpoint: WebhookEndpoint, row: WebhookDelivery) -> tuple[int, str, int]:
    """The answer's status, or 0 and what went wrong; and how long it asks to be left alone."""
    posted = webhooks.posted(row)
    signed_by = webhooks.secrets_of(endpoint, now=clock.now())
    headers = signing.headers(signed_by, row.message_id, posted, at=base.real_now())
    request = http.Request(method="POST", url=endpoint.url, headers=headers, body=posted.encode())
    try:
        reply = http.send(request)
    except outward.AddressForbiddenError:
        return 0, "address_forbidden", 0
    except http.HttpFailedError:
        return 0, "unreachable", 0
    except http.HttpTimeoutError:
        return 0, "no_answer", 0
    stated = reply.headers.get("retry-after", "")
    retry_after = min(int(stated[:9]), 3600) if stated.isascii() and stated.isdigit() else 0
    return reply.status, f"http_{reply.status}", retry_after


def _settle(row: WebhookDelivery, state: str, status: int, *, now: datetime, error: str = "") -> None:
    WebhookDelivery.objects.filter(pk=row.pk, state=WAITING).update(
        state=state, status=status, error=error, tries=row.tries + 1, settled_at=now
    )


def _fail(  # noqa: PLR0913 - what is known of one failure
    endpoint: WebhookEndpoint,
    row: WebhookDelivery,
    status: int,
    error: str,
    retry_after: int,
    *,
    now: datetime,
) -> None:
    tries = row.tries + 1
    wait_for = pause(row.message_id, tries, retry_after_seconds=retry_after)
    if wait_for is None:
        _settle(row, PARKED, status, now=now, error=error)
    else:
        WebhookDelivery.objects.filter(pk=row.pk, state=WAITING).update(
            status=status, error=error, tries=tries, due_at=now + wait_for
        )
    since = endpoint.failing_since or now
    if status == _GONE:
        _stop(endpoint, "gone", now=now)
    elif now - since > GIVE_UP_AFTER:
        _stop(endpoint, "failing", now=now)
    else:
        WebhookEndpoint.objects.filter(pk=endpoint.pk, failing_since=None).update(failing_since=now)


def _stop(endpoint: WebhookEndpoint, reason: str, *, now: datetime) -> None:
    """Switch it off; what waits is parked and can be told again by hand."""
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(is_enabled=False, stopped_reason=reason)
    WebhookDelivery.objects.filter(endpoint_id=endpoint.pk, state=WAITING).update(
        state=PARKED, settled_at=now, error=reason
    )
