"""Makes, reads and revokes API keys."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import IntegrityError, transaction

from huifang.api.errors import KeyNameTakenError, UnknownRoleError
from huifang.api.models import ApiKey
from huifang.api.records import KeyRecord, Principal
from huifang.kernel import audit
from huifang.kernel.roles import ROLES

_USED_EVERY = timedelta(minutes=1)


def _hash(key: str) -> bytes:
    return sha256(key.encode()).digest()


def create_key(*, name: str, role: str, by: str, now: datetime) -> str:
    """Make a key; it is shown this once. Raises `KeyNameTakenError`, `UnknownRoleError`."""
    if role not in ROLES:
        raise UnknownRoleError(role=role, roles=", ".join(ROLES))
    key = f"hf_api_{secrets.token_urlsafe(32)}"
    try:
        with transaction.atomic():
            ApiKey.objects.create(name=name, role=role, key_hash=_hash(key), created_at=now)
            audit.record(
                actor=by, action="api_key.created", subject=f"api_key:{name}", facts={"role": role}, at=now
            )
    except IntegrityError:
        raise KeyNameTakenError(name=name) from None
    return key


def revoke_key(*, name: str, by: str, now: datetime) -> None:
    """End a key at once."""
    with transaction.atomic():
        ApiKey.objects.filter(name=name, revoked_at=None).update(revoked_at=now)
        audit.record(actor=by, action="api_key.revoked", subject=f"api_key:{name}", at=now)


def maker_of_key(*, name: str) -> str:
    """Who made the key *name*, as the audit log has it, such as ``person:3``; "" where nobody did."""
    made = (each for each in audit.entries(subject=f"api_key:{name}") if each.action == "api_key.created")
    return next((each.actor for each in made), "")


def principal_of_key(*, key: str, now: datetime) -> Principal | None:
    """Who holds *key*, or None. Notes the use at most once a minute."""
    found = ApiKey.objects.filter(key_hash=_hash(key), revoked_at=None).first()
    if found is None:
        return None
    if found.last_used_at is None or now - found.last_used_at > _USED_EVERY:
        ApiKey.objects.filter(pk=found.pk).update(last_used_at=now)
    return Principal(name=found.name, role=found.role)


def keys() -> list[KeyRecord]:
    """Every key, newest first."""
    return [
        KeyRecord(
            name=key.name,
            role=key.role,
            created_at=key.created_at,
            last_used_at=key.last_used_at,
            revoked_at=key.revoked_at,
        )
        for key in ApiKey.objects.order_by("-created_at")
    ]
