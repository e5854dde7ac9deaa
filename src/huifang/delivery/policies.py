"""The contact policy in the database: the newest version holds, none means the one the product ships with."""

from datetime import datetime

import msgspec

from huifang.decisions.policy import DEFAULT_POLICY, Policy
from huifang.delivery.models import ContactPolicy
from huifang.delivery.records import PolicyVersion


def encode(policy: Policy) -> dict[str, object]:
    """*policy* as JSON values."""
    encoded: dict[str, object] = msgspec.to_builtins(policy)
    return encoded


def decode(stored: object) -> Policy:
    """The policy that `encode` gave."""
    return msgspec.convert(stored, Policy)


def current() -> Policy:
    """The policy that holds now."""
    return current_since()[0]


def current_since() -> tuple[Policy, datetime | None]:
    """The policy that holds now, and since when; None for the one that the product ships with."""
    row = ContactPolicy.objects.order_by("-version").first()
    return (decode(row.policy), row.changed_at) if row else (DEFAULT_POLICY, None)


def versions() -> list[PolicyVersion]:
    """Every version, newest first; the one that the product ships with ends the list."""
    made = [
        PolicyVersion(
            policy=decode(row.policy),
            changed_by=row.changed_by,
            changed_at=row.changed_at,
            restored_from=row.restored_from,
        )
        for row in ContactPolicy.objects.order_by("-version")
    ]
    return [*made, PolicyVersion(policy=DEFAULT_POLICY, changed_by="", changed_at=None)]


def add(policy: Policy, *, by: str, now: datetime, restored_from: int | None = None) -> None:
    """Store *policy* as the newest version. Raises `IntegrityError` where its number is taken."""
    ContactPolicy.objects.create(
        version=policy.version,
        policy=encode(policy),
        changed_by=by,
        changed_at=now,
        restored_from=restored_from,
    )
