"""Write keys, taking messages in without HTTP, and replaying what was rejected."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from tests.integration.events.test_queries import NOW, ingest, track

from huifang.events import queries, services
from huifang.events.errors import (
    AlreadyReplayedError,
    NotReplayableError,
    SourceNameTakenError,
    UnknownRejectedEventError,
    UnknownSourceError,
    UnreadablePayloadError,
)
from huifang.events.records import RejectedFilter, StoredEvent
from huifang.kernel import audit

pytestmark = pytest.mark.django_db
EVERYTHING = RejectedFilter(include_replayed=True)


def reject(*messages: object, now: datetime = NOW) -> list[int]:
    """The numbers of the rejected rows that *messages* become, in their order."""
    raws = [message if isinstance(message, bytes) else json.dumps(message).encode() for message in messages]
    outcome = services.ingest_batch(messages=raws, now=now)
    assert outcome.accepted == 0
    return sorted(row.id for row in queries.rejected(wanted=RejectedFilter(), limit=100).rows)


def stored(user: str = "c-1") -> list[StoredEvent]:
    return queries.events_of(external_id=user, limit=10)


def test_a_write_key_is_shown_once_and_kept_as_a_hash():
    key = services.create_write_key(name="app", now=NOW)
    with connection.cursor() as db:
        db.execute("SELECT events_source::text FROM events_source")
        assert key not in db.fetchone()[0]
    (source,) = queries.sources(now=NOW)
    assert (source.name, source.last_used_at, source.stored_today) == ("app", None, 0)
    with pytest.raises(SourceNameTakenError):
        services.create_write_key(name="app", now=NOW)
    services.revoke_write_key(name="app", now=NOW)
    with pytest.raises(UnknownSourceError):
        services.revoke_write_key(name="app", now=NOW)
    acts = [entry.action for entry in audit.entries(subject="write_key:app")]
    assert acts == ["write_key.revoked", "write_key.created"]


def test_a_source_shows_its_day_before_and_after_tallies_are_folded():
    services.create_write_key(name="app", now=NOW)
    (source,) = queries.sources(now=NOW)
    services.ingest_batch(messages=[track("1"), track("2"), {}], now=NOW, source_id=source.id)
    for _ in range(2):
        (source,) = queries.sources(now=NOW)
        assert (source.stored_today, source.rejected_open, source.last_used_at) == (2, 1, NOW)
        services.fold_tallies()
    (tomorrow,) = queries.sources(now=NOW + timedelta(days=1))
    assert tomorrow.stored_today == 0


def test_rejected_messages_are_found_by_reason_and_day():
    reject({"type": "odd"}, {"type": "track", "event": "A"})
    reject(track("late") | {"timestamp": "2020-01-01T00:00:00Z"}, now=NOW + timedelta(days=1))
    codes = queries.rejected_codes()
    assert codes == {"bad_type": 1, "missing_user": 1, "too_old": 1}
    page = queries.rejected(wanted=RejectedFilter(code="bad_type"), limit=5)
    assert [row.code for row in page.rows] == ["bad_type"]
    page = queries.rejected(wanted=RejectedFilter(day=NOW.date()), limit=5)
    assert {row.code for row in page.rows} == {"bad_type", "missing_user"}
    first = queries.rejected(wanted=RejectedFilter(), limit=2)
    rest = queries.rejected(wanted=RejectedFilter(), limit=2, before=first.next_before)
    assert (len(first.rows), len(rest.rows), rest.next_before, rest.total) == (2, 1, None, 3)


def test_the_table_of_rejected_messages_holds_no_personal_value_in_the_clear():
    reject(
        {"type": "identify", "traits": {"phone": "+8613800000001", "plan": "gold"}},
        b'{"phone": "13800000001"',
    )
    with connection.cursor() as db:
        db.execute("SELECT string_agg(events_rejectedevent::text, '') FROM events_rejectedevent")
        assert "13800000001" not in db.fetchone()[0]
    for row in queries.rejected(wanted=RejectedFilter(), limit=5).rows:
        assert "•••" in queries.rejected_event(rejected_id=row.id)[1]
        assert "13800000001" not in queries.rejected_event(rejected_id=row.id)[1]


def test_a_future_event_is_stored_by_replay_once_its_time_has_come():
    (number,) = reject(track("f", at=NOW + timedelta(hours=3)))
    assert services.replay(rejected_id=number, by="t", now=NOW).rejected[0].code == "in_the_future"
    later = NOW + timedelta(hours=4)
    assert services.replay(rejected_id=number, by="t", now=later).accepted == 1
    (event,) = stored()
    assert (event.occurred_at, event.received_at) == (NOW + timedelta(hours=3), NOW)
    with pytest.raises(AlreadyReplayedError):
        services.replay(rejected_id=number, by="t", now=later)
    assert queries.rejected(wanted=RejectedFilter(), limit=5).total == 0
    assert queries.rejected(wanted=EVERYTHING, limit=5).total == 1


def test_an_edited_message_is_stored_with_what_its_masks_hide():
    whole = track("e") | {"type": "identify", "userId": None, "traits": {"email": "li.na@example.com"}}
    (number,) = reject(whole)
    shown = json.loads(queries.rejected_event(rejected_id=number)[1])
    assert shown["traits"] == {"email": "•••"}
    edited = json.dumps({**shown, "userId": "c-1"})
    assert services.replay(rejected_id=number, by="t", now=NOW, payload=edited).accepted == 1
    assert queries.unseal_traits(stored()[0]) == {"email": "li.na@example.com"}


def test_an_edit_that_is_no_object_or_hides_what_is_unknown_is_refused():
    (number,) = reject(b'{"type": "track", "phone": "13800000001"')
    for payload in ("[1]", "{", "", '{"type": "track", "userId": "c-1", "event": "A", "phone": "•••"}'):
        with pytest.raises(UnreadablePayloadError):
            services.replay(rejected_id=number, by="t", now=NOW, payload=payload)
    assert stored() == []


def test_a_body_that_was_malformed_can_be_mended_into_a_batch():
    (number,) = reject(b'{"batch": [')
    mended = json.dumps({"batch": [track("a"), track("b")]})
    assert services.replay(rejected_id=number, by="t", now=NOW, payload=mended).accepted == 2
    assert {event.message_id for event in stored()} == {"a", "b"}


def test_a_message_that_was_too_large_to_keep_cannot_be_replayed():
    (number,) = reject(track("big") | {"properties": {"text": "x" * 70_000}})
    with pytest.raises(NotReplayableError):
        services.replay(rejected_id=number, by="t", now=NOW)
    with pytest.raises(UnknownRejectedEventError):
        services.replay(rejected_id=number + 1, by="t", now=NOW)


def test_many_are_replayed_at_once_and_those_still_wrong_stay():
    future = [track(f"f-{number}", at=NOW + timedelta(hours=2)) for number in range(5)]
    reject(*future, {"type": "odd"})
    later = NOW + timedelta(hours=3)
    done = services.replay_matching(wanted=RejectedFilter(code="in_the_future"), by="t", now=later, limit=3)
    assert (done.tried, done.stored) == (3, 3)
    done = services.replay_matching(wanted=RejectedFilter(), by="t", now=later, limit=500)
    assert (done.tried, done.stored) == (3, 2)
    assert queries.rejected_codes() == {"bad_type": 1}
    assert len(stored()) == 5


def test_replaying_what_came_in_meanwhile_adds_nothing():
    (number,) = reject(track("f", at=NOW + timedelta(hours=2)))
    later = NOW + timedelta(hours=3)
    ingest(track("f", at=NOW + timedelta(hours=2)), now=later)
    assert services.replay(rejected_id=number, by="t", now=later).accepted == 1
    assert len(stored()) == 1


def test_rejected_messages_are_dropped_after_their_storage_period():
    reject({"type": "odd"})
    services.drop_past_storage(now=NOW + timedelta(days=29))
    assert queries.rejected(wanted=RejectedFilter(), limit=5).total == 1
    services.drop_past_storage(now=NOW + timedelta(days=31))
    assert queries.rejected(wanted=RejectedFilter(), limit=5).total == 0


def test_an_import_and_the_gateways_own_messages_share_one_identity():
    message = track("1", at=datetime(2026, 5, 4, 1, tzinfo=UTC))
    ingest(message)
    outcome = services.ingest_batch(messages=[json.dumps(message).encode()], now=NOW)
    assert (outcome.accepted, len(stored())) == (1, 1)
