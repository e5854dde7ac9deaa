"""Signatures after Standard Webhooks, with more than one secret while one takes over from another. Pure.

The specification: https://github.com/standard-webhooks/standard-webhooks
"""

import base64
import secrets as chance
from collections.abc import Mapping, Sequence
from datetime import datetime

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

PREFIX = "whsec_"
_KEY_BYTES, _KEY_BYTES_MIN, _KEY_BYTES_MAX = 32, 24, 64


def new_secret() -> str:
    """A fresh secret of 32 bytes."""
    return PREFIX + base64.b64encode(chance.token_bytes(_KEY_BYTES)).decode()


def is_secret(text: str) -> bool:
    """Whether *text* can be used: ``whsec_`` and 24 to 64 bytes in base64."""
    try:
        key = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except ValueError:
        return False
    return text.startswith(PREFIX) and _KEY_BYTES_MIN <= len(key) <= _KEY_BYTES_MAX


def headers(secrets: Sequence[str], message_id: str, body: str, *, at: datetime) -> dict[str, str]:
    """The headers of one request, signed by each of *secrets*; the receiver needs to know one of them."""
    signatures = " ".join(Webhook(secret).sign(message_id, at, body) for secret in secrets)
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signatures,
    }


def is_signed(secrets: Sequence[str], body: bytes, given: Mapping[str, str]) -> bool:
    """Whether a request is signed by one of *secrets*, and not too long ago."""
    return any(_verify(secret, body, given) for secret in secrets)


def _verify(secret: str, body: bytes, given: Mapping[str, str]) -> bool:
    try:
        Webhook(secret).verify(body, dict(given), json_parse=False)
    except (WebhookVerificationError, ValueError):
        return False
    return True
