"""SMS through Tencent Cloud, API 2021-01-11, signed by TC3-HMAC-SHA256.

https://www.tencentcloud.com/document/product/382/40536 (SendSms), …/382/43547 (status callback),
…/382/43548 (reply callback)
"""

import hmac
import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import ClassVar
from urllib.parse import urlsplit

import msgspec

from huifang.delivery.channels import base
from huifang.delivery.channels.base import Field, Incoming, Message, Notice, Receipt
from huifang.delivery.channels.sms import carriers, templates
from huifang.delivery.errors import DeliveryError, Effect, NoticeMalformedError, OutcomeUnknownError
from huifang.delivery.rules.segments import measure
from huifang.kernel.refusals import gettext_noop

_API = "https://sms.tencentcloudapi.com"
_VERSION, _SERVICE = "2021-01-11", "sms"
_CONTENT_TYPE = "application/json; charset=utf-8"
_DEAD = frozenset({"InvalidParameterValue.IncorrectPhoneNumber"})
_REFUSED = frozenset({"FailedOperation.PhoneNumberInBlacklist", "FailedOperation.PhoneNumberOnBlacklist"})
# It gave up waiting for what lies behind it, which may have taken the message.
_UNKNOWN = frozenset({"InternalError.Timeout", "InternalError.SendAndRecvFail"})
_LATER_SECONDS = {
    "LimitExceeded.PhoneNumberThirtySecondLimit": 30,
    "LimitExceeded.PhoneNumberOneHourLimit": 3600,
    "LimitExceeded.PhoneNumberDailyLimit": 3600,
    "LimitExceeded.PhoneNumberSameContentDailyLimit": 3600,
    "LimitExceeded.DeliveryFrequencyLimit": 60,
    "FailedOperation.MarketingSendTimeConstraint": 3600,
}
_LATER_KINDS = ("RequestLimitExceeded", "InternalError", "ResourceUnavailable")
_ACCOUNT_KINDS = (
    "AuthFailure",
    "UnauthorizedOperation",
    "LimitExceeded.AppDailyLimit",
    "LimitExceeded.DailyLimit",
)
_ACCOUNT = frozenset(
    {
        "FailedOperation.InsufficientBalanceInSmsPackage",
        "FailedOperation.SignatureIncorrectOrUnapproved",
        "FailedOperation.MissingSignature",
        "InvalidParameterValue.SdkAppIdNotExist",
        "InvalidParameter.AppidAndBizId",
        "InternalError.RequestTimeException",
        "InternalError.SigVerificationFail",
    }
)


class _Status(msgspec.Struct, rename="pascal"):
    code: str = ""
    serial_no: str = ""
    fee: int = 0


class _Error(msgspec.Struct, rename="pascal"):
    code: str = ""


class _Response(msgspec.Struct, rename="pascal"):
    error: _Error | None = None
    send_status_set: list[_Status] = msgspec.field(default_factory=list)


class _Answer(msgspec.Struct, rename="pascal"):
    response: _Response


class _Report(msgspec.Struct):
    sid: str
    report_status: str
    errmsg: str = ""
    description: str = ""


class _Reply(msgspec.Struct):
    mobile: str
    text: str
    nationcode: str = "86"
    time: int | str = 0


class Tencent:
    """One application of Tencent Cloud SMS. It has no idempotency keys."""

    is_local: ClassVar[bool] = False
    honours_keys = False
    has_secret_notice_path: ClassVar[bool] = True
    notice_answer: ClassVar[tuple[str, str]] = ("application/json", '{"result": 0, "errmsg": "OK"}')
    fields: ClassVar[tuple[Field, ...]] = (
        Field(name="secret_id", label=gettext_noop("SecretId"), is_required=True),
        Field(name="secret_key", label=gettext_noop("SecretKey"), is_secret=True, is_required=True),
        Field(name="app_id", label=gettext_noop("SdkAppId"), is_required=True),
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
                "One a line: 1234567 = text as approved, parameters as {1}. "
                "A message that fits none of them is not sent."
            ),
            is_required=True,
            is_long=True,
        ),
        Field(name="region", label=gettext_noop("Region"), default="ap-guangzhou"),
        Field(name="base_url", label=gettext_noop("Address of the API"), default=_API, is_address=True),
        Field(name="price_per_part", label=gettext_noop("Price per part")),
    )

    def __init__(self, settings: base.Settings) -> None:
        base.require(settings, "secret_id", "secret_key", "app_id", "sign_name", "templates")
        self._settings = settings
        self._templates = templates.read(settings["templates"])
        self._url = base.require_url({"base_url": settings.get("base_url") or _API}, "base_url").rstrip("/")

    def send(self, message: Message, to: str) -> Receipt:
        """Send by the approved template. Raises `DeliveryError`, `OutcomeUnknownError`."""
        template, values = templates.find(self._templates, message.body)
        body = json.dumps(
            {
                "PhoneNumberSet": [to],
                "SmsSdkAppId": self._settings["app_id"],
                "SignName": self._settings["sign_name"],
                "TemplateId": template.code,
                "TemplateParamSet": [values[name] for name in sorted(values, key=_place)],
                "SessionContext": message.key,
            }
        ).encode()
        response = base.read(base.post(self._url, self._headers(body), body), _Answer).response
        if response.error:
            raise _refused(response.error.code)
        if not response.send_status_set:
            raise OutcomeUnknownError("answer_unreadable")
        status = response.send_status_set[0]
        if status.code != "Ok":
            raise _refused(status.code)
        parts = status.fee or measure(f"【{self._settings['sign_name']}】{message.body}").parts
        return Receipt(
            provider_message_id=status.serial_no, parts=parts, cost=base.price(self._settings, parts)
        )

    def receive(self, incoming: Incoming) -> list[Notice]:
        """Read both callbacks. Tencent signs neither: the address of the webhook is the secret."""
        try:
            told = msgspec.json.decode(incoming.body, type=list[_Report] | _Reply)
        except msgspec.DecodeError as error:
            raise NoticeMalformedError(why=str(error)) from error
        return [_reply(told)] if isinstance(told, _Reply) else [_receipt(each) for each in told]

    def _headers(self, body: bytes) -> dict[str, str]:
        now = base.real_now()
        host = urlsplit(self._url).netloc
        signed = {"content-type": _CONTENT_TYPE, "host": host, "x-tc-action": "sendsms"}
        return {
            "content-type": _CONTENT_TYPE,
            "host": host,
            "x-tc-action": "SendSms",
            "x-tc-version": _VERSION,
            "x-tc-timestamp": str(int(now.timestamp())),
            "x-tc-region": self._settings.get("region") or "ap-guangzhou",
            "authorization": authorize(
                _SERVICE,
                signed,
                body,
                now=now,
                secret=(self._settings["secret_id"], self._settings["secret_key"]),
            ),
        }


def authorize(
    service: str, headers: dict[str, str], body: bytes, *, now: datetime, secret: tuple[str, str]
) -> str:
    """The Authorization header of a POST to the root path, signed with *headers* (values in lower case).

    *secret* is the pair of id and key.
    """
    secret_id, secret_key = secret
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    request = "\n".join(["POST", "/", "", lines, names, sha256(body).hexdigest()])
    day = now.astimezone(UTC).strftime("%Y-%m-%d")
    scope = f"{day}/{service}/tc3_request"
    text = f"TC3-HMAC-SHA256\n{int(now.timestamp())}\n{scope}\n{sha256(request.encode()).hexdigest()}"
    key = f"TC3{secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), sha256)
    signature = hmac.digest(key, text.encode(), sha256).hex()
    credential = f"Credential={secret_id}/{scope}"
    return f"TC3-HMAC-SHA256 {credential}, SignedHeaders={names}, Signature={signature}"


def _place(name: str) -> tuple[int, str]:
    """Parameters are numbered; what is not stands behind, by name."""
    return (int(name), "") if name.isdecimal() else (1000, name)


def _refused(code: str) -> Exception:
    short = code[:60] or "refused"
    if code in _UNKNOWN:
        return OutcomeUnknownError(short)
    if code in _DEAD:
        return DeliveryError(short, permanent=True, effect=Effect.DEAD)
    if code in _REFUSED:
        return DeliveryError(short, permanent=True, effect=Effect.REFUSED)
    if code in _ACCOUNT or code.startswith(_ACCOUNT_KINDS):
        return DeliveryError(short, permanent=False, effect=Effect.ACCOUNT)
    if code in _LATER_SECONDS or code.startswith(_LATER_KINDS):
        return DeliveryError(short, permanent=False, retry_after_seconds=_LATER_SECONDS.get(code, 0))
    return DeliveryError(short, permanent=True)


def _receipt(told: _Report) -> Notice:
    is_delivered = told.report_status == "SUCCESS"
    state = "delivered" if is_delivered else "failed"
    return Notice(
        event_id=f"{told.sid}:{state}",
        kind="receipt",
        provider_message_id=told.sid,
        state=state,
        code="" if is_delivered else told.errmsg[:40],
        is_dead=not is_delivered and carriers.is_dead(told.errmsg, told.description),
        is_refused=not is_delivered and carriers.is_refused(told.description),
    )


def _reply(told: _Reply) -> Notice:
    address = f"+{told.nationcode}{told.mobile}"
    return Notice(
        event_id=base.event_id(address, told.text, str(told.time)),
        kind="reply",
        address=address,
        text=told.text,
    )
