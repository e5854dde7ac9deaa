"""Push through JPush (极光), REST API v3.

https://docs.jiguang.cn/en/jpush/server/push/rest_api_v3_push and …/rest_api_v3_push_advanced (cid)
"""

import json
import threading
import time
from base64 import b64encode
from typing import ClassVar

import msgspec

from huifang.delivery.channels import base
from huifang.delivery.channels.base import Field, Incoming, Message, Notice, Receipt
from huifang.delivery.channels.push import devices
from huifang.delivery.errors import DeliveryError, Effect, NoticeMalformedError, OutcomeUnknownError
from huifang.kernel.refusals import gettext_noop

_API = "https://api.jpush.cn"
_CIDS = 50
_CIDS_SECONDS = 20 * 3600  # a cid is good for a day
_DAY_SECONDS = 86_400
_DEAD = frozenset({1011})  # nobody has this registration id, or not for 255 days
_ACCOUNT = frozenset({1004, 1008, 1020, 1021, 2003, 2004, 2008})
_LATER = frozenset({1000, 1009, 2002})
_TIMED_OUT = 1030


class _Cids(msgspec.Struct):
    cidlist: list[str]


class _Error(msgspec.Struct):
    code: int = 0


class _Answer(msgspec.Struct):
    msg_id: str | int = ""
    error: _Error | None = None


class JPush:
    """One app of JPush.

    A push with a *cid* that JPush gave out happens once however often it is asked for, so one lost answer
    is asked for again on the spot. A later try has another cid: in doubt it is not made.
    """

    is_local: ClassVar[bool] = False
    honours_keys = False
    fields: ClassVar[tuple[Field, ...]] = (
        Field(name="app_key", label=gettext_noop("AppKey"), is_required=True),
        Field(name="master_secret", label=gettext_noop("Master Secret"), is_secret=True, is_required=True),
        Field(
            name="sandbox",
            label=gettext_noop("Development builds"),
            help=gettext_noop("Yes for tokens of builds that were not published."),
            default="no",
            choices=("no", "yes"),
        ),
        Field(name="base_url", label=gettext_noop("Address of the API"), default=_API, is_address=True),
    )

    def __init__(self, settings: base.Settings) -> None:
        base.require(settings, "app_key", "master_secret")
        self._settings = settings
        self._url = base.require_url({"base_url": settings.get("base_url") or _API}, "base_url").rstrip("/")
        pair = f"{settings['app_key']}:{settings['master_secret']}".encode()
        self._headers = {
            "authorization": f"Basic {b64encode(pair).decode()}",
            "content-type": "application/json",
        }
        self._cids: list[str] = []
        self._cids_until = 0.0
        self._lock = threading.Lock()

    def serves(self, to: str) -> bool:
        """Whether *to* is a registration id of JPush."""
        return devices.service_of(to) == devices.JPUSH

    def send(self, message: Message, to: str) -> Receipt:
        """Hand over one notification. Raises `DeliveryError`, `OutcomeUnknownError`."""
        body = self._body(message, devices.token_of(to, devices.JPUSH))
        try:
            return self._push(body)
        except OutcomeUnknownError:
            return self._push_again(body)

    def receive(self, incoming: Incoming) -> list[Notice]:
        """JPush tells nothing by itself."""
        raise NoticeMalformedError(why=f"no webhook at {incoming.url}")

    def _push(self, body: bytes) -> Receipt:
        reply = base.post(f"{self._url}/v3/push", self._headers, body, heeds=frozenset({403}))
        answer = base.read(reply, _Answer) if reply.status < 400 else _told(reply)
        if answer.error or reply.status >= 400:
            raise _refused(answer.error.code if answer.error else 0, reply.status)
        return Receipt(provider_message_id=str(answer.msg_id))

    def _push_again(self, body: bytes) -> Receipt:
        """Ask what became of a push by asking for it again, with its cid."""
        try:
            return self._push(body)
        except DeliveryError as error:
            if error.permanent:
                raise
            raise OutcomeUnknownError(error.code) from error

    def _body(self, message: Message, registration_id: str) -> bytes:
        shown = devices.notification_of(message)
        extras = {"link": shown.link}
        alert = {"title": shown.title, "body": shown.text}
        return json.dumps(
            {
                "cid": self._cid(),
                "platform": "all",
                "audience": {"registration_id": [registration_id]},
                "notification": {
                    "android": {"title": shown.title, "alert": shown.text, "extras": extras},
                    "ios": {"alert": alert, "sound": "default", "extras": extras},
                },
                "options": {
                    "time_to_live": _DAY_SECONDS,
                    "apns_production": self._settings.get("sandbox") != "yes",
                    "apns_collapse_id": shown.collapse_id,
                },
            }
        ).encode()

    def _cid(self) -> str:
        """A fresh cid of those that JPush gave out. Raises `DeliveryError`."""
        with self._lock:
            if not self._cids or time.time() > self._cids_until:
                self._cids, self._cids_until = self._ask_cids(), time.time() + _CIDS_SECONDS
            return self._cids.pop()

    def _ask_cids(self) -> list[str]:
        try:
            reply = base.fetch("GET", f"{self._url}/v3/push/cid?count={_CIDS}&type=push", self._headers)
            if reply.status != 200:
                effect = Effect.ACCOUNT if reply.status in (401, 403) else Effect.NONE
                raise DeliveryError(f"http_{reply.status}", permanent=False, effect=effect)
            found = base.read(reply, _Cids).cidlist
        except OutcomeUnknownError as error:  # nothing was pushed yet
            raise DeliveryError(error.code, permanent=False) from error
        if not found:
            raise DeliveryError("no_cid", permanent=False)
        return found


def _told(reply: base.Reply) -> _Answer:
    try:
        return msgspec.json.decode(reply.body, type=_Answer)
    except msgspec.DecodeError:
        return _Answer()


def _refused(code: int, status: int) -> Exception:
    word = str(code) if code else f"http_{status}"
    if code == _TIMED_OUT:
        return OutcomeUnknownError(word)
    if code in _DEAD:
        return DeliveryError(word, permanent=True, effect=Effect.DEAD)
    if code in _ACCOUNT or status == 403:
        return DeliveryError(word, permanent=False, effect=Effect.ACCOUNT)
    return DeliveryError(word, permanent=code not in _LATER)
