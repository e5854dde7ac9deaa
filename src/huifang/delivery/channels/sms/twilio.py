"""SMS through Twilio's Messages API and its webhooks.

https://www.twilio.com/docs/messaging/api/message-resource and
https://www.twilio.com/docs/usage/security#validating-requests
"""

import hmac
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha1
from typing import ClassVar
from urllib.parse import parse_qsl, quote, urlencode

import msgspec

from huifang.delivery.channels import base
from huifang.delivery.channels.base import Field, Incoming, Message, Notice, Receipt
from huifang.delivery.errors import (
    DeliveryError,
    Effect,
    NoticeMalformedError,
    SignatureInvalidError,
)
from huifang.delivery.rules.segments import measure
from huifang.kernel.http import Reply
from huifang.kernel.refusals import gettext_noop

_UNSUBSCRIBED = "21610"
# Numbers that no message reaches: malformed, not mobile, landline, unknown, unassigned.
_DEAD = frozenset({"21211", "21214", "21217", "21401", "21614", "30005", "30006", "60205"})
# The queue is full, or Twilio throttles; the same message may be taken later.
_LATER = frozenset({"20429", "21611", "14107", "30001", "30022"})
# Credentials, suspension, sender, permission: every message of the account meets them.
_ACCOUNT = frozenset({"20003", "20005", "20008", "21212", "21603", "21606", "21659", "21660", "30002"})
_FINAL = {"delivered": "delivered", "read": "delivered", "undelivered": "failed", "failed": "failed"}


class _Answer(msgspec.Struct):
    sid: str = ""
    code: int | None = None
    error_code: int | None = None
    num_segments: str | None = None
    status: str | int = ""


class _Listed(msgspec.Struct):
    sid: str
    status: str = ""
    body: str = ""
    date_created: str = ""
    error_code: int | None = None


class _List(msgspec.Struct):
    messages: list[_Listed] = []


class Twilio:
    """One Twilio account. It has no idempotency keys, so a message that may have gone is never sent again."""

    is_local: ClassVar[bool] = False
    fields: ClassVar[tuple[Field, ...]] = (
        Field(name="account_sid", label=gettext_noop("Account SID"), is_required=True),
        Field(name="auth_token", label=gettext_noop("Auth token"), is_secret=True, is_required=True),
        Field(
            name="sender",
            label=gettext_noop("Sender"),
            help=gettext_noop("A number in E.164, or the SID of a messaging service (MG…)."),
            is_required=True,
        ),
        Field(
            name="base_url",
            label=gettext_noop("Address of the API"),
            default="https://api.twilio.com",
            is_address=True,
        ),
        Field(name="price_per_part", label=gettext_noop("Price per part")),
    )
    honours_keys = False
    # The empty TwiML sends no answer to the customer.
    notice_answer: ClassVar[tuple[str, str]] = (
        "text/xml",
        '<?xml version="1.0" encoding="UTF-8"?><Response></Response>',
    )

    def __init__(self, settings: base.Settings) -> None:
        base.require(settings, "account_sid", "auth_token", "sender")
        self._settings = settings
        root = base.require_url(
            {"base_url": settings.get("base_url") or "https://api.twilio.com"}, "base_url"
        )
        account = quote(settings["account_sid"], safe="")
        self._url = f"{root.rstrip('/')}/2010-04-01/Accounts/{account}/Messages.json"
        pair = f"{settings['account_sid']}:{settings['auth_token']}".encode()
        self._authorization = f"Basic {b64encode(pair).decode()}"

    def send(self, message: Message, to: str) -> Receipt:
        """Post the message. Raises `DeliveryError`, `OutcomeUnknownError`."""
        sender = self._settings["sender"]
        form = {"To": to, "Body": message.body}
        form["MessagingServiceSid" if sender.startswith("MG") else "From"] = sender
        if message.notice_url:
            form["StatusCallback"] = f"{message.notice_url}?{urlencode({'key': message.key})}"
        headers = {
            "authorization": self._authorization,
            "content-type": "application/x-www-form-urlencoded",
            "accept": "application/json",
        }
        reply = base.post(self._url, headers, urlencode(form).encode())
        answer = _answer(reply)
        if reply.status >= 400:
            raise _refused(str(answer.code or f"http_{reply.status}"))
        parts = _whole(answer.num_segments) or measure(message.body).parts
        return Receipt(provider_message_id=answer.sid, parts=parts, cost=base.price(self._settings, parts))

    def look_up(self, message: Message, to: str, *, sent_at: datetime) -> Notice | None:
        """Find *message* among the last to this number, by its text. Raises `DeliveryError`."""
        reply = base.fetch(
            "GET",
            f"{self._url}?{urlencode({'To': to, 'PageSize': '50'})}",
            {"authorization": self._authorization, "accept": "application/json"},
        )
        if reply.status >= 400:
            raise DeliveryError(f"http_{reply.status}", permanent=False)
        for each in base.read(reply, _List).messages:
            if each.body == message.body and _is_since(each.date_created, sent_at):
                return _looked_up(message.key, each)
        return None

    def receive(self, incoming: Incoming) -> list[Notice]:
        """Read a status callback or an inbound message."""
        try:
            pairs = parse_qsl(incoming.body.decode(), keep_blank_values=True, strict_parsing=True)
        except ValueError as error:
            raise NoticeMalformedError(why="not a form") from error
        form = dict(pairs)
        expected = sign(incoming.url, form, self._settings["auth_token"])
        given = incoming.headers.get("x-twilio-signature", "")
        if not hmac.compare_digest(expected.encode(), given.encode()):
            raise SignatureInvalidError
        sid = form.get("MessageSid") or form.get("SmsSid", "")
        if not sid:
            raise NoticeMalformedError(why="no MessageSid")
        status = form.get("MessageStatus") or form.get("SmsStatus", "")
        if status == "received" or ("Body" in form and "MessageStatus" not in form):
            text = form.get("Body", "")
            refused = form.get("OptOutType", "").upper() == "STOP"
            return [
                Notice(
                    event_id=sid, kind="reply", address=form.get("From", ""), text=text, is_refused=refused
                )
            ]
        return _receipt(sid, status, form, incoming.url)


def _is_since(stated: str, instant: datetime) -> bool:
    """Whether Twilio's date *stated* is not before *instant*, give or take a minute between two clocks."""
    try:
        return parsedate_to_datetime(stated) >= instant - timedelta(minutes=1)
    except ValueError:
        return False


def _looked_up(key: str, found: _Listed) -> Notice:
    state = _FINAL.get(found.status, "accepted")
    code = str(found.error_code or "") if state == "failed" else ""
    return Notice(
        event_id=f"{found.sid}:{state}",
        kind="receipt",
        provider_message_id=found.sid,
        key=key,
        state=state,
        code=code,
        is_dead=code in _DEAD,
        is_refused=code == _UNSUBSCRIBED,
    )


def _receipt(sid: str, status: str, form: Mapping[str, str], url: str) -> list[Notice]:
    if status not in _FINAL:
        return []
    code = form.get("ErrorCode", "")
    query = dict(parse_qsl(url.partition("?")[2]))
    return [
        Notice(
            event_id=f"{sid}:{status}",
            kind="receipt",
            provider_message_id=sid,
            key=query.get("key", ""),
            state=_FINAL[status],
            code=code[:40],
            is_dead=code in _DEAD,
            is_refused=code == _UNSUBSCRIBED,
        )
    ]


def sign(url: str, form: Mapping[str, str], auth_token: str) -> str:
    """Twilio's signature of a form posted to *url*: the address and each name and value in order of name."""
    text = url + "".join(name + form[name] for name in sorted(form))
    return b64encode(hmac.digest(auth_token.encode(), text.encode(), sha1)).decode()


def _whole(text: str | None) -> int:
    """A count that Twilio tells as text; 0 where it is none: the message is accepted all the same."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 4 else 0


def _answer(reply: Reply) -> _Answer:
    try:
        return msgspec.json.decode(reply.body, type=_Answer)
    except msgspec.DecodeError:
        return _Answer()


def _refused(code: str) -> DeliveryError:
    if code == _UNSUBSCRIBED:
        return DeliveryError(code, permanent=True, effect=Effect.REFUSED)
    if code in _DEAD:
        return DeliveryError(code, permanent=True, effect=Effect.DEAD)
    if code in _LATER:
        return DeliveryError(code, permanent=False)
    if code in _ACCOUNT:
        return DeliveryError(code, permanent=False, effect=Effect.ACCOUNT)
    return DeliveryError(code, permanent=True)
