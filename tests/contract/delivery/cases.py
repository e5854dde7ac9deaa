"""What the suite needs of each provider: an account, an address, and ways to see and to upset its fake."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

from tests.contract.delivery import providers
from tests.contract.delivery.providers import Answer, HttpProvider, http_provider

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
    ok: Callable[[providers.Posted], Answer]
    for_good: Answer
    for_now: Answer
    sends_on: str = ""
    is_number_in_answer: bool = True


def channel_of(fake: Fake, url: str, /, **changes: str) -> Channel:
    """An account with *fake* at *url*."""
    settings = {name: value.replace("{url}", url) for name, value in fake.settings.items()}
    return registry.make(fake.channel, fake.provider, settings | changes)


def case_of(fake: Fake, stack: ExitStack) -> HttpCase:
    """*fake* on a socket, and an account with it."""
    provider = stack.enter_context(http_provider(fake.ok))
    return HttpCase(
        channel=channel_of(fake, provider.url),
        to=fake.to,
        taken=lambda: sum(posted.path.startswith(fake.sends_on) for posted in provider.posted),
        refuse_for_good=_answering(provider, fake, fake.for_good),
        refuse_for_now=_answering(provider, fake, fake.for_now),
        take_and_vanish=_answering(provider, fake, Answer(status=0, hang_up=True)),
        is_number_in_answer=fake.is_number_in_answer,
        answer=lambda given: _answering(provider, fake, given)(),
        answer_nonsense=_answering(provider, fake, Answer(status=200, raw=b"<html>busy</html>")),
        answer_at_length=_answering(provider, fake, Answer(status=200, raw=b'{"x": "' + b"a" * 3_000_000)),
    )


def _answering(provider: HttpProvider, fake: Fake, given: Answer) -> Callable[[], None]:
    """From now on the provider answers so where a message is handed over, and else as it does."""

    def answer(posted: providers.Posted) -> Answer:
        return given if posted.path.startswith(fake.sends_on) else fake.ok(posted)

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
FAKES = {f"{fake.channel}-{fake.provider}": fake for fake in (GENERIC, TWILIO, ALIYUN, TENCENT)}
