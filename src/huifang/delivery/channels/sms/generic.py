"""SMS through any HTTP provider: a JSON body of the operator's making, signed as Standard Webhooks are.

The Standard Webhooks specification: https://github.com/standard-webhooks/standard-webhooks
"""

import json
from typing import ClassVar

import msgspec
from standardwebhooks.webhooks import WebhookVerificationError

from huifang.delivery.channels import base
from huifang.delivery.channels.base import Field, Incoming, Message, Notice, Receipt
from huifang.delivery.errors import (
    AccountInvalidError,
    DeliveryError,
    Effect,
    NoticeMalformedError,
    SignatureInvalidError,
)
from huifang.delivery.rules.segments import measure
from huifang.kernel.http import Reply
from huifang.kernel.refusals import gettext_noop

_BODY = '{"id": "{key}", "to": "{to}", "text": "{text}"}'
_SECRET_LENGTH_MIN = 16
_DEAD = frozenset({"unknown_number", "invalid_number", "not_mobile", "unassigned"})
_REFUSED = frozenset({"unsubscribed", "opted_out", "blocked_by_customer"})


class _Data(msgspec.Struct):
    id: str = ""
    key: str = ""
    code: str = ""
    address: str = msgspec.field(name="from", default="")
    text: str = ""


class _Event(msgspec.Struct):
    type: str
    data: _Data


class GenericSms:
    """One account with an HTTP provider."""

    is_local: ClassVar[bool] = False
    fields: ClassVar[tuple[Field, ...]] = (
        Field(name="url", label=gettext_noop("Address"), is_required=True, is_address=True),
        Field(
            name="secret",
            label=gettext_noop("Signing secret"),
            help=gettext_noop("Shared with the provider; begins with whsec_."),
            is_secret=True,
            is_required=True,
        ),
        Field(
            name="body",
            label=gettext_noop("JSON body"),
            help=gettext_noop("{key}, {to} and {text} are filled in."),
            default=_BODY,
        ),
        Field(name="authorization", label=gettext_noop("Authorization header"), is_secret=True),
        Field(
            name="honours_keys",
            label=gettext_noop("Honours Idempotency-Key"),
            help=gettext_noop("Yes only where the provider promises to send once per key."),
            default="no",
            choices=("no", "yes"),
        ),
        Field(name="price_per_part", label=gettext_noop("Price per part")),
    )

    def __init__(self, settings: base.Settings) -> None:
        self._settings = settings
        self._url = base.require_url(settings, "url")
        self._body = _read_body(settings.get("body") or _BODY)
        self.honours_keys = settings.get("honours_keys", "").lower() in {"yes", "true", "1"}
        if len(settings.get("secret", "").removeprefix("whsec_")) < _SECRET_LENGTH_MIN:
            raise AccountInvalidError(field="secret")
        self._signer = base.signer(settings, "secret")

    def send(self, message: Message, to: str) -> Receipt:
        """Post the message with its key. Raises `DeliveryError`, `OutcomeUnknownError`."""
        values = {"key": message.key, "to": to, "text": message.body}
        body = json.dumps(_filled(self._body, values), ensure_ascii=False)
        now = base.real_now()
        headers = {
            "content-type": "application/json",
            "idempotency-key": message.key,
            "webhook-id": message.key,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._signer.sign(message.key, now, body),
        }
        if self._settings.get("authorization"):
            headers["authorization"] = self._settings["authorization"]
        reply = base.post(self._url, headers, body.encode())
        if reply.status >= 400:
            raise _refused(reply)
        parts = measure(message.body).parts
        return Receipt(
            provider_message_id=_text(reply, "id"), parts=parts, cost=base.price(self._settings, parts)
        )

    def receive(self, incoming: Incoming) -> list[Notice]:
        """Read one event: ``message.delivered``, ``message.undelivered`` or ``message.received``."""
        try:
            self._signer.verify(incoming.body, dict(incoming.headers), json_parse=False)
        except (WebhookVerificationError, ValueError) as error:
            raise SignatureInvalidError from error
        try:
            event = msgspec.json.decode(incoming.body, type=_Event)
        except msgspec.DecodeError as error:
            raise NoticeMalformedError(why=str(error)) from error
        return _notices(incoming.headers["webhook-id"], event)


def _notices(event_id: str, event: _Event) -> list[Notice]:
    data = event.data
    if event.type == "message.received":
        return [Notice(event_id=event_id, kind="reply", address=data.address, text=data.text)]
    state = {"message.delivered": "delivered", "message.undelivered": "failed"}.get(event.type)
    if state is None:
        return []
    return [
        Notice(
            event_id=event_id,
            kind="receipt",
            provider_message_id=data.id,
            key=data.key,
            state=state,
            code=data.code[:40],
            is_dead=data.code in _DEAD,
            is_refused=data.code in _REFUSED,
        )
    ]


def _refused(reply: Reply) -> DeliveryError:
    code = _text(reply, "error") or f"http_{reply.status}"
    effect = Effect.DEAD if code in _DEAD else Effect.REFUSED if code in _REFUSED else Effect.NONE
    return DeliveryError(code[:40], permanent=True, effect=effect)


def _text(reply: Reply, name: str) -> str:
    try:
        found = msgspec.json.decode(reply.body, type=dict[str, object])
    except msgspec.DecodeError:
        return ""
    value = found.get(name, "")
    text = str(value) if isinstance(value, str | int) else ""
    return text if text.isprintable() else ""  # it is stored, and PostgreSQL has no place for a NUL


def _read_body(text: str) -> object:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise AccountInvalidError(field="body") from error


def _filled(part: object, values: dict[str, str]) -> object:
    """*part* of a JSON document with ``{name}`` in its texts filled; filled texts are not read again."""
    if isinstance(part, dict):
        return {name: _filled(value, values) for name, value in part.items()}
    if isinstance(part, list):
        return [_filled(value, values) for value in part]
    if not isinstance(part, str):
        return part
    pieces = part.split("{")
    return pieces[0] + "".join(_filled_piece(piece, values) for piece in pieces[1:])


def _filled_piece(piece: str, values: dict[str, str]) -> str:
    name, closed, rest = piece.partition("}")
    return values[name] + rest if closed and name in values else "{" + piece
