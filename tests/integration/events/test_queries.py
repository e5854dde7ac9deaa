"""Reading events back: order of commit, one customer, a span of time, the catalogue."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.db import connection
from tests.integration.events.gateways import test_database_url as database_url

from huifang.events import queries, services
from huifang.events.records import SHARDS, Cursor, shard_of

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
SHARD = shard_of("c-1", "")


def track(
    message_id: str, *, user: str = "c-1", at: datetime = NOW, name: str = "App Opened", **more: object
):
    return {
        "type": "track",
        "messageId": message_id,
        "userId": user,
        "event": name,
        "timestamp": at.isoformat(),
        **more,
    }


def ingest(*messages: dict[str, object], now: datetime = NOW) -> None:
    assert services.ingest_batch(messages=messages, now=now).rejected == []


def read(cursor: Cursor, limit: int = 100) -> tuple[list[str], Cursor]:
    events, cursor = queries.batch_after(cursor=cursor, shard=SHARD, limit=limit)
    return [event.message_id for event in events], cursor


@pytest.mark.django_db(transaction=True)
def test_a_reader_gets_every_event_once_in_order_of_commit():
    ingest(track("b", at=NOW - timedelta(minutes=1)), track("a", at=NOW))
    ingest(track("c"), track("elsewhere", user="c-2"))
    first, cursor = read(Cursor(), limit=2)
    second, cursor = read(cursor, limit=2)
    assert (first, second) == (["b", "a"], ["c"])
    assert read(cursor) == ([], cursor)
    assert queries.last_cursor(shard=SHARD) == cursor


@pytest.mark.django_db(transaction=True)
def test_an_event_whose_transaction_commits_late_is_never_skipped():
    """The slow one takes its number first and commits last; a reader in between must wait for it."""
    with psycopg.connect(database_url()) as slow:
        slow.execute(
            "INSERT INTO events_event (day, message_id, kind, name, external_id, anonymous_id, shard,"
            " occurred_at, received_at, properties, context, source_id)"
            " VALUES (%s, 'slow', 'track', 'A', 'c-1', '', %s, %s, %s, '{}', '{}', 0)",
            [NOW.date(), SHARD, NOW, NOW],
        )
        ingest(track("quick"))
        assert read(Cursor()) == ([], Cursor())
        slow.commit()
    names, cursor = read(Cursor())
    assert names == ["slow", "quick"]
    assert read(cursor)[0] == []


@pytest.mark.django_db(transaction=True)
def test_an_open_transaction_that_is_rolled_back_holds_nobody_for_ever():
    with psycopg.connect(database_url()) as slow:
        slow.execute("SELECT pg_current_xact_id()")
        ingest(track("quick"))
        assert read(Cursor())[0] == []
        slow.rollback()
    assert read(Cursor())[0] == ["quick"]


@pytest.mark.django_db(transaction=True)
def test_every_event_lies_in_exactly_one_shard():
    ingest(*(track(f"m-{number}", user=f"c-{number}") for number in range(64)))
    seen = [
        event.message_id
        for shard in range(SHARDS)
        for event in queries.batch_after(cursor=Cursor(), shard=shard, limit=100)[0]
    ]
    assert sorted(seen) == sorted(f"m-{number}" for number in range(64))


@pytest.mark.django_db
def test_one_customers_events_come_newest_first_with_the_anonymous_ones():
    ingest(
        track("old", at=NOW - timedelta(days=2)),
        track("new"),
        track("other", user="c-2"),
        {**track("before", at=NOW - timedelta(days=3)), "userId": None, "anonymousId": "a-1"},
        {**track("stranger"), "userId": None, "anonymousId": "a-2"},
    )
    events = queries.events_of(external_id="c-1", anonymous_ids=["a-1"], limit=10)
    assert [event.message_id for event in events] == ["new", "old", "before"]
    assert [event.message_id for event in queries.events_of(external_id="c-1", limit=1)] == ["new"]
    older = queries.events_of(external_id="c-1", limit=10, before=NOW)
    assert [event.message_id for event in older] == ["old"]


@pytest.mark.django_db
def test_nobody_is_the_customer_of_an_empty_id():
    ingest({**track("stranger"), "userId": None, "anonymousId": "a-2"})
    assert queries.events_of(external_id="", limit=10) == []


@pytest.mark.django_db(transaction=True)
def test_a_span_of_time_is_read_oldest_first_in_chunks():
    start = NOW - timedelta(days=3)
    ingest(*(track(f"m-{hour}", at=start + timedelta(hours=hour)) for hour in (70, 1, 25, 0, 49)))
    ingest(track("other", at=start, name="Card Bound"))
    chunks = list(
        queries.events_between(start=start, end=start + timedelta(hours=70), names=["App Opened"], chunk=1)
    )
    assert [event.message_id for chunk in chunks for event in chunk] == ["m-0", "m-1", "m-25", "m-49"]
    assert {len(chunk) for chunk in chunks} == {1}


@pytest.mark.django_db
def test_personal_traits_are_sealed_in_the_table_and_opened_on_demand():
    ingest({**track("i"), "type": "identify", "traits": {"email": "li.na@example.com", "plan": "gold"}})
    with connection.cursor() as db:
        db.execute("SELECT events_event::text FROM events_event")
        assert "li.na" not in db.fetchone()[0]
    (event,) = queries.events_of(external_id="c-1", limit=1)
    assert event.properties == {"plan": "gold"}
    assert queries.unseal_traits(event) == {"email": "li.na@example.com"}


@pytest.mark.django_db
def test_the_catalogue_counts_stored_events_before_and_after_tallies_are_folded():
    later = NOW + timedelta(minutes=1)
    ingest(track("1"), track("2", at=NOW - timedelta(hours=1)), track("3", name="Card Bound"))
    ingest(track("1"), now=later)
    expected = [("App Opened", 2, NOW - timedelta(hours=1), NOW), ("Card Bound", 1, NOW, NOW)]
    for _ in range(2):
        seen = [(name.name, name.count, name.first_at, name.last_at) for name in queries.event_names()]
        assert seen == expected
        services.fold_tallies()
    ingest(track("4", at=later), now=later)
    services.fold_tallies()
    assert (queries.event_names()[0].count, queries.event_names()[0].last_at) == (3, later)
    assert services.fold_tallies() == 0
