"""WeCom (企业微信): messages of an application to members, and customer contact through an employee.

A customer-contact message waits until the employee presses send in WeCom; WeCom allows nothing else.

https://developer.work.weixin.qq.com/document/path/90236
https://developer.work.weixin.qq.com/document/path/92135
"""

from collections.abc import Mapping
from typing import ClassVar
from urllib.parse import urlencode

from huifang.delivery.channels import base
from huifang.delivery.channels.base import Field, Incoming, Message, Notice, Receipt
from huifang.delivery.channels.im.platform import Answer, Platform, farewell, reply_of
from huifang.delivery.errors import AccountInvalidError, DeliveryError, Effect
from huifang.kernel.refusals import gettext_noop

MEMBER, CONTACT = "member", "customer_contact"
# The platform drops a copy of the same text to the same person for so long.
_COPY_SECONDS = 14_400
_TEXT_BYTES_MAX = 2048


class WeCom(Platform):
    """One application of one company."""

    notice_answer: ClassVar[tuple[str, str]] = ("text/plain", "")
    fields: ClassVar[tuple[Field, ...]] = (
        Field(name="corpid", label=gettext_noop("Corp ID"), is_required=True),
        Field(
            name="secret", label=gettext_noop("Secret of the application"), is_secret=True, is_required=True
        ),
        Field(
            name="kind",
            label=gettext_noop("Who is written to"),
            default=MEMBER,
            choices=(MEMBER, CONTACT),
        ),
        Field(name="agent_id", label=gettext_noop("Agent ID"), help=gettext_noop("For messages to members.")),
        Field(
            name="employee",
            label=gettext_noop("Employee"),
            help=gettext_noop("For customer contact: the user ID of who presses send."),
        ),
        Field(name="token", label=gettext_noop("Token of the callback"), is_secret=True),
        Field(name="aes_key", label=gettext_noop("EncodingAESKey"), is_secret=True),
        Field(
            name="base_url",
            label=gettext_noop("Address"),
            default="https://qyapi.weixin.qq.com",
            is_address=True,
        ),
    )
    codes: ClassVar[Mapping[int, tuple[bool, Effect]]] = {
        40003: (True, Effect.DEAD),
        40096: (True, Effect.DEAD),  # no such external user
        60111: (True, Effect.DEAD),
        81013: (True, Effect.DEAD),
        84061: (True, Effect.DEAD),  # is no contact of anybody here any more
        40056: (False, Effect.ACCOUNT),
        40013: (False, Effect.ACCOUNT),
        48002: (False, Effect.ACCOUNT),
        60011: (False, Effect.ACCOUNT),
        60020: (False, Effect.ACCOUNT),
        301002: (False, Effect.ACCOUNT),
        41050: (False, Effect.NONE),
        45028: (False, Effect.NONE),
        41048: (True, Effect.NONE),
    }

    def __init__(self, settings: base.Settings) -> None:
        base.require(settings, "corpid", "secret")
        super().__init__(settings)
        self.receiver = self._corp = settings["corpid"].strip()
        self._secret, self._kind = settings["secret"].strip(), settings.get("kind") or MEMBER
        if self._kind not in (MEMBER, CONTACT):
            raise AccountInvalidError(field="kind")
        self._employee = settings.get("employee", "").strip()
        if self._kind == CONTACT and not self._employee:
            raise AccountInvalidError(field="employee")
        agent = settings.get("agent_id", "").strip()
        if self._kind == MEMBER and not (agent.isascii() and agent.isdigit()):
            raise AccountInvalidError(field="agent_id")
        self._agent = int(agent or 0)

    def fetch_token(self) -> tuple[str, float]:
        """A token of the application."""
        query = urlencode({"corpid": self._corp, "corpsecret": self._secret})
        reply = base.fetch("GET", f"{self.base_url}/cgi-bin/gettoken?{query}", {})
        if reply.status != 200:
            raise DeliveryError(f"http_{reply.status}", permanent=False)
        return self.token_of(base.read(reply, Answer))

    def send(self, message: Message, to: str) -> Receipt:
        """Send the text. Raises `DeliveryError`, `OutcomeUnknownError`."""
        if "|" in to or to.startswith("@") or not to.isprintable():  # several people, or all of them
            raise DeliveryError("address_invalid", permanent=True, effect=Effect.DEAD)
        if len(message.body.encode()) > _TEXT_BYTES_MAX:  # the platform would cut it off
            raise DeliveryError("too_long", permanent=True)
        is_member = self._kind == MEMBER
        answer = self._to_member(message, to) if is_member else self._to_contact(message, to)
        if answer.invaliduser or to in answer.fail_list:
            raise DeliveryError("unknown_user", permanent=True, effect=Effect.DEAD)
        return Receipt(provider_message_id=str(answer.msgid))

    def _to_member(self, message: Message, to: str) -> Answer:
        body = {
            "touser": to,
            "msgtype": "text",
            "agentid": self._agent,
            "text": {"content": message.body},
            "enable_duplicate_check": 1,
            "duplicate_check_interval": _COPY_SECONDS,
        }
        return self.call("/cgi-bin/message/send", body, key=self._key)

    def _to_contact(self, message: Message, to: str) -> Answer:
        body = {
            "chat_type": "single",
            "external_userid": [to],
            "sender": self._employee,
            "text": {"content": message.body},
        }
        return self.call("/cgi-bin/externalcontact/add_msg_template", body, key=self._key)

    @property
    def _key(self) -> str:
        return f"wecom:{self._corp}:{self._secret}"

    def receive(self, incoming: Incoming) -> list[Notice]:
        """Read a callback, always encrypted. Raises `SignatureInvalidError`, `NoticeMalformedError`."""
        told = self.read_callback(incoming)
        event = told.get("Event", "")
        if told.get("MsgType") == "text":
            return [reply_of(told, told.get("FromUserName", ""))]
        if event == "unsubscribe":
            return [farewell(told, told.get("FromUserName", ""))]
        if event == "change_external_contact" and told.get("ChangeType") == "del_follow_user":
            return [farewell(told, told.get("ExternalUserID", ""))]
        return []
