"""What is particular to mail providers' HTTP APIs: headers, keys, signatures, bounces, complaints."""

import hashlib
import hmac
import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook
from tests.contract.delivery.cases import MAIL, TEXT, channel_of
from tests.contract.delivery.mail_apis import SETTINGS
from tests.contract.delivery.providers import http_provider

from huifang.delivery.channels.base import Incoming, Message, Notice
from huifang.delivery.errors import AccountInvalidError, NoticeMalformedError, SignatureInvalidError

URL = "https://wallet.example/hooks/mail/3/secret"
MESSAGE = Message(
    key="enrolment:7:step:1",
    attempt_id=7,
    subject="体验如何?",
    body=TEXT,
    language="zh-Hans",
    wallet_name="云杉钱包",
    preference_url="https://wallet.example/p/xyz",
    one_click_url="https://wallet.example/p/xyz/unsubscribe",
)


def receive(provider: str, body: object, **headers: str) -> list[Notice]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    told = {"content-type": "application/json"} | {
        name.replace("_", "-"): text for name, text in headers.items()
    }
    return channel_of(MAIL[provider], "http://127.0.0.1:9").receive(Incoming(url=URL, headers=told, body=raw))


def mailgun(event: dict[str, Any], key: str = "made-up") -> dict[str, Any]:
    """An event as Mailgun signs it."""
    stamp, token = str(int(time.time())), "a" * 50
    signature = hmac.new(key.encode(), f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
    common = {
        "id": "CPgfbmQMTCKtHW6uIWtuVe",
        "timestamp": time.time(),
        "recipient": "lin@customer.example",
        "message": {"headers": {"message-id": "2025.1@mg.wallet.example"}},
        "user-variables": {"key": "enrolment:7:step:1"},
    }
    return {
        "signature": {"timestamp": stamp, "token": token, "signature": signature},
        "event-data": common | event,
    }


@pytest.mark.parametrize("provider", ["mailgun", "sendgrid", "postmark", "brevo", "resend", "sparkpost"])
def test_a_mail_bears_its_one_click_refusal_and_says_it_was_made_by_a_machine(provider: str) -> None:
    with http_provider(MAIL[provider].ok) as fake:
        channel_of(MAIL[provider], fake.url).send(MESSAGE, "lin@customer.example")
    body = fake.posted[0].body.decode()
    for said in ("https://wallet.example/p/xyz/unsubscribe", "List-Unsubscribe=One-Click", "auto-generated"):
        assert said in body or said.replace("=", "%3D").replace(":", "%3A").replace("/", "%2F") in body


def test_resend_gets_the_same_key_each_time_and_is_asked_again() -> None:
    with http_provider(MAIL["resend"].ok) as fake:
        channel = channel_of(MAIL["resend"], fake.url)
        for _ in range(2):
            channel.send(MESSAGE, "lin@customer.example")
    assert channel.honours_keys
    assert {posted.headers["idempotency-key"] for posted in fake.posted} == {"enrolment:7:step:1"}


@pytest.mark.parametrize(
    ("event", "state", "is_dead", "is_refused"),
    [
        ({"event": "delivered"}, "delivered", False, False),
        ({"event": "opened"}, "delivered", False, False),
        ({"event": "complained"}, "delivered", False, True),
        ({"event": "unsubscribed"}, "delivered", False, True),
        (
            {
                "event": "failed",
                "severity": "permanent",
                "reason": "bounce",
                "delivery-status": {"code": 550, "message": "5.1.1 no such mailbox"},
            },
            "failed",
            True,
            False,
        ),
    ],
)
def test_events_of_mailgun_become_receipts(
    event: dict[str, Any], state: str, is_dead: bool, is_refused: bool
) -> None:
    (notice,) = receive("mailgun", mailgun(event))
    assert (notice.key, notice.state, notice.is_dead, notice.is_refused) == (
        "enrolment:7:step:1",
        state,
        is_dead,
        is_refused,
    )


def test_a_delay_is_no_receipt() -> None:
    delayed = {
        "event": "failed",
        "severity": "temporary",
        "delivery-status": {"code": 452, "message": "full"},
    }
    assert receive("mailgun", mailgun(delayed)) == []


def test_told_twice_is_the_same_event() -> None:
    first, second = (receive("mailgun", mailgun({"event": "delivered"}))[0] for _ in range(2))
    assert first.event_id == second.event_id


@pytest.mark.parametrize(
    "body",
    [
        mailgun({"event": "delivered"}, key="another"),
        {"event-data": {"event": "delivered"}},
        {"signature": {"timestamp": "1", "token": "x", "signature": ""}, "event-data": {}},
    ],
)
def test_a_forged_event_of_mailgun_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(SignatureInvalidError):
        receive("mailgun", body)


def resend(body: bytes, secret: str) -> dict[str, str]:
    at = datetime.fromtimestamp(time.time(), UTC)
    return {
        "svix_id": "msg_1",
        "svix_timestamp": str(int(at.timestamp())),
        "svix_signature": Webhook(secret).sign("msg_1", at, body.decode()),
    }


def resend_bounce(kind: str) -> bytes:
    data = {
        "created_at": "2025-03-12T12:00:00.000Z",
        "email_id": "49a3999c-0ce1-4ea6-ab68-afcd6dc2e794",
        "from": "care@wallet.example",
        "to": ["lin@customer.example"],
        "subject": "…",
        "bounce": {"type": kind, "subType": "General", "message": "…"},
    }
    event = {"type": "email.bounced", "created_at": "2025-03-12T12:00:05.000Z", "data": data}
    return json.dumps(event).encode()


def test_a_signed_bounce_of_resend_is_heard_and_a_forged_one_is_not() -> None:
    body = resend_bounce("Permanent")
    (notice,) = receive("resend", body, **resend(body, SETTINGS["resend"]["signing_secret"]))
    assert (notice.state, notice.provider_message_id) == ("failed", "49a3999c-0ce1-4ea6-ab68-afcd6dc2e794")
    with pytest.raises(SignatureInvalidError):
        receive("resend", body, **resend(body, "whsec_" + "b3RoZXItb3RoZXItb3RoZXItIQ=="))
    with pytest.raises(SignatureInvalidError):
        receive("resend", body)


def postmark_bounce(kind: str, details: str) -> dict[str, Any]:
    return {
        "RecordType": "Bounce",
        "ID": 42,
        "Type": kind,
        "TypeCode": 1,
        "MessageID": "b7bc2f4a-e38e",
        "Email": "lin@customer.example",
        "BouncedAt": "2025-03-12T12:00:00Z",
        "Details": details,
        "Metadata": {"key": "enrolment:7:step:1"},
    }


@pytest.mark.parametrize(
    ("kind", "details", "is_dead", "is_refused"),
    [
        ("HardBounce", "smtp;550 5.1.1 no such mailbox", True, False),
        ("BadEmailAddress", "", True, False),
        ("HardBounce", "smtp;452 4.2.2 mailbox full", False, False),
        ("SpamComplaint", "", False, True),
    ],
)
def test_bounces_of_postmark_retire_only_what_is_dead(
    kind: str, details: str, is_dead: bool, is_refused: bool
) -> None:
    (notice,) = receive("postmark", postmark_bounce(kind, details))
    assert (notice.is_dead, notice.is_refused) == (is_dead, is_refused)


def test_sendgrid_tells_many_at_once() -> None:
    events = [
        {
            "event": event,
            "sg_event_id": event,
            "sg_message_id": "m",
            "timestamp": 1741780800,
            "smtp-id": "<m>",
        }
        | {"email": "lin@customer.example", "anymail_id": "our-id", "key": "enrolment:7:step:1"}
        for event in ("processed", "delivered", "spamreport")
    ]
    found = receive("sendgrid", events)
    assert [(notice.state, notice.is_refused) for notice in found] == [
        ("delivered", False),
        ("delivered", True),
    ]


@pytest.mark.parametrize("provider", ["postmark", "brevo", "mailjet", "sparkpost", "sendgrid"])
@pytest.mark.parametrize("body", [b"", b"null", b"[1]", b'"x"', b"\xff\xfe"])
def test_an_event_that_cannot_be_read_breaks_nothing(provider: str, body: bytes) -> None:
    with pytest.raises(NoticeMalformedError):
        receive(provider, body)


@pytest.mark.parametrize(
    ("provider", "name", "value"),
    [("mailgun", "sender", "nobody"), ("resend", "signing_secret", "whsec_%%%"), ("brevo", "base_url", "x")],
)
def test_an_account_that_cannot_work_names_the_field(provider: str, name: str, value: str) -> None:
    with pytest.raises(AccountInvalidError) as refused:
        channel_of(MAIL[provider], "http://127.0.0.1:9", **{name: value})
    assert refused.value.facts == {"field": name}


def test_mailgun_gets_a_mail_in_both_forms() -> None:
    with http_provider(MAIL["mailgun"].ok) as fake:
        channel_of(MAIL["mailgun"], fake.url).send(MESSAGE, "lin@customer.example")
    posted = fake.posted[0]
    assert posted.path == "/v3/mg.wallet.example/messages"
    assert posted.form["text"].startswith(TEXT)
    assert "<html" in posted.form["html"]
    assert posted.form["to"] == "lin@customer.example"
