"""Reads the clients' timestamps and estimates when an event happened. Pure.

Clocks of phones are wrong, messages are late, and the same message comes twice: the estimate may differ
from one sending to the next, so that it is never part of what makes a message unique.
"""

from datetime import UTC, date, datetime, timedelta

SKEW_MAX = timedelta(minutes=5)
AHEAD_MAX = timedelta(hours=1)
NO_DAY = date(1970, 1, 1)
_MILLISECONDS_FROM = 1e11  # as seconds, the year 5138


def read(value: object) -> datetime:
    """An instant from ISO 8601 text, or a number of seconds or milliseconds since 1970.

    Text without a zone is UTC. Raises `ValueError`.
    """
    try:
        if isinstance(value, str):
            instant = datetime.fromisoformat(value.strip())
            return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(UTC)
        if isinstance(value, int | float) and not isinstance(value, bool):
            seconds = value / 1000 if abs(value) >= _MILLISECONDS_FROM else value
            return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    except OverflowError as error:
        raise ValueError(f"{value!r} is out of range") from error
    raise ValueError(f"{value!r} is no timestamp")


def estimate(client_at: datetime, *, sent_at: datetime | None, received_at: datetime) -> datetime:
    """When it happened: *client_at*, moved by the client's clock error where that exceeds five minutes.

    The error is how far *received_at* lies from *sent_at*, which the client's same clock wrote.
    """
    if sent_at is None:
        return client_at
    skew = received_at - sent_at
    if abs(skew) <= SKEW_MAX:
        return client_at
    try:
        return client_at + skew
    except OverflowError as error:
        raise ValueError("the corrected timestamp is out of range") from error
