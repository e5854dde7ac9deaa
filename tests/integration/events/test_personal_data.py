"""One customer's events, exported whole and erased for good."""

import pytest
from django.db import connection
from tests.integration.events.test_queries import NOW, ingest, track

from huifang.events import personal_data, queries, services
from huifang.events.records import RejectedFilter

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _two_customers() -> None:
    ingest(
        track(
            "c-1-pay",
            name="Payment Completed",
            properties={"amount": 5, "note": "for Li Na", "phone": "1380000"},
        ),
        track("c-1-id") | {"type": "identify", "traits": {"email": "li.na@example.com", "city": "Suzhou"}},
        track("before") | {"userId": None, "anonymousId": "a-1", "properties": {"note": "mine"}},
        track("other", user="c-2", properties={"note": "theirs"}),
    )
    services.ingest_batch(messages=[track("bad") | {"event": ""}], now=NOW)


def test_the_export_has_everything_in_clear():
    exported = personal_data.export(external_id="c-1", anonymous_ids=["a-1"])
    events = exported["events"]
    assert len(events) == 3
    assert {"email": "li.na@example.com"} in [event["personal"] for event in events]


def test_after_erasure_nothing_leads_back_and_sums_stay():
    personal_data.erase(external_id="c-1", anonymous_ids=["a-1"], now=NOW)
    assert queries.events_of(external_id="c-1", anonymous_ids=["a-1"], limit=10) == []
    with connection.cursor() as db:
        db.execute("SELECT string_agg(events_event::text, ' ') FROM events_event")
        left = db.fetchone()[0]
        db.execute(
            "SELECT count(*), sum((properties->>'amount')::numeric) FROM events_event WHERE name <> ''"
        )
        assert db.fetchone() == (3, 5)
    traces = (",c-1,", "c-1-pay", "c-1-id", ",a-1,", "Li Na", "mine", "Suzhou")
    assert [each for each in traces if each in left] == []
    assert queries.rejected(wanted=RejectedFilter(), limit=5).total == 0


def test_erasure_leaves_everybody_else_alone():
    personal_data.erase(external_id="c-1", anonymous_ids=["a-1", ""], now=NOW)
    (event,) = queries.events_of(external_id="c-2", limit=5)
    assert event.properties == {"note": "theirs"}


def test_erasing_nobody_erases_nothing():
    personal_data.erase(external_id="", anonymous_ids=[], now=NOW)
    assert len(queries.events_of(external_id="c-1", anonymous_ids=["a-1"], limit=10)) == 3
