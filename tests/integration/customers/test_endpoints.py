"""The HTTP API of customers: find, read, consent, refuse, lift; errors are problem documents."""

import json
from typing import Any

import pytest
from django.test import Client
from tests.integration.customers.makers import EMAIL, NOW, PHONE, apply, consented, event, known

from huifang.api import services as api_services
from huifang.customers import personal_data, queries, services
from huifang.customers.models import ContactPoint, Suppression

pytestmark = pytest.mark.django_db


class Api:
    """A program with a key of one role."""

    def __init__(self, role: str, root: str = "/api/v1/customers") -> None:
        self._root = root
        self._key = api_services.create_key(name=f"{role} {root}", role=role, by="test", now=NOW)

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        reply = Client().generic(
            method,
            f"{self._root}{path}",
            json.dumps(body) if body is not None else "",
            content_type="application/json",
            headers={"Authorization": f"Bearer {self._key}"},
        )
        return reply.status_code, json.loads(reply.content or "null")


@pytest.fixture
def api() -> Api:
    return Api("admin")


def test_a_key_is_asked_for():
    reply = Client().get("/api/v1/customers")
    assert (reply.status_code, reply["Content-Type"]) == (401, "application/problem+json")


def test_customers_are_listed_in_pages(api):
    for number in range(5):
        known(f"W-{number}", phone=PHONE)
    status, page = api.ask("GET", "?limit=3")
    assert status == 200 and len(page["customers"]) == 3
    _, rest = api.ask("GET", f"?limit=3&after={page['next_after']}")
    assert (len(rest["customers"]), rest["next_after"]) == (2, "")
    assert PHONE not in json.dumps([page, rest])
    assert len(api.ask("GET", "?q=0421")[1]["customers"]) == 0
    assert len(api.ask("GET", "?q=13800000421")[1]["customers"]) == 5


def test_one_customer_is_read_whole_and_masked(api):
    consented(phone=PHONE, email=EMAIL, name="Ada Lovelace", tier="gold")
    status, customer = api.ask("GET", "/W-1")
    assert status == 200
    assert (customer["name"], customer["traits"]) == ("A***", {"tier": "gold"})
    assert {point["masked"] for point in customer["contact_points"]} == {"138****0421", "l***@example.com"}
    assert customer["reachable_channels"] == ["email", "in_app", "phone", "sms", "webhook"]
    assert customer["suppressed_channels"] == []


def test_consent_is_recorded_once_with_its_source(api):
    known()
    yes = {"purpose": "marketing", "given": True, "wording": "News?", "at": "2026-01-02T03:04:05Z"}
    assert [api.ask("POST", "/W-1/consents", yes)[0] for _ in range(2)] == [201, 201]
    entries = queries.consent_entries(customer_id=queries.profile(external_id="W-1").id)
    assert [(entry.source, entry.wording) for entry in entries] == [
        ("api-key:admin /api/v1/customers", "News?")
    ]


def test_a_refusal_is_made_and_lifted(api):
    consented(phone=PHONE)
    assert api.ask("POST", "/W-1/suppressions", {})[1]["suppressed_channels"] == ["*", "phone", "sms"]
    assert api.ask("DELETE", "/W-1/suppressions/*")[1]["suppressed_channels"] == []


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/nobody", None, 404, "unknown_customer"),
        ("POST", "/W-1/consents", {"purpose": "x", "given": True}, 422, "unknown_purpose"),
        ("POST", "/W-1/consents", {"purpose": "marketing"}, 422, "invalid"),
        ("POST", "/W-1/suppressions", {"channel": "fax"}, 422, "unknown_channel"),
        ("GET", "?limit=0", None, 422, "invalid"),
        ("GET", "/a%00b", None, 404, "unknown_customer"),
    ],
)
def test_what_cannot_be_done_is_a_problem_document(api, method, path, body, status, code):
    known()
    found, problem = api.ask(method, path, body)
    assert (found, problem["code"], problem["status"]) == (status, code, status)


def test_a_key_without_the_right_may_only_look():
    known()
    viewer = Api("product_owner")
    assert viewer.ask("GET", "/W-1")[0] == 200
    assert viewer.ask("POST", "/W-1/suppressions", {})[0] == 403


def test_everything_of_one_customer_is_exported_in_clear():
    customer_id = consented(phone=PHONE, email=EMAIL, name="林小满", tier="gold")
    apply(event(properties={"amount": 3}))
    held = personal_data.export(customer_id=customer_id)
    assert (held["external_id"], held["name"], held["traits"]) == ("W-1", "林小满", {"tier": "gold"})
    assert [point["value"] for point in held["contact_points"]] == [PHONE, EMAIL]
    assert [(done["name"], done["amount_sum"]) for done in held["activity"]] == [
        ("Payment Completed", "3.0000")
    ]
    assert len(held["consents"]) == 1


def test_erasure_leaves_the_ledger_whole_and_the_refused_address_refused():
    customer_id = consented(phone=PHONE, name="林小满", tier="gold")
    services.suppress(customer_id=customer_id, reason="asked", source="test", at=NOW)
    path = queries.preference_path(customer_id=customer_id)
    personal_data.erase(customer_id=customer_id, now=NOW)
    assert not ContactPoint.objects.exists()
    assert services.verify_chain().breaks == ()
    assert Client().get(path).status_code == 404
    again = consented("W-1", phone=PHONE)
    assert again != customer_id
    assert queries.standings(customer_ids=[again])[again].suppressed_channels == {"sms", "phone"}
    assert Suppression.objects.filter(note__gt="").count() == 0
