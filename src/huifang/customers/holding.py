"""What is held of a customer, for the customer to read: on their own page and as a file.

Rooms above say in `config.wiring` what they sent and were told; this room cannot know of them.
"""

from collections.abc import Callable, Mapping, Sequence

from huifang.customers import queries
from huifang.customers.records import Answered, Profile, Sent
from huifang.kernel.ids import CustomerId

LATELY = 20
_ENTRIES_MAX = 50

_sent: list[Callable[[CustomerId, int], Sequence[Sent]]] = []
_answered: list[Callable[[CustomerId, int], Sequence[Answered]]] = []


def provide(
    *,
    sent: Callable[[CustomerId, int], Sequence[Sent]] | None = None,
    answered: Callable[[CustomerId, int], Sequence[Answered]] | None = None,
) -> None:
    """Say what was sent to a customer, and what they answered: at most so many, newest first."""
    _sent.extend([sent] if sent else [])
    _answered.extend([answered] if answered else [])


def sent_lately(customer_id: CustomerId) -> list[Sent]:
    """What reached the customer last, newest first."""
    found = [each for read in _sent for each in read(customer_id, LATELY)]
    return sorted(found, key=lambda each: each.at, reverse=True)[:LATELY]


def answered_lately(customer_id: CustomerId) -> list[Answered]:
    """What the customer answered last, newest first."""
    found = [each for read in _answered for each in read(customer_id, LATELY)]
    return sorted(found, key=lambda each: each.at, reverse=True)[:LATELY]


def sheet(profile: Profile) -> dict[str, object]:
    """What the page shows of *profile*; the longest lists cut short, since the file has the whole."""
    key = profile.id
    points = queries.contact_points(customer_id=key)
    return {
        "contact_points": [point for point in points if point.is_active],
        "former_ids": queries.former_ids(customer_id=key),
        "refusals": [row for row in queries.suppressions(customer_id=key) if not row.by_address],
        "entries": queries.consent_entries(customer_id=key)[:_ENTRIES_MAX],
        "activity": list(queries.activity_of(customer_id=key).items())[:LATELY],
        "sent": sent_lately(key),
        "answers": answered_lately(key),
    }


def whole(profile: Profile) -> Mapping[str, object]:
    """All that is held of *profile*, with contact points masked: a link may be passed on to others."""
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
        "sent": [{"channel": row.channel, "at": row.at} for row in sent_lately(profile.id)],
        "answers": [
            {"channel": row.channel, "at": row.at, "numbers": row.numbers, "has_words": row.has_words}
            for row in answered_lately(profile.id)
        ],
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
