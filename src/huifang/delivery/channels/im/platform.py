"""What WeChat and WeCom share: calls by access token, renewed once where it is refused, and callbacks."""

import json
import time
from collections.abc import Mapping
from typing import ClassVar
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec

from huifang.delivery import tokens
from huifang.delivery.channels import base
from huifang.delivery.channels.base import Incoming, Notice
from huifang.delivery.channels.im import crypto
from huifang.delivery.errors import (
    AccountInvalidError,
    DeliveryError,
    Effect,
    OutcomeUnknownError,
    SignatureInvalidError,
)

TOKEN_REFUSED = frozenset({40001, 40014, 42001})
_BUSY = frozenset({-1, 45009, 45011, 45033, 6000})
_TEXT_MAX = 4000
# A callback that is older is somebody's copy; the platforms repeat theirs within seconds.
_CALLBACK_SECONDS = 900


class Answer(msgspec.Struct):
    """What both platforms answer; 0 is well."""

    errcode: int = 0
    msgid: int | str = ""
    invaliduser: str = ""
    access_token: str = ""
    expires_in: int = 0
    fail_list: list[str] = msgspec.field(default_factory=list)


class Platform:
    """Calls of one account. What each platform says otherwise stands in its own class."""

    is_local: ClassVar[bool] = False
    notice_answer: ClassVar[tuple[str, str]] = ("text/plain", "success")
    honours_keys = False
    codes: ClassVar[Mapping[int, tuple[bool, Effect]]] = {}
    """What an error means: whether it is for good, and what it says beyond the message."""

    def __init__(self, settings: base.Settings) -> None:
        self.base_url = base.require_url(settings, "base_url").rstrip("/")
        self.token = settings.get("token", "").strip()
        key = settings.get("aes_key", "").strip()
        self.aes_key = crypto.read_key(key) if key else None
        if key and self.aes_key is None:
            raise AccountInvalidError(field="aes_key")

    receiver = ""
    """To whom an encrypted callback is meant: appid or corp id."""

    def fetch_token(self) -> tuple[str, float]:
        """Ask for a new access token."""
        raise NotImplementedError

    def call(self, path: str, body: Mapping[str, object], *, key: str) -> Answer:
        """Post *body* with the access token; renews it once where it is refused.

        Raises `DeliveryError`, `OutcomeUnknownError`.
        """
        token = self._token(key)
        answer = self._post(path, body, token)
        if answer.errcode in TOKEN_REFUSED:
            token = self._token(key, stale=token)
            answer = self._post(path, body, token)
        if answer.errcode:
            raise self.refused(answer.errcode)
        return answer

    def _token(self, key: str, *, stale: str = "") -> str:
        try:
            return tokens.get(key, self.fetch_token, stale=stale)
        except OutcomeUnknownError as error:  # the message was not handed over yet
            raise DeliveryError(error.code, permanent=False) from error

    def _post(self, path: str, body: Mapping[str, object], token: str) -> Answer:
        url = f"{self.base_url}{path}?{urlencode({'access_token': token})}"
        content = json.dumps(body, ensure_ascii=False).encode()
        reply = base.post(url, {"content-type": "application/json"}, content)
        if reply.status >= 400:
            raise DeliveryError(f"http_{reply.status}", permanent=False)
        return base.read(reply, Answer)

    def token_of(self, answer: Answer) -> tuple[str, float]:
        """The token in *answer*. Raises `DeliveryError`."""
        if answer.errcode or not answer.access_token:
            is_busy = answer.errcode in _BUSY
            effect = Effect.NONE if is_busy else Effect.ACCOUNT
            raise DeliveryError(str(answer.errcode or "no_token"), permanent=False, effect=effect)
        return answer.access_token, float(answer.expires_in or 7200)

    def refused(self, code: int) -> DeliveryError:
        """How an error code reads; one that nobody knows is this message's fault."""
        if code in _BUSY:
            return DeliveryError("throttled", permanent=False)
        if code in TOKEN_REFUSED:
            return DeliveryError(str(code), permanent=False, effect=Effect.ACCOUNT)
        is_final, effect = self.codes.get(code, (True, Effect.NONE))
        return DeliveryError(str(code), permanent=is_final, effect=effect)

    def greet(self, incoming: Incoming) -> str:
        """What the platform's first call, by which it tries the address, is answered. It is a GET."""
        query = _query(incoming)
        echo = query.get("echostr", "")
        if "msg_signature" in query:
            self._check(query, query["msg_signature"], echo)
            return self._open(echo).decode(errors="replace")
        self._check(query, query.get("signature", ""))
        return echo

    def read_callback(self, incoming: Incoming) -> dict[str, str]:
        """The elements of a callback, checked and decrypted.

        Raises `SignatureInvalidError`, `NoticeMalformedError`.
        """
        query = _query(incoming)
        if "msg_signature" not in query:
            if self.aes_key:  # the account is set to encrypt: what comes in clear was not sent by them
                raise SignatureInvalidError
            self._check(query, query.get("signature", ""))
            return crypto.read_xml(incoming.body)
        sealed = crypto.read_xml(incoming.body).get("Encrypt", "")
        self._check(query, query["msg_signature"], sealed)
        return crypto.read_xml(self._open(sealed))

    def _check(self, query: Mapping[str, str], given: str, *more: str) -> None:
        at = query.get("timestamp", "")
        if not self.token or not at.isascii() or not at.isdigit() or len(at) > 12:
            raise SignatureInvalidError
        crypto.check(given, self.token, at, query.get("nonce", ""), *more)
        if abs(time.time() - int(at)) > _CALLBACK_SECONDS:
            raise SignatureInvalidError

    def _open(self, sealed: str) -> bytes:
        if self.aes_key is None:
            raise SignatureInvalidError
        return crypto.decrypt(self.aes_key, sealed, receiver=self.receiver)


def _query(incoming: Incoming) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(incoming.url).query, keep_blank_values=True))


def reply_of(told: Mapping[str, str], address: str) -> Notice:
    """What a customer wrote."""
    number = told.get("MsgId") or base.event_id(address, told.get("CreateTime", ""), "text")
    return Notice(
        event_id=f"msg-{number}", kind="reply", address=address, text=told.get("Content", "")[:_TEXT_MAX]
    )


def farewell(told: Mapping[str, str], address: str) -> Notice:
    """The customer left: they can be reached here no more, and that is a "no"."""
    number = base.event_id(address, told.get("CreateTime", ""), told.get("Event", ""))
    return Notice(
        event_id=number, kind="reply", address=address, is_dead=True, is_refused=True, code="unsubscribed"
    )
