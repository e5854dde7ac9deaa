"""Segments at the console and over the API: written without scripts, counted live, undone, exported."""

import json
import re
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from tests.integration.customers.makers import NOW, apply, event, known

from huifang.api import services as api_keys
from huifang.console.models import Person
from huifang.customers import queries, services
from huifang.kernel import audit, clock

pytestmark = pytest.mark.django_db
SOFT = {"where": {"kind": "field", "name": "wallet_kind", "value": "soft"}}
FIELDS = {
    "kind.0": "all",
    "kind.0.0": "field",
    "name.0.0": "wallet_kind",
    "op.0.0": "is",
    "value.0.0": "soft",
}


def signed_in(role: str) -> Client:
    person = Person.objects.create(email=f"{role}@example.com", role=role, date_joined=NOW, language="en")
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def operator() -> Client:
    return signed_in("operations")


def made(name: str = "Soft") -> int:
    return services.create_segment(name=name, definition=SOFT, by="person:1", now=NOW).id


def test_a_segment_is_written_counted_and_kept_without_scripts(operator):
    known("W-1", walletKind="soft")
    known("W-2", walletKind="hard")
    new = reverse("customers:segment-new")
    html = operator.post(
        new, {"name": "Soft", "act": "add:0", "add.0": "field", "kind.0": "all"}
    ).content.decode()
    assert 'name="value.0.0"' in html and queries.segments() == []
    reply = operator.post(new, {"name": "Soft", "act": "save", **FIELDS}, follow=True)
    html = reply.content.decode()
    assert "1 customer" in html and "W-1" in html and "W-2" not in html
    assert [each.name for each in queries.segments()] == ["Soft"]
    assert "Soft" in operator.get(reverse("customers:segments")).content.decode()


def test_the_count_follows_while_conditions_are_written(operator):
    known("W-1", walletKind="soft")
    html = operator.post(reverse("customers:segment-live"), FIELDS).content.decode()
    assert "1 customer" in html and "<html" not in html
    html = operator.post(reverse("customers:segment-live"), FIELDS | {"value.0.0": "hard"}).content.decode()
    assert "Nobody meets these conditions now." in html


def test_conditions_that_contradict_are_named(operator):
    two = {"kind.0.1": "field", "name.0.1": "wallet_kind", "op.0.1": "is", "value.0.1": "hard"}
    html = operator.post(reverse("customers:segment-live"), FIELDS | two).content.decode()
    assert "cannot both be true" in html and "Soft" in html and "Hard" in html


def test_two_people_do_not_write_over_each_other(operator):
    segment_id = made()
    address = reverse("customers:segment", args=[segment_id])
    first = operator.post(address, {"name": "One", "act": "save", "version": "1", **FIELDS})
    second = operator.post(address, {"name": "Two", "act": "save", "version": "1", **FIELDS})
    assert (first.status_code, second.status_code) == (302, 422)
    assert "Somebody else has changed" in second.content.decode()
    assert queries.segment(segment_id=segment_id).name == "One"


def test_a_change_is_undone_a_segment_copied_put_away_and_brought_back(operator):
    segment_id = made()
    services.save_segment(
        segment_id=segment_id, name="Other", definition=SOFT, version=1, by="person:1", now=NOW
    )
    for word in ("undo", "copy", "archive", "restore"):
        assert operator.post(reverse("customers:segment-act", args=[segment_id, word])).status_code == 302
    assert [each.name for each in queries.segments()] == ["Soft", "Soft 2"]
    acts = {entry.action for entry in audit.entries(limit=20)}
    assert {"segment.created", "segment.undone", "segment.archived", "segment.restored"} <= acts


def test_an_export_is_masked_and_noted(operator):
    known("=W-1", walletKind="soft", name="林小满")
    reply = operator.post(reverse("customers:segment-export", args=[made()]))
    text = b"".join(reply.streaming_content).decode()
    assert "'=W-1" in text and "林**" in text and "林小满" not in text
    assert "segment.exported" in {entry.action for entry in audit.entries(limit=3)}


def test_who_may_only_look_changes_nothing():
    segment_id, agent = made(), signed_in("agent")
    assert 'name="act"' not in agent.get(reverse("customers:segment", args=[segment_id])).content.decode()
    agent.post(reverse("customers:segment", args=[segment_id]), {"name": "X", "act": "save", **FIELDS})
    assert queries.segment(segment_id=segment_id).name == "Soft"
    assert agent.post(reverse("customers:segment-export", args=[segment_id])).status_code == 403


def test_the_api_keeps_tries_and_lists():
    secret = api_keys.create_key(name="crm", role="admin", by="person:1", now=clock.now())
    client = Client(headers={"authorization": f"Bearer {secret}"})
    for number in range(3):
        known(f"W-{number}", walletKind="soft")
    apply(event(customer="other"))

    def send(method: str, path: str, body: object = None):
        return client.generic(method, f"/api/v1/segments{path}", json.dumps(body), "application/json")

    preview = send("POST", "/preview", {"definition": SOFT}).json()
    assert preview["count"] == {"number": 3, "is_exact": True} and preview["first"] == ["W-0", "W-1", "W-2"]
    made_now = send("POST", "", {"name": "Soft", "definition": SOFT})
    assert made_now.status_code == 201
    number = made_now.json()["id"]
    assert send("POST", "", {"name": "Soft", "definition": SOFT}).json()["code"] == "segment_name"
    bad = send("POST", "", {"name": "Bad", "definition": {"where": {"kind": "drop"}}})
    assert (bad.status_code, bad.json()["code"]) == (422, "faulty_segment")
    page = send("GET", f"/{number}/members?limit=2").json()
    assert page["customers"] == ["W-0", "W-1"]
    rest = send("GET", f"/{number}/members?limit=2&after={page['next_after']}").json()
    assert rest == {"customers": ["W-2"], "next_after": 0}
    stale = send("PUT", f"/{number}", {"name": "Soft", "definition": SOFT, "version": 7})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_segment")
    assert send("DELETE", f"/{number}").status_code == 204
    assert send("GET", "").json() == []
    assert send("GET", "/99").json()["code"] == "unknown_segment"


def test_what_the_editor_does_not_show_in_fields_is_shown_kept_and_saved(operator):
    where = [{"name": "tier", "value": "gold"}, {"name": "city", "value": "x"}]
    paid = {"kind": "did", "event": "Paid", "within_days": 30, "where": where}
    segment_id = services.create_segment(name="Gold", definition={"where": paid}, by="person:1", now=NOW).id
    before = queries.segment_definition(segment_id=segment_id)["where"]
    address = reverse("customers:segment", args=[segment_id])
    html = operator.get(address).content.decode()
    assert "Kept as it is" in html and "tier is gold" in html
    [raw] = re.findall(r'name="raw.0.0" value="([^"]*)"', html)
    fields = {"kind.0": "all", "kind.0.0": "kept", "raw.0.0": unescape(raw)}
    saved = {"name": "Gold and soft", "act": "save", "version": "1", **fields}
    assert operator.post(address, saved | {"kind.0.1": "left_alone"}).status_code == 302
    after = queries.segment_definition(segment_id=segment_id)["where"]
    assert list(after["of"]) == [before, {"kind": "left_alone"}]
    broken = operator.post(address, saved | {"version": "2", "raw.0.0": '{"kind": "did", "event": 1}'})
    assert broken.status_code == 422 and queries.segment(segment_id=segment_id).version == 2


def test_a_segment_that_came_with_a_ready_plan_is_called_as_the_reader_calls_it(operator):
    silent = made("三十天没有动静")
    made("我自己的客群")
    chinese = signed_in("admin")
    Person.objects.filter(role="admin").update(language="zh-Hans")
    for path in ("/customers/segments/", f"/customers/segments/{silent}/"):
        assert "<bdi>Silent for thirty days</bdi>" in operator.get(path).content.decode()
        assert "<bdi>三十天没有动静</bdi>" in chinese.get(path).content.decode()
    assert "<bdi>我自己的客群</bdi>" in operator.get("/customers/segments/").content.decode()
