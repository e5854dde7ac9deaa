"""What the suite needs of each provider: an account, an address, and ways to see and to upset its fake."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from functools import partial

from tests.contract.delivery import mail_apis, messengers, providers, push
from tests.contract.delivery.http2 import http2_provider
from tests.contract.delivery.providers import Answer, HttpProvider, Posted, http_provider

from huifang.delivery.channels import registry
from huifang.delivery.channels.base import Channel, Settings

SECRET = "whsec_" + "c2VjcmV0LXNlY3JldC1zZWNyZXQh"
PHONE = "+8613800138000"
TEXT = "Spruce Wallet: tell us https://wallet.example/s/abc"
TEMPLATES = "Spruce Wallet: tell us ${link}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A channel, an address on it, and ways to see and to upset its provider."""

    channel: Channel
    to: str
    taken: Callable[[], int]
    refuse_for_good: Callable[[], None]
    refuse_for_now: Callable[[], None]
    take_and_vanish: Callable[[], None]
    is_number_in_answer: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpCase(Case):
    """The same of a provider that speaks HTTP, which may answer anything at all."""

    answer: Callable[[Answer], None]
    answer_nonsense: Callable[[], None]
    answer_at_length: Callable[[], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fake:
    """An HTTP provider that is true to its documentation: what it answers, and when it refuses."""

    channel: str
    provider: str
    settings: Settings
    to: str
    ok: Callable[[Posted], Answer]
    for_good: Answer
    for_now: Answer
    sends_on: str = ""
    is_number_in_answer: bool = True
    same: Callable[[Posted], object] = id
    """What two requests have in common of which the provider acts on one alone."""
    server: Callable[[Callable[[Posted], Answer]], AbstractContextManager[HttpProvider]] = http_provider


def channel_of(fake: Fake, url: str, /, **changes: str) -> Channel:
    """An account with *fake* at *url*."""
    settings = {name: value.replace("{url}", url) for name, value in fake.settings.items()}
    return registry.make(fake.channel, fake.provider, settings | changes)


def case_of(fake: Fake, stack: ExitStack) -> HttpCase:
    """*fake* on a socket, and an account with it."""
    provider = stack.enter_context(fake.server(fake.ok))
    return HttpCase(
        channel=channel_of(fake, provider.url),
        to=fake.to,
        taken=lambda: len({fake.same(posted) for posted in provider.posted if _is_send(fake, posted)}),
        refuse_for_good=_answering(provider, fake, fake.for_good),
        refuse_for_now=_answering(provider, fake, fake.for_now),
        take_and_vanish=_answering(provider, fake, Answer(status=0, hang_up=True)),
        is_number_in_answer=fake.is_number_in_answer,
        answer=lambda given: _answering(provider, fake, given)(),
        answer_nonsense=_answering(provider, fake, Answer(status=200, raw=b"<html>busy</html>")),
        answer_at_length=_answering(provider, fake, Answer(status=200, raw=b'{"x": "' + b"a" * 3_000_000)),
    )


def _is_send(fake: Fake, posted: Posted) -> bool:
    return posted.path.partition("?")[0].startswith(fake.sends_on) and "cid?" not in posted.path


def _answering(provider: HttpProvider, fake: Fake, given: Answer) -> Callable[[], None]:
    """From now on the provider answers so where a message is handed over, and else as it does."""

    def answer(posted: Posted) -> Answer:
        return given if _is_send(fake, posted) else fake.ok(posted)

    return lambda: setattr(provider, "answer", answer)


GENERIC = Fake(
    channel="sms",
    provider="http",
    settings={"url": "{url}", "secret": SECRET},
    to=PHONE,
    ok=providers.sms_ok,
    for_good=Answer(status=422, body={"error": "unknown_number"}),
    for_now=Answer(status=503),
)
TWILIO = Fake(
    channel="sms",
    provider="twilio",
    settings={"account_sid": "AC1", "auth_token": "t", "sender": "+15005550006", "base_url": "{url}"},
    to=PHONE,
    ok=providers.twilio_ok,
    for_good=Answer(status=400, body={"code": 21211, "message": "…", "status": 400}),
    for_now=Answer(status=429, body={"code": 20429, "status": 429}),
)
ALIYUN = Fake(
    channel="sms",
    provider="aliyun",
    settings={
        "access_key_id": "LTAI5example",
        "access_key_secret": "made-up",
        "sign_name": "云杉钱包",
        "templates": f"SMS_154950909 = {TEMPLATES}",
        "base_url": "{url}",
    },
    to=PHONE,
    ok=providers.aliyun_ok,
    for_good=Answer(status=200, body={"Code": "isv.MOBILE_NUMBER_ILLEGAL", "Message": "…", "RequestId": "R"}),
    for_now=Answer(status=400, body={"Code": "Throttling.User", "Message": "…", "RequestId": "R"}),
)
TENCENT = Fake(
    channel="sms",
    provider="tencent",
    settings={
        "secret_id": "AKIDexample",
        "secret_key": "made-up",
        "app_id": "1400006666",
        "sign_name": "云杉钱包",
        "templates": "1110 = Spruce Wallet: tell us {1}",
        "base_url": "{url}",
    },
    to=PHONE,
    ok=providers.tencent_ok,
    for_good=providers.tencent_says("InvalidParameterValue.IncorrectPhoneNumber"),
    for_now=Answer(
        status=200, body={"Response": {"Error": {"Code": "RequestLimitExceeded", "Message": "…"}}}
    ),
)
FCM = Fake(
    channel="push",
    provider="fcm",
    settings={"service_account": push.service_account(), "base_url": "{url}"},
    to=push.FCM_TOKEN,
    ok=push.fcm_ok,
    for_good=push.fcm_says(404, "NOT_FOUND", "UNREGISTERED"),
    for_now=push.fcm_says(503, "UNAVAILABLE", "UNAVAILABLE"),
    sends_on="/v1/projects/",
)
APNS = Fake(
    channel="push",
    provider="apns",
    settings={
        "key": push.p8(),
        "key_id": "ABC123DEFG",
        "team_id": "DEF123GHIJ",
        "topic": "example.spruce.wallet",
        "base_url": "{url}",
    },
    to=push.APNS_TOKEN,
    ok=push.apns_ok,
    for_good=Answer(status=410, body={"reason": "Unregistered", "timestamp": 1741753800000}),
    for_now=Answer(status=503, body={"reason": "ServiceUnavailable"}),
    server=http2_provider,
)
JPUSH = Fake(
    channel="push",
    provider="jpush",
    settings={"app_key": "8103a4c628a0b98974ec1949", "master_secret": "made-up", "base_url": "{url}"},
    to=push.JPUSH_ID,
    ok=push.jpush_ok,
    for_good=push.jpush_says(400, 1011),
    for_now=push.jpush_says(500, 1000),
    sends_on="/v3/push",
    same=lambda posted: posted.json["cid"],
)
MAIL = {
    provider: Fake(
        channel="email",
        provider=provider,
        settings={**settings, "sender": "Spruce Wallet <care@wallet.example>", "base_url": "{url}"},
        to="lin@customer.example",
        ok=partial(mail_apis.take, provider),
        for_good=mail_apis.NOBODY[provider],
        for_now=Answer(status=503),
    )
    for provider, settings in mail_apis.SETTINGS.items()
}
WECHAT = Fake(
    channel="im",
    provider="wechat",
    settings=messengers.WECHAT_SETTINGS,
    to=messengers.OPENID,
    ok=messengers.any_token,
    for_good=messengers.says(43004),
    for_now=messengers.says(-1),
    sends_on="/cgi-bin/message/",
)
WECOM = Fake(
    channel="im",
    provider="wecom",
    settings=messengers.WECOM_SETTINGS,
    to=messengers.MEMBER,
    ok=messengers.any_token,
    for_good=messengers.says(0, invaliduser=messengers.MEMBER, msgid="1"),
    for_now=messengers.says(45009),
    sends_on="/cgi-bin/message/",
)
ALL = (GENERIC, TWILIO, ALIYUN, TENCENT, FCM, APNS, JPUSH, WECHAT, WECOM, *MAIL.values())
FAKES = {f"{fake.channel}-{fake.provider}": fake for fake in ALL}
