"""One suite over every channel and its fake: what delivery relies on, whoever the provider is."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from functools import partial

import pytest
from tests.contract.delivery.cases import (
    ALIYUN,
    FAKES,
    SECRET,
    TENCENT,
    TEXT,
    Case,
    Fake,
    HttpCase,
    case_of,
    channel_of,
)
from tests.contract.delivery.providers import Answer, mail_server

from huifang.delivery.channels import registry
from huifang.delivery.channels.base import Incoming, Message
from huifang.delivery.errors import (
    AccountInvalidError,
    DeliveryError,
    NoticeMalformedError,
    OutcomeUnknownError,
    SignatureInvalidError,
    UnknownProviderError,
)
from huifang.kernel import outward

MESSAGE = Message(
    key="enrolment:7:step:1",
    attempt_id=7,
    subject="How was your first payment?",
    body=TEXT,
    language="en",
    wallet_name="Spruce Wallet",
    preference_url="https://wallet.example/p/xyz",
    one_click_url="https://wallet.example/p/xyz/one-click",
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


MAKERS: dict[str, Callable[[ExitStack], Case]] = {"email-smtp": _smtp}
MAKERS |= {name: partial(case_of, fake) for name, fake in FAKES.items()}


@pytest.fixture(params=MAKERS.values(), ids=MAKERS)
def case(request: pytest.FixtureRequest) -> Iterator[Case]:
    with ExitStack() as stack:
        yield request.param(stack)


@pytest.fixture(params=FAKES.values(), ids=FAKES)
def fake(request: pytest.FixtureRequest) -> Fake:
    """A provider that speaks HTTP."""
    found: Fake = request.param
    return found


@pytest.fixture
def http_case(fake: Fake) -> Iterator[HttpCase]:
    with ExitStack() as stack:
        yield case_of(fake, stack)


def test_a_message_that_is_taken_has_the_providers_number(case: Case) -> None:
    receipt = case.channel.send(MESSAGE, case.to)
    assert bool(receipt.provider_message_id) is case.is_number_in_answer
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


@pytest.mark.parametrize("answer", ["answer_nonsense", "answer_at_length"])
def test_an_answer_that_cannot_be_read_is_no_reason_to_send_again(http_case: HttpCase, answer: str) -> None:
    """The message was taken, or nobody knows; it was not refused."""
    getattr(http_case, answer)()
    with suppress(OutcomeUnknownError):
        http_case.channel.send(MESSAGE, http_case.to)
    assert http_case.taken() == 1


def test_a_provider_that_is_not_there_took_nothing(fake: Fake) -> None:
    with pytest.raises(DeliveryError) as refused:
        channel_of(fake, "http://127.0.0.1:9").send(MESSAGE, fake.to)
    assert not refused.value.permanent


def test_a_mail_server_that_is_not_there_took_nothing() -> None:
    settings = {"url": "smtp://127.0.0.1:9", "sender": "care@wallet.example"}
    with pytest.raises(DeliveryError) as refused:
        registry.make("email", "smtp", settings).send(MESSAGE, "lin@customer.example")
    assert not refused.value.permanent


@pytest.mark.parametrize(("status", "unknown"), [(500, False), (503, False), (502, True), (504, True)])
def test_a_gateway_that_gave_up_waiting_leaves_the_outcome_unknown(
    http_case: HttpCase, status: int, unknown: bool
) -> None:
    http_case.answer(Answer(status=status))
    with pytest.raises(OutcomeUnknownError if unknown else DeliveryError):
        http_case.channel.send(MESSAGE, http_case.to)


def test_a_provider_that_wants_fewer_says_for_how_long(http_case: HttpCase) -> None:
    http_case.answer(Answer(status=429, headers={"retry-after": "17"}))
    with pytest.raises(DeliveryError) as refused:
        http_case.channel.send(MESSAGE, http_case.to)
    assert (refused.value.permanent, refused.value.retry_after_seconds) == (False, 17)


def test_refused_credentials_are_the_accounts_fault_and_not_for_good(http_case: HttpCase) -> None:
    http_case.answer(Answer(status=401, body={"code": 20003}))
    with pytest.raises(DeliveryError) as refused:
        http_case.channel.send(MESSAGE, http_case.to)
    assert (refused.value.permanent, refused.value.effect) == (False, "account")


def test_a_provider_that_leads_elsewhere_is_not_followed(http_case: HttpCase) -> None:
    http_case.answer(Answer(status=307, headers={"location": "http://169.254.169.254/"}))
    with pytest.raises(DeliveryError) as refused:
        http_case.channel.send(MESSAGE, http_case.to)
    assert (refused.value.permanent, refused.value.effect) == (False, "account")


def test_an_address_inside_is_not_called_even_if_it_was_kept(
    fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An account of an earlier version, or a name that leads inside since."""
    monkeypatch.setattr(outward, "PRIVATE_PROVIDERS", [])
    with pytest.raises(DeliveryError) as refused:
        channel_of(fake, "http://localhost:9").send(MESSAGE, fake.to)
    assert (refused.value.code, refused.value.effect) == ("address_forbidden", "account")


def test_every_required_setting_is_asked_for(fake: Fake) -> None:
    required = [field.name for field in registry.fields(fake.channel, fake.provider) if field.is_required]
    for name in required:
        with pytest.raises(AccountInvalidError) as refused:
            channel_of(fake, "http://127.0.0.1:9", **{name: ""})
        assert refused.value.facts == {"field": name}


@pytest.mark.parametrize(
    ("channel", "provider", "settings", "field"),
    [
        ("sms", "http", {"secret": SECRET}, "url"),
        ("sms", "http", {"url": "ftp://x", "secret": SECRET}, "url"),
        ("sms", "http", {"url": "http://x", "secret": ""}, "secret"),
        ("sms", "http", {"url": "http://x", "secret": SECRET, "body": "{"}, "body"),
        ("sms", "aliyun", {**ALIYUN.settings, "base_url": "gopher://x"}, "base_url"),
        ("sms", "aliyun", {**ALIYUN.settings, "templates": "a text without its code"}, "templates"),
        ("sms", "tencent", {**TENCENT.settings, "templates": "1 = side by {1}{2} side"}, "templates"),
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
