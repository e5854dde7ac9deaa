"""Rules of letting people in. Pure."""

from hashlib import sha256

from huifang.kernel.roles import ROLES

INVITATION_DAYS = 7
SIGN_IN_TRACE_DAYS = 90
# A person starts at Today; a role without it is for the keys of other programs.
STAFF_ROLES = tuple(role for role, permissions in ROLES.items() if "today.view" in permissions)


def hash_of(token: str) -> bytes:
    """What is kept of an invitation's token (32 bytes). The token is random, so no salt is needed."""
    return sha256(token.encode()).digest()
