"""WeChat official accounts: template messages and subscribed messages, receipts, replies, farewells.

https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Template_Message_Interface.html
https://developers.weixin.qq.com/doc/offiaccount/Subscription_Messages/api.html
"""

import json
import re
from collections.abc import Mapping
from typing import ClassVar

import msgspec

from huifang.delivery.channels import base
from huifang.delivery.channels.base import Field, Incoming, Message, Notice, Receipt
from huifang.delivery.channels.im.platform import Answer, Platform, farewell, reply_of
from huifang.delivery.errors import (
    AccountInvalidError,
    DeliveryError,
    Effect,
    PlaceholderBrokenError,
    VariableMissingError,
)
from huifang.delivery.rules.wording import fill, placeholders
from huifang.kernel.refusals import gettext_noop

TEMPLATE, SUBSCRIBE = "template", "subscribe"
_PATHS = {
    TEMPLATE: "/cgi-bin/message/template/send",
    SUBSCRIBE: "/cgi-bin/message/subscribe/bizsend",
}
_OPENID = re.compile(r"[A-Za-z0-9_-]{6,64}")
_DATA = '{"thing1": "{plan_name}", "thing2": "{wallet_name}"}'


class WeChat(Platform):
    """One official account and one approved template of it."""

    fields: ClassVar[tuple[Field, ...]] = (
        Field(name="appid", label=gettext_noop("AppID"), is_required=True),
        Field(name="secret", label=gettext_noop("AppSecret"), is_secret=True, is_required=True),
        Field(
            name="kind",
            label=gettext_noop("Kind of message"),
            default=TEMPLATE,
            choices=(TEMPLATE, SUBSCRIBE),
        ),
        Field(name="template_id", label=gettext_noop("Template"), is_required=True),
        Field(
            name="data",
            label=gettext_noop("What fills the template"),
            help=gettext_noop(
                "JSON: the template's keywords, each with a text that may name {link} and the like."
            ),
            default=_DATA,
            is_long=True,
        ),
        Field(
            name="token",
            label=gettext_noop("Token of the callback"),
            help=gettext_noop("As in the platform's server configuration; without it nothing is heard."),
            is_secret=True,
        ),
        Field(name="aes_key", label=gettext_noop("EncodingAESKey"), is_secret=True),
        Field(
            name="base_url",
            label=gettext_noop("Address"),
            default="https://api.weixin.qq.com",
            is_address=True,
        ),
    )
    codes: ClassVar[Mapping[int, tuple[bool, Effect]]] = {
        40003: (True, Effect.DEAD),  # no such openid
        43004: (True, Effect.DEAD),  # does not follow the account
        43101: (True, Effect.NONE),  # has not asked for this message; may ask tomorrow
        43116: (True, Effect.NONE),
        40037: (False, Effect.ACCOUNT),  # the template is not this account's
        41028: (False, Effect.ACCOUNT),
        48001: (False, Effect.ACCOUNT),
        48004: (False, Effect.ACCOUNT),
        50002: (False, Effect.ACCOUNT),
        40013: (False, Effect.ACCOUNT),
        40125: (False, Effect.ACCOUNT),
        40164: (False, Effect.ACCOUNT),
        61004: (False, Effect.ACCOUNT),
    }

    def __init__(self, settings: base.Settings) -> None:
        base.require(settings, "appid", "secret", "template_id")
        super().__init__(settings)
        self.receiver = self._appid = settings["appid"].strip()
        self._secret, self._template = settings["secret"].strip(), settings["template_id"].strip()
        self._kind = settings.get("kind") or TEMPLATE
        if self._kind not in _PATHS:
            raise AccountInvalidError(field="kind")
        self._data = _read_data(settings.get("data") or _DATA)

    def serves(self, to: str) -> bool:
        """Whether *to* can be an openid."""
        return bool(_OPENID.fullmatch(to))

    def fetch_token(self) -> tuple[str, float]:
        """The stable token, which stays good for others when it is asked for again."""
        body = {"grant_type": "client_credential", "appid": self._appid, "secret": self._secret}
        content = json.dumps({**body, "force_refresh": False}).encode()
        url = f"{self.base_url}/cgi-bin/stable_token"
        reply = base.fetch("POST", url, {"content-type": "application/json"}, content)
        if reply.status != 200:
            raise DeliveryError(f"http_{reply.status}", permanent=False)
        return self.token_of(base.read(reply, Answer))

    def send(self, message: Message, to: str) -> Receipt:
        """Send the filled template. Raises `DeliveryError`, `OutcomeUnknownError`."""
        if not self.serves(to):
            raise DeliveryError("address_invalid", permanent=True, effect=Effect.DEAD)
        link = message.variables.get("link", "")
        body: dict[str, object] = {"touser": to, "template_id": self._template, "data": self._filled(message)}
        if self._kind == TEMPLATE:
            body |= {"url": link, "client_msg_id": base.event_id(message.key)[:32]}
        else:
            body["page"] = link
        answer = self.call(_PATHS[self._kind], body, key=f"wechat:{self._appid}:{self._secret}")
        return Receipt(provider_message_id=str(answer.msgid) if answer.msgid else "")

    def _filled(self, message: Message) -> dict[str, dict[str, str]]:
        values = {**message.variables, "subject": message.subject, "body": message.body}
        try:
            return {name: {"value": fill(text, values)} for name, text in self._data.items()}
        except VariableMissingError as error:
            raise DeliveryError(f"missing:{error.placeholder}", permanent=True) from error

    def receive(self, incoming: Incoming) -> list[Notice]:
        """Read a callback. Raises `SignatureInvalidError`, `NoticeMalformedError`."""
        told = self.read_callback(incoming)
        openid, event = told.get("FromUserName", ""), told.get("Event", "").lower()
        if told.get("MsgType") == "text":
            return [reply_of(told, openid)]
        if event == "unsubscribe":
            return [farewell(told, openid)]
        if event == "templatesendjobfinish":
            return [_receipt(told)]
        return []


def _receipt(told: Mapping[str, str]) -> Notice:
    number, status = told.get("MsgID", ""), told.get("Status", "").lower()
    is_well = status == "success"
    return Notice(
        event_id=f"job-{number}-{'ok' if is_well else 'failed'}",
        kind="receipt",
        provider_message_id=number,
        state="delivered" if is_well else "failed",
        code="" if is_well else "unsubscribed" if "user block" in status else "undelivered",
        is_refused="user block" in status,
    )


def _read_data(text: str) -> dict[str, str]:
    try:
        found = msgspec.json.decode(text, type=dict[str, str])
        for each in found.values():
            placeholders(each)
    except (msgspec.DecodeError, PlaceholderBrokenError) as error:
        raise AccountInvalidError(field="data") from error
    return found
