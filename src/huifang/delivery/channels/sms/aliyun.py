"""SMS through Aliyun (Alibaba Cloud) Short Message Service, API 2017-05-25, signed by ACS3-HMAC-SHA256.

https://help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature (signature),
https://help.aliyun.com/zh/sms/developer-reference (SendSms, QuerySendDetails, SmsReport, SmsUp)
"""

import hmac
import json
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from typing import ClassVar
from urllib.parse import quote, urlsplit

import msgspec

from huifang.delivery.channels import base
from huifang.delivery.channels.base import Field, Incoming, Message, Notice, Receipt
from huifang.delivery.channels.sms import carriers, templates
from huifang.delivery.errors import DeliveryError, Effect, NoticeMalformedError
from huifang.delivery.rules.segments import measure
from huifang.kernel.refusals import gettext_noop

_API = "https://dysmsapi.aliyuncs.com"
_VERSION = "2017-05-25"
_CHINA = timezone(timedelta(hours=8))  # days of QuerySendDetails are China's
_DEAD = frozenset({"isv.MOBILE_NUMBER_ILLEGAL", "isv.PHONE_NUMBER_ILLEGAL"})
# Too much for this number for now: a minute, an hour or a day.
_LATER = frozenset({"isv.BUSINESS_LIMIT_CONTROL", "isp.SYSTEM_ERROR", "isp.GATEWAY_ERROR"})
_LATER_SECONDS = {"isv.BUSINESS_LIMIT_CONTROL": 3600}
_ACCOUNT = frozenset(
    {
        "isv.ACCOUNT_ABNORMAL",
        "isv.ACCOUNT_NOT_EXISTS",
        "isv.AMOUNT_NOT_ENOUGH",
        "isv.DAY_LIMIT_CONTROL",
        "isv.MONTH_LIMIT_CONTROL",
        "isv.OUT_OF_SERVICE",
        "isv.PRODUCT_UNSUBSCRIBE",
        "isv.PRODUCT_UN_SUBSCRIPT",
        "isv.SMS_SIGNATURE_ILLEGAL",
        "isv.SMS_SIGN_ILLEGAL",
        "isp.RAM_PERMISSION_DENY",
        "SignatureDoesNotMatch",
    }
)
_ACCOUNT_KINDS = (
    "InvalidAccessKeyId",
    "IncompleteSignature",
    "Forbidden",
    "InvalidTimeStamp",
    "NoPermission",
)


class _Answer(msgspec.Struct, rename="pascal"):
    code: str = ""
    biz_id: str = ""


class _Detail(msgspec.Struct, rename="pascal"):
    out_id: str = ""
    send_status: int = 0
    err_code: str = ""


class _Details(msgspec.Struct):
    rows: list[_Detail] = msgspec.field(default_factory=list, name="SmsSendDetailDTO")


class _Found(msgspec.Struct, rename="pascal"):
    code: str = ""
    details: _Details = msgspec.field(default_factory=_Details, name="SmsSendDetailDTOs")


class _Told(msgspec.Struct):
    phone_number: str = ""
    success: bool | None = None
    err_code: str = ""
    err_msg: str = ""
    biz_id: str = ""
    out_id: str = ""
    content: str | None = None
    sequence_id: str | int = ""


class Aliyun:
    """One access key. It has no idempotency keys; what became of a message can be asked by our own key."""

    is_local: ClassVar[bool] = False
    honours_keys = False
    has_secret_notice_path: ClassVar[bool] = True
    notice_answer: ClassVar[tuple[str, str]] = ("application/json", '{"code": 0, "msg": "OK"}')
    fields: ClassVar[tuple[Field, ...]] = (
        Field(name="access_key_id", label=gettext_noop("AccessKey ID"), is_required=True),
        Field(
            name="access_key_secret",
            label=gettext_noop("AccessKey secret"),
            is_secret=True,
            is_required=True,
        ),
        Field(
            name="sign_name",
            label=gettext_noop("Signature"),
            help=gettext_noop("As approved, without 【】."),
            is_required=True,
        ),
        Field(
            name="templates",
            label=gettext_noop("Approved templates"),
            help=gettext_noop(
                "One a line: SMS_154950909 = text as approved, parameters as ${link}. "
                "A message that fits none of them is not sent."
            ),
            is_required=True,
            is_long=True,
        ),
        Field(name="base_url", label=gettext_noop("Address of the API"), default=_API, is_address=True),
        Field(name="price_per_part", label=gettext_noop("Price per part")),
    )

    def __init__(self, settings: base.Settings) -> None:
        base.require(settings, "access_key_id", "access_key_secret", "sign_name", "templates")
        self._settings = settings
        self._templates = templates.read(settings["templates"])
        self._url = base.require_url({"base_url": settings.get("base_url") or _API}, "base_url").rstrip("/")

    def send(self, message: Message, to: str) -> Receipt:
        """Send by the approved template. Raises `DeliveryError`, `OutcomeUnknownError`."""
        template, values = templates.find(self._templates, message.body)
        reply = self._call(
            "SendSms",
            {
                "PhoneNumbers": _number(to),
                "SignName": self._settings["sign_name"],
                "TemplateCode": template.code,
                "TemplateParam": json.dumps(values, ensure_ascii=False),
                "OutId": message.key,
            },
        )
        answer = base.read(reply, _Answer)
        if answer.code != "OK":
            raise _refused(answer.code or f"http_{reply.status}")
        parts = measure(f"【{self._settings['sign_name']}】{message.body}").parts
        return Receipt(provider_message_id=answer.biz_id, parts=parts, cost=base.price(self._settings, parts))

    def look_up(self, message: Message, to: str, *, sent_at: datetime) -> Notice | None:
        """Ask what became of *message*, by its key. Raises `DeliveryError`, `OutcomeUnknownError`."""
        day = sent_at.astimezone(_CHINA).strftime("%Y%m%d")
        query = {"PhoneNumber": _number(to), "SendDate": day, "PageSize": "50", "CurrentPage": "1"}
        found = base.read(self._call("QuerySendDetails", query), _Found)
        for row in found.details.rows:
            if row.out_id == message.key:
                return _found(message.key, row)
        return None

    def receive(self, incoming: Incoming) -> list[Notice]:
        """Read SmsReport and SmsUp. Aliyun signs neither: the address of the webhook is the secret."""
        try:
            told = msgspec.json.decode(incoming.body, type=list[_Told])
        except msgspec.DecodeError as error:
            raise NoticeMalformedError(why=str(error)) from error
        return [notice for each in told if (notice := _notice(each))]

    def _call(self, action: str, query: Mapping[str, str]) -> base.Reply:
        host = urlsplit(self._url).netloc
        headers = {
            "host": host,
            "x-acs-action": action,
            "x-acs-version": _VERSION,
            "x-acs-date": base.real_now().strftime("%Y-%m-%dT%H:%M:%SZ"),
            "x-acs-signature-nonce": secrets.token_hex(16),
            "x-acs-content-sha256": sha256(b"").hexdigest(),
        }
        canonical = canonical_query(query)
        key, secret = self._settings["access_key_id"], self._settings["access_key_secret"]
        headers["authorization"] = authorize("POST", canonical, headers, key=key, secret=secret)
        return base.post(f"{self._url}/?{canonical}", headers, b"")


def canonical_query(query: Mapping[str, str]) -> str:
    """*query* in order of name, escaped after RFC 3986."""
    return "&".join(f"{quote(name, safe='')}={quote(query[name], safe='')}" for name in sorted(query))


def authorize(method: str, query: str, headers: Mapping[str, str], *, key: str, secret: str) -> str:
    """The Authorization header of a request to the root path that is signed with all its *headers*."""
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    request = "\n".join([method, "/", query, lines, names, headers["x-acs-content-sha256"]])
    text = f"ACS3-HMAC-SHA256\n{sha256(request.encode()).hexdigest()}"
    signature = hmac.digest(secret.encode(), text.encode(), sha256).hex()
    return f"ACS3-HMAC-SHA256 Credential={key},SignedHeaders={names},Signature={signature}"


def _number(to: str) -> str:
    """The number as Aliyun writes it: eleven digits inside China, else country code and number."""
    return to.removeprefix("+86") if to.startswith("+86") else to.removeprefix("+")


def _refused(code: str) -> DeliveryError:
    if code in _DEAD:
        return DeliveryError(code, permanent=True, effect=Effect.DEAD)
    if code in _LATER or code.startswith("Throttling"):
        return DeliveryError(code, permanent=False, retry_after_seconds=_LATER_SECONDS.get(code, 0))
    if code in _ACCOUNT or code.startswith(_ACCOUNT_KINDS):
        return DeliveryError(code[:60], permanent=False, effect=Effect.ACCOUNT)
    return DeliveryError(code[:60], permanent=True)


def _found(key: str, row: _Detail) -> Notice | None:
    state = {1: "accepted", 2: "failed", 3: "delivered"}.get(row.send_status)
    if state is None:
        return None
    code = row.err_code[:40] if state == "failed" else ""
    return Notice(
        event_id=f"query:{key}:{state}",
        kind="receipt",
        key=key,
        state=state,
        code=code,
        is_dead=carriers.is_dead(code, ""),
    )


def _notice(told: _Told) -> Notice | None:
    if told.content is not None:
        event_id = (
            f"up:{told.sequence_id}" if told.sequence_id else base.event_id(told.phone_number, told.content)
        )
        return Notice(event_id=event_id, kind="reply", address=told.phone_number, text=told.content)
    if told.success is None:
        return None
    state = "delivered" if told.success else "failed"
    return Notice(
        event_id=f"{told.biz_id}:{told.out_id}:{state}",
        kind="receipt",
        # A batch has one BizId for all its messages; ours have one each, and the key besides.
        provider_message_id=told.biz_id,
        key=told.out_id,
        state=state,
        code="" if told.success else told.err_code[:40],
        is_dead=not told.success and carriers.is_dead(told.err_code, told.err_msg),
        is_refused=not told.success and carriers.is_refused(told.err_msg),
    )
