"""What every channel shares: the message, the receipt, the port, and how a provider's HTTP answer reads."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import ClassVar, Protocol, TypeVar, runtime_checkable

import msgspec
from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook

from huifang.delivery.errors import AccountInvalidError, DeliveryError, Effect, OutcomeUnknownError
from huifang.kernel import http, outward, vault


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """One answer to the first question, given by a tap that opens *url*."""

    value: str
    label: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message, rendered. *key* is the same whenever this attempt is tried.

    *variables* are what filled the templates, for providers that fill templates of their own. *scale* is
    the piece of *body* that stands for *buttons* where there are no buttons.
    """

    key: str
    attempt_id: int
    subject: str
    body: str
    language: str
    wallet_name: str
    preference_url: str = ""
    one_click_url: str = ""
    notice_url: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    scale: str = ""
    buttons: tuple[Button, ...] = ()


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
    is_soft: bool = False
    """It failed for now; a contact point where that happens again and again is of no more use."""
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
    is_long: bool = False
    """Several lines: a key, a table."""
    is_address: bool = False
    """An address that the product connects to: it must not lie in a private network."""
    choices: tuple[str, ...] = ()


Settings = Mapping[str, str]
Reply = http.Reply
Shape = TypeVar("Shape")


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


@runtime_checkable
class Answering(Protocol):
    """A provider that wants its webhook answered in its own way: content type and body."""

    notice_answer: ClassVar[tuple[str, str]]


@runtime_checkable
class Unsigned(Protocol):
    """A provider that does not sign its webhook, so that the address of it must be a secret."""

    has_secret_notice_path: ClassVar[bool]


@runtime_checkable
class Greeting(Protocol):
    """A provider that tries the address of its webhook by a GET before it uses it."""

    def greet(self, incoming: Incoming) -> str:
        """What it is answered. Raises `SignatureInvalidError`."""


@runtime_checkable
class Choosy(Protocol):
    """A provider that reaches only some addresses of its channel."""

    def serves(self, to: str) -> bool:
        """Whether this provider can reach *to*."""


@runtime_checkable
class Askable(Protocol):
    """A provider that can be asked afterwards what became of a message."""

    def look_up(self, message: Message, to: str, *, sent_at: datetime) -> "Notice | None":
        """What became of *message*, or None where that is not known yet. Raises `DeliveryError`."""


@runtime_checkable
class Listening(Protocol):
    """A provider that tells over a connection of ours instead of by webhook."""

    def collect(self) -> "list[Told]":
        """Keep the connection up and return what was told on it since; empty where it is down."""

    def close(self) -> None:
        """Let the connection go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Something heard on a connection. *done* tells the provider that all its *notices* are stored."""

    notices: "list[Notice]"
    done: Callable[[], None]


def require(settings: Settings, *names: str) -> None:
    """Raises `AccountInvalidError` where one of *names* is empty."""
    for name in names:
        if not settings.get(name, "").strip():
            raise AccountInvalidError(field=name)


def require_url(settings: Settings, name: str) -> str:
    """The setting *name*, which must be an http address. Raises `AccountInvalidError`."""
    url = settings.get(name, "").strip()
    if not url.startswith(("http://", "https://")) or any(letter.isspace() for letter in url):
        raise AccountInvalidError(field=name)
    return url


def signer(settings: Settings, name: str) -> Webhook:
    """Signs and checks by the secret *name*, as Standard Webhooks do. Raises `AccountInvalidError`."""
    try:
        return Webhook(settings.get(name, ""))
    except (ValueError, EmptyWebhookSecretError) as error:
        raise AccountInvalidError(field=name) from error


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


def post(
    url: str, headers: Mapping[str, str], body: bytes, *, heeds: frozenset[int] = frozenset()
) -> http.Reply:
    """Send one request; returns answers of 2xx and 4xx that speak of this message, and those of *heeds*.

    Everything else raises: `DeliveryError` where the message was not taken,
    `OutcomeUnknownError` where it may have been.
    """
    reply = fetch("POST", url, headers, body)
    if reply.status in heeds:
        return reply
    if reply.status in _MAY_HAVE_ACTED:
        raise OutcomeUnknownError(f"http_{reply.status}")
    if reply.status == 429:
        raise DeliveryError("throttled", permanent=False, retry_after_seconds=_retry_after(reply))
    if reply.status in _ACCOUNT_REFUSED or 300 <= reply.status < 400:
        raise DeliveryError(f"http_{reply.status}", permanent=False, effect=Effect.ACCOUNT)
    if reply.status >= 500:
        raise DeliveryError(f"http_{reply.status}", permanent=False, retry_after_seconds=_retry_after(reply))
    return reply


def fetch(method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> http.Reply:
    """Send one request and return whatever is answered. Raises `DeliveryError`, `OutcomeUnknownError`."""
    try:
        return http.send(http.Request(method=method, url=url, headers=headers, body=body))
    except http.HttpFailedError as error:
        raise DeliveryError("unreachable", permanent=False) from error
    except outward.AddressForbiddenError as error:
        raise DeliveryError("address_forbidden", permanent=False, effect=Effect.ACCOUNT) from error
    except http.HttpTimeoutError as error:
        raise OutcomeUnknownError("no_answer") from error


def read(reply: Reply, shape: type[Shape]) -> Shape:
    """The JSON that a provider answered. Raises `OutcomeUnknownError`: nobody knows what it meant."""
    try:
        return msgspec.json.decode(reply.body, type=shape)
    except msgspec.DecodeError as error:
        raise OutcomeUnknownError("answer_unreadable") from error


def event_id(*parts: str) -> str:
    """The same for the same notice, where a provider numbers none; it tells nothing about the customer."""
    return vault.blind_index("\x1f".join(parts), context="delivery/event").hex()


def _retry_after(reply: http.Reply) -> int:
    stated = reply.headers.get("retry-after", "")
    return min(int(stated[:9]), 3600) if stated.isascii() and stated.isdigit() else 0
