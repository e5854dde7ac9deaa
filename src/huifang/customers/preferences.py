"""What a customer sees and chooses on their own page: channels, all of it at once, what is held."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from huifang.customers import queries, services
from huifang.customers.records import CHANNELS, EVERY, KIND_OF_CHANNEL, Profile
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
    """Everything that the page shows. *agreed* are other purposes that were consented to."""

    rows: tuple[Row, ...]
    is_silenced: bool
    agreed: tuple[str, ...]
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
        agreed=_agreed(profile.id),
        erasure_requested_at=max(erasures, default=None),
    )


def _agreed(customer_id: CustomerId) -> tuple[str, ...]:
    states = queries.consents(customer_id=customer_id)
    return tuple(sorted({state.purpose for state in states if state.given} - {FOLLOW_UP}))


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


def agree(*, customer_id: CustomerId, purpose: str, given: bool, wording: str, now: datetime) -> None:
    """Withdraw consent to *purpose* on every channel, or undo that."""
    services.record_consent(
        customer_id=customer_id, purpose=purpose, given=given, wording=wording, source=SOURCE, at=now
    )


def holding(profile: Profile) -> Mapping[str, object]:
    """What this room holds of *profile*, with contact points masked: a link may be passed on to others."""
    return {
        "customer": profile.external_id,
        "name": profile.masked_name,
        "wallet_kind": profile.wallet_kind,
        "language": profile.language,
        "time_zone": profile.time_zone,
        "region": profile.region,
        "traits": profile.traits,
        "registered_at": profile.registered_at,
        "first_seen_at": profile.first_seen_at,
        "last_seen_at": profile.last_seen_at,
        "contact_points": [
            {"kind": point.kind, "value": point.masked, "is_active": point.is_active}
            for point in queries.contact_points(customer_id=profile.id)
        ],
        "former_ids": queries.former_ids(customer_id=profile.id),
        "refusals": [
            {"channel": row.channel, "reason": row.reason, "at": row.at, "lifted_at": row.lifted_at}
            for row in queries.suppressions(customer_id=profile.id)
            if not row.by_address
        ],
        "activity": [
            {"name": name, "count": seen.count, "first_at": seen.first_at, "last_at": seen.last_at}
            for name, seen in queries.activity_of(customer_id=profile.id).items()
        ],
        "consents": [
            {
                "act": entry.act,
                "purpose": entry.purpose,
                "channel": entry.channel,
                "wording": entry.wording,
                "source": entry.source,
                "at": entry.at,
            }
            for entry in queries.consent_entries(customer_id=profile.id)
        ],
    }
