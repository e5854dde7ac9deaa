"""SMS over SMPP 3.4 to a carrier's SMSC: parts, receipts and replies on one lasting connection.

https://smpp.org/SMPP_v3_4_Issue1_2.pdf ; needs the extra ``smpp``.
"""

import secrets
import time
from functools import partial
from typing import Any, ClassVar
from urllib.parse import unquote, urlsplit

from huifang.delivery.channels import base
from huifang.delivery.channels.base import Field, Incoming, Message, Notice, Receipt, Told
from huifang.delivery.channels.sms import smpp_text
from huifang.delivery.channels.sms.smpp_text import Part
from huifang.delivery.errors import (
    AccountInvalidError,
    DeliveryError,
    Effect,
    NoticeMalformedError,
    OutcomeUnknownError,
)
from huifang.delivery.rules.segments import measure
from huifang.kernel.refusals import gettext_noop

_PORTS = {"smpp": 2775, "smpps": 3550}
_OK, _INVALID_DESTINATION = 0x00, 0x0B
# System error, queue full, throttled: the same message may be taken later.
_LATER = frozenset({0x08, 0x14, 0x58})
_ACCOUNT = frozenset({0x04, 0x0A, 0x0D, 0x0E, 0x0F, 0x53})
_AGAIN_MAX, _AGAIN_SECONDS = 5, 0.5
_RECEIPT, _RECEIPT_MASK = 0x04, 0x3C
_ON_RECEIPT = 1
_STATES = {
    "DELIVRD": "delivered",
    "UNDELIV": "failed",
    "REJECTD": "failed",
    "EXPIRED": "failed",
    "DELETED": "failed",
}
_STATE_NUMBERS = {2: "DELIVRD", 3: "EXPIRED", 4: "DELETED", 5: "UNDELIV", 8: "REJECTD"}
_UNKNOWN_SUBSCRIBER = frozenset({"1", "01", "001"})  # 3GPP TS 29.002


class Smpp:
    """One system id at an SMSC. It has no idempotency keys: what may have gone is never sent again."""

    is_local: ClassVar[bool] = False
    honours_keys = False
    fields: ClassVar[tuple[Field, ...]] = (
        Field(
            name="url",
            label=gettext_noop("Server"),
            help=gettext_noop("smpp://system_id:password@host:2775, or smpps:// with TLS."),
            is_secret=True,
            is_required=True,
            is_address=True,
        ),
        Field(
            name="sender",
            label=gettext_noop("Sender"),
            help=gettext_noop("A number, a short code, or a name of at most eleven letters."),
            is_required=True,
        ),
        Field(name="system_type", label=gettext_noop("System type")),
        Field(
            name="long_messages",
            label=gettext_noop("Long messages"),
            help=gettext_noop(
                "How parts are joined: header in the text, optional parameters, or one payload."
            ),
            default=smpp_text.UDH,
            choices=(smpp_text.UDH, smpp_text.SAR, smpp_text.PAYLOAD),
        ),
        Field(
            name="window",
            label=gettext_noop("Window"),
            help=gettext_noop("Messages without an answer at one time."),
            default="10",
        ),
        Field(
            name="decimal_receipts",
            label=gettext_noop("Receipts number in decimal"),
            help=gettext_noop("Yes where answers number messages in hexadecimal and receipts in decimal."),
            default="no",
            choices=("no", "yes"),
        ),
        Field(name="price_per_part", label=gettext_noop("Price per part")),
    )

    def __init__(self, settings: base.Settings) -> None:
        base.require(settings, "url", "sender")
        self._settings = settings
        self._how = settings.get("long_messages") or smpp_text.UDH
        if self._how not in (smpp_text.UDH, smpp_text.SAR, smpp_text.PAYLOAD):
            raise AccountInvalidError(field="long_messages")
        window = settings.get("window") or "10"
        if not (window.isascii() and window.isdigit() and 0 < int(window) <= 1000):
            raise AccountInvalidError(field="window")
        self._session = _session(settings, int(window))

    def send(self, message: Message, to: str) -> Receipt:
        """Hand over every part; the last asks for a receipt.

        Raises `DeliveryError`, `OutcomeUnknownError`.
        """
        parts = smpp_text.parts_of(message.body, reference=secrets.randbelow(0x10000), how=self._how)
        number = ""
        for place, part in enumerate(parts):
            is_last = place == len(parts) - 1
            number = self._submit(part, to, is_first=place == 0, is_last=is_last)
        count = measure(message.body).parts
        return Receipt(
            provider_message_id=self._plain(number), parts=count, cost=base.price(self._settings, count)
        )

    def receive(self, incoming: Incoming) -> list[Notice]:
        """SMPP tells on its own connection."""
        raise NoticeMalformedError(why=f"no webhook at {incoming.url}")

    def collect(self) -> list[Told]:
        """Keep the connection up and return what was told on it since; empty where it is down."""
        try:
            self._session.open()
        except DeliveryError:
            return []
        return [
            Told(
                notices=self._notices(told),
                done=partial(self._session.acknowledge, line, told),
            )
            for line, told in self._session.take()
        ]

    def close(self) -> None:
        """Let the connection go."""
        self._session.close()

    def _submit(self, part: Part, to: str, *, is_first: bool, is_last: bool) -> str:
        """The SMSC's number of one part. Once the first has gone, the others are tried with patience."""
        fields = {
            **_sender(self._settings["sender"]),
            "dest_addr_ton": 1,
            "dest_addr_npi": 1,
            "destination_addr": to.removeprefix("+"),
            "data_coding": part.data_coding,
            "esm_class": part.esm_class,
            "short_message": part.short_message,
            "registered_delivery": _ON_RECEIPT if is_last else 0,
            **part.options,
        }
        for _ in range(1 if is_first else _AGAIN_MAX):
            status, number = self._hand_over(fields, is_first=is_first)
            if status == _OK:
                return number
            if is_first or status not in _LATER:
                break
            time.sleep(_AGAIN_SECONDS)
        if is_first:
            raise _refused(status)
        raise OutcomeUnknownError(f"smpp_{status}_after_a_part")

    def _hand_over(self, fields: dict[str, Any], *, is_first: bool) -> tuple[int, str]:
        try:
            status, number = self._session.submit(**fields)
        except DeliveryError as error:
            if is_first:
                raise
            raise OutcomeUnknownError(f"{error.code}_after_a_part") from error
        return int(status), str(number)

    def _plain(self, number: str) -> str:
        """A number as it is compared: in one notation, without zeros before it."""
        if self._settings.get("decimal_receipts") != "yes":
            return number
        return number.lower().lstrip("0")

    def _notices(self, told: Any) -> list[Notice]:
        raw = told.short_message or getattr(told, "message_payload", None) or b""
        text = smpp_text.decode(raw, data_coding=told.data_coding or 0, esm_class=told.esm_class or 0)
        if (told.esm_class or 0) & _RECEIPT_MASK == _RECEIPT:
            return self._receipts(told, text)
        address = _text(told.source_addr)
        if told.source_addr_ton == 1:
            address = f"+{address.removeprefix('+')}"
        # Nobody numbers replies; one that is told twice because it was not acknowledged is heard twice.
        return [Notice(event_id=secrets.token_hex(16), kind="reply", address=address, text=text)]

    def _receipts(self, told: Any, text: str) -> list[Notice]:
        said = smpp_text.receipt_fields(text)
        number = _text(getattr(told, "receipted_message_id", None)) or said.get("id", "")
        if self._settings.get("decimal_receipts") == "yes" and number.isdecimal():
            number = f"{int(number):x}"
        stated = (
            _STATE_NUMBERS.get(getattr(told, "message_state", None) or 0, "") or said.get("stat", "").upper()
        )
        state = _STATES.get(stated)
        if not number or state is None:
            return []
        code = "" if state == "delivered" else f"{stated}:{said.get('err', '')}".rstrip(":")[:40]
        return [
            Notice(
                event_id=f"{number}:{stated}",
                kind="receipt",
                provider_message_id=self._plain(number),
                state=state,
                code=code,
                is_dead=state == "failed" and said.get("err", "") in _UNKNOWN_SUBSCRIBER,
            )
        ]


def _session(settings: base.Settings, window: int) -> Any:
    try:
        from huifang.delivery.channels.sms import smpp_session
    except ModuleNotFoundError as error:
        raise AccountInvalidError(field="url", missing="huifang[smpp]") from error
    try:
        parts = urlsplit(settings["url"].strip())
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError as error:
        raise AccountInvalidError(field="url") from error
    if parts.scheme not in _PORTS or not parts.hostname or not parts.username:
        raise AccountInvalidError(field="url")
    address = smpp_session.Address(
        host=parts.hostname,
        port=port,
        is_tls=parts.scheme == "smpps",
        system_id=unquote(parts.username),
        password=unquote(parts.password or ""),
        system_type=settings.get("system_type", ""),
    )
    return smpp_session.Session(address, window=window)


def _sender(text: str) -> dict[str, Any]:
    """The sender with its type of number: international, short or alphanumeric."""
    if text.startswith("+"):
        return {"source_addr_ton": 1, "source_addr_npi": 1, "source_addr": text.removeprefix("+")}
    if text.isascii() and text.isdigit():
        return {"source_addr_ton": 3, "source_addr_npi": 0, "source_addr": text}
    return {"source_addr_ton": 5, "source_addr_npi": 0, "source_addr": text}


def _refused(status: int) -> DeliveryError:
    code = f"smpp_{status}"
    if status == _INVALID_DESTINATION:
        return DeliveryError(code, permanent=True, effect=Effect.DEAD)
    if status in _LATER:
        return DeliveryError("throttled" if status == 0x58 else code, permanent=False)
    if status in _ACCOUNT:
        return DeliveryError(code, permanent=False, effect=Effect.ACCOUNT)
    return DeliveryError(code, permanent=True)


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.split(b"\0", 1)[0].decode("latin-1")
    return str(value or "")
