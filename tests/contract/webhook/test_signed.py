"""The operator's own program as a channel: signed both ways, told apart by number, honest about failure."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook
from tests.contract.delivery.providers import Answer, HttpProvider, http_provider

from huifang.delivery.channels import registry
from huifang.delivery.channels.base import Button, Incoming, Message
from huifang.delivery.channels.webhook import signing
from huifang.delivery.errors import (
    AccountInvalidError,
    DeliveryError,
    Effect,
    NoticeMalformedError,
    OutcomeUnknownError,
    SignatureInvalidError,
)

NEW, OLD = signing.new_secret(), signing.new_secret()
MESSAGE = Message(
    key="enrolment:7:step:1",
    attempt_id=7,
    subject="您好",
    body="这次付款还顺利吗？",
    language="zh-Hans",
    wallet_name="云杉钱包",
    variables={"link": "https://wallet.example/l/abc"},
    buttons=(Button(value="5", label="很顺利", url="https://wallet.example/l/abc/5"),),
)


@pytest.fixture
def program() -> Iterator[HttpProvider]:
    with http_provider(lambda _: Answer(status=204)) as provider:
        yield provider


def channel(url: str, **changes: str) -> Any:
    return registry.make("webhook", "signed", {"url": url, "secret": NEW, **changes})


def test_the_message_arrives_whole_and_signed_by_both_secrets(program: HttpProvider) -> None:
    receipt = channel(program.url, old_secret=OLD).send(MESSAGE, "wallet-1")
    assert receipt.provider_message_id == MESSAGE.key
    (posted,) = program.posted
    for secret in (NEW, OLD):
        Webhook(secret).verify(posted.body, dict(posted.headers))
    assert posted.headers["webhook-id"] == MESSAGE.key
    told = json.loads(posted.body)
    assert told["type"] == "message.send"
    assert told["data"] == {
        "id": MESSAGE.key,
        "to": "wallet-1",
        "subject": "您好",
        "text": "这次付款还顺利吗？",
        "language": "zh-Hans",
        "link": "https://wallet.example/l/abc",
        "choices": [{"value": "5", "label": "很顺利", "link": "https://wallet.example/l/abc/5"}],
    }


@pytest.mark.parametrize("status", [400, 422, 429, 500, 503])
def test_what_the_program_refuses_is_tried_again(program: HttpProvider, status: int) -> None:
    program.answer = lambda _: Answer(status=status)
    with pytest.raises(DeliveryError) as refused:
        channel(program.url).send(MESSAGE, "wallet-1")
    assert not refused.value.permanent
    assert "wallet-1" not in str(refused.value)


def test_a_program_that_is_gone_says_so(program: HttpProvider) -> None:
    program.answer = lambda _: Answer(status=410)
    with pytest.raises(DeliveryError) as refused:
        channel(program.url).send(MESSAGE, "wallet-1")
    assert refused.value.effect is Effect.GONE


def test_no_answer_leaves_the_outcome_unknown_and_the_number_the_same(program: HttpProvider) -> None:
    program.answer = lambda _: Answer(status=504)
    made = channel(program.url)
    for _ in range(2):
        with pytest.raises(OutcomeUnknownError):
            made.send(MESSAGE, "wallet-1")
    assert {each.headers["webhook-id"] for each in program.posted} == {MESSAGE.key}
    assert made.honours_keys


def told(event: object, *, secret: str = NEW, at: datetime | None = None, number: str = "m-1") -> Incoming:
    body = event if isinstance(event, str) else json.dumps(event, ensure_ascii=False)
    headers = signing.headers([secret], number, body, at=at or datetime.now(UTC))
    return Incoming(url="https://huifang.example/hooks/signed/1", headers=headers, body=body.encode())


@pytest.mark.parametrize(
    ("kind", "state"), [("message.delivered", "delivered"), ("message.undelivered", "failed")]
)
def test_what_became_of_a_message_is_read(kind: str, state: str) -> None:
    event = {"type": kind, "data": {"id": MESSAGE.key, "code": "blocked"}}
    (notice,) = channel("https://wallet.example").receive(told(event))
    assert (notice.kind, notice.key, notice.state, notice.code, notice.event_id) == (
        "receipt",
        MESSAGE.key,
        state,
        "blocked",
        "m-1",
    )


def test_a_customers_words_are_read_and_what_is_unknown_is_passed_over() -> None:
    made = channel("https://wallet.example", old_secret=OLD)
    event = {"type": "message.received", "data": {"to": "wallet-1", "text": "退订"}}
    (notice,) = made.receive(told(event, secret=OLD))
    assert (notice.kind, notice.address, notice.text) == ("reply", "wallet-1", "退订")
    assert made.receive(told({"type": "message.pinned", "data": {}})) == []


@pytest.mark.parametrize(
    "incoming",
    [
        told({"type": "message.delivered", "data": {}}, secret=OLD),
        told({"type": "message.delivered", "data": {}}, at=datetime.now(UTC) - timedelta(hours=1)),
        Incoming(url="https://huifang.example", headers={}, body=b"{}"),
    ],
    ids=["another secret", "long ago", "unsigned"],
)
def test_what_is_not_signed_by_the_secret_of_now_is_refused(incoming: Incoming) -> None:
    with pytest.raises(SignatureInvalidError):
        channel("https://wallet.example").receive(incoming)


def test_words_that_were_changed_on_the_way_are_refused() -> None:
    sent = told({"type": "message.received", "data": {"text": "yes"}})
    changed = Incoming(url=sent.url, headers=sent.headers, body=sent.body.replace(b"yes", b"no!"))
    with pytest.raises(SignatureInvalidError):
        channel("https://wallet.example").receive(changed)


@pytest.mark.parametrize("body", ["{", "[]", '{"type": 1}', '{"type": "message.delivered", "data": 3}'])
def test_what_cannot_be_read_is_refused(body: str) -> None:
    with pytest.raises(NoticeMalformedError):
        channel("https://wallet.example").receive(told(body))


@pytest.mark.parametrize("changes", [{"secret": "plain"}, {"secret": ""}, {"old_secret": "whsec_!"}])
def test_secrets_that_cannot_sign_are_refused_at_their_field(changes: dict[str, str]) -> None:
    with pytest.raises(AccountInvalidError) as refused:
        channel("https://wallet.example", **changes)
    assert refused.value.facts["field"] == next(iter(changes))


def test_its_account_shows_where_it_tells() -> None:
    assert ("webhook", "signed") in registry.telling()
