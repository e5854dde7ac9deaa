"""One suite over every channel and its fake: what delivery relies on, whoever the provider is."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from tests.contract.delivery.providers import (
    Answer,
    http_provider,
    mail_server,
    sms_ok,
    twilio_ok,
)

from huifang.delivery.channels import registry
from huifang.delivery.channels.base import Channel, Incoming, Message
from huifang.delivery.errors import (
    AccountInvalidError,
    DeliveryError,
    NoticeMalformedError,
    OutcomeUnknownError,
    SignatureInvalidError,
    UnknownProviderError,
)

SECRET = "whsec_" + "c2VjcmV0LXNlY3JldC1zZWNyZXQh"
MESSAGE = Message(
    key="enrolment:7:step:1",
    attempt_id=7,
    subject="How was your first payment?",
    body="Spruce Wallet: tell us https://wallet.example/s/abc",
    language="en",
    wallet_name="Spruce Wallet",
    preference_url="https://wallet.example/p/xyz",
    one_click_url="https://wallet.example/p/xyz/one-click",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A channel, an address on it, and ways to see and to upset its provider."""

    channel: Channel
    to: str
    taken: Callable[[], int]
    refuse_for_good: Callable[[], None]
    refuse_for_now: Callable[[], None]
    take_and_vanish: Callable[[], None]


def _generic(stack: ExitStack) -> Case:
    provider = stack.enter_context(http_provider(sms_ok))
    channel = registry.make("sms", "http", {"url": provider.url, "secret": SECRET})

    def answer(given: Answer) -> Callable[[], None]:
        return lambda: setattr(provider, "answer", lambda _: given)

    return Case(
        channel=channel,
        to="+8613800138000",
        taken=lambda: len(provider.posted),
        refuse_for_good=answer(Answer(status=422, body={"error": "unknown_number"})),
        refuse_for_now=answer(Answer(status=503)),
        take_and_vanish=answer(Answer(status=0, hang_up=True)),
    )


def _twilio(stack: ExitStack) -> Case:
    provider = stack.enter_context(http_provider(twilio_ok))
    settings = {"account_sid": "AC1", "auth_token": "t", "sender": "+15005550006", "base_url": provider.url}

    def answer(given: Answer) -> Callable[[], None]:
        return lambda: setattr(provider, "answer", lambda _: given)

    return Case(
        channel=registry.make("sms", "twilio", settings),
        to="+8613800138000",
        taken=lambda: len(provider.posted),
        refuse_for_good=answer(Answer(status=400, body={"code": 21211, "message": "…", "status": 400})),
        refuse_for_now=answer(Answer(status=429, body={"code": 20429, "status": 429})),
        take_and_vanish=answer(Answer(status=0, hang_up=True)),
    )


def _smtp(stack: ExitStack) -> Case:
    server = stack.enter_context(mail_server())
    settings = {"url": server.url, "sender": "Spruce Wallet <care@wallet.example>"}
    return Case(
        channel=registry.make("email", "smtp", settings),
        to="lin@customer.example",
        taken=lambda: len(server.mails),
        refuse_for_good=lambda: setattr(server, "rcpt", "550 5.1.1 no such mailbox"),
        refuse_for_now=lambda: setattr(server, "rcpt", "451 4.7.1 greylisted"),
        take_and_vanish=lambda: setattr(server, "drops_after_content", True),
    )


@pytest.fixture(params=[_generic, _twilio, _smtp], ids=["sms-http", "sms-twilio", "email-smtp"])
def case(request: pytest.FixtureRequest) -> Iterator[Case]:
    with ExitStack() as stack:
        yield request.param(stack)


def test_a_message_that_is_taken_has_the_providers_number(case: Case) -> None:
    receipt = case.channel.send(MESSAGE, case.to)
    assert receipt.provider_message_id
    assert receipt.parts == 1
    assert case.taken() == 1


def test_an_address_that_is_nobodys_is_refused_for_good_and_dead(case: Case) -> None:
    case.refuse_for_good()
    with pytest.raises(DeliveryError) as refused:
        case.channel.send(MESSAGE, case.to)
    assert refused.value.permanent
    assert refused.value.effect == "dead"


def test_a_provider_that_is_busy_is_asked_again_later(case: Case) -> None:
    case.refuse_for_now()
    with pytest.raises(DeliveryError) as refused:
        case.channel.send(MESSAGE, case.to)
    assert not refused.value.permanent
    assert refused.value.effect == ""


def test_when_the_line_breaks_after_hand_over_the_outcome_is_unknown(case: Case) -> None:
    case.take_and_vanish()
    with pytest.raises(OutcomeUnknownError):
        case.channel.send(MESSAGE, case.to)
    assert case.taken() == 1


def test_a_webhook_that_is_not_signed_is_refused(case: Case) -> None:
    with pytest.raises((SignatureInvalidError, NoticeMalformedError)):
        case.channel.receive(Incoming(url="https://wallet.example/hooks/sms/1", headers={}, body=b"a=b"))


def test_no_failure_tells_the_address(case: Case) -> None:
    case.refuse_for_good()
    with pytest.raises(DeliveryError) as refused:
        case.channel.send(MESSAGE, case.to)
    assert case.to not in f"{refused.value} {refused.value.code}"


@pytest.mark.parametrize(
    ("channel", "provider", "settings"),
    [
        ("sms", "http", {"url": "http://127.0.0.1:9", "secret": SECRET}),
        (
            "sms",
            "twilio",
            {"account_sid": "AC1", "auth_token": "t", "sender": "MG1", "base_url": "http://127.0.0.1:9"},
        ),
        ("email", "smtp", {"url": "smtp://127.0.0.1:9", "sender": "care@wallet.example"}),
    ],
)
def test_a_provider_that_is_not_there_took_nothing(
    channel: str, provider: str, settings: dict[str, str]
) -> None:
    with pytest.raises(DeliveryError) as refused:
        registry.make(channel, provider, settings).send(MESSAGE, "+8613800138000@x.example")
    assert not refused.value.permanent


@pytest.mark.parametrize("provider", ["http", "twilio"])
@pytest.mark.parametrize(("status", "unknown"), [(500, False), (503, False), (502, True), (504, True)])
def test_a_gateway_that_gave_up_waiting_leaves_the_outcome_unknown(
    provider: str, status: int, unknown: bool
) -> None:
    with http_provider(lambda _: Answer(status=status)) as server:
        settings = {"url": server.url, "secret": SECRET, "account_sid": "AC1", "auth_token": "t"}
        channel = registry.make("sms", provider, {**settings, "sender": "MG1", "base_url": server.url})
        with pytest.raises(OutcomeUnknownError if unknown else DeliveryError):
            channel.send(MESSAGE, "+8613800138000")


@pytest.mark.parametrize("provider", ["http", "twilio"])
def test_refused_credentials_are_the_accounts_fault_and_not_for_good(provider: str) -> None:
    with http_provider(lambda _: Answer(status=401, body={"code": 20003})) as server:
        settings = {"url": server.url, "secret": SECRET, "account_sid": "AC1", "auth_token": "t"}
        channel = registry.make("sms", provider, {**settings, "sender": "MG1", "base_url": server.url})
        with pytest.raises(DeliveryError) as refused:
            channel.send(MESSAGE, "+8613800138000")
    assert (refused.value.permanent, refused.value.effect) == (False, "account")


@pytest.mark.parametrize(
    ("channel", "provider", "settings", "field"),
    [
        ("sms", "http", {"secret": SECRET}, "url"),
        ("sms", "http", {"url": "ftp://x", "secret": SECRET}, "url"),
        ("sms", "http", {"url": "http://x", "secret": ""}, "secret"),
        ("sms", "http", {"url": "http://x", "secret": SECRET, "body": "{"}, "body"),
        ("sms", "twilio", {"auth_token": "t", "sender": "+1"}, "account_sid"),
        ("email", "smtp", {"url": "http://x", "sender": "a@b.example"}, "url"),
        ("email", "smtp", {"url": "smtp://x:99999", "sender": "a@b.example"}, "url"),
        ("email", "smtp", {"url": "smtp://x", "sender": "nobody"}, "sender"),
    ],
)
def test_an_account_that_cannot_work_names_the_field(
    channel: str, provider: str, settings: dict[str, str], field: str
) -> None:
    with pytest.raises(AccountInvalidError) as refused:
        registry.make(channel, provider, settings)
    assert refused.value.facts == {"field": field}


def test_a_provider_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UnknownProviderError):
        registry.make("sms", "pigeon", {})
