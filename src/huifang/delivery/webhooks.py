"""Programs of the operator's that hear facts: their addresses, their secrets, and what is to be told them.

What is told holds numbers and codes, never words or addresses of a customer. Telling calls nobody: it
stores one row an endpoint, in the caller's transaction.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec
from django.db import IntegrityError, transaction

from huifang.delivery.channels.webhook import signing
from huifang.delivery.errors import (
    UnknownWebhookError,
    WebhookAddressError,
    WebhookForbiddenError,
    WebhookKindError,
    WebhookNameTakenError,
)
from huifang.delivery.models import WebhookDelivery, WebhookEndpoint
from huifang.delivery.records import Told, WebhookDeliveryRecord, WebhookDraft, WebhookRecord
from huifang.delivery.rules.webhook_facts import KINDS, body, message_id, shown
from huifang.kernel import outward, vault

# So long requests are signed by the old secret too, after a new one was made.
BOTH_HOLD = timedelta(hours=24)
WAITING, DELIVERED, PARKED = "waiting", "delivered", "parked"
_CONTEXT = "delivery/webhook"
_BODY_CONTEXT = "delivery/webhook-body"


class _Secret(msgspec.Struct):
    text: str
    until: datetime | None = None


def save(draft: WebhookDraft, *, now: datetime) -> tuple[int, str]:
    """Make or change an endpoint; returns its number, and a new one's secret.

    Raises `UnknownWebhookError`, `WebhookAddressError`, `WebhookForbiddenError`, `WebhookKindError`,
    `WebhookNameTakenError`.
    """
    _check(draft)
    secret = "" if draft.id else signing.new_secret()
    row = (
        find(draft.id)
        if draft.id
        else WebhookEndpoint(created_at=now, sealed_secrets=_seal([_Secret(secret)]))
    )
    if draft.is_enabled and not row.is_enabled:
        row.failing_since, row.busy_until = None, None
    row.name, row.url, row.kinds = draft.name.strip(), draft.url.strip(), sorted(set(draft.kinds))
    row.is_enabled = draft.is_enabled
    row.stopped_reason = "" if draft.is_enabled else row.stopped_reason or "by_hand"
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise WebhookNameTakenError(name=row.name) from None
    return int(row.pk), secret


def _check(draft: WebhookDraft) -> None:
    url = draft.url.strip()
    if not url.startswith(("http://", "https://")) or any(letter.isspace() for letter in url) or "@" in url:
        raise WebhookAddressError(url=url)
    try:
        outward.check(url)
    except outward.AddressForbiddenError:
        raise WebhookForbiddenError(url=url, setting="HUIFANG_PRIVATE_PROVIDERS") from None
    for kind in draft.kinds:
        if kind not in KINDS:
            raise WebhookKindError(kind=kind, known=", ".join(KINDS))


def rotate(endpoint_id: int, *, now: datetime) -> str:
    """A new secret, shown this once; the one before it is good for a day more."""
    with transaction.atomic():
        row = find(endpoint_id, is_locking=True)
        newest = _unseal(row)[0]
        secret = signing.new_secret()
        row.sealed_secrets = _seal([_Secret(secret), _Secret(newest.text, now + BOTH_HOLD)])
        row.save(update_fields=["sealed_secrets"])
    return secret


def secrets_of(row: WebhookEndpoint, *, now: datetime) -> list[str]:
    """The secrets that sign now, the newest first."""
    return [each.text for each in _unseal(row) if each.until is None or each.until > now]


def _seal(secrets: list[_Secret]) -> bytes:
    return vault.seal(msgspec.json.encode(secrets), context=_CONTEXT)


def _unseal(row: WebhookEndpoint) -> list[_Secret]:
    plain = vault.unseal(bytes(row.sealed_secrets), context=_CONTEXT)
    return msgspec.json.decode(plain, type=list[_Secret])


def find(endpoint_id: int, *, is_locking: bool = False) -> WebhookEndpoint:
    """The row of an endpoint. Raises `UnknownWebhookError`."""
    found = WebhookEndpoint.objects.select_for_update() if is_locking else WebhookEndpoint.objects
    row = found.filter(pk=endpoint_id).first()
    if row is None:
        raise UnknownWebhookError(endpoint_id=endpoint_id)
    return row


def remove(endpoint_id: int) -> None:
    """Delete an endpoint and what waits for it."""
    find(endpoint_id).delete()


def hears(kind: str) -> list[WebhookEndpoint]:
    """The endpoints in use that subscribed to *kind*."""
    return list(WebhookEndpoint.objects.filter(is_enabled=True, kinds__contains=[kind]).order_by("pk"))


def tell(facts: Sequence[Told], endpoints: Sequence[WebhookEndpoint], *, now: datetime) -> int:
    """Store *facts* for each of *endpoints*, once by their keys; returns how many rows."""
    rows = [_row(fact, endpoint, now=now) for fact in facts for endpoint in endpoints]
    return len(WebhookDelivery.objects.bulk_create(rows, ignore_conflicts=True))


def _row(fact: Told, endpoint: WebhookEndpoint, *, now: datetime) -> WebhookDelivery:
    whole = body(fact.kind, fact.data, at=fact.at)
    plain = shown(fact.kind, whole)
    return WebhookDelivery(
        endpoint=endpoint,
        message_id=message_id(fact.kind, fact.key),
        kind=fact.kind,
        body=plain,
        sealed_body=None if plain == whole else vault.seal(whole.encode(), context=_BODY_CONTEXT),
        created_at=now,
        due_at=now,
    )


def posted(row: WebhookDelivery) -> str:
    """What the endpoint gets, to the letter."""
    return (
        vault.unseal(bytes(row.sealed_body), context=_BODY_CONTEXT).decode() if row.sealed_body else row.body
    )


def replay(delivery_ids: Sequence[int], endpoint_id: int, *, now: datetime) -> int:
    """Tell these again, by hand, with the numbers that they had; returns how many."""
    found = WebhookDelivery.objects.filter(pk__in=list(delivery_ids), endpoint_id=endpoint_id)
    return found.update(state=WAITING, tries=0, due_at=now, settled_at=None, error="", status=0)


def replay_parked(endpoint_id: int, *, now: datetime) -> int:
    """Tell all that is parked again."""
    parked = WebhookDelivery.objects.filter(endpoint_id=endpoint_id, state=PARKED)
    return replay(list(parked.values_list("pk", flat=True)), endpoint_id, now=now)


def record_of(row: WebhookEndpoint, counts: Mapping[str, int]) -> WebhookRecord:
    """What may be shown of an endpoint: never a secret."""
    return WebhookRecord(
        id=row.pk,
        name=row.name,
        url=row.url,
        kinds=tuple(row.kinds),
        is_enabled=row.is_enabled,
        stopped_reason=row.stopped_reason,
        failing_since=row.failing_since,
        created_at=row.created_at,
        waiting=counts.get(WAITING, 0),
        delivered=counts.get(DELIVERED, 0),
        parked=counts.get(PARKED, 0),
    )


def delivery_record(row: WebhookDelivery) -> WebhookDeliveryRecord:
    """One delivery as it stands; of a coupon's code no more is known here than that there is one."""
    return WebhookDeliveryRecord(
        id=row.pk,
        endpoint_id=row.endpoint_id,
        message_id=row.message_id,
        kind=row.kind,
        body=row.body,
        state=row.state,
        tries=row.tries,
        status=row.status,
        error=row.error,
        created_at=row.created_at,
        due_at=row.due_at,
        settled_at=row.settled_at,
    )
