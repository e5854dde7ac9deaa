"""Importing events of the past: each once, of any age, with a reason for every row that is left out."""

import json
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from tests.integration.plans.makers import insert_event, live

from huifang.customers import queries as customers
from huifang.events import queries, services
from huifang.events.records import EventLayout, RejectedFilter
from huifang.insights import timeline
from huifang.kernel.instants import InstantReader
from huifang.kernel.rows import MissingColumnError, read
from huifang.plans import runner
from huifang.plans.models import Decision

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
LONDON = InstantReader(zone=ZoneInfo("Europe/London"))
SALES = """Invoice,When,Customer,UnitPrice,Phone,StockCode
536365,2010-12-01 08:26:00,W-1,2.55,13800000421,0042
536365,2010-12-01 08:26:00,W-1,2.55,13800000421,0042
536366,2010-07-01 08:26:00,W-1,3,,85123A
536367,2010-07-01 08:28:00,,3,,85123A
536368,01/07/2010 08:28,W-1,3,,85123A
536369,,W-1,3,,85123A
536370,2031-07-01,W-1,3,,85123A
"""
LAYOUT = EventLayout(
    mapping={"Customer": "userId", "When": "timestamp", "UnitPrice": "amount"},
    event="Payment Completed",
    instants=LONDON,
)


@pytest.fixture
def sales(tmp_path):
    file = tmp_path / "sales.csv"
    file.write_text(SALES, encoding="utf-8")
    return file


def load(rows, layout=LAYOUT, now=NOW):
    refused = []
    report = services.import_events(rows=rows, layout=layout, now=now, on_refused=refused.append)
    return report, [(row.number, row.code) for row in refused]


def stored(user="W-1"):
    return queries.events_of(external_id=user, limit=5000)


@pytest.mark.django_db
def test_rows_become_events_and_each_refused_row_has_a_reason(sales):
    report, refused = load(read(sales))
    assert (report.read, report.stored, report.known, report.refused) == (7, 3, 0, 4)
    assert refused == [
        (5, "bad_timestamp"),
        (6, "missing_timestamp"),
        (4, "missing_user"),
        (7, "in_the_future"),
    ]
    newest, _, oldest = stored()
    assert (newest.name, newest.is_imported) == ("Payment Completed", True)
    assert newest.properties == {"Invoice": 536365, "amount": 2.55, "StockCode": "0042"}
    assert queries.unseal_traits(newest) == {"Phone": "13800000421"}
    assert [newest.occurred_at.hour, oldest.occurred_at.hour] == [8, 7]
    assert queries.rejected(wanted=RejectedFilter(), limit=10).total == 0


@pytest.mark.django_db
def test_a_second_run_adds_nothing_and_equal_rows_stay_two(sales):
    load(read(sales))
    report, _ = load(read(sales), now=NOW + timedelta(days=1))
    assert (report.stored, report.known) == (0, 3)
    assert len(stored()) == 3


@pytest.mark.django_db
def test_an_interrupted_import_run_again_loses_nothing_and_doubles_nothing(tmp_path):
    file = tmp_path / "many.csv"
    lines = "".join(f"W-1,Paid,2026-04-{1 + n % 28:02}T08:00:00Z,{n // 2}\n" for n in range(2500))
    file.write_text("userId,event,timestamp,amount\n" + lines, encoding="utf-8")

    def broken_off():
        yield from islice(read(file), 1700)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(broken_off(), EventLayout())
    assert len(stored()) == 1000
    report, refused = load(read(file), EventLayout())
    assert (report.stored, report.known, refused) == (1500, 1000, [])
    assert len(stored()) == 2500


@pytest.mark.django_db
def test_a_file_without_what_is_needed_is_refused_with_its_columns(sales):
    for layout, field in (
        (EventLayout(event="Paid"), "userId"),
        (EventLayout(mapping={"Customer": "userId"}), "event"),
        (EventLayout(mapping={"Customer": "userId"}, event="Paid"), "timestamp"),
    ):
        with pytest.raises(MissingColumnError, match=f"holds {field}. Columns are: Invoice, When, Customer"):
            load(read(sales), layout)
    assert stored() == []


@pytest.mark.django_db
def test_messages_of_segment_go_in_as_they_are(tmp_path):
    """The hour of sending lies years back: it must not move the event to today, as a wrong clock would."""
    message = {
        "type": "track",
        "messageId": "m-1",
        "userId": "W-1",
        "event": "Paid",
        "timestamp": "2024-02-01T10:00:00Z",
        "sentAt": "2024-02-01T10:00:01Z",
        "properties": {"amount": 5, "items": [1, 2]},
        "context": {"app": {"version": "8.2"}},
    }
    lines = [
        message,
        {"type": "identify", "userId": "W-1", "traits": {"tier": "gold"}, "originalTimestamp": 1706781600},
        {"type": "track", "userId": "W-1", "event": "Paid"},
        {"userId": "W-1", "event": "Paid", "timestamp": "2024-02-03T10:00:00Z", "amount": "0042"},
        {"type": ["track"], "userId": "W-1", "event": "Paid", "at": "2024-02-04", "amount": 1e400},
    ]
    file = tmp_path / "archive.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)) + '\n{"type": "tr', encoding="utf-8")
    for expected in ((4, 0), (0, 4)):
        report, refused = load(read(file), EventLayout(is_typed=True, has_columns=False))
        assert (report.stored, report.known) == expected
        assert refused == [(3, "missing_timestamp"), (6, "not_json")]
    fourth, third, first, _ = sorted(stored(), key=lambda event: event.occurred_at, reverse=True)
    assert (first.message_id, first.occurred_at) == ("m-1", datetime(2024, 2, 1, 10, tzinfo=UTC))
    assert (first.properties, first.context) == (message["properties"], {"app": {"version": "8.2"}})
    assert (third.properties, fourth.properties["type"]) == ({"amount": "0042"}, ["track"])


@pytest.mark.django_db
def test_what_the_database_cannot_keep_costs_one_row():
    rows = [{"userId": "W-1", "event": "Paid", "at": "2026-05-01", "note": "\0"}]
    rows += [{"userId": "W\0-1", "event": "Paid", "at": "2026-05-01"}]
    rows += [{"userId": "W-1", "event": "Paid", "at": "2026-05-02", "text": "x" * 40_000}]
    report, refused = load(rows, EventLayout())
    assert (report.stored, refused) == (1, [(2, "null_byte"), (3, "too_large")])


@pytest.mark.django_db
def test_events_past_the_storage_period_are_told():
    rows = [{"userId": "W-1", "event": "Paid", "at": day} for day in ("2010-01-01", "2026-05-01")]
    assert load(rows, EventLayout())[0].outdated == 1


@pytest.mark.django_db(transaction=True)
def test_imported_events_stand_on_the_timeline_but_start_no_plan():
    """The plan has been live for a day: of two events an hour ago, that of the wallet itself starts it."""
    live(at=NOW - timedelta(days=1))
    hour_ago = NOW - timedelta(hours=1)
    times = ("2024-05-01", hour_ago.isoformat())
    load([{"userId": "W-1", "event": "Payment Completed", "at": at} for at in times], EventLayout())
    insert_event("W-2", at=hour_ago)
    runner.run(now=NOW, clock_trusted=True)
    profile = customers.profile(external_id="W-1")
    moments = timeline.of_customer(profile).moments
    assert [(moment.kind, moment.at.year) for moment in moments] == [("event", 2026), ("event", 2024)]
    decided = Decision.objects.values_list("customer_id", flat=True)
    assert list(decided) == [customers.profile(external_id="W-2").id]
