"""The catalogue on screen and in the HTTP API: declared, learned, drifting, with samples."""

import json

import pytest
from django.test import Client
from django.urls import reverse
from tests.integration.events.test_catalogue import NOW, PAY, drifts, send
from tests.integration.events.test_screens import signed_in

from huifang.api.services import create_key
from huifang.events import declarations, schemas, services

pytestmark = pytest.mark.django_db(transaction=True)
LINES = "amount, number, required: in units\n\ncurrency, text, CNY|USD\nnote"


def caller(role: str) -> Client:
    key = create_key(name=role, role=role, by="ada", now=NOW)
    return Client(headers={"authorization": f"Bearer {key}"})


def test_a_drift_leads_to_the_events_in_which_it_was_seen_and_is_settled():
    services.declare_event(declaration=PAY, by="ada", now=NOW)
    send({"amount": 7}, {"amount": "seven <b>"})
    services.learn_schemas(now=NOW)
    client = signed_in("developer")
    assert (
        "A property has another type than is declared."
        in client.get(reverse("events:catalogue")).content.decode()
    )
    (drift,) = schemas.drifts(name="Pay")
    page = client.get(reverse("events:event"), {"name": "Pay", "drift": drift.id}).content.decode()
    assert "seven &lt;b&gt;" in page
    assert "text instead of number" in page
    client.post(reverse("events:settle", args=[drift.id]), {"name": "Pay"})
    assert drifts() == {}
    page = client.get(reverse("events:event"), {"name": "Pay", "drift": "9" * 40}).content.decode()
    assert "seen to" in page


def test_an_event_is_declared_on_screen_and_what_makes_no_sense_is_said():
    client = signed_in("operations")
    filled = {"name": "Pay", "owner": "payments", "properties": LINES, "is_strict": "on"}
    assert client.post(reverse("events:declare"), filled).status_code == 302
    declared = declarations.every()["Pay"]
    assert [(each.key, each.type, each.is_required, each.allowed) for each in declared.properties] == [
        ("amount", "number", True, ()),
        ("currency", "text", False, ("CNY", "USD")),
        ("note", "", False, ()),
    ]
    shown = client.get(reverse("events:event"), {"name": "Pay"}).content.decode()
    assert "amount, number, required: in units\ncurrency, text, CNY|USD\nnote" in shown
    as_chinese_keyboards_write = {**filled, "properties": "currency，text，CNY｜USD：币种"}
    client.post(reverse("events:declare"), as_chinese_keyboards_write)
    (one,) = declarations.every()["Pay"].properties
    assert (one.key, one.type, one.allowed, one.about) == ("currency", "text", ("CNY", "USD"), "币种")
    for wrong, said in (
        ("a, b, c", "Line 1 cannot be read"),
        ("a\na", "a is there twice"),
        (", text", "Line 1"),
    ):
        page = client.post(reverse("events:declare"), {**filled, "properties": wrong}).content.decode()
        assert said in page
    client.post(reverse("events:withdraw"), {"name": "Pay"})
    assert "Pay" not in declarations.every()


@pytest.mark.parametrize("name", ["events:declare", "events:withdraw"])
def test_who_may_only_look_declares_nothing(name):
    assert signed_in("agent").post(reverse(name), {"name": "Pay"}).status_code == 403


def test_an_event_that_never_was_is_said_not_to_be():
    page = signed_in("developer").get(reverse("events:event"), {"name": "Dance"})
    assert page.status_code == 404


def test_the_api_does_what_the_screens_do():
    api = caller("developer")
    body = {
        "owner": "payments",
        "strict": True,
        "properties": [{"key": "amount", "type": "number", "required": True}],
    }
    told = api.put("/api/v1/events/catalogue/event?name=Pay", json.dumps(body), "application/json")
    assert (told.status_code, told.json()["strict"]) == (200, True)
    assert send({"amount": 1, "x": 1}, {}).accepted == 1
    services.learn_schemas(now=NOW)
    shown = api.get("/api/v1/events/catalogue/event?name=Pay").json()
    assert (shown["sampled"], [each["key"] for each in shown["learned"]]) == (1, ["amount", "x"])
    (drift,) = api.get("/api/v1/events/drifts").json()
    assert (drift["code"], drift["key"]) == ("new_property", "x")
    assert api.post(f"/api/v1/events/drifts/settle?drift_id={drift['id']}").status_code == 204
    assert api.get("/api/v1/events/drifts").json() == []
    assert api.delete("/api/v1/events/catalogue/event?name=Pay").status_code == 204
    again = api.delete("/api/v1/events/catalogue/event?name=Pay")
    assert (again.status_code, again.json()["code"]) == (404, "unknown_declaration")
    wrong = {"properties": [{"key": "a", "type": "decimal"}]}
    refused = api.put("/api/v1/events/catalogue/event?name=Pay", json.dumps(wrong), "application/json")
    assert (refused.status_code, refused.json()["code"]) == (422, "bad_declaration")
