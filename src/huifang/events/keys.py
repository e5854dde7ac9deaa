"""Write keys: how one is made, kept as a hash, and recognised without asking the database each time."""

import asyncio
import hmac
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from hashlib import sha256

import psycopg

CACHE_SECONDS = 5.0
_REFRESH_SECONDS_MIN = 0.25


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
    _failure: psycopg.Error | None = None
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def source_of(self, key: str) -> int | None:
        """The source that *key* belongs to, or None. Raises `psycopg.Error`.

        A key made a moment ago is looked for before it is refused, four times a second at most, whoever asks.
        While the database is away the keys known before go on being recognised.
        """
        digest = hash_key(key)
        found = self._find(digest)
        if found is not None and time.monotonic() - self._loaded_at < CACHE_SECONDS:
            return found
        try:
            await self._refresh(time.monotonic())
        except psycopg.Error:
            if found is None:
                raise
            return found
        return self._find(digest)

    def _find(self, digest: bytes) -> int | None:
        """Compare with every key, so that the time taken says nothing about any of them."""
        found = None
        for known, source_id in self._known.items():
            if hmac.compare_digest(known, digest):
                found = source_id
        return found

    async def _refresh(self, asked_at: float) -> None:
        """Load once for all who asked before the loading began."""
        async with self._lock:
            if self._tried_at < asked_at:
                await asyncio.sleep(self._tried_at + _REFRESH_SECONDS_MIN - time.monotonic())
                self._tried_at = time.monotonic()
                try:
                    self._known, self._failure = await self.load(), None
                    self._loaded_at = time.monotonic()
                except psycopg.Error as error:
                    self._failure = error
            if self._failure is not None:
                raise self._failure
