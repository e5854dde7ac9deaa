"""Device tokens: whose they are, and what a notification on a device says. Pure.

A token may say whose it is ("apns:…", "fcm:…", "jpush:…"); else its shape tells.
"""

import re
from dataclasses import dataclass
from hashlib import sha256

from huifang.delivery.channels.base import Message
from huifang.delivery.errors import DeliveryError

APNS, FCM, JPUSH = "apns", "fcm", "jpush"
_STATED = re.compile(r"(apns|fcm|jpush):(.+)", re.DOTALL)
_APNS_SHAPE = re.compile(r"[0-9a-fA-F]{64,200}")
_JPUSH_SHAPE = re.compile(r"[0-9a-zA-Z]{11,32}")
_SAFE = re.compile(r"[\w:.-]+", re.ASCII)
_LINK = re.compile(r"https?://\S+")
_TEXT_MAX = 800  # characters: with everything around them they stay under the 4 KB of all three


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """What a device shows, and where a tap leads."""

    title: str
    text: str
    link: str
    collapse_id: str


def service_of(to: str) -> str:
    """The push service that the token *to* belongs to."""
    stated = _STATED.fullmatch(to)
    if stated:
        return stated[1]
    if _APNS_SHAPE.fullmatch(to):
        return APNS
    return JPUSH if _JPUSH_SHAPE.fullmatch(to) else FCM


def token_of(to: str, service: str) -> str:
    """The token itself. Raises `DeliveryError` where it is another service's, or no token at all."""
    if service_of(to) != service:
        raise DeliveryError("other_push_service", permanent=True)
    stated = _STATED.fullmatch(to)
    token = stated[2] if stated else to
    if not _SAFE.fullmatch(token):
        raise DeliveryError("token_invalid", permanent=True)
    return token


def notification_of(message: Message) -> Notification:
    """A notification of *message*: its link becomes what a tap opens, and leaves the text."""
    found = _LINK.search(message.body)
    text = " ".join(_LINK.sub("", message.body).split()).rstrip(":： ")
    return Notification(
        title=" ".join(message.subject.split())[:200] or message.wallet_name,
        text=text if len(text) <= _TEXT_MAX else text[: _TEXT_MAX - 1] + "…",
        link=found.group() if found else "",
        # The same for each try of one attempt: a second copy takes the place of the first.
        collapse_id=sha256(message.key.encode()).hexdigest()[:32],
    )
