"""What a stream holds becomes events; what cannot is rejected with its place."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from huifang.events import streamrecords
from huifang.events.body import BODY_BYTES_MAX
from huifang.events.ingest import Parsed
from huifang.events.message import Arrival
from huifang.events.streamrecords import StreamRecord

NOW = datetime(2026, 3, 1, tzinfo=UTC)
WRITTEN = NOW - timedelta(days=2)
ARRIVAL = Arrival(source_id=1, received_at=NOW, now=NOW, age_days_max=400, is_delayed=True)
TRACK = {"type": "track", "event": "Pay", "userId": "W-1"}


def record(value: object, offset: int = 7) -> StreamRecord:
    raw = value if isinstance(value, bytes) or value is None else json.dumps(value).encode()
    return StreamRecord(topic="wallet", partition=3, offset=offset, value=raw, at=WRITTEN)


def parsed(*records: StreamRecord) -> Parsed:
    return streamrecords.parse_all(records, arrival=ARRIVAL)


def test_a_message_alone_a_list_and_a_batch_are_read():
    one, many = {**TRACK, "messageId": "a"}, [{**TRACK, "messageId": each} for each in "bc"]
    batch = {"batch": [{**TRACK, "messageId": "d"}], "sentAt": NOW.isoformat()}
    found = parsed(record(one), record(many), record(batch), record(None), record(b""))
    assert [event.message_id for event in found.events] == ["a", "b", "c", "d"]
    assert found.faults == []


def test_a_message_of_sensors_analytics_is_read():
    sent = {"type": "track", "event": "Pay", "distinct_id": "W-1", "time": 1_772_000_000_000}
    found = parsed(record([{**sent, "properties": {"$is_login_id": True}}, {"type": "item_set"}]))
    assert [(event.external_id, event.name) for event in found.events] == [("W-1", "Pay")]
    assert len(found.ignored) == 1


def test_what_names_neither_id_nor_time_gets_both_from_its_place():
    first, second = (parsed(record([TRACK, TRACK])).events for _ in range(2))
    assert [event.message_id for event in first] == ["wallet-3-7-0", "wallet-3-7-1"]
    assert [event.occurred_at for event in first] == [WRITTEN, WRITTEN]
    assert [(event.day, event.message_id) for event in first] == [
        (event.day, event.message_id) for event in second
    ]


def test_waiting_in_the_stream_is_no_error_of_the_clients_clock():
    (event,) = parsed(
        record({**TRACK, "timestamp": WRITTEN.isoformat(), "sentAt": WRITTEN.isoformat()})
    ).events
    assert event.occurred_at == WRITTEN


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (b"\xff\xfe", "malformed"),
        (b"[1", "malformed"),
        (b"[" * 100_000, "malformed"),
        (b'{"a":' * 50_000, "malformed"),
        (json.dumps({"type": "dance", "userId": "W-1"}).encode(), "bad_type"),
        (b"x" * (BODY_BYTES_MAX + 1), "too_large"),
        (json.dumps({**TRACK, "batch": 7, "event": ""}).encode(), "missing_name"),
    ],
)
def test_poison_is_rejected_with_its_place_and_costs_no_other(value, code):
    found = parsed(record(TRACK, 6), record(value), record(TRACK, 8))
    assert [event.message_id for event in found.events] == ["wallet-3-6-0", "wallet-3-8-0"]
    assert [row.code for row in found.rejected] == [code]
    assert found.rejected[0].detail.endswith("(topic wallet, partition 3, offset 7)")
