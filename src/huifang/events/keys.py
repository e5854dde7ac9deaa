"""Write keys: how one is made, kept as a hash, and recognised without asking the database each time."""

import asyncio
import hmac
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from hashlib import sha256

CACHE_SECONDS = 5.0
_REFRESH_SECONDS_MIN = 0.5


def new_key() -> str:
    """A key that nobody can guess."""
    return f"hf_write_{secrets.token_urlsafe(24)}"


def hash_key(key: str) -> bytes:
    """What is kept of a key. A plain hash will do, because a key has 192 random bits."""
    return sha256(key.encode("utf-8", "replace")).digest()


@dataclass(slots=True)
class KeyCache:
    """The keys in use, a few seconds old at most. *load* asks the database: hash to source id."""

    load: Callable[[], Awaitable[dict[bytes, int]]]
    _known: dict[bytes, int] = field(default_factory=dict)
    _loaded_at: float = float("-inf")
    _tried_at: float = float("-inf")
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def source_of(self, key: str) -> int | None:
        """The source that *key* belongs to, or None.

        A key made a moment ago is looked for at once, but not more than twice a second, whoever asks.
        While the database is away the keys known before go on being recognised.
        """
        digest = hash_key(key)
        age = time.monotonic() - self._loaded_at
        if age > CACHE_SECONDS or (digest not in self._known and age > _REFRESH_SECONDS_MIN):
            await self._refresh()
        for known, source_id in self._known.items():
            if hmac.compare_digest(known, digest):
                return source_id
        return None

    async def _refresh(self) -> None:
        async with self._lock:
            if time.monotonic() - self._tried_at < _REFRESH_SECONDS_MIN:
                return
            self._tried_at = time.monotonic()
            loaded = await self.load()
            self._known, self._loaded_at = loaded, time.monotonic()
