"""Push through Firebase Cloud Messaging, HTTP v1, with a service account.

https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages/send and …/v1/ErrorCode
"""

import json
import threading
import time
from typing import ClassVar
from urllib.parse import quote, urlencode

import jwt
import msgspec

from huifang.delivery.channels import base
from huifang.delivery.channels.base import Field, Incoming, Message, Notice, Receipt
from huifang.delivery.channels.push import devices
from huifang.delivery.errors import (
    AccountInvalidError,
    DeliveryError,
    Effect,
    NoticeMalformedError,
    OutcomeUnknownError,
)
from huifang.kernel.refusals import gettext_noop

_API = "https://fcm.googleapis.com"
_GOOGLE = "https://oauth2.googleapis.com/token"
_SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_SECONDS = 3600
_EARLY_SECONDS = 300
_FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
_DEAD = frozenset({"UNREGISTERED", "SENDER_ID_MISMATCH"})


class _ServiceAccount(msgspec.Struct):
    project_id: str
    client_email: str
    private_key: str
    private_key_id: str = ""
    token_uri: str = _GOOGLE


class _Token(msgspec.Struct):
    access_token: str
    expires_in: int = _SECONDS


class _Sent(msgspec.Struct):
    name: str = ""


class _Detail(msgspec.Struct):
    kind: str = msgspec.field(default="", name="@type")
    error_code: str = msgspec.field(default="", name="errorCode")


class _Error(msgspec.Struct):
    status: str = ""
    details: list[_Detail] = []


class _Failed(msgspec.Struct):
    error: _Error


class Fcm:
    """One Firebase project. It has no idempotency keys; a second copy would take the place of the first."""

    is_local: ClassVar[bool] = False
    honours_keys = False
    fields: ClassVar[tuple[Field, ...]] = (
        Field(
            name="service_account",
            label=gettext_noop("Service account"),
            help=gettext_noop("The JSON file of a key that may send messages."),
            is_secret=True,
            is_required=True,
            is_long=True,
        ),
        Field(name="base_url", label=gettext_noop("Address of the API"), default=_API, is_address=True),
    )

    def __init__(self, settings: base.Settings) -> None:
        try:
            self._account = msgspec.json.decode(settings.get("service_account", ""), type=_ServiceAccount)
            self._assertion()
        except (msgspec.DecodeError, ValueError, TypeError, jwt.PyJWTError) as error:
            raise AccountInvalidError(field="service_account") from error
        base.require_url({"service_account": self._account.token_uri}, "service_account")
        root = base.require_url({"base_url": settings.get("base_url") or _API}, "base_url").rstrip("/")
        self._url = f"{root}/v1/projects/{quote(self._account.project_id, safe='')}/messages:send"
        self._token, self._good_until = "", 0.0
        self._lock = threading.Lock()

    def serves(self, to: str) -> bool:
        """Whether *to* is a token of FCM."""
        return devices.service_of(to) == devices.FCM

    def send(self, message: Message, to: str) -> Receipt:
        """Hand over one notification. Raises `DeliveryError`, `OutcomeUnknownError`."""
        body = _body(message, devices.token_of(to, devices.FCM))
        token = self._access_token("")
        reply = self._post(body, token)
        if reply.status == 401:  # taken back before its time: one new one, and not taken means not sent
            reply = self._post(body, self._access_token(token))
        if reply.status >= 400:
            raise _refused(reply)
        return Receipt(provider_message_id=base.read(reply, _Sent).name.rpartition("/")[2])

    def receive(self, incoming: Incoming) -> list[Notice]:
        """FCM has no webhooks."""
        raise NoticeMalformedError(why=f"no webhook at {incoming.url}")

    def _post(self, body: bytes, token: str) -> base.Reply:
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        return base.post(self._url, headers, body, heeds=frozenset({401, 403}))

    def _access_token(self, stale: str) -> str:
        """A token that is good for a while yet, other than *stale*. Raises `DeliveryError`."""
        with self._lock:
            if self._token in ("", stale) or time.time() > self._good_until:
                made = self._ask_token()
                self._token = made.access_token
                self._good_until = time.time() + made.expires_in - _EARLY_SECONDS
            return self._token

    def _ask_token(self) -> _Token:
        form = urlencode({"grant_type": _GRANT, "assertion": self._assertion()}).encode()
        headers = {"content-type": "application/x-www-form-urlencoded"}
        try:
            reply = base.post(self._account.token_uri, headers, form)
            if reply.status >= 400:
                raise DeliveryError("token_refused", permanent=False, effect=Effect.ACCOUNT)
            return base.read(reply, _Token)
        except OutcomeUnknownError as error:  # a token may be asked for twice
            raise DeliveryError(error.code, permanent=False) from error

    def _assertion(self) -> str:
        now = int(base.real_now().timestamp())
        claims = {
            "iss": self._account.client_email,
            "scope": _SCOPE,
            "aud": self._account.token_uri,
            "iat": now,
            "exp": now + _SECONDS,
        }
        key_id = {"kid": self._account.private_key_id} if self._account.private_key_id else None
        return jwt.encode(claims, self._account.private_key, algorithm="RS256", headers=key_id)


def _body(message: Message, token: str) -> bytes:
    shown = devices.notification_of(message)
    return json.dumps(
        {
            "message": {
                "token": token,
                "notification": {"title": shown.title, "body": shown.text},
                "data": {"link": shown.link, "key": message.key},
                "android": {"notification": {"tag": shown.collapse_id}},
                "apns": {"headers": {"apns-collapse-id": shown.collapse_id}},
            }
        }
    ).encode()


def _refused(reply: base.Reply) -> DeliveryError:
    try:
        error = msgspec.json.decode(reply.body, type=_Failed).error
    except msgspec.DecodeError:
        error = _Error()
    told = next((each.error_code for each in error.details if each.kind == _FCM_ERROR), "")
    code = (told or error.status or f"http_{reply.status}")[:40]
    # An invalid argument that FCM itself tells of is the token; one that the frame tells of is our message.
    if code in _DEAD or told == "INVALID_ARGUMENT":
        return DeliveryError(code, permanent=True, effect=Effect.DEAD)
    if reply.status in (401, 403):
        return DeliveryError(code, permanent=False, effect=Effect.ACCOUNT)
    if reply.status == 404:  # a project that is not there
        return DeliveryError(code, permanent=False, effect=Effect.ACCOUNT)
    return DeliveryError(code, permanent=True)
