"""Messages to the operator's own program by signed webhook: it shows or passes them on as it likes.

The receiver tells repeats apart by ``webhook-id``, as Standard Webhooks asks of it, so a lost answer is
asked again with the same id.
"""

import json
from typing import ClassVar

import msgspec

from huifang.delivery.channels import base
from huifang.delivery.channels.base import Field, Incoming, Message, Notice, Receipt
from huifang.delivery.channels.webhook import signing
from huifang.delivery.errors import (
    AccountInvalidError,
    DeliveryError,
    Effect,
    NoticeMalformedError,
    SignatureInvalidError,
)
from huifang.kernel.refusals import gettext_noop

_GONE = 410
_STATES = {"message.delivered": "delivered", "message.undelivered": "failed"}


class _Data(msgspec.Struct):
    id: str = ""
    code: str = ""
    to: str = ""
    text: str = ""


class _Event(msgspec.Struct):
    type: str
    data: _Data


class SignedWebhook:
    """One address of the operator's."""

    is_local: ClassVar[bool] = False
    honours_keys = True
    fields: ClassVar[tuple[Field, ...]] = (
        Field(name="url", label=gettext_noop("Address"), is_required=True, is_address=True),
        Field(
            name="secret",
            label=gettext_noop("Signing secret"),
            help=gettext_noop("Begins with whsec_; the receiver checks every request by it."),
            is_secret=True,
            is_required=True,
        ),
        Field(
            name="old_secret",
            label=gettext_noop("Secret before this one"),
            help=gettext_noop("While a new secret is taken into use, requests are signed by both."),
            is_secret=True,
        ),
    )

    def __init__(self, settings: base.Settings) -> None:
        self._url = base.require_url(settings, "url")
        self._secrets = [
            each for name in ("secret", "old_secret") if (each := settings.get(name, "").strip())
        ]
        if not signing.is_secret(settings.get("secret", "").strip()):
            raise AccountInvalidError(field="secret")
        if not all(signing.is_secret(each) for each in self._secrets):
            raise AccountInvalidError(field="old_secret")

    def send(self, message: Message, to: str) -> Receipt:
        """Post the message; *to* is the wallet's own id. Raises `DeliveryError`, `OutcomeUnknownError`."""
        now = base.real_now()
        data = {
            "id": message.key,
            "to": to,
            "subject": message.subject,
            "text": message.body,
            "language": message.language,
            "link": message.variables.get("link", ""),
            "choices": [
                {"value": each.value, "label": each.label, "link": each.url} for each in message.buttons
            ],
        }
        event = {"type": "message.send", "timestamp": now.isoformat(), "data": data}
        body = json.dumps(event, ensure_ascii=False)
        headers = signing.headers(self._secrets, message.key, body, at=now)
        reply = base.post(self._url, headers, body.encode())
        if reply.status == _GONE:
            raise DeliveryError("gone", permanent=False, effect=Effect.GONE)
        if reply.status >= 400:
            raise DeliveryError(f"http_{reply.status}", permanent=False)
        return Receipt(provider_message_id=message.key)

    def receive(self, incoming: Incoming) -> list[Notice]:
        """Read ``message.delivered``, ``message.undelivered`` or ``message.received``."""
        if not signing.is_signed(self._secrets, incoming.body, incoming.headers):
            raise SignatureInvalidError
        try:
            event = msgspec.json.decode(incoming.body, type=_Event)
        except msgspec.DecodeError as error:
            raise NoticeMalformedError(why=str(error)) from error
        event_id, data = incoming.headers["webhook-id"], event.data
        if event.type == "message.received":
            return [Notice(event_id=event_id, kind="reply", address=data.to, text=data.text)]
        state = _STATES.get(event.type)
        if state is None:
            return []
        code = data.code[:40] if data.code.isprintable() else ""
        return [Notice(event_id=event_id, kind="receipt", key=data.id, state=state, code=code)]
