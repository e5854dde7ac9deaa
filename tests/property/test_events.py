"""Whatever is sent, one message is stored or rejected with a code, and nothing else happens."""

import contextlib
import json
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from huifang.events import ingest, personal, store, timestamps
from huifang.events.message import KINDS, Arrival

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
ARRIVAL = Arrival(source_id=1, received_at=NOW, now=NOW, age_days_max=400)

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
fields = {
    "type": st.sampled_from(sorted(KINDS)) | anything,
    "userId": st.text(min_size=1, max_size=300) | anything,
    "anonymousId": st.text(max_size=5) | anything,
    "event": st.text(min_size=1, max_size=250) | anything,
    "messageId": st.text(max_size=300) | anything,
    "timestamp": st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat) | anything,
    "sentAt": st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat) | anything,
    "properties": st.dictionaries(st.text(), anything, max_size=4) | anything,
    "traits": anything,
    "context": anything,
    "previousId": anything,
    "groupId": anything,
}
messages = st.fixed_dictionaries({}, optional=fields) | anything


@settings(max_examples=150, deadline=None)
@given(st.lists(messages, max_size=5), anything, anything)
def test_every_message_of_a_batch_is_stored_or_rejected(batch, sent_at, context):
    body = json.dumps({"batch": batch, "sentAt": sent_at, "context": context}).encode()
    parsed = ingest.parse_all(ingest.open_batch(body).batch, arrival=ARRIVAL)
    assert len(parsed.events) + len(parsed.faults) == len(batch)
    assert len(parsed.rejected) == len(parsed.faults)
    for event in parsed.events:
        assert event.external_id or event.anonymous_id
        assert NOW - timedelta(days=400) <= event.occurred_at <= NOW
    assert "\\u0000" not in store.event_rows(parsed.events)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_body_is_read_or_refused_cleanly(body):
    with contextlib.suppress(ingest.UnreadableBodyError):
        ingest.parse_all(ingest.open_batch(body).batch, arrival=ARRIVAL)


keys = st.sampled_from(["email", "first_name", "plan", "IP", "name", "nested", "等级"])
traits = st.dictionaries(
    keys, st.text(max_size=3) | st.integers() | st.dictionaries(keys, st.text(max_size=3))
)


@given(traits)
def test_nothing_personal_stays_in_the_clear_and_nothing_else_is_lost(values):
    clear, sealed = personal.split(values, of_traits=True)
    for place in (clear, *(inner for inner in clear.values() if isinstance(inner, dict))):
        assert not {personal.kind_of(key) for key in place} - {personal.Kind.PLAIN}
    for key, value in values.items():
        if personal.kind_of(key) is personal.Kind.PLAIN and not isinstance(value, dict):
            assert clear[key] == value
    assert set(sealed) <= set(values)


@given(
    at=st.timedeltas(timedelta(0), timedelta(days=3650)).map(lambda gone: NOW - gone),
    error=st.timedeltas(timedelta(days=-900), timedelta(days=900)),
    delay=st.timedeltas(timedelta(0), timedelta(minutes=4)),
)
def test_a_wrong_clock_never_moves_an_event_by_more_than_the_delay_and_the_tolerance(at, error, delay):
    """The client's clock is wrong by *error*; the event is sent at once and arrives *delay* later."""
    shown = at + error
    estimated = timestamps.estimate(shown, sent_at=shown, received_at=at + delay)
    assert abs(estimated - at) <= timestamps.SKEW_MAX + delay
