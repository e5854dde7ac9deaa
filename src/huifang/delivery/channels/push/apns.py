"""Push through Apple's APNs over HTTP/2, with a provider token.

https://developer.apple.com/documentation/usernotifications/sending-notification-requests-to-apns and
…/handling-notification-responses-from-apns
"""

import json
import threading
import time
import uuid
from typing import ClassVar

import jwt
import msgspec

from huifang.delivery.channels import base
from huifang.delivery.channels.base import Field, Incoming, Message, Notice, Receipt
from huifang.delivery.channels.push import devices
from huifang.delivery.errors import AccountInvalidError, DeliveryError, Effect, NoticeMalformedError
from huifang.kernel.refusals import gettext_noop

_PRODUCTION, _SANDBOX = "https://api.push.apple.com", "https://api.sandbox.push.apple.com"
# Apple wants a new token no more often than every twenty minutes, and none older than an hour.
_TOKEN_SECONDS = 40 * 60
_IDS = uuid.UUID("7d8a3a0e-6d4c-5a53-9e6f-1d0d6c0f5a10")
_DEAD = frozenset({"BadDeviceToken", "DeviceTokenNotForTopic", "Unregistered", "ExpiredToken"})
_ACCOUNT = frozenset({"BadTopic", "MissingTopic", "TopicDisallowed", "BadEnvironmentKeyIdInToken"})
_STALE = "ExpiredProviderToken"


class _Failed(msgspec.Struct):
    reason: str = ""


class Apns:
    """One app. A second copy of a notification takes the place of the first on the device."""

    is_local: ClassVar[bool] = False
    honours_keys = False
    fields: ClassVar[tuple[Field, ...]] = (
        Field(
            name="key",
            label=gettext_noop("Signing key"),
            help=gettext_noop("The content of the .p8 file."),
            is_secret=True,
            is_required=True,
            is_long=True,
        ),
        Field(name="key_id", label=gettext_noop("Key ID"), is_required=True),
        Field(name="team_id", label=gettext_noop("Team ID"), is_required=True),
        Field(
            name="topic",
            label=gettext_noop("Topic"),
            help=gettext_noop("The bundle ID of the app."),
            is_required=True,
        ),
        Field(
            name="sandbox",
            label=gettext_noop("Development builds"),
            help=gettext_noop("Yes for tokens of builds that were not published."),
            default="no",
            choices=("no", "yes"),
        ),
        Field(
            name="base_url",
            label=gettext_noop("Address of the API"),
            help=gettext_noop("Empty: Apple's."),
            is_address=True,
        ),
    )

    def __init__(self, settings: base.Settings) -> None:
        base.require(settings, "key", "key_id", "team_id", "topic")
        self._settings = settings
        apple = _SANDBOX if settings.get("sandbox") == "yes" else _PRODUCTION
        self._url = base.require_url({"base_url": settings.get("base_url") or apple}, "base_url").rstrip("/")
        self._token, self._made_at = "", 0.0
        self._lock = threading.Lock()
        try:
            self._provider_token("")
        except (ValueError, TypeError, jwt.PyJWTError) as error:
            raise AccountInvalidError(field="key") from error

    def serves(self, to: str) -> bool:
        """Whether *to* is a token of APNs."""
        return devices.service_of(to) == devices.APNS

    def send(self, message: Message, to: str) -> Receipt:
        """Hand over one notification. Raises `DeliveryError`, `OutcomeUnknownError`."""
        url = f"{self._url}/3/device/{devices.token_of(to, devices.APNS)}"
        token = self._provider_token("")
        reply = self._post(url, message, token)
        if _reason(reply) == _STALE:
            reply = self._post(url, message, self._provider_token(token))
        if reply.status >= 400:
            raise _refused(reply)
        return Receipt(provider_message_id=reply.headers.get("apns-id", ""))

    def receive(self, incoming: Incoming) -> list[Notice]:
        """APNs has no webhooks."""
        raise NoticeMalformedError(why=f"no webhook at {incoming.url}")

    def _post(self, url: str, message: Message, token: str) -> base.Reply:
        shown = devices.notification_of(message)
        alert = {"title": shown.title, "body": shown.text}
        body = {"aps": {"alert": alert, "sound": "default"}, "link": shown.link}
        headers = {
            "authorization": f"bearer {token}",
            "apns-topic": self._settings["topic"],
            "apns-push-type": "alert",
            "apns-id": str(uuid.uuid5(_IDS, message.key)),
            "apns-collapse-id": shown.collapse_id,
            "content-type": "application/json",
        }
        return base.post(url, headers, json.dumps(body).encode(), heeds=frozenset({403}))

    def _provider_token(self, stale: str) -> str:
        """A token of the right age, other than *stale*."""
        with self._lock:
            if self._token in ("", stale) or time.time() - self._made_at > _TOKEN_SECONDS:
                self._made_at = time.time()
                claims = {"iss": self._settings["team_id"], "iat": int(self._made_at)}
                header = {"kid": self._settings["key_id"]}
                self._token = jwt.encode(claims, self._settings["key"], algorithm="ES256", headers=header)
            return self._token


def _reason(reply: base.Reply) -> str:
    if reply.status < 400:
        return ""
    try:
        return msgspec.json.decode(reply.body, type=_Failed).reason
    except msgspec.DecodeError:
        return ""


def _refused(reply: base.Reply) -> DeliveryError:
    reason = _reason(reply)[:40]
    code = reason or f"http_{reply.status}"
    if reason in _DEAD or reply.status == 410:
        return DeliveryError(code, permanent=True, effect=Effect.DEAD)
    if reason in _ACCOUNT or reply.status == 403:
        return DeliveryError(code, permanent=False, effect=Effect.ACCOUNT)
    return DeliveryError(code, permanent=True)
