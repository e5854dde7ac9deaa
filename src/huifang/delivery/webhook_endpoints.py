"""The API of webhooks: make, change and delete endpoints, look at deliveries, tell again."""

from dataclasses import asdict
from datetime import datetime

from django.http import HttpRequest
from ninja import Router, Schema

from huifang.api.frame import require
from huifang.delivery import queries, services
from huifang.delivery.records import WebhookDraft
from huifang.kernel import clock

router = Router(tags=["webhooks"])


class WebhookIn(Schema):
    """A webhook as it is wanted."""

    name: str
    url: str
    kinds: list[str]
    is_enabled: bool = True


class Webhook(Schema):
    """A webhook as it stands, without its secret."""

    id: int
    name: str
    url: str
    kinds: list[str]
    is_enabled: bool
    stopped_reason: str
    failing_since: datetime | None
    created_at: datetime
    waiting: int
    delivered: int
    parked: int


class Webhooks(Schema):
    """Every webhook, by name."""

    webhooks: list[Webhook]


class WebhookSecret(Schema):
    """A secret, shown this once."""

    id: int
    secret: str


class Delivery(Schema):
    """One fact for one webhook."""

    id: int
    message_id: str
    kind: str
    body: str
    state: str
    tries: int
    status: int
    error: str
    created_at: datetime
    due_at: datetime
    settled_at: datetime | None


class Deliveries(Schema):
    """The latest deliveries, newest first."""

    deliveries: list[Delivery]


class Replayed(Schema):
    """How many deliveries are told again."""

    count: int


class Done(Schema):
    """It is done."""

    success: bool


def _actor(request: HttpRequest) -> str:
    require("keys.edit")(request)
    return str(request.auth)  # type: ignore[attr-defined]


@router.get("/webhooks", response=Webhooks, operation_id="list_webhooks")
def list_webhooks(request: HttpRequest) -> dict[str, list[dict[str, object]]]:
    """Every webhook."""
    require("keys.edit")(request)
    return {"webhooks": [asdict(each) for each in queries.webhooks()]}


@router.post("/webhooks", response=WebhookSecret, operation_id="create_webhook")
def create_webhook(request: HttpRequest, wanted: WebhookIn) -> dict[str, object]:
    """Make a webhook; its secret is in the answer, this once."""
    by = _actor(request)
    made = services.save_webhook(draft=_draft(wanted, None), by=by, now=clock.now())
    return {"id": made[0], "secret": made[1]}


@router.put("/webhooks/{endpoint_id}", response=Webhook, operation_id="change_webhook")
def change_webhook(request: HttpRequest, endpoint_id: int, wanted: WebhookIn) -> dict[str, object]:
    """Change a webhook."""
    by = _actor(request)
    services.save_webhook(draft=_draft(wanted, endpoint_id), by=by, now=clock.now())
    return asdict(queries.webhook(endpoint_id=endpoint_id))


@router.delete("/webhooks/{endpoint_id}", response=Done, operation_id="delete_webhook")
def delete_webhook(request: HttpRequest, endpoint_id: int) -> dict[str, bool]:
    """Delete a webhook and what waits for it."""
    services.delete_webhook(endpoint_id=endpoint_id, by=_actor(request), now=clock.now())
    return {"success": True}


@router.post("/webhooks/{endpoint_id}/secret", response=WebhookSecret, operation_id="rotate_webhook_secret")
def rotate_webhook_secret(request: HttpRequest, endpoint_id: int) -> dict[str, object]:
    """A new secret; the one before it is good for a day more."""
    secret = services.rotate_webhook_secret(endpoint_id=endpoint_id, by=_actor(request), now=clock.now())
    return {"id": endpoint_id, "secret": secret}


@router.get("/webhooks/{endpoint_id}/deliveries", response=Deliveries, operation_id="list_webhook_deliveries")
def list_webhook_deliveries(
    request: HttpRequest, endpoint_id: int, state: str = "", limit: int = 50
) -> dict[str, list[dict[str, object]]]:
    """The latest deliveries of a webhook; *state* is waiting, delivered or parked."""
    require("keys.edit")(request)
    queries.webhook(endpoint_id=endpoint_id)
    found = queries.webhook_deliveries(endpoint_id=endpoint_id, state=state, limit=max(1, min(limit, 500)))
    return {"deliveries": [asdict(each) for each in found]}


@router.post("/webhooks/{endpoint_id}/replay", response=Replayed, operation_id="replay_webhook")
def replay_webhook(request: HttpRequest, endpoint_id: int, delivery_id: int | None = None) -> dict[str, int]:
    """Tell one delivery again, or all that is parked, by the numbers that they had."""
    by = _actor(request)
    count = services.replay_webhook(endpoint_id=endpoint_id, delivery_id=delivery_id, by=by, now=clock.now())
    return {"count": count}


@router.post("/webhooks/{endpoint_id}/test", response=Delivery, operation_id="try_webhook")
def try_webhook(request: HttpRequest, endpoint_id: int) -> dict[str, object]:
    """Post a signed message of type webhook.test, now and once; the answer says what became of it."""
    by = _actor(request)
    return asdict(services.try_webhook(endpoint_id=endpoint_id, by=by, now=clock.now()))


def _draft(wanted: WebhookIn, endpoint_id: int | None) -> WebhookDraft:
    return WebhookDraft(
        id=endpoint_id,
        name=wanted.name,
        url=wanted.url,
        kinds=tuple(wanted.kinds),
        is_enabled=wanted.is_enabled,
    )
