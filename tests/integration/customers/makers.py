"""Made-up events and customers for the tests of the customers room."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import count

from huifang.customers import queries, services
from huifang.events.records import StoredEvent
from huifang.kernel.ids import CustomerId

NOW = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)
PHONE, OTHER_PHONE, EMAIL = "+8613800000421", "+8613900000422", "lin@example.com"
_numbers = count(1)


def minutes(number: int) -> datetime:
    """*number* minutes after an hour before now."""
    return NOW - timedelta(hours=1) + timedelta(minutes=number)


def event(
    kind: str = "track",
    name: str = "Payment Completed",
    *,
    customer: str = "W-1",
    anonymous: str = "",
    at: datetime = NOW,
    properties: Mapping[str, object] | None = None,
) -> StoredEvent:
    """One event as the events room hands it over."""
    number = next(_numbers)
    return StoredEvent(
        seq=number,
        message_id=f"m-{number}",
        kind=kind,
        name=name if kind == "track" else "",
        external_id=customer,
        anonymous_id=anonymous,
        occurred_at=at,
        received_at=at,
        properties=dict(properties or {}),
        sealed=None,
    )


def identify(
    *, customer: str = "W-1", at: datetime = NOW, anonymous: str = "", **traits: object
) -> StoredEvent:
    """An identify that states *traits*."""
    return event("identify", customer=customer, at=at, anonymous=anonymous, properties=traits)


def apply(*events: StoredEvent) -> list[tuple[str, int]]:
    """Apply *events*; returns (message id, nth) of each that has a customer."""
    applied = services.apply_events(events=events, now=NOW)
    return [(each.event.message_id, each.nth) for each in applied]


def known(customer: str = "W-1", **traits: object) -> CustomerId:
    """The key of a customer who has stated *traits*."""
    apply(identify(customer=customer, at=minutes(0), **traits))
    return queries.profile(external_id=customer).id


def consented(customer: str = "W-1", **traits: object) -> CustomerId:
    """The key of a customer who has consented to follow-up on every channel."""
    customer_id = known(customer, **traits)
    services.record_consent(
        customer_id=customer_id, purpose="service_follow_up", given=True, source="test", at=minutes(1)
    )
    return customer_id
