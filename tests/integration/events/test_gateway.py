"""The gateway as a process: what it answers, and that what it acknowledges is there."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from tests.integration.events import gateways

from huifang.events import queries, services
from huifang.events.records import RejectedFilter

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime.now(UTC)


def track(number: int, **more: object) -> dict[str, object]:
    message = {
        "type": "track",
        "messageId": f"message-{number}",
        "userId": f"customer-{number % 7}",
        "event": "Payment Completed",
        "timestamp": NOW.isoformat(),
        "properties": {"amount": 12.5, "currency": "CNY"},
    }
    return message | more


def count() -> int:
    with connection.cursor() as db:
        db.execute("SELECT count(*) FROM events_event")
        return int(db.fetchone()[0])


@pytest.fixture
def key() -> str:
    return services.create_write_key(name="app", now=NOW)


@pytest.fixture
def gateway():
    with gateways.running() as running:
        yield running


def test_an_acknowledged_batch_is_there_and_a_bad_message_harms_no_other(gateway, key):
    batch = [track(1), {"type": "track", "event": "Payment Completed"}, track(2)]
    with gateway.client(key) as client:
        reply = client.post("/v1/batch", json={"batch": batch, "sentAt": NOW.isoformat()})
    assert reply.status_code == 200
    body = reply.json()
    assert (body["success"], body["accepted"]) == (True, 2)
    assert [(fault["index"], fault["code"]) for fault in body["rejected"]] == [(1, "missing_user")]
    assert count() == 2
    page = queries.rejected(wanted=RejectedFilter(), limit=10)
    assert [(row.code, row.name) for row in page.rows] == [("missing_user", "Payment Completed")]
