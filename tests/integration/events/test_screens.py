"""The screens and the HTTP API of events, as people and programs use them."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.integration.events.test_queries import track

from huifang.api.services import create_key
from huifang.console.models import Person
from huifang.events import queries, services, tasks
from huifang.events.records import RejectedFilter
from huifang.kernel import clock

pytestmark = pytest.mark.django_db


def signed_in(role: str) -> Client:
    person = Person.objects.create(email=f"{role}@wallet.example", role=role, date_joined=clock.now())
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def reject_one() -> int:
    message = {"type": "track", "event": "Payment Completed", "properties": {"phone": "+8613800000001"}}
    services.ingest_batch(messages=[message], now=clock.now())
    return queries.rejected(wanted=RejectedFilter(), limit=1).rows[0].id


@pytest.mark.parametrize("name", ["events:sources", "events:catalogue", "events:rejected"])
@pytest.mark.parametrize(("role", "status"), [("admin", 200), ("developer", 200), ("agent", 403)])
def test_screens_open_for_those_who_may_see_events(name, role, status):
    assert signed_in(role).get(reverse(name)).status_code == status


def test_a_write_key_is_made_shown_once_and_ended():
    client = signed_in("admin")
    page = client.post(reverse("events:sources"), {"name": "wallet app"})
    assert "hf_write_" in page.content.decode()
    assert "hf_write_" not in client.get(reverse("events:sources")).content.decode()
    again = client.post(reverse("events:sources"), {"name": "wallet app"})
    assert "There is already a write key called wallet app" in again.content.decode()
    client.post(reverse("events:revoke"), {"name": "wallet app"})
    assert queries.sources(now=clock.now())[0].revoked_at is not None


def test_who_may_not_edit_keys_sees_them_only():
    client = signed_in("operations")
    client.post(reverse("events:sources"), {"name": "wallet app"})
    assert queries.sources(now=clock.now()) == []
    assert client.post(reverse("events:revoke"), {"name": "x"}).status_code == 403


def test_the_catalogue_shows_known_and_unknown_events():
    now = clock.now()
    messages = [track("1", at=now, name="Top Up Completed"), track("2", at=now, name="Tea Poured")]
    services.ingest_batch(messages=messages, now=now)
    page = signed_in("developer").get(reverse("events:catalogue")).content.decode()
    assert "Wallet Device Set Up" in page
    assert "Tea Poured" in page


def test_a_rejected_message_is_listed_masked_edited_and_replayed():
    number = reject_one()
    client = signed_in("developer")
    listed = client.get(reverse("events:rejected"), {"code": "missing_user"}).content.decode()
    assert reverse("events:rejected-one", args=[number]) in listed
    yesterday = {"day": str(clock.now().date() - timedelta(days=1))}
    assert "Nothing fits" in client.get(reverse("events:rejected"), yesterday).content.decode()
    shown = client.get(reverse("events:rejected-one", args=[number]))
    assert "13800000001" not in shown.content.decode()
    edited = json.loads(shown.context["payload"]) | {"userId": "c-1"}
    client.post(reverse("events:replay", args=[number]), {"payload": json.dumps(edited)})
    (event,) = queries.events_of(external_id="c-1", limit=5)
    assert queries.unseal_traits(event) == {"phone": "+8613800000001"}
    assert "Nothing was rejected" in client.get(reverse("events:rejected")).content.decode()


def test_what_the_list_shows_is_replayed_and_nothing_else():
    """The list is narrowed to one reason; a message of another reason could be stored by now, and is not."""
    early = clock.now() - timedelta(hours=3)
    services.ingest_batch(messages=[track("f", at=early + timedelta(hours=2)), {"type": "odd"}], now=early)
    client = signed_in("operations")
    client.post(reverse("events:replay-matching") + "?code=bad_type")
    assert queries.rejected_codes() == {"bad_type": 1, "in_the_future": 1}
    client.post(reverse("events:replay-matching"))
    assert queries.rejected_codes() == {"bad_type": 1}
    assert signed_in("agent").post(reverse("events:replay-matching")).status_code == 403


def test_very_many_are_replayed_by_the_worker():
    early = clock.now() - timedelta(hours=3)
    many = [track(f"f-{number}", at=early + timedelta(hours=2)) for number in range(501)]
    services.ingest_batch(messages=many, now=early)
    signed_in("operations").post(reverse("events:replay-matching") + "?code=in_the_future")
    assert queries.rejected_codes() == {"in_the_future": 501}
    (job,) = ProcrastinateJob.objects.filter(task_name=services.REPLAY_JOB)
    tasks.replay_matching(**job.args)
    assert queries.rejected_codes() == {}


def test_the_rejected_list_is_exported():
    reject_one()
    reply = signed_in("developer").get(reverse("events:rejected"), {"export": "csv"})
    assert b"missing_user" in b"".join(reply.streaming_content)


def test_an_unknown_number_is_refused_not_an_error():
    assert signed_in("developer").get(reverse("events:rejected-one", args=[404])).status_code == 404


def test_the_api_lists_and_replays():
    number = reject_one()
    key = create_key(name="robot", role="developer", by="test", now=clock.now())
    api = Client(headers={"authorization": f"Bearer {key}"})
    page = api.get("/api/v1/events/rejected", {"code": "missing_user", "limit": 1}).json()
    assert (page["total"], page["rejected"][0]["id"], page["next_before"]) == (1, number, None)
    whole = api.get(f"/api/v1/events/rejected/{number}").json()
    assert "13800000001" not in whole["payload"]
    still = api.post(f"/api/v1/events/rejected/{number}/replay", {}, content_type="application/json").json()
    assert still["rejected"][0]["code"] == "missing_user"
    edited = json.dumps(json.loads(whole["payload"]) | {"userId": "c-1"})
    done = api.post(
        f"/api/v1/events/rejected/{number}/replay", {"payload": edited}, content_type="application/json"
    )
    assert done.json() == {"accepted": 1, "rejected": []}
    many = api.post("/api/v1/events/rejected/replays", {}, content_type="application/json")
    assert many.json() == {"tried": 0, "stored": 0}
    names = {each["name"]: each for each in api.get("/api/v1/events/catalogue").json()}
    assert names["Payment Completed"]["count"] == 1
    assert api.get("/api/v1/events/rejected/999999").json()["code"] == "unknown_rejected_event"


def test_the_api_asks_for_permission():
    key = create_key(name="agent", role="agent", by="test", now=clock.now())
    api = Client(headers={"authorization": f"Bearer {key}"})
    assert api.get("/api/v1/events/rejected").status_code == 403
    assert api.post("/api/v1/events/rejected/replays", {}, content_type="application/json").status_code == 403
    assert Client().get("/api/v1/events/catalogue").status_code == 401
