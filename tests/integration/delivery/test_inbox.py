"""In-app messages through the API: fetched is delivered, seen is seen, and a "no" in between hides them."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from tests.integration.delivery import people
from tests.integration.delivery.conftest import Clock
from tests.integration.delivery.makers import NOON, wanted

from huifang.api.services import create_key
from huifang.customers import services as customer_services
from huifang.delivery import accounts, sender, services, sweeper
from huifang.delivery.models import Attempt
from huifang.kernel.ids import CustomerId

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(now: Clock) -> Client:
    key = create_key(name="app", role="wallet_app", by="person:1", now=now.at)
    return Client(headers={"authorization": f"Bearer {key}"})


def waiting(now: Clock) -> Attempt:
    """A message that is in the inbox of customer wallet-1."""
    accounts.follow_environment(now=now.at)
    customer_id = people.customer(now.at)
    with transaction.atomic():
        attempt_id = services.enqueue(attempt=wanted(customer_id=customer_id, channel="in_app"), now=now.at)
    assert sender.send_batch("in_app") == 1
    found = Attempt.objects.get(pk=attempt_id)
    assert found.state == "accepted"
    return found


def test_a_message_that_is_fetched_is_delivered(now: Clock, api: Client) -> None:
    attempt = waiting(now)
    first = api.get("/api/v1/customers/wallet-1/inbox").json()["messages"]
    assert first == [
        {
            "id": attempt.pk,
            "subject": "How was it?",
            "body": "Spruce Wallet: tell us: https://wallet.example/s/abc",
            "link": "https://wallet.example/s/abc",
            "language": "en",
            "sent_at": "2025-03-12T04:00:00Z",
            "expires_at": "2025-03-15T04:00:00Z",
            "is_new": True,
            "seen_at": None,
            "choices": [],
        }
    ]
    attempt.refresh_from_db()
    assert attempt.state == "delivered"
    assert api.get("/api/v1/customers/wallet-1/inbox").json()["messages"][0]["is_new"] is False


def test_seen_is_noted_once(now: Clock, api: Client) -> None:
    attempt = waiting(now)
    url = f"/api/v1/customers/wallet-1/inbox/{attempt.pk}/seen"
    assert api.post(url).status_code == 200
    now.forward(timedelta(hours=1))
    assert api.post(url).status_code == 200
    attempt.refresh_from_db()
    assert (attempt.state, attempt.seen_at) == ("delivered", NOON)


def test_nobody_sees_the_messages_of_another(now: Clock, api: Client) -> None:
    attempt = waiting(now)
    people.customer(now.at, "wallet-2", phone="+8613800138001", email="b@c.example")
    assert api.get("/api/v1/customers/wallet-2/inbox").json() == {"messages": []}
    reply = api.post(f"/api/v1/customers/wallet-2/inbox/{attempt.pk}/seen")
    assert (reply.status_code, reply.json()["code"]) == (404, "unknown_inbox_message")


def test_an_unknown_customer_and_a_stranger_are_refused(now: Clock, api: Client) -> None:
    assert api.get("/api/v1/customers/nobody/inbox").status_code == 404
    assert Client().get("/api/v1/customers/wallet-1/inbox").status_code == 401


def test_a_refusal_hides_what_was_not_fetched_yet(now: Clock, api: Client) -> None:
    attempt = waiting(now)
    customer_services.suppress(
        customer_id=CustomerId(attempt.customer_id), reason="asked", source="test", at=now.at
    )
    assert api.get("/api/v1/customers/wallet-1/inbox").json() == {"messages": []}
    attempt.refresh_from_db()
    assert (attempt.state, attempt.reason) == ("withheld", "suppressed")


def test_what_nobody_fetched_in_time_expires(now: Clock, api: Client) -> None:
    attempt = waiting(now)
    now.forward(timedelta(days=3))
    assert api.get("/api/v1/customers/wallet-1/inbox").json() == {"messages": []}
    assert sweeper.expire_inbox(now=now.at) == 1
    attempt.refresh_from_db()
    assert attempt.state == "expired"
