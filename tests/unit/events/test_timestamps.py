"""Reading clients' timestamps and estimating when something happened."""

from datetime import UTC, datetime, timedelta

import pytest

from huifang.events import timestamps

RECEIVED = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-05-04T12:00:00Z", datetime(2026, 5, 4, 12, tzinfo=UTC)),
        ("2026-05-04T20:00:00.5+08:00", datetime(2026, 5, 4, 12, 0, 0, 500_000, tzinfo=UTC)),
        ("2026-05-04 12:00:00", datetime(2026, 5, 4, 12, tzinfo=UTC)),
        ("2026-05-04T12:00:00.123456789Z", datetime(2026, 5, 4, 12, 0, 0, 123_456, tzinfo=UTC)),
        (1_777_896_000, datetime(2026, 5, 4, 12, tzinfo=UTC)),
        (1_777_896_000_000, datetime(2026, 5, 4, 12, tzinfo=UTC)),
    ],
)
def test_the_forms_that_clients_send_are_read(text, expected):
    assert timestamps.read(text) == expected


@pytest.mark.parametrize(
    "nonsense",
    ["yesterday", "", "2026-13-01", True, [], {}, 1e300, -1e300, "0001-01-01T00:00:00+14:00", 10**400],
)
def test_anything_else_is_a_value_error(nonsense):
    with pytest.raises(ValueError, match=r".+"):
        timestamps.read(nonsense)


def test_a_clock_wrong_by_no_more_than_five_minutes_is_left_alone():
    at = RECEIVED - timedelta(hours=3)
    sent = RECEIVED + timedelta(minutes=5)
    assert timestamps.estimate(at, sent_at=sent, received_at=RECEIVED) == at


def test_a_clock_wrong_by_more_moves_the_event_by_its_error():
    """The phone is 26 hours ahead; the event lay one minute before it was sent."""
    sent = RECEIVED + timedelta(hours=26)
    at = sent - timedelta(minutes=1)
    estimated = timestamps.estimate(at, sent_at=sent, received_at=RECEIVED)
    assert estimated == RECEIVED - timedelta(minutes=1)


def test_without_a_time_of_sending_the_client_is_believed():
    at = RECEIVED - timedelta(days=3)
    assert timestamps.estimate(at, sent_at=None, received_at=RECEIVED) == at


def test_a_correction_beyond_the_calendar_is_a_value_error():
    first = datetime(1, 1, 1, tzinfo=UTC)
    with pytest.raises(ValueError, match="out of range"):
        timestamps.estimate(first, sent_at=RECEIVED + timedelta(days=1), received_at=RECEIVED)
