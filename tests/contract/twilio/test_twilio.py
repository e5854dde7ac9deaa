"""What is particular to Twilio: the form, error numbers, signatures, status callbacks, inbound messages."""

import json
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest
from tests.contract.delivery.providers import Answer, http_provider, twilio_ok

from huifang.delivery.channels.base import Incoming, Message, Notice
from huifang.delivery.channels.sms.twilio import Twilio, sign
from huifang.delivery.errors import DeliveryError, NoticeMalformedError, SignatureInvalidError

FOLDER = Path(__file__).parent
URL = "https://wallet.example/hooks/twilio/3"
SID = "SM7c0ffee0000000000000000000000001"
MESSAGE = Message(
    key="enrolment:7:step:1",
    attempt_id=7,
    subject="",
    body="How was it? & + 回访",
    language="en",
    wallet_name="Spruce",
    notice_url=URL,
)


def settings(url: str = "http://127.0.0.1:9", sender: str = "+15005550006") -> dict[str, str]:
    return {"account_sid": "AC1", "auth_token": "12345", "sender": sender, "base_url": url}


def test_the_form_is_posted_with_basic_authentication() -> None:
    with http_provider(twilio_ok) as provider:
        receipt = Twilio(settings(provider.url)).send(MESSAGE, "+8613800138000")
    posted = provider.posted[0]
    assert posted.path == "/2010-04-01/Accounts/AC1/Messages.json"
    assert posted.headers["authorization"] == "Basic QUMxOjEyMzQ1"
    assert posted.form == {
        "To": "+8613800138000",
        "From": "+15005550006",
        "Body": "How was it? & + 回访",
        "StatusCallback": f"{URL}?key=enrolment%3A7%3Astep%3A1",
    }
    assert receipt.provider_message_id == "SM0123456789abcdef0123456789abcdef"


def test_a_messaging_service_sends_in_place_of_a_number() -> None:
    with http_provider(twilio_ok) as provider:
        Twilio(settings(provider.url, "MG7")).send(MESSAGE, "+1")
    assert provider.posted[0].form["MessagingServiceSid"] == "MG7"
    assert "From" not in provider.posted[0].form


@pytest.mark.parametrize(
    ("code", "permanent", "effect"),
    [
        (21211, True, "dead"),
        (21614, True, "dead"),
        (21610, True, "refused"),
        (21611, False, ""),
        (21606, False, "account"),
        (21408, True, ""),
        (21617, True, ""),
    ],
)
def test_error_numbers_say_what_to_do(code: int, permanent: bool, effect: str) -> None:
    body = {"code": code, "message": "…", "more_info": "…", "status": 400}
    answer = Answer(status=400, body=body)
    with http_provider(lambda _: answer) as provider, pytest.raises(DeliveryError) as refused:
        Twilio(settings(provider.url)).send(MESSAGE, "+8613800138000")
    assert (refused.value.code, refused.value.permanent, refused.value.effect) == (
        str(code),
        permanent,
        effect,
    )


def test_the_signature_is_that_of_twilios_own_example() -> None:
    """The example of https://www.twilio.com/docs/usage/security#validating-requests."""
    form = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+12349013030",
        "Digits": "1234",
        "From": "+12349013030",
        "To": "+18005551212",
    }
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert sign(url, form, "12345") == "0/KCTR6DLpKmkAf8muzZqo1nDgQ="


def incoming(file: str, *, url: str = URL, token: str = "12345") -> Incoming:
    form = json.loads((FOLDER / file).read_text())
    headers = {"x-twilio-signature": sign(url, form, token)}
    return Incoming(url=url, headers=headers, body=urlencode(form).encode())


@pytest.mark.parametrize(
    ("file", "notices"),
    [
        (
            "delivered.json",
            [
                Notice(
                    event_id=f"{SID}:delivered",
                    kind="receipt",
                    provider_message_id=SID,
                    key="enrolment:7:step:1",
                    state="delivered",
                )
            ],
        ),
        (
            "undelivered.json",
            [
                Notice(
                    event_id=f"{SID}:undelivered",
                    kind="receipt",
                    provider_message_id=SID,
                    key="enrolment:7:step:1",
                    state="failed",
                    code="30005",
                    is_dead=True,
                )
            ],
        ),
        ("sent.json", []),
        (
            "inbound.json",
            [
                Notice(
                    event_id="SM7c0ffee00000000000000000000000aa",
                    kind="reply",
                    address="+8613800138000",
                    text="Very good, thanks",
                )
            ],
        ),
        (
            "inbound_opt_out.json",
            [
                Notice(
                    event_id="SM7c0ffee00000000000000000000000ab",
                    kind="reply",
                    address="+8613800138000",
                    text="Arrêt",
                    is_refused=True,
                )
            ],
        ),
    ],
)
def test_webhooks_are_read(file: str, notices: list[Notice]) -> None:
    url = f"{URL}?key=enrolment%3A7%3Astep%3A1"
    assert Twilio(settings()).receive(incoming(file, url=url)) == notices


def test_another_token_is_refused() -> None:
    with pytest.raises(SignatureInvalidError):
        Twilio(settings()).receive(incoming("inbound.json", token="other"))


def test_another_address_is_refused() -> None:
    given = incoming("inbound.json")
    with pytest.raises(SignatureInvalidError):
        Twilio(settings()).receive(Incoming(url=f"{URL}?x=1", headers=given.headers, body=given.body))


def test_a_changed_form_is_refused() -> None:
    given = incoming("inbound.json")
    body = given.body.replace(b"Very+good", b"Very+bad")
    with pytest.raises(SignatureInvalidError):
        Twilio(settings()).receive(Incoming(url=URL, headers=given.headers, body=body))


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"just words"])
def test_what_is_no_form_is_malformed(body: bytes) -> None:
    with pytest.raises((NoticeMalformedError, SignatureInvalidError)):
        Twilio(settings()).receive(Incoming(url=URL, headers={}, body=body))


def listed(**changes: object) -> dict[str, object]:
    row = {
        "sid": SID,
        "status": "delivered",
        "body": MESSAGE.body,
        "date_created": "Wed, 12 Mar 2025 04:00:01 +0000",
    }
    return row | changes


@pytest.mark.parametrize(
    ("row", "state"),
    [
        (listed(), "delivered"),
        (listed(status="queued"), "accepted"),
        (listed(status="undelivered", error_code=30005), "failed"),
        (listed(body="another text"), None),
        (listed(date_created="Tue, 11 Mar 2025 04:00:01 +0000"), None),
        (listed(date_created="no date"), None),
    ],
)
def test_a_message_is_found_again_by_its_number_its_text_and_its_time(
    row: dict[str, object], state: str | None
) -> None:
    answer = Answer(status=200, body={"messages": [row]})
    with http_provider(lambda _: answer) as provider:
        at = datetime(2025, 3, 12, 4, tzinfo=UTC)
        found = Twilio(settings(provider.url)).look_up(MESSAGE, "+8613800138000", sent_at=at)
    assert provider.posted[0].path.endswith("Messages.json?To=%2B8613800138000&PageSize=50")
    assert (found.state if found else None) == state
