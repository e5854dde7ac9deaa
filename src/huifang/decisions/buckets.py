"""Chance as a stable hash: the same customer falls into the same bucket on every machine, for good."""

from functools import lru_cache
from hashlib import blake2b
from struct import Struct

BUCKETS = 10_000

_unpack = Struct(">Q").unpack


def bucket(salt: str, key: str) -> int:
    """Bucket of *key* in ``range(10_000)``: one bucket is one basis point.

    Two salts give independent buckets. Holdouts that are already running rest
    on these very numbers: never change how they are made.
    """
    state = _salted(salt).copy()
    state.update(key.encode())
    # 64 bits leave a bias under one in 10**15 when they are folded into 10,000.
    number: int = _unpack(state.digest())[0]
    return number % BUCKETS


@lru_cache(maxsize=1024)
def _salted(salt: str) -> blake2b:
    # The salt's length goes first, so that ("ab", "c") and ("a", "bc") stay apart.
    return blake2b(f"{len(salt)}:{salt}:".encode(), digest_size=8)
