"""Access tokens that providers give for a while: one for all processes, renewed by one of them.

Kept sealed in the database, and for a moment in this process. Two processes that ask at once would each
make the other's token void with some providers, so that a transaction's lock lets one ask and both use it.
"""

import time
from collections.abc import Callable
from hashlib import sha256

from django.db import connection, transaction

from huifang.delivery.models import AccessToken
from huifang.kernel import vault

_CONTEXT = "delivery/access-token"
_LOCK_CLASS = 0x544F_4B4E  # "TOKN"
_EARLY_SECONDS = 300.0  # so long before its end a token is renewed
_MEMORY_SECONDS = 60.0  # so long this process does not look whether another one has renewed it
_memory: dict[str, tuple[str, float]] = {}

# Asks the provider: the token, and for how many seconds it is good.
Fetch = Callable[[], tuple[str, float]]


def get(key: str, fetch: Fetch, *, stale: str = "") -> str:
    """The token of *key*, fetched where none is good. *stale*: one that was refused just now."""
    token, until = _memory.get(key, ("", 0.0))
    if token and token != stale and until > time.time():
        return token
    was_open = connection.connection is not None
    try:
        token, good_until = _shared(key, fetch, stale)
    finally:
        if not was_open:  # a thread that hands over: nobody else would close it
            connection.close()
    _memory[key] = (token, min(good_until - _EARLY_SECONDS, time.time() + _MEMORY_SECONDS))
    return token


def _shared(key: str, fetch: Fetch, stale: str) -> tuple[str, float]:
    digest = sha256(key.encode()).digest()
    with transaction.atomic():
        with connection.cursor() as cursor:
            number = int.from_bytes(digest[:4], "big", signed=True)
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK_CLASS, number])
        row = AccessToken.objects.filter(pk=digest).first()
        if row and row.good_until - _EARLY_SECONDS > time.time():
            token = vault.unseal(bytes(row.sealed_token), context=_CONTEXT).decode()
            if token != stale:
                return token, row.good_until
        token, seconds = fetch()
        good_until = time.time() + seconds
        AccessToken.objects.update_or_create(
            digest=digest,
            defaults={
                "sealed_token": vault.seal(token.encode(), context=_CONTEXT),
                "good_until": good_until,
            },
        )
    return token, good_until


def forget() -> None:
    """Forget what this process remembers; for tests."""
    _memory.clear()
