"""Attempts for the tests of delivery, with made-up customers."""

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from huifang.delivery.records import NewAttempt
from huifang.kernel.ids import CustomerId

NOON = datetime(2025, 3, 12, 4, 0, tzinfo=UTC)  # noon in Shanghai, a Wednesday

_PLAIN = NewAttempt(
    key="enrolment:1:step:1",
    customer_id=CustomerId(1),
    channel="sms",
    contact_class="follow_up",
    purpose="service_follow_up",
    round_key="enrolment:1",
    subject={"en": "How was it?", "zh-Hans": "体验如何?"},
    body={"en": "{wallet_name}: tell us: {link}", "zh-Hans": "{wallet_name}:请告诉我们:{link}"},
    language="en",
    fallback_language="zh-Hans",
    variables={"link": "https://wallet.example/s/abc"},
    not_after=NOON + timedelta(days=3),
    label="First payment",
)


def wanted(round_number: int = 1, step: int = 1, **changes: object) -> NewAttempt:
    """A follow-up by SMS of customer 1 in round *round_number*, with *changes*."""
    plain = replace(
        _PLAIN, key=f"enrolment:{round_number}:step:{step}", round_key=f"enrolment:{round_number}"
    )
    return replace(plain, **changes)  # type: ignore[arg-type]
