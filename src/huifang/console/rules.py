"""Rules of letting people in. Pure."""

from hashlib import sha256

INVITATION_DAYS = 7


def hash_of(token: str) -> bytes:
    """What is kept of an invitation's token (32 bytes). The token is random, so no salt is needed."""
    return sha256(token.encode()).digest()
