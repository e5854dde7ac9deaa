"""Made-up customers, events and live plans for the tests of the plans room."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from django.db import connection

from huifang.customers import queries as customers
from huifang.customers.services import apply_events, record_consent
from huifang.delivery.queries import attempts_of
from huifang.events.records import StoredEvent, shard_of
from huifang.kernel.ids import CustomerId, PlanId
from huifang.plans import services
from huifang.plans.dispatcher import dispatch
from huifang.plans.models import Decision, Enrolment
from huifang.plans.population import moment_at
from huifang.plans.records import PlanDefinition
from huifang.plans.rules import read_definition
from huifang.plans.runner import enrol
from huifang.questionnaires.queries import questionnaire_rows
from huifang.questionnaires.services import install_pack

START = datetime(2025, 3, 10, 2, 0, tzinfo=UTC)  # ten in the morning in Shanghai, a Monday
PAID = "Payment Completed"
_numbers = count(1)
_BODY = {"en": "{wallet_name}: tell us {link}", "zh-Hans": "{wallet_name}：请告诉我们 {link}"}


def step(channel: str = "in_app", kind: str = "first", after: str = "PT0S", **more: Any) -> dict[str, Any]:
    """One step as JSON."""
    return {
        "channel": channel,
        "kind": kind,
        "after": after,
        "body": _BODY,
        "subject": {"en": "How was it?", "zh-Hans": "怎么样？"},
        **more,
    }


def questionnaire_id() -> int:
    """A published questionnaire."""
    install_pack(now=START - timedelta(days=30))
    return next(row.id for row in questionnaire_rows() if row.slug == "after-first-payment")


def definition(**changes: Any) -> PlanDefinition:
    """A plan that asks in the app, at once, after each first payment; with *changes*."""
    return read_definition(
        {
            "name": {"en": "First payment", "zh-Hans": "首次支付"},
            "trigger": {"event": PAID, "occurrence": "first"},
            "steps": [step()],
            "questionnaire_id": questionnaire_id(),
            **changes,
        }
    )


def live(*, at: datetime = START, **changes: Any) -> PlanId:
    """A live plan."""
    plan_id = services.create(definition=definition(**changes), by="person:1", now=at)
    services.activate(plan_id=plan_id, by="person:1", now=at)
    return plan_id


def insert_event(
    customer: str,
    name: str = PAID,
    *,
    at: datetime,
    kind: str = "track",
    message_id: str = "",
    properties: Mapping[str, object] | None = None,
) -> str:
    """Store one event as the gateway would; its message id. Sent again, nothing happens."""
    message_id = message_id or f"message-{next(_numbers)}"
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO events_event (day, message_id, kind, name, external_id, anonymous_id, shard,"
            " occurred_at, received_at, properties, context, source_id) VALUES"
            " (%s, %s, %s, %s, %s, '', %s, %s, %s, %s, '{}', 1) ON CONFLICT DO NOTHING",
            [
                at.date(),
                message_id,
                kind,
                name if kind == "track" else "",
                customer,
                shard_of(customer, ""),
                at,
                at,
                json.dumps(dict(properties or {})),
            ],
        )
    return message_id


def happen(
    name: str,
    event: str = PAID,
    *,
    at: datetime,
    now: datetime | None = None,
    kind: str = "track",
    message_id: str = "",
    properties: Mapping[str, object] | None = None,
) -> None:
    """Give one event straight to what the runner does with a batch; it reads committed rows only."""
    number = next(_numbers)
    event_of = StoredEvent(
        seq=number,
        message_id=message_id or f"message-{number}",
        kind=kind,
        name=event if kind == "track" else "",
        external_id=name,
        anonymous_id="",
        occurred_at=at,
        received_at=at,
        properties=dict(properties or {}),
        sealed=None,
    )
    applied = apply_events(events=[event_of], now=now or at)
    enrol(applied, moment=moment_at(now or at, clock_trusted=True))


def customer(
    name: str,
    *,
    consent: bool = True,
    at: datetime = START - timedelta(days=10),
    zone: str = "Asia/Shanghai",
    **traits: object,
) -> CustomerId:
    """A customer who has agreed to service follow-up, in Shanghai."""
    happen(name, kind="identify", at=at, properties={"timezone": zone, "language": "zh-CN", **traits})
    customer_id = customers.profile(external_id=name).id
    if consent:
        agree(customer_id, at=at)
    return customer_id


def agree(customer_id: CustomerId, *, at: datetime, channel: str = "*") -> None:
    """The customer agrees to service follow-up."""
    record_consent(
        customer_id=customer_id,
        purpose="service_follow_up",
        channel=channel,
        given=True,
        source="test",
        at=at,
    )


def work(now: datetime) -> None:
    """Let the dispatcher do all there is to do at *now*."""
    while dispatch(now=now, clock_trusted=True):
        pass


def channels(customer_id: CustomerId) -> list[str]:
    """Channels on which the customer was contacted, oldest first."""
    return [attempt.channel for attempt in reversed(attempts_of(customer_id=customer_id, limit=99))]


def told(customer_id: CustomerId) -> list[tuple[str, str, str]]:
    """(stage, outcome, reason) of each decision, oldest first."""
    rows = Decision.objects.filter(customer_id=customer_id).order_by("pk")
    return [(row.stage, row.outcome, row.reason) for row in rows]


def enrolment(customer_id: CustomerId) -> Enrolment:
    """The one enrolment of a customer."""
    return Enrolment.objects.get(customer_id=customer_id)
