"""Draws one of several prizes so that everybody can check it afterwards. Pure.

The seed's hash is published before the first draw. Each draw is a keyed hash of the reward's key, so nobody
can choose what it gives, and once the seed is revealed each can be drawn again.
"""

import hmac
from collections.abc import Sequence
from hashlib import sha256

SEED_BYTES = 32


def commitment(seed: bytes) -> str:
    """What is published before the first draw, in hexadecimal."""
    return sha256(seed).hexdigest()


def draw(seed: bytes, key: str, weights: Sequence[int]) -> tuple[int, int]:
    """The number drawn for *key*, and the place of the prize that it falls to.

    Numbers run from 0 up to, not including, the sum of *weights*; the first prize has the lowest.
    """
    total = sum(weights)
    # 64 bits leave a bias under one in 10**9 for any lot of up to 10**10 shares.
    number = int.from_bytes(hmac.digest(seed, key.encode(), "sha256")[:8], "big") % total
    return number, place_of(number, weights)


def place_of(number: int, weights: Sequence[int]) -> int:
    """The place of the prize to which *number* falls."""
    passed = 0
    for place, weight in enumerate(weights):
        passed += weight
        if number < passed:
            return place
    raise ValueError("The number lies beyond the weights.")
