"""The demo's SMS provider and mail server, reached as Huifang reaches any other."""

import smtplib
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial

import httpx
import pytest
from tests.integration.delivery.people import customer
from tests.integration.demo.conftest import SECRET, closed_port

from huifang.customers.queries import suppressions
from huifang.delivery import environment as delivery_environment
from huifang.delivery import notices
from huifang.delivery.channels.base import Message
from huifang.delivery.channels.email.message import build
from huifang.delivery.channels.sms.generic import GenericSms
from huifang.delivery.errors import DeliveryError, Effect
from huifang.demo import phones
from huifang.demo.account import sms_callback
from huifang.demo.models import Received
from huifang.demo.people import Persona
from huifang.demo.providers import Arrival, serve_mail, serve_sms
from huifang.kernel import clock

pytestmark = pytest.mark.django_db(transaction=True)
LINK = "http://127.0.0.1:8000/s/AAAA-token_1="
LEAVE = "http://127.0.0.1:8000/p/" + "B" * 60


def deliver(arrival: Arrival) -> bool:
    """Onto the phone, whose owner does nothing by themselves."""
    return phones.deliver(arrival, lambda *_: None)


@pytest.fixture
def confirmed() -> list[str]:
    """Keys of messages that the provider said have arrived."""
    return []


@pytest.fixture
def sms(registered: list[Persona], confirmed: list[str]) -> Iterator[GenericSms]:
    port = closed_port()
    server = serve_sms(port, deliver, confirmed.append)
    url = f"http://127.0.0.1:{port}/messages"
    yield GenericSms({"url": url, "secret": SECRET, "honours_keys": "yes"})
    server.shutdown()
    server.server_close()


@pytest.fixture
def mail(registered: list[Persona]) -> Iterator[smtplib.SMTP]:
    port = closed_port()
    controller = serve_mail(port, deliver)
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
        yield client
    controller.stop()


def message(key: str = "enrolment:1:step:1") -> Message:
    return Message(
        key=key,
        attempt_id=7,
        subject="How was it?",
        body=f"Tell us: {LINK}",
        language="en",
        wallet_name="Spruce Wallet",
        preference_url=LEAVE,
        one_click_url=f"{LEAVE}/unsubscribe",
        notice_url="",
    )


def test_an_sms_lands_on_the_phone_with_its_link(sms: GenericSms, registered: list[Persona]) -> None:
    receipt = sms.send(message(), registered[0].phone)
    received = Received.objects.get()
    assert (received.phone.external_id, received.link) == (registered[0].external_id, LINK)
    assert receipt.provider_message_id == received.key


def test_an_sms_that_is_sent_again_with_its_key_arrives_once(
    sms: GenericSms, registered: list[Persona], confirmed: list[str]
) -> None:
    threads = [threading.Thread(target=partial(sms.send, message(), registered[0].phone)) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(20)
    assert Received.objects.count() == 1
    assert set(confirmed) == {message().key}


def test_a_number_that_nobody_has_is_dead(sms: GenericSms, confirmed: list[str]) -> None:
    with pytest.raises(DeliveryError) as refused:
        sms.send(message(), "+8613800000009")
    assert refused.value.effect is Effect.DEAD
    assert (Received.objects.count(), confirmed) == (0, [])


def test_nonsense_is_refused_and_the_provider_goes_on(
    registered: list[Persona], capfd: pytest.CaptureFixture[str]
) -> None:
    port = closed_port()
    server = serve_sms(port, deliver, lambda _: None)
    url = f"http://127.0.0.1:{port}/messages"
    for body in (b"", b"[]", b'{"to": "+1"}', b"\xff"):
        assert httpx.post(url, content=body).status_code == 400
    good = {"id": "1", "to": registered[0].phone, "text": "x"}
    assert httpx.post(url, json=good).status_code == 200
    server.shutdown()
    server.server_close()
    assert "Traceback" not in capfd.readouterr().err


def test_mail_lands_on_the_phone_once_with_the_way_out_of_its_header(
    mail: smtplib.SMTP, registered: list[Persona]
) -> None:
    built = build(message(), sender="care@spruce.test", to=registered[1].email, now=datetime.now(UTC))
    for _ in range(2):
        mail.send_message(built)
    received = Received.objects.get()
    assert (received.phone.external_id, received.subject) == (registered[1].external_id, "How was it?")
    assert (received.link, received.leave_link) == (LINK, f"{LEAVE}/unsubscribe")


def test_mail_to_a_mistyped_address_comes_back(mail: smtplib.SMTP) -> None:
    built = build(message(), sender="care@spruce.test", to="nobody@example.com", now=datetime.now(UTC))
    with pytest.raises(smtplib.SMTPDataError) as refused:
        mail.send_message(built)
    assert refused.value.smtp_code == 550
    assert not Received.objects.exists()


def test_a_stop_is_told_to_huifang_and_holds(
    demo: object, live_server: object, monkeypatch: pytest.MonkeyPatch, registered: list[Persona]
) -> None:
    monkeypatch.setattr(delivery_environment, "SMS_URL", "http://127.0.0.1:9/messages")
    monkeypatch.setattr(delivery_environment, "SMS_SECRET", SECRET)
    monkeypatch.setenv("HUIFANG_SMS_SECRET", SECRET)
    customer_id = customer(clock.now(), registered[2].external_id, phone=registered[2].phone)
    callback = sms_callback(live_server.url)  # type: ignore[attr-defined]
    for _ in range(2):
        callback.reply(number=registered[2].phone, text="退订", key="sms-1")
    assert notices.handle(now=clock.now()) == 1
    assert {each.channel for each in suppressions(customer_id=customer_id)} == {"*"}
