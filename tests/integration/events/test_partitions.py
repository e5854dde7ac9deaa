"""Months of the events table: made ahead, never missed, dropped by the storage period."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.db import connection
from procrastinate.contrib.django import app as jobs
from tests.integration.events.gateways import test_database_url as database_url
from tests.integration.events.test_queries import track

from huifang.events import partitions, queries, services, tasks
from huifang.events.records import Cursor, shard_of

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def restore_the_migrations_state() -> None:
    with connection.cursor() as db:
        db.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'events_event'::regclass"
        )
        made = {name for (name,) in db.fetchall()} - {"events_event_default", "events_event_undated"}
        for name in made:
            db.execute(f"DROP TABLE {name}")
        db.execute(
            "CREATE OR REPLACE FUNCTION events_txid_base() RETURNS bigint LANGUAGE sql IMMUTABLE"
            " AS 'SELECT 0::bigint'"
        )


@pytest.fixture(autouse=True)
def _only_the_partitions_of_the_migration():
    restore_the_migrations_state()
    yield
    restore_the_migrations_state()


def rows_by_table() -> dict[str, int]:
    with connection.cursor() as db:
        db.execute("SELECT tableoid::regclass::text, count(*) FROM events_event GROUP BY 1")
        return dict(db.fetchall())


def test_without_a_partition_events_are_taken_in_and_moved_once_it_is_made():
    messages = [
        track("may"),
        track("april", at=NOW - timedelta(days=20)),
        track("undated") | {"timestamp": None},
        track("clock", at=NOW + timedelta(days=900), sentAt=(NOW + timedelta(days=900)).isoformat()),
    ]
    services.ingest_batch(messages=messages, now=NOW)
    assert rows_by_table() == {"events_event_default": 3, "events_event_undated": 1}
    before = queries.batch_after(cursor=Cursor(), shard=shard_of("c-1", ""), limit=10)
    services.prepare_partitions(now=NOW)
    assert rows_by_table() == {
        "events_event_2026_04": 1,
        "events_event_2026_05": 1,
        "events_event_default": 1,
        "events_event_undated": 1,
    }
    assert queries.batch_after(cursor=Cursor(), shard=shard_of("c-1", ""), limit=10) == before


def test_moved_rows_are_still_known():
    services.ingest_batch(messages=[track("m")], now=NOW)
    services.prepare_partitions(now=NOW)
    services.ingest_batch(messages=[track("m")], now=NOW)
    assert rows_by_table() == {"events_event_2026_05": 1}


def test_preparing_is_done_once_and_covers_every_day_that_is_accepted():
    services.prepare_partitions(now=NOW)
    services.prepare_partitions(now=NOW + timedelta(minutes=1))
    days = [track(f"m-{day}", at=NOW - timedelta(days=day)) for day in range(0, 401, 25)]
    services.ingest_batch(messages=days, now=NOW)
    assert "events_event_default" not in rows_by_table()


def test_two_processes_may_prepare_at_once():
    """The second waits for the first, and finds nothing left to do."""
    with psycopg.connect(database_url()) as one, ThreadPoolExecutor() as threads:
        partitions.prepare(one.cursor(), now=NOW, age_days_max=400)
        two = threads.submit(prepare_apart)
        with pytest.raises(TimeoutError):
            two.result(timeout=0.3)
        one.commit()
        two.result(timeout=10)
    services.ingest_batch(messages=[track("m")], now=NOW)
    assert rows_by_table() == {"events_event_2026_05": 1}


def prepare_apart() -> None:
    with psycopg.connect(database_url()) as connection:
        partitions.prepare(connection.cursor(), now=NOW, age_days_max=400)


def test_events_past_their_storage_period_are_dropped_and_no_others():
    services.prepare_partitions(now=NOW)
    ages = {"kept": 0, "edge": 389, "dropped": 391}
    messages = [track(name, at=NOW - timedelta(days=age)) for name, age in ages.items()]
    services.ingest_batch(messages=messages, now=NOW)
    dropped = services.drop_past_storage(now=NOW + timedelta(days=730 - 390))
    assert dropped == ["events_event_2025_03"]
    left = queries.events_of(external_id="c-1", limit=10)
    assert [event.message_id for event in left] == ["kept", "edge"]


def test_a_long_report_holds_up_nobody_behind_the_change(monkeypatch: pytest.MonkeyPatch):
    """The change steps back, and writers pass, until the report is over."""
    services.prepare_partitions(now=NOW)
    with psycopg.connect(database_url()) as report:
        report.execute("SELECT count(*) FROM events_event")
        passed: list[str] = []

        def let_pass(seconds: float) -> None:
            services.ingest_batch(messages=[track("meanwhile")], now=NOW)
            passed.append("meanwhile")
            report.rollback()

        monkeypatch.setattr("huifang.events.services.time.sleep", let_pass)
        dropped = services.drop_past_storage(now=NOW + timedelta(days=730 - 390))
    assert (passed, dropped) == (["meanwhile"], ["events_event_2025_03"])
    assert rows_by_table() == {"events_event_2026_05": 1}


def test_the_worker_makes_months_each_hour_and_drops_old_ones_each_day():
    crons = {
        each.task.name: each.cron
        for each in jobs.periodic_registry.periodic_tasks.values()
        if each.task.name.startswith(tasks.__name__)
    }
    assert crons[f"{tasks.__name__}.prepare_partitions"] == "7 * * * *"
    assert crons[f"{tasks.__name__}.drop_past_storage"] == "37 3 * * *"


def test_after_a_restore_into_a_new_cluster_new_events_still_come_behind_the_cursor():
    """There transaction numbers start anew: without care, new rows would lie behind every cursor."""
    services.ingest_batch(messages=[track("old")], now=NOW)
    with connection.cursor() as db:
        db.execute("UPDATE events_event SET txid = txid + 1000000000")
    shard = shard_of("c-1", "")
    services.prepare_partitions(now=NOW)
    events, cursor = queries.batch_after(cursor=Cursor(), shard=shard, limit=10)
    assert [event.message_id for event in events] == ["old"]
    services.ingest_batch(messages=[track("new")], now=NOW)
    events, _ = queries.batch_after(cursor=cursor, shard=shard, limit=10)
    assert [event.message_id for event in events] == ["new"]
