"""What a customer chooses on their own page: channels, purposes, all of it at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from huifang.customers import queries, services
from huifang.customers.records import CHANNELS, EVERY, KIND_OF_CHANNEL, PURPOSES, Profile
from huifang.kernel.ids import CustomerId

SOURCE = "preference_page"
FOLLOW_UP = "service_follow_up"
_UNLISTED = frozenset({"webhook"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One channel. *is_locked*: somebody else refused this very address, so it stays off here."""

    channel: str
    masked: str
    is_on: bool
    is_locked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Everything that the page lets a customer choose. *purposes*: each with whether they consent to it."""

    rows: tuple[Row, ...]
    is_silenced: bool
    purposes: tuple[tuple[str, bool], ...]
    erasure_requested_at: datetime | None

    @property
    def is_any_on(self) -> bool:
        """Whether anything may be sent at all."""
        return any(row.is_on for row in self.rows)


def sheet(profile: Profile) -> Sheet:
    """What holds for *profile* now."""
    standing = queries.standings(customer_ids=[profile.id])[profile.id]
    refused = queries.suppressions(customer_id=profile.id, include_lifted=False)
    own = {row.channel for row in refused if not row.by_address}
    masked = {
        point.kind: point.masked
        for point in queries.contact_points(customer_id=profile.id)
        if point.is_active
    }
    erasures = [row.at for row in refused if row.reason == "erasure"]
    return Sheet(
        rows=tuple(
            Row(
                channel=channel,
                masked=masked.get(KIND_OF_CHANNEL.get(channel, ""), ""),
                is_on=channel in standing.consented_channels
                and not standing.suppressed_channels & {channel, EVERY},
                is_locked=channel in standing.suppressed_channels - own,
            )
            for channel in CHANNELS
            if channel in standing.reachable_channels and channel not in _UNLISTED
        ),
        is_silenced=EVERY in own,
        purposes=tuple((purpose, _is_agreed(profile.id, purpose)) for purpose in PURPOSES),
        erasure_requested_at=max(erasures, default=None),
    )


def _is_agreed(customer_id: CustomerId, purpose: str) -> bool:
    return bool(
        queries.standings(customer_ids=[customer_id], purpose=purpose)[customer_id].consented_channels
    )


def switch_off(*, customer_id: CustomerId, channel: str, now: datetime) -> None:
    """Send nothing more on *channel*; on none where it is "*"."""
    services.suppress(customer_id=customer_id, channel=channel, reason="asked", source=SOURCE, at=now)


def switch_on(*, customer_id: CustomerId, channel: str, wording: str, now: datetime) -> None:
    """Undo a refusal of *channel*; for one channel, *wording* is what the customer agrees to by it."""
    with transaction.atomic():
        services.lift_suppression(customer_id=customer_id, channel=channel, source=SOURCE, at=now)
        standing = queries.standings(customer_ids=[customer_id])[customer_id]
        if channel != EVERY and channel not in standing.consented_channels:
            services.record_consent(
                customer_id=customer_id,
                purpose=FOLLOW_UP,
                channel=channel,
                given=True,
                wording=wording,
                source=SOURCE,
                at=now,
            )


def agree(
    *, customer_id: CustomerId, purpose: str, channels: Iterable[str], wording: str, now: datetime
) -> None:
    """Consent to *purpose* on *channels*: on all, or to undo `withdraw`, on those that it named."""
    with transaction.atomic():
        for channel in channels:
            services.record_consent(
                customer_id=customer_id,
                purpose=purpose,
                channel=channel,
                given=True,
                wording=wording,
                source=SOURCE,
                at=now,
            )


def withdraw(*, customer_id: CustomerId, purpose: str, now: datetime) -> tuple[str, ...]:
    """Take back consent to *purpose* on every channel; returns the channels on which it stood."""
    with transaction.atomic():
        states = queries.consents(customer_id=customer_id)
        services.record_consent(customer_id=customer_id, purpose=purpose, given=False, source=SOURCE, at=now)
    return tuple(state.channel for state in states if state.purpose == purpose and state.given)
