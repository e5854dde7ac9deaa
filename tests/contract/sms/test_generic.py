"""What is particular to the generic HTTP provider: the JSON body, the signature, its events."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook
from tests.contract.delivery.providers import Answer, http_provider, sms_ok

from huifang.delivery.channels.base import Incoming, Message, Notice
from huifang.delivery.channels.sms.generic import GenericSms
from huifang.delivery.errors import DeliveryError, NoticeMalformedError, SignatureInvalidError

SECRET = "whsec_" + "c2VjcmV0LXNlY3JldC1zZWNyZXQh"
FOLDER = Path(__file__).parent
MESSAGE = Message(
    key="enrolment:7:step:1",
    attempt_id=7,
    subject="",
    body='{to} say "5" 回访',
    language="en",
    wallet_name="Spruce",
)


def test_the_request_is_json_with_the_key_and_a_signature_that_verifies() -> None:
    with http_provider(sms_ok) as provider:
        channel = GenericSms({"url": f"{provider.url}/send", "secret": SECRET, "authorization": "Bearer t"})
        receipt = channel.send(MESSAGE, "+8613800138000")
    posted = provider.posted[0]
    assert posted.path == "/send"
    assert posted.json == {"id": "enrolment:7:step:1", "to": "+8613800138000", "text": '{to} say "5" 回访'}
    assert posted.headers["idempotency-key"] == "enrolment:7:step:1"
    assert posted.headers["authorization"] == "Bearer t"
    assert Webhook(SECRET).verify(posted.body, dict(posted.headers)) == posted.json
    assert receipt.provider_message_id == "sms-enrolment:7:step:1"


def test_the_body_is_of_the_operators_making_and_values_stay_values() -> None:
    body = '{"messages": [{"recipient": "{to}", "content": {"text": "¶ {text}"}, "flash": false}], "n": 1}'
    with http_provider(lambda _: Answer(status=200, body={})) as provider:
        settings = {"url": provider.url, "secret": SECRET, "body": body, "price_per_part": "0.045"}
        receipt = GenericSms(settings).send(MESSAGE, "+1")
    text = '¶ {to} say "5" 回访'
    expected = [{"recipient": "+1", "content": {"text": text}, "flash": False}]
    assert provider.posted[0].json == {"messages": expected, "n": 1}
    assert str(receipt.cost) == "0.045"


def test_a_refusal_without_a_known_reason_is_for_good_and_says_only_its_status() -> None:
    with http_provider(lambda _: Answer(status=400, body={"message": "bad +8613800138000"})) as provider:
        channel = GenericSms({"url": provider.url, "secret": SECRET})
        with pytest.raises(DeliveryError) as refused:
            channel.send(MESSAGE, "+8613800138000")
    assert (refused.value.code, refused.value.permanent, refused.value.effect) == ("http_400", True, "")


def incoming(body: bytes, *, secret: str = SECRET, age_seconds: int = 0) -> Incoming:
    at = datetime.fromtimestamp(time.time() - age_seconds, UTC)
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg_1", at, body.decode()),
    }
    return Incoming(url="https://wallet.example/hooks/sms/1", headers=headers, body=body)


CHANNEL = GenericSms({"url": "http://127.0.0.1:9", "secret": SECRET})


@pytest.mark.parametrize(
    ("file", "notice"),
    [
        (
            "delivered.json",
            Notice(
                event_id="msg_1",
                kind="receipt",
                provider_message_id="sms-1",
                key="enrolment:1:step:1",
                state="delivered",
            ),
        ),
        (
            "undelivered.json",
            Notice(
                event_id="msg_1",
                kind="receipt",
                provider_message_id="sms-1",
                key="enrolment:1:step:1",
                state="failed",
                code="unassigned",
                is_dead=True,
            ),
        ),
        ("reply.json", Notice(event_id="msg_1", kind="reply", address="+8613800138000", text="退订")),
    ],
)
def test_events_are_read(file: str, notice: Notice) -> None:
    assert CHANNEL.receive(incoming((FOLDER / file).read_bytes())) == [notice]


def test_an_event_of_another_kind_is_taken_and_means_nothing() -> None:
    assert CHANNEL.receive(incoming(b'{"type": "account.topped_up", "data": {}}')) == []


def test_another_secret_is_refused() -> None:
    with pytest.raises(SignatureInvalidError):
        CHANNEL.receive(incoming(b"{}", secret="whsec_" + "b3RoZXItb3RoZXItb3RoZXItIQ=="))


@pytest.mark.parametrize("age_seconds", [301, -301])
def test_an_old_or_future_event_is_refused(age_seconds: int) -> None:
    with pytest.raises(SignatureInvalidError):
        CHANNEL.receive(incoming(b"{}", age_seconds=age_seconds))


@pytest.mark.parametrize("signature", ["", "v1", "v1,###", "v2,x", "garbage garbage"])
def test_a_signature_that_is_none_is_refused(signature: str) -> None:
    given = incoming(b"{}")
    headers = {**given.headers, "webhook-signature": signature}
    with pytest.raises(SignatureInvalidError):
        CHANNEL.receive(Incoming(url=given.url, headers=headers, body=given.body))


@pytest.mark.parametrize("body", [b"[]", b"{", b'{"type": 5, "data": {}}', b'{"type": "x"}', b"\xff"])
def test_a_signed_body_that_cannot_be_read_is_malformed(body: bytes) -> None:
    given = incoming(b"{}")
    signer = Webhook(SECRET)
    at = datetime.fromtimestamp(time.time(), UTC)
    signature = signer.sign("msg_1", at, body.decode(errors="replace"))
    headers = {**given.headers, "webhook-signature": signature}
    with pytest.raises((NoticeMalformedError, SignatureInvalidError)):
        CHANNEL.receive(Incoming(url=given.url, headers=headers, body=body))


def test_recorded_payloads_are_json() -> None:
    assert {json.loads(file.read_text())["type"] for file in FOLDER.glob("*.json")} == {
        "message.delivered",
        "message.undelivered",
        "message.received",
    }
