"""The screens and the API of webhooks: a secret is shown once, deliveries are told again by hand."""

import json
from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import Client
from tests.contract.delivery.providers import Answer
from tests.integration.delivery.conftest import Clock
from tests.integration.delivery.receivers import Receiver, receiver
from tests.integration.delivery.test_screens import sign_in

from huifang.api.services import create_key
from huifang.delivery import services, webhook_sender
from huifang.delivery.models import WebhookDelivery, WebhookEndpoint
from huifang.delivery.records import Told, WebhookDraft

pytestmark = pytest.mark.django_db
TYPED = {"name": "crm", "url": "http://127.0.0.1:9/facts", "kinds": ["plan.paused"], "is_enabled": "on"}


def test_a_webhook_is_made_changed_told_again_and_deleted_on_the_screens(now: Clock) -> None:
    page = sign_in("developer", now)
    made = page.post("/settings/webhooks/", TYPED).content.decode()
    assert made.count("whsec_") >= 1
    endpoint = WebhookEndpoint.objects.get()
    here = f"/settings/webhooks/{endpoint.pk}/"
    assert "whsec_" not in page.get("/settings/webhooks/").content.decode()
    with transaction.atomic():
        told = Told(kind="plan.paused", key="1", data={"plan_id": 1}, at=now.at)
        services.tell_webhooks(told=told, now=now.at)
    WebhookDelivery.objects.update(state="parked", error="http_500", status=500, tries=10)
    shown = page.get(f"{here}?state=parked").content.decode()
    assert "plan.paused" in shown
    assert "whsec_" not in shown
    row = WebhookDelivery.objects.get()
    assert page.post(f"{here}replay/", {"delivery": str(row.pk)}).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.tries) == ("waiting", 0)
    assert "whsec_" in page.post(f"{here}secret/").content.decode()
    assert page.post(here, {**TYPED, "name": "crm 2"}).status_code == 302
    forbidden = page.post("/settings/webhooks/", {**TYPED, "name": "x", "url": "http://10.0.0.1/"})
    assert "10.0.0.1" in forbidden.content.decode()
    assert page.post(f"{here}delete/").status_code == 302
    assert not WebhookEndpoint.objects.exists()


def test_who_may_not_see_keys_may_not_see_webhooks(now: Clock) -> None:
    assert sign_in("operations", now).get("/settings/webhooks/").status_code == 403


def test_the_api_does_the_same(now: Clock) -> None:
    key = create_key(name="crm", role="admin", by="person:1", now=now.at)
    api = Client(headers={"authorization": f"Bearer {key}"})

    def call(method: str, path: str, body: dict[str, object] | None = None) -> dict[str, object]:
        reply = api.generic(method, f"/api/v1{path}", _json(body), "application/json")
        assert reply.status_code == 200, reply.content
        found: dict[str, object] = reply.json()
        return found

    wanted = {"name": "crm", "url": "http://127.0.0.1:9/facts", "kinds": ["plan.paused"]}
    made = call("POST", "/webhooks", wanted)
    assert str(made["secret"]).startswith("whsec_")
    number = made["id"]
    assert call("PUT", f"/webhooks/{number}", {**wanted, "is_enabled": False})["is_enabled"] is False
    assert "secret" not in str(call("GET", "/webhooks"))
    assert call("GET", f"/webhooks/{number}/deliveries") == {"deliveries": []}
    assert call("POST", f"/webhooks/{number}/replay") == {"count": 0}
    assert call("DELETE", f"/webhooks/{number}") == {"success": True}
    written = {"channel": "sms", "name": "Plain", "subject": {}, "body": {"en": "{wallet_name} {link}"}}
    assert call("POST", "/message-templates", written)["version"] == 1
    told = call("POST", "/message-templates/preview", written)
    assert [each["code"] for each in told["warnings"]] == ["no_refusal"]  # type: ignore[attr-defined]


@pytest.fixture
def program() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


def subscribed(now: Clock, program: Receiver, *, is_enabled: bool = True) -> str:
    draft = WebhookDraft(id=None, name="crm", url=program.url, kinds=(), is_enabled=is_enabled)
    endpoint_id, secret = services.save_webhook(draft=draft, by="person:1", now=now.at)
    program.secrets = [secret]
    return f"/settings/webhooks/{endpoint_id}/"


@pytest.mark.parametrize("is_enabled", [True, False])
def test_a_test_message_is_signed_and_stands_among_the_deliveries(
    now: Clock, program: Receiver, *, is_enabled: bool
) -> None:
    here = subscribed(now, program, is_enabled=is_enabled)
    shown = sign_in("developer", now).post(f"{here}test/", follow=True).content.decode()
    assert program.kinds == ["webhook.test"]  # the receiver checks the signature as the specification says
    assert "took the test message (it answered 204)" in shown
    (row,) = WebhookDelivery.objects.all()
    assert (row.state, row.tries, row.status) == ("delivered", 1, 204)
    assert row.message_id in shown


def test_a_test_message_that_is_not_taken_says_why_and_is_not_sent_again(
    now: Clock, program: Receiver
) -> None:
    here = subscribed(now, program)
    program.provider.answer = lambda _: Answer(status=500)
    page = sign_in("developer", now)
    shown = page.post(f"{here}test/", follow=True).content.decode()
    assert "did not take the test message: The receiver answered 500" in shown
    WebhookEndpoint.objects.update(url="http://127.0.0.1:9/facts")
    shown = page.post(f"{here}test/", follow=True).content.decode()
    assert "did not take the test message: The receiver cannot be reached" in shown
    assert list(WebhookDelivery.objects.values_list("state", "tries")) == [("parked", 1), ("parked", 1)]
    assert webhook_sender.send_due(now=now.at) == 0
    assert WebhookEndpoint.objects.get().failing_since is None


def test_a_key_sends_a_test_message_and_is_told_the_outcome(now: Clock, program: Receiver) -> None:
    number = subscribed(now, program).split("/")[3]
    key = create_key(name="crm", role="admin", by="person:1", now=now.at)
    api = Client(headers={"authorization": f"Bearer {key}"})
    told = api.post(f"/api/v1/webhooks/{number}/test").json()
    assert (told["state"], told["status"], told["kind"]) == ("delivered", 204, "webhook.test")
    assert api.post("/api/v1/webhooks/999999/test").status_code == 404


def _json(body: dict[str, object] | None) -> str:
    return "" if body is None else json.dumps(body)
