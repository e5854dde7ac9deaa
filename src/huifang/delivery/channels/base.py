"""What every channel shares: the message, the receipt, the port, and how a provider's HTTP answer reads."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import ClassVar, Protocol

from huifang.delivery.errors import AccountInvalidError, DeliveryError, Effect, OutcomeUnknownError
from huifang.kernel import http


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message, rendered. *key* is the same whenever this attempt is tried."""

    key: str
    attempt_id: int
    subject: str
    body: str
    language: str
    wallet_name: str
    preference_url: str = ""
    one_click_url: str = ""
    notice_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The provider took the message. *parts* are those it is paid for; *cost* where it can be told."""

    provider_message_id: str = ""
    parts: int = 1
    cost: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A webhook request. *url* is the address as the provider called it; header names are lower-case."""

    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What a provider tells afterwards.

    A ``receipt`` is of the message *provider_message_id*, or of the attempt *key*
    where the provider says so, and tells *state* ("delivered" or "failed"). A
    ``reply`` is *text* from *address*. *event_id* is the same when it is told again.
    """

    event_id: str
    kind: str
    provider_message_id: str = ""
    key: str = ""
    state: str = ""
    code: str = ""
    is_dead: bool = False
    is_refused: bool = False
    address: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One setting of a provider's account. A secret is never shown again."""

    name: str
    label: str
    help: str = ""
    default: str = ""
    is_secret: bool = False
    is_required: bool = False
    choices: tuple[str, ...] = ()


Settings = Mapping[str, str]


class Channel(Protocol):
    """One account with one provider, ready to send."""

    fields: ClassVar[tuple[Field, ...]]
    honours_keys: bool
    """Whether the provider sends once, however often one key is handed over."""
    is_local: ClassVar[bool]
    """Whether handing over stays in this process, so that no threads are needed."""

    def send(self, message: Message, to: str) -> Receipt:
        """Hand one message to the provider. Raises `DeliveryError`, `OutcomeUnknownError`."""

    def receive(self, incoming: Incoming) -> list[Notice]:
        """Read a webhook. Raises `SignatureInvalidError`, `NoticeMalformedError`."""


def require_url(settings: Settings, name: str) -> str:
    """The setting *name*, which must be an http address. Raises `AccountInvalidError`."""
    url = settings.get(name, "").strip()
    if not url.startswith(("http://", "https://")) or any(letter.isspace() for letter in url):
        raise AccountInvalidError(field=name)
    return url


def price(settings: Settings, parts: int) -> Decimal | None:
    """What *parts* cost at the account's price a part, or None where none is stated."""
    try:
        each = Decimal(settings.get("price_per_part", "") or "x")
    except ArithmeticError:
        return None
    return each * parts


def real_now() -> datetime:
    """The real instant, for signatures: the other side does not live in the demo's compressed time."""
    return datetime.fromtimestamp(time.time(), UTC)


# A gateway that says these may have passed the message on before it gave up waiting.
_MAY_HAVE_ACTED = frozenset({408, 502, 504})
_ACCOUNT_REFUSED = frozenset({401, 402, 403})


def post(url: str, headers: Mapping[str, str], body: bytes) -> http.Reply:
    """Send one request; returns answers of 2xx and 4xx that speak of this message.

    Everything else raises: `DeliveryError` where the message was not taken,
    `OutcomeUnknownError` where it may have been.
    """
    try:
        reply = http.send(http.Request(method="POST", url=url, headers=headers, body=body))
    except http.HttpFailedError as error:
        raise DeliveryError("unreachable", permanent=False) from error
    except http.HttpTimeoutError as error:
        raise OutcomeUnknownError("no_answer") from error
    if reply.status in _MAY_HAVE_ACTED:
        raise OutcomeUnknownError(f"http_{reply.status}")
    if reply.status == 429:
        raise DeliveryError("throttled", permanent=False, retry_after_seconds=_retry_after(reply))
    if reply.status in _ACCOUNT_REFUSED or 300 <= reply.status < 400:
        raise DeliveryError(f"http_{reply.status}", permanent=False, effect=Effect.ACCOUNT)
    if reply.status >= 500:
        raise DeliveryError(f"http_{reply.status}", permanent=False, retry_after_seconds=_retry_after(reply))
    return reply


def _retry_after(reply: http.Reply) -> int:
    stated = reply.headers.get("retry-after", "")
    return min(int(stated[:9]), 3600) if stated.isascii() and stated.isdigit() else 0
