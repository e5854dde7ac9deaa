"""One message in, one event or one reason out."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from huifang.events import ingest
from huifang.events.message import Arrival, NewEvent, parse
from huifang.events.records import shard_of
from huifang.events.rejections import RejectedMessageError
from huifang.kernel import vault

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
ARRIVAL = Arrival(source_id=3, received_at=NOW, now=NOW, age_days_max=400)


def message(**changes: object) -> dict[str, object]:
    whole = {
        "type": "track",
        "messageId": "m-1",
        "userId": "c-1",
        "event": "Payment Completed",
        "timestamp": "2026-05-04T11:59:00Z",
        "properties": {"amount": 12.5},
    }
    return {key: value for key, value in (whole | changes).items() if value is not ...}


def parsed(arrival: Arrival = ARRIVAL, **changes: object) -> NewEvent:
    return parse(msgspec.json.encode(message(**changes)), arrival=arrival)


def code_of(arrival: Arrival = ARRIVAL, **changes: object) -> str:
    with pytest.raises(RejectedMessageError) as caught:
        parsed(arrival, **changes)
    return caught.value.code


def opened(event: NewEvent) -> object:
    assert event.sealed is not None
    return msgspec.json.decode(vault.unseal(bytes.fromhex(event.sealed[2:]), context="event-traits"))


def test_a_track_call_becomes_an_event():
    event = parsed()
    assert (event.kind, event.name, event.external_id, event.message_id) == (
        "track",
        "Payment Completed",
        "c-1",
        "m-1",
    )
    assert (event.day, event.occurred_at) == (date(2026, 5, 4), NOW - timedelta(minutes=1))
    assert (event.properties, event.sealed, event.source_id) == ({"amount": 12.5}, None, 3)
    assert event.shard == shard_of("c-1", "")


def test_shards_stay_where_they_are():
    """Readers keep cursors by shard: these values must never change."""
    assert [shard_of(each, "") for each in ("c-1", "c-2", "客户")] == [14, 4, 5]
    assert shard_of("", "c-1") == 14


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("bad_type", {"type": "purchase"}),
        ("bad_type", {"type": ...}),
        ("bad_type", {"type": ["track"]}),
        ("missing_user", {"userId": ...}),
        ("missing_user", {"userId": "  "}),
        ("bad_user", {"userId": {"id": 1}}),
        ("bad_user", {"userId": True}),
        ("bad_user", {"userId": "c" * 256}),
        ("null_byte", {"userId": "c\0"}),
        ("missing_name", {"event": ...}),
        ("missing_name", {"event": " "}),
        ("bad_name", {"event": 7}),
        ("bad_name", {"event": "x" * 201}),
        ("null_byte", {"event": "x\0"}),
        ("bad_message_id", {"messageId": {}}),
        ("bad_message_id", {"messageId": "m" * 256}),
        ("null_byte", {"messageId": "m\0"}),
        ("bad_properties", {"properties": [1]}),
        ("bad_properties", {"properties": "x"}),
        ("bad_timestamp", {"timestamp": "soon"}),
        ("bad_timestamp", {"timestamp": True}),
        ("bad_timestamp", {"timestamp": "0001-01-01T00:00:00Z", "sentAt": "2026-06-04T12:00:00Z"}),
        ("in_the_future", {"timestamp": "2026-05-04T13:00:01Z"}),
        ("too_old", {"timestamp": "2025-03-30T11:59:59Z"}),
        ("too_large", {"properties": {"text": "x" * 33_000}}),
    ],
)
def test_each_fault_has_its_code(code, changes):
    assert code_of(**changes) == code


@pytest.mark.parametrize("timestamp", ["2026-05-04T13:00:00Z", "2025-03-30T12:00:00Z"])
def test_an_event_exactly_at_the_limit_of_time_is_stored(timestamp):
    assert parsed(timestamp=timestamp).occurred_at <= NOW


def test_an_event_a_little_in_the_future_is_taken_as_now():
    assert parsed(timestamp="2026-05-04T12:30:00Z").occurred_at == NOW


def test_a_clock_that_is_a_year_ahead_is_corrected_and_the_day_stays_the_clients():
    """The day is part of what makes the message unique, so that it must not depend on when it was sent."""
    event = parsed(timestamp="2027-05-04T11:59:00Z", sentAt="2027-05-04T12:00:00Z")
    assert event.day == date(2027, 5, 4)
    assert event.occurred_at == NOW - timedelta(minutes=1)


def test_the_same_message_sent_again_an_hour_later_is_the_same_row():
    first = parsed(timestamp="2026-05-04T23:59:59Z", sentAt="2026-05-05T00:00:10Z")
    later = replace(ARRIVAL, received_at=NOW + timedelta(hours=1), now=NOW + timedelta(hours=1))
    again = parsed(later, timestamp="2026-05-04T23:59:59Z", sentAt="2026-05-05T02:00:10Z")
    assert (first.day, first.message_id) == (again.day, again.message_id) == (date(2026, 5, 4), "m-1")


@pytest.mark.parametrize("sent_at", ["soon", [], {}, 7, True, ""])
def test_a_time_of_sending_that_cannot_be_read_is_none(sent_at):
    assert parsed(sentAt=sent_at).occurred_at == NOW - timedelta(minutes=1)


def test_without_a_timestamp_it_happened_now_and_lies_on_the_first_day():
    event = parsed(timestamp=...)
    assert (event.day, event.occurred_at) == (date(1970, 1, 1), NOW)


def test_a_future_event_can_be_replayed_when_its_time_has_come():
    replayed = replace(ARRIVAL, now=NOW + timedelta(days=1))
    event = parsed(replayed, timestamp="2026-05-05T10:00:00Z")
    assert event.occurred_at == datetime(2026, 5, 5, 10, tzinfo=UTC)


def test_without_a_message_id_the_content_makes_one():
    first, again = parsed(messageId=...), parsed(messageId=..., sentAt="2026-05-04T12:00:00Z")
    other = parsed(messageId=..., properties={"amount": 13})
    assert first.message_id == again.message_id != other.message_id


def test_with_neither_id_nor_timestamp_every_message_is_its_own():
    assert parsed(messageId=..., timestamp=...).message_id != parsed(messageId=..., timestamp=...).message_id


def test_identify_seals_what_is_personal():
    event = parsed(
        type="identify",
        event=...,
        properties=...,
        traits={"phone": "+8613800000001", "name": "Li Na", "plan": "gold"},
    )
    assert (event.name, event.properties) == ("", {"plan": "gold"})
    assert opened(event) == {"phone": "+8613800000001", "name": "Li Na"}


def test_traits_are_found_in_the_context_where_rudderstack_puts_them():
    event = parsed(
        type="identify", event=..., properties=..., context={"traits": {"plan": "gold", "email": "a@b.cn"}}
    )
    assert event.properties == {"plan": "gold"}
    assert opened(event) == {"email": "a@b.cn"}


def test_a_push_token_of_the_device_is_sealed_with_the_traits():
    event = parsed(
        type="identify", properties=..., traits={}, context={"device": {"token": "t-1", "model": "P60"}}
    )
    assert opened(event) == {"deviceToken": "t-1"}
    assert bytes(event.context) == b'{"device":{"model":"P60"}}'


def test_the_context_keeps_little_and_nothing_of_the_person():
    context = {
        "ip": "10.0.0.1",
        "userAgent": "Mozilla",
        "locale": "zh-CN",
        "timezone": "Asia/Shanghai",
        "device": {"id": "secret", "advertisingId": "secret", "type": "android"},
        "traits": {"email": "a@b.cn"},
        "app": {"version": "3.2.1", "namespace": "cn.wallet"},
        "page": {"path": "/pay", "search": "?token=secret"},
    }
    kept = msgspec.json.decode(parsed(context=context).context)
    assert kept == {
        "app": {"version": "3.2.1"},
        "device": {"type": "android"},
        "page": {"path": "/pay"},
        "locale": "zh-CN",
        "timezone": "Asia/Shanghai",
    }


@pytest.mark.parametrize("context", [None, "x", 7, [], {"app": "x", "locale": {}}])
def test_a_strange_context_costs_nothing(context):
    assert bytes(parsed(context=context).context) == b"{}"


def test_alias_and_group_keep_the_other_id():
    assert parsed(type="alias", previousId="a-1").properties["previousId"] == "a-1"
    assert parsed(type="group", groupId=7, traits={"name": "Family"}).properties == {
        "name": "Family",
        "groupId": "7",
    }


def test_nul_characters_leave_properties_and_traits():
    event = parsed(properties={"a\0": "x\0y", "list": ["\0"], "phone": "1\0"})
    assert event.properties == {"a": "xy", "list": [""]}
    assert opened(event) == {"phone": "1"}


def test_numbers_are_good_ids():
    event = parsed(userId=42, messageId=7)
    assert (event.external_id, event.message_id) == ("42", "7")


def test_half_of_a_surrogate_pair_or_nan_in_one_message_does_not_spoil_the_batch():
    """Both are no JSON, and both are what json.dumps and JSON.stringify write."""
    body = (
        b'{"batch": [{"type": "track", "userId": "c-1", "event": "A", "properties": {"x": NaN}},'
        b' {"type": "track", "userId": "c-1", "event": "B\\ud83d"}], "sentAt": "2026-05-04T12:00:00Z"}'
    )
    envelope = ingest.open_batch(body)
    result = ingest.parse_all(envelope.batch, arrival=ARRIVAL)
    assert [event.name for event in result.events] == ["A", "B?"]
    assert result.events[0].properties == {"x": None}
    assert envelope.sent_at == "2026-05-04T12:00:00Z"


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"7", b"null", b'{"batch": 1}', b"{}", b"[" * 5000, b"\xff\xfe"]
)
def test_a_body_of_another_shape_is_unreadable(body):
    with pytest.raises(ingest.UnreadableBodyError):
        ingest.open_batch(body)


def test_a_rejected_message_has_the_same_fingerprint_each_time_and_is_sealed():
    raw = msgspec.json.encode(message(userId=..., traits={"phone": "+8613800000001"}))
    first, again = (ingest.parse_all([raw], arrival=ARRIVAL).rejected[0] for _ in range(2))
    assert first.fingerprint == again.fingerprint
    assert b"13800000001" not in bytes.fromhex(first.payload[2:])
    assert (first.code, first.kind, first.name, first.is_whole) == (
        "missing_user",
        "track",
        "Payment Completed",
        True,
    )


@pytest.mark.parametrize("value", ["lin@customer.example", "13800138000"])
def test_the_reason_of_a_rejection_names_nobody(value: str):
    with pytest.raises(RejectedMessageError) as caught:
        parsed(properties=value)
    assert value not in caught.value.detail
