"""The table of providers: one line each. A new one is added here and nowhere else."""

from collections.abc import Callable, Mapping

from huifang.delivery.channels.base import Channel, Field, Settings
from huifang.delivery.channels.email.anymail import (
    Brevo,
    Mailgun,
    Mailjet,
    Postmark,
    Resend,
    SendGrid,
    SparkPost,
)
from huifang.delivery.channels.email.smtp import Smtp
from huifang.delivery.channels.im.wechat import WeChat
from huifang.delivery.channels.im.wecom import WeCom
from huifang.delivery.channels.in_app.inbox import Inbox
from huifang.delivery.channels.null.null import Null
from huifang.delivery.channels.push.apns import Apns
from huifang.delivery.channels.push.fcm import Fcm
from huifang.delivery.channels.push.jpush import JPush
from huifang.delivery.channels.sms.aliyun import Aliyun
from huifang.delivery.channels.sms.generic import GenericSms
from huifang.delivery.channels.sms.smpp import Smpp
from huifang.delivery.channels.sms.tencent import Tencent
from huifang.delivery.channels.sms.twilio import Twilio
from huifang.delivery.channels.webhook.signed import SignedWebhook
from huifang.delivery.errors import UnknownProviderError

_PROVIDERS: Mapping[tuple[str, str], Callable[[Settings], Channel]] = {
    ("email", "smtp"): Smtp,
    ("email", "mailgun"): Mailgun,
    ("email", "sendgrid"): SendGrid,
    ("email", "postmark"): Postmark,
    ("email", "brevo"): Brevo,
    ("email", "resend"): Resend,
    ("email", "mailjet"): Mailjet,
    ("email", "sparkpost"): SparkPost,
    ("sms", "aliyun"): Aliyun,
    ("sms", "tencent"): Tencent,
    ("sms", "smpp"): Smpp,
    ("sms", "http"): GenericSms,
    ("sms", "twilio"): Twilio,
    ("in_app", "inbox"): Inbox,
    ("push", "fcm"): Fcm,
    ("push", "apns"): Apns,
    ("push", "jpush"): JPush,
    ("sms", "null"): Null,
    ("email", "null"): Null,
    ("im", "wechat"): WeChat,
    ("im", "wecom"): WeCom,
    ("webhook", "signed"): SignedWebhook,
}


def providers() -> list[tuple[str, str]]:
    """Every (channel, provider)."""
    return list(_PROVIDERS)


def channels() -> list[str]:
    """Every channel that can be sent on, each once."""
    return list(dict.fromkeys(channel for channel, _ in _PROVIDERS))


# They tell nothing by webhook: at once, on a connection of ours, or never.
_SILENT = frozenset({"smtp", "smpp", "fcm", "apns", "jpush", "null", "inbox"})


def telling() -> list[tuple[str, str]]:
    """Every (channel, provider) that tells receipts or replies by webhook."""
    return [(channel, provider) for channel, provider in _PROVIDERS if provider not in _SILENT]


def listening() -> list[str]:
    """The providers that tell on a connection of ours."""
    return [provider for (_, provider), made in _PROVIDERS.items() if hasattr(made, "collect")]


def fields(channel: str, provider: str) -> tuple[Field, ...]:
    """The settings of a provider. Raises `UnknownProviderError`."""
    made: tuple[Field, ...] = getattr(_find(channel, provider), "fields", ())
    return made


def make(channel: str, provider: str, settings: Settings) -> Channel:
    """A channel ready to send. Raises `UnknownProviderError`, `AccountInvalidError`."""
    return _find(channel, provider)(settings)


def _find(channel: str, provider: str) -> Callable[[Settings], Channel]:
    try:
        return _PROVIDERS[channel, provider]
    except KeyError:
        raise UnknownProviderError(channel=channel, provider=provider) from None
